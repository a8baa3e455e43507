"""`vaxel report`: how the routine is followed, by clause, unit and week. Numbers only, of no person."""

from __future__ import annotations

from itertools import chain
from typing import Annotated, Literal

import typer

from cli.terminal import fail, pour, say, show
from models.identity import is_hsa_id

Format = Literal["table", "json", "csv", "html"]


def report(
    since: Annotated[str | None, typer.Option("--from", help="The week of this date, and later.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="To the week of this date.")] = None,
    unit: Annotated[
        str | None, typer.Option(help="HSA-id; left out: the region, and in CSV every unit too.")
    ] = None,
    english: Annotated[bool, typer.Option("--english", help="In English instead of Swedish.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="A page to print: `> report.html`.")] = False,
) -> None:
    """Report how the routine is followed, week by week: only weeks that do not change any more.

    Left out, the dates are the newest 12 weeks. A number under 5 is shown as <5, and never told.
    """
    if as_json + as_csv + as_html > 1:
        fail("Choose one of --json, --csv and --html.")
    if unit is not None and not is_hsa_id(unit):
        fail("--unit has to be an HSA-id, such as SE2321000115-E000000000001.")
    unit = unit and unit.upper()
    chosen: Format = "json" if as_json else "csv" if as_csv else "html" if as_html else "table"
    _report(since, until, unit, chosen, "en" if english else "sv")


def _report(
    since: str | None, until: str | None, unit: str | None, chosen: Format, language: Literal["sv", "en"]
) -> None:
    from gateway.staff.report_given import Asked, as_csv, as_json
    from gateway.staff.report_pages import as_file
    from gateway.staff.report_words import DETAILS, IN_LANGUAGE
    from routine.follow_up_period import WrongPeriod, day_given
    from routine.follow_up_text import words_for
    from tasks.follow_up.report import days_summed, period_shown, sections, units_sections

    summed = days_summed()
    try:
        period = period_shown(day_given(since, "from"), day_given(until, "to"), summed)
    except WrongPeriod as error:
        fail(f"--{error.name} {DETAILS[error.wrong].replace('`to`', '--to')}")
    asked, found = Asked(period, unit, summed), sections(period, unit)
    if chosen == "json":
        pour(as_json(asked, found))
    elif chosen == "html":
        pour(as_file(asked, found, language))
    elif chosen == "csv":
        of_units = iter(()) if unit else units_sections(period)
        pour(as_csv(chain(((unit, each) for each in found), of_units)))
    elif not period.weeks:
        say(IN_LANGUAGE[language].nothing_yet)
    else:
        say(f"{unit or IN_LANGUAGE[language].region}, {period.first} – {period.last}")
        rows = [row for section in found for row in section.rows if row.total.at_most]
        show(
            [
                {"clause": row.measure.clauses[0], "what": words_for(row.cell, language), "number": row.total}
                for row in rows
            ],
            ["clause", "what", "number"],
        )
