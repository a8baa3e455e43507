"""The link that a digital visit is joined by: random, one for each booking, and the same wherever the visit moves."""

from __future__ import annotations

import secrets

from engine.base.settings import settings
from engine.outer import incidents
from models.booking import Booking
from models.booking_publication import BookingPublication
from models.routes import token_hash
from routine.visit_form import NEEDS_E_ID, where_joined
from routine.way_in import way_in
from tasks import clients
from tasks.booking_publication.form_facts import booked

BYTES = 16
"""Of a token: 22 characters, which nobody guesses, in a letter that somebody may have to read aloud."""


def make(case: BookingPublication, booking: Booking) -> None:
    """Give a digital visit its link, unless it has one."""
    if case.link is None and booking.form in NEEDS_E_ID:
        case.link = secrets.token_urlsafe(BYTES)
        case.link_hash = token_hash(case.link)


def note_no_way_in(case: BookingPublication, booking: Booking) -> None:
    """Ops hear of a visit that nobody can be led to as soon as it is told, and not at its time (system-2)."""
    if booking.form not in NEEDS_E_ID:
        return
    way = way_in(booking, clients.region())
    if way.answer is None:
        incidents.note(case.source, way.reason)


def address(case: BookingPublication, booking: Booking) -> str | None:
    """Where it leads; None: the visit is not joined by one, as it is held now, or nobody would come in by it."""
    if case.link is None or booking.form not in NEEDS_E_ID:
        return None
    if where_joined(booked(case, booking), clients.region()).answer is None:
        return None
    return f"{settings().gateway_url}/v/{case.link}"
