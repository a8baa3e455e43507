"""A caller presses a key for a link, and has it by SMS (byte-2). Who calls is not known until they log in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from engine import clock
from engine.errors import Refused
from engine.flow import step
from engine.settings import settings
from engine.timeline import Entry
from engine.verdicts import Done, Park, Rest, Verdict
from models.channel_switch import ChannelSwitch, State
from models.encryption import ring
from routine.ages import swedish_day
from routine.approved import PHONE
from routine.channel_switch import Proposal, may_caller_have_link
from routine.conversation import sms_link
from routine.protected import Passage
from routine.region import UnitPolicy
from tasks import clients, messages, occasions
from tasks.switching import BACKOFF, begin_life, expires

A_DAY = timedelta(days=1)


def asked_for(unit: UnitPolicy, unit_id: str, to: str) -> Proposal:
    """What a caller asks for by a key that leads to the channel."""
    return Proposal(from_=PHONE, to=to, unit=unit, unit_id=unit_id, key_pressed=True)


def texted(
    connection: Connection, cases: Sequence[ChannelSwitch], _seen: object = None
) -> Mapping[uuid.UUID, int]:
    """How many times each caller's number had asked for a link in the day before."""
    query = text(
        """
        SELECT c.id, count(o.id) AS before FROM channel_switch c LEFT JOIN channel_switch o
            ON o.caller_hash = c.caller_hash AND o.id <> c.id
            AND o.proposed_at BETWEEN c.proposed_at - :day AND c.proposed_at
        WHERE c.id = ANY(:ids) GROUP BY c.id"""
    )
    rows = connection.execute(query, {"ids": [case.id for case in cases], "day": A_DAY})
    return {row.id: row.before for row in rows}


def texted_to(connection: Connection, number: str, but: str, now: datetime) -> int:
    """How many links the number has asked for in the day before, in other calls than the one with this key."""
    query = text(
        "SELECT count(*) FROM channel_switch WHERE caller_hash = :caller AND key <> :key AND proposed_at > :since"
    )
    given = {"caller": ring().digest(number), "key": but, "since": now - A_DAY}
    return int(connection.execute(query, given).scalar_one())


def gate(case: ChannelSwitch, before: int) -> Verdict:
    """Send the link, or leave it with the clause."""
    unit = clients.region().unit(case.unit)
    if unit is None:
        return Park("unit_unknown", "policy-okand-1")
    asked = asked_for(unit, case.unit, case.to_channel)
    now, region = clock.now(), clients.region()
    decision = may_caller_have_link(asked, case.number, before, swedish_day(now), region)
    told = Entry("switch", decision.reason, decision.clause)
    if decision.answer is not Passage.SEND or case.number is None:
        return Rest(State.STAYS, (told,), changes={"outcome": str(decision.reason)})
    said = sms_link(f"{settings().gateway_url}/l/{occasions.link_token(case.id)}", region)
    changes = {"asked_at": now, "template": said.template, "template_version": said.version}
    then = Rest(State.ASKED, (told,), expires(now), changes)
    return messages.by_sms(occasions.question(case), case.number, said, then)


@step(system="sms", backoff=BACKOFF, size=16, read=texted, gate=gate, ask=messages.ask, record=begin_life)
def text_link(message: messages.Message) -> Done:
    """Send the link that a caller has pressed a key for (byte-2)."""
    try:
        return Done(message.then, messages.send("sms", message.to, message.text, message.token))
    except Refused as refused:
        if refused.reason not in messages.DECLINED:
            raise
        told = Entry("switch", refused.reason, "byte-2")
        changes = {"outcome": refused.reason}
        return Done(replace(message.then, state=State.STAYS, entries=(told,), changes=changes), sent=False)
