"""How events change a handing-over or an invitation: the proposal, the patient's answers, staff going past them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, text

from engine import clock
from engine.database import insert_all, table_of
from engine.events import Applied
from engine.timeline import Entry
from models.case import Event, Outcome
from models.consent import Consent as Kept
from models.identity import Staff
from models.participation import Participation, State
from models.staff import Consent
from models.times import later
from routine.participation import How, Joining, is_documented, may_be_carried_out
from routine.reasons import Reason
from tasks import identities, identity_events
from tasks.contacts_by_id import contacts_of, place_of
from tasks.participation.find_contact_of_proposal import GRACE

Case = Participation
KEPT: Table = table_of(Kept)
PROPOSALS = {"handover.proposed": Joining.HANDOVER, "participant.proposed": Joining.PARTICIPANT}

spread = identity_events.spread_all_over(Participation)


def apply(
    connection: Connection, cases: Sequence[Case], events: Mapping[str, Sequence[Event]]
) -> Applied[Case]:
    """Apply the waiting events to claimed cases, each case's in the order they came."""
    outcomes: dict[int, Outcome] = {}
    told: list[tuple[Case, Entry]] = []
    answers: list[tuple[Case, Event, Consent]] = []
    for case in cases:
        case.parked, case.tries, case.waiting_since = None, 0, None
        for event in reversed(events[case.key]):
            outcomes[event.number or 0] = Outcome.APPLIED
            if identity_events.is_of_many(event):
                told.append((case, identity_events.entry(event)))
                continue
            data = json.loads(event.data)
            if event.type == "consent.recorded":
                answers.append((case, event, Consent.model_validate(data["consent"])))
                told.append((case, _answered(case, event, answers[-1][2])))
            else:
                told.append((case, _staff_said(case, event, data)))
    _place(connection, cases)
    identities.re_key(connection, cases)
    _keep(connection, answers)
    newest = _newest(connection, cases)
    for case in cases:
        _walk_on(case, newest)
    return Applied(outcomes, told, forget=outcomes.keys())


def _about(event: Event) -> dict[str, str | int]:
    return {"type": event.type, "event": str(event.id)}


# --- what was said


def _staff_said(case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """A proposal, which told again changes nothing; or that staff go past the consent (policy-fara-1)."""
    if event.type == "gate.overridden":
        if not data["override"].get("reason"):
            return Entry("override", Reason.OVERRIDE_WITHOUT_REASON, "policy-fara-1", detail=_about(event))
        case.overridden = True
        return Entry("override", Reason.OVERRIDDEN, "policy-fara-1", detail=_about(event))
    if case.what is not None:
        return Entry("event_ignored", "known", detail=_about(event))
    given = data["proposal"]
    case.what, case.contact_id = PROPOSALS[event.type], given["contact"]
    case.staff = Staff.model_validate(given["by"]).model_dump_json()
    case.proposed_at = event.received_at
    return Entry("proposal", "applied", detail=_about(event))


def _answered(case: Case, event: Event, given: Consent) -> Entry:
    """What this answer is worth, whatever other answers there are; one to another question is none to this."""
    kind = Joining(given.for_)
    if case.what is not None and kind != case.what:
        return Entry(
            "consent", "another_question", is_documented(Joining(case.what)).clause, detail=_about(event)
        )
    decision = may_be_carried_out(kind, given.given, How(given.how) if given.how else None)
    return Entry("consent", decision.reason, decision.clause, detail=_about(event))


# --- evidence


def _place(connection: Connection, cases: Sequence[Case]) -> None:
    """Where and whom it concerns, where the contact is known by now."""
    found = contacts_of(connection, cases)
    for case in cases:
        if len(contacts := found[case.id]) == 1:
            for name, value in place_of(contacts[0]).items():
                setattr(case, name, value)


def _keep(connection: Connection, answers: Sequence[tuple[Case, Event, Consent]]) -> None:
    """A row for each answer, under its event's id; what is not known yet of the contact stands with the case."""
    rows = [_row(case, event, given) for case, event, given in answers]
    insert_all(connection, KEPT, rows, list(KEPT.columns.keys()), "ON CONFLICT (id) DO NOTHING")


def _row(case: Case, event: Event, given: Consent) -> dict[str, Any]:
    kind = Joining(given.for_)
    worth = may_be_carried_out(kind, given.given, How(given.how) if given.how else None)
    documented = is_documented(kind)
    kept = Kept(
        id=event.id,
        process=case.PROCESS,
        case_id=case.id,
        kind=kind,
        patient_hash=case.patient_hash,
        unit=case.unit,
        given=given.given,
        how=given.how,
        answered_at=_at(event, given),
        evidence=json.dumps({"event": str(event.id), "reason": str(worth.reason)}),
        documented=documented.allowed,
        why=documented.clause,
    )
    return kept.model_dump()


def _at(event: Event, given: Consent) -> datetime:
    """When the patient answered: never later than we heard of it, whatever the clock over there says."""
    return min(given.at or event.occurred_at, event.received_at)


# --- what follows


def _newest(connection: Connection, cases: Sequence[Case]) -> dict[Any, Any]:
    """By case and question, the newest answer; of two at one moment the one that came last."""
    query = text(
        """
        SELECT DISTINCT ON (c.case_id, c.kind) c.case_id, c.kind, c.given, c.how, c.answered_at
        FROM consent c LEFT JOIN event e ON e.id = c.id WHERE c.case_id = ANY(:cases)
        ORDER BY c.case_id, c.kind, c.answered_at DESC, e.number DESC NULLS LAST"""
    )
    found = connection.execute(query, {"cases": [case.id for case in cases]})
    return {(row.case_id, row.kind): row for row in found}


def _walk_on(case: Case, newest: Mapping[Any, Any]) -> None:
    """The newest answer counts; staff hear what follows from it."""
    if case.what is None:
        case.due_at = later(case.created_at, GRACE)
        return
    before = (case.given, case.how, case.answered_at)
    if row := newest.get((case.id, case.what)):
        case.given, case.how, case.answered_at = row.given, row.how, row.answered_at
    is_new = (case.given, case.how, case.answered_at) != before
    if case.state == State.CARRIED_OUT:
        case.due_at = clock.now() if case.given is False else None
    elif case.given is None and not case.overridden:
        case.state, case.due_at = State.PROPOSED, clock.now()
    elif is_new or case.overridden or case.state == State.ANSWERED:
        case.state, case.due_at = State.ANSWERED, clock.now()
    else:
        case.due_at = None
