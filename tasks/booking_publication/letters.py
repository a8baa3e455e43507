"""The call letters of a booking that have gone to its patient, or may have: on paper, and to the 1177 inbox."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Connection

from engine.tables import effects
from models.booking_publication import BookingPublication
from tasks.booking_publication import effect_keys


def gone(connection: Connection, cases: Sequence[BookingPublication]) -> dict[uuid.UUID, set[str]]:
    """By case, the keys of the letters that its present patient may have."""
    reached = {case.id: case.patient_at for case in cases}
    found: dict[uuid.UUID, set[str]] = {id: set() for id in reached}
    for each in effects.gone_of(connection, list(found)):
        since = reached[each.case_id]
        if each.key.startswith((effect_keys.PAPER, effect_keys.DIGITAL)) and (
            since is None or each.sending_at >= since
        ):
            found[each.case_id].add(each.key)
    return found


def is_stale(keys: set[str], kind: str, present: str) -> bool:
    """Do they have one of this kind, and not the one that now holds?"""
    return present not in keys and any(key.startswith(kind) for key in keys)
