"""What VAS holds of a patient's preferences, for all care and for single units."""

from __future__ import annotations

import threading
import uuid
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from sandbox.wire.bodies import PATIENT, UNIT, Form, Many, OrNull, boolean, checked_body, moment, one_of, text
from sandbox.wire.web import BadRequest

CHANGES: dict[str, Form] = {
    "digital_only?": OrNull(boolean),
    "sms_reminders?": OrNull(boolean),
    "notice_by?": OrNull(Many(one_of("sms", "email"))),
    "phone?": OrNull(text),
    "email?": OrNull(text),
}
PREFERENCES: dict[str, Form] = CHANGES | {
    "patient": PATIENT,
    "unit": OrNull(UNIT),
    "at": moment,
    "set_by": {"role": one_of("self", "guardian", "staff"), "id": OrNull(text)},
}
NAMES = tuple(name.removesuffix("?") for name in CHANGES)


class Preferences:
    """By patient and unit. A field changes unless it holds something set later; null withdraws it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[tuple[str, str | None], dict[str, Any]] = {}

    def change(self, body: Any) -> str:
        """Changes what is given; the same again changes nothing. Gives the entry's id."""
        given = checked_body(body, PREFERENCES)
        if not set(given) & set(NAMES):
            raise BadRequest(422, "no preference is given")
        with self._lock:
            held = self._of_patient(given["patient"], given["unit"])
            held["received_at"] = datetime.now(UTC).isoformat()
            for name in NAMES:
                if name in given and not _is_newer(held["set"].get(name), given["at"]):
                    held[name] = given[name]
                    held["set"][name] = {"at": given["at"], "set_by": given["set_by"]}
            return str(held["id"])

    def all_held(self) -> list[dict[str, Any]]:
        """An entry for each patient and unit; `set` says of each field when and by whom."""
        with self._lock:
            return deepcopy(list(self._held.values()))

    def _of_patient(self, patient: dict[str, Any], unit: dict[str, Any] | None) -> dict[str, Any]:
        key = patient["id"], unit["hsa_id"].upper() if unit else None
        if key not in self._held:
            self._held[key] = {
                "id": uuid.uuid4().hex,
                "patient": patient,
                "unit": unit,
                "set": {},
            }
        return self._held[key]


def _is_newer(held: dict[str, Any] | None, at: str) -> bool:
    return held is not None and datetime.fromisoformat(held["at"]) > datetime.fromisoformat(at)
