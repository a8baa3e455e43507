"""How long a question stands, and the link in it (policy-lank-1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, update
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import among, load
from models.channel_switch import ChannelSwitch
from models.consent import Link
from models.routes import token_hash
from models.times import later
from tasks import clients


def expires(asked_at: datetime) -> datetime:
    """When an answer no longer counts (policy-lank-1)."""
    return later(asked_at, timedelta(hours=clients.region().links.life_hours))


def begin_life(connection: Connection, asked: Sequence[tuple[ChannelSwitch, Any]]) -> None:
    """The link's life begins when the question has been put."""
    those = among(col(Link.case_id), [case.id for case, _ in asked])
    unused = update(Link).where(those, col(Link.used_at).is_(None))
    connection.execute(unused.values({col(Link.made_at): clock.now()}))


def make(connection: Connection, case: ChannelSwitch, token: str) -> None:
    """A link of the case's; its life begins anew when the question is put."""
    link = Link(token_hash=token_hash(token), case_id=case.id, made_at=clock.now())
    connection.execute(insert(Link).values(link.model_dump()))


def find(connection: Connection, token_hash: str, *, lock: bool = False) -> Link | None:
    """The link with this hash, locked for the transaction if that is asked for."""
    query = select(Link).where(Link.token_hash == token_hash)
    found = load(connection, query.with_for_update() if lock else query)
    return found[0] if found else None


def use(connection: Connection, link: Link) -> None:
    """Somebody has consented by it: it leads nowhere any more."""
    used = update(Link).where(col(Link.token_hash) == link.token_hash)
    connection.execute(used.values({col(Link.used_at): clock.now()}))


def withdraw(connection: Connection, case: ChannelSwitch) -> None:
    """The case's links lead nowhere any more."""
    unused = update(Link).where(col(Link.case_id) == case.id, col(Link.used_at).is_(None))
    connection.execute(unused.values({col(Link.withdrawn_at): clock.now()}))
