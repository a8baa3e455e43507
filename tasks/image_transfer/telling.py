"""Whoever asked for files hears of them: in the platform that they came from, or by a task in the journal system.

What they are told says nothing of the files, nor of the patient (bilder-2); once for a transfer (policy-bild-5).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection, text

from engine import clock
from engine.errors import Refused
from engine.flow import step
from engine.settings import Platform
from engine.timeline import Entry
from engine.verdicts import Done, Go, Rest, Send, Verdict, Wait
from models.identity import PatientId
from models.image_transfer import ON_ITS_WAY, ImageTransfer, State
from routine import staff_text
from routine.image_transfer import is_owner_told, reminded_at, told_by
from routine.images import is_over
from routine.reasons import Reason, reason_of
from routine.text import Text
from tasks import clients, conversation, journal_system
from tasks.image_transfer import effect_keys

BACKOFF = [2, 10, 60, 300, 1800, 7200]
LOOK_AGAIN = timedelta(seconds=5)
"""How soon it is looked again whether the transfer's other files have come."""
ELSEWHERE = frozenset({Reason.CONTACT_NOT_KNOWN, Reason.CONTACT_OF_OTHER, Reason.CONTACT_OF_NOBODY})
"""What is not told in the conversation that staff have named: it may be another patient's."""


@dataclass(frozen=True)
class Others:
    """A transfer's files: how many are on their way, and since when the first is there."""

    on_their_way: int
    first_in_at: datetime | None


@dataclass(frozen=True)
class Telling:
    """What the owner is told in a platform; `task`: in the journal system, if that has no such conversation."""

    key: str
    platform: Platform
    contact: str
    code: str
    text: Text
    task: journal_system.Posting
    then: Go


def read(
    connection: Connection, cases: Sequence[ImageTransfer], seen: object = None
) -> Mapping[uuid.UUID, Others]:
    """By case, how its transfer stands as a whole."""
    query = text(
        """
        SELECT system, transfer, owner_id, min(stored_at) AS first_in_at,
            count(*) FILTER (WHERE state = ANY(:on_their_way) AND parked IS NULL) AS number
        FROM image_transfer WHERE system = ANY(:systems) AND transfer = ANY(:transfers)
        GROUP BY system, transfer, owner_id"""
    )
    given = {
        "systems": list({case.system for case in cases}),
        "transfers": list({case.transfer for case in cases}),
        "on_their_way": sorted(ON_ITS_WAY),
    }
    found = {(row.system, row.transfer, row.owner_id): row for row in connection.execute(query, given)}
    rows = {case.id: found[case.system, case.transfer, case.owner_id] for case in cases}
    return {id: Others(row.number, row.first_in_at) for id, row in rows.items()}


# --- that they are there, or will not be


def gate(case: ImageTransfer, others: Others) -> Verdict:
    """Told once the transfer's last file is there, or refused; some minutes after the first at the latest."""
    now = clock.now()
    if case.state == State.STORED and case.deleted_at and is_over(case.deleted_at, now).allowed:
        return Go(State.LAPSED)
    since = others.first_in_at or case.requested_at or now
    decision = is_owner_told(others.on_their_way if case.fetches == 1 else 0, since, now)
    if not decision.allowed:
        return Wait(min(told_by(since), now + LOOK_AGAIN), for_answer=False)
    reason = Reason.STORED if case.state == State.STORED else reason_of(case.reason or "")
    return _send(case, reason, _after(case, reason))


def _after(case: ImageTransfer, reason: str) -> Go:
    told = Entry("owner_told", reason, "policy-bild-5")
    if case.state != State.STORED or case.deleted_at is None:
        return Rest(case.state, (told,))
    return Rest(State.TOLD, (told,), due_at=reminded_at(case.deleted_at, clients.region()))


def _unheard(case: ImageTransfer, reason: str) -> Go:
    """Nobody could be told: the file lies there all the same, and its owner's pages show it."""
    after = _after(case, reason)
    return Rest(after.state, (Entry("owner_not_told", reason, "policy-bild-5"),), due_at=after.due_at)


def _send(case: ImageTransfer, reason: Reason, then: Go, hours: int | None = None) -> Send:
    key = effect_keys.told(case, reason)
    named = clients.region().systems.get(case.system)
    said = staff_text.files(reason, named.name if named else "1177", hours)
    task = _task(case, key, reason, said, then)
    if case.system not in conversation.PLATFORMS or reason in ELSEWHERE:
        return task
    platform: Platform = case.system
    other = cast(journal_system.Posting, task.payload)
    return Send(
        key, then, Telling(key, platform, case.contact_id, _code(reason), said, other, then), platform
    )


def _code(reason: Reason) -> str:
    """As the platforms know it."""
    codes = {
        Reason.STORED: "image_ready",
        Reason.FILE_LAPSES: "image_lapses",
        Reason.ATTACHMENT_GONE: "original_gone",
    }
    return codes.get(reason, "image_refused")


def _task(case: ImageTransfer, key: str, reason: Reason, said: Text, then: Go) -> Send:
    """A task for the unit's staff; whose contact it is, nobody is told by it."""
    unit = clients.region().unit(case.unit or "")
    known = reason is not Reason.CONTACT_OF_OTHER and case.patient
    return journal_system.staff_task(
        key,
        patient=PatientId.model_validate_json(case.patient) if known and case.patient else None,
        unit=case.unit or "",
        unit_name=unit.name if unit else case.unit_name,
        contact=case.contact_id,
        reason=_code(reason),
        said=said,
        then=then,
    )


def tell(what: Telling | journal_system.Posting) -> Done:
    """Tell them, where they have the conversation; a closed one, or one that is not known there, by a task."""
    if isinstance(what, journal_system.Posting):
        return journal_system.post(what)
    platform = clients.channel(what.platform)
    try:
        told = platform.raise_alert(what.key, what.contact, reason=what.code, text=what.text.body)
    except Refused:
        return journal_system.post(what.task)
    return Done(what.then, told)


@step(
    system="vas",
    others=conversation.PLATFORMS,
    backoff=BACKOFF,
    read=read,
    gate=gate,
    ask=journal_system.ask,
    exhausted=_unheard,
)
def tell_owner(what: Telling | journal_system.Posting) -> Done:
    """Tell the one who asked for the files that they are there, or why not (policy-bild-5)."""
    return tell(what)


# --- that their time is soon over


def is_reminded(case: ImageTransfer, facts: None) -> Verdict:
    """Reminded once for a transfer, of what is not in the journal yet."""
    assert case.deleted_at is not None
    now, region = clock.now(), clients.region()
    if is_over(case.deleted_at, now).allowed:
        return Go(State.LAPSED)
    if now < reminded_at(case.deleted_at, region):
        return Rest(State.TOLD, due_at=reminded_at(case.deleted_at, region))
    told = Entry("owner_reminded", Reason.FILE_LAPSES, "policy-bild-5")
    then = Rest(State.REMINDED, (told,), due_at=case.deleted_at)
    return _send(case, Reason.FILE_LAPSES, then, region.storage.remind_hours)


def _unreminded(case: ImageTransfer, reason: str) -> Go:
    return Rest(State.REMINDED, (Entry("owner_not_told", reason, "policy-bild-5"),), due_at=case.deleted_at)


@step(
    system="vas",
    others=conversation.PLATFORMS,
    backoff=BACKOFF[:4],
    gate=is_reminded,
    ask=journal_system.ask,
    exhausted=_unreminded,
)
def remind_owner(what: Telling | journal_system.Posting) -> Done:
    """Remind the one who asked for the files that their time is soon over (policy-bild-5)."""
    return tell(what)
