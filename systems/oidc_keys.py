"""A provider's keys (JWKS), and which of them a signature may be checked with.

Source: RFC 7517 (§5: a key that one does not understand is passed over), RFC 7518 §3.1, RFC 8037 and RFC 9864
(Ed25519); OIDC Sweden 1.0, §7.1 (which algorithms, RSA from 2048 bits on).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from engine.base.errors import Refused

Json = dict[str, Any]
Key = RSAKey | ECKey | OKPKey
KINDS: Mapping[str, tuple[type[Key], str]] = {
    **{f"{way}{bits}": (RSAKey, "") for way in ("RS", "PS") for bits in (256, 384, 512)},
    "ES256": (ECKey, "P-256"),
    "ES384": (ECKey, "P-384"),
    "ES512": (ECKey, "P-521"),
    "EdDSA": (OKPKey, "Ed25519"),
    "Ed25519": (OKPKey, "Ed25519"),
}
"""Every algorithm that we take, and the one kind of key (and curve) that it is bound to. Never *none*, and never
HMAC, with which the public key would be the secret."""
LEAST_RSA = 2048
MOST_KEYS = 100


def header(token: str) -> Json:
    """A token's header, which nobody has vouched for yet.

    Raises:
        Refused: 'login_not_verified', where it is no token.
    """
    try:
        found = dict(jws.extract_compact(token.encode()).headers())
    except (JoseError, ValueError, TypeError, KeyError):
        raise Refused("login_not_verified", "signature") from None
    if "crit" in found:  # what has to be understood there, we don't (RFC 7515 §4.1.11)
        raise Refused("login_not_verified", "crit")
    return found


def algorithm(head: Json, announced: Collection[str]) -> str:
    """The algorithm that a token says, if it is one that the provider announces and that we take.

    Raises:
        Refused: 'login_not_verified' ('algorithm').
    """
    alg = head.get("alg")
    if not isinstance(alg, str) or alg not in KINDS or alg not in announced:
        raise Refused("login_not_verified", "algorithm")
    return alg


def fitting(jwks: Collection[Json], alg: str, kid: object) -> list[Key]:
    """The keys that a signature by this algorithm can be checked with.

    Args:
        kid: as the token names its key; None: it names none, and any key of the right kind may be it.
    """
    named = [jwk for jwk in list(jwks)[:MOST_KEYS] if kid is None or jwk.get("kid") == kid]
    return [key for jwk in named if (key := _key(jwk, alg)) is not None]


def claims(token: str, alg: str, keys: Collection[Key]) -> bytes | None:
    """What the token says, once one of the keys fits its signature; None: none does."""
    # Header parameters that nobody knows are to be ignored (RFC 7515 §4); joserfc refuses them by default.
    registry = JWSRegistry(algorithms=[alg], strict_check_header=False)
    for key in keys:
        try:
            return jws.deserialize_compact(token, key, registry=registry).payload
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return None


def _key(jwk: Json, alg: str) -> Key | None:
    """The key, if it is one for signatures by this algorithm; None too where nobody understands it."""
    kind, curve = KINDS[alg]
    if jwk.get("kty") != kind.key_type or jwk.get("crv", "") != curve or not _is_for(jwk, alg):
        return None
    try:
        key = kind.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in jwk})
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return None if isinstance(key, RSAKey) and key.public_key.key_size < LEAST_RSA else key


def _is_for(jwk: Json, alg: str) -> bool:
    """Whether a key's own `use`, `key_ops` and `alg`, where it has them, let it check such a signature."""
    use, does, says = jwk.get("use", "sig"), jwk.get("key_ops", ["verify"]), jwk.get("alg", alg)
    same = says == alg or {says, alg} == {"EdDSA", "Ed25519"} if isinstance(says, str) else False
    return use == "sig" and isinstance(does, list) and "verify" in does and same
