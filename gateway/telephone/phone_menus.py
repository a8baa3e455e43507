"""Calls to a unit, as the gateway takes them in. What may be chosen is decided behind it."""

from __future__ import annotations

from datetime import datetime

from anyio import from_thread

from engine.base.settings import settings
from gateway.telephone.ports import PhoneMenus
from gateway.wake import Waker
from models.channel_switch import ChannelSwitch
from tasks.channel_switch import key_press, phone_menu
from tasks.channel_switch.phone_menu import Called


class UnitPhoneMenus(PhoneMenus):
    """The menus of the region's units.

    Args:
        waker: asks for a run that sees to what a call has left.
    """

    def __init__(self, waker: Waker) -> None:
        self._waker = waker

    def called(self, number: str, /) -> Called | None:
        """As the port has it."""
        return phone_menu.called(number)

    def at(self, unit: str, /) -> Called | None:
        """As the port has it."""
        return phone_menu.at(unit)

    def key_url(self, unit: str, /) -> str:
        """As the port has it."""
        return settings().hook_url(f"/46elks/ivr/{unit}")

    def press(self, call: str, unit: Called, digit: str, number: str, at: datetime, /) -> bool:
        """As the port has it."""
        is_sent = key_press.press(call, unit, digit, number, at)
        if not is_sent:
            from_thread.run_sync(self._waker.soon, ChannelSwitch.PROCESS)
        return is_sent
