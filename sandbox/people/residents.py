"""The people of the region: who they are, what they have wished, what PU and 1177 know of them."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from personnummer import personnummer

from sandbox.wire.forgetful import Forgetful
from sandbox.wire.shown import Shown

RESERVNUMMER = re.compile(r"[0-9A-Za-z]{10,13}")
NUMBER_LEVELS = ("confirmed", "probable", "uncertain")
METHODS = {"sms": "SMS", "email": "Email"}


class WrongResident(ValueError):
    """What was given is no resident. The text names the field, never its value."""


@dataclass(frozen=True, slots=True)
class Resident(Shown):
    """A person. The defaults are an adult on 1177 without notices there, whom nobody may send anything."""

    id: str
    type: str
    name: str = "Test Testsson"
    phone: str | None = None
    email: str | None = None
    e_id: bool = True
    active_on_1177: bool = True
    notified_by_1177: tuple[str, ...] = ()
    """By which of SMS and Email 1177 itself notifies."""
    protected: bool = False
    guardians: tuple[str, ...] = ()
    digital_only: bool = False
    deceased: date | None = None
    contact_registered: date | None = None
    """Since when the contact data stand in PU; None: PU does not say."""
    notice_by: tuple[str, ...] = ()
    """`sms`, `email`: wished notices, in the order of the wish."""
    known_to_pu: bool = True
    changed_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When their record in PU was last changed."""
    phone_fails: bool = False
    """What is sent to the number is reported as failed."""
    coordination_number_level: str | None = "confirmed"
    """How surely Skatteverket knows the holder of a samordningsnummer; None: the identity provider is not told."""
    previous_coordination_number: str | None = None
    """The samordningsnummer that one with a personnummer had before."""

    def shown(self) -> dict[str, Any]:
        """As `GET /people` lists them."""
        shown = {name: getattr(self, name) for name in self.__dataclass_fields__}
        dates = {n: v.isoformat() for n, v in shown.items() if isinstance(v, date)}
        return shown | dates


@dataclass(slots=True)
class People(Forgetful):
    """All residents, by id."""

    _all: dict[str, Resident] = field(default_factory=dict)
    _by_phone: dict[str, dict[str, None]] = field(default_factory=dict)
    """Ids, in the order in which they came by the number."""
    _wards: dict[str, dict[str, None]] = field(default_factory=dict)
    """By guardian, the ids of their children."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add_or_change(self, given: Any) -> Resident:
        """Adds a resident, or changes the fields that are given of one who is there."""
        if not isinstance(given, dict):
            raise WrongResident("a resident is an object")
        fields = _fields(dict(given))
        with self._lock:
            held = self._all.get(fields["id"]) or Resident(fields["id"], type_of(fields["id"]))
            if fields.pop("notified", None):
                fields["notified_by_1177"] = _all_methods(replace(held, **fields))
            resident = replace(held, **fields, changed_at=datetime.now(UTC))
            self._all[resident.id] = resident
            self._by_phone.get(held.phone or "", {}).pop(resident.id, None)
            self._by_phone.setdefault(resident.phone or "", {})[resident.id] = None
            for guardian in held.guardians:
                self._wards[guardian].pop(resident.id, None)
            for guardian in resident.guardians:
                self._wards.setdefault(guardian, {})[resident.id] = None
        return resident

    def get(self, resident: str) -> Resident | None:
        """The resident, if there is one with this id."""
        return self._all.get(resident)

    def all(self) -> list[Resident]:
        """In the order in which they came."""
        with self._lock:
            return list(self._all.values())

    def with_phone(self, phone: str) -> Resident | None:
        """Someone who has this number."""
        with self._lock:
            identity = next(iter(self._by_phone.get(phone, ())), None)
            return self._all[identity] if identity else None

    def wards_of(self, guardian: str) -> list[str]:
        """The ids of those whose guardian this one is, in the order in which they came by them."""
        return list(self._wards.get(guardian, ()))

    def clear(self) -> None:
        """Nobody lives here."""
        with self._lock:
            self._all.clear()
            self._by_phone.clear()
            self._wards.clear()


def type_of(identity: str) -> str:
    """personnummer, samordningsnummer or reservnummer, by the look of it."""
    if (
        len(identity) == 12
        and identity.isdigit()
        and (personnummer.valid(identity) or _is_without_date(identity))
    ):
        return "samordningsnummer" if int(identity[6:8]) >= 60 else "personnummer"
    if RESERVNUMMER.fullmatch(identity) and not identity.isdigit():
        return "reservnummer"
    raise WrongResident("personnummer: neither a personnummer, a samordningsnummer nor a reservnummer")


def _is_without_date(identity: str) -> bool:
    """A samordningsnummer whose month (00) or day (60) of birth is not established: `personnummer` takes none."""
    month, day = identity[4:6], int(identity[6:8])
    if not (60 <= day <= 91 and (month == "00" or (day == 60 and "01" <= month <= "12"))):
        return False
    weights = (int(figure) * weight for figure, weight in zip(identity[2:], (2, 1) * 5, strict=True))
    return sum(sum(divmod(each, 10)) for each in weights) % 10 == 0


def _all_methods(resident: Resident) -> tuple[str, ...]:
    """`notified_by_1177: true` means by all that the resident has; one without any is notified by SMS."""
    has = [METHODS[kind] for kind, value in (("sms", resident.phone), ("email", resident.email)) if value]
    return tuple(has) or ("SMS",)


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": str(given.pop("personnummer", given.pop("id", "")))}
    given.pop("type", None)
    type_of(fields["id"])
    wishes = given.pop("preferences", None) or {}
    if unknown := set(wishes) - {"notice_by", "digital_only"}:
        raise WrongResident(f"preferences: no such field: {', '.join(sorted(unknown))}")
    for name, value in (given | wishes).items():
        fields |= _field(name, value)
    return fields


def _field(name: str, value: Any) -> dict[str, Any]:
    if name in ("e_id", "active_on_1177", "protected", "digital_only", "known_to_pu", "phone_fails"):
        if not isinstance(value, bool):
            raise WrongResident(f"{name}: true or false")
        return {name: value}
    if name == "coordination_number_level" and value not in (*NUMBER_LEVELS, None):
        raise WrongResident(f"{name}: one of {', '.join(NUMBER_LEVELS)}")
    if name in ("name", "phone", "email", "coordination_number_level", "previous_coordination_number"):
        return {name: value}
    if name in ("deceased", "contact_registered"):
        return {name: _date(name, value)}
    if name == "notified_by_1177":
        return {"notified": True} if value is True else {name: _methods(name, value or [], METHODS.values())}
    if name == "notice_by":
        return {name: _methods(name, value or [], METHODS)}
    if name == "guardians":
        return {name: tuple(value or ())}
    raise WrongResident(f"no such field: {name}")


def _methods(name: str, value: Any, allowed: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not set(value) <= set(allowed):
        raise WrongResident(f"{name}: a list of {', '.join(allowed)}")
    return tuple(value)


def _date(name: str, value: Any) -> date | None:
    try:
        return None if value is None else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise WrongResident(f"{name}: a date, YYYY-MM-DD") from None
