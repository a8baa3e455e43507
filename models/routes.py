"""Where each event goes, and what of it is stored there: no more than the process needs."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from models.encryption import Use, ring
from models.events import NOT_SECURE, RISK_ALERT, STAFF, Route, canonical
from models.reading import JSON
from models.stored_events import (
    ChangeProposed,
    ContactAtRisk,
    ContactBegun,
    ContactFlagged,
    ContactOver,
    GatePassed,
    LoginReported,
    MessageWritten,
    ParticipationProposed,
    RiskInMessage,
)


def _message(source: str, data: Any) -> dict[str, JSON]:
    """A message; its text only if a patient wrote it where a question of ours may be answered."""
    kept: Any = canonical(source, data)
    if data.message.from_ == "staff" or source in NOT_SECURE:
        kept["message"].pop("text", None)
    return kept  # type: ignore[no-any-return]


def _hashed_link(source: str, data: Any) -> dict[str, JSON]:
    """A token opens a door: only its hash is kept."""
    return canonical(source, data) | {"link": token_hash(data.link)}


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


def of_many(_source: str, _data: Any) -> str:
    """The key of what concerns many cases, or names its case otherwise."""
    return ""


def _version(data: Any) -> int | None:
    version: int = data.booking.version
    return version


BOOKING = Route(
    "booking_publication", key=lambda source, data: f"{source}:{data.booking.id}", version=_version
)
CONTACT = Route("inbound_contact", key=_contact_key, stored=ContactBegun)
CLOSED = Route("inbound_contact", key=_contact_key, stored=ContactOver)
MESSAGE = Route("inbound_contact", key=_contact_key, stored=MessageWritten, keep=_message)
RISK = Route(RISK_ALERT, key=_risk_key, stored=ContactFlagged)
RISK_ACKNOWLEDGED = Route(RISK_ALERT, key=_risk_key)
RISK_ON_RECEIPT = Route(
    RISK_ALERT, key=_contact_key, stored=ContactAtRisk, when=lambda data: data.contact.risk is not None
)
RISK_IN_MESSAGE = Route(
    RISK_ALERT, key=_contact_key, stored=RiskInMessage, when=lambda data: data.message.risk is not None
)
SWITCH = Route("channel_switch", key=lambda _, data: data.switch.id, stored=ChangeProposed)
SWITCH_CONSENT = Route(
    "channel_switch",
    key=lambda _, data: data.consent.subject,
    when=lambda data: data.consent.for_ == "switch",
)
OVERRIDE = Route("channel_switch", key=of_many, stored=GatePassed)
LOGIN = Route("channel_switch", key=of_many, stored=LoginReported, keep=_hashed_link)
PROPOSAL = Route("participation", key=lambda _, data: data.proposal.id, stored=ParticipationProposed)
PROPOSAL_CONSENT = Route(
    "participation",
    key=lambda _, data: data.consent.subject,
    when=lambda data: data.consent.for_ != "switch",
)
TRANSFER = Route("image_transfer", key=of_many)
PREFERENCES = Route("preferences", key=lambda _, data: patient_key(data.preferences.patient.id))
