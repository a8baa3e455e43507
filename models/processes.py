"""The processes there are, each by the table of its cases: the one list that all others are made of."""

from __future__ import annotations

from models.booking_publication import BookingPublication
from models.case import Case
from models.channel_switch import ChannelSwitch
from models.image_transfer import ImageTransfer
from models.inbound_contact import InboundContact
from models.participation import Participation
from models.preferences import PatientPreferences
from models.risk_alert import RiskAlert

MODELS: tuple[type[Case], ...] = (
    BookingPublication,
    RiskAlert,
    InboundContact,
    ChannelSwitch,
    Participation,
    PatientPreferences,
    ImageTransfer,
)
