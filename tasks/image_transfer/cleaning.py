"""What no case takes away any more: what has outlived its time, what dead programs have left, keys of past hours.

A file's own case takes it away when its time is over. This is for where that case stands still (parked, say), and for
what no case knows of; it finds both by their age, so twice at once is harmless.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import among, load_each, transaction
from engine.base.errors import VaxelError
from engine.base.settings import settings
from engine.ops.access_log import Act
from engine.outer import incidents
from models.image_transfer import ImageTransfer, StoredFile
from systems.storage import files
from tasks.image_transfer import accesses, stored

MOST = 1000
"""So many in a transaction."""
HOUR = timedelta(hours=1)


def clean() -> Counter[str]:
    """Take away what is to be gone by now (bilder-3); gives how much, by what it was."""
    now, found = clock.now(), Counter[str]()
    with _noted(found):
        found["lapsed"] += _remove(_lapsed(now), is_logged=True)
    with _noted(found):
        found["left_behind"] += _remove(_left_behind(_abandoned(now)))
    with _noted(found):
        found["without_row"] += _without_row(_abandoned(now))
    with _noted(found):
        found["unfinished"] += files.clean(_abandoned(now))
    with _noted(found):
        found["hours"] += len(files.destroy_keys(now))
    return +found


@contextmanager
def _noted(found: Counter[str]) -> Iterator[None]:
    """Ops see what the storage does not let us do; the rest is done all the same."""
    try:
        yield
    except VaxelError as error:
        incidents.note("storage", error.reason)
        found["failed"] += 1


def _abandoned(now: datetime) -> datetime:
    """What was begun before then, and has not ended, never will: twice the time that a file may take, and a lease."""
    return now - timedelta(seconds=2 * settings().storage.seconds + settings().lease_seconds)


def _lapsed(now: datetime) -> list[uuid.UUID]:
    """The names of what should be gone: by its case, or since its hour has passed (bilder-3)."""
    query = (
        select(StoredFile.name)
        .join(ImageTransfer, col(ImageTransfer.id) == col(StoredFile.file), isouter=True)
        .where(col(StoredFile.wrapped_key).is_not(None))
        .where((col(ImageTransfer.deleted_at) <= now) | (col(StoredFile.hour) <= now - HOUR))
        .order_by(col(StoredFile.name))
    )
    with transaction() as connection:
        return list(connection.execute(query).scalars())


def _left_behind(before: datetime) -> list[uuid.UUID]:
    """The names of what was begun, or ended, and never came to an end."""
    query = (
        select(StoredFile.name)
        .where(col(StoredFile.wrapped_key).is_(None), StoredFile.begun_at < before)
        .order_by(col(StoredFile.name))
    )
    with transaction() as connection:
        return list(connection.execute(query).scalars())


def _remove(names: Sequence[uuid.UUID], *, is_logged: bool = False) -> int:
    """Their bytes, then their rows. Of what its owner could have read the log says that it has expired, once."""
    for name in names:
        files.delete(name)
    for at in range(0, len(names), MOST):
        with transaction() as connection:
            gone = stored.forget(connection, names[at : at + MOST])
            if is_logged:
                _log(connection, gone)
    return len(names)


def _log(connection: Connection, gone: Collection[uuid.UUID]) -> None:
    cases, unopened = load_each(connection, select(ImageTransfer).where(among(col(ImageTransfer.id), gone)))
    for case in unopened:
        case.patient = None
    accesses.log(connection, [accesses.by_itself(case, Act.EXPIRE) for case in (*cases, *unopened)])


def _without_row(before: datetime) -> int:
    """Bytes that no row speaks of: a program that was killed has gone on writing."""
    written = list(files.names(before))
    query = select(StoredFile.name).where(among(col(StoredFile.name), written))
    with transaction() as connection:
        known = set(connection.execute(query).scalars())
    strays = [name for name in written if name not in known]
    for name in strays:
        files.delete(name)
    return len(strays)
