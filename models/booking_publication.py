"""The case of a booked visit that is to be seen on 1177.se, and what stands in the index because of us."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.case import MOMENT, Case
from models.sealed import Sealed

SNAPSHOT: Any = Sealed("patient_hash", ("patient", "id"))
RESIDENT: Any = Sealed("resident_hash")


class State(StrEnum):
    """Where a booking stands."""

    RECEIVED = "received"
    """A snapshot is applied; the index does not show it yet."""
    INDEXED = "indexed"
    """The index has taken it; not yet seen there."""
    QUESTIONED = "questioned"
    """The index shows it; there is something to say to staff of its form or platform, or to take back."""
    SHOWN = "shown"
    """The index shows it; the digital call letter is next."""
    CALLED = "called"
    """The digital call letter is settled; paper, or a task for staff, is next."""
    LETTERED = "lettered"
    """Letters are settled; the notice is next."""
    SETTLED = "settled"
    """Nothing is owed until the visit has passed, its form is to be looked at once more, or an event comes."""
    REVIEWED = "reviewed"
    """It was settled; what staff were told of its form is looked at again: before its reminder, or after a login."""
    CLOSED = "closed"
    """Cancelled, passed, ended or deceased: nothing is owed any more."""
    SHADOWED = "shadowed"
    """The unit is in shadow: worked out, compared, reported, nothing sent."""


TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.RECEIVED: frozenset({State.INDEXED}),
    State.INDEXED: frozenset({State.QUESTIONED, State.SHOWN, State.RECEIVED, State.CLOSED}),
    State.QUESTIONED: frozenset({State.QUESTIONED, State.SHOWN, State.CLOSED}),
    State.SHOWN: frozenset({State.CALLED}),
    State.CALLED: frozenset({State.LETTERED}),
    State.LETTERED: frozenset({State.LETTERED, State.SETTLED, State.SHADOWED, State.CLOSED}),
    State.SETTLED: frozenset({State.INDEXED, State.REVIEWED}),
    State.REVIEWED: frozenset({State.REVIEWED, State.SETTLED}),
    State.SHADOWED: frozenset({State.INDEXED}),
    State.CLOSED: frozenset(),
}
"""What a step may make of a state."""
EVENT_TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.RECEIVED: frozenset({State.CLOSED}),
    State.INDEXED: frozenset({State.RECEIVED}),
    State.QUESTIONED: frozenset({State.RECEIVED}),
    State.SHOWN: frozenset({State.RECEIVED}),
    State.CALLED: frozenset({State.RECEIVED}),
    State.LETTERED: frozenset({State.RECEIVED}),
    State.SETTLED: frozenset({State.RECEIVED, State.LETTERED}),
    State.REVIEWED: frozenset({State.RECEIVED, State.LETTERED}),
    State.SHADOWED: frozenset({State.RECEIVED, State.LETTERED}),
    State.CLOSED: frozenset({State.RECEIVED, State.LETTERED}),
}
"""What an event may make of one: it begins anew; where a notice has not arrived, only that is given by the next way.
One that is told to be over before anybody has told of it is closed."""


class BookingPublication(Case, table=True):
    """One booking of one sending system."""

    __tablename__ = "booking_publication"
    __table_args__ = (
        Index("booking_publication_due", "due_at", "id", postgresql_where="due_at IS NOT NULL"),
        Index("booking_publication_held", "lease_until", postgresql_where="owner IS NOT NULL"),
        Index("booking_publication_standing", "parked", "state"),
        Index("booking_publication_patient", "patient_hash"),
        Index("booking_publication_unit", "unit", "booking_id"),
        Index("booking_publication_link", "link_hash", postgresql_where="link_hash IS NOT NULL"),
    )
    PROCESS: ClassVar[str] = "booking_publication"
    INITIAL: ClassVar[str] = State.RECEIVED
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = TRANSITIONS
    EVENT_TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = EVENT_TRANSITIONS

    source: str = Field(default="", sa_type=Text)
    booking_id: str = Field(default="", sa_type=Text)
    unit: str = Field(default="", sa_type=Text)
    patient_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_unit: str | None = Field(default=None, sa_type=Text)
    """Under whom, and at which unit, it came, where that is now known as another (`tasks.identities`)."""
    snapshot: str | None = Field(default=None, sa_type=SNAPSHOT, repr=False)
    """The newest `models.booking.Booking` as JSON."""
    start: datetime | None = Field(default=None, sa_type=MOMENT)
    time_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """When what the resident acts on was set: what a call letter is for."""
    reworded_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """When the call letter's words were last changed after that."""
    booked_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """When it was booked, as far as we were told of it then."""
    cancelled: bool = False
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)
    occasion: str | None = Field(default=None, sa_type=Text)
    """What the resident is to have notice of (`routine.occasion.Occasion`), until that is dealt with."""
    occasion_at: datetime | None = Field(default=None, sa_type=MOMENT)
    told: bool = False
    """Some notice has been dealt with; what the resident then knew is `told_start` to `told_platform`."""
    told_start: datetime | None = Field(default=None, sa_type=MOMENT)
    told_until: str | None = Field(default=None, sa_type=Text)
    told_unit: str | None = Field(default=None, sa_type=Text)
    told_form: str | None = Field(default=None, sa_type=Text)
    told_platform: str | None = Field(default=None, sa_type=Text)
    """As what it then was (`routine.particulars.Particulars`)."""
    notified: str | None = Field(default=None, sa_type=Text)
    """What the newest notice of ours told (`routine.occasion.Occasion`), and when that came to us: `notified_at`."""
    notified_at: datetime | None = Field(default=None, sa_type=MOMENT)
    notified_by: str | None = Field(default=None, sa_type=Text)
    """The key of its first message."""
    unreached: int = 0
    """How many messages of it have not arrived (policy-avisering-3)."""
    series: str | None = Field(default=None, sa_type=Text)
    """The same for all visits of one patient's series: a keyed hash."""
    same_visit: str | None = Field(default=None, sa_type=Text)
    """The key of another system's booking of the same visit, as this one's system says."""
    echo: bool = False
    echo_of: str | None = Field(default=None, sa_type=Text)
    """The key of ours that what is owed is the echo of (`caused_by`)."""
    by_patient: bool = False
    """What is owed is a time that the patient chose."""
    patient_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """Since when it is this patient's, where it was another's before."""
    corrected: bool = False
    """It is another patient's: this is what is owed to the one whom it was made for by mistake."""
    letter_astray: bool = False
    """A call letter has gone to that one."""
    replayed: bool = False
    link: str | None = Field(default=None, sa_type=Sealed, repr=False)
    """The token of the link that a digital visit is joined by: random, and the same wherever the visit is moved."""
    link_hash: str | None = Field(default=None, sa_type=Text)
    """By which it is found (`models.routes.token_hash`)."""
    letter_failed: bool = False
    """1177's inbox could not be reached, and the tries are used up."""
    e_id_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """Since when it says of e-identification what it does; None: since `time_at`, as far as we know."""
    form_by_care: bool = False
    """The patient booked it, and care has given it another form since."""
    form_task: str | None = Field(default=None, sa_type=Text)
    """The key of the task that staff have of its form or platform; None: they have none."""
    form_tasks_gone: int = 0
    """How many of those have been taken back, or stand no more."""
    form_review_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """When it is to be looked at once more: while staff have one, or the register has not said who its patient is."""


class Engagement(SQLModel, table=True):
    """An engagement that we have asked the index for, or asked it to delete: ours to repair, no other is."""

    __tablename__ = "engagement"
    __table_args__ = (UniqueConstraint("resident_hash", "categorization", "unit", "booking_id"),)
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    case_id: uuid.UUID = Field(index=True)
    resident_hash: bytes = Field(sa_type=LargeBinary)
    resident: str = Field(sa_type=RESIDENT, repr=False)
    categorization: str = Field(sa_type=Text)
    unit: str = Field(sa_type=Text)
    booking_id: str = Field(sa_type=Text)
    most_recent: datetime | None = Field(default=None, sa_type=MOMENT)
    wanted: bool
    accepted: bool = False
    asked_at: datetime = Field(sa_type=MOMENT)


class Rebooking(SQLModel, table=True):
    """A cancelled booking and the one that took its place: one event to the resident."""

    __tablename__ = "rebooking"
    cancelled_case: uuid.UUID = Field(primary_key=True)
    created_case: uuid.UUID = Field(unique=True)
