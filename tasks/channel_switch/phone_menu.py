"""A call comes in: what the caller may choose, and what becomes of the key (byte-2, syfte-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.base import clock
from engine.base.database import transaction
from engine.tables.inbox import Inbox
from models.channel_switch import ChannelSwitch
from models.events import Arrival
from routine.ages import swedish_day
from routine.channel_switch import may_caller_have_link, may_key_be_offered
from routine.figures import Telephone
from routine.key_press import is_caller_on_the_line
from routine.protected import Passage
from tasks import clients
from tasks.channel_switch.text_link import asked_for, texted_to

SOURCE = "46elks"
PRESSED = "call.key_pressed"


@dataclass(frozen=True)
class Called:
    """A unit that is called: its HSA-id, its numbers and sounds, and what may be chosen now.

    Args:
        keys: a digit to the channel that its link leads to; none: the unit offers no choice.
    """

    unit: str
    telephone: Telephone
    keys: Mapping[str, str]


def called(number: str) -> Called | None:
    """The unit whose number it is, in E.164; None: none of ours."""
    unit = clients.region().called(number)
    return at(unit) if unit else None


def at(unit_id: str) -> Called | None:
    """The unit with its telephone, by its HSA-id; None: it has none."""
    region, day = clients.region(), swedish_day(clock.now())
    unit = region.unit(unit_id)
    if unit is None or unit.telephone is None:
        return None
    keys = {
        digit: to
        for digit, to in unit.telephone.keys.items()
        if may_key_be_offered(asked_for(unit, unit_id, to), day, region).answer is Passage.SEND
    }
    return Called(unit_id.upper(), unit.telephone, keys)


def press(call: str, unit: Called, digit: str, number: str, at: datetime) -> str | None:
    """Keep that a key was pressed for a link; the key of its case. None: no link may go, and a human answers.

    Who has had as many links as a number may is told of none (policy-knapp-1, syfte-3).

    Args:
        call: the provider's id of the call; told again it is the same press.
        number: that the call is from, as the provider has it.
        at: when we heard of the key.
    """
    to, policy, region = unit.keys.get(digit), clients.region().unit(unit.unit), clients.region()
    if to is None or policy is None:
        return None
    key = f"call:{call}"
    asked = asked_for(policy, unit.unit, to)
    with transaction() as connection:
        before = texted_to(connection, number, key, at)
    if may_caller_have_link(asked, number, before, swedish_day(at), region).answer is not Passage.SEND:
        return None
    if not is_caller_on_the_line(at, clock.now()).allowed:
        return None  # the database has kept us waiting: they have come to a human meanwhile
    data = {"call": call, "unit": unit.unit, "to": to, "from": number}
    Inbox().store(SOURCE, [Arrival(call, PRESSED, ChannelSwitch.PROCESS, key, None, at, data)])
    return key
