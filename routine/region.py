"""The region's figures, as its files give them (`routine.region_file`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

_HSA_ID = r"^SE[0-9]{10}-[0-9A-Za-z]+$"
_SENDER = r"^[A-Za-z][0-9A-Za-z]{0,10}$"  # avisering-3; a gateway refuses one that begins with a digit

Text = Annotated[str, Field(min_length=1, max_length=200)]
Seconds = Annotated[int, Field(gt=0, le=7 * 24 * 3600)]
Hours = Annotated[int, Field(gt=0, le=366 * 24)]
Minutes = Annotated[int, Field(gt=0, le=24 * 60)]
HsaId = Annotated[str, Field(pattern=_HSA_ID)]

E1177 = "e1177"
"""1177 as a channel: its inbox, with Stöd och behandling."""
PHONE = "phone"
"""The phone, which needs no approval: it is one of the ways (val-2)."""
SMS, MAIL = "sms", "mail"
LOCAL = "local-"
"""How the name of a unit's own solution begins (system-4)."""


class Occasion(StrEnum):
    """What a notice is about (besok-2, avisering-1)."""

    BOOKED = "booked"
    CHANGED = "changed"
    CANCELLED = "cancelled"


class Publish(StrEnum):
    """Who publishes the unit's bookings: we do, or we only work out what we would do."""

    SHADOW = "shadow"
    VAXEL = "vaxel"


class CallLetterWay(StrEnum):
    """How the unit's digital call letters reach 1177: by crm:scheduling, or as a message in the inbox."""

    SCHEDULING = "scheduling"
    INBOX = "inbox"


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Ages(_Figures):
    """The ages at which the rules change, in years (barn-2, barn-4, policy-barn-1)."""

    own_login: int = Field(gt=0)
    own_journal: int
    adult: int

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.own_login < self.own_journal < self.adult:
            raise ValueError("own_login below own_journal below adult")
        return self


class Letters(_Figures):
    """Whether paper goes beside the digital call letter (onskemal-3)."""

    paper: bool = True


class Notices(_Figures):
    """Of which occasions 1177 itself tells a resident who has its notices on (policy-avisering-1)."""

    portal_notifies_of: frozenset[Occasion]


class Sms(_Figures):
    """The name that an SMS comes from (avisering-3)."""

    sender: str = Field(pattern=_SENDER)


class Mail(_Figures):
    """The address that an e-mail comes from (avisering-3)."""

    sender: Text


class Neutral(_Figures):
    """The clinical words that no text by SMS or e-mail has in it, not even as a part of a word (avisering-2)."""

    clinical: frozenset[Text]


class Login(_Figures):
    """Where a text to a patient leads (avisering-2)."""

    link: Text
    hosts: frozenset[str] = Field(min_length=1)

    @model_validator(mode="after")
    def _link_is_listed(self) -> Self:
        link = urlsplit(self.link)
        if link.scheme != "https" or link.hostname not in self.hosts:
            raise ValueError("an https link to one of the hosts")
        return self


class Use(StrEnum):
    """What a channel is used for (system-1 to 3)."""

    TEXT = "text"
    VIDEO = "video"
    REMINDER = "reminder"
    NOTICE = "notice"
    LINK = "link"
    """The link that a caller asks for by a key press (byte-2)."""


INSECURE: Mapping[str, frozenset[Use]] = MappingProxyType(
    {SMS: frozenset({Use.REMINDER, Use.NOTICE, Use.LINK}), MAIL: frozenset({Use.NOTICE})}
)
"""What a way that is not secure may be used for at most (system-3, avisering-1)."""


class System(_Figures):
    """A system that the region has approved (system-1, 2, 4, 5).

    Args:
        name: as patients and staff know it.
        uses: what it is approved for.
        check: where the security check is on record; left out: it is not approved.
        since, until: the first and the last day of the approval.
        only_for: the purposes that it is approved for; left out: any.
        units: the units that it is approved for; left out: all.
        protected: its own routine lets it handle persons with protected identity (skyddade-1).
    """

    name: Text
    uses: frozenset[Use] = Field(min_length=1)
    check: Text | None = None
    since: date | None = None
    until: date | None = None
    only_for: frozenset[Text] | None = None
    units: frozenset[HsaId] | None = None
    protected: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.until < self.since:
            raise ValueError("until on or after since")
        return self


class Quiet(_Figures):
    """The hours in which nothing that can wait reaches a resident, in Swedish time; `from` = `to`: none.

    `urgent_hours`: a notice of a visit that begins so soon after them cannot wait.
    """

    from_: time = Field(alias="from")
    to: time
    urgent_hours: Hours

    @model_validator(mode="after")
    def _local(self) -> Self:
        if self.from_.tzinfo or self.to.tzinfo:
            raise ValueError("times without an offset: they are Swedish")
        return self


class Reminders(_Figures):
    """When a booked visit is reminded of (besok-5, distans-3).

    Args:
        lead_hours: how long before the visit, one reminder for each.
        free_cancel_hours: until when cancelling is free; every lead is longer.
        pointless_minutes: so close to the visit a reminder is of no use.
        guardians_consent_counts: that of a guardian, given to staff, for a child under 13 (policy-barn-2).
    """

    lead_hours: frozenset[Hours] = Field(min_length=1, max_length=5)
    free_cancel_hours: Hours
    pointless_minutes: Minutes
    guardians_consent_counts: bool = False

    @model_validator(mode="after")
    def _early_enough(self) -> Self:
        if min(self.lead_hours) <= self.free_cancel_hours:
            raise ValueError("every lead longer than free_cancel_hours")
        return self


class Links(_Figures):
    """The links that lead a patient to log in (byte-2, byte-3)."""

    life_hours: Hours
    level_of_assurance: int = Field(ge=1, le=4)


class Storage(_Figures):
    """The intermediate storage for images (bilder-1 to 3)."""

    appointed: bool = False
    life_hours: Hours


class Contacts(_Figures):
    """How contacts are dealt with (patient-4, policy-suicid-1).

    Args:
        answer_within_hours: how long a contact may wait for its answer, where the unit says nothing.
        climb_minutes: after how long an alert that nobody has acknowledged climbs, each time.
        words_of_refusal: in the patient's answer, they leave it to staff to read (byte-1).
    """

    answer_within_hours: Hours
    climb_minutes: tuple[Minutes, ...] = Field(min_length=1)
    words_of_refusal: frozenset[Text]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if list(self.climb_minutes) != sorted(set(self.climb_minutes)):
            raise ValueError("climb_minutes growing")
        return self


class UnitPolicy(_Figures):
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

    @property
    def in_shadow(self) -> bool:
        """Do we only watch it (policy-skugga-1)?"""
        return self.publish is Publish.SHADOW

    @property
    def is_connected(self) -> bool:
        """Does 1177 give notice of the unit's bookings by itself?"""
        return self.call_letter is CallLetterWay.SCHEDULING if self.connected is None else self.connected


def _amiss(id: str, system: System) -> str | None:
    """What would have to stand there, for a system that is what its kind cannot be."""
    if not system.uses <= INSECURE.get(id, frozenset({Use.TEXT, Use.VIDEO})):
        return "no use that the routine rules out (system-1 to 3)"
    if id.startswith(LOCAL) and not (system.only_for and system.units):
        return "only_for and units, for a unit's own solution (system-4)"
    return None


class Region(_Figures):
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
    quiet: Quiet
    contacts: Contacts
    links: Links
    storage: Storage
    sms: Sms
    mail: Mail
    neutral: Neutral
    login: Login
    systems: Mapping[str, System]
    units: Mapping[HsaId, UnitPolicy] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        wrong = [
            ("systems", id, expected)
            for id, system in self.systems.items()
            if (expected := _amiss(id, system))
        ]
        wrong += [
            ("units", hsa_id, "offers what [systems] lists")
            for hsa_id, unit in self.units.items()
            if not unit.offers <= self.systems.keys()
        ]
        if wrong:
            raise ValidationError.from_exception_data(
                "Region",
                [
                    {"type": PydanticCustomError("expected", expected), "loc": (table, id), "input": None}
                    for table, id, expected in wrong
                ],
            )
        return self

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

    def sends_paper(self, unit: UnitPolicy) -> bool:
        """The unit's setting for paper, else the region's."""
        return self.letters.paper if unit.paper is None else unit.paper

    def answer_within(self, unit: UnitPolicy) -> timedelta:
        """How long a contact at the unit may wait for its answer."""
        return timedelta(hours=unit.answer_within_hours or self.contacts.answer_within_hours)
