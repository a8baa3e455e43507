"""Whoever asked for files hears that they are there, or why not (policy-bild-5)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select
from sqlmodel import col

from engine.base import clock
from engine.base.database import among
from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Done, Go, Rest, Verdict, Wait
from engine.tables.timeline import Entry
from models.image_transfer import ON_ITS_WAY, ImageTransfer, State
from routine.image_transfer import is_owner_told, reminded_at, told_by
from routine.images import is_file_over
from routine.reasons import Reason, reason_of
from tasks import clients, conversation, journal_system
from tasks.image_transfer.owner_message import BACKOFF, Telling, message_to_owner, tell

LOOK_AGAIN = timedelta(seconds=5)
"""How soon it is looked again whether the transfer's other files have come."""


@dataclass(frozen=True)
class TransferFacts:
    """A transfer's files: how many are on their way, and since when the first is there."""

    on_their_way: int
    first_in_at: datetime | None


def transfer_facts(
    connection: Connection, cases: Sequence[ImageTransfer]
) -> Mapping[uuid.UUID, TransferFacts]:
    """By case, how its transfer stands as a whole."""
    system, transfer = col(ImageTransfer.system), col(ImageTransfer.transfer)
    of = (system, transfer, col(ImageTransfer.owner_id))
    not_there = col(ImageTransfer.state).in_(ON_ITS_WAY) & col(ImageTransfer.parked).is_(None)
    query = (
        select(*of, func.count().filter(not_there), func.min(col(ImageTransfer.stored_at)))
        .where(among(system, {case.system for case in cases}))
        .where(among(transfer, {case.transfer for case in cases}))
        .group_by(*of)
    )
    found = {tuple(place): TransferFacts(number, at) for *place, number, at in connection.execute(query)}
    return {case.id: found[case.system, case.transfer, case.owner_id] for case in cases}


def judge_telling(case: ImageTransfer, others: TransferFacts) -> Verdict[Telling | journal_system.Posting]:
    """Told once the transfer's last file is there, or refused; some minutes after the first at the latest."""
    now = clock.now()
    if case.state == State.STORED and case.deleted_at and is_file_over(case.deleted_at, now).allowed:
        return Go(State.LAPSED)
    since = others.first_in_at or case.requested_at or now
    decision = is_owner_told(others.on_their_way if case.fetches == 1 else 0, since, now)
    if not decision.allowed:
        return Wait(min(told_by(since), now + LOOK_AGAIN), for_answer=False)
    reason = Reason.STORED if case.state == State.STORED else reason_of(case.reason or "")
    return message_to_owner(case, reason, _after_telling(case, reason))


def _after_telling(case: ImageTransfer, reason: str) -> Rest:
    """Of a unit that is not listed ops hear too: once it is, the file goes its way (policy-okand-1)."""
    entry = Entry("owner_told", reason, "policy-bild-5")
    if case.reason == Reason.UNIT_UNKNOWN:
        return Rest(State.REQUESTED, (entry,), parked=str(Reason.UNIT_UNKNOWN))
    if case.state != State.STORED or case.deleted_at is None:
        return Rest(case.state, (entry,))
    return Rest(State.TOLD, (entry,), due_at=reminded_at(case.deleted_at, clients.region()))


def _unheard(case: ImageTransfer, reason: str) -> Go:
    """Nobody could be told: the file lies there all the same, and its owner's pages show it."""
    return replace(_after_telling(case, reason), entries=(Entry("owner_not_told", reason, "policy-bild-5"),))


@step(
    system="vas",
    others=conversation.PLATFORMS,
    backoff=BACKOFF,
    facts=from_tables(transfer_facts),
    gate=judge_telling,
    ask=journal_system.ask_of_posting,
    exhausted=_unheard,
)
def tell_owner(what: Telling | journal_system.Posting) -> Done:
    """Tell the one who asked for the files that they are there, or why not (policy-bild-5)."""
    return tell(what)
