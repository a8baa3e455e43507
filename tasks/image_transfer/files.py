"""The files of a member of staff, as their pages and `GET /staff/storage` show them; nobody else's (bilder-2)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from engine import clock
from engine.database import columns, load
from models.identity import PatientId, Staff
from models.image_transfer import FETCHING, LIES_THERE, ImageTransfer, State, StoredFile
from routine.filenames import shown
from routine.reasons import Reason


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
class Place:
    """Where the bytes lie, and the key that opens them, wrapped: what `systems.storage.files` asks for."""

    name: uuid.UUID
    hour: datetime
    wrapped_key: bytes = field(repr=False)


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
    seen_at: datetime | None
    state: FileState
    reason: str | None
    system: str
    contact: str
    patient: PatientId | None = field(repr=False)
    unit: str | None
    owner: Staff | None = field(repr=False)
    place: Place | None = field(repr=False)

    def as_json(self) -> dict[str, object]:
        """As contract.md has it."""
        return {
            "id": str(self.id),
            "transfer": self.transfer,
            "filename": self.filename,
            "type": self.kind,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "stored_at": _said(self.stored_at),
            "deleted_at": _said(self.deleted_at),
            "state": str(self.state),
            "reason": self.reason,
            "source": {"system": self.system, "contact": self.contact},
        }


def files_of(connection: Connection, owner_id: str) -> list[OwnFile]:
    """All of one member of staff's, the newest first.

    Args:
        owner_id: their HSA-id, in whatever case.
    """
    query = f"""
        SELECT {columns(ImageTransfer)} FROM image_transfer
        WHERE owner_id = :owner AND requested_at IS NOT NULL ORDER BY requested_at DESC, key"""
    return _found(connection, query, {"owner": owner_id.upper()})


def file_of(connection: Connection, owner_id: str, id: uuid.UUID) -> OwnFile | None:
    """One of theirs; None: there is none, or it is another's, which nobody can tell apart (bilder-2)."""
    query = f"SELECT {columns(ImageTransfer)} FROM image_transfer WHERE id = :id AND owner_id = :owner"
    found = _found(connection, query, {"owner": owner_id.upper(), "id": id})
    return found[0] if found else None


def _found(connection: Connection, query: str, given: Mapping[str, object]) -> list[OwnFile]:
    cases = load(connection, ImageTransfer, query, given)
    rows = _stored(connection, [case.id for case in cases])
    now = clock.now()
    return [_own(case, rows.get(case.id), now) for case in cases]


def _stored(connection: Connection, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, StoredFile]:
    """By file, what lies of it and can be opened; the newest."""
    query = f"""
        SELECT {columns(StoredFile)} FROM stored_file
        WHERE file = ANY(:ids) AND wrapped_key IS NOT NULL ORDER BY begun_at"""
    return {row.file: row for row in load(connection, StoredFile, query, {"ids": list(ids)})}


def _own(case: ImageTransfer, row: StoredFile | None, now: datetime) -> OwnFile:
    state, reason = _state(case, row, now)
    place = None
    if row is not None and row.wrapped_key is not None and state in (FileState.STORED, FileState.NOT_SCANNED):
        place = Place(row.name, row.hour, bytes(row.wrapped_key))
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
        seen_at=row.seen_at if row else None,
        state=state,
        reason=reason,
        system=case.system,
        contact=case.contact_id,
        patient=PatientId.model_validate_json(case.patient) if case.patient else None,
        unit=case.unit,
        owner=Staff.model_validate_json(case.staff) if case.staff else None,
        place=place,
    )


def _state(case: ImageTransfer, row: StoredFile | None, now: datetime) -> tuple[FileState, str | None]:
    """By what the case says, and by the clock: past its time it is gone, though nobody has come round (bilder-3)."""
    if case.state in FETCHING:
        return FileState.FETCHING, case.reason
    if case.state in (State.REFUSED, State.LOST, State.SHADOWED):
        return FileState.REFUSED, case.reason
    if case.state == State.JOURNALLED:
        return FileState.JOURNALLED, case.reason
    is_over = case.deleted_at is None or case.deleted_at <= now
    if case.state not in LIES_THERE or is_over or row is None:
        return FileState.DELETED, str(Reason.FILE_DELETED)
    return (FileState.NOT_SCANNED if case.scan == "not_scanned" else FileState.STORED), case.reason


def _said(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
