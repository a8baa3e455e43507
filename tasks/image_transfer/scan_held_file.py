"""A file that no scanner has looked at, in a region that gives none such out: held until one has (policy-bild-2)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from engine.base import clock
from engine.base.errors import NotSent, Refused
from engine.ops.access_log import Act
from engine.outer import incidents
from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Call, Done, Go, Rest, Verdict
from engine.tables.timeline import Entry
from models.image_transfer import ImageTransfer, State
from models.times import later
from routine.image_transfer import Ending, is_removed
from routine.images import is_held, may_be_given_out
from systems.storage import files
from tasks import clients
from tasks.image_transfer import accesses, scanner_failures, storage_failures, stored
from tasks.image_transfer.fetch_into_storage import TRIED_AGAIN_AFTER
from tasks.image_transfer.stored import Place

BACKOFF = [60, 300, 1800]


@dataclass(frozen=True)
class Scan:
    """A file to have looked at, and where it lies."""

    case: ImageTransfer = field(repr=False)
    place: Place


def places_of(connection: Connection, cases: Sequence[ImageTransfer]) -> Mapping[uuid.UUID, Place | None]:
    """By case, where it lies."""
    found = stored.places(connection, [case.id for case in cases])
    return {case.id: found.get(case.id) for case in cases}


def judge_scan(case: ImageTransfer, place: Place | None) -> Verdict[Scan]:
    """Looked at, unless its time is over or the region gives it out as it is."""
    decision = may_be_given_out(case.scan or "", clients.region())
    held = is_held("", case.deleted_at or clock.now(), clock.now())
    if not held.allowed:
        entry = Entry("file_refused", held.reason, held.clause)
        return Go(State.LAPSED, (entry,), changes={"reason": str(held.reason)})
    if place is None:
        return Go(State.LAPSED)
    if decision.allowed:
        return Go(State.STORED, (Entry("file_scanned", decision.reason, decision.clause),))
    return Call(Scan(case, place))


def not_yet(case: ImageTransfer, reason: str) -> Go:
    """The scanner looks at nothing: on and on, for as long as the file lies there."""
    return Rest(State.HELD, due_at=min(later(clock.now(), TRIED_AGAIN_AFTER), case.deleted_at or clock.now()))


def record_ended(connection: Connection, done: Sequence[tuple[ImageTransfer, str | None]]) -> None:
    """What is refused, or opens no more, nobody opens from now on; its bytes go next. Found: by which clause."""
    ended = [(case, clause) for case, clause in done if clause is not None]
    stored.drop_keys(connection, [case.id for case, _ in ended])
    told = [replace(accesses.by_itself(case, Act.DELETE), why=clause) for case, clause in ended]
    accesses.log(connection, told)


@step(
    system="storage",
    backoff=BACKOFF,
    facts=from_tables(places_of),
    gate=judge_scan,
    record=record_ended,
    exhausted=not_yet,
    alone=True,
)
def scan_held_file(scan: Scan) -> Done[str | None]:
    """Have the scanner look at a file that is held until one has (policy-bild-2)."""
    case, place = scan.case, scan.place
    with storage_failures.tried_again(case.tries):
        try:
            said, why = files.scan_again(place.name, case.id, place.hour, place.wrapped_key, clients.limits())
        except Refused as error:
            return _not_opened(error)
    scanner_failures.noted(why)
    found, decision = str(said), may_be_given_out(str(said), clients.region())
    if decision.allowed:
        entry = Entry("file_scanned", decision.reason, decision.clause)
        return Done(Go(State.STORED, (entry,), changes={"scan": found}))
    if found != "infected":
        decision = is_held(why, case.deleted_at or clock.now(), clock.now())
        if decision.allowed:
            raise NotSent("not_scanned", why)
    entry = Entry("file_refused", decision.reason, decision.clause)
    changes = {"scan": found, "reason": str(decision.reason)}
    return Done(Go(State.DISCARDED, (entry,), changes=changes), found=decision.clause, sent=False)


def _not_opened(error: Refused) -> Done[str | None]:
    """It is over, as where its owner's pages find that out, and may be fetched anew (bilder-4)."""
    if not storage_failures.is_over_for_good(error):
        raise error
    incidents.note("storage", error.reason)
    decision = is_removed(Ending.UNREADABLE, lies_there=True)
    changes = {"reason": str(decision.reason), "deleted_at": clock.now()}
    entry = Entry("file_ended", decision.reason, decision.clause)
    return Done(Go(State.DISCARDED, (entry,), changes=changes), found=decision.clause, sent=False)
