"""What the logins by links need from the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from engine.base.errors import VaxelError
from systems.eid import LoggedIn


class LinkState(StrEnum):
    """What a link to a patient is good for."""

    ALIVE = "alive"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class SentLink:
    """A link that was sent to a patient.

    Args:
        state: whether it may still lead to a login.
        straight_to: the address of a target that has a login of its own (`login = "theirs"`); None: ours.
    """

    state: LinkState
    straight_to: str | None = None


class WhyNot(StrEnum):
    """Why a login by a link leads nowhere."""

    WRONG_PERSON = "wrong_person"
    TOO_WEAK = "too_weak"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Landing:
    """Where a login by a link leads: to an address, or (neither) nowhere, and all is done.

    Args:
        to: an address of the target, https.
        why_not: the login counts for nothing.
    """

    to: str | None = None
    why_not: WhyNot | None = None


class Links(Protocol):
    """The links that were sent to patients. Whether a login is a consent is decided behind it. May block."""

    def look(self, token: str, /) -> SentLink | None:
        """The link, which this changes nothing of; None: there is no such. Raises anything: not reached."""
        ...

    def completed(self, token: str, who: LoggedIn, /) -> Landing:
        """Somebody has logged in by the link, alive or not any more, rightful or not: keep it, and judge.

        Called once after each login. Raises anything: nothing was kept, and the link is as it was.
        """
        ...


class ResidentSeen(Protocol):
    """Who keeps that a resident has logged in, whatever it was for. May block, and never raises."""

    def note(self, who: LoggedIn, /) -> None:
        """They have."""
        ...


class Logins(Protocol):
    """Who keeps count of how logins end. May block, and never raises."""

    def well(self) -> None:
        """Somebody has logged in, whoever it was."""
        ...

    def ended(self, code: str, /) -> None:
        """The provider sent the person back without a login, with this error code of the standards, or 'other'."""
        ...

    def failed(self, error: VaxelError, /) -> None:
        """The provider did not answer, or its answer was not right."""
        ...
