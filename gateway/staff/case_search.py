"""What staff look for cases by: read from an address, a form or JSON, and checked before anything is asked.

A patient's number and a phone number come in a body only, with a reason: what stands in an address is kept by logs,
by proxies and by the browser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import orjson
from fastapi import Request
from pydantic import ValidationError

from gateway.bodies import KIB, TooLarge, TooSlow, read_body
from gateway.staff.asked import filled_in, wants_page
from models.identity import ONE_LINE, IdentityType, PatientId, kind_of
from models.times import STOCKHOLM
from routine.approved import SMS
from routine.follow_up_period import WrongPeriod, day_given
from routine.senders import address_of
from tasks.find_case import Within

LINE = re.compile(ONE_LINE)
MOST_ID, MOST_REASON = 100, 300
MOST_BODY = 8 * KIB
EMPTY: Mapping[str, str] = {}
OF_PHONE = "phone_"
"""What fields of the form are called that the box of the phone number has as well as the patient's."""
BOXES: Mapping[str, tuple[str, ...]] = {
    "booking": ("source", "booking"),
    "contact": ("channel", "contact"),
    "patient": ("patient", "reservnummer", "reason", "from", "to"),
    "phone": ("phone", *(f"{OF_PHONE}{name}" for name in ("reason", "from", "to"))),
}
"""The boxes of the form, each with its fields; one is filled in where it has what it is called by."""
WRONG: Mapping[str, frozenset[str]] = {
    "reservnummer": frozenset({"patient"}),
    "reason": frozenset({"reason", f"{OF_PHONE}reason"}),
    "days": frozenset({"from", "to", f"{OF_PHONE}from", f"{OF_PHONE}to"}),
}
"""The fields that are to be filled in anew, by what was wrong; else the one that is called so."""


@dataclass(frozen=True)
class ByBooking:
    """A booking's number in a system."""

    source: str
    booking: str


@dataclass(frozen=True)
class ByContact:
    """A contact's number in a channel."""

    channel: str
    contact: str


@dataclass(frozen=True)
class ByPatient:
    """A patient, why, and of which days."""

    patient: PatientId = field(repr=False)
    why: str = field(repr=False)
    within: Within


@dataclass(frozen=True)
class ByPhone:
    """A phone number in E.164, why, and of which days."""

    number: str = field(repr=False)
    why: str = field(repr=False)
    within: Within


Asked = ByBooking | ByContact | ByPatient | ByPhone
Wrong = str
"""What was filled in wrongly, as `case_texts.CaseWords.wrong` has it."""


def in_address(given: Mapping[str, str]) -> Asked | Wrong | None:
    """What an address asks for; None: nothing."""
    if "booking" in given or "source" in given:
        source, booking = _filled_line(given, "source"), _filled_line(given, "booking")
        return ByBooking(source, booking) if source and booking else "booking"
    if "contact" in given or "channel" in given:
        channel, contact = _filled_line(given, "channel"), _filled_line(given, "contact")
        return ByContact(channel, contact) if channel and contact else "contact"
    return None


def in_body(given: Mapping[str, str]) -> Asked | Wrong:
    """What a form or a program's JSON asks for."""
    if not given.get("patient") and not given.get("phone"):
        return in_address(given) or "nothing"
    why = given.get("reason", "").strip()
    if not why or len(why) > MOST_REASON or not why.isprintable():
        return "reason"
    within = _of_days(given)
    if within is None:
        return "days"
    if given.get("patient"):
        return _by_patient(given["patient"], given, why, within)
    number = address_of(SMS, given["phone"])
    return ByPhone(number, why, within) if number else "phone"


def in_form(given: Mapping[str, str]) -> Asked | Wrong:
    """What the form asks for: by the box whose button was pressed, or, with Enter, by the one that is filled in."""
    filled = [box for box in BOXES if given.get(box)]
    if "by" not in given and len(filled) > 1:
        return "several"
    box = given.get("by") or next(iter(filled), "")
    names = [name for name in BOXES.get(box, ()) if name in given]
    return in_body({name.removeprefix(OF_PHONE): given[name] for name in names})


def typed_in(given: Mapping[str, str], wrong: Wrong = "") -> dict[str, str]:
    """Each field of the form as it was filled in, "" for what was not, and for what was wrong."""
    names = {name for names in BOXES.values() for name in names}
    again = WRONG.get(wrong, frozenset({wrong}))
    return {name: "" if name in again else given.get(name, "") for name in names}


async def body_of(request: Request) -> Mapping[str, str]:
    """What is filled in: the form of a page, or an object of JSON; of what is neither, or too long, nothing."""
    if wants_page(request):
        return await filled_in(request)
    try:
        given = orjson.loads(await read_body(request, MOST_BODY))
    except (orjson.JSONDecodeError, TooLarge, TooSlow):
        return EMPTY
    if not isinstance(given, dict):
        return EMPTY
    patient = given.get("patient")
    if isinstance(patient, dict):  # as everywhere else: {"id": …, "type": …}
        is_reserv = patient.get("type") == IdentityType.RESERVNUMMER
        given |= {"patient": patient.get("id"), "reservnummer": "yes" if is_reserv else ""}
    return {name: value for name, value in given.items() if isinstance(value, str)}


def _of_days(given: Mapping[str, str]) -> Within | None:
    """From the first to the last of two Swedish days, each of which may be left out; None: they are none."""
    try:
        first, last = (day_given(given.get(name, "").strip(), name) for name in ("from", "to"))
    except WrongPeriod:
        return None
    if first and last and last < first:
        return None
    end = last + timedelta(days=1) if last else None
    since, until = (datetime.combine(day, time(), STOCKHOLM) if day else None for day in (first, end))
    return Within(since=since, until=until)


def _by_patient(number: str, given: Mapping[str, str], why: str, within: Within) -> Asked | Wrong:
    figures = number.replace("-", "").replace(" ", "")
    is_reserv = bool(given.get("reservnummer"))
    kind = IdentityType.RESERVNUMMER if is_reserv else kind_of(figures)
    if kind is None:
        return "patient"
    try:
        return ByPatient(PatientId(type=kind, id=figures), why, within)
    except ValidationError:
        return "reservnummer" if is_reserv else "patient"


def _filled_line(given: Mapping[str, str], name: str) -> str:
    said = given.get(name, "").strip()
    return said if len(said) <= MOST_ID and LINE.fullmatch(said) else ""
