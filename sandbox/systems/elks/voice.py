"""46elks: `POST /a1/calls` and the list of calls. Whoever is called answers, and hears what is played."""

from __future__ import annotations

import json
import re
import secrets
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sandbox.systems.elks.incoming import Incoming
from sandbox.systems.elks.sms import CREATED, E164, is_logged_in, page_of
from sandbox.systems.system import System
from sandbox.wire.web import Reply, Request, json_reply, text_reply

FIELDS = {"from", "to", "voice_start", "whenhangup", "timeout"}
ACTIONS = {"play", "connect", "ivr", "record", "recordcall", "hangup"}
SECONDS = re.compile(r"[1-9][0-9]{0,2}")


class Voice(System):
    """The provider's calls, oldest first."""

    def __init__(self, hook: str) -> None:
        self.incoming = Incoming(hook)
        self.lock = threading.Lock()
        self._made: list[dict[str, Any]] = []
        self._last = datetime.fromtimestamp(0, UTC)
        self.account: tuple[str, str] | None = None
        """API user and password; None: any."""

    def respond(self, request: Request) -> Reply:
        """The part of 46elks' API that is stood in for."""
        if not is_logged_in(request.headers.get("authorization", ""), self.account):
            return text_reply(401, "API access requires Basic HTTP authentication")
        match request.method, request.path.lower().split("/"):
            case "POST", ["a1", "calls"]:
                return self._make_call(dict(parse_qsl(request.body.decode(errors="replace"), True)))
            case "GET", ["a1", "calls"]:
                return self._list(request.query.get("start"))
            case "GET", ["a1", "calls", identity]:
                found = [one for one in self._made if one["id"] == identity]
                return json_reply(_public(found[0])) if found else text_reply(404, "no such call")
        return text_reply(404, "no such resource")

    def inspect(self, query: dict[str, str]) -> dict[str, Any]:
        """Every call with what was heard, `to` chooses; and those that came in."""
        with self.lock:
            made = [dict(one) for one in self._made]
        calls = [one for one in made if query.get("to", one["to"]) == one["to"]]
        return {"calls": calls, "incoming": self.incoming.calls_in()}

    def call_count(self) -> int:
        """How many calls there are."""
        return len(self._made)

    def clear(self) -> None:
        """Forgets all calls."""
        with self.lock:
            self._made.clear()
        self.incoming.clear()

    def _make_call(self, form: dict[str, str]) -> Reply:
        refusal = _why_no_call(form)
        if refusal:
            return text_reply(400, refusal)
        with self.lock:
            self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
            call = {
                "id": "c" + secrets.token_hex(16),
                "direction": "outgoing",
                "from": form["from"],
                "to": form["to"],
                "created": self._last.strftime(CREATED),
                "state": "success",
                "timeout": int(form.get("timeout", "60")),
                "heard": form["voice_start"],
                "at": datetime.now(UTC).isoformat(),
            }
            self._made.append(call)
        return json_reply(_public(call))

    def _list(self, start: str | None) -> Reply:
        with self.lock:
            return page_of(self._made, start, _public)


def _why_no_call(form: dict[str, str]) -> str | None:
    if unknown := set(form) - FIELDS:
        return f"unknown parameter: {', '.join(sorted(unknown))}"
    for name in ("from", "to"):
        if not E164.fullmatch(form.get(name, "")):
            return f"invalid {name}: a number in E.164 format"
    if not SECONDS.fullmatch(form.get("timeout", "60")):
        return "invalid timeout: seconds"
    return None if _is_start(form.get("voice_start", "")) else "invalid voice_start: an address or an action"


def _is_start(given: str) -> bool:
    """An address that gives the first action, or that action itself."""
    if _is_address(given):
        return True
    try:
        action = json.loads(given)
    except ValueError:
        return False
    if not isinstance(action, dict) or len(ACTIONS & set(action)) != 1:
        return False
    return "play" not in action or _is_address(action["play"])


def _is_address(given: Any) -> bool:
    return isinstance(given, str) and urlsplit(given).scheme in ("http", "https")


def _public(call: dict[str, Any]) -> dict[str, Any]:
    """As 46elks gives it."""
    return {name: value for name, value in call.items() if name not in ("heard", "at")}
