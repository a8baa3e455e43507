"""Patients call a unit and press keys, or send it an SMS."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from sandbox.acts.contacts import Act, Json
from sandbox.systems.elks.incoming import Incoming, is_digit
from sandbox.systems.elks.sms import E164
from sandbox.wire.bodies import Form, checked_body, text
from sandbox.wire.web import BadRequest

UNITS = Path(__file__).parents[1] / "region.toml"


def _is_phone(value: Any) -> bool:
    return value is None or (isinstance(value, str) and E164.fullmatch(value) is not None)


CALL: dict[str, Form] = {"phone": _is_phone, "unit?": text, "to?": text}
TEXT: dict[str, Form] = {"phone": text, "unit?": text, "to?": text, "text": text}
PRESS: dict[str, Form] = {"call": text, "digit": is_digit}


class Phone:
    """What patients do with a telephone."""

    def __init__(self, incoming: Incoming) -> None:
        self._incoming = incoming
        self.acts: dict[str, Act] = {
            "call": self.call_unit,
            "press": self.press_key,
            "text": self.text_unit,
        }

    def call_unit(self, given: Json) -> Json:
        """`{phone, unit | to}`: a patient calls, with a hidden number where `phone` is null. Gives the call."""
        body = checked_body(given, CALL)
        to = body.get("to") or _number_of(str(body.get("unit")))
        return self._incoming.call_in(body["phone"], to)

    def press_key(self, given: Json) -> Json:
        """`{call, digit}`: they press a key; `""` is none."""
        body = checked_body(given, PRESS)
        return self._incoming.press_key(body["call"], body["digit"])

    def text_unit(self, given: Json) -> Json:
        """`{phone, unit | to, text}`: they send an SMS. Gives it with the customer's `status` and `reply`."""
        body = checked_body(given, TEXT)
        to = body.get("to") or _number_of(str(body.get("unit")))
        return self._incoming.text_in(body["phone"], to, body["text"])


def _number_of(unit: str) -> str:
    units: Json = tomllib.loads(UNITS.read_text("utf-8"))["units"]
    telephone = units.get(unit.upper(), {}).get("telephone")
    if telephone is None:
        raise BadRequest(422, "unit: one with a telephone in sandbox/region.toml; or give `to`")
    return str(telephone["number"])
