"""1177's catalogue of services (eoffering 1.0): what each unit offers the resident."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.wire.elements import HSA_ID, MANY, Element
from sandbox.wire.forgetful import Forgetful
from sandbox.wire.shown import Shown
from sandbox.wire.soap import Message, Operation, addressed_to, leaf

OWNER = "SE165565594230-1000"
CORE = "urn:riv:eservicesupply:eoffering:1"
OFFERED = "urn:riv:eservicesupply:eoffering:GetAvailableEServicesResponder:1"
REQUEST = Element(OFFERED, "GetAvailableEServices", open=True, children=(
    Element(OFFERED, "healthcare_facility", most=MANY, form=HSA_ID),
))  # fmt: skip

TOPICS = ("rebook", "journal", "form")
LEVELS = ("AL1", "AL2", "AL3", "AL4")


class WrongService(ValueError):
    """What was given is no service. The text names the field."""


@dataclass(frozen=True, slots=True)
class Service(Shown):
    """An e-service. `topic` is the sandbox's own word and never on the wire: the contract has no room for it.

    `template` is the form that a service of topic `form` has in the form engine.
    """

    topic: str
    id: str
    name: str
    link: str | None
    ages: tuple[int | None, int | None] = (None, None)
    level: str = "AL3"
    gender: str | None = None
    listing: bool = False
    referral: bool = False
    template: str | None = None

    def shown(self) -> dict[str, Any]:
        """As `POST /units` answers."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def _usual(topic: str, name: str, page: str, youngest: int) -> Service:
    template = topic if topic == "form" else None
    link = f"https://e-tjanster.1177.se/{page}"
    return Service(topic, topic, name, link, (youngest, None), template=template)


USUAL = {
    "rebook": _usual("rebook", "Av- och omboka tid", "mvk/bookings", 13),
    "journal": _usual("journal", "Läs din journal", "journal", 16),
    "form": _usual("form", "Hälsodeklaration", "formular", 13),
}
"""What a unit offers of which nothing else was said. Links and names are the sandbox's."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's name, and what it offers."""

    name: str = "Vårdenheten"
    services: tuple[Service, ...] = field(default_factory=lambda: tuple(USUAL.values()))


class Catalogue(Forgetful):
    """What each unit offers, by HSA-id."""

    def __init__(self) -> None:
        self._units: dict[str, Unit] = {}
        self.operations = {f"{OFFERED}:GetAvailableEServices": Operation(REQUEST, self.available)}

    def offered_at(self, unit: str) -> Unit:
        """The unit, which is a usual one until something else was said."""
        return self._units.get(unit.upper(), Unit())

    def change_unit(self, unit: str, given: dict[str, Any]) -> Unit:
        """Changes a unit's `name` or `services`, where they are given."""
        changed = self.offered_at(unit)
        if "name" in given:
            changed = replace(changed, name=_checked_text("name", given["name"]))
        if "services" in given:
            changed = replace(changed, services=services(given["services"]))
        self._units[unit.upper()] = changed
        return changed

    def clear(self) -> None:
        """Of no unit anything was said."""
        self._units.clear()

    def available(self, message: Message) -> str:
        """GetAvailableEServices 1.0."""
        addressed_to(message, OWNER)
        units = dict.fromkeys(unit.upper() for unit in message.body["healthcare_facility"])
        return (
            f'<o:GetAvailableEServicesResponse xmlns:o="{OFFERED}" xmlns="{CORE}">'
            f"{''.join(_available(unit, self.offered_at(unit)) for unit in units)}</o:GetAvailableEServicesResponse>"
        )


def services(given: Any) -> tuple[Service, ...]:
    """Services from JSON; each begins as the usual one of its topic."""
    if not isinstance(given, list):
        raise WrongService("services: a list")
    return tuple(_service_from(one) for one in given)


def _service_from(given: Any) -> Service:
    if not isinstance(given, dict) or given.get("topic") not in TOPICS:
        raise WrongService(f"topic: one of {', '.join(TOPICS)}")
    usual = USUAL[given["topic"]]
    if unknown := set(given) - set(usual.shown()):
        raise WrongService(f"no such field: {', '.join(sorted(unknown))}")
    return replace(usual, **{name: _value(name, value) for name, value in given.items()})


def _value(name: str, value: Any) -> Any:
    if name == "ages":
        return _ages(value)
    if name in ("listing", "referral"):
        if not isinstance(value, bool):
            raise WrongService(f"{name}: true or false")
        return value
    if name == "level" and value not in LEVELS:
        raise WrongService(f"level: one of {', '.join(LEVELS)}")
    if name in ("link", "gender", "template") and value is None:
        return None
    return _checked_text(name, value)


def _ages(value: Any) -> tuple[int | None, int | None]:
    if not isinstance(value, list) or len(value) != 2:
        raise WrongService("ages: [from, to], either may be null")
    if any(isinstance(age, bool) or not isinstance(age, int | None) for age in value):
        raise WrongService("ages: whole years or null")
    return value[0], value[1]


def _checked_text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise WrongService(f"{name}: text")
    return value


def _available(unit: str, offering: Unit) -> str:
    return (
        f"<o:availableEServices><o:healthcare_facility>{leaf('healthcare_facility', unit)}"
        f"{leaf('healthcare_facility_name', offering.name)}</o:healthcare_facility>"
        f"{''.join(map(_eservice, offering.services))}</o:availableEServices>"
    )


def _eservice(service: Service) -> str:
    return (
        f"<o:eservice>{leaf('commonName', service.name)}{leaf('description', service.name)}"
        f"{leaf('resourceId', service.id)}{leaf('securitylevel', service.level)}{leaf('url', service.link)}"
        f"{_restrictions(service)}</o:eservice>"
    )


def _restrictions(service: Service) -> str:
    """Left out for a service that is for everyone."""
    if (service.ages, service.gender, service.listing, service.referral) == (
        (None, None),
        None,
        False,
        False,
    ):
        return ""
    return (
        f"<restrictions>{leaf('gender', service.gender)}{leaf('listing', service.listing)}"
        f"{leaf('referal', service.referral)}{leaf('ageMin', service.ages[0])}"
        f"{leaf('ageMax', service.ages[1])}</restrictions>"
    )
