"""1177: the inbox (patientportal 1.0), and the notices that 1177 itself sends the resident."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.people.residents import People, Resident
from sandbox.systems.engagement_index import SCHEDULING, Change, Engagement, key_of
from sandbox.wire.elements import BOOLEAN, HSA_ID, RESIDENT_ID, Element, one_of
from sandbox.wire.forgetful import Forgetful
from sandbox.wire.soap import Message, Operation, leaf

CORE = "urn:riv:infrastructure:eservicesupply:patientportal:1"
ADD = "urn:riv:infrastructure:eservicesupply:patientportal:AddMessageToPatientPortalInboxResponder:1"
ACTIVE = "urn:riv:infrastructure:eservicesupply:patientportal:IsActiveUserResponder:1"
NOT_ACTIVE = "Target person is not active user"

# `message` itself is in the responder's namespace, what is in it in the core's.
MESSAGE = Element(ADD, "message", children=(
    Element(CORE, "organisationUnit", children=(
        Element(CORE, "unitId", form=HSA_ID),
        Element(CORE, "unitName"),
        Element(CORE, "unitAddress", least=0),
        Element(CORE, "unitPostalCode", least=0),
        Element(CORE, "unitPostalCity", least=0),
        Element(CORE, "unitTelephone", least=0),
    )),
    Element(CORE, "messageThreadId", least=0),
    Element(CORE, "messageDescription", least=0),
    Element(CORE, "messageText"),
    Element(CORE, "ssoLink", least=0, children=(
        Element(CORE, "systemId"),
        Element(CORE, "text"),
        Element(CORE, "queryString", least=0),
        Element(CORE, "type", form=one_of("CurrentTarget", "Embedded", "Widget", "NewTarget")),
    )),
))  # fmt: skip
ADD_REQUEST = Element(ADD, "AddMessageToPatientPortalInbox", open=True, children=(
    Element(ADD, "subjectOfCareId", form=RESIDENT_ID),
    MESSAGE,
    Element(ADD, "notify", least=0, form=BOOLEAN),
    Element(ADD, "sourceSystem", least=0),
))  # fmt: skip
ACTIVE_REQUEST = Element(ACTIVE, "IsActiveUser", open=True, children=(
    Element(ACTIVE, "subjectOfCareId", form=RESIDENT_ID),
))  # fmt: skip


class Inbox(Forgetful):
    """The inboxes, and every notice that 1177 sent somebody.

    Args:
        addresses: by the `systemId` of a link in a message, the address that was registered for it.
    """

    def __init__(self, people: People, addresses: Mapping[str, str] | None = None) -> None:
        self.lock = threading.Lock()
        self._people = people
        self._addresses = dict(addresses or {})
        self.letters: list[dict[str, Any]] = []
        self.notifications: list[dict[str, Any]] = []
        self.unconnected: set[str] = set()
        """Units whose bookings 1177 shows but gives no notice of."""
        self.operations = {
            f"{ADD}:AddMessageToPatientPortalInbox": Operation(ADD_REQUEST, self.add_message),
            f"{ACTIVE}:IsActiveUser": Operation(ACTIVE_REQUEST, self.is_active_user),
        }

    def is_active_user(self, message: Message) -> str:
        """IsActiveUser 1.0: whether the resident is on 1177, and how 1177 may notify them."""
        resident = self._active(message.body["subjectOfCareId"])
        methods = resident.notified_by_1177 if resident else ()
        return (
            f'<IsActiveUserResponse xmlns="{ACTIVE}">{leaf("status", resident is not None)}'
            f"{''.join(leaf('activeNotificationMethods', one) for one in methods)}</IsActiveUserResponse>"
        )

    def add_message(self, message: Message) -> str:
        """AddMessageToPatientPortalInbox 1.0."""
        body = message.body
        thread = body["message"].get("messageThreadId")
        resident = self._active(body["subjectOfCareId"])
        if resident is None:
            return _add_response("ERROR", thread, text=NOT_ACTIVE)
        if body.get("notify") and "sourceSystem" not in body:
            return _add_response("ERROR", thread, text="notify is set without sourceSystem")
        sent = resident.notified_by_1177 if body.get("notify") else ()
        self._keep_letter(resident, body, sent)
        return _add_response("OK", thread, sent)

    def hear(self, engagement: Engagement, change: Change) -> None:
        """The index tells that something is new or changed: 1177 notifies whoever wished it."""
        resident = self._active(engagement["registeredResidentIdentification"])
        domain, unit = key_of(engagement)[1], key_of(engagement)[3]
        if change not in ("new", "changed") or domain != SCHEDULING or unit in self.unconnected:
            return
        if resident and resident.notified_by_1177:
            booking = engagement["businessObjectInstanceIdentifier"]
            self._notified(resident, unit, resident.notified_by_1177, f"engagement_{change}", booking)

    def hear_of_form(self, resident: str, unit: str, form: str) -> None:
        """The form engine tells that there is a form to fill in: 1177 notifies whoever wished it."""
        who = self._active(resident)
        if who and who.notified_by_1177:
            self._notified(who, unit, who.notified_by_1177, "form", form)

    def thread(self, contact: str) -> list[dict[str, Any]]:
        """What the inbox has in this thread, oldest first: to whom, and the links."""
        with self.lock:
            found = [one for one in self.letters if one["thread"] == contact]
        return [
            {"patient": {"id": one["patient"]}, "links": [one["link"]] if one["link"] else []}
            for one in found
        ]

    def leads_to(self, link: dict[str, Any] | None) -> str | None:
        """Where a resident comes who follows an `ssoLink`: the registered address with the `queryString` after it."""
        address = self._addresses.get((link or {}).get("systemId", ""))
        return address and address + (link or {}).get("queryString", "")

    def _active(self, identity: str) -> Resident | None:
        resident = self._people.get(identity)
        return resident if resident and resident.active_on_1177 and not resident.deceased else None

    def _keep_letter(self, resident: Resident, body: dict[str, Any], sent: tuple[str, ...]) -> None:
        message, unit = body["message"], body["message"]["organisationUnit"]
        with self.lock:
            self.letters.append({
                "id": uuid.uuid4().hex,
                "at": datetime.now(UTC).isoformat(),
                "patient": resident.id,
                "unit": unit["unitId"],
                "unit_name": unit["unitName"],
                "thread": message.get("messageThreadId"),
                "subject": message.get("messageDescription"),
                "text": message["messageText"],
                "link": message.get("ssoLink"),
                "leads_to": self.leads_to(message.get("ssoLink")),
                "notify": body.get("notify", False),
                "notification_sent": list(sent),
                "source_system": body.get("sourceSystem"),
            })  # fmt: skip
        if sent:
            self._notified(resident, unit["unitId"], sent, "inbox", message.get("messageThreadId"))

    def _notified(self, who: Resident, unit: str, by: tuple[str, ...], why: str, about: str | None) -> None:
        notice = {"at": datetime.now(UTC).isoformat(), "patient": who.id, "unit": unit, "by": list(by)}
        with self.lock:
            self.notifications.append(notice | {"why": why, "about": about})

    def connect(self, unit: str, connected: bool) -> None:
        """Whether 1177 notifies residents of what is booked at the unit (by default it does)."""
        change = self.unconnected.discard if connected else self.unconnected.add
        change(unit.upper())

    def clear(self) -> None:
        """Forgets letters and notices; every unit is connected."""
        with self.lock:
            self.letters.clear()
            self.notifications.clear()
            self.unconnected.clear()

    def delivered(self, query: dict[str, str]) -> dict[str, Any]:
        """The inbox and the notices, of all or of one `patient`."""
        with self.lock:
            inbox, notifications = list(self.letters), list(self.notifications)
        if patient := query.get("patient"):
            inbox = [one for one in inbox if one["patient"] == patient]
            notifications = [one for one in notifications if one["patient"] == patient]
        return {"inbox": inbox, "notifications": notifications}


def _add_response(code: str, thread: str | None, sent: tuple[str, ...] = (), text: str | None = None) -> str:
    return (
        f'<AddMessageToPatientPortalInboxResponse xmlns="{ADD}">{leaf("messageThreadId", thread)}'
        f"{''.join(leaf('notificationSent', method) for method in sent)}{leaf('resultCode', code)}"
        f"{leaf('resultText', text)}</AddMessageToPatientPortalInboxResponse>"
    )
