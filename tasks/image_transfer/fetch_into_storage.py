"""A file comes from its source into the storage in one pass, judged on its way, sealed before it lies (bilder-1, -4).

**What holds wherever a worker is killed.** (1) Before anything is asked of the source, the row of the bytes is
committed, under a new name for each try: no row, no bytes. (2) The bytes are whole under their name, or not there.
(3) The wrapped key and the case's new state are written in one transaction, and only while the case is ours: a row
with a key is a case that says *stored*, and the other way round. So whoever is killed leaves at most a row without a
key, and bytes that nothing opens; the case is as it was, is claimed anew when its lease has run out and fetched under
another name, and `cleaning` takes the rest. (4) That its owner deletes, journals or wishes it again is an event,
applied before anything else is done with the case; the key of what lies there is dropped with it, whoever holds the
case. Of one that is being fetched just then the key is written for as long as it takes to give the case back, and
dropped with the event. (5) Twice at once is harmless: two names, of which one becomes the case's.

The call may last two minutes. Each file goes by itself, in threads of this step's own, and no connection is held over
it; files of many transfers go in turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import transaction
from engine.base.errors import Incident, NotSent, Refused
from engine.base.settings import SystemName
from engine.ops.access_log import Act
from engine.outer import incidents
from engine.steps.stage import from_case, step
from engine.steps.verdicts import Call, Done, Go, Rest, Verdict
from engine.tables.decisions import Decided
from engine.tables.timeline import Entry
from models.image_transfer import ImageTransfer, State
from models.times import later
from routine.asked import AskedFile
from routine.decision import Decision
from routine.images import deleted_at, is_kept, may_be_given_out, may_be_stored
from routine.reasons import Reason
from systems.storage import files
from systems.storage.files import Put
from systems.storage.hour_keys import hour_of
from tasks import clients, conversation
from tasks.decided import decided
from tasks.image_transfer import accesses, scanner_failures, storage_failures, stored

BACKOFF = [2, 10, 60, 300, 1800, 7200]
TRIED_AGAIN_AFTER = timedelta(minutes=30)
"""How often it is tried again when the ladder is used up and our own storage is what takes nothing."""


@dataclass(frozen=True)
class Fetch:
    """A file to fetch, and how long it will lie there."""

    case: ImageTransfer = field(repr=False)
    stored_at: datetime
    deleted_at: datetime


# --- judged


def judge_fetch(case: ImageTransfer, facts: None) -> Verdict[Fetch]:
    """Fetched, as long as the storage is the appointed one; its life begins now (bilder-3)."""
    appointed = may_be_stored(clients.region())
    if not appointed.allowed:
        return _refused(appointed)
    now = clock.now()
    until = deleted_at(now, clients.region())
    return Call(Fetch(case, now, until), system=case.system)


def in_turn(cases: Sequence[ImageTransfer]) -> list[ImageTransfer]:
    """The first file of each transfer, then the second of each: a large one, or a slow one, holds up no other."""
    place: Counter[tuple[str | None, str]] = Counter()
    turns: list[tuple[int, int, ImageTransfer]] = []
    for at, case in enumerate(cases):
        of = case.owner_id, case.transfer
        place[of] += 1
        turns.append((place[of], at, case))
    return [case for *_, case in sorted(turns, key=lambda turn: turn[:2])]


# --- what came of it


def _stored_or_held(fetch: Fetch, put: Put, by: Decided) -> Go:
    found = put.inspected
    detail: dict[str, str | int] = {"bytes": put.bytes, "kind": found.kind or "", "scan": str(found.scan)}
    if found.why:
        detail["why"] = found.why
    facts: dict[str, Any] = {
        "kind": found.kind,
        "pictures": found.pictures,
        "marks": ",".join(found.marks),
        "scan": str(found.scan),
        "size": put.bytes,
        "sha256": put.sha256,
        "stored_at": fetch.stored_at,
        "deleted_at": fetch.deleted_at,
        "reason": None,
    }
    given = may_be_given_out(facts["scan"], clients.region())
    state = State.STORED if given.allowed else State.HELD
    return Go(state, (Entry("file_stored", Reason.STORED, "bilder-1", detail, by),), changes=facts)


def _refused(decision: Decision[Any], detail: str = "", by: Decided | None = None) -> Go:
    told: dict[str, str | int] = {"detail": detail} if detail else {}
    entry = Entry("file_refused", decision.reason, decision.clause, told, by)
    return Go(State.REFUSED, (entry,), changes={"reason": str(decision.reason)})


def _lost(error: Refused) -> Go:
    """Its source has it no more: staff hear of it (bilder-4)."""
    entry = Entry("file_lost", Reason.ATTACHMENT_GONE, "bilder-4", {"detail": error.detail})
    return Go(State.LOST, (entry,), changes={"reason": str(Reason.ATTACHMENT_GONE)})


def _not_given(error: Refused) -> Go:
    """What the source's no means."""
    match error.reason:
        case "attachment_gone" | "not_in_an_address":
            return _lost(error)
        case "file_too_big":
            return _refused(Decision(False, Reason.FILE_TOO_BIG, "policy-bild-1"))
    return _refused(Decision(False, Reason.FILE_NOT_FETCHED, "bilder-4"), error.reason)


def used_up(case: ImageTransfer, reason: str) -> Go:
    """Our storage takes nothing: on and on. The source gives nothing: its owner hears of it."""
    if reason.startswith(storage_failures.OURS):
        return Rest(State.FOUND, due_at=later(clock.now(), TRIED_AGAIN_AFTER))
    return _refused(Decision(False, Reason.FILE_NOT_FETCHED, "bilder-4"), reason)


@contextmanager
def _of_its_source(system: str) -> Iterator[None]:
    """A source that does not take our token calls ops, and is tried by the ladder; at its end its owner hears of it.

    Raises:
        NotSent: in place of the incident, by which the case would stand still and nobody but ops would know.
    """
    try:
        yield
    except Incident as error:
        incidents.note(system, error.reason)
        raise NotSent(error.reason, error.detail) from None


def record_put(connection: Connection, done: Sequence[tuple[ImageTransfer, stored.Completed | None]]) -> None:
    """What opens the bytes, and that they were put there: with the case's new state, or not at all."""
    put = [(case, found) for case, found in done if found is not None]
    stored.complete(connection, [found for _, found in put])
    accesses.log(connection, [accesses.by_owner(case, Act.PUT) for case, _ in put])


@step(
    system="storage",
    others=(*conversation.PLATFORMS, conversation.INBOX),
    backoff=BACKOFF,
    facts=from_case(ImageTransfer),
    gate=judge_fetch,
    record=record_put,
    exhausted=used_up,
    alone=True,
    in_turn=in_turn,
)
def fetch_into_storage(fetch: Fetch) -> Done[stored.Completed | None]:
    """Fetch the file from its source into the storage, judged and sealed on its way (bilder-1, bilder-4)."""
    case, hour = fetch.case, hour_of(fetch.deleted_at)
    try:
        with files.turn(), _of_its_source(case.system), storage_failures.tried_again(case.tries):
            name = stored.begin_file(case.id, hour)
            source = clients.attachment_at(cast(SystemName, case.system), case.ref or "")
            put = files.put(name, case.id, hour, source, clients.limits())
    except Refused as error:
        return Done(_not_given(error), sent=False)
    scanner_failures.noted(put.inspected.why)
    asked = AskedFile(kind=put.inspected.kind, bytes=put.bytes, scan=str(put.inspected.scan))
    kept = is_kept(asked.kind, asked.bytes, asked.scan, clients.region())
    by = decided("file", asked, case.unit, kept)
    if kept.allowed:
        return Done(_stored_or_held(fetch, put, by), found=stored.Completed(name, put.bytes, put.wrapped_key))
    with storage_failures.tried_again(case.tries):
        files.delete(name)
    with transaction() as connection:
        stored.forget(connection, [name])
    return Done(_refused(kept, by=by), sent=False)
