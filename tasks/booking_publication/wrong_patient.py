"""A booking that was made for the wrong patient: cancelled to the one, booked to the other (policy-andring-2).

What is owed to the former patient becomes a case of its own, so that it is judged as theirs: by their wishes,
their age, their protected identity, and with a timeline that says nothing of the other.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection

from engine.base import clock
from engine.tables import effects
from engine.tables.events import EventContext
from engine.tables.timeline import Entry
from models.booking_publication import BookingPublication
from models.case import Event
from models.events import Arrival, in_json
from models.stored_events import BookingCorrected
from routine.occasion import LastKnown, is_former_to_be_told
from tasks.booking_publication import engagements, letters
from tasks.booking_publication.particulars import UNTOLD

FORMER = "booking.corrected"
"""The event that we make for the former patient's case."""


def part(case: BookingPublication, was: LastKnown, context: EventContext[Any]) -> Entry:
    """Leave the case to its right patient, and make one for the former, if they are to hear of it."""
    connection = context.connection
    letter = bool(letters.gone(connection, [case])[case.id]) or _is_printed(case)
    reached = letter or case.told or _has_reached(connection, case)
    decision = is_former_to_be_told(was, reached=reached)
    if decision.allowed or letter:
        context.put(_former(case, context.event, letter=letter, silent=not decision.allowed))
    for column, value in {**UNTOLD, "patient_at": clock.now()}.items():
        setattr(case, column, value)
    return Entry("patient_corrected", decision.reason, decision.clause)


def _former(case: BookingPublication, event: Event, *, letter: bool, silent: bool) -> Arrival:
    booking = json.loads(case.snapshot or "{}")
    booking |= {"cancelled_by": "staff", "replay": silent, "caused_by": None}
    said = in_json(BookingCorrected.model_validate({"booking": booking, "letter": letter}))
    key = f"{case.key}#{event.id}"
    return Arrival(f"{event.id}:former", FORMER, event.process, key, None, event.occurred_at, said)


def _has_reached(connection: Connection, case: BookingPublication) -> bool:
    """Has anything of it gone to its patient, or to staff, or has 1177 been told to show it?"""
    since = case.patient_at
    gone = effects.gone_of(connection, [case.id])
    return any(since is None or each.sending_at >= since for each in gone) or engagements.is_shown_to(
        connection, case.id, case.patient_hash
    )


def _is_printed(case: BookingPublication) -> bool:
    letter = json.loads(case.snapshot or "{}").get("call_letter")
    return bool(letter and letter.get("printed"))
