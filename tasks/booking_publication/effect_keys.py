"""The keys of what is done for a booking: each names the occasion that the routine speaks of. For sender and scanner.

A key holds our own ids, moments and keyed hashes; nothing of the patient's.
"""

from __future__ import annotations

from collections.abc import Iterable

from models.booking_publication import BookingPublication
from models.encryption import Use, ring
from models.times import STOCKHOLM, in_utc
from routine.occasion import Occasion, is_told_as_series
from routine.reasons import Reason

DIGITAL, PAPER = "call_letter:", "letter:"
"""How the keys of call letters begin: in the 1177 inbox, and on paper."""


def series(patient: str, name: str) -> str:
    """One patient's series of visits."""
    return ring().keyed(Use.SERIES, f"{patient}\n{name}").hex()


def notice(case: BookingPublication) -> str:
    """One notice for each thing that happened to a booking; one for a series that is booked, or for what is
    cancelled of it in a day. Where a message of it has not arrived: one for each way that it goes on by."""
    return last_notice(case) if is_notice_unreached(case) else _first_notice(case)


def is_notice_unreached(case: BookingPublication) -> bool:
    """Has a message of what is to be told not arrived?"""
    same = (case.occasion, case.occasion_at) == (case.notified, case.notified_at)
    return case.occasion is not None and same and case.unreached > 0


def last_notice(case: BookingPublication) -> str:
    """The newest message of the newest notice that we gave."""
    return f"{case.notified_by}:{case.unreached}" if case.unreached else case.notified_by or ""


def unreached_notices(case: BookingPublication) -> list[str]:
    """The messages of the newest notice that have not arrived."""
    return [f"{case.notified_by}:{n}" if n else case.notified_by or "" for n in range(case.unreached)]


def _first_notice(case: BookingPublication) -> str:
    occasion = Occasion(case.occasion) if case.occasion else None
    was_another_s = (
        case.patient_at is not None
    )  # whose it is now, may know of the series and not of this visit
    if case.series and case.occasion_at and is_told_as_series(occasion, was_told=case.told or was_another_s):
        if occasion is Occasion.BOOKED:
            return f"notice:series:{case.series}"
        return f"notice:series:{case.series}:cancelled:{case.occasion_at.astimezone(STOCKHOLM):%Y-%m-%d}"
    return f"notice:{case.id}:{case.occasion}:{in_utc(case.occasion_at)}:{in_utc(case.start)}"


def digital_call_letter(case: BookingPublication) -> str:
    """One message in the inbox for each time, place and form that a visit is given, and each change of its words."""
    return f"{DIGITAL}{case.id}:{_time(case)}{_wording(case)}"


def paper_letter(case: BookingPublication) -> str:
    """One letter on paper for each time, place and form that a visit is given, and each change of its words."""
    return f"{PAPER}{case.id}:{_time(case)}{_wording(case)}"


def staff_task(case: BookingPublication, reason: str) -> str:
    """One task for staff for each reason and time; the letter's and the notice's are one."""
    what = "cancelled" if case.cancelled else "booked"
    return f"staff_task:{reason}:{case.id}:{what}:{_time(case)}"


def form_task(case: BookingPublication, reasons: Iterable[str], *, near: bool) -> str:
    """One task for staff for all that is amiss with a visit's form or platform; one more when the visit is near, and
    one for each time that it has been taken back. What the letter or the notice hands over is another."""
    anew = f":{case.form_tasks_gone}" if case.form_tasks_gone else ""
    said = "+".join("joining" if each == Reason.MANUAL_HANDLING else each for each in reasons)
    return f"{staff_task(case, said)}{':near' if near else ''}{anew}"


def form_task_back(key: str) -> str:
    """The taking back of such a task."""
    return f"withdrawal:{key}"


def _time(case: BookingPublication) -> str:
    """The time that a visit is given, and when that, its place or its form was given it."""
    return f"{in_utc(case.time_at)}:{in_utc(case.start)}"


def _wording(case: BookingPublication) -> str:
    return f":{in_utc(case.reworded_at)}" if case.reworded_at else ""
