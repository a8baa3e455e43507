"""The national log service (ehr:log:store 1.0): StoreLog.

A call is stored whole, or nothing of it. An entry that is there already, as it is, is stored once; another under its
LogId is refused, as is a value that the schema's lists do not have or that is too long.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

from sandbox.systems.system import System
from sandbox.wire.elements import HSA_ID, MANY, Element, Form, one_of, pattern
from sandbox.wire.soap import Message, Operation, addressed_to, serve_soap
from sandbox.wire.web import Reply, Request

CORE = "urn:riv:ehr:log:1"
STORE = "urn:riv:ehr:log:store:StoreLogResponder:1"
RESULT = "urn:riv:ehr:log:store:1"
OWNER = "SE165565594230-1000"
"""Its logical address: Inera's national HSA-id."""

ACTIVITIES = one_of("Läsa", "Skriva", "Signera", "Utskrift", "Vidimera", "Radera", "Nödöppning")
PURPOSES = one_of(
    "Vård och behandling", "Kvalitetssäkring", "Annan dokumentation enligt lag", "Statistik", "Administration",
    "Kvalitetsregister",
)  # fmt: skip
UUID = pattern(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MOMENT = pattern(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]+)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)
PERSON_ID = pattern(r"[0-9A-Za-z]{10,12}")

Stored = dict[str, Any]


def up_to(most: int) -> Form:
    """So many characters, and at least one that is no blank."""
    return lambda value: bool(value.strip()) and len(value) <= most


def _group(name: str, *children: Element, least: int = 1, most: int = 1) -> Element:
    return Element(CORE, name, least=least, most=most, open=True, children=children)


def _leaf(name: str, form: Form, least: int = 1) -> Element:
    return Element(CORE, name, least=least, form=form)


CARE_PROVIDER = _group("CareProvider", _leaf("CareProviderId", pattern(r"[A-Z0-9-]{6,32}")),
                    _leaf("CareProviderName", up_to(256), 0))  # fmt: skip
CARE_UNIT = (_leaf("CareUnitId", HSA_ID), _leaf("CareUnitName", up_to(256), 0))
LOG = Element(STORE, "Log", most=MANY, open=True, children=(
    _leaf("LogId", UUID),
    _group("System", _leaf("SystemId", HSA_ID), _leaf("SystemName", up_to(256), 0)),
    _group("Activity",
        _leaf("ActivityType", ACTIVITIES), _leaf("ActivityLevel", up_to(50), 0),
        _leaf("ActivityArgs", up_to(8192), 0), _leaf("StartDate", MOMENT), _leaf("Purpose", PURPOSES)),
    _group("User",
        _leaf("UserId", HSA_ID), _leaf("Name", up_to(256), 0), _leaf("PersonId", PERSON_ID, 0),
        _leaf("Assignment", up_to(256), 0), _leaf("Title", up_to(256), 0), CARE_PROVIDER,
        _group("CareUnit", *CARE_UNIT)),
    _group("Resources", _group("Resource",
        _leaf("ResourceType", up_to(50)),
        _group("Patient", _leaf("PatientId", PERSON_ID), _leaf("PatientName", up_to(256), 0), least=0),
        CARE_PROVIDER, _group("CareUnit", *CARE_UNIT, least=0), most=MANY)),
))  # fmt: skip
REQUEST = Element(STORE, "StoreLogRequest", open=True, children=(LOG,))


class LogService(System):
    """What the log service has been given, in its order."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._held: dict[str, Stored] = {}
        self._told: dict[str, dict[str, Any]] = {}
        self.operations = {f"{STORE}:StoreLog": Operation(REQUEST, self.store_log, refuses_itself=True)}

    def respond(self, request: Request) -> Reply:
        """SOAP."""
        return serve_soap(request, self.operations)

    def clear(self) -> None:
        """Forgets all entries."""
        with self.lock:
            self._held.clear()
            self._told.clear()

    def store_log(self, message: Message) -> str:
        """StoreLog 1.0: all of it or nothing."""
        addressed_to(message, OWNER)
        logs: list[dict[str, Any]] = message.body["Log"]
        with self.lock:
            refusal = self._why_not_stored(logs, message.wrong)
            if refusal:
                return _response("VALIDATION_ERROR", refusal)
            for log in logs:
                self._keep(log)
        return _response("OK", "")

    def inspect(self, query: dict[str, str]) -> dict[str, Any]:
        """The entries in the order in which they first came, and how often each; `patient` and `user` choose."""
        with self.lock:
            held = [dict(one) for one in self._held.values()]
        wanted = {name: query[name] for name in ("patient", "user") if name in query}
        return {"entries": [e for e in held if all(e[name] == value for name, value in wanted.items())]}

    def _why_not_stored(self, logs: list[dict[str, Any]], wrong: list[str]) -> str | None:
        if wrong:
            return f"wrong value: {', '.join(sorted(set(wrong)))}"
        ids = [log["LogId"] for log in logs]
        if len(set(ids)) < len(ids):
            return "two entries with one LogId"
        if any(log["LogId"] in self._told and self._told[log["LogId"]] != log for log in logs):
            return "another entry has this LogId"
        return None

    def _keep(self, log: dict[str, Any]) -> None:
        id = log["LogId"]
        if id in self._held:
            self._held[id]["times"] += 1
            return
        self._told[id] = log
        self._held[id] = _as_inspected(log) | {"times": 1, "received": datetime.now(UTC).isoformat()}


def _as_inspected(log: dict[str, Any]) -> Stored:
    activity, user = log["Activity"], log["User"]
    resources = log["Resources"]["Resource"]
    first = resources[0]
    return {
        "log_id": log["LogId"],
        "system": log["System"]["SystemId"],
        "activity": activity["ActivityType"],
        "args": activity.get("ActivityArgs"),
        "at": activity["StartDate"],
        "purpose": activity["Purpose"],
        "user": user["UserId"],
        "name": user.get("Name"),
        "assignment": user.get("Assignment"),
        "unit": user["CareUnit"]["CareUnitId"],
        "care_provider": user["CareProvider"]["CareProviderId"],
        "resource": first["ResourceType"],
        "patient": first.get("Patient", {}).get("PatientId"),
    }


def _response(code: str, text: str) -> str:
    result = f'<ResultCode xmlns="{RESULT}">{code}</ResultCode>'
    result += f'<ResultText xmlns="{RESULT}">{text}</ResultText>'
    return f'<StoreLogResponse xmlns="{STORE}"><ResultType>{result}</ResultType></StoreLogResponse>'
