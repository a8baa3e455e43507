"""The files of a member of staff, as their pages and `GET /staff/storage` show them; nobody else's (bilder-2)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, Select, func, null, select
from sqlmodel import col

from engine.base import clock
from engine.base.database import named, table_of
from models.encryption import DoesNotOpen
from models.identity import PatientId, Staff
from models.image_transfer import FETCHING, LIES_THERE, ImageTransfer, State
from models.sealed import seals
from routine.filenames import shown
from routine.image_transfer import listed_since
from routine.images import OwnedFile, may_read
from routine.reasons import Reason
from tasks import clients
from tasks.image_transfer import stored
from tasks.image_transfer.stored import Place


class FileState(StrEnum):
    """How a file stands to its owner."""

    FETCHING = "fetching"
    STORED = "stored"
    NOT_SCANNED = "not_scanned"
    """It lies there, and no virus scanner has looked at it."""
    REFUSED = "refused"
    """Also of one that its source has lost; the reason says which."""
    DELETED = "deleted"
    JOURNALLED = "journalled"


@dataclass(frozen=True)
class OwnFile:
    """A file of the one who asks.

    Args:
        id: the case's.
        filename: fit to be shown and to be saved under.
        kind: MIME type; None: none that we know, or not fetched yet.
        marks: what is special in it (`systems.inspection`).
        scan: `clean`, `infected`, `not_scanned`; None: not fetched yet.
        reason: `routine.reasons.Reason`; None: there is nothing to say.
        place: None: it does not lie there, or its time is over, whatever may still lie there (bilder-3).
        unit: HSA-id of the unit where it was asked for.
    """

    id: uuid.UUID
    transfer: str
    filename: str = field(repr=False)
    kind: str | None
    pictures: int | None
    marks: tuple[str, ...]
    scan: str | None
    bytes: int | None
    sha256: str | None
    requested_at: datetime | None
    stored_at: datetime | None
    deleted_at: datetime | None
    journalled_at: datetime | None
    state: FileState
    reason: str | None
    system: str
    contact: str
    patient: PatientId | None = field(repr=False)
    unit: str | None
    owner: Staff | None = field(repr=False)
    place: Place | None = field(repr=False)

    def as_json(self) -> dict[str, object]:
        """As contract.md has it, and whose it is: a program has to journal it to the right patient."""
        return {
            "id": str(self.id),
            "transfer": self.transfer,
            "filename": self.filename,
            "type": self.kind,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "stored_at": _isoformat(self.stored_at),
            "deleted_at": _isoformat(self.deleted_at),
            "state": str(self.state),
            "reason": self.reason,
            "source": {"system": self.system, "contact": self.contact},
            "patient": self.patient.model_dump(mode="json") if self.patient else None,
        }


log = structlog.get_logger(__name__)
Row = SimpleNamespace
"""A case's columns of `LISTED`, opened, and its `staff`."""
TABLE = table_of(ImageTransfer)
LISTED = named(
    ImageTransfer.id,
    ImageTransfer.state,
    ImageTransfer.transfer,
    ImageTransfer.filename,
    ImageTransfer.kind,
    ImageTransfer.pictures,
    ImageTransfer.marks,
    ImageTransfer.scan,
    ImageTransfer.size,
    ImageTransfer.sha256,
    ImageTransfer.requested_at,
    ImageTransfer.stored_at,
    ImageTransfer.deleted_at,
    ImageTransfer.journalled_at,
    ImageTransfer.reason,
    ImageTransfer.system,
    ImageTransfer.contact_id,
    ImageTransfer.patient,
    ImageTransfer.patient_hash,
    ImageTransfer.unit,
    ImageTransfer.owner_id,
)
"""What a file is shown by: of what lies sealed no more is opened than that."""


def files_of(connection: Connection, owner_id: str) -> list[OwnFile]:
    """One member of staff's, the newest first; without their owner, who is the one who asks.

    All that lie there or are on their way, and of the gone those that have not been for so long.

    Args:
        owner_id: their HSA-id, in whatever case.
    """
    requested_at = col(ImageTransfer.requested_at)
    newest = func.greatest(requested_at, col(ImageTransfer.deleted_at), col(ImageTransfer.journalled_at))
    there = col(ImageTransfer.state).in_(FETCHING | LIES_THERE)
    query = (
        _listed(owner_id, null().label("staff"))
        .where(requested_at.is_not(None))
        .where(there | (newest > listed_since(clock.now(), clients.region())))
        .order_by(requested_at.desc(), col(ImageTransfer.key))
    )
    return _own_files(connection, query, owner_id)


def file_of(connection: Connection, owner_id: str, id: uuid.UUID) -> OwnFile | None:
    """One of theirs; None: there is none, or it is another's, which nobody can tell apart (bilder-2)."""
    query = _listed(owner_id, TABLE.c.staff).where(col(ImageTransfer.id) == id)
    found = _own_files(connection, query, owner_id)
    return found[0] if found else None


def how_many_lie_there(connection: Connection, owner_id: str) -> int:
    """How many of theirs lie there just now, or are on their way; nothing of them is opened.

    Args:
        owner_id: their HSA-id, in whatever case.
    """
    theirs = col(ImageTransfer.owner_id) == owner_id.upper()
    deleted_at = col(ImageTransfer.deleted_at)
    lasts = col(ImageTransfer.state).in_(FETCHING) | (deleted_at > clock.now())
    there = col(ImageTransfer.state).in_(FETCHING | LIES_THERE) & lasts
    return connection.execute(select(func.count()).where(theirs, there)).scalar_one()


def _listed(owner_id: str, staff: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Of all of theirs."""
    listed = select(*(TABLE.c[name] for name in LISTED), staff)
    return listed.where(col(ImageTransfer.owner_id) == owner_id.upper())


def _own_files(connection: Connection, query: Select[*tuple[Any, ...]], reader: str) -> list[OwnFile]:
    """Measured: a thousand files in half the time of `engine.base.database.load`, which makes whole cases of them."""
    rows = connection.execute(query).mappings()
    cases = [Row(**opened) for row in rows if (opened := _opened(dict(row)))]
    places = stored.places(connection, [case.id for case in cases])
    people = {said: PatientId.model_validate_json(said) for said in {case.patient for case in cases} if said}
    now = clock.now()
    readable = [_readable(case, places.get(case.id), reader, now) for case in cases]
    return [_own(case, place, people.get(case.patient)) for case, place in zip(cases, readable, strict=True)]


def _opened(row: dict[str, Any]) -> dict[str, Any] | None:
    """None: it does not open; it hides no other, and its case is parked for ops when it is next taken up."""
    try:
        seals(TABLE).open(row)
    except DoesNotOpen as error:
        log.error("does_not_open", reason=error.reason, where=error.where)
        return None
    return row


def _readable(case: Row, place: Place | None, reader: str, now: datetime) -> Place | None:
    """Where it lies, for the one who may read it: past its time nobody, whoever has come round (bilder-2, -3)."""
    if place is None or case.deleted_at is None:
        return None
    decision = may_read(reader, OwnedFile(case.owner_id, case.deleted_at), now)
    return place if decision.allowed else None


def _own(case: Row, place: Place | None, patient: PatientId | None) -> OwnFile:
    state, reason = _state(case, place)
    return OwnFile(
        id=case.id,
        transfer=case.transfer,
        filename=shown(case.filename),
        kind=case.kind,
        pictures=case.pictures,
        marks=tuple(filter(None, case.marks.split(","))),
        scan=case.scan,
        bytes=case.size,
        sha256=case.sha256,
        requested_at=case.requested_at,
        stored_at=case.stored_at,
        deleted_at=case.deleted_at,
        journalled_at=case.journalled_at,
        state=state,
        reason=reason,
        system=case.system,
        contact=case.contact_id,
        patient=patient,
        unit=case.unit,
        owner=Staff.model_validate_json(case.staff) if case.staff else None,
        place=place if state in (FileState.STORED, FileState.NOT_SCANNED) else None,
    )


def _state(case: Row, place: Place | None) -> tuple[FileState, str | None]:
    """By what the case says, and by whether it can still be read there."""
    if case.state in FETCHING and case.reason != Reason.UNIT_UNKNOWN:
        return FileState.FETCHING, case.reason
    if case.state in FETCHING or case.state in (State.REFUSED, State.LOST, State.SHADOWED):
        return FileState.REFUSED, case.reason
    if case.state == State.JOURNALLED:
        return FileState.JOURNALLED, case.reason
    if case.state not in LIES_THERE:
        return FileState.DELETED, case.reason or str(Reason.FILE_DELETED)
    if place is None:
        return FileState.DELETED, str(Reason.FILE_DELETED)
    return (FileState.NOT_SCANNED if case.scan == "not_scanned" else FileState.STORED), case.reason


def _isoformat(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
