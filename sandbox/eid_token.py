"""What the identity provider signs: ID tokens, ES256, right or wrong on request. No library but the cipher's."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

Json = dict[str, Any]
WRONG = ("nonce", "audience", "issuer", "expired", "number", "signature", "unsigned", "late")
"""What can be wrong with a login. `late`: its code has run out when it is given."""
NUMBERS = "https://id.oidc.se/claim/"


def encoded(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Signer:
    """A key of its own, made at the start."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._kid = secrets.token_hex(8)

    def keys(self) -> Json:
        """What signatures are checked with (RFC 7517)."""
        point = self._key.public_key().public_numbers()
        place = {"x": encoded(point.x.to_bytes(32, "big")), "y": encoded(point.y.to_bytes(32, "big"))}
        return {
            "keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self._kid} | place]
        }

    def token(self, claims: Json, wrong: str = "") -> str:
        """The claims, signed; with what is to be wrong."""
        claims = _spoilt(claims, wrong)
        header = {"alg": "none"} if wrong == "unsigned" else {"alg": "ES256", "typ": "JWT", "kid": self._kid}
        body = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
        if wrong == "unsigned":
            return f"{body}."
        return f"{body}.{encoded(self._signature(body + 'x' if wrong == 'signature' else body))}"

    def _signature(self, body: str) -> bytes:
        pair = decode_dss_signature(self._key.sign(body.encode(), ec.ECDSA(SHA256())))
        return b"".join(number.to_bytes(32, "big") for number in pair)


def _spoilt(claims: Json, wrong: str) -> Json:
    if wrong == "number":
        return {name: value for name, value in claims.items() if not name.startswith(NUMBERS)}
    changed: dict[str, Json] = {
        "nonce": {"nonce": "another"},
        "audience": {"aud": "another"},
        "issuer": {"iss": "https://another.example"},
        "expired": {"iat": claims["iat"] - 7200, "exp": claims["iat"] - 3600},
    }
    return claims | changed.get(wrong, {})
