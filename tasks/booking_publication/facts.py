"""The facts that a decision on a booking rests on, as far as our own tables have them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.base import clock
from engine.tables import effects
from models.booking import Booking
from models.booking_publication import BookingPublication
from models.case import EffectState
from routine import facts as rules
from routine.decision import Decision
from routine.facts import Facts, Visit
from routine.identity import Life
from routine.occasion import Occasion
from routine.particulars import is_held_otherwise
from routine.publication import Category, can_be_handled, is_shown_on_1177
from routine.region import UnitPolicy
from routine.rules import visit_over_at
from tasks import clients, identities, messages
from tasks.booking_publication import effect_keys, letters, rebookings, same_visit
from tasks.booking_publication.particulars import particulars_in, told_particulars
from tasks.booking_publication.same_visit import SameVisit
from tasks.residents import Recorded, recorded, resident_by
from tasks.self_service import stored as self_service
from tasks.self_service.stored import AskedFor


@dataclass(frozen=True)
class FromTables:
    """What our tables say about a case."""

    of_resident: Recorded
    paired: bool
    series_told: bool
    paper_stale: bool
    inbox_stale: bool
    same: SameVisit | None = None
    asked_for: AskedFor | None = None
    unreached: frozenset[str] = field(default=frozenset(), repr=False)


def booking_of(case: BookingPublication) -> Booking:
    """The newest snapshot. It is read once, and kept beside the case's columns as long as it is the same."""
    text, beside = case.snapshot or "", case.__dict__
    kept: tuple[str, Booking] = beside.get("read booking", ("", None))
    if kept[0] is not text or kept[1] is None:
        kept = beside["read booking"] = text, Booking.model_validate_json(text)
    return kept[1]


def visit_in(booking: Booking) -> Visit:
    """The visit that a snapshot tells of."""
    letter = booking.call_letter
    return Visit(
        start=booking.start,
        end=booking.end,
        valid_until=letter.valid_until if letter else None,
        call_letter=letter.kind if letter else None,
        form=booking.form,
        e_id=booking.e_id_confirmed,
        booked_by=booking.booked_by,
        printed=letter.printed if letter else None,
    )


def visit_of(case: BookingPublication, booking: Booking) -> Visit:
    """The case's visit as the rules see it; one that has ended is over from then on."""
    visit = visit_in(booking)
    return replace(visit, end=case.ended_at or visit.end, cancelled=case.cancelled)


def shown_on_1177(
    case: BookingPublication, booking: Booking, *, deceased: bool, same: SameVisit | None = None
) -> Decision[Category | None]:
    """Whether and how 1177 is to show it; what we can't handle is not shown, and waits for a human."""
    handled = can_be_handled(case.unit, clients.region())
    if not handled.allowed:
        return Decision(None, handled.reason, handled.clause)
    if same is not None and same.other.answer is not None and not case.cancelled:
        return Decision(None, same.other.reason, same.other.clause)
    resident = resident_by(booking.patient, Recorded(Life.DECEASED if deceased else None))
    return is_shown_on_1177(visit_of(case, booking), resident, clock.now())


def unit_of(case: BookingPublication) -> UnitPolicy | None:
    """What the region has settled for the unit; None: not known."""
    return clients.region().unit(case.unit)


def event_of(case: BookingPublication, booking: Booking, ours: FromTables) -> rules.Event:
    """What happened to the booking, as far as it is not yet dealt with; nothing: a change that changed nothing."""
    occasion = Occasion(case.occasion) if case.occasion else Occasion.CHANGED
    now, known = particulars_in(booking), told_particulars(case)
    moved = now.time != known.time if known else None
    if effect_keys.is_notice_unreached(case):
        moved = True  # it was owed when it was sent, and is owed still
    return rules.Event(
        occasion=occasion,
        at=case.occasion_at or case.updated_at,
        moved=moved if case.occasion else False,
        held_otherwise=known is not None and is_held_otherwise(known, now),
        cancelled_by=booking.cancelled_by,
        echo=case.echo,
        **_told_of_echo(case, ours.asked_for),
        by_patient=case.by_patient,
        same_visit=ours.same.other.reason
        if ours.same and ours.same.other.answer and not ours.same.silent
        else None,
        stands_elsewhere=ours.same is not None and ours.same.elsewhere,
        corrected=case.corrected,
        letter_astray=case.letter_astray,
        paper_stale=ours.paper_stale,
        inbox_stale=ours.inbox_stale,
        replay=case.replayed,
        paired=ours.paired,
        series_told=ours.series_told,
        unreached=ours.unreached,
    )


def _told_of_echo(case: BookingPublication, asked_for: AskedFor | None) -> dict[str, Any]:
    """Whether whoever asked for the change has heard how it ended. What was cancelled for another time has its notice
    with that one."""
    if not case.echo or asked_for is None or (case.cancelled and asked_for.is_for_time):
        return {}
    return {"untold": not asked_for.told, "told_until": None if asked_for.told else asked_for.told_until}


def rests_until(case: BookingPublication) -> datetime | None:
    """When a settled booking is due again: its visit, or its open call letter, is over then."""
    return visit_over_at(visit_of(case, booking_of(case)))


def due_when_settled(case: BookingPublication, review_at: datetime | None) -> datetime | None:
    """When a settled booking is due again: its visit is over, or its form is to be looked at once more before that.

    Args:
        review_at: when that is (`form_review_at`); None: it is not.
    """
    return min((at for at in (review_at, rests_until(case)) if at is not None), default=None)


def facts_of(case: BookingPublication, unit: UnitPolicy, ours: FromTables) -> Facts:
    """All that is known without asking an outer system."""
    booking = booking_of(case)
    return Facts(
        event=event_of(case, booking, ours),
        visit=visit_of(case, booking),
        resident=replace(resident_by(booking.patient, ours.of_resident), inbox_exhausted=case.letter_failed),
        unit=unit,
        unit_id=case.unit,
        now=clock.now(),
        waiting_since=case.waiting_since,
    )


def from_our_tables(
    connection: Connection, cases: Sequence[BookingPublication]
) -> dict[uuid.UUID, FromTables]:
    """What our tables say about these cases: deaths, risks that stand, rebookings, and notices of the same series."""
    paired = rebookings.paired(connection, cases)
    series = _series_told(connection, [case for case in cases if case.series])
    patients = [case.patient_hash for case in cases if case.patient_hash]
    who = identities.known(connection, patients)
    sent = letters.gone(connection, cases)
    same = same_visit.found(connection, cases)
    of_residents = recorded(
        connection, [(case.patient_hash, case.unit) for case in cases if case.patient_hash], who
    )
    unreached = _unreached(connection, [case for case in cases if effect_keys.is_notice_unreached(case)])
    asked_for = self_service.changes_asked_for(
        connection, [case.echo_of for case in cases if case.echo and case.echo_of]
    )
    return {
        case.id: FromTables(
            of_residents.get((case.patient_hash or b"", case.unit), Recorded()),
            case.id in paired,
            case.id in series,
            letters.is_stale(sent[case.id], effect_keys.PAPER, effect_keys.paper_letter(case)),
            letters.is_stale(sent[case.id], effect_keys.DIGITAL, effect_keys.digital_call_letter(case)),
            same.get(case.id),
            asked_for.get(case.echo_of or ""),
            unreached.get(case.id, frozenset()),
        )
        for case in cases
    }


def _unreached(
    connection: Connection, cases: Sequence[BookingPublication]
) -> dict[uuid.UUID, frozenset[str]]:
    """Where messages of what is to be told now have not arrived."""
    if not cases:
        return {}
    keys = {case.id: effect_keys.unreached_notices(case) for case in cases}
    to = messages.sent_to(connection, [key for each in keys.values() for key in each])
    return {id: frozenset(to[key] for key in each if key in to) for id, each in keys.items()}


def _series_told(connection: Connection, cases: Sequence[BookingPublication]) -> set[uuid.UUID]:
    """Those whose notice another visit of the same series has."""
    if not cases:
        return set()
    keys = [effect_keys.notice(case) for case in cases]
    by = effects.cases_with(connection, keys, (EffectState.DONE, EffectState.PARKED))
    return {case.id for case in cases if by.get(effect_keys.notice(case), case.id) != case.id}
