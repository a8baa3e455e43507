"""How long a question stands, and the link in it (policy-lank-1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from engine import clock
from models.channel_switch import ChannelSwitch
from models.times import later
from tasks import clients


def expires(asked_at: datetime) -> datetime:
    """When an answer no longer counts (policy-lank-1)."""
    return later(asked_at, timedelta(hours=clients.region().links.life_hours))


def begin_life(connection: Connection, asked: Sequence[tuple[ChannelSwitch, Any]]) -> None:
    """The link's life begins when the question has been put."""
    begun = text("UPDATE link SET made_at = :now WHERE case_id = ANY(:cases) AND used_at IS NULL")
    connection.execute(begun, {"now": clock.now(), "cases": [case.id for case, _ in asked]})
