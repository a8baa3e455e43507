"""The report: what is shown of the sums of days, for the region or for one unit (uppfoljning-1).

One group of measures is read at a time, so that a year of every unit is given out as it is read. What is not shown is
masked before anything else is worked out (`routine.masking`); nothing that leaves this module has a hidden number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Date, DateTime, cast, func, select
from sqlmodel import col

from engine.base.database import among, transaction
from models.follow_up import DaySum, SummedDay
from routine.follow_up import BY_CODE, BY_STAFF, MEASURES, Cell, Group, Measure, cells_of
from routine.follow_up_period import Period, period_of
from routine.masking import NONE, Figure, figure, part_of, together

REGION, PART = "", "handed_over_by_hand"
"""As a unit: what is counted for the region as a whole. And the measure that is a part of what others count."""
ByWeek = Mapping[date, Figure]
Shown = Mapping[Cell, ByWeek]


@dataclass(frozen=True)
class Summed:
    """Which days there are sums of.

    Args:
        since: the first day; None: none yet.
        until: the last day that does not change any more; None: there is none.
        at: when the newest was summed; None: never.
    """

    since: date | None
    until: date | None
    at: datetime | None


@dataclass(frozen=True)
class Row:
    """What is shown of one cell.

    Args:
        of_region: it is of the region also in a unit's report.
        weeks: by Monday, as many as the period has.
    """

    cell: Cell
    of_region: bool
    weeks: ByWeek

    @property
    def measure(self) -> Measure:
        """What is counted."""
        return BY_CODE[self.cell.measure]

    @property
    def total(self) -> Figure:
        """Of all weeks, from what is shown of each."""
        return together(self.weeks.values())


@dataclass(frozen=True)
class Section:
    """A group of measures, read together."""

    group: Group
    rows: Sequence[Row]

    def week(self, monday: date) -> Figure:
        """All that was counted in a week."""
        return together(row.weeks[monday] for row in self.rows)

    @property
    def total(self) -> Figure:
        """All that was counted."""
        return together(row.total for row in self.rows)


def days_summed() -> Summed:
    """Which days there are sums of."""
    closed = func.max(col(SummedDay.day)).filter(col(SummedDay.closed))
    query = select(func.min(col(SummedDay.day)), closed, func.max(col(SummedDay.summed_at)))
    with transaction() as connection:
        since, until, at = connection.execute(query).one()
    return Summed(since, until, at)


def period_shown(first: date | None, last: date | None, summed: Summed) -> Period:
    """The weeks of a report, as `routine.follow_up_period.period_of` has them.

    Raises:
        WrongPeriod: it is not one.
    """
    return period_of(first, last, summed.since, summed.until)


def sections(period: Period, unit: str | None, measures: Sequence[Measure] = MEASURES) -> Iterator[Section]:
    """Measures in their groups, each group read when its turn comes.

    Args:
        unit: whose figures; None: of the region, from what is shown of each unit.
    """
    for group in Group:
        some = [each for each in measures if each.group is group]
        if some:
            yield _section(group, some, period, unit)


def _section(group: Group, measures: Sequence[Measure], period: Period, unit: str | None) -> Section:
    with transaction() as connection:
        return Section(group, rows_of(connection, measures, period, unit))


def rows_of(
    connection: Connection, measures: Sequence[Measure], period: Period, unit: str | None
) -> list[Row]:
    """What is shown of some measures."""
    at_units = [each for each in measures if not each.of_region]
    shown = _by_cell(connection, at_units, period, unit)
    of_region = [each for each in measures if each.of_region]
    shown |= _of_region(connection, of_region, period)
    return _rows(measures, shown, period)


def _rows(measures: Sequence[Measure], shown: Shown, period: Period) -> list[Row]:
    nowhere: ByWeek = {}
    return [
        Row(
            cell,
            BY_CODE[cell.measure].of_region,
            {week: shown.get(cell, nowhere).get(week, NONE) for week in period.weeks},
        )
        for cell in cells_of(measures)
    ]


def units_sections(period: Period, measures: Sequence[Measure] = MEASURES) -> Iterator[tuple[str, Section]]:
    """As `sections`, of every unit of which anything was counted, by HSA-id: a group of all units, then the next."""
    for group in Group:
        some = [each for each in measures if each.group is group and not each.of_region]
        yield from _units_sections(group, some, period)


def _units_sections(
    group: Group, measures: Sequence[Measure], period: Period
) -> Iterator[tuple[str, Section]]:
    units: dict[str, dict[Cell, dict[date, Figure]]] = defaultdict(lambda: defaultdict(dict))
    with transaction() as connection:
        for cell, unit, week, number in _base(connection, measures, period, None):
            units[unit][cell][week] = figure(number)
    for unit, shown in sorted(units.items()):
        yield unit, Section(group, _rows(measures, shown, period))


# --- masked as it is read


def _by_cell(
    connection: Connection, measures: Sequence[Measure], period: Period, unit: str | None
) -> dict[Cell, dict[date, Figure]]:
    shown: dict[Cell, dict[date, Figure]] = defaultdict(dict)
    for cell, _, week, number in _base(connection, measures, period, unit):
        weeks = shown[cell]
        weeks[week] = weeks.get(week, NONE) + figure(number)
    return shown


def _of_region(
    connection: Connection, measures: Sequence[Measure], period: Period
) -> dict[Cell, dict[date, Figure]]:
    shown: dict[Cell, dict[date, Figure]] = defaultdict(dict)
    has_part = any(each.code == PART for each in measures)
    handed = _handed_over(connection, period) if has_part else {}
    for cell, _, week, number in _base(connection, measures, period, REGION):
        is_part = cell.measure == PART
        shown[cell][week] = part_of(number, handed.get(week, NONE)) if is_part else figure(number)
    return shown


def _handed_over(connection: Connection, period: Period) -> dict[date, Figure]:
    """All that is shown of what was handed over to staff, by week."""
    weeks: dict[date, Figure] = {}
    for _, _, week, number in _base(connection, [BY_CODE[code] for code in BY_STAFF], period, REGION):
        weeks[week] = weeks.get(week, NONE) + figure(number)
    return weeks


def _base(
    connection: Connection, measures: Sequence[Measure], period: Period, unit: str | None
) -> Iterator[tuple[Cell, str, date, int]]:
    """Each base figure as it is, not masked yet: of a measure, at a unit, in a week."""
    if not measures or not period.weeks:
        return
    week = cast(func.date_trunc("week", cast(col(DaySum.day), DateTime)), Date).label("week")
    by = (col(DaySum.measure), col(DaySum.reason), col(DaySum.unit))
    query = (
        select(*by, week, func.sum(col(DaySum.number)))
        .where(among(col(DaySum.measure), [each.code for each in measures]), _in(period))
        .group_by(*by, "week")
    )
    if unit is not None:
        query = query.where(col(DaySum.unit) == unit)
    cells: dict[tuple[str, str], Cell] = {}
    for measure, reason, where, monday, number in connection.execute(query):
        cell = cells.get((measure, reason)) or cells.setdefault((measure, reason), Cell(measure, reason))
        yield cell, where, monday, int(number)


def _in(period: Period) -> ColumnElement[bool]:
    return col(DaySum.day).between(period.first, period.last)
