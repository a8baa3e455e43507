"""The journal system is asked to book, to move or to cancel a visit: once for a request (besok-3, besok-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from engine.base import clock
from engine.base.errors import Refused
from engine.steps.stage import from_answers, step
from engine.steps.verdicts import Done, Rest, Send, Verdict, Wait
from engine.tables.decisions import Decided
from engine.tables.timeline import Entry
from models.self_service import SelfService, State
from models.times import later
from routine.asked import AskedChange
from routine.reasons import Reason
from routine.rules_by_name import may_be_asked_for
from routine.self_service import CLAUSES, Service, by_code
from systems.vas_times import Kept
from tasks import clients, journal_system
from tasks.decided import decided
from tasks.self_service import effect_keys
from tasks.self_service.facts import RequestFacts, ask_about_guardians, request_facts
from tasks.self_service.stored import HEARD_BY, forget_requests

BACKOFF = [1, 2, 5, 15, 60, 300, 900, 1800, 3600]
"""They were told that it is in hand: soon at first."""
IN_TURN = timedelta(seconds=2)
"""How soon it is looked again whether what was asked for before is settled."""


@dataclass(frozen=True)
class Asking:
    """What the journal system is asked for.

    Args:
        booking: what is to be moved or cancelled.
        wanted: as docs/outer-systems.md has it.
        heard_by: until then somebody may wait at 1177.
        by: that it may be asked for, and what that rested on.
    """

    key: str
    service: Service
    booking: str
    wanted: Mapping[str, Any] = field(repr=False)
    heard_by: datetime
    by: Decided


def judge_request(case: SelfService, known: RequestFacts) -> Verdict[Asking]:
    """May it be asked of the journal system, now? Asked again before every try."""
    heard_by = later(case.requested_at or clock.now(), HEARD_BY)
    if known.done_as is not None:
        return _done(known.wanted.service, Kept(known.done_as), None)
    if known.is_behind:
        return Wait(later(clock.now(), IN_TURN), for_answer=False)
    asked = AskedChange(wanted=known.wanted, booking=known.booking, unit=known.unit, now=clock.now())
    decision = may_be_asked_for(asked, clients.region())
    by = decided("self_service", asked, case.unit, decision)
    if not decision.allowed:
        return _declined(decision.reason, decision.clause, heard_by, by)
    key, service = effect_keys.asked(case), known.wanted.service
    asking = Asking(key, service, case.booking_id or "", _wanted(case, known), heard_by, by)
    return Send(key, _done(service, Kept(case.booking_id or ""), by), asking)


def _wanted(case: SelfService, known: RequestFacts) -> dict[str, Any]:
    asked, name = known.request, known.unit.name if known.unit else None
    body: dict[str, Any] = {
        "patient": known.patient.model_dump(mode="json"),
        "unit": journal_system.unit_in(case.unit or "", name),
        "message": asked.message,
    }
    if known.wanted.service is Service.CANCEL:
        return body
    body |= {
        "start": asked.start.isoformat() if asked.start else None,
        "end": asked.end.isoformat() if asked.end else None,
        "time_type": asked.time_type,
        "care_type": asked.care_type,
        "performer": asked.performer,
        "resource": asked.resource,
        "phone": asked.phone,
        "email": asked.email,
    }
    return body if known.wanted.service is Service.REBOOK else body | {"invitation": asked.booking}


def _done(service: Service, kept: Kept, by: Decided | None) -> Rest:
    changes = {
        "answered_at": clock.now(),
        "led_to": kept.id or None,
        "not_saved": ",".join(kept.not_saved) or None,
    }
    return Rest(State.DONE, (Entry("self_service", "done", CLAUSES[service], decided=by),), changes=changes)


def _declined(reason: Reason, clause: str, heard_by: datetime, by: Decided) -> Rest:
    now = clock.now()
    changes = {"answered_at": now, "reason": str(reason)}
    entry = Entry("self_service", reason, clause, decided=by)
    return Rest(State.DECLINED, (entry,), max(now, heard_by), changes)


def forget_what_was_asked(connection: Connection, answered: Sequence[tuple[SelfService, None]]) -> None:
    """What a request said is kept until it has its answer."""
    forget_requests(connection, [case.id for case, _ in answered])


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_answers(ask_about_guardians, request_facts),
    gate=judge_request,
    record=forget_what_was_asked,
    ask=journal_system.ask_of_posting,
)
def ask_vas(asking: Asking) -> Done:
    """Ask the journal system to book, to move or to cancel, under one key; what it refuses is the answer."""
    try:
        kept = _ask(asking)
    except Refused as refusal:
        reason = by_code(refusal.reason)
        if reason is None:
            raise
        return Done(_declined(reason, CLAUSES[asking.service], asking.heard_by, asking.by), sent=False)
    return Done(_done(asking.service, kept, asking.by), kept.id)


def _ask(asking: Asking) -> Kept:
    vas = clients.vas_times()
    match asking.service:
        case Service.CANCEL:
            return vas.cancel(asking.key, asking.booking, asking.wanted)
        case Service.REBOOK:
            return vas.rebook(asking.key, asking.booking, asking.wanted)
        case Service.BOOK:
            return vas.book(asking.key, asking.wanted)
