"""What staff's pages need from the rest of the house."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from engine.ops.by_hand import CaseStory
from models.identity import PatientId
from routine.staff import Member
from tasks.find_case import FoundCase, FoundCases, Within
from tasks.image_transfer.files import OwnFile


class Files(Protocol):
    """One member of staff's files in the intermediate storage; nobody else's are ever found. Each may block.

    Each look and act is in the access log when it returns. Raises anything: it is not, and nothing was given or done.
    """

    def listed(self, member: Member) -> Sequence[OwnFile]:
        """All of theirs: they look at the list."""
        ...

    def how_many(self, member: Member) -> int:
        """How many of theirs lie there, or are on their way: nothing of a patient is shown by this, or logged."""
        ...

    def found(self, member: Member, id: UUID) -> OwnFile | None:
        """One of theirs; None: there is none, or it is another's. Nothing of it is shown by this alone."""
        ...

    def looked_at(self, member: Member, file: OwnFile) -> None:
        """They look at what is known of the file."""
        ...

    def original(self, member: Member, file: OwnFile) -> Iterator[bytes]:
        """They download it: its bytes, the first of them at hand. To be closed.

        Raises:
            Refused: 'keys_gone', 'file_gone', 'file_changed': there is nothing to be had any more.
        """
        ...

    def preview(self, member: Member, file: OwnFile, longest_side: int) -> bytes:
        """They look at a small picture of it, WebP or JPEG, upright, without metadata.

        Raises:
            Refused: as `original`; 'no_preview': it cannot be drawn.
        """
        ...

    def delete(self, member: Member, file: OwnFile) -> None:
        """They delete it: its bytes and what opens them are gone when this returns, where that can be."""
        ...

    def journalled(self, member: Member, file: OwnFile) -> None:
        """They have put it in the journal."""
        ...

    def fetch_again(self, member: Member, file: OwnFile) -> None:
        """They wish to have it fetched anew from its source."""
        ...


@dataclass(frozen=True)
class CaseTold:
    """A case with its story, for somebody who may see it."""

    found: FoundCase
    story: CaseStory


class Cases(Protocol):
    """Cases at the unit of a member of staff's commission; no other's are ever found. Each may block.

    Each look and search is in the access log when it returns. Raises anything: it is not, and nothing was given.
    """

    def of_booking(self, member: Member, source: str, booking: str) -> FoundCases:
        """Those of a booking, by its number in a system."""
        ...

    def of_contact(self, member: Member, channel: str, contact: str) -> FoundCases:
        """Those of a contact, by its number in a channel."""
        ...

    def of_patient(self, member: Member, patient: PatientId, why: str, within: Within) -> FoundCases:
        """Those of a patient, whichever of their numbers is given."""
        ...

    def of_phone(self, member: Member, number: str, why: str, within: Within) -> FoundCases:
        """Those of whoever has called or written by SMS from a number, in E.164."""
        ...

    def story_of(self, member: Member, id: UUID) -> CaseTold | None:
        """They look at one; None: there is none, or it is another unit's, or not there any more."""
        ...

    def waiting(self, member: Member) -> FoundCases:
        """Those that wait for somebody at their unit: of whom is neither shown nor logged."""
        ...
