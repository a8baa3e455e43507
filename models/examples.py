"""An example of the data of each type of event, of nobody real."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Test numbers of Skatteverket and of Inera, given to nobody; units of no region.
_PATIENT = {"id": "201312012386", "type": "personnummer"}
_UNIT = {"hsa_id": "SE2321000115-E000000000001", "name": "Vårdcentralen Halmstad"}
_NEW_UNIT = {"hsa_id": "SE2321000115-E000000000002", "name": "Närsjukvården Halmstad"}
_STAFF = {"hsa_id": "SE2321000115-P000000000001", "name": "Anna Test", "title": "sjuksköterska"}
Example = Mapping[str, Any]
_BOOKING: dict[str, Any] = {
    "id": "VAS-2026-118",
    "version": 1,
    "patient": _PATIENT,
    "unit": _UNIT,
    "start": "2026-12-01T09:00:00+01:00",
    "end": "2026-12-01T09:30:00+01:00",
    "form": "video",
    "platform": "platform24",
    "contact_type": "DiVL",
    "purpose": "Återbesök",
    "call_letter": {"kind": "timed", "text": "Välkommen till ditt videobesök.", "printed": False},
    "cancellable": True,
    "rebookable": True,
    "booked_by": "staff",
    "e_id_confirmed": True,
}
BOOKING_CREATED: Example = {"booking": _BOOKING}
BOOKING_CHANGED: Example = {"booking": _BOOKING | {"version": 2, "start": "2026-12-01T09:15:00+01:00"}}
BOOKING_CANCELLED: Example = {"booking": _BOOKING | {"version": 3, "cancelled_by": "staff"}}
BOOKING_ENDED: Example = {"booking": {"id": "VAS-2026-118", "version": 4, "outcome": "attended"}}
PATIENT_MERGED: Example = {"from": {"id": "NH81A2K4P0", "type": "reservnummer"}, "to": _PATIENT}
PATIENT_DECEASED: Example = {
    "patient": {"id": "191212121212", "type": "personnummer"},
    "at": "2026-11-30T04:10:00+01:00",
}
PATIENT_ALIVE: Example = {
    "patient": {"id": "191212121212", "type": "personnummer"},
    "at": "2026-12-01T10:05:00+01:00",
}
UNIT_MERGED: Example = {"from": _UNIT, "to": _NEW_UNIT, "at": "2027-01-01"}
CONTACT_RECEIVED: Example = {
    "contact": {
        "id": "P24-2026-77",
        "patient": _PATIENT,
        "unit": _UNIT,
        "text": "Hej, jag har en fråga om min medicin.",
        "topic": "dialogue",
        "urgent": False,
        "by": "198411142394",
        "by_role": "guardian",
    }
}
CONTACT_MESSAGE: Example = {
    "contact": "P24-2026-77",
    "message": {
        "id": "P24-2026-77-2",
        "from": "staff",
        "staff": _STAFF,
        "text": "Hej! Ta den till maten.",
        "suggests_calling": False,
    },
}
CONTACT_CLOSED: Example = {
    "contact": "P24-2026-77",
    "outcome": "Besvarad",
    "visit": {
        "booked_or_agreed": False,
        "replaces_clinic_visit": False,
        "fee_informed": False,
        "documented": True,
    },
}
CONTACT_RISK_FLAGGED: Example = {
    "contact": "P24-2026-77",
    "risk": "suicide",
    "by": _STAFF,
    "at": "2026-11-30T08:02:00+01:00",
}
CONTACT_RISK_ACKNOWLEDGED: Example = {
    "contact": "P24-2026-77",
    "risk": "suicide",
    "by": _STAFF,
    "at": "2026-11-30T08:03:00+01:00",
}
SWITCH_PROPOSED: Example = {
    "switch": {
        "id": "BYTE-2026-12",
        "contact": "P24-2026-77",
        "to": "phone",
        "why": "Behöver höra hur patienten låter för en säkrare bedömning.",
        "by": _STAFF,
    }
}
HANDOVER_PROPOSED: Example = {
    "proposal": {"id": "LAMNA-2026-3", "contact": "P24-2026-77", "to": {"role": "dietist"}, "by": _STAFF}
}
PARTICIPANT_PROPOSED: Example = {
    "proposal": {"id": "BJUD-2026-4", "contact": "P24-2026-77", "to": {"role": "tolk"}, "by": _STAFF}
}
CONSENT_RECORDED: Example = {
    "consent": {
        "id": "SAMTYCKE-2026-9",
        "for": "switch",
        "subject": "BYTE-2026-12",
        "given": True,
        "how": "written",
        "by": _STAFF,
        "at": "2026-11-30T08:05:00+01:00",
    }
}
GATE_OVERRIDDEN: Example = {
    "override": {"id": "FARA-2026-1", "case": "BYTE-2026-12", "reason": "Fara för liv.", "by": _STAFF}
}
TRANSFER_REQUESTED: Example = {
    "transfer": {
        "id": "BILD-2026-5",
        "contact": "P24-2026-77",
        "from": "platform24",
        "attachments": [
            {"ref": "b2f7c1a0", "filename": "IMG_0042.HEIC"},
            {"ref": "b2f7c1a1", "filename": "remiss.pdf"},
        ],
        "by": _STAFF,
        "patient": _PATIENT,
        "unit": _UNIT,
    }
}
TRANSFER_JOURNALLED: Example = {
    "transfer": "BILD-2026-5",
    "file": "0b6f3f5e-6c4e-4c57-9d0a-3a1f0c9d2e11",
    "by": _STAFF,
}
PREFERENCES_CHANGED: Example = {
    "preferences": {
        "patient": _PATIENT,
        "unit": None,
        "sms_reminders": True,
        "notice_by": ["sms"],
        "at": "2026-11-30T08:00:00+01:00",
        "set_by": {"role": "self"},
    }
}
LINK_LOGIN_COMPLETED: Example = {
    "link": "https://vaxel.example.org/l/3q2-7wFakeTokenOfNobodyAtAll0000000000000000",
    "patient": _PATIENT,
    "loa": 3,
    "at": "2026-11-30T08:10:00+01:00",
}
