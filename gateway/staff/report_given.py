"""The follow-up as data: JSON and CSV, written a group at a time; nothing is in them that the page does not show."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from routine.follow_up_period import Period, week_name
from routine.follow_up_text import heading_of, words_for
from routine.masking import Figure
from tasks.follow_up.report import Row, Section, Summed

COLUMNS = ("week", "unit", "group", "clause", "measure", "reason", "number")
OF_REGION, UNKNOWN = "region", "unknown"
"""In the place of a unit."""


@dataclass(frozen=True)
class Asked:
    """What a report is of.

    Args:
        unit: HSA-id; None: the region.
    """

    period: Period
    unit: str | None
    summed: Summed


def as_json(asked: Asked, sections: Iterable[Section]) -> Iterator[str]:
    """One JSON object, in pieces: what it is of, then its groups."""
    head = {
        "from": _iso(asked.period.first),
        "to": _iso(asked.period.last),
        "unit": asked.unit,
        "weeks": [week_name(week) for week in asked.period.weeks],
        "shown_until": _iso(asked.summed.until),
    }
    yield json.dumps(head)[:-1] + ', "groups": ['
    for at, section in enumerate(sections):
        yield (", " if at else "") + json.dumps(_group(section), ensure_ascii=False)
    yield "]}\n"


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None


def _group(section: Section) -> dict[str, Any]:
    said = {"group": section.group, "heading": heading_of(section.group, "sv"), "total": given(section.total)}
    return said | {"measures": [_measure(row) for row in section.rows]}


def _measure(row: Row) -> dict[str, Any]:
    return {
        "measure": row.cell.measure,
        "reason": row.cell.reason,
        "says": words_for(row.cell, "sv"),
        "clauses": row.measure.clauses,
        "of": "region" if row.of_region else "unit",
        "total": given(row.total),
        "weeks": {week_name(week): given(figure) for week, figure in row.weeks.items()},
    }


def given(figure: Figure) -> int | str:
    """A number, or how it is shown where something of it is hidden."""
    return figure.at_least if figure.is_exact else str(figure)


def as_csv(parts: Iterable[tuple[str | None, Section]]) -> Iterator[str]:
    """A line for each figure that is not 0 (RFC 4180), in pieces.

    Args:
        parts: groups, each of a unit (None: of the region).
    """
    yield _csv([COLUMNS])
    for unit, section in parts:
        yield _csv(list(_lines(unit, section)))


def _lines(unit: str | None, section: Section) -> Iterator[Sequence[str]]:
    for row in section.rows:
        if unit is not None and row.of_region:
            continue  # it stands in the part of the region
        where = OF_REGION if unit is None else unit or UNKNOWN
        about = (where, section.group, row.measure.clauses[0], row.cell.measure, row.cell.reason)
        for week, figure in row.weeks.items():
            if figure.at_most:
                yield week_name(week), *about, str(figure)


def _csv(lines: Sequence[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(lines)
    return written.getvalue()
