"""What the gateway needs from the rest of the house. It holds nothing itself and decides nothing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from engine.errors import VaxelError
from engine.inbox import Arrival, Refusal
from engine.metrics import Standing
from engine.ops import CaseStory
from engine.receipts import Receipt
from models.messages import Booking
from systems.eid import LoggedIn
from tasks.switchboard import Called


class Store(Protocol):
    """Where events are kept. Any exception means *not stored*: the sender is asked to send again."""

    def store(self, source: str, arrivals: Sequence[Arrival]) -> list[uuid.UUID]:
        """Keep them, committed when this returns; one id for each, the same for the same `webhook_id`."""
        ...

    def refuse(self, source: str, refusals: Sequence[Refusal]) -> None:
        """Keep a line for ops about what was refused with a valid signature."""
        ...


class Secrets(Protocol):
    """Who may send us webhooks."""

    def __call__(self, source: str, /) -> str | None:
        """The source's secrets, `whsec_…`, parted by blanks while one rotates; None: no such source."""
        ...


class Readiness(Protocol):
    """Whether work can be taken in."""

    def __call__(self) -> bool:
        """True: every migration is in. Raises `WrongKeys`: a key is missing; anything else: no database."""
        ...


class Wake(Protocol):
    """Asks for a run of a process."""

    async def __call__(self, process: str, /) -> object:
        """May be slow and may fail: it is called in the background, and a sweep catches what it lost."""
        ...


@dataclass(frozen=True)
class ShownBooking:
    """A booking as 1177 may show it.

    Args:
        booking: the newest snapshot.
        is_invitation: a call letter, timed or open, which the resident has not answered by booking.
        text: of the call letter; "" where there is none. Plain, or the DocBook subset that 1177 reads.
        unit_name: as the region writes it.
    """

    booking: Booking
    is_invitation: bool
    text: str = field(default="", repr=False)
    unit_name: str = ""


class Schedule(Protocol):
    """What we publish on 1177 (besok-1): nothing cancelled, nothing of the deceased. May block."""

    def of(self, unit: str, resident: str) -> list[ShownBooking]:
        """The resident's bookings at the unit (HSA-id in upper case; 12 digits)."""
        ...

    def booking(self, unit: str, booking_id: str) -> ShownBooking | None:
        """One booking at the unit; None: we publish no such."""
        ...


class NoSchedule:
    """A gateway that publishes nothing."""

    def of(self, unit: str, resident: str) -> list[ShownBooking]:
        """Nothing."""
        return []

    def booking(self, unit: str, booking_id: str) -> ShownBooking | None:
        """Nothing."""
        return None


class Receipts(Protocol):
    """Where the SMS provider's delivery reports go."""

    def __call__(self, receipts: Sequence[Receipt], /) -> list[bool]:
        """Keep them, in one commit; False: no message of ours has this token. Any exception: they are sent again."""
        ...


class Stories(Protocol):
    """What ops may read of a case: codes, counts and moments, nothing personal. May block."""

    def __call__(self, id: uuid.UUID, /) -> CaseStory:
        """The case's whole story. Raises `engine.ops.NotFound`: no case has this id."""
        ...


class Figures(Protocol):
    """What is counted in the database: codes, counts and seconds. May block."""

    def __call__(self) -> Standing:
        """How things stand now. Raises anything: the database does not answer."""
        ...


class Switchboard(Protocol):
    """What becomes of calls. Only `press` may block."""

    def called(self, number: str, /) -> Called | None:
        """The unit that has the number (E.164); None: none of ours."""
        ...

    def at(self, unit: str, /) -> Called | None:
        """The unit (HSA-id), with what may be chosen there now; None: it has no telephone."""
        ...

    def key_url(self, unit: str, /) -> str:
        """Where the provider tells of a key that was pressed in a call to the unit."""
        ...

    def press(self, call: str, unit: Called, digit: str, number: str, at: datetime, /) -> bool:
        """A key was pressed then: whether the provider has the link for the caller. Any exception: it has not."""
        ...


@dataclass(frozen=True)
class Login:
    """The user and password that the SMS provider's calls come in with."""

    user: str
    password: str = field(repr=False)


class LinkState(StrEnum):
    """What a link to a patient is good for."""

    ALIVE = "alive"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Link:
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

    def look(self, token: str, /) -> Link | None:
        """The link, which this changes nothing of; None: there is no such. Raises anything: not reached."""
        ...

    def completed(self, token: str, who: LoggedIn, /) -> Landing:
        """Somebody has logged in by the link, alive or not any more, rightful or not: keep it, and judge.

        Called once after each login. Raises anything: nothing was kept, and the link is as it was.
        """
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
