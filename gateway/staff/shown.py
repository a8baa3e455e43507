"""A file as it is shown to its owner: words for everything, and what they can do with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from gateway.staff.moments import left_of, said, size_of, when
from gateway.staff.texts import Words
from models.identity import IdentityType, PatientId
from routine.image_transfer import is_offered_again
from routine.images import may_be_given_out, may_be_previewed
from routine.region import Region
from tasks.image_transfer.files import FileState, OwnFile

HERE = frozenset({FileState.STORED, FileState.NOT_SCANNED})
"""How a file stands while it lies there for its owner."""
LATEST = datetime.max.replace(tzinfo=UTC)


class Group(StrEnum):
    """The parts of the list, in order."""

    HERE = "here"
    FETCHING = "fetching"
    REFUSED = "refused"
    GONE = "gone"


GROUPS = {
    FileState.STORED: Group.HERE,
    FileState.NOT_SCANNED: Group.HERE,
    FileState.FETCHING: Group.FETCHING,
    FileState.REFUSED: Group.REFUSED,
    FileState.DELETED: Group.GONE,
    FileState.JOURNALLED: Group.GONE,
}


@dataclass(frozen=True)
class Shown:
    """A file on a page.

    Args:
        facts, more: what is told of it everywhere, and on its own page.
        left: for how long it still lies there, in words; "" where it does not.
        part: how much of its life is left, 0 to 100.
        warnings: what to know before it is opened.
        why: why it is not there, or not yet.
        drawn: there is a picture of it to be seen.
        given: it can be downloaded.
    """

    id: str
    name: str = field(repr=False)
    facts: Sequence[tuple[str, str]] = field(repr=False)
    more: Sequence[tuple[str, str]] = field(repr=False)
    left: str
    part: int
    warnings: Sequence[str]
    why: str
    drawn: bool
    given: bool
    again: bool


def waits_for_scanner(file: OwnFile, region: Region) -> bool:
    """Is it kept back until a scanner has looked at it (policy-bild-2)?"""
    return file.state in HERE and not may_be_given_out(file.scan or "", region).allowed


def is_drawn(file: OwnFile, region: Region) -> bool:
    """Can a picture of it be seen (policy-bild-3)?"""
    there = file.state in HERE and not waits_for_scanner(file, region)
    return there and may_be_previewed(file.kind, file.marks).allowed


def is_there(file: OwnFile) -> bool:
    """Does it lie there, or is it on its way?"""
    return file.state in HERE or file.state is FileState.FETCHING


def why_refused(file: OwnFile, words: Words) -> str:
    """Why it was not fetched, or not kept."""
    return words.reasons.get(file.reason or "", words.reasons[""])


def soonest(files: Sequence[OwnFile]) -> list[OwnFile]:
    """Those that lie there by how soon they are removed, then the others as they came."""
    return sorted(files, key=lambda file: (file.deleted_at or LATEST) if file.state in HERE else LATEST)


def shown(file: OwnFile, words: Words, region: Region, now: datetime) -> Shown:
    """The file in words."""
    here = file.state in HERE
    return Shown(
        id=str(file.id),
        name=file.filename,
        facts=[(name, fact) for name, fact in _facts(file, words) if fact],
        more=[(name, fact) for name, fact in _more(file, words, now) if fact],
        left=_left(file, words, now) if here else "",
        part=_part(file, now) if here else 0,
        warnings=list(_warnings(file, words, region)) if here else [],
        why=_why(file, words, now),
        drawn=is_drawn(file, region),
        given=here and not waits_for_scanner(file, region),
        again=is_offered_again(file.reason, lies_there=is_there(file)).allowed,
    )


def _facts(file: OwnFile, words: Words) -> Iterator[tuple[str, str]]:
    yield words.patient, number_as_written(file.patient)
    yield words.source, words.sources.get(file.system, file.system)
    yield (
        words.kind,
        ", ".join(
            filter(None, (_kind_in_words(file, words), size_of(file.bytes, words.code) if file.bytes else ""))
        ),
    )
    yield words.pictures, str(file.pictures) if file.pictures and file.pictures > 1 else ""


def _more(file: OwnFile, words: Words, now: datetime) -> Iterator[tuple[str, str]]:
    yield words.fetched, when(file.stored_at, words, now) if file.stored_at else ""


def _kind_in_words(file: OwnFile, words: Words) -> str:
    return words.kinds.get(file.kind, words.some_file) if file.kind else ""


def number_as_written(patient: PatientId | None) -> str:
    """As it is written: whose it is has to be seen, so that no picture gets into another's journal."""
    if patient is None:
        return ""
    is_personal = patient.type is not IdentityType.RESERVNUMMER
    return f"{patient.id[:8]}-{patient.id[8:]}" if is_personal else patient.id


def _left(file: OwnFile, words: Words, now: datetime) -> str:
    if file.deleted_at is None:
        return ""
    return words.left.format(
        left=left_of(file.deleted_at - now, words), when=when(file.deleted_at, words, now)
    )


def _part(file: OwnFile, now: datetime) -> int:
    if file.deleted_at is None or file.stored_at is None or file.deleted_at <= file.stored_at:
        return 0
    part = (file.deleted_at - now) / (file.deleted_at - file.stored_at)
    return max(1, min(100, round(100 * part)))


def _warnings(file: OwnFile, words: Words, region: Region) -> Iterator[str]:
    if file.state is FileState.NOT_SCANNED:
        yield words.waits_for_scan if waits_for_scanner(file, region) else words.not_scanned
    yield from (words.marks[mark] for mark in file.marks if mark in words.marks)


def _why(file: OwnFile, words: Words, now: datetime) -> str:
    match file.state:
        case FileState.REFUSED:
            return why_refused(file, words)
        case FileState.DELETED:
            return said(words.gone_at, file.deleted_at, words, now)
        case FileState.JOURNALLED:
            return said(words.journalled_at, file.journalled_at, words, now)
    return ""
