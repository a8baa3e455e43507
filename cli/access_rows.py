"""An entry of the access log, as commands show it."""

from __future__ import annotations

from typing import Any

from models.access_log import LoggedAccess
from models.identity import PatientId
from models.times import STOCKHOLM

NAMES = [
    "at",
    "act",
    "who",
    "name",
    "commission",
    "purpose",
    "unit",
    "process",
    "subject",
    "patient",
    "sought",
    "why",
]


def access_row(entry: LoggedAccess) -> dict[str, Any]:
    """By the names of `NAMES`: Swedish time, the patient as `{id, type}` or None."""
    told = {name: getattr(entry, name) for name in NAMES}
    patient = PatientId.model_validate_json(entry.patient) if entry.patient else None
    return told | {
        "at": entry.at.astimezone(STOCKHOLM).isoformat(timespec="seconds"),
        "patient": {"id": patient.id, "type": str(patient.type)} if patient else None,
    }


def on_one_line(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the patient's number alone, for a table or a spreadsheet."""
    return row | {"patient": row["patient"]["id"] if row["patient"] else None}
