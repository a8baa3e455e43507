"""The key of what the journal system is told of a patient's preferences."""

from __future__ import annotations

import json
from collections.abc import Sequence

from models.encryption import Use, ring
from models.identity import PatientId
from models.preferences import Preference


def preferences(patient: PatientId, rows: Sequence[Preference]) -> str:
    """What somebody has set for a patient, at one place and moment: said again it has the same key."""
    said = [[row.unit, row.name, row.value, row.at.isoformat(), row.role, row.setter or ""] for row in rows]
    return f"preferences:{ring().keyed(Use.LIKENESS, json.dumps([patient.id, *sorted(said)])).hex()}"
