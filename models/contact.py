"""A contact (the patient has written), its messages, and a risk that somebody sees in it, as channels tell of them.

What patients write is never a reason to refuse an event: what cannot be kept or sent on is replaced, for a word of
suicide must not end in a 422.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from models.booking import Flag
from models.identity import LOCAL_ID, Id, Known, Line, PatientId, Staff, Unit
from models.times import Time

UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML and UTF-8 have no room for."""


def writable(value: object) -> object:
    """With U+FFFD in place of what cannot be kept."""
    return UNWRITABLE.sub("\ufffd", value) if isinstance(value, str) else value


Words = Annotated[str, StringConstraints(max_length=256 * 1024), BeforeValidator(writable)]
"""What somebody wrote, in any language and script; a character that cannot be kept becomes U+FFFD."""


Channel = Annotated[
    str,
    StringConstraints(pattern=f"^(?:platform24|hope|lifecare|stodbehandling|e1177|mail|sms|{LOCAL_ID})$"),
]
"""A source that tells of contacts: a contact is known by its channel and its id."""


class Topic(StrEnum):
    """What the patient wants."""

    DIALOGUE = "dialogue"
    REBOOK = "rebook"
    JOURNAL = "journal"
    FORM = "form"


class Proxy(StrEnum):
    """Who writes for a patient."""

    GUARDIAN = "guardian"
    OTHER = "other"


class Risk(StrEnum):
    """What somebody may be in danger of."""

    SUICIDE = "suicide"


class Contact(Known):
    """A contact that a patient, or someone for them, has begun."""

    id: Id
    patient: PatientId | None = Field(default=None, description="Null: the channel does not know who writes.")
    reply_address: Words | None = Field(
        default=None, repr=False, description="Where an answer goes, for e-mail and SMS."
    )
    unit: Unit
    text: Words | None = Field(
        default=None,
        repr=False,
        description="Read by nobody here, and not kept: the original stays with you.",
    )
    topic: Topic | None = None
    service: Id | None = Field(
        default=None, description="A service of 1177's catalogue, or a form's template."
    )
    urgent: Flag | None = None
    risk: Risk | None = Field(default=None, description="A human is alerted at once.")
    by: Id | None = Field(default=None, repr=False, description="The number of the proxy who writes.")
    by_role: Proxy | None = None
    automatic: Flag | None = Field(
        default=None,
        description="The mailbox says that a machine wrote it (Auto-Submitted, a null return path).",
    )


class Message(Known):
    """A message in a contact. Of staff's only who, when and what kind is kept, of a patient's the text until read."""

    id: Id
    from_: Literal["patient", "staff"] = Field(alias="from")
    staff: Staff | None = None
    text: Words | None = Field(default=None, repr=False)
    suggests_calling: Flag | None = None
    reason: Words | None = Field(default=None, repr=False, description="Why the patient is asked to call.")
    risk: Risk | None = None


class DigitalVisit(Known):
    """What a contact was, for its registration (distans-1); unknown is never a visit."""

    booked_or_agreed: Flag | None = None
    replaces_clinic_visit: Flag | None = None
    fee_informed: Flag | None = None
    documented: Flag | None = None


class AtRisk(Known):
    """What an alert needs to know of a contact: its id; and the rest if it is known."""

    id: Id
    patient: PatientId | None = None
    unit: Unit | None = None


class ContactReceived(Known):
    """The data of contact.received."""

    contact: Contact


class ContactMessage(Known):
    """The data of contact.message."""

    contact: Id
    message: Message


class ContactClosed(Known):
    """The data of contact.closed."""

    contact: Id
    outcome: Words | None = Field(default=None, repr=False, description="Not kept.")
    visit: DigitalVisit | None = None


class RiskFlagged(Known):
    """The data of contact.risk_flagged and contact.risk_acknowledged. `by` may be a name, an id, or an object."""

    contact: Id
    channel: Channel | None = Field(
        default=None, description="Staff name it; a bare id will do where only one channel has it."
    )
    risk: Risk = Risk.SUICIDE
    by: Staff | Line | None = Field(default=None, repr=False, union_mode="left_to_right")
    at: Time | None = None
