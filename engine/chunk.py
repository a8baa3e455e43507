"""One step over one chunk of cases: ask, look, judge, call, record."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar, cast

import structlog
from sqlalchemy import Connection

from engine import breaker, clock, effects, inbox, incidents, unsure
from engine.claims import Hold, later
from engine.database import OUTAGES, is_away, transaction
from engine.effects import Closing
from engine.errors import Incident, NotSent, Refused, SystemDown, UnknownOutcome, VaxelError
from engine.halving import halved
from engine.moves import Moves, done_before, left_open
from engine.permits import Permits
from engine.settings import SystemName, settings
from engine.steps import Step, threads
from engine.timeline import Entry
from engine.verdicts import Arrived, Call, Done, Finding, NotArrived, Park, Send, Verdict
from models.case import Case, Effect, EffectState

C = TypeVar("C", bound=Case)
GATE_SECONDS = 5.0
"""The longest time between the gate and the call that it let through."""
LOOKED_SECONDS = 2.0
"""For so long what outer systems have said of a chunk's cases is not asked again, while they wait their turn."""
TWIN_SECONDS = 2.0
BREAKER_SPREAD = 5.0
Answer = Done | VaxelError
Looked = tuple[Any, datetime]
"""What a step's `look` gave, and when."""
Answered = tuple[tuple[C, Call | Send], Answer]
log = structlog.get_logger()


class Chunk(Generic[C]):
    """A chunk on its way through a step. `run` once.

    Then `down` and `answered` tell how the systems were, `left` which cases are still to be walked.
    """

    def __init__(
        self, step: Step[C], hold: Hold[C], cases: Sequence[C], looked: Looked | None = None
    ) -> None:
        self.step = step
        self.hold = hold
        self.cases = list(cases)
        self.down: set[str] = set()
        self.answered: set[str] = set()
        self.probed: set[str] = set()
        """Systems that were down and are let have one call, to see whether they answer again."""
        self.left: list[C] = []
        self._looked = looked
        self._moves = Moves(step)
        self._permits = Permits()
        self._deadlines = {name: settings().system(name).deadline for name in step.systems}
        self._begun: dict[uuid.UUID, uuid.UUID] = {}
        self._calls: list[tuple[C, Call | Send]] = []

    @property
    def parked(self) -> list[tuple[C, str]]:
        """The cases that were parked, with the reason."""
        return self._moves.parked

    def run(self) -> None:
        """Take the chunk through the step."""
        findings = unsure.findings(self.step, [c.id for c in self.cases if c.id in self.hold.unsure])
        if self._looked is None:
            self._looked = self.step.look(self.cases) if self.step.look else None, clock.now()
        seen, gated_at = self._looked
        try:
            with transaction() as connection:
                mine = self.hold.ours(connection, self.cases)
                before = {case.id: self.hold.image(case) for case in mine}
                ready = self._without_news(connection, self._settle(connection, mine, findings))
                facts = self.step.read(connection, ready, seen) if self.step.read else {}
                self._judge(connection, ready, facts)
                self._moves.write(connection)
                self.hold.write(connection, [c for c in mine if self.hold.image(c) != before[c.id]])
            if self._calls:
                self._record(self._call(gated_at))
        finally:
            self._permits.give_back()

    def rest(self) -> Chunk[C] | None:
        """The cases that had to wait behind our own calls, with what has just been looked up for them too.

        None: there are none, a system is or was down, or too much time has gone by since.
        """
        assert self._looked is not None
        fresh = clock.now() - self._looked[1] < timedelta(seconds=LOOKED_SECONDS)
        if not self.left or self.down or self.probed or not fresh:
            return None
        cases, self.left = self.left, []
        return Chunk(self.step, self.hold, cases, self._looked)

    def _write(self, connection: Connection, cases: Sequence[C]) -> None:
        self._moves.write(connection)
        self.hold.write(connection, cases)

    # --- what became of effects whose answer was lost

    def _settle(
        self, connection: Connection, mine: list[C], findings: Mapping[uuid.UUID, unsure.Asked]
    ) -> list[C]:
        """Write what was found; gives the cases that can be judged."""
        ready: list[C] = []
        for case in mine:
            effect, finding = findings.get(case.id, (None, None))
            if isinstance(finding, datetime):
                self._moves.come_back(case, finding)
                continue
            if effect is not None and finding is not None:
                self._close_asked(connection, case, effect, finding)
            if isinstance(finding, NotArrived) and case.tries >= len(self.step.backoff):
                self._moves.try_later(case, UnknownOutcome("answer_lost"))
                continue
            case.tries += isinstance(finding, NotArrived)
            ready.append(case)
        return ready

    def _close_asked(self, connection: Connection, case: C, effect: Effect, finding: Finding) -> None:
        provider_id = finding.provider_id if isinstance(finding, Arrived) else None
        state = unsure.STATES[type(finding)]
        effects.finish(connection, [Closing(effect.id, state, provider_id)])
        self._moves.tell(case, Entry("effect_asked_about", state, detail={"system": effect.system}))
        if state is EffectState.PARKED:
            self.parked.append((case, "unknown_effect"))

    # --- the gate

    def _without_news(self, connection: Connection, ready: Sequence[C]) -> list[C]:
        """Those for which no event waits: what has been committed counts, so the others take theirs in first."""
        heard = inbox.heard(connection, self.hold.model.PROCESS, [case.key for case in ready])
        for case in ready:
            if case.key in heard:
                self._moves.come_back(case, clock.now())
        return [case for case in ready if case.key not in heard]

    def _judge(self, connection: Connection, ready: Sequence[C], facts: Mapping[Any, Any]) -> None:
        sends: list[tuple[C, Send]] = []
        was_down, now = breaker.states(connection, self.step.systems), clock.now()
        for case in ready:
            verdict = self._verdict(case, facts)
            if not isinstance(verdict, Call | Send):
                self._moves.apply(case, verdict)
                continue
            case.waiting_since = None  # whatever was waited for has been answered
            system = _system_of(self.step, verdict)
            until = was_down.get(system)
            if until is not None and until > now:
                self._moves.come_back(case, later(until, BREAKER_SPREAD))
            elif system in self.probed:
                self.left.append(case)
            elif system in self.step.blind and not self._permits.take(system):
                self._wait_for_permit(case, system)
            else:
                self.probed |= {system} if until else set()
                (sends if isinstance(verdict, Send) else self._calls).append((case, verdict))  # type: ignore[arg-type]
        self._begin(connection, sends)

    def _wait_for_permit(self, case: C, system: SystemName) -> None:
        """Behind our own calls the case stays in the walk; behind another run's it comes back shortly."""
        if self._permits.taken(system):
            self.left.append(case)
        else:
            self._moves.come_back(case, later(clock.now(), TWIN_SECONDS))

    def _verdict(self, case: C, facts: Mapping[Any, Any]) -> Verdict:
        try:
            return self.step.gate(case, facts.get(case.id))
        except Exception as error:  # noqa: BLE001 (a bug in one case must not hold up the others)
            log.error("internal_error", step=self.step.name, case=str(case.id), error=type(error).__name__)
            return Park("internal_error")

    def _begin(self, connection: Connection, sends: Sequence[tuple[C, Send]]) -> None:
        """Write *sending*; what another has done, has under way or has lost is not sent again."""
        first = {send.key: (case, send) for case, send in reversed(sends)}
        begun = effects.begin(connection, [self._effect(*each) for each in first.values()])
        left = [send.key for _, send in sends if send.key not in begun]
        others = effects.states_of(connection, left) if left else {}
        for case, send in sends:
            if send.key in begun and first[send.key][0] is case:
                self._begun[case.id] = begun[send.key]
                self.hold.unsure.add(case.id)
                self._calls.append((case, send))
            else:
                self._follow(case, send, others.get(send.key, EffectState.SENDING))

    def _effect(self, case: C, send: Send) -> dict[str, Any]:
        now, system = clock.now(), _system_of(self.step, send)
        place = {"id": uuid.uuid4(), "key": send.key, "process": case.PROCESS, "case_id": case.id}
        call = {"step": self.step.name, "system": system, "state": EffectState.SENDING, "tries": 1}
        times = {"sending_at": now, "deadline_at": now + self._longest_call(system)}
        return (
            place | call | times | {"likeness": send.likeness, "request": send.request, "token": send.token}
        )

    def _follow(self, case: C, send: Send, state: EffectState) -> None:
        """Go by what became of the same occasion elsewhere, or before."""
        if state is EffectState.DONE:
            self._moves.apply(case, done_before(send.then))
        elif state is EffectState.PARKED:
            told = Entry("effect_unknown", "unknown_effect", detail={"system": _system_of(self.step, send)})
            self._moves.apply(case, left_open(send.then, told))
        else:
            self._moves.come_back(case, later(clock.now(), TWIN_SECONDS))

    # --- the call

    def _call(self, gated_at: datetime) -> list[Answer]:
        if self.step.act_many is not None:
            return halved(partial(self._many, gated_at), [call.payload for _, call in self._calls])
        if len(self._calls) == 1:
            return [self._one(self._calls[0][1], gated_at)]
        answers: dict[int, Answer] = {}
        takers = []
        for system, calls in self._by_system().items():
            left, wide = iter(calls), min(len(calls), settings().system(system).threads)
            takers += [threads(system).submit(self._take, left, gated_at, answers) for _ in range(wide)]
        for taker in takers:
            taker.result()
        return [answers[at] for at in range(len(self._calls))]

    def _by_system(self) -> dict[SystemName, list[tuple[int, Call | Send]]]:
        """The calls with their places, by system."""
        calls: dict[SystemName, list[tuple[int, Call | Send]]] = {}
        for at, (_, call) in enumerate(self._calls):
            calls.setdefault(_system_of(self.step, call), []).append((at, call))
        return calls

    def _take(
        self, left: Iterator[tuple[int, Call | Send]], gated_at: datetime, answers: dict[int, Answer]
    ) -> None:
        """One of a system's threads: makes call after call until none is left (all take from one iterator)."""
        for at, call in left:
            answers[at] = self._one(call, gated_at)

    def _many(self, gated_at: datetime, payloads: Sequence[Any]) -> Sequence[Done]:
        assert self.step.act_many is not None
        self._see_that_it_fits(self.step.system, gated_at)
        return self.step.act_many(payloads)

    def _see_that_it_fits(self, system: SystemName, gated_at: datetime) -> None:
        """The gate's word is not too old, and the call ends within the lease.

        Raises:
            NotSent: 'gate_too_old'.
        """
        now, deadline = clock.now(), timedelta(seconds=self._deadlines[system])
        if now - gated_at > timedelta(seconds=GATE_SECONDS) or now + deadline > self.hold.lease_until:
            raise NotSent("gate_too_old")

    def _one(self, call: Call | Send, gated_at: datetime) -> Answer:
        """One call; not made when the gate's word is too old, the lease too short, or the system gone."""
        system = _system_of(self.step, call)
        if system in self.down:
            return SystemDown("unreachable")
        assert self.step.act is not None
        try:
            self._see_that_it_fits(system, gated_at)
            return self.step.act(call.payload)
        except SystemDown as error:
            self.down.add(system)
            return error
        except VaxelError as error:
            return error
        except Exception as error:  # noqa: BLE001 (a bug in one case must not hold up the others)
            log.error("internal_error", step=self.step.name, error=type(error).__name__)
            return UnknownOutcome("internal_error", type(error).__name__)

    # --- what came of it

    def _record(self, answers: Sequence[Answer]) -> None:
        """What came of the calls is written whatever becomes of the rest: no bug of ours may lose it."""
        answered = list(zip(self._calls, answers, strict=True))
        ends = {c.id: _closing(self._begun[c.id], a) for (c, _), a in answered if c.id in self._begun}
        if self.step.blind:  # at once: what a crash leaves open there, nobody can be asked about
            with transaction() as connection:
                effects.finish(connection, ends.values())
        with transaction() as connection:
            mine = self.hold.ours(connection, [case for case, _ in self._calls])
            if not self.step.blind:
                effects.finish(connection, ends.values())
            parked, left = len(self.parked), list(self.left)
            written = self._are_written(connection, mine, answered)
        self.hold.unsure -= {id for id, end in ends.items() if end.state is not EffectState.UNKNOWN}
        if not written:
            del self.parked[parked:]
            self.left = left
            self._one_by_one(answered)

    def _are_written(
        self, connection: Connection, mine: Sequence[C], answered: Sequence[Answered[C]]
    ) -> bool:
        """Write what the answers mean for the cases; undone if that breaks, without what has been written."""
        try:
            with connection.begin_nested():
                self._write_answers(connection, mine, answered)
        except Exception as error:
            if isinstance(error, OUTAGES) and is_away(error):
                raise
            log.error("answers_not_written", step=self.step.name, error=type(error).__name__)
            return False
        return True

    def _write_answers(
        self, connection: Connection, cases: Sequence[C], answered: Sequence[Answered[C]]
    ) -> None:
        mine = {case.id: case for case in cases}
        kept = [(mine[c.id], call, answer) for (c, call), answer in answered if c.id in mine]
        done = [(case, call.payload) for case, call, answer in kept if isinstance(answer, Done)]
        if self.step.record and done:
            self.step.record(connection, done)
        for case, call, answer in kept:
            self._answer(case, call, answer)
        self._write(connection, [case for case, _, _ in kept])

    def _one_by_one(self, answered: Sequence[Answered[C]]) -> None:
        """Each case by itself, read anew; the one that breaks is parked."""
        parked = self._moves.parked
        for (case, call), answer in answered:
            self._moves = Moves(self.step, parked)
            try:
                with transaction() as connection:
                    self._write_answers(
                        connection, self.hold.again(connection, [case]), [((case, call), answer)]
                    )
            except OUTAGES:
                raise
            except Exception as error:  # noqa: BLE001 (one case must not hold up the others)
                log.error(
                    "internal_error", step=self.step.name, case=str(case.id), error=type(error).__name__
                )
                self._moves = Moves(self.step, parked)
                with transaction() as connection:
                    fresh = self.hold.again(connection, [case])
                    for one in fresh:
                        self._moves.apply(one, Park("internal_error"))
                    self._write(connection, fresh)

    def _answer(self, case: C, call: Call | Send, answer: Answer) -> None:
        system = _system_of(self.step, call)
        if isinstance(answer, SystemDown):
            self.down.add(system)
        elif _is_answer(answer):
            self.answered.add(system)
        match answer:
            case Done():
                self._moves.apply(case, answer.go)
            case SystemDown():
                self.left.append(case)
            case Refused() | Incident():
                if isinstance(answer, Incident):
                    incidents.note(system, answer.reason)
                self._moves.tell(case, Entry("refused", answer.reason, detail={"detail": answer.detail}))
                self._moves.apply(case, Park(answer.reason))
            case UnknownOutcome() if isinstance(call, Send):
                self._moves.tell(case, Entry("answer_lost", answer.reason, detail={"detail": answer.detail}))
                self._moves.come_back(case, self._judged_from(system, clock.now()))
            case NotSent(reason="gate_too_old"):
                self._moves.come_back(case, clock.now())
            case _:
                self._moves.try_later(case, answer)

    def _longest_call(self, system: SystemName) -> timedelta:
        """From the gate to the end of the call that it let through."""
        return timedelta(seconds=GATE_SECONDS + self._deadlines[system])

    def _judged_from(self, system: SystemName, sent_at: datetime) -> datetime:
        """When an effect whose answer was lost may be judged: the deadline over, and the system settled."""
        return sent_at + self._longest_call(system) + timedelta(seconds=settings().system(system).settling)


def _is_answer(answer: Answer) -> bool:
    """Whether the system itself said something, be it no."""
    said = isinstance(answer, Done | Refused | Incident)
    return said or (isinstance(answer, NotSent) and answer.detail.startswith(("http_", "VP", "smtp_")))


def _closing(effect_id: uuid.UUID, answer: Answer) -> Closing:
    if isinstance(answer, Done) and answer.sent:
        return Closing(effect_id, EffectState.DONE, answer.provider_id)
    state = EffectState.UNKNOWN if isinstance(answer, UnknownOutcome) else EffectState.NOT_SENT
    return Closing(effect_id, state)


def _named(system: str) -> SystemName:
    return cast(SystemName, system)


def _system_of(step: Step[Any], call: Call | Send) -> SystemName:
    return _named((call.system if isinstance(call, Send) else "") or step.system)
