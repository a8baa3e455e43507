"""How we prove to a provider that it is us: by a signed statement (`private_key_jwt`) or a secret.

Source: OpenID Connect Core 1.0 §9, RFC 7523, RFC 6749 §2.3.1; OIDC Sweden 1.0, §3.1.1: `private_key_jwt` is the one
method that a provider has to know, and its `aud` the address of the token endpoint.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote_plus

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from engine.base import clock
from engine.base.errors import Incident
from systems.oidc_keys import KINDS, LEAST_RSA, Key

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE = 300
"""Seconds that a statement is good for: as far as the provider's clock may be ahead."""
ALWAYS = ("RS256", "ES256")
"""What every provider knows (OIDC Sweden 1.0, §5.2), also one that does not say."""


@dataclass(frozen=True)
class Proof:
    """What goes with a call to the token endpoint: HTTP Basic, or more fields of the form."""

    login: tuple[str, str] | None = field(default=None, repr=False)
    form: dict[str, str] = field(default_factory=dict, repr=False)


class Client(Protocol):
    """Us, as a provider has registered us."""

    @property
    def id(self) -> str:
        """The client id."""
        ...

    def proof(self, token_endpoint: str, announced: Collection[str]) -> Proof:
        """That it is us who call.

        Args:
            announced: the algorithms that the provider takes statements by; empty: it does not say.

        Raises:
            Incident: 'protocol_refused' ('client_key'): it takes none that our key can sign by.
        """
        ...


@dataclass(frozen=True)
class SecretClient:
    """`client_secret_basic`."""

    id: str
    secret: str = field(repr=False)

    def proof(self, token_endpoint: str, announced: Collection[str]) -> Proof:
        """As `Client`."""
        return Proof(login=(quote_plus(self.id), quote_plus(self.secret)))


class KeyClient:
    """`private_key_jwt`.

    Args:
        id: the client id.
        pem: our private key: RSA from 2048 bits on, P-256, P-384, P-521 or Ed25519.

    Raises:
        ValueError: it is no such key. The text does not show it.
    """

    def __init__(self, id: str, pem: str) -> None:
        self.id = id
        self._key = _private(pem)
        self._algorithms = [alg for alg in KINDS if _fits(self._key, alg)]

    def proof(self, token_endpoint: str, announced: Collection[str]) -> Proof:
        """As `Client`."""
        alg = next((alg for alg in self._algorithms if alg in (announced or ALWAYS)), None)
        if alg is None:
            raise Incident("protocol_refused", "client_key")
        now = int(clock.now().timestamp())
        about_us = {"iss": self.id, "sub": self.id, "aud": token_endpoint, "jti": secrets.token_urlsafe(24)}
        header = {"alg": alg, "kid": self._key.thumbprint(), "typ": "JWT"}
        signed = jwt.encode(header, about_us | {"iat": now, "exp": now + LIFE}, self._key, algorithms=[alg])
        return Proof(form={"client_assertion_type": ASSERTION, "client_assertion": signed})

    def public(self) -> dict[str, Any]:
        """The public half as a JWK set, as the provider registers it; its `kid` is its thumbprint (RFC 7638)."""
        jwk = dict(self._key.as_dict(private=False))
        return {"keys": [jwk | {"use": "sig", "kid": self._key.thumbprint()}]}


def _private(pem: str) -> Key:
    try:
        key = load_pem_private_key(pem.strip().encode() + b"\n", None)
    except (ValueError, TypeError):
        raise ValueError("a private key as PEM, without a password") from None
    if isinstance(key, RSAPrivateKey) and key.key_size >= LEAST_RSA:
        return RSAKey.import_key(pem.strip())
    if isinstance(key, EllipticCurvePrivateKey) and key.curve.name in ("secp256r1", "secp384r1", "secp521r1"):
        return ECKey.import_key(pem.strip())
    if isinstance(key, Ed25519PrivateKey):
        return OKPKey.import_key(pem.strip())
    raise ValueError("an RSA key of 2048 bits or more, or one on P-256, P-384, P-521 or Ed25519")


def _fits(key: Key, alg: str) -> bool:
    kind, curve = KINDS[alg]
    return isinstance(key, kind) and (not curve or key.as_dict(private=False)["crv"] == curve)
