"""What every process keeps about each of its cases, and what the engine keeps beside them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.sealed import Sealed

MOMENT: Any = DateTime(timezone=True)


def in_order_of_time(name: str, moment: str) -> Index:
    """An index by which a stretch of time is found in a table whose rows come in the order of time.

    Of ranges of pages, not of rows: it costs a write nearly nothing.
    """
    return Index(name, moment, postgresql_using="brin", postgresql_with={"autosummarize": "on"})


class Case(SQLModel):
    """One case of a process: where it stands, when it is due, who works on it.

    A process's table inherits this and adds what it knows. `owner` and `lease_until` are the claim;
    `due_at` empty means that only an event or a human brings the case back.
    """

    PROCESS: ClassVar[str]
    INITIAL: ClassVar[str]
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]]
    EVENT_TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]]
    """What a step, and what an event, may make of a state."""
    WHEN_PARKED: ClassVar[Mapping[str, str]] = {}
    """By state, another at which a step tells a human of what is parked there, who would not hear of it else. The
    case comes to it parked, and as it is stored: what is sealed of it may not open."""

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    key: str = Field(unique=True, sa_type=Text)
    state: str = Field(sa_type=Text)
    due_at: datetime | None = Field(default=None, sa_type=MOMENT)
    owner: uuid.UUID | None = None
    lease_until: datetime | None = Field(default=None, sa_type=MOMENT)
    tries: int = 0
    waiting_since: datetime | None = Field(default=None, sa_type=MOMENT)
    """Since when a decision waits for an answer from outside; a call that fails is `tries`, not this."""
    parked: str | None = Field(default=None, sa_type=Text)
    version: int | None = Field(default=None, sa_type=BigInteger)
    entries: int = 0
    last_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=MOMENT)
    updated_at: datetime = Field(sa_type=MOMENT)

    @property
    def is_to_be_told_of(self) -> bool:
        """Whether it stands where a step tells of what is parked."""
        return self.state in self.WHEN_PARKED.values()

    def walks_again_from(self) -> str:
        """The state from which it goes through its steps once more; what was done is not done twice."""
        return self.INITIAL


class Outcome(StrEnum):
    """What became of an event."""

    APPLIED = "applied"
    OLDER = "older_version"
    SPREAD = "spread"
    PARKED = "parked"


class Webhook(SQLModel):
    """A webhook as it was verified and found valid, and goes to one process."""

    id: uuid.UUID = Field(default_factory=uuid.uuid4, unique=True)
    source: str = Field(sa_type=Text)
    webhook_id: str = Field(sa_type=Text)
    type: str = Field(sa_type=Text)
    process: str = Field(sa_type=Text)
    key: str = Field(sa_type=Text)
    version: int | None = Field(default=None, sa_type=BigInteger)
    occurred_at: datetime = Field(sa_type=MOMENT)
    received_at: datetime = Field(sa_type=MOMENT)
    via_batch: bool = False
    data: str = Field(sa_type=Sealed, repr=False)


class Event(Webhook, table=True):
    """The inbox: a webhook as it was accepted, until its process has applied it."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("source", "webhook_id", "process", name="event_source_webhook_id_process_key"),
        Index("event_waiting", "process", "key", postgresql_where="applied_at IS NULL"),
        Index("event_new", "process", "number", postgresql_where="NOT taken"),
        Index("event_bulk", "source", "received_at", postgresql_where="via_batch"),
        {"info": {"row": ("id",)}},
    )
    number: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    taken: bool = False
    """Its case has been made due."""
    applied_at: datetime | None = Field(default=None, sa_type=MOMENT)
    outcome: str | None = Field(default=None, sa_type=Text)


class Heard(StrEnum):
    """What became of a risk that a wrong event held."""

    ALERTED = "alerted"
    UNHEARD = "unheard"
    """Nobody was alerted: no contact was named, or what was said could not be read. It alarms."""


class RefusedEvent(SQLModel, table=True):
    """What was refused with a valid signature, or taken in without its wrong parts: no patient disappears by it."""

    __tablename__ = "refused_event"
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    source: str = Field(sa_type=Text, index=True)
    webhook_id: str = Field(sa_type=Text)
    type: str | None = Field(default=None, sa_type=Text)
    paths: str = Field(sa_type=Text)
    refused_at: datetime = Field(sa_type=MOMENT)
    taken_in: bool = False
    """It was not refused: the paths are of what was dropped, and is not known."""
    risk: str | None = Field(default=None, sa_type=Text)
    """`Heard`, where a risk of suicide was named in it."""
    seen_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """Somebody has seen to a risk that nobody was alerted of."""


class HeldEvent(Webhook, table=True):
    """A webhook that its source may not tell of by the region's file: kept until released (policy-kalla-1)."""

    __tablename__ = "held_event"
    __table_args__ = (
        UniqueConstraint("source", "webhook_id", "process", name="held_event_source_webhook_id_process_key"),
        {"info": {"row": ("id",)}},
    )
    number: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    reason: str = Field(sa_type=Text)


class EffectState(StrEnum):
    """How far an effect has come. Only `not_sent` may be begun again."""

    SENDING = "sending"
    DONE = "done"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    PARKED = "parked"


class Effect(SQLModel, table=True):
    """Something done to the outer world, once: its key names the occasion that the routine speaks of."""

    __tablename__ = "effect"
    __table_args__ = (
        Index("effect_open", "case_id", "step", postgresql_where="state IN ('sending', 'unknown')"),
        Index("effect_twin", "likeness", postgresql_where="likeness IS NOT NULL"),
        Index("effect_standing", "state", "system"),
        Index("effect_counted", "step", "sending_at", postgresql_where="counted_for IS NOT NULL"),
        in_order_of_time("effect_by_time", "sending_at"),
        {"info": {"row": ("key",)}},  # sending again keeps the row that has the key
    )
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    key: str = Field(unique=True, sa_type=Text)
    process: str = Field(sa_type=Text)
    case_id: uuid.UUID = Field(index=True)
    step: str = Field(sa_type=Text)
    system: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    may_be_there: bool = False
    """Of one that counts as not sent: it was asked for without an answer that says what became of it."""
    sending_at: datetime = Field(sa_type=MOMENT)
    deadline_at: datetime = Field(sa_type=MOMENT)
    settled_at: datetime | None = Field(default=None, sa_type=MOMENT)
    provider_id: str | None = Field(default=None, sa_type=Text, index=True)
    token: str | None = Field(default=None, sa_type=Text, unique=True)
    receipt: str | None = Field(default=None, sa_type=Text)
    receipt_at: datetime | None = Field(default=None, sa_type=MOMENT)
    likeness: bytes | None = Field(default=None, sa_type=LargeBinary)
    request: str | None = Field(default=None, sa_type=Sealed, repr=False)
    counted_for: str | None = Field(default=None, sa_type=Text)
    """The source under whose ceiling it counts (`tasks.ceilings`); None: it counts under none."""
    tries: int = 1


class TimelineEntry(SQLModel, table=True):
    """What happened in a case and why: append-only, each entry's hash takes in the one before."""

    __tablename__ = "timeline"
    __table_args__ = (in_order_of_time("timeline_by_time", "at"),)
    case_id: uuid.UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    process: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=MOMENT)
    what: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    clause: str = Field(sa_type=Text)
    detail: str = Field(sa_type=Text)
    hash: bytes = Field(sa_type=LargeBinary)


class BrokenTimeline(SQLModel, table=True):
    """A case whose timeline was not as it was written when it was last checked; gone again once it is."""

    __tablename__ = "broken_timeline"
    case_id: uuid.UUID = Field(primary_key=True)
    process: str = Field(sa_type=Text)
    seen_at: datetime = Field(sa_type=MOMENT)


class Sealing(SQLModel, table=True):
    """What is to be known of how columns are sealed, itself sealed: nobody without the key can say so.

    `key <number>`: something may lie under that key, and the value, a hash by the lookup key, is sealed under it.
    `unbound_until`: until when
    what the version before sealed, bound to no place, opens (RFC 3339).
    """

    __tablename__ = "sealing"
    name: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(sa_type=Sealed, repr=False)


class SystemState(SQLModel, table=True):
    """An outer system that is down as a whole: nobody calls it before `open_until`."""

    __tablename__ = "system_state"
    system: str = Field(primary_key=True, sa_type=Text)
    failures: int = 0
    open_until: datetime = Field(sa_type=MOMENT)


class NotedIncident(SQLModel, table=True):
    """When an outer system last gave a reason that no case gets past before someone has mended something."""

    __tablename__ = "incident"
    system: str = Field(primary_key=True, sa_type=Text)
    reason: str = Field(primary_key=True, sa_type=Text)
    at: datetime = Field(sa_type=MOMENT)


class ScheduleRun(SQLModel, table=True):
    """When a process's schedule last ran: a run that Prefect's scheduler made, whatever it found to do."""

    __tablename__ = "schedule_run"
    process: str = Field(primary_key=True, sa_type=Text)
    at: datetime = Field(sa_type=MOMENT)


class Wake(SQLModel, table=True):
    """That a run of a process has been asked for and has not yet begun."""

    __tablename__ = "wake"
    process: str = Field(primary_key=True, sa_type=Text)
    asked_at: datetime = Field(sa_type=MOMENT)


class CaseRun(SQLModel, table=True):
    """That a run of Prefect's has had a case, and when it took it; kept as long as Prefect keeps its runs."""

    __tablename__ = "case_run"
    case_id: uuid.UUID = Field(primary_key=True)
    run_id: uuid.UUID = Field(primary_key=True)
    at: datetime = Field(sa_type=MOMENT)
