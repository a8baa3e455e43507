"""The region's figures, as its files give them (`routine.region_file`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from models.identity import LOCAL
from models.messages import types_from
from routine.approved import E1177, HsaId, System, wrong_with
from routine.figures import (
    E164,
    Ages,
    Contacts,
    DigitalVisits,
    Figures,
    Hours,
    Joining,
    LastHours,
    Letters,
    Links,
    Login,
    Mail,
    Neutral,
    Notices,
    Quiet,
    Reminders,
    Seconds,
    SelfServiceFigures,
    Services,
    Sms,
    Storage,
    Telephone,
    Text,
    Voice,
)
from routine.source import Source


class Publish(StrEnum):
    """Who publishes the unit's bookings: we do, or we only work out what we would do."""

    SHADOW = "shadow"
    VAXEL = "vaxel"


class CallLetterWay(StrEnum):
    """How the unit's digital call letters reach 1177: by crm:scheduling, or as a message in the inbox."""

    SCHEDULING = "scheduling"
    INBOX = "inbox"


class UnitPolicy(Figures):
    """What the region has settled for one care unit.

    Args:
        name: as patients know it.
        turn_to: where a patient turns with questions, such as a phone number.
        publish: `shadow` until the unit is switched on.
        call_letter: the way of its digital call letters.
        connected: 1177 gives notice of the unit's engagements; `None`: if its call letters go by scheduling.
        paper: `None`: as the region.
        reveals: the name alone reveals the kind of care.
        offers: the channels that it answers in and may change to.
        refers: we send the referral for it (policy-hanvisning-1).
        answer_within_hours: `None`: as the region.
        last_change_hours: until so long before a visit the resident changes it on 1177; `None`: as the region.
        on_call: whom an alert escalates to, the first of them first; none: as the region.
        telephone: what a caller may choose (byte-2); none: the unit does not offer it.
    """

    name: Text
    turn_to: Text
    publish: Publish = Publish.SHADOW
    call_letter: CallLetterWay = CallLetterWay.SCHEDULING
    connected: bool | None = None
    paper: bool | None = None
    reveals: bool = False
    offers: frozenset[str] = frozenset({E1177})
    refers: bool = False
    answer_within_hours: Hours | None = None
    last_change_hours: LastHours | None = None
    on_call: tuple[E164, ...] = ()
    telephone: Telephone | None = None

    @property
    def in_shadow(self) -> bool:
        """Do we only watch it (policy-skugga-1)?"""
        return self.publish is Publish.SHADOW

    @property
    def is_connected(self) -> bool:
        """Does 1177 give notice of the unit's bookings by itself?"""
        return self.call_letter is CallLetterWay.SCHEDULING if self.connected is None else self.connected


class Region(Figures):
    """All figures of a region."""

    name: Text
    coalescing_window_seconds: Seconds
    bulk_threshold: int = Field(gt=0)
    bulk_window_seconds: Seconds
    wait_for_person_seconds: Seconds
    most_missing: int = Field(ge=0)
    ages: Ages
    letters: Letters
    notices: Notices
    reminders: Reminders
    digital_visits: DigitalVisits = DigitalVisits()
    quiet: Quiet
    contacts: Contacts
    services: Services = Services()
    voice: Voice | None = None
    links: Links
    joining: Joining = Joining()
    self_service: SelfServiceFigures = SelfServiceFigures()
    storage: Storage
    sms: Sms
    mail: Mail
    neutral: Neutral
    login: Login
    systems: Mapping[str, System]
    units: Mapping[HsaId, UnitPolicy] = Field(default_factory=dict)
    sources: Mapping[str, Source] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        wrong = [
            ("systems", id, expected)
            for id, system in self.systems.items()
            if (expected := wrong_with(id, system))
        ]
        wrong += [
            ("units", hsa_id, "offers what [systems] lists")
            for hsa_id, unit in self.units.items()
            if not unit.offers <= self.systems.keys()
        ]
        wrong += [
            ("systems", id, f"entry, where patients who go on there are led: unit {hsa_id} offers it")
            for hsa_id, unit in self.units.items()
            for id in sorted(unit.offers & self.systems.keys())
            if self.systems[id].entry is None
        ]
        wrong += [
            ("units", hsa_id, "telephone keys that lead to what the unit offers")
            for hsa_id, unit in self.units.items()
            if unit.telephone and not unit.offers.issuperset(unit.telephone.keys.values())
        ]
        wrong += [
            ("sources", id, expected)
            for id, source in self.sources.items()
            if (expected := self._unlike(id, source))
        ]
        wrong += self._reminded_too_late()
        if wrong:
            raise ValidationError.from_exception_data(
                "Region",
                [
                    {"type": PydanticCustomError("expected", expected), "loc": (table, id), "input": None}
                    for table, id, expected in wrong
                ],
            )
        return self

    def _reminded_too_late(self) -> Iterator[tuple[str, str, str]]:
        """A reminder arrives in good time to rebook or cancel (besok-5)."""
        first, expected = min(self.reminders.lead_hours), "last_change_hours below every lead of [reminders]"
        if self.self_service.last_change_hours >= first:
            yield "self_service", "last_change_hours", expected
        for hsa_id, unit in self.units.items():
            if unit.last_change_hours is not None and unit.last_change_hours >= first:
                yield "units", hsa_id, expected

    def _unlike(self, id: str, source: Source) -> str | None:
        """What would have to stand there, for a source that there is not, or that may tell of what nobody knows."""
        if id.startswith(LOCAL) and id not in self.systems:
            return "a source that [systems] lists"
        known = types_from(id)
        if not known:
            return "one of the sources of docs/webhooks.md"
        if source.types != "all" and not known.issuperset(source.types):
            return f"types that it may send: {', '.join(sorted(known))}"
        return None

    def source(self, id: str) -> Source:
        """What a source may tell of: what is listed, else everything; a unit's own solution, of its own units."""
        if id in self.sources:
            return self.sources[id]
        system = self.systems.get(id) if id.startswith(LOCAL) else None
        return Source(units=system.units) if system and system.units else Source()

    def notices_an_hour(self, source: str) -> int:
        """At most so many notices follow from what a source tells in an hour."""
        return self.source(source).notices_an_hour or self.notices.an_hour

    @property
    def coalescing_window(self) -> timedelta:
        return timedelta(seconds=self.coalescing_window_seconds)

    @property
    def bulk_window(self) -> timedelta:
        return timedelta(seconds=self.bulk_window_seconds)

    @property
    def wait_for_person(self) -> timedelta:
        return timedelta(seconds=self.wait_for_person_seconds)

    def unit(self, hsa_id: str) -> UnitPolicy | None:
        """The unit's policy, or `None` for one that is not listed; HSA-ids compare whatever their case."""
        return self.units.get(hsa_id.upper())

    def called(self, number: str) -> str | None:
        """The HSA-id of the unit that has the number (E.164); `None`: none has."""
        return next(
            (id for id, unit in self.units.items() if unit.telephone and unit.telephone.number == number),
            None,
        )

    def sends_paper(self, unit: UnitPolicy) -> bool:
        """The unit's setting for paper, else the region's."""
        return self.letters.paper if unit.paper is None else unit.paper

    def on_call(self, unit: UnitPolicy | None) -> tuple[str, ...]:
        """Whom an alert at the unit escalates to: its own list, else the region's; an unknown unit too."""
        return (unit.on_call if unit else ()) or self.contacts.on_call

    def answer_within(self, unit: UnitPolicy) -> timedelta:
        """How long a contact at the unit may wait for its answer."""
        return timedelta(hours=unit.answer_within_hours or self.contacts.answer_within_hours)

    def last_change(self, unit: UnitPolicy | None) -> timedelta:
        """Until so long before a visit at the unit its resident changes or cancels it on 1177."""
        own = unit.last_change_hours if unit else None
        return timedelta(hours=self.self_service.last_change_hours if own is None else own)
