"""Calls by 46elks.

Source: 46elks' API (`/a1/calls`, its call history), interfaces.md §3.2. There is no idempotency key, so an
UnknownOutcome is to be settled by asking with `called_between`. Numbers go in the body of the request, never in
its address.
"""

from __future__ import annotations

import json
from datetime import datetime

from engine.base.errors import Refused
from systems.elks import Listing, Made, Resource

RING_SECONDS = 45


class _Call(Made):
    direction: str | None = None


def _call_refusal(code: str) -> Refused:
    return Refused("call_refused", code)


class Voice:
    """Client of 46elks' calls.

    Args:
        url: of the API, without `/a1/calls`.
        user, password: of the API.
        deadline: seconds for a whole call, in `called_between` for all its pages together.
    """

    def __init__(self, url: str, user: str, password: str, deadline: float = 10.0) -> None:
        self._at = Resource(url, "calls", _Call, _call_refusal, user, password, deadline)

    def call(self, to: str, caller: str, announcement: str) -> str:
        """Ring someone up, and play them an announcement when they answer.

        Args:
            to, caller: E.164; the second is one of our own.
            announcement: the address of the sound.

        Returns:
            the provider's id.

        Raises:
            Refused: 'call_refused'; others as `Resource.make`.
        """
        action = json.dumps({"play": announcement})
        return self._at.make({"from": caller, "to": to, "voice_start": action, "timeout": str(RING_SECONDS)})

    def called_between(self, first: datetime, last: datetime, to: str) -> Listing:
        """The calls that the provider has made for us in that time to this number.

        Args and errors as `Resource.made_between`.
        """
        return self._at.made_between(first, last, lambda each: (each.to, each.direction) == (to, "outgoing"))
