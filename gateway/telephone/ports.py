"""What the calls and SMS that come in need from the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tasks.channel_switch.phone_menu import Called


class PhoneMenus(Protocol):
    """What becomes of calls. Only `press` may block."""

    def called(self, number: str, /) -> Called | None:
        """The unit that has the number (E.164); None: none of ours."""
        ...

    def at(self, unit: str, /) -> Called | None:
        """The unit (HSA-id), with what may be chosen there now; None: it has no telephone."""
        ...

    def key_url(self, unit: str, /) -> str:
        """Where the provider tells of a key that was pressed in a call to the unit."""
        ...

    def press(self, call: str, unit: Called, digit: str, number: str, at: datetime, /) -> bool:
        """A key was pressed then: whether the provider has the link for the caller. Any exception: it has not."""
        ...


@dataclass(frozen=True)
class HookLogin:
    """The user and password that the SMS provider's calls come in with."""

    user: str
    password: str = field(repr=False)
