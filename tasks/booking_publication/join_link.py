"""The link that a digital visit is joined by: random, one for each booking, and the same wherever the visit moves."""

from __future__ import annotations

import secrets

from engine.base.settings import settings
from engine.outer import incidents
from models.booking import Booking
from models.booking_publication import BookingPublication
from models.routes import token_hash
from routine.joining import ToJoin, way_in
from routine.visit_form import NEEDS_E_ID
from tasks import clients

BYTES = 16
"""Of a token: 22 characters, which nobody guesses, in a letter that somebody may have to read aloud."""


def make(case: BookingPublication, booking: Booking) -> None:
    """Give a digital visit its link, unless it has one."""
    if case.link is None and booking.form in NEEDS_E_ID:
        case.link = secrets.token_urlsafe(BYTES)
        case.link_hash = token_hash(case.link)


def note_wrong_place(case: BookingPublication, booking: Booking) -> None:
    """Ops hear of an address that nobody will be led to as soon as it is told, and not at the visit (system-2)."""
    if booking.form not in NEEDS_E_ID or booking.join is None:
        return
    told = ToJoin(unit=case.unit, stands=True, platform=booking.platform, join=booking.join)
    way = way_in(told, clients.region())
    if way.answer is None:
        incidents.note(case.source, way.reason)


def address(case: BookingPublication, booking: Booking) -> str | None:
    """Where it leads; None: the visit is not joined by one, as it is held now."""
    if case.link is None or booking.form not in NEEDS_E_ID:
        return None
    return f"{settings().gateway_url}/v/{case.link}"
