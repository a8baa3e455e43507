"""The national engagement index (itintegration:engagementindex 1.0): Update and FindContent.

An Update is atomic: more than 1000 transactions, two for one key, or a wrong value, and none of it is
applied. What is identical to what is held changes nothing and gives no notification.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sandbox.systems.system import System
from sandbox.wire.elements import (
    BOOLEAN,
    HSA_ID,
    MANY,
    RESIDENT_ID,
    TIMESTAMP,
    Element,
    one_of,
    pattern,
    text,
)
from sandbox.wire.soap import Message, Operation, addressed_to, leaf, serve_soap
from sandbox.wire.web import Reply, Request

CORE = "urn:riv:itintegration:engagementindex:1"
UPDATE = "urn:riv:itintegration:engagementindex:UpdateResponder:1"
FIND = "urn:riv:itintegration:engagementindex:FindContentResponder:1"
OWNER = "5565594230"
"""The index's logical address: Inera's organisation number."""
MOST = 1000
SCHEDULING = "riv:crm:scheduling"
STOCKHOLM = ZoneInfo("Europe/Stockholm")

Key = tuple[str, str, str, str, str]
Engagement = dict[str, str]
Change = Literal["new", "changed", "identical", "deleted", "not_there"]
Listener = Callable[[Engagement, Change], None]

DOMAIN = pattern(r"(urn:)?riv:[a-z0-9:.]+")
ORGANISATION = pattern(r"[A-Z0-9-]{6,40}")

ENGAGEMENT = Element(CORE, "engagement", open=True, children=(
    Element(CORE, "registeredResidentIdentification", form=RESIDENT_ID),
    Element(CORE, "serviceDomain", form=DOMAIN),
    Element(CORE, "categorization"),
    Element(CORE, "logicalAddress", form=HSA_ID),
    Element(CORE, "businessObjectInstanceIdentifier"),
    Element(CORE, "clinicalProcessInterestId"),
    Element(CORE, "mostRecentContent", least=0, form=TIMESTAMP),
    Element(CORE, "sourceSystem", form=HSA_ID),
    Element(CORE, "creationTime", least=0, form=TIMESTAMP),
    Element(CORE, "updateTime", least=0, form=TIMESTAMP),
    Element(CORE, "dataController", form=ORGANISATION),
    Element(CORE, "owner", least=0),
))  # fmt: skip
UPDATE_REQUEST = Element(UPDATE, "Update", open=True, children=(
    Element(UPDATE, "engagementTransaction", most=MANY, open=True, children=(
        Element(CORE, "deleteFlag", form=BOOLEAN),
        ENGAGEMENT,
    )),
))  # fmt: skip
FIND_REQUEST = Element(FIND, "FindContent", open=True, children=(
    Element(FIND, "registeredResidentIdentification", form=RESIDENT_ID),
    Element(FIND, "serviceDomain", form=DOMAIN),
    *(Element(FIND, name, least=0, form=TIMESTAMP if name == "mostRecentContent" else text)
      for name in ("categorization", "logicalAddress", "businessObjectInstanceIdentifier",
                   "clinicalProcessInterestId", "mostRecentContent", "sourceSystem", "dataController",
                   "owner")),
))  # fmt: skip

SHOWN = {
    "patient": "registeredResidentIdentification",
    "service_domain": "serviceDomain",
    "categorization": "categorization",
    "logical_address": "logicalAddress",
    "booking": "businessObjectInstanceIdentifier",
    "clinical_process_interest": "clinicalProcessInterestId",
    "most_recent_content": "mostRecentContent",
    "source_system": "sourceSystem",
    "data_controller": "dataController",
    "owner": "owner",
    "creation_time": "creationTime",
    "update_time": "updateTime",
}
CATEGORY = one_of("Booking", "Invitation")
THE_INDEX_OWN = ("creationTime", "updateTime")


def key_of(engagement: Engagement) -> Key:
    """What makes an engagement one: resident, domain, category, unit, the booking's id."""
    return (
        engagement["registeredResidentIdentification"].upper(),
        engagement["serviceDomain"].removeprefix("urn:"),
        engagement["categorization"],
        engagement["logicalAddress"].upper(),
        engagement["businessObjectInstanceIdentifier"],
    )


class EngagementIndex(System):
    """What the index holds, by resident, and what was done to it."""

    def __init__(self, heard: Listener) -> None:
        self.lock = threading.RLock()
        self._heard = heard
        self._held: dict[str, dict[Key, Engagement]] = {}
        self._changes: deque[dict[str, Any]] = deque(maxlen=200_000)
        self.operations = {
            f"{UPDATE}:Update": Operation(UPDATE_REQUEST, self.update, refuses_itself=True),
            f"{FIND}:FindContent": Operation(FIND_REQUEST, self.find_content),
        }

    def respond(self, request: Request) -> Reply:
        """SOAP."""
        return serve_soap(request, self.operations)

    def clear(self) -> None:
        """Forgets engagements and history."""
        with self.lock:
            self._held.clear()
            self._changes.clear()

    def update(self, message: Message) -> str:
        """Update 1.0: all of it or nothing."""
        addressed_to(message, OWNER)
        transactions = message.body["engagementTransaction"]
        refusal = _why_not_updated(transactions, message.wrong)
        if refusal:
            return _update_response("ERROR", refusal)
        with self.lock:
            for transaction in transactions:
                self._apply(transaction["engagement"], transaction["deleteFlag"])
        return _update_response("OK")

    def find_content(self, message: Message) -> str:
        """FindContent 1.0: the resident's engagements that agree with every field that is given."""
        addressed_to(message, OWNER)
        wanted = {name: _folded(name, value) for name, value in message.body.items()}
        with self.lock:
            found = [
                held
                for held in self._held.get(wanted["registeredResidentIdentification"], {}).values()
                if all(_folded(name, held.get(name, "")) == value for name, value in wanted.items())
            ]
        return (
            f'<f:FindContentResponse xmlns:f="{FIND}" xmlns="{CORE}">'
            f"{''.join(map(_engagement_xml, found))}</f:FindContentResponse>"
        )

    def engagement_count(self) -> int:
        """How many engagements are held."""
        with self.lock:
            return sum(map(len, self._held.values()))

    def of_resident(self, resident: str) -> list[Engagement]:
        """A resident's engagements in crm:scheduling."""
        with self.lock:
            return [e for key, e in self._held.get(resident.upper(), {}).items() if key[1] == SCHEDULING]

    def inspect(self, query: dict[str, str]) -> dict[str, Any]:
        """What is held and (`?history=true`) all that was done; `patient` and `booking` choose."""
        with self.lock:
            held = [_shown(e) for engagements in self._held.values() for e in engagements.values()]
            changes = list(self._changes) if query.get("history") else []
        held.sort(key=lambda one: one["received"])
        answer = {"engagements": _chosen(held, query)}
        return answer | ({"history": _chosen(changes, query)} if query.get("history") else {})

    def _apply(self, given: Engagement, delete: bool) -> None:
        key = key_of(given)
        held = self._held.setdefault(key[0], {})
        before = held.get(key)
        change = _change(before, given, delete)
        if change == "deleted":
            del held[key]
        elif change in ("new", "changed"):
            held[key] = _as_stored(given, before)
        moment = datetime.now(UTC).isoformat()
        self._changes.append({"change": change, "at": moment} | _fields(given))
        self._heard(given, change)


def _why_not_updated(transactions: list[dict[str, Any]], wrong: list[str]) -> str | None:
    if len(transactions) > MOST:
        return f"more than {MOST} transactions"
    if wrong:
        return f"wrong value: {', '.join(sorted(set(wrong)))}"
    engagements = [transaction["engagement"] for transaction in transactions]
    if any(key_of(e)[1] == SCHEDULING and not CATEGORY(e["categorization"]) for e in engagements):
        return "wrong value: categorization"
    if len({key_of(e) for e in engagements}) < len(engagements):
        return "two transactions for the same key"
    return None


def _change(before: Engagement | None, given: Engagement, delete: bool) -> Change:
    if delete:
        return "deleted" if before else "not_there"
    if before is None:
        return "new"
    return "identical" if _content(before) == _content(given) else "changed"


def _content(engagement: Engagement) -> dict[str, str]:
    """What counts when two are compared: not the index's own times, nor the spelling of a key."""
    own = (*THE_INDEX_OWN, "received")
    return {n: _folded(n, v) for n, v in engagement.items() if n not in own}


def _folded(name: str, value: str) -> str:
    if name == "serviceDomain":
        return value.removeprefix("urn:")
    return value.upper() if name in ("logicalAddress", "registeredResidentIdentification") else value


def _as_stored(given: Engagement, before: Engagement | None) -> Engagement:
    moment = datetime.now(UTC)
    local = moment.astimezone(STOCKHOLM).strftime("%Y%m%d%H%M%S")
    created = before["creationTime"] if before else given.get("creationTime", local)
    received = before["received"] if before else moment.isoformat()
    return given | {"creationTime": created, "updateTime": local, "received": received}


def _fields(engagement: Engagement) -> dict[str, str | None]:
    return {shown: engagement.get(name) for shown, name in SHOWN.items()}


def _shown(engagement: Engagement) -> dict[str, Any]:
    return _fields(engagement) | {"received": engagement["received"]}


def _chosen(entries: list[dict[str, Any]], query: dict[str, str]) -> list[dict[str, Any]]:
    wanted = {name: query[name] for name in ("patient", "booking") if name in query}
    return [e for e in entries if all(e[name] == value for name, value in wanted.items())]


def _engagement_xml(engagement: Engagement) -> str:
    fields = (leaf(child.name, engagement.get(child.name)) for child in ENGAGEMENT.children)
    return f"<f:engagement>{''.join(fields)}</f:engagement>"


def _update_response(code: str, comment: str | None = None) -> str:
    content = leaf("ResultCode", code) + leaf("comment", comment)
    return f'<UpdateResponse xmlns="{UPDATE}">{content}</UpdateResponse>'
