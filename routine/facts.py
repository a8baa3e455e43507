"""What is known when a rule is asked. `None` is *not known*, never *no*. Times are aware."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from models.booking import Actor, BookedBy, CallLetterKind, Form
from models.times import DateOrTime
from routine.occasion import Occasion
from routine.reasons import Reason
from routine.region import UnitPolicy


class ContactKind(StrEnum):
    """Kind of contact data in the person register."""

    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The booking as it now stands.

    An open call letter has neither start nor end. `printed`: the journal system has printed the call letter.
    `e_id`: staff have made sure that the patient has e-identification, or none. `booked_by`: the patient or staff.
    """

    start: datetime | None = None
    end: datetime | None = None
    valid_until: DateOrTime | None = None
    call_letter: CallLetterKind | None = None
    form: Form | None = None
    e_id: bool | None = None
    booked_by: BookedBy | None = None
    printed: bool | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened to the booking.

    Args:
        occasion: booked, changed or cancelled.
        at: when it came to us; the window for rebookings runs from here.
        moved: for a change: is the start another than the one that was last dealt with (told, or skipped)?
            `None`: what it was before is not known.
        held_otherwise: for a change: is it somewhere else, in another form or on another platform than that
            (policy-andring-1)?
        by_patient: for a change: the patient chose the time.
        cancelled_by: for a cancelled visit.
        same_visit: another system's booking stands for the visit, and why (policy-dubblett-1); `stands_elsewhere`:
            this one is cancelled, and another system's is not.
        corrected: for a cancelled visit: it is another patient's, and was made for this one by mistake
            (policy-andring-2); `letter_astray`: and a call letter has gone to them.
        paper_stale, inbox_stale: the patient has a call letter, on paper or in the 1177 inbox, which says something
            else than now holds, and none that says this.
        echo: the change was asked for through us (`caused_by` is set); `untold`: whoever asked was not told, while
            they waited, how it ended; `told_until`: until then they may still be; `None`: that is settled.
        replay: said to be a replay, or part of a bulk load (`routine.bulk`).
        paired: of a cancelled visit: another stands in its place; else: it stands in the place of another
            (`routine.rebooking`).
        series_told: another visit of the same series has the notice of this occasion.
        unreached: the numbers and addresses at which a message of this occasion has not arrived.
    """

    occasion: Occasion
    at: datetime
    moved: bool | None = None
    held_otherwise: bool = False
    by_patient: bool = False
    cancelled_by: Actor | None = None
    echo: bool = False
    untold: bool = False
    told_until: datetime | None = None
    replay: bool = False
    paired: bool = False
    series_told: bool = False
    unreached: frozenset[str] = field(default=frozenset(), repr=False)
    same_visit: Reason | None = None
    stands_elsewhere: bool = False
    corrected: bool = False
    letter_astray: bool = False
    paper_stale: bool = False
    inbox_stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One way of contact on the resident's record. `wished`: notices are switched on for it.

    `since` and `until` are the first and last day on which it holds; lowest `rank` is tried first.
    """

    kind: ContactKind
    value: str = field(repr=False)
    wished: bool | None = None
    rank: int | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish that was said: what, when, and to which system; `None`: to none, it has lapsed.

    Args:
        value: `None`, no, and an empty list or address wish for nothing: it is withdrawn.
        by: in whose right, such as `self`; `None`: not known.
        unit: at which it holds; `None`: for all care.
    """

    value: object = field(repr=False)
    at: datetime
    source: str | None
    by: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The newest word on each preference, of those at the unit and for all care; `None`: nobody has said anything."""

    digital_only: Wish | None = None
    sms_reminders: Wish | None = None
    notice_by: Wish | None = None
    phone: Wish | None = None
    email: Wish | None = None


@dataclass(frozen=True, slots=True)
class Portal:
    """What 1177 says of the resident: uses it, and has a way of being notified there."""

    active: bool
    notifies: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """What is known of the person, fetched anew just before anything is sent.

    Args:
        reservnummer: the identity is a reservnummer.
        birth: day of birth from the identity number.
        deceased: `None` until the journal system or the person register has been heard.
        protected: protected identity; `None`: the person register has not answered.
        digital_only: wishes digital information only, as the person register has it.
        contacts: as the person register has them; `None`: not fetched, or no answer.
        registered_at: when the register's record of those two was last changed; `None`: not known.
        wishes: what else was said of them; what holds, `routine.wishes` says.
        guardians: of each guardian in the person register, whether they have protected identity; asked for only
            where a message would go to a guardian. `None`: not asked, or no answer.
        portal: `None`: 1177 has not been asked, or has not answered.
        inbox_exhausted: the tries at the 1177 inbox are used up.
        human_first: a risk stands that no human has acted on (policy-suicid-1).
        declared_alive: the journal system has taken a death back (policy-avliden-2).
    """

    reservnummer: bool = False
    birth: date | None = field(default=None, repr=False)
    deceased: bool | None = None
    protected: bool | None = field(default=None, repr=False)
    digital_only: bool | None = None
    contacts: tuple[Contact, ...] | None = None
    registered_at: datetime | None = None
    wishes: Wishes = Wishes()
    guardians: tuple[bool | None, ...] | None = field(default=None, repr=False)
    portal: Portal | None = None
    inbox_exhausted: bool = False
    human_first: bool = False
    declared_alive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A resident and a unit at this moment, and the visit that it is about.

    Args:
        visit: one without a time where it is about none.
        unit, unit_id: the unit's policy and HSA-id.
        waiting_since: since when no answer about the resident has come; `None`: not so far.
    """

    visit: Visit = Visit()
    resident: Resident
    unit: UnitPolicy
    unit_id: str
    now: datetime
    waiting_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(Situation):
    """All that a decision on one event of one booking rests on."""

    event: Event


__all__ = [
    "Actor",
    "BookedBy",
    "CallLetterKind",
    "Contact",
    "ContactKind",
    "Event",
    "Facts",
    "Form",
    "Portal",
    "Resident",
    "Situation",
    "Visit",
    "Wish",
    "Wishes",
]
