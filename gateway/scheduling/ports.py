"""What 1177's calls need from the rest of the house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from models.identity import PatientId
from models.messages import Booking
from models.self_service import ServiceRequest
from systems.vas_times import FreeTime, UnitCatalogue


@dataclass(frozen=True)
class ShownBooking:
    """A booking as 1177 may show it.

    Args:
        booking: the newest snapshot.
        is_invitation: a call letter, timed or open, which the resident has not answered by booking.
        text: of an invitation; "" else. Plain, or the DocBook subset that 1177 reads.
        unit_name: as the region writes it.
        joined: how a digital visit is joined, with its link; "" where there is none.
        may_be_cancelled, may_be_rebooked: by the resident, there and now (besok-3).
    """

    booking: Booking
    is_invitation: bool
    text: str = field(default="", repr=False)
    unit_name: str = ""
    joined: str = field(default="", repr=False)
    may_be_cancelled: bool = False
    may_be_rebooked: bool = False


@dataclass(frozen=True)
class ScheduleAsked:
    """Whose times are asked for, and where.

    Args:
        unit: HSA-id, upper case.
        resident: 12 figures.
    """

    unit: str
    resident: str = field(repr=False)


class Schedule(Protocol):
    """What we publish on 1177 (besok-1): nothing cancelled, nothing of the deceased. May block."""

    def of(self, asked: Sequence[ScheduleAsked]) -> list[list[ShownBooking] | None]:
        """The bookings of each who asks, in the same order; None: they cannot be shown now."""
        ...

    def booking(self, unit: str, booking_id: str) -> ShownBooking | None:
        """One booking at the unit; None: we publish no such."""
        ...

    def holder(self, unit: str, booking_id: str) -> PatientId | None:
        """Whose booking it is, though it be cancelled; None: we know of no such."""
        ...

    def shows_to(self, actor: str, resident: str) -> bool:
        """Whether one resident may see another's times: a guardian those of a child (barn-1). Asks the register."""
        ...


class NoSchedule(Schedule):
    """A gateway that publishes nothing."""

    def of(self, asked: Sequence[ScheduleAsked]) -> list[list[ShownBooking] | None]:
        """Nothing."""
        return [[] for _ in asked]

    def booking(self, unit: str, booking_id: str) -> ShownBooking | None:
        """Nothing."""
        return None

    def holder(self, unit: str, booking_id: str) -> PatientId | None:
        """Nobody."""
        return None

    def shows_to(self, actor: str, resident: str) -> bool:
        """To nobody."""
        return False


@dataclass(frozen=True, kw_only=True)
class TimesAsked:
    """Which free times are asked for, by whom and for whom.

    Args:
        unit: HSA-id, upper case.
        first, last: Swedish days, both included.
        booking: that is to be moved, or the open call letter that is to be answered.
        patient: 12 figures, of whom the time is to be; as the call says.
        actor: who asks: 12 figures, or an HSA-id where `by_agent`, staff of 1177.
        time_type, care_type: ids of the unit's catalogue; None: all.
        performers: HSA-ids, any of them; none: all.
    """

    unit: str
    first: date
    last: date
    booking: str | None
    patient: str = field(repr=False)
    actor: str = field(repr=False)
    by_agent: bool
    time_type: str | None
    care_type: str | None
    performers: tuple[str, ...]


@dataclass(frozen=True)
class ServiceAnswer:
    """What 1177 is told of a request.

    Args:
        result: OK: done; INFO: done in part; ERROR: not done, or in hand: INFO is a yes (TKB).
        text: Swedish, for the resident; with INFO and ERROR always.
        booking: its id from now on, with OK and INFO.
    """

    result: Literal["OK", "INFO", "ERROR"]
    text: str | None
    booking: str | None


class SelfService(Protocol):
    """What a resident does by themselves (besok-3, besok-4). Decides who may do what. May block for 8 seconds."""

    def ask(self, request: ServiceRequest, /) -> ServiceAnswer:
        """Take the request in, and tell what became of it by now. Any exception: it is not taken in."""
        ...

    def whose(self, booking: str, /) -> PatientId | None:
        """Whose a booking is that was made here, though nobody has told of it yet; None: it was not."""
        ...

    def free_times(self, asked: TimesAsked, /) -> Sequence[FreeTime]:
        """The free times, by start; raises `VaxelError`: they may not be shown, or cannot be asked for now."""
        ...

    def catalogue(self, unit: str, /) -> UnitCatalogue:
        """What the unit offers (HSA-id in upper case); raises `VaxelError`: it cannot be asked for now."""
        ...
