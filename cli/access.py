"""`vaxel access`: who has done what with a patient's data, by the access log. Whoever reads it stands in it first."""

from __future__ import annotations

import re
import uuid
from typing import Annotated

import typer

from cli.access_month import extract
from cli.access_refused import show_refused
from cli.access_rows import NAMES, access_row, on_one_line
from cli.looking import looker, reason_given
from cli.options import file_or_case_id, moment_given
from cli.terminal import fail, say, show, show_csv, show_json, warn
from cli.typed_number import patient_of, typed
from engine.base.database import transaction
from engine.ops import access_log_check
from engine.ops.access_log import Access, Act
from engine.ops.access_log_search import Found, Search, patient_of_file, search
from models.encryption import ring
from models.identity import PatientId, is_hsa_id
from tasks import identities

INPUT = "-"
"""Instead of a patient's number: it is typed, or read from standard input."""
KEPT = re.compile(r"([0-9]+):([0-9a-f]{64})")


def access(
    patient: Annotated[
        str | None,
        typer.Option(
            help="Whose data: their number, with all the numbers that they have had. Give `-`: then it is "
            "asked for, or read from standard input, and stands in no shell's history."
        ),
    ] = None,
    staff: Annotated[
        str | None, typer.Option(help="What this member of staff has done: their HSA-id.")
    ] = None,
    file: Annotated[
        uuid.UUID | None,
        typer.Option(parser=file_or_case_id, metavar="ID", help="What was done with this file or case."),
    ] = None,
    since: Annotated[str | None, typer.Option("--from", help="From this date on, or RFC 3339 time.")] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="To the end of this date, or RFC 3339 time.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="Why you look; asked for if not given. It stands in the log.")
    ] = None,
    reservnummer: Annotated[bool, typer.Option(help="The patient's number is a reservnummer.")] = False,
    most: Annotated[int, typer.Option(help="At most so many, the newest.", min=1, max=1_000_000)] = 10_000,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Instead: is the log as it was written? Exits 1 if not.")
    ] = False,
    kept: Annotated[
        str | None,
        typer.Option(help="With --check: an end that you kept, as it is told; the log goes on from it."),
    ] = None,
    month: Annotated[
        str | None,
        typer.Option(
            help="Instead: all that the log grew by in a month, 2026-11. Exits 1 if it is not whole."
        ),
    ] = None,
    refused: Annotated[
        bool,
        typer.Option(
            "--refused", help="Instead: what the national log service has refused, since when and why."
        ),
    ] = False,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="With --refused: have it sent once more, or of it what --entry names. Wants a reason.",
        ),
    ] = False,
    let_go: Annotated[
        bool,
        typer.Option(
            "--let-go",
            help="With --refused: have what --entry names never sent; the rest goes on. Wants a reason.",
        ),
    ] = False,
    entry: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NUMBER",
            help="With --again or --let-go: the number of a refused entry, 17, or all that are refused from one "
            "to another, 17-216. May be given several times.",
        ),
    ] = None,
) -> None:
    """Tell who did what with whose data, with which commission, when and why. You stand in the log first.

    Asks for the reason. Swedish time. More than one of --patient, --staff and --file: what fits all of them.
    """
    if check or kept:
        raise typer.Exit(_check(kept))
    if refused or again or let_go or entry:
        show_refused(as_json, again=again, let_go=let_go, entries=entry or [], reason=reason)
        return
    if month is not None:
        raise typer.Exit(extract(month, reason_given(reason), as_json=as_json, as_csv=as_csv))
    if patient is None and staff is None and file is None:
        fail("Say whose: --patient, --staff or --file; or --month.")
    if staff is not None and not is_hsa_id(staff):
        fail("--staff has to be an HSA-id, such as SE2321000115-P000000000001.")
    staff, beginning, end = (
        staff and staff.upper(),
        moment_given(since, "--from"),
        moment_given(until, "--to", days=1),
    )
    whose = _whose(patient, reservnummer)
    why = reason_given(reason)
    asked = Search(numbers=_all_numbers(whose), staff=staff, file=file, since=beginning, until=end, most=most)
    _show(search(asked, _by(why, whose, staff, file)), as_json=as_json, as_csv=as_csv)


def _whose(given: str | None, reservnummer: bool) -> PatientId | None:
    if given is None:
        return None
    return patient_of(typed("The patient's number") if given == INPUT else given, reservnummer=reservnummer)


def _all_numbers(whose: PatientId | None) -> frozenset[bytes] | None:
    """Of all the numbers that they have had (policy-identitet-1)."""
    if whose is None:
        return None
    with transaction() as connection:
        digest = ring().digest(whose.id)
        return identities.known(connection, [digest]).numbers(digest)


def _by(why: str, whose: PatientId | None, staff: str | None, file: uuid.UUID | None) -> Access:
    with transaction() as connection:
        of_file = patient_of_file(connection, file) if file and not whose else None
    return Access(
        who=looker(),
        act=Act.SEARCH,
        process="access_log",
        why=why,
        subject=file,
        patient=whose or of_file,
        sought=staff,
    )


def _show(found: Found, *, as_json: bool, as_csv: bool) -> None:
    rows = [access_row(entry) for entry in found.entries]
    if as_json:
        show_json(rows)
    elif as_csv:
        show_csv([on_one_line(row) for row in rows], NAMES)
    else:
        show([on_one_line(row) for row in rows], NAMES)
    if found.more:
        warn(f"{found.more} older entries are not shown: --most.")
    if found.unopened:
        warn(f"{len(found.unopened)} entries do not open: see docs/security.md.")
    if found.is_broken:
        warn("The log is not as it was written: vaxel access --check says where.")


def _check(kept: str | None) -> int:
    """Check the log; gives the command's exit code."""
    end = KEPT.fullmatch(kept) if kept else None
    if kept and not end:
        fail("An end is told as NUMBER:64 hexadecimal figures.")
    found = access_log_check.check_access_log((int(end[1]), end[2]) if end else None)
    say(f"{found.entries} entries. It ends {found.entries}:{found.end or '-'}")
    for number in found.broken:
        warn(
            "Its end is cut off, or was changed."
            if number == access_log_check.END
            else f"Entry {number} is not as it was written, or those before it are gone."
        )
    if not found.passed:
        warn("It never ended as you say: it is another log, or was put back to before that and went on.")
    is_whole = found.passed and not found.broken
    if is_whole:
        say("It is as it was written.")
    return 0 if is_whole else 1
