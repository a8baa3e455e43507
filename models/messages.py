"""What the outer systems tell us: the events of docs/contract, read strictly, with errors that name no value.

A field that is null or left out means *not known*, never *no*. A booking is a full snapshot of itself;
its `version` grows with every change and may have gaps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from models import routes as to
from models.booking import (
    Actor,
    BookedBy,
    Booking,
    CallLetter,
    CallLetterKind,
    Form,
    VisitOutcome,
)
from models.booking_messages import (
    BookingCancelled,
    BookingEnded,
    BookingSnapshot,
    PatientAlive,
    PatientDeceased,
    PatientMerged,
    UnitMerged,
)
from models.contact import ContactClosed, ContactMessage, ContactReceived, RiskFlagged
from models.events import (
    BOOKING_SOURCES,
    CONTACT_SOURCES,
    NOT_SECURE,
    STAFF,
    VAS,
    Envelope,
    EventType,
    event,
)
from models.reading import JSON, Invalid, NotJson, Problem, problems, read_json
from models.staff import (
    ConsentRecorded,
    GateOverridden,
    LoginCompleted,
    PreferencesChanged,
    ProposalMade,
    SwitchProposed,
)

__all__ = [
    "EVENTS",
    "JSON",
    "Accepted",
    "Actor",
    "BookedBy",
    "Booking",
    "CallLetter",
    "CallLetterKind",
    "EventType",
    "Form",
    "Invalid",
    "NotJson",
    "Problem",
    "VisitOutcome",
    "parse",
    "read_json",
    "types_from",
]

_EVENTS = (
    event(
        "booking.created",
        BookingSnapshot,
        BOOKING_SOURCES,
        "A visit was booked, or a call letter made.",
        to.BOOKING,
    ),
    event(
        "booking.changed", BookingSnapshot, BOOKING_SOURCES, "A booking is now as it says here.", to.BOOKING
    ),
    event("booking.cancelled", BookingCancelled, BOOKING_SOURCES, "A booking was cancelled.", to.BOOKING),
    event("booking.ended", BookingEnded, BOOKING_SOURCES, "A booked visit is over.", to.BOOKING),
    event(
        "patient.merged",
        PatientMerged,
        VAS,
        "A patient got another number: re-keyed in silence.",
        *to.OF_EVERYONE,
    ),
    event(
        "patient.deceased",
        PatientDeceased,
        VAS,
        "A patient has died: nothing more is ever sent.",
        *to.OF_EVERYONE,
    ),
    event(
        "patient.alive",
        PatientAlive,
        VAS,
        "A death was registered in error: what it closed comes back.",
        *to.OF_EVERYONE,
    ),
    event("unit.merged", UnitMerged, VAS, "A unit is now another: re-keyed in silence.", *to.OF_EVERYONE),
    event(
        "contact.received",
        ContactReceived,
        CONTACT_SOURCES,
        "A patient has written: answered there, or referred. The text is not kept.",
        to.CONTACT,
        to.RISK_ON_RECEIPT,
    ),
    event(
        "contact.message",
        ContactMessage,
        CONTACT_SOURCES,
        "The patient or staff have written in a contact. A patient's text is kept until it has been read.",
        to.MESSAGE,
        to.RISK_IN_MESSAGE,
    ),
    event(
        "contact.closed",
        ContactClosed,
        CONTACT_SOURCES,
        "A contact is over: its registration is proposed to the journal system.",
        to.CLOSED,
    ),
    event(
        "contact.risk_flagged",
        RiskFlagged,
        CONTACT_SOURCES | STAFF,
        "Somebody sees a risk of suicide: a human is alerted until one has said that they act.",
        to.RISK,
    ),
    event(
        "contact.risk_acknowledged", RiskFlagged, CONTACT_SOURCES | STAFF, "A human has the alert.", to.RISK
    ),
    event(
        "switch.proposed",
        SwitchProposed,
        STAFF,
        "Staff propose another channel: the patient is asked in their own.",
        to.SWITCH,
    ),
    event(
        "handover.proposed",
        ProposalMade,
        STAFF,
        "Staff want to hand over: carried out once the patient has consented.",
        to.PROPOSAL,
    ),
    event(
        "participant.proposed",
        ProposalMade,
        STAFF,
        "Staff want to invite someone: carried out once the patient has consented.",
        to.PROPOSAL,
    ),
    event(
        "consent.recorded",
        ConsentRecorded,
        STAFF,
        "What the patient answered, as staff heard or read it.",
        to.SWITCH_CONSENT,
        to.PROPOSAL_CONSENT,
    ),
    event("gate.overridden", GateOverridden, STAFF, "Staff go past a gate, with a reason.", to.OVERRIDE),
    event(
        "preferences.changed",
        PreferencesChanged,
        VAS | {"e1177"},
        "What a patient wishes has changed: carried to the journal system.",
        to.PREFERENCES,
    ),
    event(
        "link.login_completed",
        LoginCompleted,
        CONTACT_SOURCES - NOT_SECURE,
        "A patient has followed a link of ours to a target with a login of its own: that is the consent.",
        to.LOGIN,
    ),
)
EVENTS: Mapping[str, EventType] = {each.name: each for each in _EVENTS}


def types_from(source: str) -> frozenset[str]:
    """The event types that may come from a source; none: there is no such source."""
    return frozenset(name for name, each in EVENTS.items() if each.may_come_from(source))


@dataclass(frozen=True)
class Accepted:
    """An event that was understood.

    Args:
        type: its name.
        occurred_at: aware.
        key: the case's key, such as `source:booking id`; "" where it concerns many cases.
        process: the process whose inbox it goes to.
        version: of the snapshot; None where there is none.
        data: canonical JSON of what the process needs.
        also: the same event, as it goes to other processes.
    """

    type: str
    occurred_at: datetime
    key: str
    process: str
    version: int | None
    data: dict[str, JSON]
    also: tuple[Accepted, ...] = ()


def parse(source: str, body: bytes | JSON) -> Accepted:
    """Reads an event.

    Args:
        source: who sent it; decides which types may come and the case's key.
        body: the raw body, or what it holds: `{type, timestamp, data}`.

    Raises:
        NotJson: the bytes are not JSON.
        Invalid: every wrong field by its path, no value in it.
    """
    content = read_json(body) if isinstance(body, bytes) else body
    if not isinstance(content, dict):
        raise Invalid([{"path": "", "message": "must be an object"}])
    known = _event_type(source, content)
    try:
        envelope: Any = known.envelope.model_validate(content)
    except ValidationError as wrong:
        raise Invalid(problems(wrong), known.name) from None
    first, *others = [
        Accepted(
            type=known.name,
            occurred_at=envelope.timestamp,
            key=route.key(source, envelope.data),
            process=route.process,
            version=route.version(envelope.data),
            data=route.keep(source, envelope.data),
        )
        for route in known.routes
        if route.when(envelope.data)
    ]
    return replace(first, also=tuple(others))


def _event_type(source: str, content: dict[str, JSON]) -> EventType:
    name = content.get("type")
    known = EVENTS.get(name) if isinstance(name, str) else None
    if known is not None and known.may_come_from(source):
        return known
    if name is None:
        message = "is required"
    else:
        message = "is no known type" if known is None else "does not come from this source"
    found: list[Problem] = [{"path": "type", "message": message}]
    try:
        Envelope.model_validate(content)
    except ValidationError as wrong:
        found += [problem for problem in problems(wrong) if problem["path"] != "type"]
    raise Invalid(found, known.name if known else None)
