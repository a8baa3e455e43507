"""What a command prints, all of it: what others have sent us shows as text, and is never obeyed by a terminal.

No other module prints (a test sees to that).
"""

from __future__ import annotations

import csv
import io
import json
import os
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from models.times import for_people

_out, _err = Console(highlight=False), Console(stderr=True, highlight=False)
GAP = "  "
MOMENTS = frozenset({"at", "due_at", "updated_at", "seen_at", "written_at", "refused_at"})
"""Columns with moments, as datetimes or in ISO 8601; JSON has them in that."""
FORMULA = ("=", "+", "-", "@")
Rows = Sequence[Mapping[str, Any]]


def plain(what: object) -> str:
    """As one line of text: an escape code, a line break, a mark that turns the direction of reading is spelt out."""
    text = "" if what is None else str(what)
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def say(line: object, *, style: str = "") -> None:
    """One line."""
    _line(_out, line, style)


def warn(line: object) -> None:
    """One line that tells of something wrong."""
    _line(_err, line, "red")


def fail(*lines: object) -> NoReturn:
    """Say why the command can't go on, and end it with 1."""
    for line in lines:
        warn(line)
    raise typer.Exit(1)


def show(rows: Rows, names: Sequence[str], as_json: bool = False) -> None:
    """Rows as a table, or each as a paragraph where the terminal, or `COLUMNS`, is too narrow for it; or as JSON."""
    if as_json:
        show_json(rows)
        return
    lines = [[plain(_moment(row[name]) if name in MOMENTS else row[name]) for name in names] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(names, *lines, strict=True)]
    most = _width()
    is_narrow = most is not None and sum(widths) + len(GAP) * (len(names) - 1) > most
    if not rows:
        say("Nothing.")
    elif is_narrow:
        for line in lines:
            _paragraph(dict(zip(names, line, strict=True)), most or _out.width)
    else:
        say(_padded(names, widths), style="bold")
        for line in lines:
            say(_padded(line, widths))


def _moment(given: datetime | str | None) -> str | None:
    at = datetime.fromisoformat(given) if isinstance(given, str) else given
    return for_people(at) if at else None


def show_csv(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> None:
    """As CSV (RFC 4180), a row as it comes; what a spreadsheet would calculate gets an apostrophe ahead, which makes
    it text."""
    say(_csv_line(names))
    for row in rows:
        say(_csv_line([_text(plain(row[name])) for name in names]))


def _csv_line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue()


def _text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def show_json(what: Any) -> None:
    """As JSON, for a program to read; on a terminal it is as harmless as the rest."""
    for line in json.dumps(what, default=_as_text, ensure_ascii=False, indent=2).split("\n"):
        say("".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in line))


def show_json_list(
    head: Mapping[str, Any], name: str, items: Iterable[Any], tail: Callable[[], Mapping[str, Any]]
) -> None:
    """One JSON object that is too long to be held: some fields, a list whose items come one by one, and the fields
    that are known at its end."""
    say("{" + "".join(f"{_json(key)}: {_json(value)}, " for key, value in head.items()) + f"{_json(name)}: [")
    before = ""
    for item in items:
        if before:
            say(f"{before},")
        before = _json(item)
    say(before)
    say("]" + "".join(f", {_json(key)}: {_json(value)}" for key, value in tail().items()) + "}")


def _json(what: Any) -> str:
    """On one line, as harmless on a terminal as the rest."""
    return "".join(
        each if each.isprintable() else json.dumps(each)[1:-1]
        for each in json.dumps(what, default=_as_text, ensure_ascii=False)
    )


def _as_text(what: object) -> str:
    return what.isoformat() if isinstance(what, datetime) else str(what)


def pour(pieces: Iterable[str]) -> None:
    """What is to be a file, as it is: only of our own words and figures, of which nothing is another's."""
    for piece in pieces:
        _out.file.write(piece)


def console() -> Console:
    """For what moves, and is ours alone."""
    return _out


def _line(to: Console, line: object, style: str) -> None:
    to.print(Text(plain(line), style=style), soft_wrap=True)


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True))
    return GAP.join(padded).rstrip()


def _width() -> int | None:
    """Columns that there are; None: nobody says, as in a file."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > len(GAP):
        return int(given)
    return _out.width if _out.is_terminal else None


def _paragraph(row: Mapping[str, str], width: int) -> None:
    """The first value on a line of its own; the others, named, on as few as they need."""
    first, *others = row.items()
    say(first[1], style="bold")
    told = GAP.join(f"{name}\0{value}" for name, value in others if value)
    for line in textwrap.wrap(told, width - len(GAP), break_long_words=False, break_on_hyphens=False):
        say(GAP + line.replace("\0", " "))
