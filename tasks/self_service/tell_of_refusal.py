"""A no that came when nobody waited at 1177 any more is told by a notice: there is something to log in for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from engine.base import clock
from engine.steps.stage import decides, from_tables
from engine.steps.verdicts import Rest, Verdict, Wait
from engine.tables import inbox
from engine.tables.timeline import Entry
from models.events import DERIVED, Arrival, in_json
from models.identity import Unit
from models.requested_notice import NOTICE_REQUESTED, NoticeStored, RequestedNotice, StoredNotice
from models.self_service import SelfService, State
from models.times import later
from routine.decision import Decision
from routine.self_service import Outcome
from routine.told_at_once import is_refusal_told_later
from tasks.self_service import effect_keys, stored
from tasks.self_service.facts import patient_in
from tasks.self_service.stored import HEARD_BY


@dataclass(frozen=True)
class Heard:
    """What 1177 was told of a request while it waited.

    Args:
        later: whether it is told by a notice; None: it may be told there yet.
    """

    told: Outcome | None
    later: Decision[bool] | None


def leave_notice_and_read(connection: Connection, cases: Sequence[SelfService]) -> Mapping[uuid.UUID, Heard]:
    """What they heard; for those who did not hear it, a notice is asked for. What was asked for is kept no longer."""
    told = stored.told_as(connection, [case.id for case in cases])
    found = {case.id: _what_they_heard(case, told.get(case.id)) for case in cases}
    untold = [case for case in cases if (decided := found[case.id].later) and decided.allowed]
    inbox.put(connection, DERIVED, [_notice(case) for case in untold])
    stored.forget_requests(connection, [case.id for case in cases])
    return found


def _what_they_heard(case: SelfService, told: Outcome | None) -> Heard:
    if told is None and clock.now() < later(case.requested_at or clock.now(), HEARD_BY):
        return Heard(None, None)
    return Heard(told, is_refusal_told_later(told))


def _notice(case: SelfService) -> Arrival:
    """That there is something to read on 1177, where their times stand as they are (avisering-1)."""
    once = effect_keys.asked(case)
    said = StoredNotice(
        id=once,
        patient=patient_in(case),
        unit=Unit(hsa_id=case.unit or ""),
        why="information",
        system="e1177",
    )
    place = (RequestedNotice.PROCESS, f"{DERIVED}:{once}", None, clock.now())
    name = NOTICE_REQUESTED.name
    return Arrival(f"{name}:{once}", name, *place, in_json(NoticeStored(notice=said)))


@decides(from_tables(leave_notice_and_read))
def tell_of_refusal(case: SelfService, heard: Heard) -> Verdict:
    """See that whoever asked hears of the no: at 1177 while they waited, or else by a notice (avisering-1)."""
    if heard.later is None:
        return Wait(later(case.requested_at or clock.now(), HEARD_BY), for_answer=False)
    entry = Entry("refusal_told", heard.later.reason, heard.later.clause)
    return Rest(State.HEARD, (entry,))
