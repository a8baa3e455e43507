"""Calls to a unit, as 46elks asks its customer what to do with them: a patient calls, and presses keys."""

from __future__ import annotations

import re
import secrets
import threading
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from sandbox.systems.elks.sms import CREATED, E164
from sandbox.wire.forgetful import Forgetful
from sandbox.wire.web import BadRequest

Json = dict[str, Any]
HIDDEN = "anonymous"
DIGIT = re.compile(r"[0-9*#]?")
SECONDS = range(1, 31)


def is_digit(value: Any) -> bool:
    """A key of a telephone; empty: none."""
    return isinstance(value, str) and DIGIT.fullmatch(value) is not None


class Incoming(Forgetful):
    """Calls that came in, oldest first, each with what the caller has come to."""

    def __init__(self, hook: str) -> None:
        self.hook = hook
        """Where the customer wants to be asked, with its login."""
        self.lock = threading.Lock()
        self._calls: dict[str, Json] = {}
        self._http = requests.Session()
        self._http.trust_env = False

    def call_in(self, phone: str | None, to: str) -> Json:
        """Somebody calls; a number that is `None` is hidden."""
        call = {"id": "c" + secrets.token_hex(16), "from": phone or HIDDEN, "to": to, "came_to": []}
        with self.lock:
            self._calls[str(call["id"])] = call
        return self._ask_customer(call, self.hook, "newincoming")

    def text_in(self, phone: str, to: str, said: str) -> Json:
        """Somebody sends an SMS; whatever text the customer answered would go back to them."""
        message = {"id": "s" + secrets.token_hex(16), "from": phone, "to": to, "message": said}
        form = message | {"direction": "incoming", "created": datetime.now(UTC).strftime(CREATED)}
        hook = self.hook.removesuffix("voice") + "sms"
        answer = self._http.post(hook, data=form, timeout=10, allow_redirects=False)
        return message | {"status": answer.status_code, "reply": answer.text}

    def press_key(self, id: str, digit: str) -> Json:
        """They press a key, or (\"\") none until the menu has been played out."""
        call = self._calls.get(id)
        if call is None or "ivr" not in call["came_to"][-1]:
            raise BadRequest(409, "no such call, or it does not wait for a key")
        action = call["came_to"][-1]
        return self._ask_customer(call, action.get(digit) or action["next"], digit)

    def calls_in(self) -> list[Json]:
        """Every call, with what the caller came to, one after the other."""
        with self.lock:
            return [call | {"came_to": list(call["came_to"])} for call in self._calls.values()]

    def clear(self) -> None:
        """Forgets all calls."""
        with self.lock:
            self._calls.clear()

    def _ask_customer(self, call: Json, url: str, result: str) -> Json:
        form = {"callid": call["id"], "from": call["from"], "to": call["to"], "direction": "incoming"}
        answer = self._http.post(url, data=form | {"result": result}, timeout=10, allow_redirects=False)
        if answer.status_code != 200:
            raise BadRequest(502, f"the customer answered {answer.status_code}")
        action = answer.json()
        if wrong := _amiss(action):
            raise BadRequest(502, f"not an action: {wrong}")
        with self.lock:
            call["came_to"].append(action)
        return call | {"action": action}


def _amiss(action: Any) -> str | None:
    """What the provider would not carry out, and why."""
    if not isinstance(action, dict) or len({"ivr", "play", "connect", "hangup"} & set(action)) != 1:
        return "one of ivr, play, connect, hangup"
    if "connect" in action:
        return None if E164.fullmatch(str(action["connect"])) else "connect: a number in E.164 format"
    if "hangup" in action:
        return None if action["hangup"] in ("busy", "reject", "404") else "hangup: busy, reject or 404"
    sound = action.get("ivr", action.get("play"))
    if urlsplit(str(sound)).scheme not in ("http", "https"):
        return "an address of a sound"
    return _menu_amiss(action) if "ivr" in action else None


def _menu_amiss(action: Json) -> str | None:
    if action.get("timeout", 30) not in SECONDS:
        return "timeout: 1 to 30 seconds"
    ways = [url for name, url in action.items() if name == "next" or is_digit(name)]
    if "next" not in action or not all(urlsplit(str(url)).scheme in ("http", "https") for url in ways):
        return "next: an address"
    return None
