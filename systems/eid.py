"""The identity provider of residents: who has logged in, and how surely.

Source: OIDC Sweden 1.0, Profile (§2.1.6, §3.2.1, §4.2) and Claims and Scopes (§2.1, §3.2); levels of Digg. A
provider gives what it was asked for and no more: the scope gives the number and nothing of how surely it is held nor
of the one before it, and `acr` is only sure to come if it was asked for as essential.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from engine.base import clock
from engine.base.errors import Refused
from systems.oidc import Provider, Wanted
from systems.oidc_keys import Json
from systems.oidc_login import Logins

SCOPE = "openid https://id.oidc.se/scope/naturalPersonNumber"
LEVELS = {f"http://id.elegnamnden.se/loa/1.0/loa{level}": level for level in (1, 2, 3, 4)}
CLAIM = "https://id.oidc.se/claim/"
CLAIMS = {
    f"{CLAIM}personalIdentityNumber": True,
    f"{CLAIM}coordinationNumber": True,
    f"{CLAIM}coordinationNumberLevel": False,
    f"{CLAIM}previousCoordinationNumber": False,
}
"""What is asked for; True: essential. Nobody has both numbers, and none of it has to come (Claims §3)."""

TWELVE = re.compile(r"[0-9]{12}")
TwelveDigits = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]


@dataclass(frozen=True)
class LoggedIn:
    """A login that has come about.

    Args:
        number: the personnummer or samordningsnummer, 12 digits.
        level: of assurance, 1 to 4; 0 where the provider said none that we know.
        at: aware, in UTC.
        previous: the samordningsnummer that the person had before, if the provider tells of one.
        confirmed: whether Skatteverket holds the identity behind a samordningsnummer for confirmed; None: not said.
    """

    number: str = field(repr=False)
    level: int
    at: datetime
    previous: str | None = field(default=None, repr=False)
    confirmed: bool | None = None


class Eid(Logins[LoggedIn]):
    """Client of the provider.

    Args:
        provider: where and as whom.
        level: of assurance that is asked for, at least. What was reached is told, and not judged here.
    """

    def __init__(self, provider: Provider, level: int) -> None:
        levels = [acr for acr, reached in sorted(LEVELS.items(), key=lambda one: one[1]) if reached >= level]
        super().__init__(provider, Wanted(SCOPE, levels, CLAIMS), who_logged_in)


def who_logged_in(claims: Json) -> LoggedIn:
    """Who logged in, by claims that have been verified.

    Raises:
        Refused: 'login_not_verified' ('number'): there is no number, or there are two.
    """
    try:
        given = _Person.model_validate(claims)
    except ValidationError:
        raise Refused("login_not_verified", "number") from None
    numbers = [number for number in (given.personal, given.coordination) if number]
    if len(numbers) != 1:  # they exclude each other (Claims §3.2)
        raise Refused("login_not_verified", "number")
    confirmed = given.how_sure == "confirmed" if given.coordination and given.how_sure else None
    before = given.previous if isinstance(given.previous, str) and TWELVE.fullmatch(given.previous) else None
    return LoggedIn(numbers[0], LEVELS.get(str(claims.get("acr")), 0), clock.now(), before, confirmed)


class _Person(BaseModel):
    personal: TwelveDigits | None = Field(default=None, alias=f"{CLAIM}personalIdentityNumber")
    coordination: TwelveDigits | None = Field(default=None, alias=f"{CLAIM}coordinationNumber")
    how_sure: object = Field(default=None, alias=f"{CLAIM}coordinationNumberLevel")
    previous: object = Field(default=None, alias=f"{CLAIM}previousCoordinationNumber")
