"""Images and attachments between platforms, through the intermediate storage (bilder-1 to bilder-4).

What a file is, is found out by looking into it (`systems.inspection`); what follows from it stands here
(policy-bild-1 to policy-bild-3).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.times import later
from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region


@dataclass(frozen=True, slots=True)
class OwnedFile:
    """A file in the storage: the HSA-id of who put it there, and when it is deleted, as was settled then."""

    owner: str
    deleted_at: datetime


def may_be_stored(region: Region) -> Decision[bool]:
    """Does a transfer go through our storage? Only once the region has appointed it (bilder-1)."""
    appointed = region.storage.appointed
    return Decision(appointed, Reason.STORED if appointed else Reason.STORAGE_NOT_APPOINTED, "bilder-1")


def deleted_at(stored_at: datetime, region: Region) -> datetime:
    """When a file is deleted that is put there at that moment, fetched or not (bilder-3)."""
    return later(stored_at, timedelta(hours=region.storage.life_hours))


def is_file_over(deleted_at: datetime, now: datetime) -> Decision[bool]:
    """Is the file's time over, as it was settled when it was put there (bilder-3)?"""
    over = deleted_at <= now
    return Decision(over, Reason.FILE_DELETED if over else Reason.STORED, "bilder-3")


def may_read(reader: str, file: OwnedFile, now: datetime) -> Decision[bool]:
    """May this member of staff read the file (bilder-2)? HSA-ids compare whatever their case.

    Nobody reads one whose time is over, though it should still lie there (bilder-3).
    """
    if not reader or reader.upper() != file.owner.upper():
        return Decision(False, Reason.OTHERS_FILE, "bilder-2")
    if is_file_over(file.deleted_at, now).allowed:
        return Decision(False, Reason.FILE_DELETED, "bilder-3")
    return Decision(True, Reason.OWN_FILE, "bilder-2")


DRAWN = frozenset(
    {
        "image/jpeg", "image/png", "image/webp", "image/avif", "image/heic", "image/heif", "image/tiff", "image/gif",
    }
)  # fmt: skip
"""The kinds of which a small picture is drawn anew (`systems.previews`)."""
UNDRAWN = frozenset({"cut_short", "too_many_pixels", "not_looked_into"})
"""What is not drawn: half a picture would be taken for a whole one, too large a one would fill the memory."""


def is_kept(kind: str | None, bytes: int, scan: str, region: Region) -> Decision[bool]:
    """Is a file kept (policy-bild-1)? One that is refused leaves the reason, and nothing else.

    Args:
        kind: its media type as found by looking into it; None: none that we know.
        bytes: its size.
        scan: `clean`, `infected` or `not_scanned`.
    """
    if scan == "infected":
        return Decision(False, Reason.FILE_INFECTED, "policy-bild-2")
    if not bytes:
        return Decision(False, Reason.EMPTY_FILE, "policy-bild-1")
    if bytes > region.storage.most_bytes:
        return Decision(False, Reason.FILE_TOO_BIG, "policy-bild-1")
    if kind not in region.storage.kinds:
        return Decision(False, Reason.KIND_NOT_KEPT, "policy-bild-1")
    return Decision(True, Reason.KIND_KEPT, "policy-bild-1")


def may_be_given_out(scan: str, region: Region) -> Decision[bool]:
    """May a file be given out, previewed too, for all that its scan says (policy-bild-2)?"""
    if scan == "clean":
        return Decision(True, Reason.SCANNED_CLEAN, "policy-bild-2")
    if scan == "infected":
        return Decision(False, Reason.FILE_INFECTED, "policy-bild-2")
    given = region.storage.not_scanned == "give"
    return Decision(given, Reason.NOT_SCANNED if given else Reason.SCAN_AWAITED, "policy-bild-2")


def is_held(why: str, deleted_at: datetime, now: datetime) -> Decision[bool]:
    """Is a file that waits for a scanner still held, or given up, so that its owner hears of it (policy-bild-2)?

    Args:
        why: the code of why it was not scanned just now; '' before that was tried.
    """
    hopeless = why == "too_big_to_scan" or is_file_over(deleted_at, now).allowed
    return Decision(not hopeless, Reason.NEVER_SCANNED if hopeless else Reason.SCAN_AWAITED, "policy-bild-2")


def was_never_given(reason: str | None) -> Decision[bool]:
    """Was a held file taken away before its owner could have it, so that it is refused (policy-bild-2)?

    Args:
        reason: why it was taken away (`routine.reasons.Reason`).
    """
    for never in (Reason.NEVER_SCANNED, Reason.FILE_INFECTED):
        if reason == never:
            return Decision(True, never, "policy-bild-2")
    return Decision(False, Reason.FILE_DELETED, "bilder-3")


def may_be_previewed(kind: str | None, marks: Collection[str]) -> Decision[bool]:
    """Is a small picture drawn of it (policy-bild-3)?"""
    drawn = kind in DRAWN and UNDRAWN.isdisjoint(marks)
    return Decision(drawn, Reason.PREVIEW_MADE if drawn else Reason.NO_PREVIEW, "policy-bild-3")
