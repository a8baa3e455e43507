"""The case of one attachment on its way to the journal (bilder-1 to bilder-4), and where its bytes lie."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import BigInteger, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from models.case import MOMENT, Case
from models.sealed import PATIENT, Sealed


class State(StrEnum):
    """Where an attachment stands."""

    REQUESTED = "requested"
    """A member of staff has asked for it; the contact is looked for."""
    FOUND = "found"
    """The contact is known and is the patient's; it is fetched next."""
    HELD = "held"
    """It lies there; the region gives it out once a scanner has looked at it (policy-bild-2)."""
    STORED = "stored"
    """It lies in the storage; its owner hears of it next."""
    TOLD = "told"
    """Its owner has heard that it is there."""
    REMINDED = "reminded"
    """Its owner has heard that its time is soon over."""
    LAPSED = "lapsed"
    """Its time is over; its bytes go next (bilder-3)."""
    DISCARDED = "discarded"
    """Its owner has deleted it, it opens no more, or the scanner found something in it: its bytes go next."""
    JOURNALLED = "journalled"
    """Its owner has put it in the journal: its bytes go at once, and the original stays in its source (bilder-4)."""
    DELETED = "deleted"
    """It lay there and does no more; it may be fetched anew (bilder-4)."""
    REFUSED = "refused"
    """The routine, or what it is, says no; its owner hears of it."""
    LOST = "lost"
    """Its source has it no more; its owner hears of it."""
    SHADOWED = "shadowed"
    """Worked out for a unit in shadow; nothing was fetched or told."""


TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.REQUESTED: frozenset({State.REQUESTED, State.FOUND, State.REFUSED, State.SHADOWED}),
    State.FOUND: frozenset({State.FOUND, State.HELD, State.STORED, State.REFUSED, State.LOST}),
    State.HELD: frozenset({State.HELD, State.STORED, State.LAPSED, State.DISCARDED}),
    State.STORED: frozenset({State.TOLD, State.LAPSED}),
    State.TOLD: frozenset({State.TOLD, State.REMINDED, State.LAPSED}),
    State.REMINDED: frozenset({State.REMINDED, State.LAPSED}),
    State.LAPSED: frozenset({State.LAPSED, State.DELETED, State.REFUSED}),
    State.DISCARDED: frozenset({State.DISCARDED, State.DELETED, State.REFUSED}),
    State.JOURNALLED: frozenset({State.JOURNALLED}),
    State.REFUSED: frozenset({State.REFUSED, State.REQUESTED}),
    State.LOST: frozenset({State.LOST}),
    State.DELETED: frozenset(),
    State.SHADOWED: frozenset(),
}
"""What a step may make of a state."""
_ENDS = frozenset({State.DISCARDED, State.JOURNALLED})
EVENT_TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.REQUESTED: _ENDS,
    State.FOUND: _ENDS,
    State.HELD: _ENDS | {State.REQUESTED},
    State.STORED: _ENDS | {State.REQUESTED},
    State.TOLD: _ENDS | {State.REQUESTED},
    State.REMINDED: _ENDS | {State.REQUESTED},
    State.LAPSED: frozenset({State.JOURNALLED, State.REQUESTED}),
    State.DISCARDED: frozenset({State.JOURNALLED, State.REQUESTED}),
    State.JOURNALLED: frozenset({State.REQUESTED}),
    State.REFUSED: frozenset({State.REQUESTED}),
    State.LOST: frozenset({State.REQUESTED}),
    State.DELETED: frozenset({State.JOURNALLED, State.REQUESTED}),
    State.SHADOWED: frozenset({State.REQUESTED}),
}
"""What an event may make of one: its owner deletes it, journals it, or wishes for it again once it is not there."""

NOTHING_FOUND: dict[str, object] = {
    "kind": None, "pictures": None, "marks": "", "scan": None, "size": None, "sha256": None, "stored_at": None,
    "deleted_at": None,
}  # fmt: skip
"""What is known of a file that is still to be fetched, or of which nothing was kept (policy-bild-1)."""
FETCHING = frozenset({State.REQUESTED, State.FOUND})
LIES_THERE = frozenset({State.HELD, State.STORED, State.TOLD, State.REMINDED})
"""Where it is on its way, and where it lies in the storage for its owner."""
GONE = frozenset({State.LAPSED, State.DISCARDED, State.DELETED})
"""Where it lay there and does no more, or goes just now."""
ON_ITS_WAY = FETCHING | {State.HELD}
"""Where its owner cannot have it yet, and is to hear when they can."""


class ImageTransfer(Case, table=True):
    """One attachment of one transfer. Its id is the file's, as staff and their platform know it."""

    __tablename__ = "image_transfer"
    __table_args__ = (
        Index("image_transfer_due", "due_at", "id", postgresql_where="due_at IS NOT NULL"),
        Index("image_transfer_held", "lease_until", postgresql_where="owner IS NOT NULL"),
        Index("image_transfer_standing", "parked", "state"),
        Index("image_transfer_patient", "patient_hash"),
        Index("image_transfer_owner", "owner_id", "requested_at"),
        Index("image_transfer_of", "system", "transfer"),
    )
    PROCESS: ClassVar[str] = "image_transfer"
    INITIAL: ClassVar[str] = State.REQUESTED
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = TRANSITIONS
    EVENT_TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = EVENT_TRANSITIONS

    transfer: str = Field(default="", sa_type=Text)
    """The transfer's id, as whoever asked for it has given it."""
    system: str = Field(default="", sa_type=Text)
    contact_id: str = Field(default="", sa_type=Text)
    """The platform that has the original, and the contact there that it belongs to."""
    ref: str | None = Field(default=None, sa_type=Sealed, repr=False)
    """What the attachment is called there."""
    filename: str | None = Field(default=None, sa_type=Sealed, repr=False)
    """As the patient's telephone named it; cleaned where it is shown (`routine.filenames.shown`)."""
    patient: str | None = Field(default=None, sa_type=PATIENT, repr=False)
    """`models.identity.PatientId` as JSON: whom staff say that it is of."""
    patient_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    unit: str | None = Field(default=None, sa_type=Text)
    given_unit: str | None = Field(default=None, sa_type=Text)
    """Under whom, and at which unit, it came, where that is now known as another (`tasks.identities`)."""
    unit_name: str | None = Field(default=None, sa_type=Text)
    staff: str | None = Field(default=None, sa_type=Sealed, repr=False)
    """`models.identity.Staff` of the one who asked for it, as JSON."""
    owner_id: str | None = Field(default=None, sa_type=Text)
    """Their HSA-id in upper case: nobody else ever reads it (bilder-2)."""
    requested_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """When it was asked for last; None: nobody has, only an event of it has come."""
    fetches: int = 0
    """How often it has been asked for: 1, and one more for each time that it was wished again (bilder-4)."""
    kind: str | None = Field(default=None, sa_type=Text)
    """MIME type as a decoder found it; None: none that we know."""
    pictures: int | None = None
    marks: str = Field(default="", sa_type=Text)
    """What is special in it (`systems.inspection`), separated by commas."""
    scan: str | None = Field(default=None, sa_type=Text)
    """`clean`, `infected` or `not_scanned`."""
    size: int | None = Field(default=None, sa_type=BigInteger)
    """Bytes."""
    sha256: str | None = Field(default=None, sa_type=Text)
    """Of the original, in hex: the same as in its source."""
    stored_at: datetime | None = Field(default=None, sa_type=MOMENT)
    deleted_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """When it is, or was, deleted (bilder-3)."""
    journalled_at: datetime | None = Field(default=None, sa_type=MOMENT)
    reason: str | None = Field(default=None, sa_type=Text)
    """Why it stands as it does (`routine.reasons.Reason`)."""

    def walks_again_from(self) -> str:
        """What lies there is not fetched once more because somebody has looked."""
        return State.REQUESTED if self.state in FETCHING else self.state


class StoredFile(SQLModel, table=True):
    """One time that a file's bytes were put into the storage, under a name of their own.

    The row is there before any byte is, and until the last byte is gone. Without `wrapped_key` there is nothing to be
    read: it is being put, or being taken away.
    """

    __tablename__ = "stored_file"
    name: uuid.UUID = Field(primary_key=True)
    """What the bytes are called in the storage."""
    file: uuid.UUID = Field(index=True)
    """The id of the case (`ImageTransfer`)."""
    hour: datetime = Field(sa_type=MOMENT, index=True)
    """The hour, from its beginning, in which its life ends: its key is wrapped by that hour's."""
    begun_at: datetime = Field(sa_type=MOMENT)
    wrapped_key: bytes | None = Field(default=None, sa_type=LargeBinary, repr=False)
    size: int | None = Field(default=None, sa_type=BigInteger)
    """Bytes."""
    completed_at: datetime | None = Field(default=None, sa_type=MOMENT)
