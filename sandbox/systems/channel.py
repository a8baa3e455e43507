"""What patients write in, by our neutral contract: conversations, messages, alerts.

Platform24, HOPE, LifeCare, 1177 Stöd och behandling, and units' own solutions (`local-…`), as strict as the others.

A conversation is there because a patient has written or because we opened it. Every POST carries an
`Idempotency-Key` (`wire.once`).
"""

from __future__ import annotations

import re
import threading
import uuid
from copy import deepcopy
from typing import Any

from sandbox.systems.attachments import ATTACHMENTS, Attachments
from sandbox.systems.system import System
from sandbox.wire.bodies import PATIENT, UNIT, Form, Many, OrNull, checked_body, text
from sandbox.wire.once import Once, entry
from sandbox.wire.web import BadRequest, Reply, Request, json_reply

PLATFORMS = ("platform24", "hope", "lifecare", "stodbehandling")
LOCAL = "local-"
"""How the name of a unit's own solution begins."""
LONGEST_TEXT = 10_000
JOINED_AT = {
    "platform24.example.org": "platform24",
    "mitt.regionhalland.se": "platform24",
    "hope.example.org": "hope",
    "lifecare.example.org": "lifecare",
}
"""Where visits are joined, by host."""
PLACE = re.compile(r"conversations/(.+)/(messages|alerts)", re.DOTALL)


def is_platform(value: Any) -> bool:
    """One of those, or a unit's own solution; whether there is such a one says the region (`Region.channels`)."""
    return isinstance(value, str) and (value in PLATFORMS or value.startswith(LOCAL))


def _is_text(value: Any) -> bool:
    return text(value) and len(value) <= LONGEST_TEXT


def _address(value: Any) -> bool:
    return text(value) and value.startswith(("https://", "http://"))


def _level(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


LINKS: Form = Many({"text": text, "url": _address})
CONVERSATION: dict[str, Form] = {
    "patient": PATIENT,
    "unit": UNIT,
    "text": _is_text,
    "after": OrNull({"channel": text, "contact": text}),
    "links": LINKS,
}
ADDED: dict[str, dict[str, Form]] = {
    "messages": {"text": _is_text, "links": LINKS},
    "alerts": {"reason": text, "text": _is_text, "level": _level},
}


class Channel(System):
    """What one platform holds."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.attachments = Attachments()
        self.clear()

    def clear(self) -> None:
        """Forgets conversations and attachments."""
        with self.lock:
            self._conversations: dict[str, dict[str, Any]] = {}
            self._joined: list[dict[str, Any]] = []
            self._once = Once()
            self.attachments.clear()

    def respond(self, request: Request) -> Reply:
        """One call of the contract, or an attachment that is fetched."""
        if request.path.startswith(ATTACHMENTS):
            return self.attachments.give(request)
        place = PLACE.fullmatch(request.path)
        if request.method == "POST" and request.path == "conversations":
            return self._once.answer(request, lambda key: self._open(request.json(), key))
        if request.method == "POST" and place:
            contact, what = place.groups()
            return self._once.answer(request, lambda key: self._add(contact, what, request.json(), key))
        raise BadRequest(404, "no such resource")

    def inspect(self, query: dict[str, str]) -> dict[str, Any]:
        """Conversations with messages and alerts, attachments, who has joined; `patient` and `contact` choose."""
        return {
            "conversations": self.conversations(query),
            "attachments": self.attachments.attached(query),
            "joined": deepcopy(self._joined),
        }

    def came(self, personnummer: str, address: str) -> None:
        """Somebody's browser has come to a visit at this address."""
        with self.lock:
            self._joined.append(entry({"personnummer": personnummer, "address": address}))

    def conversations(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """With messages and alerts; `patient` and `contact` choose."""
        with self.lock:
            held = deepcopy(list(self._conversations.values()))
        if patient := query.get("patient"):
            held = [one for one in held if (one["patient"] or {}).get("id") == patient]
        if contact := query.get("contact"):
            held = [one for one in held if one["id"] == contact]
        return held

    def conversation_count(self) -> int:
        """How many conversations there are."""
        return len(self._conversations)

    def begun(self, contact: dict[str, Any]) -> None:
        """A patient has written: the conversation is there, with what they wrote."""
        with self.lock:
            if contact["id"] in self._conversations:
                raise BadRequest(409, "there is such a conversation already")
            known = {name: contact[name] for name in ("id", "patient", "unit", "by", "by_role")}
            self._conversations[contact["id"]] = _conversation(known, "patient")
            self.said(contact["id"], {"from": "patient", "text": contact["text"]})

    def said(self, contact: str, message: dict[str, Any]) -> None:
        """The patient or staff write in an open conversation."""
        with self.lock:
            self._open_one(contact)["messages"].append(entry({"links": []} | message))

    def follow_event(self, kind: str, data: dict[str, Any]) -> None:
        """Keeps what there is in step with an event that the platform tells of; the same again changes nothing."""
        with self.lock:
            if kind == "contact.received":
                contact = data["contact"]
                if contact["id"] not in self._conversations:
                    self.begun(contact)
                return
            held = self._conversations.get(data.get("contact", ""))
            if held is None or held["closed"]:
                return
            if kind == "contact.closed":
                self.close_conversation(held["id"], {name: data[name] for name in ("outcome", "visit")})
            elif data["message"]["id"] not in [message["id"] for message in held["messages"]]:
                self.said(held["id"], data["message"])

    def close_conversation(self, contact: str, how: dict[str, Any]) -> None:
        """Staff close it."""
        with self.lock:
            self._open_one(contact)["closed"] = entry(how)

    def _open(self, body: Any, key: str) -> Reply:
        given = checked_body(body, CONVERSATION)
        known = {"id": uuid.uuid4().hex} | {name: given[name] for name in ("patient", "unit", "after")}
        said = {"from": "us", "text": given["text"], "links": given["links"]}
        with self.lock:
            conversation = _conversation(known, "us", key) | {"messages": [entry(said, key)]}
            self._conversations[conversation["id"]] = conversation
        return json_reply({"id": conversation["id"]}, 201)

    def _add(self, contact: str, what: str, body: Any, key: str) -> Reply:
        with self.lock:
            conversation = self._open_one(contact)
            added = entry(checked_body(body, ADDED[what]), key) | (
                {"from": "us"} if what == "messages" else {}
            )
            conversation[what].append(added)
        return json_reply({"id": added["id"]}, 201)

    def _open_one(self, contact: str) -> dict[str, Any]:
        if contact not in self._conversations:
            raise BadRequest(404, "no such conversation", code="conversation_unknown")
        conversation = self._conversations[contact]
        if conversation["closed"]:
            raise BadRequest(409, "the conversation is closed", code="conversation_closed")
        return conversation


def _conversation(known: dict[str, Any], opened_by: str, key: str | None = None) -> dict[str, Any]:
    standing: dict[str, Any] = {"opened_by": opened_by, "closed": None, "messages": [], "alerts": []}
    return entry({"after": None} | known, key) | standing
