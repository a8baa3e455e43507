"""A case as it is shown to staff: the story in words, each line with its clause, and what was sent.

No number to reach somebody on, no text and no address is in it; why somebody is handled by hand is told to nobody
(policy-skydd-2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.staff.case_texts import BY_LANGUAGE, CaseWords
from gateway.staff.moments import dated, when
from gateway.staff.ports import CaseTold
from gateway.staff.shown import number_as_written
from gateway.staff.texts import Words
from routine.clause_text import sentence
from routine.clauses import CLAUSES
from routine.reason_text import why
from routine.region import Region
from routine.staff import reasons_for_staff
from routine.state_text import arrival_in_words, state_in_words
from routine.story_text import line_in_words, process_in_words, step_in_words, system_in_words
from tasks.find_case import MOST, FoundCase

BOOKED = frozenset({"booking_publication", "visit_reminder", "check_in", "self_service"})
"""The processes whose cases are about a booking; what others name is a contact."""
NARROW = (
    "The {n} that changed last of each process are here. Ask for fewer days: "
    '"from" and "to" beside "reason", such as "2026-11-30".'
)


@dataclass(frozen=True)
class ShownLine:
    """A line of a list: a case.

    Args:
        what: what it is.
        of: the booking or contact that it is about; "" where it is about none.
        stands: where it stands, and for whom it waits.
        since: when it came to stand so; of an alert, when it was raised.
    """

    id: str
    what: str
    of: str
    stands: str
    since: str


@dataclass(frozen=True)
class ShownEntry:
    """A line of a story.

    Args:
        at: in Swedish time; `iso`: for a program.
        why: "" where there is nothing to say.
        clause: "" where it rests on none; `says`: its sentence.
    """

    at: str
    iso: str
    what: str
    why: str
    clause: str
    says: str


@dataclass(frozen=True)
class ShownEffect:
    """Something that was sent.

    Args:
        by: the way, or the system that it went to.
        arrived: whether it has come to where it was to.
    """

    what: str
    by: str
    at: str
    arrived: str


@dataclass(frozen=True)
class ShownCase:
    """A case on its page."""

    heading: str
    facts: Sequence[tuple[str, str]] = field(repr=False)
    entries: Sequence[ShownEntry]
    effects: Sequence[ShownEffect]
    is_whole: bool


def line_of(case: FoundCase, words: Words, now: datetime) -> ShownLine:
    """A case in a list; whose it is does not stand there."""
    told = BY_LANGUAGE[words.code]
    parked = told.parked if _is_for_staff(case) else told.parked_for_ops
    stands = parked.format(why=_why(case.parked, words).rstrip(".")) if case.parked else ""
    return ShownLine(
        id=str(case.id),
        what=process_in_words(case.process, words.code),
        of=_of(case, words),
        stands=stands or state_in_words(case.process, case.state, words.code),
        since=told.since.format(when=when(case.since, words, now)),
    )


def shown_case(case: CaseTold, words: Words, region: Region, now: datetime) -> ShownCase:
    """A case in words."""
    found, story = case.found, case.story
    told = BY_LANGUAGE[words.code]
    heading = " · ".join(filter(None, (process_in_words(found.process, words.code), _of(found, words))))
    return ShownCase(
        heading=heading,
        facts=[(name, fact) for name, fact in _facts(found, words, told, region, now) if fact],
        entries=[_entry(each, words, now) for each in story.timeline],
        effects=[_effect(each, words, now) for each in story.effects],
        is_whole=story.timeline_whole,
    )


def as_json(case: FoundCase) -> dict[str, Any]:
    """A case in a list, for a program: nothing of whom it is."""
    return {
        "id": str(case.id),
        "process": case.process,
        "state": case.state,
        "parked": case.parked,
        "unit": case.unit,
        "created_at": case.created_at.isoformat(),
        "updated_at": case.updated_at.isoformat(),
        "due_at": case.due_at.isoformat() if case.due_at else None,
    }


def more_in_words(cut: Sequence[str], words: Words) -> str:
    """That there are more of these processes than a search gives, and what to do."""
    told = BY_LANGUAGE[words.code].more
    return told.format(n=MOST, what=", ".join(process_in_words(each, words.code).lower() for each in cut))


def more_as_json(cut: Sequence[str]) -> dict[str, Any] | None:
    """The same for a program; None: there are no more."""
    return {"of": list(cut), "do": NARROW.format(n=MOST)} if cut else None


def story_as_json(case: CaseTold, words: Words) -> dict[str, Any]:
    """A case with its story, for a program: the codes, and the words that a page has."""
    found, language = case.found, words.code
    patient = found.patient.model_dump(mode="json") if found.patient else None
    of = (
        {"booking" if found.process in BOOKED else "contact": found.of[1], "system": found.of[0]}
        if found.of
        else {}
    )
    timeline = [
        {
            "at": each["at"],
            "what": each["what"],
            "reason": each["reason"],
            "clause": each["clause"],
            "says": line_in_words(each["what"], language),
            "why": why(each["reason"], language),
            "sentence": sentence(each["clause"], language) if each["clause"] in CLAUSES else "",
        }
        for each in case.story.timeline
    ]
    names = ("id", "step", "system", "state", "receipt", "receipt_at", "at")
    effects = [{name: each[name] for name in names} for each in case.story.effects]
    whole = {"timeline": timeline, "timeline_whole": case.story.timeline_whole, "effects": effects}
    start = {"start": found.start.isoformat() if found.start else None}
    return as_json(found) | {"patient": patient} | of | start | whole


def _facts(
    case: FoundCase, words: Words, told: CaseWords, region: Region, now: datetime
) -> list[tuple[str, str]]:
    unit = region.unit(case.unit) if case.unit else None
    return [
        (told.patient, number_as_written(case.patient)),
        (told.unit, unit.name if unit else case.unit or ""),
        (told.visit, dated(case.start, words, now) if case.start else ""),
        (told.stands, state_in_words(case.process, case.state, words.code)),
        (told.waits, _waits(case, words, told, now)),
        (told.case_id, str(case.id)),
    ]


def _waits(case: FoundCase, words: Words, told: CaseWords, now: datetime) -> str:
    """For what, and until when."""
    if case.parked:
        waits = told.waits_for_human if _is_for_staff(case) else told.waits_for_ops
        return waits.format(why=_why(case.parked, words))
    if case.due_at is None:
        return told.waits_for_nothing
    return (
        told.waits_until.format(when=dated(case.due_at, words, now)) if case.due_at > now else told.waits_now
    )


def _is_for_staff(case: FoundCase) -> bool:
    """Whether staff see to it that it is parked no more; else ops do."""
    return case.parked in reasons_for_staff(case.process)


def _of(case: FoundCase, words: Words) -> str:
    """The booking or the contact that it is about."""
    if case.of is None:
        return ""
    told, (system, id) = BY_LANGUAGE[words.code], case.of
    of = (told.of_booking if case.process in BOOKED else told.of_contact).format(id=id)
    return told.in_system.format(of=of, system=system_in_words(system, words.code)) if system else of


def _why(reason: str, words: Words) -> str:
    """In words, else its code."""
    return why(reason, words.code) or reason


def _entry(entry: dict[str, Any], words: Words, now: datetime) -> ShownEntry:
    clause = entry["clause"] if entry["clause"] in CLAUSES else ""
    return ShownEntry(
        at=dated(datetime.fromisoformat(entry["at"]), words, now),
        iso=entry["at"],
        what=line_in_words(entry["what"], words.code),
        why=_why(entry["reason"], words),
        clause=clause,
        says=sentence(clause, words.code) if clause else "",
    )


def _effect(effect: dict[str, Any], words: Words, now: datetime) -> ShownEffect:
    arrived = arrival_in_words(effect["state"], effect["receipt"], words.code)
    at = effect["receipt_at"]
    when_told = f", {dated(datetime.fromisoformat(at), words, now)}" if at and effect["receipt"] else ""
    return ShownEffect(
        what=step_in_words(effect["step"], words.code),
        by=system_in_words(effect["system"], words.code),
        at=dated(datetime.fromisoformat(effect["at"]), words, now),
        arrived=arrived + when_told,
    )
