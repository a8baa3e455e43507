"""Sealing anew: everything that lies under an older key, or bound to no place, a portion at a time.

Safe beside whatever runs: a row that somebody holds is left for the next round, each value is replaced only where
it is still the one that was read, and what is sealed anew already is passed over, so that it may be broken off and
begun again at any moment.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row, Table, text

from engine.base.sealing import SEALING
from models.encryption import BOUND, DoesNotOpen, ring
from models.sealed import Seals, seals

PORTION = 500
ROUNDS = 5
"""How often rows that are held are come back to."""
PAUSE = 1.0
UNBOUND = "unbound"
Tell = Callable[[str, int, int], None]
"""Told of a table how many values have been sealed anew, and how many there were to seal."""
log = structlog.get_logger()


def sealed_tables(tables: Sequence[Table]) -> list[Table]:
    """Those that have sealed columns, but for what is noted of the keys themselves: that stays under its key."""
    return [table for table in tables if seals(table).columns and table.name != SEALING.name]


def reseal(engine: Engine, tables: Sequence[Table], tell: Tell) -> Counter[str]:
    """Seal everything in these tables under the newest key, each value bound to its place.

    Returns: how many rows do not open, by table; they are left as they are.
    """
    unopened: Counter[str] = Counter()
    for table in tables:
        done, to_do = 0, _to_do(engine, table)
        for _ in range(ROUNDS):
            sealed, unopened[table.name] = _round(engine, table, lambda n: tell(table.name, done + n, to_do))  # noqa: B023
            done += sealed
            if _to_do(engine, table) <= unopened[table.name]:
                break
            time.sleep(PAUSE)
    return +unopened


def sealed_by_key(engine: Engine, tables: Sequence[Table]) -> Counter[str]:
    """How many values lie sealed, by the number of their key; `unbound`: as the version before sealed them."""
    found: Counter[str] = Counter()
    with engine.connect() as connection:
        for table in tables:
            for name in seals(table).columns:
                query = text(
                    f"""
                    SELECT CASE WHEN substring({name} FROM 1 FOR 2) <> :bound THEN '{UNBOUND}'
                        WHEN octet_length({name}) > 2 THEN get_byte({name}, 2)::text ELSE 'cut' END, count(*)
                    FROM {table.name} WHERE {name} IS NOT NULL GROUP BY 1"""
                )
                found.update({under: number for under, number in connection.execute(query, {"bound": BOUND})})
    return found


def _mark() -> bytes:
    return BOUND + bytes([ring().newest])


def _is_old(sealed: Seals) -> str:
    """SQL for: one of a row's values does not lie as it would be sealed now."""
    return " OR ".join(f"substring({name} FROM 1 FOR 3) <> :mark" for name in sealed.columns)


def _to_do(engine: Engine, table: Table) -> int:
    with engine.connect() as connection:
        query = text(f"SELECT count(*) FROM {table.name} WHERE {_is_old(seals(table))}")
        return int(connection.execute(query, {"mark": _mark()}).scalar_one())


def _round(engine: Engine, table: Table, tell: Callable[[int], None]) -> tuple[int, int]:
    """Once through the table; gives how many rows were sealed anew, and how many do not open."""
    after: Row[Any] | None = None
    done = unopened = 0
    while True:
        with engine.begin() as connection:
            rows = _portion(connection, table, after)
            sealed = [row for row in map(_anew(table), rows) if row]
            _write_rows(connection, table, sealed)
        done, unopened = done + len(sealed), unopened + len(rows) - len(sealed)
        if sealed:
            tell(done)
        if len(rows) < PORTION:
            return done, unopened
        after = rows[-1]


def _portion(connection: Connection, table: Table, after: Row[Any] | None) -> Sequence[Row[Any]]:
    """The next rows that are to be sealed anew and that nobody holds: we never wait for anyone."""
    sealed = seals(table)
    key = ", ".join(sealed.row)
    hashes = {column.hashed_in for column in sealed.columns.values() if column.hashed_in}
    names = ", ".join([*sealed.row, *sorted(hashes - set(sealed.row)), *sealed.columns])
    beyond = f"({key}) > ({', '.join(f':after_{name}' for name in sealed.row)}) AND" if after else ""
    query = text(
        f"SELECT {names} FROM {table.name} WHERE {beyond} ({_is_old(sealed)})"
        f" ORDER BY {key} LIMIT {PORTION} FOR UPDATE SKIP LOCKED"
    )
    given = {f"after_{name}": getattr(after, name) for name in sealed.row} if after else {}
    return connection.execute(query, given | {"mark": _mark()}).all()


def _anew(table: Table) -> Callable[[Row[Any]], dict[str, Any] | None]:
    """Gives what of a row is to be written: as it lies (`old_…`) and as it shall lie; None: it does not open."""
    sealed = seals(table)

    def anew(found: Row[Any]) -> dict[str, Any] | None:
        row: dict[str, Any] = dict(found._mapping)
        old = {f"old_{name}": row[name] for name in sealed.columns}
        try:
            sealed.open(row)
        except DoesNotOpen as error:
            log.error("does_not_open", reason=error.reason, where=error.where)
            return None
        sealed.seal(row, list(sealed.columns), row)
        return {name: row[name] for name in (*sealed.row, *sealed.columns)} | old

    return anew


def _write_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Each row, where it is still as it was read."""
    sealed = seals(table)
    moves = ", ".join(f"{name} = :{name}" for name in sealed.columns)
    same = [f"{name} = :{name}" for name in sealed.row]
    same += [f"{name} IS NOT DISTINCT FROM :old_{name}" for name in sealed.columns]
    if rows:
        connection.execute(text(f"UPDATE {table.name} SET {moves} WHERE {' AND '.join(same)}"), list(rows))
