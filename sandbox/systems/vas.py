"""VAS, the journal system, by our neutral contract: its bookings, and what it is asked to keep.

Every POST carries an `Idempotency-Key` (`wire.once`).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from sandbox.systems.system import System
from sandbox.systems.vas_bookings import Bookings
from sandbox.systems.vas_preferences import Preferences
from sandbox.systems.vas_self_service import SelfService, Tell
from sandbox.systems.vas_timetables import Timetables
from sandbox.wire.bodies import (
    PATIENT,
    STAFF,
    UNIT,
    Form,
    Many,
    OrNull,
    boolean,
    checked_body,
    moment,
    one_of,
    text,
)
from sandbox.wire.once import Once, entry
from sandbox.wire.web import BadRequest, Reply, Request, json_reply

WITHDRAWN = ("journal-notes", "staff-tasks")
"""What can be taken back."""
PLACE = re.compile(r"(journal-notes|staff-tasks|bookings)/(.+)/(withdraw|arrived|rebook|cancel)", re.DOTALL)
Act = Callable[[Any, str], Reply]

LETTER: dict[str, Form] = {
    "patient": PATIENT,
    "unit": UNIT,
    "booking": text,
    "text": text,
    "kind": one_of("call_letter"),
}
STAFF_TASK: dict[str, Form] = {
    "unit": UNIT,
    "patient": OrNull(PATIENT),  # a stranger may have written
    "booking": OrNull(text),
    "contact?": OrNull(text),
    "reason": text,
    "text": text,
    "urgent?": boolean,
}
JOURNAL_NOTE: dict[str, Form] = {
    "patient": PATIENT,
    "unit": UNIT,
    "author": STAFF,
    "text": text,
    "contact": text,
    "at": moment,
}
CONTACT: dict[str, Form] = {
    "patient": PATIENT,
    "unit": UNIT,
    "contact": text,
    "channel": text,
    "form": one_of("on_site", "video", "phone", "chat"),
    "visit": OrNull(boolean),
    "codes": Many({"code": text, "system": text}),
    "at": moment,
}
POSTS: dict[str, tuple[str, dict[str, Form], dict[str, Any]]] = {
    "letters": ("letters", LETTER, {}),
    "staff-tasks": ("staff_tasks", STAFF_TASK, {}),
    "journal-notes": ("journal", JOURNAL_NOTE, {"status": "draft", "signed": False}),
    "contacts": ("contacts", CONTACT, {"status": "proposed"}),
}
"""By path: the shelf it is put on, what it has to be, and how it stands until staff have seen to it."""


class Vas(System):
    """What VAS holds.

    Args:
        tell: sends the webhooks of what residents have done in it.
    """

    def __init__(self, tell: Tell) -> None:
        self.lock = threading.RLock()
        self.timetables = Timetables()
        self.bookings = Bookings(self.timetables.follow)
        self.self_service = SelfService(self.bookings, self.timetables, tell)
        self.clear()

    def clear(self) -> None:
        """Forgets all."""
        with self.lock, self.bookings.lock:
            for part in (self.bookings, self.timetables, self.self_service):
                part.clear()
            self.shelves: dict[str, list[dict[str, Any]]] = {shelf: [] for shelf, _, _ in POSTS.values()}
            self._preferences = Preferences()
            self._once = Once()

    def respond(self, request: Request) -> Reply:
        """One call of the contract."""
        match request.method, request.path:
            case "GET", "bookings":
                return self.bookings.page(request.query)
            case "GET", "catalogue":
                return self.self_service.what_is_offered(request.query)
            case "GET", "timeslots":
                return self.self_service.free_times(request)
            case "POST", path if act := self._act_at(path):
                return self._once.answer(request, lambda key: act(request.json(), key))
        raise BadRequest(404, "no such resource")

    def _act_at(self, path: str) -> Act | None:
        """What a POST there does with its body, under its key."""
        if path in POSTS:
            return partial(self._keep_post, path)
        if place := PLACE.fullmatch(path):
            what, id, does = place.groups()
            if what in WITHDRAWN and does == "withdraw":
                return partial(self._withdraw, what, id)
            acts = {
                "arrived": self.bookings.arrive,
                "rebook": self.self_service.move_booking,
                "cancel": self.self_service.end_booking,
            }
            return partial(acts[does], id) if what == "bookings" and does in acts else None
        return {"preferences": self._prefer, "bookings": self.self_service.book_time}.get(path)

    def inspect(self, query: dict[str, str]) -> dict[str, Any]:
        """Bookings, what residents did, preferences, and what it was asked to keep; `patient` chooses."""
        with self.lock, self.bookings.lock:
            held = {"bookings": list(self.bookings.held.values()), "arrivals": list(self.bookings.arrivals)}
            held |= {name: list(shelf) for name, shelf in self.shelves.items()}
            held |= {"self_service": list(self.self_service.done)}
        held["preferences"] = self._preferences.all_held()
        if patient := query.get("patient"):
            return {
                name: [e for e in es if (e["patient"] or {}).get("id") == patient]
                for name, es in held.items()
            }
        return held

    def follow_event(self, kind: str, data: dict[str, Any]) -> None:
        """Keeps VAS's own list in step with an event that it tells of."""
        self.bookings.follow_event(kind, data)

    def replace_timetable(self, given: Any) -> dict[str, Any]:
        """What a unit offers residents from now on (`vas_timetables.TIMETABLE`), with how many times are free."""
        with self.bookings.lock:
            return self.timetables.replace(given, list(self.bookings.held.values()))

    def sign(self, note: str) -> None:
        """The author signs a draft."""
        with self.lock:
            held = self._held("journal-notes", note)
            if held["status"] != "draft":
                raise BadRequest(409, "it is no draft")
            held |= {"status": "signed", "signed": True}

    def _withdraw(self, path: str, id: str, body: Any, _key: str) -> Reply:
        """A draft that nobody has signed, or a task, is taken back; it stays to be seen, as withdrawn."""
        checked_body(body, {})
        with self.lock:
            held = self._held(path, id)
            if held.get("signed"):
                raise BadRequest(409, "the note is signed", code="note_signed")
            held["status"] = "withdrawn"
        return json_reply({"id": id})

    def _held(self, path: str, id: str) -> dict[str, Any]:
        found = [each for each in self.shelves[POSTS[path][0]] if each["id"] == id]
        if not found:
            raise BadRequest(404, "there is no such")
        return found[0]

    def _prefer(self, body: Any, _key: str) -> Reply:
        return json_reply({"id": self._preferences.change(body)})

    def _keep_post(self, path: str, body: Any, key: str) -> Reply:
        shelf, form, standing = POSTS[path]
        kept = entry(checked_body(body, form), key) | standing
        with self.lock:
            self.shelves[shelf].append(kept)
        return json_reply({"id": kept["id"]}, 201)
