"""Where each event goes, and what of it is stored there: no more than the process needs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from models.contact import is_stop
from models.encryption import Use, ring
from models.events import NOT_SECURE, RISK_ALERT, SMS, STAFF, Route, everything
from models.reading import JSON

Keep = Callable[[str, Any], dict[str, JSON]]


def without(*paths: str) -> Keep:
    """Everything but these fields: what nobody needs is not stored."""

    def keep(source: str, data: Any) -> dict[str, JSON]:
        kept = everything(source, data)
        for path in paths:
            *way, last = path.split(".")
            at: Any = kept
            for part in way:
                at = at.get(part) or {}
            at.pop(last, None)
        return kept

    return keep


def with_a_why(name: str, field: str) -> Keep:
    """Of free text by staff only whether there is any."""

    def keep(source: str, data: Any) -> dict[str, JSON]:
        kept = everything(source, data)
        inner: Any = kept[name]
        inner[field] = _is_said(inner.get(field))
        return kept

    return keep


def _is_said(words: str | None) -> bool:
    return any(char.isalnum() for char in words or "")


def _received(source: str, data: Any) -> dict[str, JSON]:
    """A contact; of its text only whether an SMS says that there shall be no more of them."""
    kept: Any = without("contact.text")(source, data)
    if source == SMS and is_stop(data.contact.text):
        kept["contact"]["says_stop"] = True
    return kept  # type: ignore[no-any-return]


def _message(source: str, data: Any) -> dict[str, JSON]:
    """A message; its text only if a patient wrote it where a question of ours may be answered."""
    kept = without("message.staff")(source, data)
    message: Any = kept["message"]
    message["reason"] = _is_said(data.message.reason)
    if data.message.from_ == "staff" or source in NOT_SECURE:
        message.pop("text", None)
    return kept


def _hashed_link(source: str, data: Any) -> dict[str, JSON]:
    """A token opens a door: only its hash is kept."""
    return everything(source, data) | {"link": token_hash(data.link)}


def token_hash(link: str) -> str:
    """By what a link is known to us: of its token, or of the whole link, whose last part the token is."""
    token = link.partition("?")[0].rstrip("/").rpartition("/")[2]
    return hash_of(hashlib.sha256(token.encode()).hexdigest())


def hash_of(digest: str) -> str:
    """Of a token's SHA-256 (hex), by which the version before knew it: 43 characters, keyed."""
    return base64.urlsafe_b64encode(ring().keyed(Use.LINK, digest)).decode().rstrip("=")


def patient_key(number: str) -> str:
    """The key of a case that is a patient: a keyed hash."""
    return ring().digest(number).hex()


def _contact_key(source: str, data: Any) -> str:
    """A contact is known by its channel and its id there."""
    contact = data.contact
    return f"{source}:{contact if isinstance(contact, str) else contact.id}"


def _risk_key(source: str, data: Any) -> str:
    """The contact's; staff may leave out the channel, and it is then found where the alerts are."""
    channel = data.channel if source in STAFF else source
    return _contact_key(channel, data) if channel else ""


def _of_many(_source: str, _data: Any) -> str:
    return ""


def _version(data: Any) -> int | None:
    version: int = data.booking.version
    return version


BOOKING = Route(
    "booking_publication", key=lambda source, data: f"{source}:{data.booking.id}", version=_version
)
OF_EVERYONE = tuple(
    Route(process, key=_of_many)
    for process in (
        "booking_publication",
        "risk_alert",
        "inbound_contact",
        "channel_switch",
        "participation",
        "preferences",
        "image_transfer",
    )
)
"""What is told of a person or a unit concerns every process that knows them."""
CONTACT = Route("inbound_contact", key=_contact_key, keep=_received)
CLOSED = replace(CONTACT, keep=without("outcome"))
MESSAGE = replace(CONTACT, keep=_message)
RISK = Route(RISK_ALERT, key=_risk_key, keep=without("by"))
RISK_ACKNOWLEDGED = replace(RISK, keep=everything)
RISK_ON_RECEIPT = replace(
    RISK,
    key=_contact_key,
    keep=without("contact.text", "contact.reply_address", "contact.by"),
    when=lambda data: data.contact.risk is not None,
)
RISK_IN_MESSAGE = replace(
    RISK,
    key=_contact_key,
    keep=without("message.text", "message.staff", "message.reason"),
    when=lambda data: data.message.risk is not None,
)
SWITCH = Route("channel_switch", key=lambda _, data: data.switch.id, keep=with_a_why("switch", "why"))
SWITCH_CONSENT = Route(
    "channel_switch",
    key=lambda _, data: data.consent.subject,
    when=lambda data: data.consent.for_ == "switch",
)
OVERRIDE = Route("channel_switch", key=_of_many, keep=with_a_why("override", "reason"))
LOGIN = Route("channel_switch", key=_of_many, keep=_hashed_link)
PROPOSAL = Route("participation", key=lambda _, data: data.proposal.id, keep=without("proposal.to"))
PROPOSAL_CONSENT = Route(
    "participation",
    key=lambda _, data: data.consent.subject,
    when=lambda data: data.consent.for_ != "switch",
)
TRANSFER = Route("image_transfer", key=_of_many)
PREFERENCES = Route("preferences", key=lambda _, data: patient_key(data.preferences.patient.id))
