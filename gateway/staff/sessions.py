"""Who is logged in: a row for each browser, found by a keyed hash of a random token that only the browser has.

The token is new at every login. A row goes when its member of staff logs out, and each login clears those that are
over. What the browser shows tells nothing, and nobody who reads the database can show it.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import asdict
from typing import cast

from sqlalchemy import Connection, delete, update
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import insert_all, load_each, table_of, transaction
from models.encryption import Use, ring
from models.staff_session import StaffSession
from routine import staff
from routine.staff import Commission, Member

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
TABLE = table_of(StaffSession)
NAMES = [column.name for column in TABLE.columns]


def log_in(member: Member, before: str | None) -> str:
    """Log them in; gives the token for their browser.

    Args:
        before: the token that the browser showed until now, whose login is over by this.
    """
    token, now = secrets.token_urlsafe(32), clock.now()
    row = {"token_hash": _hash(token), "staff": json.dumps(asdict(member)), "began_at": now, "seen_at": now}
    with transaction() as connection:
        _clear(connection)
        if before:
            _end(connection, before)
        insert_all(connection, TABLE, [row], NAMES)
    return token


def who(token: str) -> Member | None:
    """Who is logged in by the token, which keeps the login alive; None: nobody, or not any more."""
    if not TOKEN.fullmatch(token):
        return None
    theirs = col(StaffSession.token_hash) == _hash(token)
    with transaction() as connection:
        opened, _ = load_each(connection, select(StaffSession).where(theirs))
        if not opened:
            return None
        (session,), now = opened, clock.now()
        if staff.is_session_over(session.began_at, session.seen_at, now).allowed:
            _end(connection, token)
            return None
        if now - session.seen_at >= staff.NOTED_EVERY:
            connection.execute(update(StaffSession).where(theirs).values({col(StaffSession.seen_at): now}))
    return _member(session.staff)


def end(token: str) -> None:
    """Log them out; nothing where nobody is logged in by it."""
    with transaction() as connection:
        _end(connection, token)


def form_token(token: str) -> str:
    """What stands in the forms of this login's pages, which no other page can know."""
    return ring().keyed(Use.STAFF, f"form {token}").hex()


def _hash(token: str) -> bytes:
    return ring().keyed(Use.STAFF, f"session {token}")


def _end(connection: Connection, token: str) -> None:
    connection.execute(delete(StaffSession).where(col(StaffSession.token_hash) == _hash(token)))


def _clear(connection: Connection) -> None:
    """Take off those that are over."""
    now = clock.now()
    unused = col(StaffSession.seen_at) <= now - staff.IDLE
    longest = col(StaffSession.began_at) <= now - staff.LONGEST
    connection.execute(delete(StaffSession).where(unused | longest))


def _member(said: str) -> Member:
    found = json.loads(said)
    commission = found.pop("commission")
    return Member(**found, commission=Commission(**cast(dict[str, str], commission)) if commission else None)
