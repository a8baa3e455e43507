"""`vaxel find`: the cases of a booking, a contact, a patient or a phone number. Who looks for a person says why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cli.looking import looker, reason_given
from cli.options import AsJson
from cli.terminal import fail, show
from cli.typed_number import patient_of, typed
from engine.base import clock
from engine.base.database import transaction
from engine.ops import access_log
from engine.ops.access_log import Access, Act
from models.identity import PatientId
from models.times import STOCKHOLM
from routine.approved import SMS
from routine.senders import address_of
from tasks import find_case, people
from tasks.find_case import FoundCase

INPUT = "-"
"""Instead of a number: it is typed, or read from standard input."""
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
    as_json: AsJson = False,
) -> None:
    """Find cases by a booking, a contact, a patient or a phone number; `vaxel case ID` tells the story of one.

    Nothing of whom they are is shown. Whoever looks for a patient or a number stands in the access log first.
    """
    if sum(each is not None for each in (booking, contact, patient, phone)) != 1:
        fail(
            "Say what to find, one of: --booking and --source, --contact and --channel, --patient -, --phone -."
        )
    if booking is not None:
        cases = _numbered(booking, source, "--booking goes with --source: the system that has it.")
    elif contact is not None:
        cases = _numbered(
            contact, channel, "--contact goes with --channel: the one that has it.", contact=True
        )
    elif patient is not None:
        cases = _of_patient(patient, reason, reservnummer=reservnummer)
    else:
        cases = _of_phone(str(phone), reason)
    show([_found_row(each) for each in cases], NAMES, as_json)


def _numbered(id: str, system: str | None, lacking: str, *, contact: bool = False) -> Sequence[FoundCase]:
    if not system:
        fail(lacking)
    with transaction() as connection:
        return (find_case.by_contact if contact else find_case.by_booking)(connection, system, id)


def _of_patient(given: str, reason: str | None, *, reservnummer: bool) -> Sequence[FoundCase]:
    number = typed("The patient's number") if given == INPUT else given
    whose = patient_of(number, reservnummer=reservnummer)
    _log_search(reason_given(reason), whose)
    with transaction() as connection:
        return find_case.by_patient(connection, people.digest(whose))


def _of_phone(given: str, reason: str | None) -> Sequence[FoundCase]:
    number = address_of(SMS, typed("The phone number") if given == INPUT else given)
    if number is None:
        fail("That is no phone number.")
    _log_search(reason_given(reason), None)
    with transaction() as connection:
        return find_case.by_phone(connection, number)


def _log_search(why: str, whose: PatientId | None) -> None:
    """Before anything is read."""
    search = Access(who=looker(), act=Act.SEARCH, process="cases", why=why, patient=whose)
    with transaction() as connection:
        access_log.write(connection, [search], clock.now())


def _found_row(case: FoundCase) -> dict[str, Any]:
    due = case.due_at.astimezone(STOCKHOLM).isoformat(timespec="seconds") if case.due_at else None
    updated = case.updated_at.astimezone(STOCKHOLM).isoformat(timespec="seconds")
    row = {name: getattr(case, name) for name in ("process", "state", "parked", "unit")}
    return {"id": str(case.id)} | row | {"due_at": due, "updated_at": updated}
