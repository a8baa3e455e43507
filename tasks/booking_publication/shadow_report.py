"""What lies in shadow: how it compares with the index, and what would have been done, unit by unit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from engine.database import transaction
from models.booking_publication import BookingPublication, State

WORKED_OUT = ["shadow_compared", "call_letter_worked_out", "paper_worked_out", "notice_worked_out"]


def report() -> list[dict[str, Any]]:
    """A line for each unit and finding: `what`, the `answer` (as the index, or what would be done), `cases`.

    Counts only: a region watches this for a month before it switches a unit on (policy-skugga-1).
    """
    query = text(
        """
        WITH newest AS (
            SELECT DISTINCT ON (t.case_id, t.what) c.unit, t.what, t.reason, t.detail
            FROM timeline t JOIN booking_publication c ON c.id = t.case_id
            WHERE c.state = :shadowed AND t.process = :process AND t.what = ANY(:what)
            ORDER BY t.case_id, t.what, t.number DESC)
        SELECT unit, what, COALESCE(CAST(detail AS json) ->> 'would', reason) AS answer,
            COALESCE(CAST(detail AS json) ->> 'because', '') AS because, count(*) AS cases
        FROM newest GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 5 DESC"""
    )
    given = {"shadowed": State.SHADOWED, "process": BookingPublication.PROCESS, "what": WORKED_OUT}
    with transaction() as connection:
        return [dict(row) for row in connection.execute(query, given).mappings()]
