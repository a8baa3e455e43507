"""What VAS is handed: letters, tasks for staff, drafts for the journal, contacts to register; each under a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.base.errors import Incident, Refused
from engine.steps.verdicts import Done, Finding, Go, NotArrived, Send
from models.case import Effect
from models.identity import PatientId
from routine.text import Text
from tasks import clients

Kind = Literal["letter", "staff_task", "journal_note", "contact"]


@dataclass(frozen=True)
class Posting:
    """Something for VAS to take."""

    kind: Kind
    key: str
    body: Mapping[str, Any] = field(repr=False)
    then: Go


def submit(kind: Kind, key: str, body: Mapping[str, Any], then: Go) -> Send[Posting]:
    """The verdict that hands it over, once."""
    return Send(key, then, Posting(kind, key, body, then), system="vas")


def staff_task(
    key: str,
    *,
    patient: PatientId | None,
    unit: str,
    unit_name: str | None,
    contact: str,
    reason: str,
    said: Text,
    then: Go,
    urgent: bool | None = None,
) -> Send[Posting]:
    """A task for a unit's staff about a contact."""
    body = {
        "patient": patient.model_dump(mode="json") if patient else None,
        "unit": unit_in(unit, unit_name),
        "booking": None,
        "contact": contact,
        "reason": reason,
        "text": said.body,
        "urgent": urgent,
    }
    return submit("staff_task", key, body, then)


def unit_in(hsa_id: str, name: str | None) -> dict[str, Any]:
    """A unit as the journal system takes it."""
    return {"hsa_id": hsa_id, "name": name}


def post(posting: Posting) -> Done:
    """Hand it to VAS under its key.

    The key names the occasion: if VAS has it already, perhaps in words that have been corrected since, then
    it is done.
    """
    vas = clients.vas()
    calls: dict[Kind, Callable[..., str]] = {
        "letter": vas.post_letter,
        "staff_task": vas.post_staff_task,
        "journal_note": vas.post_journal_note,
        "contact": vas.post_contact,
    }
    try:
        return Done(posting.then, calls[posting.kind](posting.key, **posting.body))
    except Incident as incident:
        if incident.reason != "idempotency_conflict":
            raise
        return Done(posting.then)


@dataclass(frozen=True)
class Withdrawal:
    """Something that VAS is to take back.

    Args:
        id: as VAS knows it.
        then, kept: how the case goes on when it is gone, and where VAS keeps it: it is signed, or done.
    """

    kind: Literal["staff_task", "journal_note"]
    key: str
    id: str
    then: Go
    kept: Go


def withdraw(what: Withdrawal) -> Done:
    """Have VAS take it back, under its key."""
    vas = clients.vas()
    call = vas.withdraw_staff_task if what.kind == "staff_task" else vas.withdraw_journal_note
    try:
        return Done(what.then, call(what.key, what.id))
    except Refused:
        return Done(what.kept, sent=False)


def ask_of_posting(effect: Effect) -> Finding:
    """VAS takes a key: whatever became of the first, the same again is harmless."""
    return NotArrived(surely=False)
