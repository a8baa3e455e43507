"""The ID token: what an identity provider has signed of a login, read strictly.

Source: OpenID Connect Core 1.0 §3.1.3.7; claims of OIDC Sweden 1.0, levels of Digg (interfaces.md §5.2). Signature
and times are joserfc's to check.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from engine import clock
from engine.errors import Refused

LEVELS = {f"http://id.elegnamnden.se/loa/1.0/loa{level}": level for level in (1, 2, 3, 4)}
ALGORITHMS = ["ES256", "RS256"]
"""Never HMAC, with which the public key would be the secret, and never none."""
LEEWAY = 10
"""Seconds that the provider's clock may be off."""
CLAIM = "https://id.oidc.se/claim/"

Json = dict[str, Any]
TwelveDigits = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]


@dataclass(frozen=True)
class LoggedIn:
    """A login that has come about.

    Args:
        number: the personnummer or samordningsnummer, 12 digits.
        level: of assurance, 1 to 4; 0 where the provider said none that we know.
        at: aware, in UTC.
    """

    number: str = field(repr=False)
    level: int
    at: datetime


def read(token: str, keys: list[Json], *, issuer: str, client_id: str, nonce: str) -> LoggedIn:
    """Who logged in.

    Args:
        keys: the provider's, as JWK.
        nonce: that this login was begun with.

    Raises:
        Refused: 'login_not_verified', with the part that is wrong as its detail.
    """
    claims = _signed(token, keys)
    _check(claims, issuer, client_id)
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode("utf-8", "replace"), nonce.encode()):
        raise Refused("login_not_verified", "nonce")
    return LoggedIn(_number(claims), LEVELS.get(str(claims.get("acr")), 0), clock.now())


def _signed(token: str, keys: list[Json]) -> Json:
    """The claims, once their signature is right."""
    usable: Any = [key for key in keys if key.get("kty") in ("EC", "RSA") and key.get("use", "sig") == "sig"]
    try:
        return dict(jwt.decode(token, KeySet.import_key_set({"keys": usable}), algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError, KeyError, TypeError):
        raise Refused("login_not_verified", "signature") from None


def _check(claims: Json, issuer: str, client_id: str) -> None:
    """Whether they are our provider's, for us alone, and of now."""
    wanted = jwt.JWTClaimsRegistry(
        now=int(clock.now().timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    )
    try:
        wanted.validate(claims)
    except JoseError as error:
        raise Refused("login_not_verified", error.error) from None
    if claims["aud"] not in (client_id, [client_id]) or claims.get("azp", client_id) != client_id:
        raise Refused("login_not_verified", "audience")


def _number(claims: Json) -> str:
    """The number; a samordningsnummer only of one whose identity has been confirmed."""
    try:
        given = _Person.model_validate(claims)
    except ValidationError:
        raise Refused("login_not_verified", "number") from None
    if given.personal:
        return given.personal
    if given.coordination and given.confirmed == "confirmed":
        return given.coordination
    raise Refused("login_not_verified", "number")


class _Person(BaseModel):
    personal: TwelveDigits | None = Field(default=None, alias=f"{CLAIM}personalIdentityNumber")
    coordination: TwelveDigits | None = Field(default=None, alias=f"{CLAIM}coordinationNumber")
    confirmed: str | None = Field(default=None, alias=f"{CLAIM}coordinationNumberLevel")
