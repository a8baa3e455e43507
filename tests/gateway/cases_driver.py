"""Cases of every process, as their flows leave them, for the pages that show them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from staff_driver import ANNA, PATIENT, UNIT, insert_row

from engine.base import clock
from engine.base.database import load, table_of, transaction
from engine.tables.timeline import Entry, append
from models.booking_publication import BookingPublication
from models.case import Case, Effect
from models.channel_switch import ChannelSwitch
from models.check_in import CheckIn
from models.encryption import ring
from models.identity import IdentityType, PatientId
from models.image_transfer import ImageTransfer
from models.inbound_contact import InboundContact
from models.participation import Participation
from models.preferences import PatientPreferences
from models.requested_notice import RequestedNotice
from models.resident import Kind, Merge
from models.risk_alert import RiskAlert
from models.self_service import SelfService
from models.visit_reminder import VisitReminder

HERE, ELSEWHERE = UNIT["hsa_id"], "SE2321000115-E000000000007"
CALLER = "+46701740605"
STORY = (
    Entry("event_applied", "applied"),
    Entry("index_updated", "booked_visit", "besok-1"),
    Entry("notice", "visit_booked", "besok-2"),
)


def put(
    model: type[Case],
    *,
    unit: str | None = HERE,
    patient: str | None = PATIENT,
    entries: Sequence[Entry] = (),
    **columns: Any,
) -> uuid.UUID:
    """A case of the process at a unit, of a patient, with a timeline; gives its id."""
    id, now = uuid.uuid4(), clock.now()
    plain: dict[str, Any] = {
        "id": id,
        "key": f"k:{id}",
        "state": model.INITIAL,
        "created_at": now,
        "updated_at": now,
    }
    there = table_of(model).c
    if patient:
        plain["patient_hash"] = ring().digest(patient)
        who = PatientId(id=patient, type=IdentityType.PERSONNUMMER)
        if "patient" in there:
            plain["patient"] = who.model_dump_json()
        if "snapshot" in there:
            plain["snapshot"] = json.dumps({"patient": who.model_dump(mode="json")})
    if "unit" in there and unit is not None:
        plain["unit"] = unit
    insert_row(model, plain | columns)
    tell(model, id, *entries)
    return id


def tell(model: type[Case], id: uuid.UUID, *entries: Entry) -> None:
    """More on its timeline."""
    with transaction() as connection:
        (case,) = load(connection, select(model).where(model.id == id))
        append(connection, clock.now(), [(case, entry) for entry in entries])
        end = {"entries": case.entries, "last_hash": case.last_hash}
        connection.execute(update(model).where(col(model.id) == id).values(end))


def booking(id: str = "B-1", **columns: Any) -> uuid.UUID:
    """A booked visit of VAS."""
    key = {"key": f"vas:{id}", "source": "vas", "booking_id": id, "state": "settled"}
    return put(BookingPublication, **({"entries": STORY} | key | columns))


def contact(id: str = "K-1", **columns: Any) -> uuid.UUID:
    """A contact in Platform24."""
    key = {"key": f"platform24:{id}", "channel": "platform24", "contact_id": id, "state": "open"}
    return put(InboundContact, **(key | columns))


def alert(id: str = "K-1", **columns: Any) -> uuid.UUID:
    """An alert that nobody has acknowledged."""
    key = {"key": f"platform24:{id}", "channel": "platform24", "contact_id": id, "state": "alerted"}
    return put(RiskAlert, **(key | {"flagged_at": clock.now()} | columns))


def of_every_process(**columns: Any) -> dict[str, uuid.UUID]:
    """One case of each, of one patient: of a booking where it is about one, else of a contact."""
    made = {
        "booking_publication": booking(**columns),
        "visit_reminder": put(VisitReminder, key="vas:B-1", **columns),
        "check_in": put(CheckIn, booking_id="B-1", **columns),
        "self_service": put(SelfService, booking_id="B-1", **columns),
        "requested_notice": put(RequestedNotice, source="hope", **columns),
        "inbound_contact": contact(**columns),
        "risk_alert": alert(**columns),
        "channel_switch": put(
            ChannelSwitch,
            contact_id="K-1",
            contact_case="platform24:K-1",
            from_channel="platform24",
            **columns,
        ),
        "participation": put(Participation, contact_id="K-1", **columns),
        "image_transfer": put(ImageTransfer, system="platform24", contact_id="K-1", owner_id=ANNA, **columns),
    }

    return made | {"preferences": put(PatientPreferences, patient=columns.get("patient", PATIENT))}


def effect(case: uuid.UUID, **columns: Any) -> None:
    """Something that it has sent."""
    now = clock.now()
    plain = {"id": uuid.uuid4(), "key": str(uuid.uuid4()), "process": "booking_publication", "case_id": case}
    plain |= {"step": "give_notice", "system": "sms", "state": "done", "sending_at": now}
    plain |= {"deadline_at": now + timedelta(seconds=5), "tries": 1}
    insert_row(Effect, plain | columns)


def unit_merged(former: str, present: str) -> None:
    """VAS tells that a unit is now another."""
    now = clock.now()
    known_as = json.dumps({"hsa_id": present, "name": "Ny enhet"})
    row = {"id": uuid.uuid4(), "source": "vas", "webhook_id": str(uuid.uuid4()), "kind": Kind.UNIT}
    row |= {
        "from_key": former,
        "to_key": present,
        "known_as": known_as,
        "occurred_at": now,
        "received_at": now,
    }
    insert_row(Merge, row)
