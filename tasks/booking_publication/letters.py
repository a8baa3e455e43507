"""The call letters of a booking that have gone to its patient, or may have: on paper, and to the 1177 inbox."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Connection, text

from models.booking_publication import BookingPublication
from tasks.booking_publication import effect_keys


def gone(connection: Connection, cases: Sequence[BookingPublication]) -> dict[uuid.UUID, set[str]]:
    """By case, the keys of the letters that its present patient may have."""
    query = text(
        """
        SELECT e.case_id, e.key FROM effect e JOIN booking_publication c ON c.id = e.case_id
        WHERE e.case_id = ANY(:ids) AND e.state <> 'not_sent'
            AND (c.patient_at IS NULL OR e.sending_at >= c.patient_at)"""
    )
    found: dict[uuid.UUID, set[str]] = {case.id: set() for case in cases}
    for case_id, key in connection.execute(query, {"ids": list(found)}):
        if key.startswith((effect_keys.PAPER, effect_keys.DIGITAL)):
            found[case_id].add(key)
    return found


def is_stale(keys: set[str], kind: str, present: str) -> bool:
    """Do they have one of this kind, and not the one that now holds?"""
    return present not in keys and any(key.startswith(kind) for key in keys)
