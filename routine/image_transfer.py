"""What becomes of attachments that staff want to journal: whose, and when staff hear of them (bilder-1 to 4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from models.times import later
from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region


class Ending(StrEnum):
    """What has come of a file before its time was over."""

    DISCARDED = "discarded"
    JOURNALLED = "journalled"
    UNREADABLE = "unreadable"


_ENDINGS: Mapping[Ending, tuple[Reason, str]] = MappingProxyType(
    {
        Ending.DISCARDED: (Reason.FILE_DISCARDED, "bilder-2"),
        Ending.JOURNALLED: (Reason.FILE_JOURNALLED, "policy-bild-5"),
        Ending.UNREADABLE: (Reason.FILE_NOT_OPENED, "bilder-4"),
    }
)
_UNFIT: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.KIND_NOT_KEPT: "policy-bild-1",
        Reason.EMPTY_FILE: "policy-bild-1",
        Reason.FILE_TOO_BIG: "policy-bild-1",
        Reason.FILE_INFECTED: "policy-bild-2",
    }
)
"""Why a file is refused for what it is, which a second fetch does not change."""
LATECOMERS = timedelta(minutes=2)
"""So long after its first file a transfer's others are waited for, before its owner hears of it."""


def may_be_transferred(contact_of: bool | None, *, deceased: bool = False) -> Decision[bool]:
    """May what was sent in this contact be journalled as that patient's (policy-bild-4)?

    Args:
        contact_of: is the contact the patient's, whatever number they had then? `None`: its channel does not say.
        deceased: what they sent is documented all the same (dokumentation-1).
    """
    if contact_of is None:
        return Decision(False, Reason.CONTACT_OF_NOBODY, "policy-bild-4")
    if not contact_of:
        return Decision(False, Reason.CONTACT_OF_OTHER, "policy-bild-4")
    return Decision(
        True, Reason.JOURNALLED_AFTER_DEATH if deceased else Reason.CONTACT_OF_PATIENT, "policy-bild-4"
    )


def is_owner_told(on_their_way: int, first_in_at: datetime, now: datetime) -> Decision[bool]:
    """Does the owner hear now that files of a transfer are there (policy-bild-5)? Once for all, but not for ever.

    Args:
        on_their_way: how many files of it are not there yet, and have not been refused either.
        first_in_at: when the first of them was there.
    """
    told = not on_their_way or now >= told_by(first_in_at)
    return Decision(told, Reason.STORED if told else Reason.FILES_AWAITED, "policy-bild-5")


def told_by(first_in_at: datetime) -> datetime:
    """When the owner hears of a transfer at the latest."""
    return later(first_in_at, LATECOMERS)


def reminded_at(deleted_at: datetime, region: Region) -> datetime:
    """When the owner is reminded of what is not in the journal yet (policy-bild-5)."""
    return deleted_at - timedelta(hours=region.storage.remind_hours)


def may_be_fetched_again(*, lies_there: bool) -> Decision[bool]:
    """Is it fetched anew from its source (bilder-4)? Not while it lies in the storage, or is on its way."""
    return Decision(
        not lies_there, Reason.FILE_LIES_THERE if lies_there else Reason.FILE_WISHED_AGAIN, "bilder-4"
    )


def is_offered_again(reason: str | None, *, lies_there: bool) -> Decision[bool]:
    """Is its owner offered to have it fetched anew? Not what would be refused once more for what it is.

    Args:
        reason: why it is not there (`routine.reasons.Reason`).
        lies_there: or is on its way.
    """
    for unfit, clause in _UNFIT.items():
        if reason == unfit:
            return Decision(False, unfit, clause)
    return may_be_fetched_again(lies_there=lies_there)


def listed_since(now: datetime, region: Region) -> datetime:
    """Since when a file may be gone that its owner's list still has: fetched anew from there (policy-bild-5)."""
    return now - timedelta(days=region.storage.shown_days)


def is_removed(ending: Ending, *, lies_there: bool, was_there: bool = False) -> Decision[bool]:
    """Is it taken from the storage before its time is over? At once, and what is gone already is gone.

    What its owner has put in the journal stands as that though it was gone when they said so (policy-bild-5).

    Args:
        ending: deleted by its owner, put in the journal, or not to be opened any more.
        lies_there: or is on its way.
        was_there: and has been deleted, or its time is over.
    """
    reason, clause = _ENDINGS[ending]
    ends = lies_there or (was_there and ending is Ending.JOURNALLED)
    return Decision(True, reason, clause) if ends else Decision(False, Reason.FILE_DELETED, clause)
