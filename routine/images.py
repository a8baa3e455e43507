"""Images and attachments between platforms, through the intermediate storage (bilder-1 to bilder-4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from models.times import later
from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the storage: the HSA-id of who put it there, and when."""

    owner: str
    stored_at: datetime


class Where(StrEnum):
    """Where the file is to be had."""

    STORAGE = "storage"
    SOURCE = "source"


def may_be_stored(region: Region) -> Decision[bool]:
    """Does a transfer go through our storage? Only once the region has appointed it (bilder-1)."""
    appointed = region.storage.appointed
    return Decision(appointed, Reason.STORED if appointed else Reason.STORAGE_NOT_APPOINTED, "bilder-1")


def may_read(reader: str, file: StoredFile, now: datetime, region: Region) -> Decision[bool]:
    """May this member of staff read the file (bilder-2)? HSA-ids compare whatever their case.

    Nobody reads one whose time is over, though it should still lie there (bilder-3).
    """
    if not reader or reader.upper() != file.owner.upper():
        return Decision(False, Reason.OTHERS_FILE, "bilder-2")
    if is_to_be_deleted(file, now, region).allowed:
        return Decision(False, Reason.FILE_DELETED, "bilder-3")
    return Decision(True, Reason.OWN_FILE, "bilder-2")


def deleted_at(file: StoredFile, region: Region) -> datetime:
    """When the file is deleted, fetched or not (bilder-3)."""
    return later(file.stored_at, timedelta(hours=region.storage.life_hours))


def is_to_be_deleted(file: StoredFile, now: datetime, region: Region) -> Decision[bool]:
    """Is the file's time over (bilder-3)?"""
    over = deleted_at(file, region) <= now
    return Decision(over, Reason.FILE_DELETED if over else Reason.STORED, "bilder-3")


def where_to_fetch(file: StoredFile, now: datetime, region: Region) -> Decision[Where]:
    """From the storage, or, once it is deleted there, anew from the source, which keeps the original (bilder-4)."""
    if is_to_be_deleted(file, now, region).allowed:
        return Decision(Where.SOURCE, Reason.FILE_DELETED, "bilder-4")
    return Decision(Where.STORAGE, Reason.STORED, "bilder-4")
