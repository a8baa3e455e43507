"""A file that no scanner has looked at, in a region that gives none such out: held until one has (policy-bild-2)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from engine import clock
from engine.access_log import Act
from engine.errors import NotSent
from engine.flow import step
from engine.timeline import Entry
from engine.verdicts import Call, Done, Go, Rest, Verdict
from models.image_transfer import NOTHING_FOUND, ImageTransfer, State
from models.times import later
from routine.images import is_held, may_be_given_out
from systems.storage import files
from tasks import clients
from tasks.image_transfer import accesses, stored
from tasks.image_transfer.fetching import TRIED_AGAIN_AFTER
from tasks.image_transfer.stored import Place

BACKOFF = [60, 300, 1800]


@dataclass(frozen=True)
class Scan:
    """A file to have looked at, and where it lies."""

    case: ImageTransfer = field(repr=False)
    place: Place


def read(
    connection: Connection, cases: Sequence[ImageTransfer], seen: object = None
) -> Mapping[uuid.UUID, Place]:
    """By case, where it lies."""
    return stored.places(connection, [case.id for case in cases])


def gate(case: ImageTransfer, place: Place | None) -> Verdict:
    """Looked at, unless its time is over or the region gives it out as it is."""
    decision = may_be_given_out(case.scan or "", clients.region())
    held = is_held("", case.deleted_at or clock.now(), clock.now())
    if not held.allowed:
        told = Entry("file_refused", held.reason, held.clause)
        return Go(State.LAPSED, (told,), changes={"reason": str(held.reason)})
    if place is None:
        return Go(State.LAPSED)
    if decision.allowed:
        return Go(State.STORED, (Entry("file_scanned", decision.reason, decision.clause),))
    return Call(Scan(case, place))


def not_yet(case: ImageTransfer, reason: str) -> Go:
    """The scanner looks at nothing: on and on, for as long as the file lies there."""
    return Rest(State.HELD, due_at=min(later(clock.now(), TRIED_AGAIN_AFTER), case.deleted_at or clock.now()))


def record(connection: Connection, done: Sequence[tuple[ImageTransfer, Any]]) -> None:
    """Of what is infected, or can never be looked at, nothing is left, with the case's new state, or not at all."""
    refused = [(case, found) for case, found in done if isinstance(found, Place)]
    stored.forget(connection, [found.name for _, found in refused])
    gone = [replace(accesses.by_itself(case, Act.DELETE), why="policy-bild-2") for case, _ in refused]
    accesses.log(connection, gone)


@step(system="storage", backoff=BACKOFF, read=read, gate=gate, record=record, exhausted=not_yet, alone=True)
def scan_held_file(scan: Scan) -> Done:
    """Have the scanner look at a file that is held until one has (policy-bild-2)."""
    case, place = scan.case, scan.place
    with stored.minded(case.tries):
        said, why = files.scan_again(place.name, case.id, place.hour, place.wrapped_key, clients.limits())
    found, decision = str(said), may_be_given_out(str(said), clients.region())
    if decision.allowed:
        told = Entry("file_scanned", decision.reason, decision.clause)
        return Done(Go(State.STORED, (told,), changes={"scan": found}))
    if found != "infected":
        decision = is_held(why, case.deleted_at or clock.now(), clock.now())
        if decision.allowed:
            raise NotSent("not_scanned", why)
    with stored.minded(case.tries):
        files.delete(place.name)
    changes = NOTHING_FOUND | {"scan": found, "reason": str(decision.reason)}
    told = Entry("file_refused", decision.reason, decision.clause)
    return Done(Go(State.REFUSED, (told,), changes=changes), found=place, sent=False)
