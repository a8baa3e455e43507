"""SMS by 46elks.

Source: 46elks' API (`/a1/sms`), interfaces.md §3.1. There is no idempotency key, and a lost answer costs the
patient a second message if we guess wrong: an UnknownOutcome is to be settled by the receipt, or by asking
with `sent_between`. Numbers and texts go in the body of the request, never in its address.
"""

from __future__ import annotations

from datetime import datetime

from engine.base.errors import Refused
from systems.elks import Listing, Made, Resource


class _Message(Made):
    message: str | None = None


def _sms_refusal(code: str) -> Refused:
    return Refused("sms_refused", code)


class Sms:
    """Client of 46elks' messages.

    Args:
        url: of the API, without `/a1/sms`.
        user, password: of the API.
        deadline: seconds for a whole call, in `sent_between` for all its pages together.
    """

    def __init__(self, url: str, user: str, password: str, deadline: float = 10.0) -> None:
        self._at = Resource(url, "sms", _Message, _sms_refusal, user, password, deadline)

    def send(self, to: str, text: str, sender: str, receipt_url: str) -> str:
        """Send one message.

        Args:
            to: E.164.
            sender: at most 11 letters and digits, a letter first.
            receipt_url: where receipts are to be posted; it must not tell who the patient is.

        Returns:
            the provider's id.

        Raises:
            Refused: 'sms_refused'; others as `Resource.make`.
        """
        return self._at.make({"from": sender, "to": to, "message": text, "whendelivered": receipt_url})

    def sent_between(self, first: datetime, last: datetime, to: str, text: str) -> Listing:
        """The messages that the provider has from us of that time, to this number and with this text.

        Args and errors as `Resource.made_between`.
        """
        return self._at.made_between(first, last, lambda each: (each.to, each.message) == (to, text))
