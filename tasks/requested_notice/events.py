"""How events change a notice that was asked for: the request, its withdrawal, a message that failed."""

from __future__ import annotations

from engine.base import clock
from engine.tables.events import Batch, Entries, EventContext, Events, Unchanged, handled, no_facts
from models.case import Outcome
from models.requested_notice import NoticeStored, NoticeWithdrawn, RequestedNotice, State
from models.stored_events import MessageFailed, Nothing
from routine.requested_notice import is_withdrawn_in_time
from routine.rules import over_at
from tasks import identities, identity_events, people
from tasks.messages import MESSAGE_FAILED, not_reached
from tasks.requested_notice import effect_keys

OWED = (State.REQUESTED, State.DECEASED)
"""Nothing has come of it yet."""
Context = EventContext[None]


def _requested(case: RequestedNotice, said: NoticeStored, context: Context) -> Entries:
    """Somebody asks for it; a second time it is no news, and after its withdrawal neither."""
    if case.patient is not None:
        return Unchanged(context.entry("event_ignored", "known"))
    notice = said.notice
    case.source = context.event.source
    case.patient, case.patient_hash = notice.patient.model_dump_json(), people.digest(notice.patient)
    case.unit, case.why, case.system = notice.unit.hsa_id, notice.why, notice.system
    case.valid_until = over_at(notice.valid_until)
    entry = context.entry("event_applied", Outcome.APPLIED)
    if case.withdrawn:
        return Unchanged(entry)
    case.due_at = clock.now()
    return entry


def _withdrawn(case: RequestedNotice, said: NoticeWithdrawn, context: Context) -> Entries:
    """What is done before its notice went is not told of (avisering-1); nor is it told anew, if it did not arrive."""
    case.withdrawn = True
    decision = is_withdrawn_in_time(gone=case.state not in (*OWED, State.WITHDRAWN))
    entry = context.entry("notice_withdrawn", decision.reason, decision.clause)
    if case.state not in OWED:
        return Unchanged(entry)
    case.state, case.due_at, case.waiting_since = State.WITHDRAWN, None, None
    return entry


def _message_failed(case: RequestedNotice, said: MessageFailed, context: Context) -> Entries:
    """Its newest message has not arrived: it is owed again, by the next way (policy-avisering-3)."""
    entry = not_reached("notice", context.event)
    if case.withdrawn or said.key != effect_keys.message(case):
        return Unchanged(entry)
    case.unreached += 1
    _owe(case)
    return entry


def _about_person_or_unit(case: RequestedNotice, said: Nothing, context: Context) -> Entries:
    """Another number, another unit, a death or one that is taken back: what is owed is judged anew."""
    entry = identity_events.noted(case, said, context)
    if case.state not in OWED:
        return Unchanged(entry)
    _owe(case)
    return entry


def _owe(case: RequestedNotice) -> None:
    case.state, case.due_at, case.waiting_since = State.REQUESTED, clock.now(), None


def _re_key(batch: Batch[RequestedNotice, None]) -> None:
    identities.re_key(batch.connection, batch.cases)


EVENTS: Events[RequestedNotice, None] = Events(
    RequestedNotice,
    [
        handled("notice.requested", NoticeStored, _requested),
        handled("notice.withdrawn", NoticeWithdrawn, _withdrawn),
        handled(MESSAGE_FAILED, MessageFailed, _message_failed),
        *(handled(name, Nothing, _about_person_or_unit) for name in identity_events.TOLD),
    ],
    load=no_facts,
    then=_re_key,
    spread=identity_events.spread_over(RequestedNotice),
)
