"""What residents do with their bookings by themselves on 1177.se (besok-3, besok-4, policy-sjalvservice-1).

What 1177 shows its buttons by (`may_be_done_there`) and what becomes of a press
(`may_be_asked_of_journal_system`) are judged by the same table: nothing is offered that would be refused. The words
that are answered stand in `routine.self_service_text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from models.times import later
from routine.ages import swedish_day
from routine.children import Act, WhoActs, may_act
from routine.decision import Decision
from routine.facts import CallLetterKind, Visit
from routine.reasons import Reason
from routine.region import Region, UnitPolicy
from routine.rules import has_begun

OURS = "policy-sjalvservice-1"


class Service(StrEnum):
    """What a resident does with their bookings by themselves."""

    CANCEL = "cancel"
    REBOOK = "rebook"
    BOOK = "book"


EVERY_SERVICE: frozenset[Service] = frozenset(Service)

CLAUSES: Mapping[Service, str] = MappingProxyType(
    {Service.CANCEL: "besok-3", Service.REBOOK: "besok-3", Service.BOOK: "besok-4"}
)


class Outcome(StrEnum):
    """How far a request had come when 1177 was answered."""

    DONE = "done"
    PART_DONE = "part_done"
    """Done, but for something that the journal system could not save beside it."""
    DECLINED = "declined"
    IN_HAND = "in_hand"
    """It is not known yet whether it is done: the journal system has not answered in time."""
    UNCLEAR = "unclear"
    """Nobody knows whether it is done, and nothing more happens by itself: a human has to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToChange:
    """A booking, as whoever wants to change it finds it.

    Args:
        visit: as it now stands.
        cancellable, rebookable: what the unit lets the resident do with it; `None`: it has not said, which is a no.
        unit: the policy of the unit that has it; `None`: not known.
        patient_is: it is the patient's for whom the change is asked for.
        birth: the patient's; `None`: not known, and then nobody is let act (barn-1, barn-2).
        reservnummer: the patient's identity is one.
        deceased: the patient has died.
        elsewhere: another system than the journal system has it, or has a booking that stands for the visit.
    """

    visit: Visit
    cancellable: bool | None
    rebookable: bool | None
    unit: UnitPolicy | None
    patient_is: bool
    birth: date | None = field(repr=False)
    reservnummer: bool
    deceased: bool
    elsewhere: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for.

    Args:
        who: whoever asks, as they stand to the patient; of an agent nothing is asked.
        by_agent: staff of 1177 ask, who help the resident to book.
        start, end: the time that is wanted, aware; `None`: none is said, as of what is to be cancelled.
        from_letter: the time is wanted from an open call letter.
        reservnummer, deceased: the patient, where there is no booking that says so.
        asked_before: the journal system has been asked for it already, and may have done it.
    """

    service: Service
    who: WhoActs
    by_agent: bool
    start: datetime | None = None
    end: datetime | None = None
    from_letter: bool = False
    reservnummer: bool = False
    deceased: bool = False
    asked_before: bool = False


_BY_CODE: Mapping[str, Reason] = MappingProxyType(
    {
        "no_such_booking": Reason.NO_SUCH_BOOKING,
        "another_patient": Reason.NO_SUCH_BOOKING,
        "another_unit": Reason.NO_SUCH_BOOKING,
        "time_taken": Reason.TIME_TAKEN,
        "time_not_offered": Reason.TIME_NOT_OFFERED,
        "too_late": Reason.TOO_LATE,
        "already_cancelled": Reason.CANCELLED,
        "not_allowed": Reason.NOT_ALLOWED_BY_UNIT,
        "already_booked": Reason.LETTER_USED,
        "letter_expired": Reason.LETTER_EXPIRED,
        "has_begun": Reason.PASSED,
        "no_such_performer": Reason.NO_SUCH_PERFORMER,
    }
)


def by_code(code: str) -> Reason | None:
    """Why the journal system does not do it, by its own code; `None`: we do not understand it, and ops look."""
    return _BY_CODE.get(code)


def carried_out(region: Region, *, elsewhere: bool = False) -> frozenset[Service]:
    """What residents do by themselves with a booking: what the region's journal system carries out (besok-3).

    The flags that 1177 shows its buttons by and every text to a patient follow from this.

    Args:
        elsewhere: another system has it, of which nothing is asked.
    """
    if elsewhere:
        return frozenset()
    return frozenset(Service(each) for each in region.self_service.carries_out)


LEFT_TO_STAFF_WITHIN = timedelta(hours=2, minutes=30)
"""So long a journal system that answers may leave a request undone, for whatever reason."""


def is_left_to_staff() -> Decision[bool]:
    """What nobody can tell the outcome of goes to a human at the unit, who can look (syfte-3).

    At once where nobody understands what the journal system says, else within `LEFT_TO_STAFF_WITHIN`. While it is
    down as a whole nothing can be told through it, and what was asked for goes by itself when it is back.
    """
    return Decision(True, Reason.NOT_SETTLED, OURS)


def may_be_done_there(
    service: Service,
    booking: ToChange,
    now: datetime,
    region: Region,
) -> Decision[bool]:
    """Is the service open for the booking on 1177, to whoever may act for its patient (besok-3, besok-4)?

    1. never for the deceased, nor for who cannot log in or whose age is not known; at units that we publish for
    2. the journal system has it, neither cancelled, begun nor run out; a time is chosen from an open call letter,
       and changed once there is one
    3. what the unit allows: what it has not said is a no
    4. until so long before the visit as the region's figure says
    """
    return (
        _not_for_patient(booking.deceased, booking.reservnummer)
        or _nobody_may_act(booking)
        or _not_at_unit(booking.unit)
        or _not_in_its_state(service, booking, now)
        or _not_by_unit(service, booking)
        or _too_late(booking, now, region)
        or _not_carried_out(service, region)
        or Decision(True, Reason.ALLOWED_BY_UNIT, CLAUSES[service])
    )


def may_be_asked_of_journal_system(
    wanted: Wanted,
    booking: ToChange | None,
    unit: UnitPolicy | None,
    now: datetime,
    region: Region,
) -> Decision[bool]:
    """May what is asked for be asked of the journal system, which has the last word?

    Who asks comes first, and then whose the booking is: of one that is not theirs nothing shows, not even that it is
    there. What has been asked once is asked again under the same key, whatever we know by now: that may be what came
    of it (a visit that is cancelled, a letter that is used).

    Args:
        booking: that which is to be changed, or the open call letter that is answered; `None`: we know of none.
        unit: the policy of the unit where the time is wanted, or which has the booking; `None`: not known.
    """
    if wanted.asked_before:
        return Decision(True, Reason.ASKED_BEFORE, OURS)
    return (
        _not_by_agent(wanted)
        or _not_by_whoever_asks(wanted.who, now, region, by_agent=wanted.by_agent)
        or _not_for_patient(wanted.deceased, wanted.reservnummer)
        or _not_of_this_booking(wanted, booking, now, region)
        or _not_at_unit(unit)
        or _not_at_this_time(wanted, now)
        or _not_carried_out(wanted.service, region)
        or Decision(True, Reason.ALLOWED_BY_UNIT, CLAUSES[wanted.service])
    )


def may_times_be_shown(
    who: WhoActs,
    booking: ToChange | None,
    unit: UnitPolicy | None,
    now: datetime,
    region: Region,
    *,
    by_agent: bool,
    by_booking: bool,
    made_here: bool = False,
) -> Decision[bool]:
    """May whoever asks be shown the unit's free times (besok-4)?

    By a booking only what can be exchanged for it, so only to whoever may change it. An agent is shown what the unit
    offers anybody, never what is chosen by the patient (interfaces of crm:scheduling).

    Of a booking that the patient has just made here, and of which the journal system has not told, we do not know
    what the unit allows. The journal system does, and shows what it can be exchanged for; a press is judged once it
    is told of.

    Args:
        who: as of `Wanted`.
        booking: that which the times are asked for by; `None`: we know of none.
        unit: where they are asked for; `None`: not known.
        by_booking: the times are asked for by a booking.
        made_here: that was booked on 1177 for this patient, and nobody has told of it yet.
    """
    if by_agent and by_booking:
        return Decision(False, Reason.NOT_BY_PATIENT, OURS)
    refused = _not_by_whoever_asks(who, now, region, by_agent=by_agent) or _not_at_unit(unit)
    if refused or not by_booking:
        return refused or _may_any_be_chosen(region)
    if booking is None and made_here:
        return _not_carried_out(Service.REBOOK, region) or _may_any_be_chosen(region)
    if booking is None or not booking.patient_is:
        return Decision(False, Reason.NO_SUCH_BOOKING, OURS)
    service = Service.BOOK if _is_open(booking.visit) else Service.REBOOK
    return may_be_done_there(service, booking, now, region)


def _may_any_be_chosen(region: Region) -> Decision[bool]:
    if not {Service.BOOK, Service.REBOOK} & carried_out(region):
        return Decision(False, Reason.NOT_CARRIED_OUT, "besok-4")
    return Decision(True, Reason.ALLOWED_BY_UNIT, "besok-4")


def _is_open(visit: Visit) -> bool:
    return visit.call_letter == CallLetterKind.OPEN


def _not_by_agent(wanted: Wanted) -> Decision[bool] | None:
    """Staff of 1177 book for a resident, and come near nothing that is booked (crm:scheduling, *Aktör som utför
    bokning*: to change it would be direct access to another's records)."""
    if wanted.by_agent and wanted.service is not Service.BOOK:
        return Decision(False, Reason.NOT_BY_STAFF_OF_1177, OURS)
    return None


def _not_by_whoever_asks(
    who: WhoActs, now: datetime, region: Region, *, by_agent: bool
) -> Decision[bool] | None:
    """The patient from 13, and a guardian before that; an agent helps whoever asks (barn-1, barn-2)."""
    if by_agent:
        return None
    day = swedish_day(now)
    may = may_act(Act.HANDLE_TIMES, who.role, who.birth, day, region, protected=who.protected)
    return None if may.allowed else may


def _not_for_patient(deceased: bool, reservnummer: bool) -> Decision[bool] | None:
    if deceased:
        return Decision(False, Reason.DECEASED, "policy-avliden-1")
    if reservnummer:
        return Decision(False, Reason.RESERVNUMMER, "policy-reserv-1")
    return None


def _nobody_may_act(booking: ToChange) -> Decision[bool] | None:
    return Decision(False, Reason.AGE_UNKNOWN, "barn-2") if booking.birth is None else None


def _not_at_unit(unit: UnitPolicy | None) -> Decision[bool] | None:
    if unit is None:
        return Decision(False, Reason.UNIT_UNKNOWN, "policy-okand-1")
    return Decision(False, Reason.UNIT_IN_SHADOW, "policy-skugga-1") if unit.in_shadow else None


def _not_of_this_booking(
    wanted: Wanted, booking: ToChange | None, now: datetime, region: Region
) -> Decision[bool] | None:
    if wanted.service is Service.BOOK and not wanted.from_letter:
        return None
    if booking is None or not booking.patient_is:
        return Decision(False, Reason.NO_SUCH_BOOKING, OURS)
    may = may_be_done_there(wanted.service, booking, now, region)
    return None if may.allowed else may


def _not_in_its_state(service: Service, booking: ToChange, now: datetime) -> Decision[bool] | None:
    visit, clause = booking.visit, CLAUSES[service]
    if booking.elsewhere:
        return Decision(False, Reason.OTHER_SYSTEM, OURS)
    if visit.cancelled:
        return Decision(False, Reason.CANCELLED, clause)
    if service is Service.BOOK and not _is_open(visit):
        return Decision(False, Reason.LETTER_USED, OURS)
    if has_begun(visit, now):
        return Decision(False, Reason.LETTER_EXPIRED if _is_open(visit) else Reason.PASSED, clause)
    if service is Service.REBOOK and _is_open(visit):
        return Decision(False, Reason.NO_TIME_YET, clause)
    return None


def _not_by_unit(service: Service, booking: ToChange) -> Decision[bool] | None:
    """An open call letter is itself the unit's leave to book."""
    allowed = {Service.CANCEL: booking.cancellable, Service.REBOOK: booking.rebookable, Service.BOOK: True}
    return None if allowed[service] else Decision(False, Reason.NOT_ALLOWED_BY_UNIT, CLAUSES[service])


def _too_late(booking: ToChange, now: datetime, region: Region) -> Decision[bool] | None:
    """By the moments, not by the clock on the wall: in October an hour comes twice. An open call letter has none."""
    start = booking.visit.start
    if start is None or now <= later(start, -region.last_change(booking.unit)):
        return None
    return Decision(False, Reason.TOO_LATE, OURS)


def _not_carried_out(service: Service, region: Region) -> Decision[bool] | None:
    if service in carried_out(region):
        return None
    return Decision(False, Reason.NOT_CARRIED_OUT, CLAUSES[service])


def _not_at_this_time(wanted: Wanted, now: datetime) -> Decision[bool] | None:
    """Whether the time is free, the journal system says."""
    if wanted.service is Service.CANCEL:
        return None
    if wanted.start is None or wanted.end is None or wanted.end <= wanted.start:
        return Decision(False, Reason.TIME_UNCLEAR, OURS)
    return Decision(False, Reason.TIME_PASSED, OURS) if wanted.start <= now else None
