"""The keys of what is done in a contact: each names its occasion, and holds nothing of the patient's."""

from __future__ import annotations

from models.inbound_contact import InboundContact
from models.times import STOCKHOLM, in_utc


def read_original(case: InboundContact) -> str:
    """One task for each message that came by a way that is not approved."""
    return f"staff_task:read_original:{case.id}:{case.message}"


def acknowledgement(case: InboundContact) -> str:
    """One for a contact, however often the patient writes in it."""
    return f"acknowledgement:{case.id}"


def referral(case: InboundContact) -> str:
    """One for an address and a day in Sweden."""
    to = case.reply_hash.hex() if case.reply_hash else str(case.id)
    at = case.received_at.astimezone(STOCKHOLM) if case.received_at else None
    return f"referral:{to}:{at:%Y-%m-%d}" if at else f"referral:{to}"


def referral_declined(case: InboundContact) -> str:
    """One task for a referral that was turned away."""
    return f"staff_task:referral_declined:{case.id}:{case.message}"


def guidance(case: InboundContact) -> str:
    """One link, or one form, for a contact."""
    return f"guidance:{case.id}"


def registration(case: InboundContact) -> str:
    """One proposal each time that a contact is closed."""
    return f"registration:{case.id}:{in_utc(case.closed_at)}"
