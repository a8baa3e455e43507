"""The journal system is asked to book, to move or to cancel a visit: once for a request (besok-3, besok-4).

What it is sent is settled with the key, and is the same for every try, whatever the patient or the unit is called by
then: under the same key another body would be another request. Of an answer that nobody understands, and where none
comes for hours, the unit's staff are told (`tell_staff_unclear`), within `routine.self_service.LEFT_TO_STAFF_WITHIN`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from engine.base import clock
from engine.base.errors import NotSent, Refused
from engine.steps.stage import from_answers, step
from engine.steps.verdicts import Done, Go, Rest, Send, Verdict, Wait
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
from tasks.self_service.stored import HEARD_BY, IN_TURN, forget_requests
from tasks.self_service.vas_failures import tried_until_mended

BACKOFF = [1, 2, 5, 15, 60, 300, 900, 1800, 3600]
"""They were told that it is in hand: soon at first."""
TOLD_OF_BY = timedelta(minutes=10)
"""So long after the journal system has made a booking its webhook is waited for."""


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
    if known.made_at is not None and decision.reason is Reason.NO_SUCH_BOOKING:
        return _until_it_is_told_of(known.made_at)
    if not decision.allowed:
        return _declined(decision.reason, decision.clause, heard_by, by)
    key, service = effect_keys.asked(case), known.wanted.service
    body = _wanted(case, known) if known.sent is None else known.sent
    asking = Asking(key, service, case.booking_id or "", body, heard_by, by)
    then = _done(service, Kept(case.booking_id or ""), by)
    return Send(key, then, asking, request=json.dumps(body))


def _until_it_is_told_of(made_at: datetime) -> Wait | Go:
    """What the journal system has made is theirs, though its webhook has not come: it is not said to be missing."""
    if later(made_at, TOLD_OF_BY) > clock.now():
        return Wait(later(clock.now(), IN_TURN), for_answer=False)
    return _unclear(Reason.NO_SUCH_BOOKING, "not_told_of")


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
        "reason": None,
    }
    return Rest(State.DONE, (Entry("self_service", "done", CLAUSES[service], decided=by),), changes=changes)


def _declined(reason: Reason, clause: str, heard_by: datetime, by: Decided) -> Rest:
    now = clock.now()
    changes = {"answered_at": now, "reason": str(reason)}
    entry = Entry("self_service", reason, clause, decided=by)
    return Rest(State.DECLINED, (entry,), max(now, heard_by), changes)


def _unclear(reason: str, detail: str) -> Go:
    """Nobody can say what became of it: the unit's staff are told, and then it waits for ops."""
    entry = Entry("unclear", reason, detail={"detail": detail})
    return Go(State.UNCLEAR, (entry,), changes={"reason": str(reason)})


def _nobody_answered(case: SelfService, reason: str) -> Go:
    return _unclear(reason, "tried_for_hours")


def forget_what_was_asked(connection: Connection, asked: Sequence[tuple[SelfService, bool]]) -> None:
    """What a request said is kept until it has its answer."""
    forget_requests(connection, [case.id for case, is_answered in asked if is_answered])


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_answers(ask_about_guardians, request_facts),
    gate=judge_request,
    record=forget_what_was_asked,
    ask=journal_system.ask_of_posting,
    exhausted=_nobody_answered,
)
def ask_vas(asking: Asking) -> Done[bool]:
    """Ask the journal system to book, to move or to cancel, under one key; what it refuses is the answer."""
    try:
        with tried_until_mended():
            kept = _ask(asking)
    except Refused as refusal:
        reason = by_code(refusal.reason)
        if reason is None:
            return Done(_unclear(refusal.reason, refusal.detail), sent=False, found=False)
        return Done(
            _declined(reason, CLAUSES[asking.service], asking.heard_by, asking.by), sent=False, found=True
        )
    except NotSent as not_sent:
        if not_sent.reason != "idempotency_conflict":
            raise
        return Done(_unclear(not_sent.reason, not_sent.detail), sent=False, found=False)
    return Done(_done(asking.service, kept, asking.by), kept.id, found=True)


def _ask(asking: Asking) -> Kept:
    vas = clients.vas_times()
    match asking.service:
        case Service.CANCEL:
            return vas.cancel(asking.key, asking.booking, asking.wanted)
        case Service.REBOOK:
            return vas.rebook(asking.key, asking.booking, asking.wanted)
        case Service.BOOK:
            return vas.book(asking.key, asking.wanted)
