"""`vaxel rotate-key` and `vaxel reseal`: a new key for the personal columns, and all that is stored under it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from sqlalchemy import Table
from sqlmodel import SQLModel

from engine import reseal as sealer
from engine import sealing
from engine.database import engine, transaction
from engine.settings import settings
from models.encryption import ring

err = Console(stderr=True)
ONCE = timedelta(hours=1)


def rotate_key() -> None:
    """Make one more key for the personal columns; it seals from the next start on, the older ones still open."""
    if settings().column_keys:
        _fail("The keys are given by VAXEL_COLUMN_KEYS: add one there, with the next number.")
    number = settings().add_column_key()
    sys.stdout.write(
        f"column_key_{number} is made. Restart the gateway and the workers, then `vaxel reseal`.\n"
    )


def reseal(
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
    unbound: Annotated[
        bool,
        typer.Option(
            "--unbound", help="Also what a version before 0.4 has sealed and the week after an upgrade left."
        ),
    ] = False,
) -> None:
    """Seal everything stored under the newest key; may be broken off and run again, also beside what runs.

    Tells how many values are left under which key number. Exits 1 while some are left, or do not open.
    """
    tables = _tables()
    _check(unbound)
    unopened = sealer.reseal(engine(), tables, (lambda *_: None) if as_json else _tell)
    left = sealer.standing(engine(), tables)
    newest = str(max(ring().keys))
    _forget({under for under in _noted() if under not in left and under != newest})
    older = {under: number for under, number in sorted(left.items()) if under != newest}
    if as_json:
        told = {"newest": int(newest), "sealed": left[newest], "left": older, "do_not_open": dict(unopened)}
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    else:
        _say(newest, left[newest], older, unopened)
    raise typer.Exit(1 if older or unopened else 0)


def _tables() -> Sequence[Table]:
    from flows import registry

    assert registry.PROCESSES  # with them come all tables
    return sealer.sealed_tables(SQLModel.metadata.sorted_tables)


def _check(unbound: bool) -> None:
    try:
        engine()
        if unbound:
            with transaction() as connection:
                sealing.open_unbound(connection, ONCE)
        sealing.check_keys()
    except sealing.WrongKeys as error:
        _fail(str(error))


def _noted() -> set[str]:
    """Key numbers that something may lie under, and `unbound`, as it is noted."""
    with transaction() as connection:
        names = sealing.noted(connection)
    return {"unbound" if name == sealing.UNBOUND_UNTIL else name.removeprefix("key ") for name in names}


def _forget(gone: set[str]) -> None:
    with transaction() as connection:
        for under in gone:
            sealing.forget(connection, sealing.UNBOUND_UNTIL if under == "unbound" else f"key {under}")


def _tell(table: str, done: int, of: int) -> None:
    if of:
        err.print(f"  {table}: {done} of {of}", highlight=False)


def _say(newest: str, sealed: int, older: dict[str, int], unopened: dict[str, int]) -> None:
    say = sys.stdout.write
    say(f"{sealed} values lie under key {newest}.\n")
    for under, number in older.items():
        say(f"{number} are left {'bound to no place' if under == 'unbound' else f'under key {under}'}.\n")
    for table, number in unopened.items():
        say(f"{number} rows of {table} do not open: see the log, and docs/security.md.\n")
    if not older and not unopened:
        say("Nothing is left under an older key: it can be taken off, once no backup needs it.\n")


def _fail(why: str) -> NoReturn:
    err.print(why, style="red", highlight=False, markup=False)
    raise typer.Exit(1)
