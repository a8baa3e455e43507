"""How events change a handing-over or an invitation: the proposal, the patient's answers, staff going past them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engine.base import clock
from engine.tables.events import Batch, EventContext, Events, handled, no_facts
from engine.tables.timeline import Entry
from models.case import Event
from models.consent import Consent as Kept
from models.participation import Participation, State
from models.staff import Consent, ConsentRecorded
from models.stored_events import GatePassed, ParticipationProposed
from routine.participation import How, Joining, is_documented, may_be_carried_out
from routine.reasons import Reason
from tasks import identities, identity_events, kept_consents
from tasks.contacts_by_id import contacts_of, place_of

PROPOSALS = {"handover.proposed": Joining.HANDOVER, "participant.proposed": Joining.PARTICIPANT}


# --- what was said


def _proposed(case: Participation, said: ParticipationProposed, context: EventContext[None]) -> Entry:
    """A proposal; told again it changes nothing."""
    if case.what is not None:
        return context.entry("event_ignored", "known")
    case.what, case.contact_id = PROPOSALS[context.event.type], said.proposal.contact
    case.staff = said.proposal.by.model_dump_json()
    case.proposed_at = context.event.received_at
    return context.entry("proposal", "applied")


def _overridden(case: Participation, said: GatePassed, context: EventContext[None]) -> Entry:
    """Staff go past the consent (policy-fara-1)."""
    if not said.override.reason:
        return context.entry("override", Reason.OVERRIDE_WITHOUT_REASON, "policy-fara-1")
    case.overridden = True
    return context.entry("override", Reason.OVERRIDDEN, "policy-fara-1")


def _answered(case: Participation, said: ConsentRecorded, context: EventContext[None]) -> Entry:
    """What this answer is worth, whatever other answers there are; one to another question is none to this."""
    given = said.consent
    kind = Joining(given.for_)
    if case.what is not None and kind != case.what:
        return context.entry("consent", "another_question", is_documented(Joining(case.what)).clause)
    decision = may_be_carried_out(kind, given.given, How(given.how) if given.how else None)
    return context.entry("consent", decision.reason, decision.clause)


# --- evidence


def _place(connection: Connection, cases: Sequence[Participation]) -> None:
    """Where and whom it concerns, where the contact is known by now."""
    found = contacts_of(connection, cases)
    for case in cases:
        if len(contacts := found[case.id]) == 1:
            for name, value in place_of(contacts[0]).items():
                setattr(case, name, value)


def _keep(batch: Batch[Participation, None]) -> None:
    """A row for each answer, under its event's id; what is not known yet of the contact stands with the case."""
    answers = [
        _answer(each.case, event, said.consent)
        for each in batch.waiting
        for event, said in each.said(ConsentRecorded)
    ]
    kept_consents.keep_answers(batch.connection, answers)


def _answer(case: Participation, event: Event, given: Consent) -> Kept:
    kind = Joining(given.for_)
    worth = may_be_carried_out(kind, given.given, How(given.how) if given.how else None)
    documented = is_documented(kind)
    return Kept(
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


def _at(event: Event, given: Consent) -> datetime:
    """When the patient answered: never later than we heard of it, whatever the clock over there says."""
    return min(given.at or event.occurred_at, event.received_at)


# --- what follows


def _let_the_newest_count(batch: Batch[Participation, None]) -> None:
    _place(batch.connection, batch.cases)
    identities.re_key(batch.connection, batch.cases)
    _keep(batch)
    newest = kept_consents.newest(batch.connection, [case.id for case in batch.cases])
    for case in batch.cases:
        _walk_on(case, newest)


def _walk_on(case: Participation, newest: Mapping[tuple[UUID, str], Kept]) -> None:
    """The newest answer counts; staff hear what follows from it."""
    case.waiting_since = None
    if case.what is None:
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


EVENTS: Events[Participation, None] = Events(
    Participation,
    [
        *(handled(name, ParticipationProposed, _proposed) for name in PROPOSALS),
        handled("consent.recorded", ConsentRecorded, _answered),
        handled("gate.overridden", GatePassed, _overridden),
        *identity_events.handled_in_a_case(),
    ],
    load=no_facts,
    then=_let_the_newest_count,
    has_begun=lambda case: case.what is not None,
    spread=identity_events.spread_over(Participation),
)
