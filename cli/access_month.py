"""`vaxel access --month`: what the access log grew by in a month, to be kept; checked as it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from cli.access_rows import NAMES, access_row, on_one_line
from cli.looking import looker
from cli.terminal import fail, say, show_csv, show_json_list, warn
from engine.base import clock
from engine.base.database import transaction
from engine.ops.access_log import Access, Act, write
from engine.ops.access_log_month import Extract, entries_between
from models.times import STOCKHOLM

MONTH = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])")
COLUMNS = ["number", "id", *NAMES]


def extract(given: str, why: str, *, as_json: bool, as_csv: bool) -> int:
    """Show a month's entries, or without a form how many there are; gives the command's exit code.

    Who asks stands in the log first.
    """
    since, until = span_of(given)
    with transaction() as connection:
        by = Access(who=looker(), act=Act.SEARCH, process="access_log", why=f"{given}: {why}")
        write(connection, [by], clock.now())
    found = Extract()
    rows = _rows(since, until, found)
    if as_json:
        show_json_list({"month": given}, "entries", rows, lambda: _facts(found))
    elif as_csv:
        show_csv((on_one_line(row) for row in rows), COLUMNS)
    else:
        for _ in rows:
            pass
        say(f"{found.entries} entries. --json or --csv shows them.")
    tell = warn if as_json or as_csv else say
    tell(f"It begins {found.begins} and ends {found.ends}")
    if until > clock.now():
        warn("The month is not over: the next extract does not begin where this one ends.")
    return _exit_code(found)


def span_of(month: str) -> tuple[datetime, datetime]:
    """From its first midnight in Sweden to that of the next; fails with a sentence where it is none."""
    parts = MONTH.fullmatch(month)
    if parts is None:
        fail("--month has to be a month, 2026-11.")
    year, number = int(parts[1]), int(parts[2])
    then = (year + 1, 1) if number == 12 else (year, number + 1)
    return datetime(year, number, 1, tzinfo=STOCKHOLM), datetime(*then, 1, tzinfo=STOCKHOLM)


def _rows(since: datetime, until: datetime, found: Extract) -> Iterator[dict[str, Any]]:
    for entry in entries_between(since, until, found):
        yield {"number": entry.number, "id": entry.id} | access_row(entry)


def _facts(found: Extract) -> dict[str, Any]:
    return {
        "begins": found.begins,
        "ends": found.ends,
        "count": found.entries,
        "broken": found.broken,
        "is_cut": found.is_cut,
    }


def _exit_code(found: Extract) -> int:
    for number in found.broken:
        warn(f"Entry {number} is not as it was written, or those before it are gone.")
    if found.is_cut:
        warn("The log's end is cut off, or was changed.")
    return 1 if found.broken or found.is_cut else 0
