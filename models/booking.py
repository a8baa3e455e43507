"""A booking (bokat besök) with its call letter (kallelse), as a journal or booking system tells of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from models.identity import NO_CONTROLS, Id, Known, Line, PatientId, Unit
from models.times import DateOrTime, Time

Text = Annotated[str, StringConstraints(max_length=10_000, pattern=NO_CONTROLS)]
Platform = Annotated[str, StringConstraints(max_length=50, pattern=NO_CONTROLS)]
Address = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https://[!-~]+$")]
Flag = Annotated[bool, Field(strict=True)]
Version = Annotated[int, Field(strict=True, ge=0, le=2**53)]
Group = Annotated[Flag | Id, Field(union_mode="left_to_right")]
Language = Annotated[Flag | Line, Field(union_mode="left_to_right")]


class Form(StrEnum):
    """How the visit takes place."""

    ON_SITE = "on_site"
    VIDEO = "video"
    PHONE = "phone"
    CHAT = "chat"


class Actor(StrEnum):
    """Who did it, as the journal system knows it."""

    STAFF = "staff"
    PATIENT = "patient"
    SYSTEM = "system"


class BookedBy(StrEnum):
    """Who booked the visit."""

    STAFF = "staff"
    PATIENT = "patient"


class CallLetterKind(StrEnum):
    """Timed: a visit with a time. Open: the resident books the time. None: no call letter."""

    TIMED = "timed"
    OPEN = "open"
    NONE = "none"


class VisitOutcome(StrEnum):
    """How a booked visit ended."""

    ATTENDED = "attended"
    NO_SHOW = "no_show"


class VideoFor(StrEnum):
    """What a video visit is for (system-2)."""

    VISIT = "visit"
    CARE_PLANNING = "care_planning"
    MDK = "mdk"


class SameVisit(Known):
    """Another system's booking of the same visit (policy-dubblett-1)."""

    source: Id = Field(examples=["vas"])
    id: Id


class CallLetter(Known):
    """The call letter (kallelse) that goes with a booking."""

    kind: CallLetterKind
    text: Text | None = Field(default=None, repr=False)
    valid_until: DateOrTime | None = Field(default=None, description="An open call letter's last day.")
    printed: Flag | None = Field(default=None, description="True: the sending system has sent it on paper.")


class Booking(Known):
    """A booked visit or an open call letter, whole, as it stands at `version`."""

    id: Id
    version: Version = Field(examples=[1])
    patient: PatientId
    unit: Unit
    call_letter: CallLetter | None = None
    start: Time | None = Field(
        default=None,
        validate_default=True,
        description="Needed, except for an open call letter, which has neither start nor end.",
        examples=["2026-12-01T09:00:00+01:00"],
    )
    end: Time | None = Field(
        default=None, description="After the start.", examples=["2026-12-01T09:30:00+01:00"]
    )
    form: Form | None = None
    platform: Platform | None = Field(
        default=None,
        description="platform24, hope, teams or mdk; any other is told to staff, and parked for ops.",
    )
    contact_type: Line | None = Field(default=None, examples=["DiVL"])
    time_type: Line | None = None
    purpose: Text | None = Field(default=None, repr=False)
    cancellable: Flag | None = None
    rebookable: Flag | None = None
    booked_by: BookedBy | None = None
    agreed_with_patient: Flag | None = None
    e_id_confirmed: Flag | None = None
    series: Id | None = Field(default=None, description="The same for all visits of a series.")
    group: Group | None = Field(default=None, description="A group visit: true, or the group's id.")
    interpreter: Language | None = Field(default=None, description="True, or the language.")
    same_visit: SameVisit | None = Field(default=None, description="Another system's booking of this visit.")
    video_for: VideoFor | None = Field(default=None, description="What a video visit is for.")
    join: Address | None = Field(
        default=None, repr=False, description="Where a video visit is joined, https."
    )
    check_in: Flag | None = Field(default=None, description="True: the patient can check in by themselves.")
    caused_by: Id | None = Field(default=None, description="Our own key, when this is its echo.")
    replay: Flag | None = Field(default=None, description="True: published, and never notified of.")
    cancelled_by: Actor | None = Field(default=None, description="Only in booking.cancelled.")

    @property
    def is_open_call_letter(self) -> bool:
        """Whether the resident is to book the time (an open call letter has none)."""
        return self.call_letter is not None and self.call_letter.kind is CallLetterKind.OPEN

    @field_validator("start")
    @classmethod
    def _start_unless_open(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        if "call_letter" not in info.data:  # itself wrong: nothing can be said of the start
            return value
        if value is None and not _is_open(info):
            raise PydanticCustomError("start_missing", "is needed, except for an open call letter")
        return _no_time_when_open(value, info)

    @field_validator("end")
    @classmethod
    def _end_after_start(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        start = info.data.get("start")
        if value is not None and start is not None and value <= start:
            raise PydanticCustomError("end_before_start", "must be after the start")
        return _no_time_when_open(value, info)


def _is_open(info: ValidationInfo) -> bool:
    letter: CallLetter | None = info.data.get("call_letter")
    return letter is not None and letter.kind is CallLetterKind.OPEN


def _no_time_when_open(value: datetime | None, info: ValidationInfo) -> datetime | None:
    if value is not None and _is_open(info):
        raise PydanticCustomError("open_has_no_time", "must be left out of an open call letter")
    return value


class EndedBooking(Known):
    """A booked visit that has taken place, or did not."""

    id: Id
    version: Version
    outcome: VisitOutcome
