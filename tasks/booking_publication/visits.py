"""Booked visits as they stand now, for whoever has to do with a visit itself: who comes to it, and who joins it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection

from models.booking import Form, VideoFor
from models.booking_publication import BookingPublication
from models.identity import PatientId, Unit
from tasks import identities
from tasks.booking_publication import same_visit, stored
from tasks.booking_publication.facts import booking_of, rests_until


@dataclass(frozen=True)
class KnownVisit:
    """A booked visit.

    Args:
        case: of the booking.
        source, booking: the system that has it, and its id there.
        stands: it is neither cancelled, ended nor another's (another patient's, or another system's of the same
            visit), and its patient lives.
        cancelled: it was called off.
        start: None: it has no time.
        over_at: when it ends; None: not known.
        check_in: the patient can check in by themselves; None: not known.
        join: where it is joined, as its system says.
    """

    case: UUID
    source: str
    booking: str
    patient: PatientId = field(repr=False)
    unit: Unit
    stands: bool
    cancelled: bool
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


def _known(connection: Connection, cases: Sequence[BookingPublication]) -> list[KnownVisit]:
    dead = identities.deceased(connection, [case.patient_hash for case in cases])
    same = same_visit.found(connection, cases)
    return [_as_known(case, deceased=case.patient_hash in dead, same=same.get(case.id)) for case in cases]


def _as_known(case: BookingPublication, *, deceased: bool, same: same_visit.SameVisit | None) -> KnownVisit:
    booking = booking_of(case)
    is_elsewhere = same is not None and same.other.answer is not None
    over = case.cancelled or case.corrected or case.ended_at is not None
    return KnownVisit(
        case=case.id,
        source=case.source,
        booking=case.booking_id,
        patient=booking.patient,
        unit=booking.unit,
        stands=not (over or deceased or is_elsewhere),
        cancelled=case.cancelled,
        start=booking.start,
        over_at=rests_until(case),
        form=booking.form,
        platform=booking.platform,
        video_for=booking.video_for,
        check_in=booking.check_in,
        join=booking.join,
    )
