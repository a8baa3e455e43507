"""Whose contact a file came in: it has to be the patient's whom staff named (policy-bild-4)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from engine.base import clock
from engine.steps.stage import decides, from_tables
from engine.steps.verdicts import Go, Rest, Verdict, Wait
from engine.tables.decisions import Decided
from engine.tables.timeline import Entry
from models.image_transfer import ImageTransfer, State
from models.inbound_contact import InboundContact
from models.times import later
from routine.asked import AskedTransfer
from routine.decision import Decision
from routine.publication import can_be_handled
from routine.reasons import Reason
from routine.region import UnitPolicy
from routine.rules_by_name import may_file_be_fetched
from tasks import clients, identities
from tasks.contacts_by_id import contacts_of
from tasks.decided import decided, entry_of

GRACE = timedelta(minutes=10)
"""How long a transfer may be ahead of its contact."""
LOOK_AGAIN = timedelta(seconds=2)


@dataclass(frozen=True)
class Origin:
    """The contact that staff have named, in the platform that they named; None: that has told of none so far."""

    contact: InboundContact | None
    deceased: bool


def origins(connection: Connection, cases: Sequence[ImageTransfer]) -> Mapping[uuid.UUID, Origin]:
    """By case, its contact, and whether the patient has died."""
    found = contacts_of(connection, cases)
    dead = identities.deceased(connection, [case.patient_hash for case in cases])
    return {
        case.id: Origin(
            next((one for one in found[case.id] if one.channel == case.system), None),
            case.patient_hash in dead,
        )
        for case in cases
    }


@decides(from_tables(origins))
def find_contact_of_file(case: ImageTransfer, origin: Origin) -> Verdict:
    """See that the storage is appointed, and that the file came in a contact of the patient's (bilder-1)."""
    if case.requested_at is None:
        return Rest(case.state)
    unit = clients.region().unit(case.unit or "")
    if unit is None:
        return _refused(can_be_handled(case.unit or "", clients.region()))
    asked = AskedTransfer(
        is_found=origin.contact is not None,
        is_of_patient=_is_of_patient(case, origin.contact) if origin.contact else None,
        deceased=origin.deceased,
    )
    decision = may_file_be_fetched(asked, clients.region())
    then = _then(unit, decision, decided("transfer", asked, case.unit, decision))
    is_late = origin.contact is None and decision.reason is not Reason.STORAGE_NOT_APPOINTED
    return (_later(case) if is_late else None) or then


def _is_of_patient(case: ImageTransfer, contact: InboundContact) -> bool | None:
    """Both are known as they are now: merges count."""
    return None if contact.patient_hash is None else contact.patient_hash == case.patient_hash


def _later(case: ImageTransfer) -> Wait | None:
    """Look again, each time after as long as it has waited, for as long as the contact may be late."""
    since = case.requested_at or case.created_at
    now, until = clock.now(), later(since, GRACE)
    if now >= until:
        return None
    return Wait(min(until, later(now, max(LOOK_AGAIN, now - since))), for_answer=False)


def _then(unit: UnitPolicy, decision: Decision[bool], by: Decided) -> Go:
    """Fetched next, or its owner hears why not; for a unit in shadow neither."""
    entry = entry_of("transfer_worked_out" if unit.in_shadow else "transfer", decision, by)
    if unit.in_shadow:
        return Rest(State.SHADOWED, (entry,), changes={"reason": str(decision.reason)})
    if decision.allowed:
        return Go(State.FOUND, (entry,), changes={"reason": None})
    return _refused(decision, by)


def _refused(decision: Decision[bool], by: Decided | None = None) -> Go:
    """Its owner hears why next."""
    entry = Entry("transfer", decision.reason, decision.clause, decided=by)
    return Go(State.REFUSED, (entry,), changes={"reason": str(decision.reason)})
