"""The processes there are, and the events that come to them: the lists that all others are made of."""

from __future__ import annotations

from collections.abc import Mapping

from models import examples
from models import routes as to
from models.booking_messages import (
    BookingCancelled,
    BookingEnded,
    BookingSnapshot,
    PatientAlive,
    PatientDeceased,
    PatientMerged,
    UnitMerged,
)
from models.booking_publication import BookingPublication
from models.case import Case
from models.channel_switch import ChannelSwitch
from models.check_in import CheckIn
from models.contact import ContactClosed, ContactMessage, ContactReceived, RiskFlagged
from models.events import (
    ACKNOWLEDGED,
    BOOKING_SOURCES,
    CONTACT_SOURCES,
    NOT_SECURE,
    STAFF,
    VAS,
    EventType,
    Route,
    event,
)
from models.image_transfer import ImageTransfer
from models.inbound_contact import InboundContact
from models.participation import Participation
from models.preferences import PatientPreferences
from models.requested_notice import NOTICE_REQUESTED, NOTICE_WITHDRAWN, RequestedNotice
from models.risk_alert import RiskAlert
from models.self_service import SelfService
from models.staff import (
    ConsentRecorded,
    GateOverridden,
    LoginCompleted,
    PreferencesChanged,
    ProposalMade,
    SwitchProposed,
)
from models.transfer import JOURNALLED, REQUESTED, TransferJournalled, TransferRequested
from models.visit_reminder import REMINDER_WISHED, VISIT, VISIT_OVER, VisitReminder

MODELS: tuple[type[Case], ...] = (
    BookingPublication,
    RiskAlert,
    InboundContact,
    ChannelSwitch,
    Participation,
    PatientPreferences,
    ImageTransfer,
    CheckIn,
    RequestedNotice,
    VisitReminder,
    SelfService,
)
OF_EVERYONE = tuple(Route(model.PROCESS, key=to.of_many) for model in MODELS)
"""What is told of a person or a unit concerns every process."""
_EVENTS = (
    NOTICE_REQUESTED,
    NOTICE_WITHDRAWN,
    event(
        "booking.created",
        BookingSnapshot,
        BOOKING_SOURCES,
        "A visit was booked, or a call letter made.",
        to.BOOKING,
        VISIT,
        example=examples.BOOKING_CREATED,
    ),
    event(
        "booking.changed",
        BookingSnapshot,
        BOOKING_SOURCES,
        "A booking is now as it says here.",
        to.BOOKING,
        VISIT,
        example=examples.BOOKING_CHANGED,
    ),
    event(
        "booking.cancelled",
        BookingCancelled,
        BOOKING_SOURCES,
        "A booking was cancelled.",
        to.BOOKING,
        VISIT,
        example=examples.BOOKING_CANCELLED,
    ),
    event(
        "booking.ended",
        BookingEnded,
        BOOKING_SOURCES,
        "A booked visit is over.",
        to.BOOKING,
        VISIT_OVER,
        example=examples.BOOKING_ENDED,
    ),
    event(
        "patient.merged",
        PatientMerged,
        VAS,
        "A patient got another number: re-keyed in silence.",
        *OF_EVERYONE,
        example=examples.PATIENT_MERGED,
    ),
    event(
        "patient.deceased",
        PatientDeceased,
        VAS,
        "A patient has died: nothing more is ever sent.",
        *OF_EVERYONE,
        example=examples.PATIENT_DECEASED,
    ),
    event(
        "patient.alive",
        PatientAlive,
        VAS,
        "A death was registered in error: what it closed comes back.",
        *OF_EVERYONE,
        example=examples.PATIENT_ALIVE,
    ),
    event(
        "unit.merged",
        UnitMerged,
        VAS,
        "A unit is now another: re-keyed in silence.",
        *OF_EVERYONE,
        example=examples.UNIT_MERGED,
    ),
    event(
        "contact.received",
        ContactReceived,
        CONTACT_SOURCES,
        "A patient has written: answered there, or referred. The text is not kept.",
        to.CONTACT,
        to.RISK_ON_RECEIPT,
        example=examples.CONTACT_RECEIVED,
    ),
    event(
        "contact.message",
        ContactMessage,
        CONTACT_SOURCES,
        "The patient or staff have written in a contact. A patient's text is kept until it has been read.",
        to.MESSAGE,
        to.RISK_IN_MESSAGE,
        example=examples.CONTACT_MESSAGE,
    ),
    event(
        "contact.closed",
        ContactClosed,
        CONTACT_SOURCES,
        "A contact is over: its registration is proposed to the journal system.",
        to.CLOSED,
        example=examples.CONTACT_CLOSED,
    ),
    event(
        "contact.risk_flagged",
        RiskFlagged,
        CONTACT_SOURCES | STAFF,
        "Somebody sees a risk of suicide: a human is alerted until one has said that they act.",
        to.RISK,
        example=examples.CONTACT_RISK_FLAGGED,
    ),
    event(
        ACKNOWLEDGED,
        RiskFlagged,
        CONTACT_SOURCES | STAFF,
        "A human has the alert: only staff, or the contact's own channel, say so.",
        to.RISK_ACKNOWLEDGED,
        example=examples.CONTACT_RISK_ACKNOWLEDGED,
    ),
    event(
        "switch.proposed",
        SwitchProposed,
        STAFF,
        "Staff propose another channel: the patient is asked in their own.",
        to.SWITCH,
        example=examples.SWITCH_PROPOSED,
    ),
    event(
        "handover.proposed",
        ProposalMade,
        STAFF,
        "Staff want to hand over: carried out once the patient has consented.",
        to.PROPOSAL,
        example=examples.HANDOVER_PROPOSED,
    ),
    event(
        "participant.proposed",
        ProposalMade,
        STAFF,
        "Staff want to invite someone: carried out once the patient has consented.",
        to.PROPOSAL,
        example=examples.PARTICIPANT_PROPOSED,
    ),
    event(
        "consent.recorded",
        ConsentRecorded,
        STAFF,
        "What the patient answered, as staff heard or read it.",
        to.SWITCH_CONSENT,
        to.PROPOSAL_CONSENT,
        example=examples.CONSENT_RECORDED,
    ),
    event(
        "gate.overridden",
        GateOverridden,
        STAFF,
        "Staff go past a gate, with a reason.",
        to.OVERRIDE,
        example=examples.GATE_OVERRIDDEN,
    ),
    event(
        "preferences.changed",
        PreferencesChanged,
        VAS | {"e1177"},
        "What a patient wishes has changed: carried to the journal system.",
        to.PREFERENCES,
        REMINDER_WISHED,
        example=examples.PREFERENCES_CHANGED,
    ),
    event(
        "link.login_completed",
        LoginCompleted,
        CONTACT_SOURCES - NOT_SECURE,
        "A patient has followed a link of ours to a target with a login of its own: that is the consent.",
        to.LOGIN,
        example=examples.LINK_LOGIN_COMPLETED,
    ),
    event(
        REQUESTED,
        TransferRequested,
        STAFF,
        "Staff want to journal what a patient has sent: fetched into the storage, for them only.",
        to.TRANSFER,
        example=examples.TRANSFER_REQUESTED,
    ),
    event(
        JOURNALLED,
        TransferJournalled,
        STAFF,
        "A file is in the journal: what lies of it in the storage goes at once.",
        to.TRANSFER,
        example=examples.TRANSFER_JOURNALLED,
    ),
)
EVENTS: Mapping[str, EventType] = {each.name: each for each in _EVENTS}
