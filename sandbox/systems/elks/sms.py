"""46elks: `POST /a1/sms`, the list of messages, and delivery receipts."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sandbox.people.residents import People
from sandbox.systems.elks.receipts import Receipts
from sandbox.systems.system import System
from sandbox.wire.faults import Faults
from sandbox.wire.web import Reply, Request, json_reply, text_reply

SENDER = re.compile(r"[A-Za-z][A-Za-z0-9]{0,10}")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
FIELDS = {"from", "to", "message", "whendelivered", "flashsms", "dryrun"}
PAGE = 100
CREATED = "%Y-%m-%dT%H:%M:%S.%f"
GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_TWICE = frozenset("^{}\\[~]|€\f")
Json = dict[str, Any]
COST = 3500
"""Of one part, in 1/10000 of a krona."""


def parts(message: str) -> int:
    """How many SMS the message is: 160 septets in one and 153 in each of several; outside GSM-7 70 and 67."""
    if all(sign in GSM7 or sign in GSM7_TWICE for sign in message):
        length, one, many = sum(2 if sign in GSM7_TWICE else 1 for sign in message), 160, 153
    else:
        length, one, many = len(message.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= one else -(-length // many)


class Sms(System):
    """The provider's messages, oldest first."""

    def __init__(self, people: People, faults: Faults, receipts: Receipts) -> None:
        self.lock = threading.Lock()
        self._people, self._faults, self._receipts = people, faults, receipts
        self._sent: list[dict[str, Any]] = []
        self._last = datetime.fromtimestamp(0, UTC)
        self.account: tuple[str, str] | None = None
        """API user and password; None: any."""

    def respond(self, request: Request) -> Reply:
        """The part of 46elks' API that is stood in for."""
        if not is_logged_in(request.headers.get("authorization", ""), self.account):
            return text_reply(401, "API access requires Basic HTTP authentication")
        match request.method, request.path.lower().split("/"):
            case "POST", ["a1", "sms"]:
                return self._send_message(dict(parse_qsl(request.body.decode(errors="replace"), True)))
            case "GET", ["a1", "sms"]:
                return self._list(request.query.get("start"))
            case "GET", ["a1", "sms", identity]:
                found = [one for one in self._sent if one["id"] == identity]
                return json_reply(_public(found[0])) if found else text_reply(404, "no such SMS")
        return text_reply(404, "no such resource")

    def inspect(self, query: dict[str, str]) -> dict[str, Any]:
        """Every message with its parts and what became of it; `to` chooses."""
        with self.lock:
            sent = [dict(one) for one in self._sent]
        messages = [one for one in sent if query.get("to", one["to"]) == one["to"]]
        waiting = self._receipts.waiting()
        return {"messages": messages, "receipts": {"taken": self._receipts.delivered, "waiting": waiting}}

    def message_count(self) -> int:
        """How many messages there are."""
        return len(self._sent)

    def clear(self) -> None:
        """Forgets all messages."""
        with self.lock:
            self._sent.clear()
        self._receipts.clear()

    def _send_message(self, form: dict[str, str]) -> Reply:
        refusal = _why_no_sms(form)
        if refusal:
            return text_reply(400, refusal)
        message = self._keep_sms(form)
        if hook := form.get("whendelivered"):
            self._report(message, hook)
        return json_reply(_public(message))

    def _keep_sms(self, form: dict[str, str]) -> dict[str, Any]:
        with self.lock:
            self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
            message = {
                "id": "s" + secrets.token_hex(16),
                "direction": "outgoing",
                "from": form["from"],
                "to": form["to"],
                "message": form["message"],
                "created": self._last.strftime(CREATED),
                "cost": COST * parts(form["message"]),
                "status": "created",
                "parts": parts(form["message"]),
                "at": datetime.now(UTC).isoformat(),
            }
            self._sent.append(message)
        return message

    def _report(self, message: dict[str, Any], hook: str) -> None:
        """One receipt, of delivered or failed; with the faults twice, or late and in the wrong order."""
        twice, late = self._faults.receipts()
        resident = self._people.with_phone(message["to"])
        message["status"] = "failed" if resident and resident.phone_fails else "delivered"
        form = {"id": message["id"], "status": message["status"]}
        if message["status"] == "delivered":
            form["delivered"] = datetime.now(UTC).strftime(CREATED)
        for _ in range(2 if twice else 1):
            self._receipts.post_later(hook, form, 0.05 + late)
        if late:
            self._receipts.post_later(hook, {"id": message["id"], "status": "sent"}, 0.5 + late)

    def _list(self, start: str | None) -> Reply:
        with self.lock:
            return page_of(self._sent, start, _public)


def page_of(made: list[Json], start: str | None, public: Callable[[Json], Json]) -> Reply:
    """A page of the history, newest first, from `start` on; `next` where there is more."""
    until = made if start is None else [one for one in made if one["created"] <= start]
    page, rest = until[-PAGE:][::-1], until[:-PAGE]
    answer: Json = {"data": [public(one) for one in page]}
    return json_reply(answer | ({"next": rest[-1]["created"]} if rest else {}))


def is_logged_in(header: str, account: tuple[str, str] | None) -> bool:
    """Whether someone has logged in by HTTP Basic, as this account where there is one."""
    scheme, _, value = header.partition(" ")
    try:
        user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    given = scheme.lower() == "basic" and bool(user and colon and password)
    return given and account in (None, (user, password))


def _why_no_sms(form: dict[str, str]) -> str | None:
    if unknown := set(form) - FIELDS:
        return f"unknown parameter: {', '.join(sorted(unknown))}"
    if not SENDER.fullmatch(form.get("from", "")):
        return "invalid from: 1 to 11 letters and digits, the first a letter"
    if not E164.fullmatch(form.get("to", "")):
        return "invalid to: a number in E.164 format"
    if not form.get("message", ""):
        return "missing message"
    hook = urlsplit(form.get("whendelivered", "http://none"))
    return None if hook.scheme in ("http", "https") and hook.hostname else "invalid whendelivered"


def _public(message: dict[str, Any]) -> dict[str, Any]:
    """As 46elks gives it."""
    return {name: value for name, value in message.items() if name not in ("parts", "at", "status")}
