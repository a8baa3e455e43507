"""One transaction of a run: what came back is written, what is ready is judged, and what is to be called is begun."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import transaction
from engine.base.errors import AnswerLost, Incident, NotSent, Refused, SystemDown, UnknownOutcome
from engine.base.settings import SystemName, settings
from engine.outer import breaker, incidents
from engine.running import unknown_effects
from engine.running.calls import Answer, CallOfCase, Slots, longest_call
from engine.running.step_run import CaseAtStep, StepRun, by_reading
from engine.running.unknown_effects import EffectFinding
from engine.running.updates import CaseUpdates, done_before, left_open
from engine.steps.step import ReadOnce, Step
from engine.steps.verdicts import Arrived, Call, Done, NotArrived, Park, Send, Verdict
from engine.tables import effects, inbox
from engine.tables.claims import Claim, later
from engine.tables.effects import Closing
from engine.tables.timeline import Entry
from models.case import Case, EffectState

C = TypeVar("C", bound=Case)
TWIN_SECONDS = 2.0
BREAKER_SPREAD = 5.0
log = structlog.get_logger()


class Turn(Generic[C]):
    """A turn of a run. `commit` once; what it then says holds when that has returned.

    Then `calls` are to be made, `updates` say which cases moved, left or were parked, `stay` which stand where they
    stood; `answered` which systems said something.

    Args:
        back: calls with their answers.
        ready: cases that are to be judged.
        slots: what calls a run may have under way.
        probing: systems that were down, and have one call under way to see whether they answer again.
        goes_on: whether a case in this state has a step in this run.
        leaving: cases that are only given back.
        giving_way: cases that are given back too, and go behind those that have become due since.
    """

    def __init__(
        self,
        claim: Claim[C],
        back: Sequence[CallOfCase[C]],
        ready: Sequence[CaseAtStep[C]],
        *,
        slots: Slots,
        probing: Iterable[SystemName] = (),
        goes_on: Callable[[str], bool] = lambda state: True,
        leaving: Sequence[C] = (),
        giving_way: Sequence[C] = (),
    ) -> None:
        self.back = back
        self.ready = ready
        self.calls: list[CallOfCase[C]] = []
        self.updates: CaseUpdates[C] = CaseUpdates()
        self.stay: dict[uuid.UUID, StepRun[C]] = {}
        self.answered: set[SystemName] = set()
        self.probes: set[SystemName] = set()
        """Systems that were down and are let have one call."""
        self.lost: list[C] = []
        """Cases that are ours no longer."""
        self._claim = claim
        self._slots = slots
        self._probing = set(probing)
        self._goes_on = goes_on
        self._leaving = leaving
        self._giving_way = giving_way
        self._incidents: list[tuple[SystemName, str]] = []
        self._waits_for: dict[uuid.UUID, SystemName] = {}
        self._with_slot: list[CallOfCase[C]] = []

    @property
    def _cases(self) -> list[C]:
        return [each.case for each in self.back] + [each.case for each in self.ready]

    def commit(self) -> None:
        """Take the turn, in one transaction."""
        at = clock.now()
        try:
            with transaction() as connection:
                self._work(connection, at)
        except BaseException:
            for each in self._with_slot:
                self._slots.give_back(each)
            raise
        for system, reason in self._incidents:
            incidents.note(system, reason)
        self._note_what_is_known()

    def _work(self, connection: Connection, at: datetime) -> None:
        cases = [*self._cases, *self._leaving, *self._giving_way]
        ours = {case.id: case for case in self._claim.ours(connection, cases)}
        self.lost = [case for case in cases if case.id not in ours]
        before = {case.id: self._claim.image(case) for case in ours.values()}
        self._write_answers(connection, [each for each in self.back if each.case.id in ours])
        self._judge_all(connection, [each for each in self.ready if each.case.id in ours], at)
        for case in (case for case in self._giving_way if case.id in ours):
            self.updates.come_back(case, clock.now())
        self._let_go(case for case in self._leaving if case.id in ours)
        self.updates.write_timelines(connection)
        self._claim.write(connection, [c for c in ours.values() if self._claim.image(c) != before[c.id]])
        self._claim.free(connection, list(self.updates.leaving))

    def park(self, reason: str) -> None:
        """In place of `commit`: all that stands here or came back is parked, as it was before."""
        with transaction() as connection:
            ours = self._claim.ours(connection, self._cases)
            held = {case.id for case in ours}
            self.lost = [case for case in self._cases if case.id not in held]
            for case in ours:
                self.updates.park(case, reason)
            self.updates.write_timelines(connection)
            self._claim.write(connection, ours)
            self._claim.free(connection, list(self.updates.leaving))

    def _let_go(self, leaving: Iterable[C]) -> None:
        """Those that nothing is left to do for; one that is due and that no step of its process takes is a bug."""
        for case in leaving:
            self.updates.leaving[case.id] = case
        for case in [case for case in self.updates.moved.values() if not self._goes_on(case.state)]:
            del self.updates.moved[case.id]
            self.updates.leaving[case.id] = case

    def _note_what_is_known(self) -> None:
        """After the commit: what an effect's case need not be asked any more."""
        for each in self.back:
            if each.effect and not isinstance(each.answer, UnknownOutcome):
                self._claim.maybe_open.discard(each.case.id)
        for standing in self.ready:
            if standing.asked and not isinstance(standing.asked[1], datetime):
                self._claim.maybe_open.discard(standing.case.id)
            standing.asked = None
            standing.waits_for = self._waits_for.get(standing.case.id)
        self._claim.maybe_open |= {each.case.id for each in self.calls if each.effect}

    # --- what came of the calls

    def close_effects(self) -> None:
        """Close the effects alone: what was done stands, whatever becomes of the rest."""
        with transaction() as connection:
            effects.finish(connection, [_closing(each) for each in self.back if each.effect])

    def _write_answers(self, connection: Connection, back: Sequence[CallOfCase[C]]) -> None:
        closings = [
            _closing(each)
            for each in self.back
            if each.effect and each.system not in each.step.cannot_be_asked
        ]
        effects.finish(connection, closings)
        for step, calls in _by_step(back):
            done = [(each.case, each.answer.found) for each in calls if isinstance(each.answer, Done)]
            if step.record and done:
                step.record(connection, done)
            for each in calls:
                assert each.answer is not None
                self._note_system(each, each.answer)
                self._move(each, each.answer)

    def _note_system(self, made: CallOfCase[C], answer: Answer) -> None:
        """How the system was."""
        if _is_answer(answer):
            self.answered.add(made.system)
        if isinstance(answer, Incident):
            self._incidents.append((made.system, answer.reason))

    def _move(self, made: CallOfCase[C], answer: Answer) -> None:
        step, case = made.step, made.case
        match answer:
            case Done():
                self.updates.apply(step, case, answer.go)
            case NotSent(reason="gate_too_old"):
                self.updates.come_back(case, clock.now())
            case _ if step.urgent:
                self.updates.leave_call(step, case, answer)
            case SystemDown():
                self.stay[case.id] = made.at
            case Refused() | Incident():
                self.updates.note(case, Entry("refused", answer.reason, detail={"detail": answer.detail}))
                self.updates.park(case, answer.reason)
            case UnknownOutcome() if isinstance(made.call, Send):
                self.updates.note(case, Entry("answer_lost", answer.reason, detail={"detail": answer.detail}))
                settling = timedelta(seconds=settings().system(made.system).settling)
                self.updates.come_back(case, clock.now() + longest_call(made.system) + settling)
            case _:
                self.updates.try_later(step, case, answer)

    # --- what became of effects whose answer was lost

    def _settle(self, connection: Connection, ready: Iterable[CaseAtStep[C]]) -> list[CaseAtStep[C]]:
        """Write what was found; gives the cases that can be judged."""
        return [
            each for each in ready if each.asked is None or self._can_be_judged(connection, each, each.asked)
        ]

    def _can_be_judged(self, connection: Connection, standing: CaseAtStep[C], asked: EffectFinding) -> bool:
        step, case, (effect, finding) = standing.at.step, standing.case, asked
        if isinstance(finding, datetime):
            if not step.urgent:
                self.updates.come_back(case, finding)
            return step.urgent
        provider_id = finding.provider_id if isinstance(finding, Arrived) else None
        state = unknown_effects.STATES[type(finding)]
        may_be_there = isinstance(finding, NotArrived) and not finding.surely
        effects.finish(connection, [Closing(effect.id, state, provider_id, may_be_there)])
        self.updates.note(case, Entry("effect_asked_about", state, detail={"system": effect.system}))
        if state is EffectState.PARKED:
            self.updates.parked.append((case, "unknown_effect"))
        if step.urgent:
            return True
        if isinstance(finding, NotArrived) and case.tries >= len(step.backoff):
            self.updates.try_later(step, case, UnknownOutcome("answer_lost"))
            return False
        case.tries += isinstance(finding, NotArrived)
        return True

    # --- the gate

    def _judge_all(self, connection: Connection, ready: Sequence[CaseAtStep[C]], at: datetime) -> None:
        ready = self._without_news(connection, self._settle(connection, ready))
        was_down = breaker.states(connection) if ready else {}
        ours = _read_once(connection, ready)
        sends: list[CallOfCase[C]] = []
        for at_step, standings in groupby(ready, key=lambda each: each.at):
            sends += self._judge(connection, at_step, list(standings), ours, at, was_down)
        self._begin(connection, sends)

    def _without_news(self, connection: Connection, ready: Sequence[CaseAtStep[C]]) -> list[CaseAtStep[C]]:
        """Those for which no event waits: what has been committed counts, so the others take theirs in first."""
        process = self._claim.model.PROCESS
        news = inbox.keys_with_new_events(connection, process, [each.case.key for each in ready])
        left = []
        for each in ready:
            if each.case.key in news or ("" in news and not each.at.step.urgent):
                self.updates.come_back(each.case, clock.now())
            else:
                left.append(each)
        return left

    def _judge(
        self,
        connection: Connection,
        at_step: StepRun[C],
        standings: Sequence[CaseAtStep[C]],
        ours: Mapping[ReadOnce[C], Mapping[uuid.UUID, Any]],
        at: datetime,
        was_down: Mapping[str, datetime],
    ) -> list[CallOfCase[C]]:
        """Judge the cases before one step; gives the effects to begin."""
        step, cases = at_step.step, [each.case for each in standings]
        seen = {id: what for each in standings for id, what in each.seen.items()}
        once = ours[step.read_once] if step.read_once else {}
        facts = (
            step.read(connection, cases, seen, once) if step.read else dict.fromkeys([c.id for c in cases])
        )
        sends: list[CallOfCase[C]] = []
        for case in cases:
            verdict = _verdict(step, case, facts)
            if not isinstance(verdict, Call | Send):
                self.updates.apply(step, case, verdict)
                continue
            case.waiting_since = None  # whatever was waited for has been answered
            gated_at = min(at, at_step.looks.oldest.get(case.id, at))
            made = CallOfCase(at_step, case, verdict, None, gated_at)
            if self._may_be_called(made, None if step.urgent else was_down.get(made.system)):
                (sends if isinstance(verdict, Send) else self.calls).append(made)
        return sends

    def _may_be_called(self, made: CallOfCase[C], down_until: datetime | None) -> bool:
        """Whether its system is there, and has a slot, which is then taken."""
        system = made.system
        if down_until is not None and down_until > clock.now():
            self.updates.come_back(made.case, later(down_until, BREAKER_SPREAD))
            return False
        is_probe = down_until is not None
        if (is_probe and system in self._probing) or not self._slots.occupy(made):
            self._wait_for_slot(made)
            return False
        self._with_slot.append(made)
        if is_probe:
            self._probing.add(system)
            self.probes.add(system)
        return True

    def _wait_for_slot(self, made: CallOfCase[C]) -> None:
        self.stay[made.case.id] = made.at
        self._waits_for[made.case.id] = made.system

    def _begin(self, connection: Connection, sends: Sequence[CallOfCase[C]]) -> None:
        """Write *sending*; what another has done, has under way or has lost is not sent again."""
        first = {_send_of(each).key: each for each in reversed(sends)}
        begun = effects.begin_effects(connection, [_effect(each) for each in first.values()])
        left = [_send_of(each).key for each in sends if _send_of(each).key not in begun]
        others = effects.states_of(connection, left) if left else {}
        for each in sends:
            send = _send_of(each)
            if send.key in begun and first[send.key] is each:
                each.effect = begun[send.key]
                self.calls.append(each)
                continue
            self._with_slot.remove(each)
            self._slots.give_back(each)
            self._follow(each, send, others.get(send.key, EffectState.SENDING))

    def _follow(self, made: CallOfCase[C], send: Send, state: EffectState) -> None:
        """Go by what became of the same occasion elsewhere, or before."""
        if state is EffectState.DONE:
            self.updates.apply(made.step, made.case, done_before(send.then))
        elif state is EffectState.PARKED:
            entry = Entry("effect_unknown", "unknown_effect", detail={"system": made.system})
            self.updates.apply(made.step, made.case, left_open(send.then, entry))
        else:
            self.updates.come_back(made.case, later(clock.now(), TWIN_SECONDS))


def _by_step(back: Sequence[CallOfCase[C]]) -> list[tuple[Step[C], list[CallOfCase[C]]]]:
    steps: dict[StepRun[C], list[CallOfCase[C]]] = {}
    for each in back:
        steps.setdefault(each.at, []).append(each)
    return [(at.step, calls) for at, calls in steps.items()]


def _read_once(
    connection: Connection, ready: Sequence[CaseAtStep[C]]
) -> dict[ReadOnce[C], Mapping[uuid.UUID, Any]]:
    """What several steps need to know of their cases, read for all of them together."""
    return {read: read(connection, cases) for read, cases in by_reading(ready).items()}


def _verdict(step: Step[C], case: C, facts: Mapping[Any, Any]) -> Verdict:
    try:
        return step.gate(case, facts[case.id])
    except Exception as error:  # noqa: BLE001 (a bug in one case must not hold up the others)
        log.error("internal_error", step=step.name, case=str(case.id), error=type(error).__name__)
        return Park("internal_error")


def _send_of(made: CallOfCase[Any]) -> Send:
    assert isinstance(made.call, Send)
    return made.call


def _effect(made: CallOfCase[Any]) -> dict[str, Any]:
    now, send, system = clock.now(), _send_of(made), made.system
    place = {"id": uuid.uuid4(), "key": send.key, "process": made.case.PROCESS, "case_id": made.case.id}
    call = {"step": made.step.name, "system": system, "state": EffectState.SENDING, "tries": 1}
    times = {"sending_at": now, "deadline_at": now + longest_call(system)}
    said = {"likeness": send.likeness, "request": send.request, "token": send.token}
    return place | call | times | said | {"counted_for": send.counted_for}


def _is_answer(answer: Answer) -> bool:
    """Whether the system itself said something, be it no."""
    said = isinstance(answer, Done | Refused | Incident)
    return said or (isinstance(answer, NotSent) and answer.detail.startswith(("http_", "VP", "smtp_")))


def _closing(made: CallOfCase[Any]) -> Closing:
    assert made.effect is not None
    answer = made.answer
    if isinstance(answer, Done) and answer.sent:
        return Closing(made.effect, EffectState.DONE, answer.provider_id)
    state = EffectState.UNKNOWN if isinstance(answer, UnknownOutcome) else EffectState.NOT_SENT
    return Closing(made.effect, state, may_be_there=isinstance(answer, AnswerLost))
