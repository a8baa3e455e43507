"""What lies in shadow: how it compares with the index, and what would have been done, unit by unit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Select, cast, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from engine.base.database import transaction
from models.booking_publication import BookingPublication, State
from models.case import TimelineEntry

WORKED_OUT = ["shadow_compared", "call_letter_worked_out", "paper_worked_out", "notice_worked_out"]


def report() -> list[dict[str, Any]]:
    """A line for each unit and finding: `what`, the `answer` (as the index, or what would be done), `cases`.

    Counts only: a region watches this for a month before it switches a unit on (policy-skugga-1).
    """
    with transaction() as connection:
        return [dict(row) for row in connection.execute(_cases_by_answer()).mappings()]


def _cases_by_answer() -> Select[str, str, str, str, int]:
    newest = _newest().subquery().c
    detail = cast(newest.detail, JSON)
    answer = func.coalesce(detail["would"].as_string(), newest.reason).label("answer")
    because = func.coalesce(detail["because"].as_string(), "").label("because")
    number = func.count().label("cases")
    counted = select(newest.unit, newest.what, answer, because, number)
    counted = counted.group_by(newest.unit, newest.what, answer.name, because.name)
    return counted.order_by(newest.unit, newest.what, number.desc())


def _newest() -> Select[str, str, str, str]:
    """Of each case in shadow, the newest entry of each kind."""
    case_id, what = col(TimelineEntry.case_id), col(TimelineEntry.what)
    return (
        select(col(BookingPublication.unit), what, col(TimelineEntry.reason), col(TimelineEntry.detail))
        .select_from(TimelineEntry)
        .join(BookingPublication, col(BookingPublication.id) == case_id)
        .where(col(BookingPublication.state) == State.SHADOWED)
        .where(col(TimelineEntry.process) == BookingPublication.PROCESS, what.in_(WORKED_OUT))
        .ext(distinct_on(case_id, what))
        .order_by(case_id, what, col(TimelineEntry.number).desc())
    )
