"""A neutral text by SMS or e-mail, and what became of it when its answer was lost."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta

from engine import effects
from engine.settings import settings
from engine.verdicts import Arrived, CannotTell, Finding, Go, NotArrived, Send
from models.case import Effect
from models.encryption import Use, ring
from routine.text import Text
from tasks import clients, occasions

CLOCK_MARGIN = timedelta(minutes=2)
"""How far the provider's clock may be from ours."""
DECLINED = ("sms_refused", "mail_refused")
"""The recipient is turned away: no case of ours can mend that."""


@dataclass(frozen=True)
class Message:
    """A neutral text on its way; `token` is by which a receipt finds it."""

    to: str = field(repr=False)
    text: Text
    token: str
    then: Go


def by_sms(key: str, to: str, said: Text, then: Go) -> Send:
    """The verdict that sends it by SMS, once."""
    message = Message(to, said, occasions.receipt_token(key), then)
    likeness = ring().keyed(Use.LIKENESS, f"{to}\n{said.body}")
    return Send(key, then, message, "sms", likeness, json.dumps({"to": to, "text": said.body}), message.token)


def send(by: str, to: str, said: Text, token: str) -> str:
    """Send it; the provider's id of it.

    Args:
        by: `sms` or `mail`.
        token: by which a receipt finds its effect.

    Raises:
        NotSent, UnknownOutcome, Refused, Incident: as the two clients.
    """
    if by == "mail":
        return clients.mail().send(to, said.subject or clients.region().name, said.body, token)
    return clients.sms().send(
        to, said.body, clients.region().sms.sender, settings().hook_url(f"/46elks/receipt/{token}")
    )


def ask(effect: Effect) -> Finding:
    """What became of a message whose answer was lost.

    1. A receipt on its token has closed the effect already, and nobody asks.
    2. Mail can't be asked about.
    3. SMS: the provider's messages with the same number and text that no other effect owns.
    4. None, and the list reached back to before it was sent: it was not.
    """
    if effect.system != "sms" or effect.request is None:
        return CannotTell()
    wanted = json.loads(effect.request)
    first, last = effect.sending_at - CLOCK_MARGIN, effect.deadline_at + CLOCK_MARGIN
    listing = clients.sms().sent_between(first, last, wanted["to"], wanted["text"])
    found = effects.adopt(effect, list(reversed(listing.ids)))
    if found is not None:
        return Arrived(found)
    return NotArrived() if listing.complete else CannotTell()
