"""An ID token: what a provider has signed of a login, read strictly.

Source: OpenID Connect Core 1.0 §2 and §3.1.3.7; OIDC Sweden 1.0, §3.2 (`auth_time` is in every one).
"""

from __future__ import annotations

import hmac
import json
import math
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from engine.base import clock
from engine.base.errors import Refused
from systems import oidc_keys
from systems.oidc_keys import Json

LEEWAY = 300.0
"""Seconds that the provider's clock and ours may differ."""
SLACK = 30.0
"""Seconds by which a provider's own moments may be out of line with each other: they are rounded, and the login
itself may have been at another machine of its own."""

LATEST = 1e11
"""The year 5138: no figure beyond it is a moment."""


def _random() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What a login was begun with, and its end has to fit. Kept until the person comes back.

    Args:
        state, nonce, verifier: random, 43 characters each.
        at: when we sent the person to the provider, in seconds since 1970.
    """

    state: str = field(repr=False, default_factory=_random)
    nonce: str = field(repr=False, default_factory=_random)
    verifier: str = field(repr=False, default_factory=_random)
    at: float = field(default_factory=lambda: clock.now().timestamp())


def verified_claims(token: str, announced: Collection[str], keys: Callable[[bool], Collection[Json]]) -> Json:
    """The claims of a token, once its signature is right.

    Args:
        announced: the algorithms that the provider says that it signs by.
        keys: the provider's JWKs; True asks for them anew, where those that are known do not fit.

    Raises:
        Refused: 'login_not_verified' ('algorithm', 'signature', 'crit').
    """
    head = oidc_keys.header(token)
    alg, kid = oidc_keys.algorithm(head, announced), head.get("kid")
    signed = _signed(token, alg, kid, keys)
    try:
        claims = json.loads(signed) if signed is not None else None
    except ValueError:
        claims = None
    if not isinstance(claims, dict):
        raise Refused("login_not_verified", "signature")
    return claims


def _signed(token: str, alg: str, kid: object, keys: Callable[[bool], Collection[Json]]) -> bytes | None:
    """What was signed. Where the key is known, other keys would not mend the signature."""
    known = oidc_keys.fitting(keys(False), alg, kid)
    signed = oidc_keys.claims(token, alg, known)
    if signed is not None or (known and kid is not None):
        return signed
    return oidc_keys.claims(token, alg, oidc_keys.fitting(keys(True), alg, kid))


def check_claims(claims: Json, *, issuer: str, client_id: str, begun: Begun) -> None:
    """Whether they are our provider's, for us alone, of the login that we began, and of now.

    `auth_time` shows that somebody has logged in since then: `prompt=login` stands in the address bar, where
    whoever holds the browser can take it out. It is compared with `iat`, a moment of the same clock, so that a
    session that was open before does not hide in the leeway between two clocks.

    Raises:
        Refused: 'login_not_verified', with the claim that is wrong as its detail.
    """
    now = clock.now().timestamp()
    exp, iat, auth_time = (_seconds(claims.get(name)) for name in ("exp", "iat", "auth_time"))
    nbf = _seconds(claims["nbf"]) if "nbf" in claims else now
    right = {
        "iss": is_same(claims.get("iss"), issuer),
        "aud": claims.get("aud") in (client_id, [client_id]),
        "azp": claims.get("azp", client_id) == client_id,
        "sub": isinstance(claims.get("sub"), str) and claims["sub"] != "",
        "nonce": is_same(claims.get("nonce"), begun.nonce),
        "exp": exp > now - LEEWAY,
        "nbf": nbf <= now + LEEWAY,
        "iat": begun.at - LEEWAY <= iat <= now + LEEWAY,
        "auth_time": iat - (now - begun.at) - SLACK <= auth_time <= iat + SLACK,
    }
    for claim, is_right in right.items():
        if not is_right:
            raise Refused("login_not_verified", claim)


def is_same(said: object, wanted: str) -> bool:
    return isinstance(said, str) and hmac.compare_digest(said.encode("utf-8", "replace"), wanted.encode())


def _seconds(said: object) -> float:
    """Seconds since 1970; not a number where it is none, which no comparison lets through."""
    is_number = isinstance(said, int | float) and not isinstance(said, bool) and abs(said) < LATEST
    return float(said) if is_number and isinstance(said, int | float) else math.nan
