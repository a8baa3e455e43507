"""The follow-up as a page: a picture and a table for each group of measures, sent as they are made.

`vaxel report --html` writes the same page to a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from gateway.staff.asked import REPORT
from gateway.staff.pages import PAGES
from gateway.staff.plots import bars
from gateway.staff.report_given import Asked
from gateway.staff.report_words import IN_LANGUAGE, ReportWords
from routine.follow_up_period import week_name
from routine.follow_up_text import Language, heading_of, words_for
from routine.masking import Figure
from tasks.follow_up.report import Row, Section

MOST_DEPARTURES, MOST_COLUMNS = 20, 6


@dataclass(frozen=True)
class ShownTable:
    """A table of a few columns, so that it is whole on paper.

    Args:
        name: for whoever does not see it.
        lines: what a week is called, and the figures of each column.
    """

    name: str
    columns: Sequence[str]
    totals: Sequence[Figure]
    lines: Sequence[tuple[str, Sequence[Figure]]]


@dataclass(frozen=True)
class ShownSection:
    """A group as its page has it.

    Args:
        none_of: what was not counted at all in the time.
    """

    name: str
    heading: str
    of_region: bool
    clauses: Sequence[str]
    picture: Markup | None
    tables: Sequence[ShownTable]
    none_of: str


@dataclass(frozen=True)
class Departure:
    """So many answers, or the like, that departed from the routine in a week, of one code."""

    week: str
    what: str
    number: Figure


def shown_sections(sections: Iterable[Section], language: Language) -> Iterator[ShownSection]:
    """Each as its page has it, when its turn comes."""
    for section in sections:
        yield shown_section(section, language)


def shown_section(section: Section, language: Language) -> ShownSection:
    """A group as its page has it: a column for whatever was counted at all."""
    words = IN_LANGUAGE[language]
    heading = heading_of(section.group, language)
    rows = [row for row in section.rows if row.total.at_most]
    weeks = list(section.rows[0].weeks)
    return ShownSection(
        name=section.group,
        heading=heading,
        of_region=all(row.of_region for row in section.rows),
        clauses=list(dict.fromkeys(clause for row in section.rows for clause in row.measure.clauses)),
        picture=_picture(section, weeks, heading, words) if rows else None,
        tables=list(_tables(rows, weeks, words.weeks.format(what=heading), language)),
        none_of="; ".join(words_for(row.cell, language) for row in section.rows if row not in rows),
    )


def _tables(
    rows: Sequence[Row], weeks: Sequence[date], name: str, language: Language
) -> Iterator[ShownTable]:
    parts = [rows[at : at + MOST_COLUMNS] for at in range(0, len(rows), MOST_COLUMNS)]
    for number, part in enumerate(parts, 1):
        yield ShownTable(
            name=name if len(parts) == 1 else f"{name} ({number}/{len(parts)})",
            columns=[words_for(row.cell, language) for row in part],
            totals=[row.total for row in part],
            lines=[(week_name(week), [row.weeks[week] for row in part]) for week in weeks],
        )


def _picture(section: Section, weeks: Sequence[date], heading: str, words: ReportWords) -> Markup:
    names = [words.week_short.format(week=week.isocalendar().week) for week in weeks]
    return bars(words.picture.format(what=heading), names, [section.week(week) for week in weeks])


def latest_departures(sections: Sequence[Section], language: Language) -> list[Departure]:
    """What departed from the routine, the newest week first."""
    rows = [row for section in sections for row in section.rows if row.measure.departs]
    return list(islice(_departures(rows, language), MOST_DEPARTURES))


def _departures(rows: Sequence[Row], language: Language) -> Iterator[Departure]:
    weeks = list(rows[0].weeks) if rows else []
    for week in reversed(weeks):
        for row in rows:
            if row.weeks[week].at_most:
                yield Departure(week_name(week), words_for(row.cell, language), row.weeks[week])


def around(asked: Asked, words: ReportWords, own_unit: str | None, lang: str = "") -> dict[str, Any]:
    """What a page of the follow-up has around its groups.

    Args:
        own_unit: that may be chosen; None: none.
        lang: that was asked for, which its links keep; "": none.
    """
    period = asked.period
    newest = week_name(period.weeks[-1]) if period.weeks else None
    given = {"from": period.first, "to": period.last, "unit": asked.unit, "lang": lang}
    chosen = urlencode({name: value for name, value in given.items() if value})
    return {
        "r": words,
        "period": period,
        "unit": asked.unit,
        "own_unit": own_unit,
        "newest": newest,
        "here": REPORT,
        "chosen": chosen,
        "lang_code": lang,
    }


def as_file(asked: Asked, sections: Iterable[Section], language: Language) -> Iterator[str]:
    """The whole page, as a file of its own: nobody is logged in, and nothing leads anywhere."""
    words = IN_LANGUAGE[language]
    given = around(asked, words, None) | {"sections": shown_sections(sections, language)}
    stream = PAGES.get_template("report_file.html").stream(given)
    stream.enable_buffering(40)
    yield from stream
