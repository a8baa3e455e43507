"""Booked visits as they stand now, for whoever has to do with a visit itself: who comes to it, and who joins it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.base import clock
from engine.tables import inbox
from models.booking import Booking, Form, VideoFor
from models.booking_publication import BookingPublication
from models.events import DERIVED, Arrival, in_json
from models.identity import PatientId, Unit
from models.stored_events import VisitJoined
from models.times import in_utc, later
from routine.decision import Decision
from tasks import identities
from tasks.booking_publication import as_told, join_link, rebookings, same_visit, stored
from tasks.booking_publication.facts import visit_of

FOLLOWED = 20
"""How many bookings a link is followed through at most."""
JOINED = "visit.joined"
"""The event that we make for a booking when somebody joins its visit."""


@dataclass(frozen=True)
class KnownVisit:
    """A booked visit.

    Args:
        case: of the booking.
        source, booking: the system that has it, and its id there.
        stands: it is neither cancelled, ended nor another's (another patient's, or another system's of the same
            visit), and its patient lives.
        cancelled: it was called off.
        moved: it has another time, place or form than it was booked with.
        start: None: it has no time.
        over_at: when it ends; None: not known.
        check_in: the patient can check in by themselves; None: not known.
        platform, video_for, join: where it is held and joined, as its system says; or another that tells of it.
    """

    case: UUID
    source: str
    booking: str
    patient: PatientId = field(repr=False)
    unit: Unit
    stands: bool
    cancelled: bool
    moved: bool
    start: datetime | None
    over_at: datetime | None
    form: Form | None
    platform: str | None
    video_for: VideoFor | None
    check_in: bool | None
    join: str | None = field(repr=False)


def of_day(
    connection: Connection, unit: str, patients: Collection[bytes], day: date
) -> list[tuple[bytes, KnownVisit]]:
    """The visits at a unit that begin on a day in Sweden, of any of these patients, by start.

    Args:
        unit: HSA-id, in upper case; one that is now another finds that one's.
        patients: keyed hashes of numbers, of today or of before.

    Returns: each with the hash, of those given, that it was found by.
    """
    known = identities.known(connection, patients, [unit])
    given = {number: each for each in patients for number in known.numbers(each)}
    cases = stored.of_day(connection, known.units(unit), given, day)
    return [
        (given[case.patient_hash], visit)
        for case, visit in zip(cases, _known(connection, cases), strict=True)
        if case.patient_hash in given
    ]


def of_cases(connection: Connection, ids: Collection[UUID]) -> dict[UUID, KnownVisit]:
    """By case, its visit; one that is not known, or does not open, is left out."""
    cases = stored.with_ids(connection, ids)
    return {visit.case: visit for visit in _known(connection, cases)}


def by_link(connection: Connection, link_hash: str) -> KnownVisit | None:
    """The visit that a link leads to, or the one that stands in its place by now; None: there is no such link.

    In its place stands what was booked instead of a cancelled one, and another system's booking of the same visit; or
    what was booked instead of that, and so on.
    """
    case = stored.with_link(connection, link_hash)
    if case is None:
        return None
    instead = _in_its_place(connection, case)
    (visit,) = _known(connection, [instead])
    return replace(visit, moved=True) if instead.start != case.start else visit


def join_addresses(connection: Connection, keys: Collection[str]) -> dict[str, str]:
    """By the key of a booking (`source:id`), where its visit is joined; one that is not, by no link, is left out."""
    cases = stored.linked(connection, keys)
    told = as_told.by_all(connection, cases, same_visit.found(connection, cases))
    found = {case.key: join_link.address(case, told[case.id]) for case in cases}
    return {key: address for key, address in found.items() if address}


def _in_its_place(connection: Connection, case: BookingPublication) -> BookingPublication:
    """The first that stands of what has come in its place; else where that ended."""
    ahead, seen, ended = [case], set[UUID](), None
    while ahead and len(seen) < FOLLOWED:
        at = ahead.pop(0)
        seen.add(at.id)
        same = same_visit.found(connection, [at]).get(at.id)
        if _stands(at, same):
            return at
        instead = [each for each in _instead_of(connection, at, same) if each.id not in seen]
        if not instead and ended is None:
            ended = at
        ahead = instead + ahead
    return ended or case


def _instead_of(
    connection: Connection, case: BookingPublication, same: same_visit.SameVisit | None
) -> list[BookingPublication]:
    """What was booked for a cancelled one, before what stands of its visit elsewhere; else what stands for it."""
    if not case.cancelled:
        other = same and same.other.answer
        return stored.with_keys(connection, [other]) if other else []
    rebooked = rebookings.booked_instead(connection, case.id)
    found = stored.with_ids(connection, [rebooked]) if rebooked else []
    elsewhere = same.standing if same else ()
    standing = stored.with_keys(connection, elsewhere) if elsewhere else []
    return found + sorted(standing, key=lambda each: elsewhere.index(each.key))


def note_joined(connection: Connection, visit: KnownVisit, why: Decision[Any]) -> None:
    """Keep that somebody has joined a visit; its timeline has it once for each time of it, and for each right."""
    once = f"{JOINED}:{visit.case}:{in_utc(visit.start)}:{why.clause}"
    said = VisitJoined(reason=str(why.reason), clause=why.clause)
    place = (BookingPublication.PROCESS, f"{visit.source}:{visit.booking}", None, clock.now())
    inbox.put(connection, DERIVED, [Arrival(once, JOINED, *place, in_json(said))])


def _known(connection: Connection, cases: Sequence[BookingPublication]) -> list[KnownVisit]:
    dead = identities.deceased(connection, [case.patient_hash for case in cases])
    same = same_visit.found(connection, cases)
    told = as_told.by_all(connection, cases, same)
    return [
        _as_known(case, told[case.id], deceased=case.patient_hash in dead, same=same.get(case.id))
        for case in cases
    ]


def _as_known(
    case: BookingPublication, booking: Booking, *, deceased: bool, same: same_visit.SameVisit | None
) -> KnownVisit:
    return KnownVisit(
        case=case.id,
        source=case.source,
        booking=case.booking_id,
        patient=booking.patient,
        unit=booking.unit,
        stands=_stands(case, same) and not deceased,
        cancelled=case.cancelled,
        moved=_is_moved(case),
        start=booking.start,
        over_at=visit_of(case, booking).end,
        form=booking.form,
        platform=booking.platform,
        video_for=booking.video_for,
        check_in=booking.check_in,
        join=booking.join,
    )


def _stands(case: BookingPublication, same: same_visit.SameVisit | None) -> bool:
    is_elsewhere = same is not None and same.other.answer is not None
    return not (case.cancelled or case.corrected or case.ended_at is not None or is_elsewhere)


def _is_moved(case: BookingPublication) -> bool:
    """By the sender's clock, which may be a little ahead of ours."""
    return (
        case.booked_at is not None
        and case.time_at is not None
        and case.time_at > later(case.booked_at, timedelta(minutes=1))
    )
