"""The people of the region write: patients and staff, in whatever channel, each told by a signed webhook."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.people.residents import WrongResident, type_of
from sandbox.systems.channel import Channel, is_platform
from sandbox.systems.vas import Vas
from sandbox.wire.bodies import STAFF, UNIT, Form, OrNull, boolean, checked_body, one_of, text
from sandbox.wire.web import BadRequest
from sandbox.wire.webhooks import Event, Webhooks

Json = dict[str, Any]
Act = Callable[[Json], Json]
"""What somebody does, as `POST /act/…` has it; answers with what came of it."""
ELSEWHERE = one_of("e1177", "mail", "sms")
TOLD: dict[str, Any] = {
    "reply_address": None, "topic": None, "service": None, "urgent": False, "risk": None, "by": None, "by_role": None,
    "automatic": None,
}  # fmt: skip
"""Of a contact: what is told where nothing else is given."""


def _channel(value: Any) -> bool:
    return is_platform(value) or ELSEWHERE(value)


RECEIVED: dict[str, Form] = {
    "channel": _channel,
    "contact?": text,
    "personnummer": OrNull(text),
    "reply_address?": OrNull(text),
    "unit": UNIT,
    "text": text,
    "topic?": OrNull(one_of("dialogue", "rebook", "journal", "form")),
    "service?": OrNull(text),
    "urgent?": OrNull(boolean),
    "risk?": OrNull(one_of("suicide")),
    "by?": OrNull(text),
    "by_role?": OrNull(one_of("guardian", "other")),
    "automatic?": OrNull(boolean),
}
MESSAGE: dict[str, Form] = {
    "channel": _channel,
    "contact": text,
    "from": one_of("patient", "staff"),
    "text": text,
    "staff?": OrNull(STAFF),
    "suggests_calling?": OrNull(boolean),
    "reason?": OrNull(text),
    "risk?": OrNull(one_of("suicide")),
}
CLOSED: dict[str, Form] = {
    "channel": _channel,
    "contact": text,
    "outcome?": text,
    "visit?": OrNull({
        "booked_or_agreed": OrNull(boolean),
        "replaces_clinic_visit": OrNull(boolean),
        "fee_informed": OrNull(boolean),
        "documented": OrNull(boolean),
    }),
}  # fmt: skip


class Contacts:
    """Contacts in whatever channel, and the journal's drafts that come of them."""

    def __init__(self, webhooks: Webhooks, channels: Mapping[str, Channel], vas: Vas) -> None:
        self._webhooks, self._channels, self._vas = webhooks, channels, vas
        self.acts: dict[str, Act] = {
            "contact": self.begin_contact,
            "message": self.write_message,
            "close": self.close_contact,
            "sign": self.sign_note,
        }

    def begin_contact(self, given: Json) -> Json:
        """A patient, or a stranger (`personnummer` null), begins a contact; on a platform it is a conversation."""
        body = checked_body(given, RECEIVED)
        channel = body["channel"]
        contact = {
            "id": body.get("contact", f"{channel}-{uuid.uuid4().hex}"),
            "patient": None if body["personnummer"] is None else identified(body["personnummer"]),
            "unit": body["unit"],
            "text": body["text"],
        } | {name: body.get(name, otherwise) for name, otherwise in TOLD.items()}
        if platform := self._platform(channel):
            platform.begun(contact)
        return {"contact": contact["id"]} | self._send_event(
            channel, "contact.received", {"contact": contact}
        )

    def write_message(self, given: Json) -> Json:
        """The patient writes again, or staff answer; an unknown or closed conversation of a platform is refused."""
        body = checked_body(given, MESSAGE)
        channel, contact = body["channel"], body["contact"]
        told = ("from", "staff", "text", "suggests_calling", "reason", "risk")
        message = {"id": uuid.uuid4().hex} | {name: body.get(name) for name in told}
        if platform := self._platform(channel):
            platform.said(contact, message)
        data = {"contact": contact, "message": message}
        return {"contact": contact, "message": message["id"]} | self._send_event(
            channel, "contact.message", data
        )

    def close_contact(self, given: Json) -> Json:
        """Staff close the contact."""
        body = checked_body(given, CLOSED)
        channel, contact = body["channel"], body["contact"]
        how = {"outcome": body.get("outcome", "Avslutad"), "visit": body.get("visit")}
        if platform := self._platform(channel):
            platform.close_conversation(contact, how)
        return {"contact": contact} | self._send_event(channel, "contact.closed", {"contact": contact} | how)

    def sign_note(self, given: Json) -> Json:
        """The author signs a draft in the journal, by its id."""
        note = checked_body(given, {"note": text})["note"]
        self._vas.sign(note)
        return {"note": note}

    def _platform(self, channel: str) -> Channel | None:
        """The platform, if the channel is one; a channel that cannot sign is refused before anything is done."""
        self._webhooks.secret(channel)
        return self._channels.get(channel)

    def _send_event(self, channel: str, kind: str, data: Json) -> Json:
        return {"sent": [self._webhooks.send_event(Event(kind, data, channel))]}


def identified(number: str) -> Json:
    """A patient as a webhook has them."""
    try:
        return {"id": number, "type": type_of(number)}
    except WrongResident as error:
        raise BadRequest(422, str(error)) from None
