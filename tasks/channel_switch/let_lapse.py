"""A question that nobody has answered in time: the contact stays where it is (byte-6)."""

from __future__ import annotations

from engine.base import clock
from engine.steps.stage import decides, from_case
from engine.steps.verdicts import Rest, Verdict, Wait
from models.channel_switch import ChannelSwitch, State
from routine.ages import swedish_day
from routine.asked import AskedChannel
from routine.channel_switch import after_refusal
from routine.reasons import Reason
from tasks import clients
from tasks.channel_switch.link_life import expires
from tasks.decided import decided, entry_of


@decides(from_case(ChannelSwitch))
def let_lapse(case: ChannelSwitch, known: None) -> Verdict:
    """Without an answer in time the contact stays where it is (byte-6)."""
    until = expires(case.asked_at or case.proposed_at or clock.now())
    if clock.now() < until:
        return Wait(until, for_answer=False)
    asked = AskedChannel(channel=case.from_channel, unit_id=case.unit, day=swedish_day(clock.now()))
    stays = after_refusal(asked.channel, asked.unit_id, asked.day, clients.region())
    return Rest(
        State.STAYS,
        (entry_of("switch", stays, decided("stays", asked, case.unit, stays)),),
        changes={"outcome": str(Reason.LINK_EXPIRED)},
    )
