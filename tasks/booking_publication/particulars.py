"""What a resident acts on of a booking: as a snapshot has it, and as they were last told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from models.booking import Booking, Form
from models.booking_publication import BookingPublication
from routine.occasion import LastKnown, Occasion
from routine.particulars import Particulars
from routine.unseen import as_seen

UNTOLD: Mapping[str, Any] = {
    **dict.fromkeys(("told_start", "told_until", "told_unit", "told_form", "told_platform")),
    **dict.fromkeys(("notified", "notified_at", "notified_by")),
    "told": False,
    "unreached": 0,
}
"""Of a patient who has been told nothing."""


def particulars_in(booking: Booking) -> Particulars:
    """What the resident of a snapshot acts on."""
    return Particulars(
        start=booking.start,
        valid_until=booking.call_letter.valid_until if booking.call_letter else None,
        unit=booking.unit.hsa_id,
        form=booking.form,
        platform=booking.platform,
    )


def words_in(booking: Booking) -> str:
    """What its call letter says beside that; a blank or a mark that nobody sees, more or less, is no other word."""
    letter = booking.call_letter.text if booking.call_letter else None
    return "\n".join(" ".join(as_seen(said or "").split()) for said in (booking.purpose, letter))


def told_particulars(case: BookingPublication) -> Particulars | None:
    """What the resident was last told; None: nothing, as far as we know."""
    if not case.told or case.told_unit is None:
        return None
    until = case.told_until
    return Particulars(
        start=case.told_start,
        valid_until=_day_or_moment(until) if until else None,
        unit=case.told_unit,
        form=Form(case.told_form) if case.told_form else None,
        platform=case.told_platform,
    )


def remember_told(case: BookingPublication, booking: Booking) -> None:
    """Note what a resident knew who was told by a version of ours that kept the time alone."""
    if case.told and case.told_unit is None:
        knew = replace(particulars_in(booking), start=case.told_start)
        for column, value in as_told(knew, None).items():
            setattr(case, column, value)


def as_told(now: Particulars, before: Particulars | None) -> dict[str, Any]:
    """The columns that keep what the resident has been told."""
    what = now.filled_from(before) if before else now
    return {
        "told": True,
        "told_start": what.start,
        "told_until": what.valid_until.isoformat() if what.valid_until else None,
        "told_unit": what.unit,
        "told_form": str(what.form) if what.form else None,
        "told_platform": what.platform,
    }


def last_known_of(case: BookingPublication, booking: Booking | None) -> LastKnown:
    """How the case stands, with the snapshot that it has so far."""
    what = particulars_in(booking) if booking else Particulars()
    told = told_particulars(case)
    return LastKnown(
        known=case.version is not None,
        patient=case.patient_hash if booking else None,
        what=what.filled_from(told) if told else what,
        words=words_in(booking) if booking else "",
        cancelled=case.cancelled,
        time_at=case.time_at,
        reworded_at=case.reworded_at,
        booked_at=case.booked_at,
        occasion=Occasion(case.occasion) if case.occasion else None,
        occasion_at=case.occasion_at,
        echo=case.echo,
        by_patient=case.by_patient,
        silent=case.replayed,
        letter_failed=case.letter_failed,
    )


def _day_or_moment(said: str) -> date | datetime:
    return date.fromisoformat(said) if len(said) == len("2026-12-01") else datetime.fromisoformat(said)
