"""The tables of a region's file that hold figures: each rule has one at hand, and none is written elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from enum import StrEnum
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.contact import Topic
from routine.occasion import Occasion

_SENDER = r"^[A-Za-z][0-9A-Za-z]{0,10}$"  # avisering-3; a gateway refuses one that begins with a digit

Text = Annotated[str, Field(min_length=1, max_length=200)]
Seconds = Annotated[int, Field(gt=0, le=7 * 24 * 3600)]
Hours = Annotated[int, Field(gt=0, le=366 * 24)]
LastHours = Annotated[int, Field(ge=0, le=366 * 24)]
Word = Annotated[str, Field(pattern=r"^[a-zåäöéü']{1,40}$")]
Phrase = Annotated[str, Field(pattern=r"^[a-zåäöéü']{1,40}( [a-zåäöéü']{1,40}){0,4}$")]
Minutes = Annotated[int, Field(gt=0, le=24 * 60)]
WithinADay = Annotated[int, Field(gt=0, le=24 * 3600)]
Sound = Annotated[str, Field(pattern=r"^https://[^/\s]+/\S+$")]
"""Where a sound lies that is played in a call."""
CountryCode = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{0,2}$")]
FileKind = Literal[
    "image/jpeg", "image/png", "image/webp", "image/avif", "image/heic", "image/heif", "image/tiff", "image/gif",
    "application/pdf", "video/mp4", "video/quicktime",
]  # fmt: skip
"""The kinds of file that can be told by looking into them (`systems.inspection`)."""
E164 = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]


class Figures(BaseModel):
    """A table: nothing left out, nothing too much, nothing changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Ages(Figures):
    """The ages at which the rules change, in years (barn-2, barn-4, policy-barn-1)."""

    own_login: int = Field(gt=0)
    own_journal: int
    adult: int

    @model_validator(mode="after")
    def _ages_in_order(self) -> Self:
        if not self.own_login < self.own_journal < self.adult:
            raise ValueError("own_login below own_journal below adult")
        return self


class Letters(Figures):
    """Whether paper goes beside the digital call letter (onskemal-3)."""

    paper: bool = True


class Notices(Figures):
    """How a resident is told of a visit by SMS or e-mail, and when by 1177 instead.

    Args:
        portal_notifies_of: the occasions of which 1177 itself tells one who has its notices on (policy-avisering-1).
        portal_notifies_of_requested: of what is on 1177, and a notice is asked for, 1177 itself tells too.
        an_hour: at most so many follow in an hour from what one source tells, and so many referrals, and so many
            reminders that go at once (policy-kalla-1).
        hand_over_days: a visit this near is for staff to tell of, where no message arrives (policy-avisering-3).
        countries: the country codes whose mobile numbers a message may go to.
    """

    portal_notifies_of: frozenset[Occasion]
    portal_notifies_of_requested: bool = False
    an_hour: int = Field(gt=0)
    hand_over_days: int = Field(ge=0, le=366)
    countries: frozenset[CountryCode] = Field(min_length=1)


class Reminders(Figures):
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


class Unknown(StrEnum):
    """What may not be known of a digital visit."""

    AGREEMENT = "agreement"
    E_ID = "e_id"


class DigitalVisits(Figures):
    """What staff are asked before a video visit or a chat (vard-1, vard-2).

    Args:
        ask_about: what they are asked about where it is not known; what is known to be wrong they are always told.
        ask_again_hours: so long before the first reminder they are asked once more about what is still amiss.
    """

    ask_about: frozenset[Unknown] = frozenset(Unknown)
    ask_again_hours: Hours = 24


class Quiet(Figures):
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
        if any(time(2) <= each <= time(3) for each in (self.from_, self.to)):
            raise ValueError("from and to outside 02 to 03, an hour that comes twice or not at all")
        return self


class Contacts(Figures):
    """How contacts are dealt with (patient-4, policy-suicid-1).

    Args:
        answer_within_hours: how long a contact may wait for its answer, where the unit says nothing.
        escalation_seconds: after how long an alert that nobody has acknowledged escalates, each time.
        on_call: whom it escalates to, the first of them first, where the unit has no list of its own.
        words_of_yes: all the words and phrases, in small letters, that an answer may have beside the phone number
            (byte-1).
        words_of_refusal: those that say no for certain.
        words_of_calling: beside one of refusal they take a consent to be called back.
    """

    answer_within_hours: Hours
    escalation_seconds: tuple[WithinADay, ...] = Field(min_length=1)
    on_call: tuple[E164, ...] = ()
    words_of_yes: frozenset[Phrase]
    words_of_refusal: frozenset[Word]
    words_of_calling: frozenset[Word]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if list(self.escalation_seconds) != sorted(set(self.escalation_seconds)):
            raise ValueError("escalation_seconds growing")
        return self


class Voice(Figures):
    """What whoever is called by us hears (policy-suicid-1).

    Args:
        number: that we call from.
        announcement: where the sound lies that is played to them; it says nothing of a patient.
    """

    number: E164
    announcement: Sound


class Services(Figures):
    """Ready services of 1177's catalogue, by the ids that the region has agreed on (byte-5).

    Args:
        rebook, journal, form: the id in the catalogue; left out: none is pointed to.
        form_days: for how long a form can be filled in; it is kept twice as long.
        hosts: where a service's link may lead, beside `login.hosts`: a catalogue's other links reach no patient.
    """

    rebook: Text | None = None
    journal: Text | None = None
    form: Text | None = None
    form_days: int = Field(default=14, gt=0, le=366)
    hosts: frozenset[str] = frozenset()

    def of(self, topic: Topic | None) -> str | None:
        """The service for what the patient wants."""
        ids = {Topic.REBOOK: self.rebook, Topic.JOURNAL: self.journal, Topic.FORM: self.form}
        return ids.get(topic) if topic else None


class Links(Figures):
    """The links that lead a patient to log in (byte-2, byte-3); so many to one caller in a day (policy-knapp-1)."""

    life_hours: Hours
    level_of_assurance: int = Field(ge=1, le=4)
    texted_a_day: int = Field(gt=0)


class Joining(Figures):
    """When a digital visit can be joined by its link (policy-anslutning-1).

    Args:
        early_minutes: so long before it begins.
        late_minutes: so long after its end, or its start where no end is known: care runs late, and a call is lost.
    """

    early_minutes: Minutes = 15
    late_minutes: Minutes = 60


class SelfServiceFigures(Figures):
    """What residents do with their visits on 1177 by themselves, and until when (policy-sjalvservice-1, distans-3).

    Args:
        carries_out: what the journal system carries out when 1177 asks for it; what it does not the unit does.
        last_change_hours: so long before the visit begins, where the unit says nothing; 0: until it begins.
    """

    carries_out: frozenset[Literal["cancel", "rebook", "book"]] = frozenset({"cancel", "rebook", "book"})
    last_change_hours: LastHours = 24


class Telephone(Figures):
    """A unit's number, and what whoever calls it may choose by a key (byte-2).

    Args:
        number: that patients call.
        queue: where a call is led that chooses nothing: to a human (syfte-3).
        menu, sent: where the sounds lie that tell of the keys, and that the link is on its way.
        keys: a digit to the channel that its link leads to.
    """

    number: E164
    queue: E164
    menu: Sound
    sent: Sound
    keys: Mapping[Annotated[str, Field(pattern="^[0-9]$")], str] = Field(min_length=1)


class Storage(Figures):
    """The intermediate storage for images (bilder-1 to 3).

    Args:
        life_hours: how long a file lies there (bilder-3).
        remind_hours: so long before its end its owner is reminded of one that is not in the journal yet.
        most_megabytes: of one file, in millions of bytes; a larger one is refused (policy-bild-1).
        kinds: media types of what is kept (policy-bild-1).
        most_megapixels: a picture of more is kept and never decoded, so it has no preview (policy-bild-3).
        preview_pixels: the longest side of a preview.
        scanned_megabytes: the most that the scanner is sent of one file: below its own limit (clamd's
            StreamMaxLength, 100 MiB unless set); a larger file is not scanned.
        not_scanned: may what no scanner has looked at be given out (policy-bild-2)?
        shown_days: how long its owner's list still has a file that is gone (policy-bild-5).
    """

    appointed: bool = False
    life_hours: Hours
    remind_hours: Hours
    most_megabytes: int = Field(gt=0, le=4000)
    kinds: frozenset[FileKind] = Field(min_length=1)
    most_megapixels: int = Field(gt=0, le=1000)
    preview_pixels: int = Field(ge=64, le=2048)
    scanned_megabytes: int = Field(gt=0, le=4000)
    not_scanned: Literal["give", "hold"]
    shown_days: int = Field(gt=0, le=366)

    @property
    def most_bytes(self) -> int:
        """The largest file that is kept, in bytes."""
        return self.most_megabytes * 1_000_000

    @model_validator(mode="after")
    def _hours_in_order(self) -> Self:
        if self.remind_hours >= self.life_hours:
            raise ValueError("remind_hours below life_hours")
        return self


class Sms(Figures):
    """The name that an SMS comes from (avisering-3)."""

    sender: str = Field(pattern=_SENDER)


class Mail(Figures):
    """The address that an e-mail comes from (avisering-3).

    Args:
        roles: names of mailboxes that no human reads, before the @: they are never answered (policy-hanvisning-1).
    """

    sender: Text
    roles: frozenset[Text]


class Neutral(Figures):
    """The clinical words that no text by SMS or e-mail has in it, not even as a part of a word (avisering-2)."""

    clinical: frozenset[Text]


class Login(Figures):
    """Where a text to a patient leads (avisering-2)."""

    link: Text
    hosts: frozenset[str] = Field(min_length=1)

    @model_validator(mode="after")
    def _link_is_listed(self) -> Self:
        link = urlsplit(self.link)
        if link.scheme != "https" or link.hostname not in self.hosts:
            raise ValueError("an https link to one of the hosts")
        return self
