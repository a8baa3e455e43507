"""A neutral text by SMS or e-mail: what became of it when its answer was lost, and when it did not arrive.

What does not arrive comes to the case that sent it as an event, `MESSAGE_FAILED`, which its process handles in
its `EVENTS`: `models.stored_events.MessageFailed` says of what it was, `not_reached` is for the timeline.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection

from engine.base.errors import Refused
from engine.base.settings import settings
from engine.steps.verdicts import Arrived, CannotTell, Done, Finding, Go, NotArrived, Send
from engine.tables import effects
from engine.tables.receipts import MESSAGE_FAILED
from engine.tables.timeline import Entry
from models.case import Effect, Event
from models.encryption import Use, ring
from routine.reasons import Reason
from routine.text import Text
from tasks import clients, journal_system

CLOCK_MARGIN = timedelta(minutes=2)
"""How far the provider's clock may be from ours."""
DECLINED = ("sms_refused", "mail_refused")
"""The recipient is turned away: no case of ours can mend that."""


@dataclass(frozen=True)
class Message:
    """A neutral text on its way; `token` is by which a receipt finds it.

    `declined`: how the case goes on where the recipient is turned away; `None`: the step says.
    """

    to: str = field(repr=False)
    text: Text
    token: str
    then: Go
    declined: Go | None = None


def by_sms(key: str, to: str, said: Text, then: Go, declined: Go | None = None) -> Send[Message]:
    """The verdict that sends it by SMS, once."""
    message = Message(to, said, receipt_token(key), then, declined)
    likeness = ring().keyed(Use.LIKENESS, f"{to}\n{said.body}")
    return Send(key, then, message, "sms", likeness, _request(to, said), message.token)


def by_mail(key: str, to: str, said: Text, then: Go, declined: Go | None = None) -> Send[Message]:
    """The verdict that sends it by e-mail, once."""
    message = Message(to, said, receipt_token(key), then, declined)
    return Send(key, then, message, "mail", request=_request(to, said))


def receipt_token(key: str) -> str:
    """By which a receipt finds its effect: the same for every try, and not to be guessed."""
    return ring().keyed(Use.RECEIPT, key).hex()


def _request(to: str, said: Text) -> str:
    return json.dumps({"to": to, "text": said.body})


def sent_to(connection: Connection, keys: Sequence[str]) -> dict[str, str]:
    """Where the messages with these keys went, or were to go, by key."""
    found = effects.with_keys(connection, keys)
    return {each.key: json.loads(each.request)["to"] for each in found if each.request}


def not_reached(what: str, event: Event | None = None) -> Entry:
    """What the timeline says of a message that has not arrived (policy-avisering-3).

    Args:
        what: it was, such as `notice`.
        event: that told of it later; None: its provider said no at once.
    """
    told = {"type": event.type, "event": str(event.id)} if event else {}
    return Entry(what, Reason.NOT_REACHED, "policy-avisering-3", told)


def deliver(message: Message, by: str) -> Done:
    """Send it; where the recipient is turned away, go on as `declined` says.

    Raises:
        as `send`, and Refused where there is no `declined`.
    """
    try:
        return Done(message.then, send_text(by, message.to, message.text, message.token))
    except Refused as refused:
        if refused.reason not in DECLINED or message.declined is None:
            raise
        return Done(message.declined, sent=False)


def send_text(by: str, to: str, said: Text, token: str) -> str:
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


def ask_of_message(effect: Effect) -> Finding:
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


def deliver_or_post(what: Message | journal_system.Posting) -> Done:
    """Send a message by the way that its text is for, or have the journal system take what staff are to do instead.

    Raises:
        as `deliver`, and as `journal_system.post`.
    """
    if isinstance(what, journal_system.Posting):
        return journal_system.post(what)
    return deliver(what, "sms" if what.text.subject is None else "mail")


def ask_of_either(effect: Effect) -> Finding:
    """What became of a message or a posting whose answer was lost; VAS takes a key: the same again is harmless."""
    return journal_system.ask_of_posting(effect) if effect.system == "vas" else ask_of_message(effect)


__all__ = [
    "CLOCK_MARGIN",
    "DECLINED",
    "MESSAGE_FAILED",
    "Message",
    "ask_of_either",
    "ask_of_message",
    "by_mail",
    "by_sms",
    "deliver",
    "deliver_or_post",
    "not_reached",
    "receipt_token",
    "send_text",
    "sent_to",
]
