"""`vaxel what-if`: what would have been decided under other figures, from what was known then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import AsJson, day_given
from cli.terminal import fail, say, show, show_csv, show_json

TOLD_EVERY = 50_000
NAMES = ["clause", "unit", "rule", "was", "would_be", "count", "cases"]


def what_if(
    region_files: Annotated[
        list[Path],
        typer.Option(help="The region file to decide by; given several times, the later over the earlier."),
    ],
    since: Annotated[
        date, typer.Option("--from", parser=day_given, metavar="DAY", help="The first day, in Sweden.")
    ],
    until: Annotated[
        date, typer.Option("--to", parser=day_given, metavar="DAY", help="The day after the last one.")
    ],
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False,
) -> None:
    """Decide everything of a time anew under another region file, and tell what would differ. Nothing is sent.

    By clause and unit, from what to what, how many, and some of the cases. Ends with 1 if a file or a day is wrong,
    or nothing was decided then.
    """
    from models.times import STOCKHOLM
    from routine.region_file import RegionError, load_region
    from tasks.what_if import differ

    if since >= until:
        fail(f"--from {since} is not before --to {until}.")
    try:
        region = load_region(region_files)
        first, end = (datetime.combine(day, time(), STOCKHOLM).astimezone(UTC) for day in (since, until))
        found = differ.would_differ(region, first, end, _quiet if as_json or as_csv else _tell_progress)
    except RegionError as error:
        fail(str(error))
    except differ.NoDecisions:
        fail(f"Nothing is kept of what was decided from {since} until before {until}.")
    told = found.as_json()
    if as_json:
        show_json({"from": since.isoformat(), "to": until.isoformat()} | told)
    elif as_csv:
        show_csv([_in_columns(line) for line in told["differences"]], NAMES)
    else:
        _say(told)


def _say(told: Mapping[str, Any]) -> None:
    say(f"{told['decided']} decisions: {told['differ']} would differ.")
    for each in told["done"]:
        say(f"  {each['rule']}: {each['more']} more, {each['fewer']} fewer")
    if told["by_later_facts"]:
        say(f"{told['by_later_facts']} by what was known only later: nothing was kept of them before.")
    for each in told["not_decidable"]:
        say(f"{each['count']} of {each['rule']} cannot be decided anew: {each['why']}")
    if told["differences"]:
        show([_in_columns(line) for line in told["differences"]], NAMES)


def _in_columns(line: Mapping[str, Any]) -> dict[str, Any]:
    """A difference as one line of a table."""
    was, would = line["was"], line["would_be"]
    return {
        "clause": line["clause"],
        "unit": line["unit"],
        "rule": line["rule"],
        "was": f"{was['answer']} {was['reason']}".strip(),
        "would_be": f"{would['answer']} {would['reason']} {would['clause']}".strip(),
        "count": line["count"],
        "cases": " ".join(line["cases"]),
    }


def _tell_progress(read: int, of: int) -> None:
    if read == of or read % TOLD_EVERY < 1000:
        say(f"  {read} of {of}", style="dim")


def _quiet(_read: int, _of: int) -> None:
    """A program reads."""
