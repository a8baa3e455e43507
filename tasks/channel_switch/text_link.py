"""A caller presses a key for a link, and has it by SMS (byte-2). Who calls is not known until they log in.

The link goes while the caller is on the line (`text_in_call`), or not at all: a call whose link could not be handed
over goes on to a human. `text_link`, in the flow, sees to what a call has left: it asks about a lost answer, sends a
link that staff have let go past the gates, and leaves a caller whom nobody has seen to as a task for the unit.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, select

from engine.base import clock
from engine.base.database import among
from engine.base.errors import Refused
from engine.base.settings import settings
from engine.steps.stage import from_tables, step
from engine.steps.step import Step
from engine.steps.verdicts import Done, Go, Park, Rest, Verdict
from engine.tables import effects
from engine.tables.timeline import Entry
from models.case import EffectState
from models.channel_switch import ChannelSwitch, State
from models.encryption import ring
from routine.ages import swedish_day
from routine.approved import PHONE
from routine.asked import AskedLink
from routine.channel_switch import Proposal
from routine.conversation import sms_link
from routine.key_press import after_no_link
from routine.protected import Passage
from routine.reasons import Reason
from routine.region import UnitPolicy
from routine.rules_by_name import may_caller_be_sent
from tasks import clients, messages, text_check
from tasks.channel_switch import effect_keys
from tasks.channel_switch.facts import BACKOFF
from tasks.channel_switch.link_life import begin_life, expires
from tasks.decided import decided, entry_of

A_DAY = timedelta(days=1)


def asked_for(unit: UnitPolicy, unit_id: str, to: str) -> Proposal:
    """What a caller asks for by a key that leads to the channel."""
    return Proposal(from_=PHONE, to=to, unit=unit, unit_id=unit_id, key_pressed=True)


@dataclass(frozen=True)
class CallerFacts:
    """What is known of a caller.

    Args:
        texted: how many links their number had asked for in the day before.
        gone: the SMS has turned out to have gone, though its answer was lost.
    """

    texted: int
    gone: bool = False


def caller_facts(connection: Connection, cases: Sequence[ChannelSwitch]) -> Mapping[uuid.UUID, CallerFacts]:
    """How many links each caller's number had asked for before, and whether this one has gone."""
    own, other = ChannelSwitch, aliased(ChannelSwitch)
    at = col(own.proposed_at)
    before = (
        col(other.caller_hash) == col(own.caller_hash),
        col(other.id) != col(own.id),
        col(other.proposed_at).between(at - A_DAY, at),
    )
    query = (
        select(col(own.id), func.count(col(other.id)))
        .join(other, and_(*before), isouter=True)
        .where(among(col(own.id), [case.id for case in cases]))
        .group_by(col(own.id))
    )
    texted = connection.execute(query).tuples().all()
    gone = {
        each.case_id
        for each in effects.gone_of(connection, [id for id, _ in texted])
        if each.step == "text_link" and each.state == EffectState.DONE
    }
    return {id: CallerFacts(number, id in gone) for id, number in texted}


def texted_to(connection: Connection, number: str, but: str, now: datetime) -> int:
    """How many links the number has asked for in the day before, in other calls than the one with this key."""
    query = select(func.count(col(ChannelSwitch.id))).where(
        ChannelSwitch.caller_hash == ring().digest(number),
        ChannelSwitch.key != but,
        col(ChannelSwitch.proposed_at) > now - A_DAY,
    )
    return connection.execute(query).scalar_one()


def judge_link(case: ChannelSwitch, known: CallerFacts) -> Verdict[messages.Message]:
    """Send the link, or leave it with the clause; staff hear of a caller who has neither a link nor a human."""
    unit = clients.region().unit(case.unit)
    if unit is None:
        return Park("unit_unknown", "policy-okand-1")
    now, region = clock.now(), clients.region()
    asked = AskedLink(
        proposal=asked_for(unit, case.unit, case.to_channel),
        number=case.number,
        texted=known.texted,
        pressed_at=now if known.gone else case.proposed_at or now,
        now=now,
        day=swedish_day(now),
        overridden=case.overridden,
    )
    decision = may_caller_be_sent(asked, region)
    entry = entry_of("switch", decision, decided("link", asked, case.unit, decision))
    if decision.answer is Passage.STAFF and case.outcome != Reason.CALLER_IN_QUEUE:
        return Go(State.REFUSED, (entry,), changes={"outcome": str(decision.reason)})
    if decision.answer is not Passage.SEND or case.number is None:
        return Rest(State.STAYS, (entry,), changes={"outcome": str(decision.reason)})
    said = sms_link(f"{settings().gateway_url}/l/{case.link}", region)
    changes = {"asked_at": now, "outcome": None, "template": said.template, "template_version": said.version}
    then = Rest(State.ASKED, (entry,), expires(now), changes)
    return text_check.checked(messages.by_sms(effect_keys.question(case), case.number, said, then), said)


@step(
    system="sms",
    backoff=BACKOFF,
    size=16,
    facts=from_tables(caller_facts),
    gate=judge_link,
    ask=messages.ask_of_message,
    record=begin_life,
)
def text_link(message: messages.Message) -> Done:
    """Send the link that a caller has pressed a key for (byte-2)."""
    try:
        return Done(message.then, messages.send_text("sms", message.to, message.text, message.token))
    except Refused as refused:
        if refused.reason not in messages.DECLINED:
            raise
        entry = Entry("switch", refused.reason, "byte-2")
        changes = {"outcome": refused.reason}
        return Done(replace(message.then, state=State.STAYS, entries=(entry,), changes=changes), sent=False)


LOST = ("answer_lost", "malformed_answer", "internal_error")
"""Of a call to the provider: the SMS may have gone all the same."""


def to_a_human(case: ChannelSwitch, reason: str) -> Go:
    """The link was not handed over in the call, which goes on to the queue (syfte-3); what may have gone is asked
    about, and the link is good until then."""
    no_link = after_no_link()
    entry = Entry("switch", no_link.reason, no_link.clause)
    changes = {"outcome": str(no_link.reason)}
    if reason in LOST:
        return Rest(State.PRESSED, (entry,), clock.now(), changes)
    return Rest(State.STAYS, (entry,), changes=changes)


text_in_call: Step[ChannelSwitch] = replace(text_link.step, urgent=True, exhausted=to_a_human)
"""`text_link` while the caller waits: one try, at once, whatever the breaker says."""
