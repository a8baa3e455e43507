"""A key that a caller has pressed: the link goes while they are on the line (byte-2, syfte-3)."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from sqlmodel import select

from engine.base.database import transaction
from engine.running.at_once import take_through
from engine.steps.process import Process
from models.channel_switch import ChannelSwitch, State
from tasks.channel_switch import phone_menu
from tasks.channel_switch.events import EVENTS
from tasks.channel_switch.phone_menu import Called
from tasks.channel_switch.text_link import text_in_call

AT_ONCE = Process(ChannelSwitch, EVENTS, {State.PRESSED: text_in_call})
LOOK_AGAIN = 0.1
PATIENCE = timedelta(seconds=4)
"""How long another worker that has the case is waited for."""


def press(call: str, unit: Called, digit: str, number: str, at: datetime) -> bool:
    """A key is pressed: whether the provider has the link by SMS when this returns. If not, a human answers.

    Args:
        call: the provider's id of the call; told again it is the same press.
        number: that the call is from, as the provider has it.
        at: when we heard of the key.
    """
    key = phone_menu.press(call, unit, digit, number, at)
    if key is None:
        return False
    take_through(AT_ONCE, key)
    return _is_handed_over(key)


def _is_handed_over(key: str) -> bool:
    """Whether the question has gone; what a worker of the flow has in hand is looked at until it is done."""
    query = select(ChannelSwitch.state, ChannelSwitch.asked_at, ChannelSwitch.owner)
    query = query.where(ChannelSwitch.key == key)
    until = time.monotonic() + PATIENCE.total_seconds()
    while True:
        with transaction() as connection:
            case = connection.execute(query).first()
        if case is not None and (case.state != State.PRESSED or case.owner is None):
            return case.asked_at is not None
        if time.monotonic() > until:
            return False
        time.sleep(LOOK_AGAIN)
