"""A notice that somebody asks for: what they say of it, and the case that it becomes (avisering-1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field as Said
from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field

from models.case import MOMENT, Case
from models.events import CONTACT_SOURCES, NOT_SECURE, STAFF, Route, event
from models.identity import Id, Known, PatientId, Unit
from models.identity import Staff as Member
from models.sealed import PATIENT
from models.times import DateOrTime

SOURCES = (CONTACT_SOURCES - NOT_SECURE - {"e1177"}) | STAFF
"""Who may ask for a notice; 1177 gives its own."""


class StoredNotice(Known):
    """One thing that a patient is to have notice of, by its id where it is."""

    id: Id
    patient: PatientId
    unit: Unit
    why: Literal["task", "information"] = Said(description="Something to do, or something to read.")
    system: Literal["e1177", "platform24", "hope", "lifecare", "stodbehandling"] = Said(
        description="Where the patient logs in to it."
    )
    valid_until: DateOrTime | None = Said(
        default=None, description="From when on it is of no use; a day counts to its end, in Sweden."
    )


class Notice(StoredNotice):
    """The same, with who asks for it."""

    by: Member | None = None


class NoticeRequested(Known):
    """The data of notice.requested."""

    notice: Notice


class NoticeStored(Known):
    """What is stored of it: not who asks."""

    notice: StoredNotice


class NoticeWithdrawn(Known):
    """The data of notice.withdrawn."""

    notice: Id


NOTICE_REQUESTED = event(
    "notice.requested",
    NoticeRequested,
    SOURCES,
    "A patient has something to do, or there is new information: told once, in the way that they wish.",
    Route("requested_notice", key=lambda source, data: f"{source}:{data.notice.id}", stored=NoticeStored),
    example={
        "notice": {
            "id": "SOB-2026-31",
            "patient": {"id": "201312012386", "type": "personnummer"},
            "unit": {"hsa_id": "SE2321000115-E000000000001", "name": "Vårdcentralen Halmstad"},
            "why": "task",
            "system": "stodbehandling",
            "valid_until": "2026-12-20",
        }
    },
)
NOTICE_WITHDRAWN = event(
    "notice.withdrawn",
    NoticeWithdrawn,
    SOURCES,
    "It is done, or of no use any more: no notice goes that has not gone. It may come before its request.",
    Route("requested_notice", key=lambda source, data: f"{source}:{data.notice}"),
    example={"notice": "SOB-2026-31"},
)


class State(StrEnum):
    """Where a notice stands that was asked for."""

    REQUESTED = "requested"
    """It is owed: it is given, or held, next."""
    GIVEN = "given"
    """A message has gone."""
    HANDED_OVER = "handed_over"
    """Staff have a task to tell the patient."""
    NOT_GIVEN = "not_given"
    """None goes, and the timeline says why."""
    DECEASED = "deceased"
    """The patient has died; if that is taken back, it is owed again."""
    WITHDRAWN = "withdrawn"
    """It was withdrawn before it went."""
    SHADOWED = "shadowed"
    """The unit is in shadow: worked out, nothing sent."""


class RequestedNotice(Case, table=True):
    """One thing; the key is its source and its id there."""

    __tablename__ = "requested_notice"
    __table_args__ = (
        Index("requested_notice_due", "due_at", "id", postgresql_where="due_at IS NOT NULL"),
        Index("requested_notice_held", "lease_until", postgresql_where="owner IS NOT NULL"),
        Index("requested_notice_standing", "parked", "state"),
        Index("requested_notice_patient", "patient_hash"),
    )
    PROCESS: ClassVar[str] = "requested_notice"
    INITIAL: ClassVar[str] = State.REQUESTED
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        State.REQUESTED: frozenset(
            {
                State.REQUESTED,
                State.GIVEN,
                State.HANDED_OVER,
                State.NOT_GIVEN,
                State.DECEASED,
                State.SHADOWED,
            }
        ),
        State.GIVEN: frozenset(),
        State.HANDED_OVER: frozenset(),
        State.NOT_GIVEN: frozenset(),
        State.DECEASED: frozenset(),
        State.WITHDRAWN: frozenset(),
        State.SHADOWED: frozenset(),
    }
    EVENT_TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        State.REQUESTED: frozenset({State.WITHDRAWN}),
        State.GIVEN: frozenset({State.REQUESTED}),
        State.HANDED_OVER: frozenset(),
        State.NOT_GIVEN: frozenset(),
        State.DECEASED: frozenset({State.REQUESTED, State.WITHDRAWN}),
        State.WITHDRAWN: frozenset(),
        State.SHADOWED: frozenset(),
    }

    source: str = Field(default="", sa_type=Text)
    patient: str | None = Field(default=None, sa_type=PATIENT, repr=False)
    """None: only that it is withdrawn has come."""
    patient_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    unit: str | None = Field(default=None, sa_type=Text)
    given_unit: str | None = Field(default=None, sa_type=Text)
    why: str = Field(default="", sa_type=Text)
    """`task` or `information`."""
    system: str = Field(default="", sa_type=Text)
    """Where the patient logs in to it."""
    valid_until: datetime | None = Field(default=None, sa_type=MOMENT)
    withdrawn: bool = False
    unreached: int = 0
    """How many messages of it have not arrived (policy-avisering-3)."""
