"""What a resident sees under "Bokade tider" on 1177, after 1177 has asked our producer (crm:scheduling 1.1).

1177 looks in the index for the units, asks each for the resident's schedule, and asks for the details of
each call letter. It shows what lies in the future. What it could not read is listed as an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sandbox.systems.e1177.producer import Producer, ProducerError, Timeslot, in_stockholm
from sandbox.systems.engagement_index import Engagement


def bookings_seen(engagements: list[Engagement], resident: str, producer: Producer) -> dict[str, Any]:
    """`{"bookings": [...], "errors": [...]}` of one resident, by start; open call letters last."""
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    errors: list[str] = []
    for how, unit, ask in _questions(engagements, resident, producer):
        try:
            slots = ask()
        except ProducerError as error:
            errors.append(str(error))
            continue
        for slot in slots:
            key = unit.upper(), slot.get("bookingId", "")
            seen.setdefault(key, _shown(slot))["seen_by"].append(how)
    now = datetime.now(UTC)
    future = [one for one in seen.values() if not one["end"] or datetime.fromisoformat(one["end"]) > now]
    future.sort(key=lambda one: (one["start"] or "9", one["booking"]))
    return {"bookings": future, "errors": errors}


def _questions(
    engagements: list[Engagement], resident: str, producer: Producer
) -> Iterator[tuple[str, str, Callable[[], list[Timeslot]]]]:
    units = dict.fromkeys(engagement["logicalAddress"] for engagement in engagements)
    for unit in units:
        yield "schedule", unit, partial(producer.schedule, unit, resident)
    for one in engagements:
        if one["categorization"] == "Invitation":
            unit, booking = one["logicalAddress"], one["businessObjectInstanceIdentifier"]
            yield "details", unit, partial(producer.details, unit, resident, booking)


def _shown(slot: Timeslot) -> dict[str, Any]:
    return {
        "booking": slot.get("bookingId", ""),
        "unit": slot["healthcare_facility"],
        "unit_name": slot.get("healthcare_facility_name"),
        "patient": slot.get("subject_of_care"),
        "start": in_stockholm(slot.get("startTimeInclusive")),
        "end": in_stockholm(slot.get("endTimeExclusive") or slot.get("startTimeInclusive")),
        "purpose": slot.get("purpose"),
        "reason": slot.get("reason"),
        "time_type": slot.get("timeTypeID"),
        "time_type_name": slot.get("timeTypeName"),
        "is_invitation": slot.get("isInvitation", False),
        "cancel_allowed": slot.get("cancel_booking_allowed", False),
        "rebook_allowed": slot.get("rebooking_allowed", False),
        "seen_by": [],
    }
