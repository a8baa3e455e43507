"""`vaxel find`: the cases of a booking, a contact, a patient or a phone number. Who looks for a person says why."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import typer

from cli.looking import looker, reason_given
from cli.options import AsJson, moment_given
from cli.terminal import fail, show, show_json, warn
from cli.typed_number import patient_of, typed
from engine.base import clock
from engine.base.database import transaction
from engine.base.settings import SOURCES
from engine.ops import access_log
from engine.ops.access_log import Access, Act
from models.identity import LOCAL, PatientId, is_hsa_id
from routine.approved import SMS
from routine.senders import address_of
from tasks import find_case, people
from tasks.find_case import MOST, FoundCase, FoundCases, Within

INPUT = "-"
"""Instead of a number: it is typed, or read from standard input."""
NARROW = f"The {MOST} that changed last of each process are here. Ask for fewer: --unit, --from, --to."
Find = Callable[..., FoundCases]
NAMES = ["id", "process", "state", "parked", "unit", "due_at", "updated_at"]


def find(
    booking: Annotated[str | None, typer.Option(help="The booking's number; with --source.")] = None,
    source: Annotated[str | None, typer.Option(help="The system that has the booking, such as vas.")] = None,
    contact: Annotated[str | None, typer.Option(help="The contact's number; with --channel.")] = None,
    channel: Annotated[str | None, typer.Option(help="The channel that has it, such as platform24.")] = None,
    patient: Annotated[
        str | None,
        typer.Option(
            help="A patient, by all the numbers that they have had. Give `-`: the number is asked for, or read from "
            "standard input, and stands in no shell's history."
        ),
    ] = None,
    phone: Annotated[
        str | None,
        typer.Option(help="Who has called, or written by SMS, from this number. Give `-`, as for --patient."),
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option(
            help="Why you look for a patient or a phone number; asked for if not given. It stands in the log."
        ),
    ] = None,
    reservnummer: Annotated[bool, typer.Option(help="The patient's number is a reservnummer.")] = False,
    unit: Annotated[str | None, typer.Option(help="Only cases at this unit: its HSA-id.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Only cases that last changed on this date or later.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Only cases that last changed on this date or earlier.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find cases by a booking, a contact, a patient or a phone number; `vaxel case ID` tells the story of one.

    Nothing of whom they are is shown. Whoever looks for a patient or a number stands in the access log first.
    Exits 1 where there are none.
    """
    if sum(each is not None for each in (booking, contact, patient, phone)) != 1:
        fail(
            "Say what to find, one of: --booking and --source, --contact and --channel, --patient -, --phone -."
        )
    within = _within(unit, since, until)
    look: Find
    if booking is not None:
        if not source:
            fail("--booking goes with --source: the system that has it.")
        if source not in SOURCES and not source.startswith(LOCAL):
            fail(f"No system is called that. Those that tell of something: {', '.join(SOURCES)}.")
        look = partial(find_case.by_booking, source=source, booking=booking)
    elif contact is not None:
        if not channel:
            fail("--contact goes with --channel: the one that has it.")
        look = partial(find_case.by_contact, channel=channel, contact=contact)
    elif patient is not None:
        look = _by_patient(patient, reason, reservnummer=reservnummer)
    else:
        look = _by_phone(str(phone), reason)
    with transaction() as connection:
        found = look(connection, within=within)
    _show_cases(found, as_json=as_json)
    if not found.cases:
        raise typer.Exit(1)


def _within(unit: str | None, since: str | None, until: str | None) -> Within:
    if unit is not None and not is_hsa_id(unit):
        fail("--unit has to be an HSA-id, such as SE2321000115-E000000000001.")
    beginning, end = moment_given(since, "--from"), moment_given(until, "--to", days=1)
    return Within(unit=unit and unit.upper(), since=beginning, until=end)


def _by_patient(given: str, reason: str | None, *, reservnummer: bool) -> Find:
    number = typed("The patient's number") if given == INPUT else given
    whose = patient_of(number, reservnummer=reservnummer)
    _log_search(reason_given(reason), whose)
    return partial(find_case.by_patient, digest=people.digest(whose))


def _by_phone(given: str, reason: str | None) -> Find:
    number = address_of(SMS, typed("The phone number") if given == INPUT else given)
    if number is None:
        fail("That is no phone number.")
    _log_search(reason_given(reason), None)
    return partial(find_case.by_phone, number=number)


def _log_search(why: str, whose: PatientId | None) -> None:
    """Before anything is read."""
    search = Access(who=looker(), act=Act.SEARCH, process="cases", why=why, patient=whose)
    with transaction() as connection:
        access_log.write(connection, [search], clock.now())


def _show_cases(found: FoundCases, *, as_json: bool) -> None:
    rows = [_found_row(each) for each in found.cases]
    if as_json:
        more = {"of": list(found.cut), "do": NARROW} if found.cut else None
        show_json({"cases": rows, "more": more})
        return
    show(rows, NAMES)
    if found.cut:
        warn(f"There are more of {', '.join(found.cut)}. {NARROW}")


def _found_row(case: FoundCase) -> dict[str, Any]:
    return {name: getattr(case, name) for name in NAMES}
