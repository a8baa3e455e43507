"""`vaxel rotate-key` and `vaxel reseal`: a new key for the personal columns, and all that is stored under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from sqlalchemy import Table

from cli.terminal import fail, say, show_json
from engine.base import sealing
from engine.base.database import engine, transaction
from engine.base.settings import settings
from engine.ops import reseal as sealer
from models.encryption import ring
from models.tables import all_tables

ONCE = timedelta(hours=1)
TOLD_EVERY = 10_000


def rotate_key(
    take_off: Annotated[
        int | None, typer.Option(help="Instead: take this key off, for good, once nothing lies under it.")
    ] = None,
) -> None:
    """Make one more key for the personal columns; it seals from the next start on, the older ones still open."""
    if settings().column_keys:
        fail(
            "The keys are given by VAXEL_COLUMN_KEYS: add one there, with the next number, or take one away."
        )
    if take_off is not None:
        _take_off(take_off)
        return
    number = settings().add_column_key()
    say(f"column_key_{number} is made. Restart the gateway and the workers, then `vaxel reseal`.")


def _take_off(number: int) -> None:
    tables = _tables()
    _check(unbound=False)
    if number == ring().newest:
        fail("It is the newest: it seals.")
    under = sealer.sealed_by_key(engine(), tables)
    if left := under[str(number)] + under[sealer.UNBOUND]:
        fail(f"{left} values may lie under it: `vaxel reseal`.")
    if not settings().take_off_column_key(number):
        fail("There is no such key.")
    say(f"column_key_{number} is gone. A backup from before `vaxel reseal` no longer opens without it.")


def reseal(
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
    unbound: Annotated[
        bool,
        typer.Option(
            "--unbound",
            help="Also what the version before sealed, bound to no place, after its week is over.",
        ),
    ] = False,
) -> None:
    """Seal everything stored under the newest key; may be broken off and run again, also beside what runs.

    Tells how many values are left under which key number. Exits 1 while some are left, or do not open.
    """
    tables = _tables()
    _check(unbound)
    unopened = sealer.reseal(engine(), tables, _quiet if as_json else _tell_progress)
    under = sealer.sealed_by_key(engine(), tables)
    newest = str(ring().newest)
    sealed = under.pop(newest, 0)
    _forget(_noted() - {newest, *under})
    if as_json:
        told = {"newest": int(newest), "sealed": sealed, "left": dict(under), "do_not_open": dict(unopened)}
        show_json(told)
    else:
        _say(newest, sealed, under, unopened)
    raise typer.Exit(1 if under or unopened else 0)


def _tables() -> Sequence[Table]:
    return sealer.sealed_tables(all_tables())


def _check(unbound: bool) -> None:
    try:
        engine()
        if unbound:
            with transaction() as connection:
                sealing.open_unbound(connection, datetime.now(UTC) + ONCE)
        sealing.check_keys()
    except sealing.WrongKeys as error:
        fail(str(error))


def _noted() -> set[str]:
    """Key numbers that something may lie under, and `unbound`, as it is noted."""
    with transaction() as connection:
        names = sealing.noted(connection)
    return {"unbound" if name == sealing.UNBOUND_UNTIL else name.removeprefix("key ") for name in names}


def _forget(gone: set[str]) -> None:
    with transaction() as connection:
        if until := ring().unbound_until:
            sealing.open_unbound(connection, until)  # that too lies under the newest key
        for under in gone:
            sealing.forget(connection, sealing.UNBOUND_UNTIL if under == "unbound" else f"key {under}")


def _tell_progress(table: str, done: int, of: int) -> None:
    if of and (done >= of or done % TOLD_EVERY < sealer.PORTION):
        say(f"  {table}: {done} of {of}", style="dim")


def _quiet(_table: str, _done: int, _of: int) -> None:
    """A program reads."""


def _say(newest: str, sealed: int, older: Mapping[str, int], unopened: Mapping[str, int]) -> None:
    say(f"{sealed} values lie under key {newest}.")
    for under, number in sorted(older.items()):
        say(f"{number} are left {'bound to no place' if under == 'unbound' else f'under key {under}'}.")
    for table, number in unopened.items():
        say(f"{number} rows of {table} do not open: see the log, and docs/security.md.")
    if not older and not unopened:
        say("Nothing is left under an older key: it can be taken off, once no backup needs it.")
