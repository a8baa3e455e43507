"""The people of the region write: patients and staff, in whatever channel, each told by a signed webhook."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.people.residents import WrongResident, type_of
from sandbox.wire.bodies import STAFF, UNIT, Form, OrNull, boolean, checked, one_of, text
from sandbox.wire.web import BadRequest
from sandbox.wire.webhooks import Event

if TYPE_CHECKING:
    from sandbox.region import Region
    from sandbox.systems.channel import Channel

Json = dict[str, Any]
NAMED = one_of("platform24", "hope", "lifecare", "e1177", "mail", "sms")
TOLD: dict[str, Any] = {
    "reply_address": None, "topic": None, "service": None, "urgent": False, "risk": None, "by": None, "by_role": None,
    "automatic": None,
}  # fmt: skip
"""Of a contact: what is told where nothing else is given."""


def _channel(value: Any) -> bool:
    return NAMED(value) or (isinstance(value, str) and value.startswith("local-"))


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


def received(region: Region, given: Json) -> Json:
    """A patient, or a stranger (`personnummer` null), begins a contact; on a platform it is a conversation."""
    body = checked(given, RECEIVED)
    channel = body["channel"]
    contact = {
        "id": body.get("contact", f"{channel}-{uuid.uuid4().hex}"),
        "patient": _patient(body["personnummer"]),
        "unit": body["unit"],
        "text": body["text"],
    } | {name: body.get(name, otherwise) for name, otherwise in TOLD.items()}
    if platform := _platform(region, channel):
        platform.begun(contact)
    return {"contact": contact["id"]} | _tell(region, channel, "contact.received", {"contact": contact})


def said(region: Region, given: Json) -> Json:
    """The patient writes again, or staff answer; an unknown or closed conversation of a platform is refused."""
    body = checked(given, MESSAGE)
    channel, contact = body["channel"], body["contact"]
    told = ("from", "staff", "text", "suggests_calling", "reason", "risk")
    message = {"id": uuid.uuid4().hex} | {name: body.get(name) for name in told}
    if platform := _platform(region, channel):
        platform.said(contact, message)
    data = {"contact": contact, "message": message}
    return {"contact": contact, "message": message["id"]} | _tell(region, channel, "contact.message", data)


def closed(region: Region, given: Json) -> Json:
    """Staff close the contact."""
    body = checked(given, CLOSED)
    channel, contact = body["channel"], body["contact"]
    how = {"outcome": body.get("outcome", "Avslutad"), "visit": body.get("visit")}
    if platform := _platform(region, channel):
        platform.close(contact, how)
    return {"contact": contact} | _tell(region, channel, "contact.closed", {"contact": contact} | how)


def signed(region: Region, given: Json) -> Json:
    """The author signs a draft in the journal, by its id."""
    note = checked(given, {"note": text})["note"]
    region.vas.sign(note)
    return {"note": note}


def _platform(region: Region, channel: str) -> Channel | None:
    """The platform, if the channel is one; a channel that cannot sign is refused before anything is done."""
    region.webhooks.secret(channel)
    return region.channels.get(channel)


def _patient(number: str | None) -> Json | None:
    if number is None:
        return None
    try:
        return {"id": number, "type": type_of(number)}
    except WrongResident as error:
        raise BadRequest(422, str(error)) from None


def _tell(region: Region, channel: str, kind: str, data: Json) -> Json:
    return {"sent": [region.webhooks.send(Event(kind, data, channel))]}


ACTS: dict[str, Callable[[Region, Json], Json]] = {
    "contact": received,
    "message": said,
    "close": closed,
    "sign": signed,
}
"""By the path under `/act/`."""
