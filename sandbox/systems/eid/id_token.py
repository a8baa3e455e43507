"""What the identity provider signs: ID tokens, right or wrong on request. It tells what was asked for, no more.

Source: OpenID Connect Core 1.0 §2, §5.4 and §5.5; OIDC Sweden 1.0, Profile §3.2.1 and §4.2, Claims §2.1 and §3.2.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from typing import Any

from sandbox.systems.eid import jose
from sandbox.systems.eid.kind import Kind
from sandbox.systems.eid.realm import Holder, Realm

Json = dict[str, Any]
WRONG = (
    "nonce", "audience", "issuer", "expired", "number", "signature", "unsigned", "late", "hmac", "crit",
    "no_exp", "no_auth_time", "earlier",
)  # fmt: skip
"""What can be wrong with a login. `number`: it does not say who it is; `late`: its code has run out when it is given;
`earlier`: it was an hour ago."""
LEFT_OUT = {"no_exp": "exp", "no_auth_time": "auth_time"}
ODD_KEYS: list[Json] = [
    {"kty": "AKP", "alg": "ML-DSA-65", "kid": "odd-1", "pub": "AAAA"},
    {"kty": "EC", "crv": "brainpoolP256r1", "kid": "odd-2", "x": "AAAA", "y": "AAAA"},
    {"kty": "OKP", "crv": "X25519", "use": "enc", "kid": "odd-3", "x": "AAAA"},
    {"kty": "oct", "kid": "odd-4", "k": "AAAA"},
    {"kid": "odd-5"},
]
"""By RFC 7517 §5 they are to be passed over."""


class Signer:
    """The provider's keys: one for each kind of key, made when it is first asked for."""

    def __init__(self) -> None:
        self.rotate()

    def rotate(self) -> None:
        """New keys; the old ones are no longer told of."""
        self._keys: dict[str, tuple[str, jose.Private]] = {}

    def key(self, algorithm: str) -> tuple[str, jose.Private]:
        """Its name and itself."""
        family = "RSA" if algorithm[:2] in ("RS", "PS") else algorithm
        if family not in self._keys:
            self._keys[family] = secrets.token_hex(8), jose.new_key(algorithm)
        return self._keys[family]

    def keys(self, kind: Kind) -> Json:
        """What signatures are checked with (RFC 7517)."""
        kid, key = self.key(kind.algorithm)
        ours = jose.jwk(key.public_key()) | {"use": "sig", "alg": kind.algorithm}
        named = ours | ({"kid": kid} if kind.names_keys else {})
        return {"keys": [*ODD_KEYS, named] if kind.odd_keys else [named]}

    def token(self, claims: Json, kind: Kind, wrong: str = "", naming: Sequence[str] = ()) -> str:
        """The claims, signed; with what is to be wrong. `naming`: those that say who it is."""
        kid, key = self.key(kind.algorithm)
        header = {"alg": kind.algorithm, "typ": "JWT", "iss": claims["iss"]}
        header |= {"kid": kid} if kind.names_keys else {}
        claims = _spoilt(claims, wrong, naming)
        if wrong == "crit":
            return jose.token(header | {"crit": ["exp"]}, claims, key)
        if wrong in ("unsigned", "hmac"):
            header |= {"alg": "none" if wrong == "unsigned" else "HS256"}
            body = ".".join(jose.encoded(json.dumps(part).encode()) for part in (header, claims))
            return f"{body}." + ("" if wrong == "unsigned" else jose.encoded(_hmac(key, body)))
        signed = jose.token(header, claims, key)
        other = jose.token(header, claims, jose.new_key(kind.algorithm)).rpartition(".")[2]
        return f"{signed.rpartition('.')[0]}.{other}" if wrong == "signature" else signed


def claims_told(holder: Holder, loa: str, asked: dict[str, str], kind: Kind, realm: Realm) -> Json:
    """What a token says of someone: the claims that were asked for one by one, and those of the scopes."""
    wanted = essential(asked, kind)
    names = set(wanted)
    if kind.scope_claims == "id_token":
        names |= {name for scope in asked["scope"].split() for name in realm.scopes.get(scope, ())}
    has = holder.known | ({"acr": loa} if wanted.get("acr") else {})
    return {name: value for name, value in has.items() if name in names}


def essential(asked: dict[str, str], kind: Kind) -> dict[str, bool]:
    """The claims that were asked for in the ID token, and whether each is essential; ValueError: not to be read."""
    if not kind.claims or "claims" not in asked:
        return {}
    within = json.loads(asked["claims"]).get("id_token", {})
    if not all(value is None or isinstance(value, dict) for value in within.values()):
        raise ValueError("claims")
    return {name: bool(value and value.get("essential")) for name, value in within.items()}


def levels(asked: dict[str, str], kind: Kind) -> list[str]:
    """The levels, one of which was asked for as essential; none: any will do."""
    if not essential(asked, kind).get("acr"):
        return []
    how = json.loads(asked["claims"])["id_token"]["acr"]
    return list(how.get("values") or ([how["value"]] if "value" in how else []))


def subject(issuer: str, holder: Holder) -> str:
    """What the person is called to us: nothing of theirs stands in it."""
    return hashlib.sha256(f"{issuer} {holder.id}".encode()).hexdigest()


def _spoilt(claims: Json, wrong: str, naming: Sequence[str]) -> Json:
    left_out = naming if wrong == "number" else (LEFT_OUT[wrong],) if wrong in LEFT_OUT else ()
    if left_out:
        return {name: value for name, value in claims.items() if name not in left_out}
    changed: dict[str, Json] = {
        "nonce": {"nonce": "another"},
        "audience": {"aud": "another"},
        "issuer": {"iss": "https://another.example"},
        "expired": {"iat": claims["iat"] - 7200, "exp": claims["iat"] - 3600},
        "earlier": {"auth_time": claims["iat"] - 3600},
    }
    return claims | changed.get(wrong, {})


def _hmac(key: jose.Private, body: str) -> bytes:
    """As one would who takes the public key for a secret."""
    public = json.dumps(jose.jwk(key.public_key())).encode()
    return hmac.digest(public, body.encode(), "sha256")
