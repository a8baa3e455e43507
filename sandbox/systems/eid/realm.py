"""Whom an identity provider logs in, and what it knows of them: residents (OIDC Sweden 1.0), or staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.people.residents import People, Resident

Json = dict[str, Any]
NUMBERS = "https://id.oidc.se/claim/"
NUMBER_SCOPE = "https://id.oidc.se/scope/naturalPersonNumber"
IN_SCOPE = (f"{NUMBERS}personalIdentityNumber", f"{NUMBERS}coordinationNumber")
IN_PART = (f"{NUMBERS}coordinationNumberLevel", f"{NUMBERS}previousCoordinationNumber")
"""What no scope asks for."""
LEVEL = "http://id.elegnamnden.se/loa/1.0/loa"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who can log in. `value` chooses them in the form, `known` are all the claims that there are of them."""

    value: str
    label: str
    id: str
    known: Json = field(default_factory=dict)


class Realm(Protocol):
    """Those whom one provider logs in.

    Attributes:
        name: the first part of its path.
        back: the path at the gateway that it sends people back to.
        chosen_by: the field of its form by which one is chosen; and `noted`, as the list of logins names it.
        level: what every level of assurance begins with, before its figure.
        scopes: the claims that each scope asks for, beside `openid`.
        claims: all that there are; `naming`: those of them that say who it is.
    """

    name: str
    back: str
    chosen_by: str
    noted: str
    level: str
    scopes: Mapping[str, Sequence[str]]
    claims: Sequence[str]
    naming: Sequence[str]

    def holders(self) -> list[Holder]:
        """All who can log in."""

    def find(self, value: str) -> Holder | None:
        """The one with this value, if they can log in."""


@dataclass(slots=True)
class Residents(Realm):
    """The region's people with their e-identification."""

    people: People
    name: str = "eid"
    back: str = "/l/callback"
    chosen_by: str = "personnummer"
    noted: str = "patient"
    level: str = LEVEL
    scopes: Mapping[str, Sequence[str]] = field(default_factory=lambda: {NUMBER_SCOPE: IN_SCOPE})
    claims: Sequence[str] = (*IN_SCOPE, *IN_PART)
    naming: Sequence[str] = (*IN_SCOPE, *IN_PART)

    def holders(self) -> list[Holder]:
        """In the order in which they came."""
        return [_holder(one) for one in self.people.all() if _can(one)]

    def find(self, value: str) -> Holder | None:
        """By their number."""
        one = self.people.get(value)
        return _holder(one) if one and _can(one) else None


def _can(person: Resident) -> bool:
    return person.e_id and person.type != "reservnummer"


def _holder(person: Resident) -> Holder:
    return Holder(person.id, f"{person.name} {person.id}", person.id, _claims_of(person))


def _claims_of(person: Resident) -> Json:
    if person.type == "samordningsnummer":
        number = {f"{NUMBERS}coordinationNumber": person.id}
        level = person.coordination_number_level
        return number | ({f"{NUMBERS}coordinationNumberLevel": level} if level else {})
    before = person.previous_coordination_number
    number = {f"{NUMBERS}personalIdentityNumber": person.id}
    return number | ({f"{NUMBERS}previousCoordinationNumber": before} if before else {})
