"""A file goes from the storage: its time is over (bilder-3), its owner has deleted it, or it is in the journal.

The bytes go first, then their row; a worker that is killed between leaves a row of bytes that are gone, and the case
that is claimed anew finds it. Taking away what is not there is no error.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from engine.base import clock
from engine.ops.access_log import Act
from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Call, Done, Go, Rest, Verdict
from engine.tables.timeline import Entry
from models.image_transfer import NOTHING_FOUND, ImageTransfer, State
from models.times import later
from routine.images import was_never_given
from routine.reasons import Reason
from systems.storage import files
from tasks.image_transfer import accesses, storage_failures, stored
from tasks.image_transfer.fetch_into_storage import TRIED_AGAIN_AFTER

BACKOFF = [2, 10, 60, 300]


@dataclass(frozen=True)
class Removal:
    """What lies of a file, by name."""

    names: Sequence[uuid.UUID]
    then: Go = field(repr=False)
    tries: int


def names_stored(
    connection: Connection, cases: Sequence[ImageTransfer]
) -> Mapping[uuid.UUID, list[uuid.UUID]]:
    """By case, the names of what lies there."""
    return stored.names_of(connection, [case.id for case in cases])


def judge_removal(case: ImageTransfer, names: Sequence[uuid.UUID]) -> Verdict[Removal]:
    """All of it goes; of one that is in the journal its owner's pages still say so.

    Of one that they never could open they hear next (policy-bild-2).
    """
    entries = (_removal_entry(case),) if names or case.state != State.JOURNALLED else ()
    after, why = _state_after(case), {"reason": _reason(case)}
    then: Go = Rest(after, entries, changes=why)
    if after is State.REFUSED:
        then = Go(after, entries, changes=NOTHING_FOUND | why | {"scan": case.scan})
    return Call(Removal(names, then, case.tries)) if names else then


def _state_after(case: ImageTransfer) -> State:
    if was_never_given(case.reason).allowed:
        return State.REFUSED
    return State.JOURNALLED if case.state == State.JOURNALLED else State.DELETED


def _reason(case: ImageTransfer) -> str:
    lapsed = case.state == State.LAPSED and case.reason != Reason.NEVER_SCANNED
    return str(Reason.FILE_DELETED) if lapsed else case.reason or str(Reason.FILE_DELETED)


def _removal_entry(case: ImageTransfer) -> Entry:
    never = was_never_given(case.reason)
    otherwise = never.clause if never.allowed else "bilder-2"
    clause = {State.LAPSED: "bilder-3", State.JOURNALLED: "policy-bild-5"}.get(State(case.state), otherwise)
    return Entry("file_removed", _reason(case), clause)


def still_there(case: ImageTransfer, reason: str) -> Go:
    """The storage does not let it go: on and on. Nothing opens it meanwhile."""
    return Rest(case.state, due_at=later(clock.now(), TRIED_AGAIN_AFTER))


def record_removed(connection: Connection, done: Sequence[tuple[ImageTransfer, Removal]]) -> None:
    """The rows go with the last of the bytes. Of what has lapsed whoever takes the row away says so."""
    for case, removal in done:
        if stored.forget(connection, removal.names) and case.state == State.LAPSED:
            accesses.log(connection, [accesses.by_itself(case, Act.EXPIRE)])


@step(
    system="storage",
    backoff=BACKOFF,
    facts=from_tables(names_stored),
    gate=judge_removal,
    record=record_removed,
    exhausted=still_there,
)
def remove_from_storage(removal: Removal) -> Done[Removal]:
    """Take the file's bytes away (bilder-3)."""
    with storage_failures.tried_again(removal.tries):
        for name in removal.names:
            files.delete(name)
    return Done(removal.then, found=removal)
