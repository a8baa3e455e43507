"""One step over one chunk of cases: ask, look, judge, call, record."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar, cast

import structlog
from sqlalchemy import Connection

from engine import breaker, clock, effects
from engine.claims import Hold, later
from engine.database import transaction
from engine.effects import Closing
from engine.errors import Incident, NotSent, Refused, SystemDown, UnknownOutcome, VaxelError
from engine.halving import halved
from engine.settings import SystemName, settings
from engine.steps import Step, threads
from engine.timeline import Entry, append
from engine.verdicts import Arrived, Call, CannotTell, Done, Finding, Go, NotArrived, Park, Rest, Send, Verdict, Wait
from models.case import Case, Effect, EffectState

C = TypeVar("C", bound=Case)
GATE_SECONDS = 5.0
"""The longest time between the gate and the call that it let through."""
TWIN_SECONDS = 2.0
BREAKER_SPREAD = 5.0
OF_FINDING: dict[type[Finding], EffectState] = {
    Arrived: EffectState.DONE,
    NotArrived: EffectState.NOT_SENT,
    CannotTell: EffectState.PARKED,
}
log = structlog.get_logger()


class Chunk(Generic[C]):
    """A chunk on its way through a step. `run` once.

    Then `down` and `answered` tell how the systems were, `left` which cases wait for one that is down.
    """

    def __init__(self, step: Step[C], hold: Hold[C], cases: Sequence[C]) -> None:
        self.step = step
        self.hold = hold
        self.cases = list(cases)
        self.down: set[str] = set()
        self.answered: set[str] = set()
        self.left: list[C] = []
        self.parked: list[tuple[C, str]] = []
        self._told: list[tuple[C, Entry]] = []
        self._begun: dict[uuid.UUID, tuple[uuid.UUID, Send]] = {}
        self._calls: list[tuple[C, Call | Send]] = []

    def run(self) -> None:
        """Take the chunk through the step."""
        findings = self._ask()
        seen = self.step.look(self.cases) if self.step.look else None
        gated_at = clock.now()
        with transaction() as connection:
            mine = self.hold.ours(connection, self.cases)
            ready = self._settle(connection, mine, findings)
            facts = self.step.read(connection, ready, seen) if self.step.read else {}
            self._judge(connection, ready, facts)
            self._write(connection, mine)
        if self._calls:
            answers = self._call(gated_at)
            with transaction() as connection:
                self._record(connection, answers)

    # --- what became of effects whose answer was lost

    def _ask(self) -> dict[uuid.UUID, tuple[Effect, Finding | datetime]]:
        with transaction() as connection:
            unsure = effects.still_open(connection, self.step.name, [case.id for case in self.cases])
        return {case_id: (effect, self._asked(effect)) for case_id, effect in unsure.items()}

    def _asked(self, effect: Effect) -> Finding | datetime:
        """The finding, or when to ask again; nobody judges before the settling time is over."""
        judged_from = effect.deadline_at + timedelta(seconds=settings().system(_named(effect.system)).settling)
        if judged_from > clock.now():
            return judged_from
        if self.step.ask is None:
            return CannotTell()
        try:
            return self.step.ask(effect)
        except (NotSent, UnknownOutcome):
            return later(clock.now(), self.step.backoff[0])
        except (Refused, Incident):
            return CannotTell()

    def _settle(
        self, connection: Connection, mine: list[C], findings: dict[uuid.UUID, tuple[Effect, Any]]
    ) -> list[C]:
        """Write what was found; gives the cases that can be judged."""
        ready: list[C] = []
        for case in mine:
            effect, finding = findings.get(case.id, (None, None))
            if isinstance(finding, datetime):
                case.due_at = finding
                continue
            if effect is not None:
                self._close_asked(connection, case, effect, finding)
            ready.append(case)
        return ready

    def _close_asked(self, connection: Connection, case: C, effect: Effect, finding: Finding) -> None:
        provider_id = finding.provider_id if isinstance(finding, Arrived) else None
        state = OF_FINDING[type(finding)]
        effects.finish(connection, [Closing(effect.id, state, provider_id)])
        self._told.append((case, Entry("effect_asked_about", reason=str(state), detail={"system": effect.system})))
        if state is EffectState.PARKED:
            self.parked.append((case, "unknown_effect"))

    # --- the gate

    def _judge(self, connection: Connection, ready: Sequence[C], facts: Any) -> None:
        sends: list[tuple[C, Send]] = []
        closed = {system: breaker.open_until(system) for system in self.step.systems}
        for case in ready:
            verdict = self._verdict(case, facts)
            if isinstance(verdict, Call | Send) and (until := closed[_system_of(self.step, verdict)]):
                case.due_at = later(until, BREAKER_SPREAD)
            elif isinstance(verdict, Send) and self._is_full(verdict, sends):
                self.left.append(case)
            elif isinstance(verdict, Send):
                sends.append((case, verdict))
            elif isinstance(verdict, Call):
                self._calls.append((case, verdict))
            else:
                self._apply(case, verdict)
        self._begin(connection, sends)

    def _is_full(self, send: Send, sends: Sequence[tuple[C, Send]]) -> bool:
        """Whether as many are on their way as can be unknown at once, to a system that can't be asked."""
        system = _system_of(self.step, send)
        under_way = sum(_system_of(self.step, other) == system for _, other in sends)
        return system in self.step.blind and under_way >= settings().system(system).threads

    def _verdict(self, case: C, facts: Any) -> Verdict:
        try:
            return self.step.gate(case, facts.get(case.id))
        except Exception as error:  # noqa: BLE001 (a bug in one case must not hold up the others)
            log.error("internal_error", step=self.step.name, case=str(case.id), error=type(error).__name__)
            return Park("internal_error")

    def _begin(self, connection: Connection, sends: Sequence[tuple[C, Send]]) -> None:
        """Write *sending*; what another has done, has under way or has lost is not sent again."""
        wanted = {send.key: (case, self._effect(case, send)) for case, send in reversed(sends)}
        begun = effects.begin(connection, [effect for _, effect in wanted.values()])
        others = effects.states_of(connection, [send.key for _, send in sends if send.key not in begun])
        for case, send in sends:
            if send.key in begun and wanted[send.key][0] is case:
                self._begun[case.id] = (begun[send.key], send)
                self._calls.append((case, send))
            else:
                self._follow(case, send, others.get(send.key, EffectState.SENDING))

    def _effect(self, case: C, send: Send) -> Effect:
        now = clock.now()
        system = _system_of(self.step, send)
        deadline = now + timedelta(seconds=GATE_SECONDS + settings().system(system).deadline)
        known = {"likeness": send.likeness, "request": send.request, "token": send.token}
        place = {"process": case.PROCESS, "case_id": case.id, "step": self.step.name, "system": system}
        times = {"sending_at": now, "deadline_at": deadline}
        state = EffectState.SENDING
        return Effect(id=uuid.uuid4(), key=send.key, state=state, tries=1, **place, **times, **known)

    def _follow(self, case: C, send: Send, state: EffectState) -> None:
        """Go by what became of the same occasion elsewhere, or before."""
        if state is EffectState.DONE:
            self._apply(case, _done_before(send.then))
        elif state is EffectState.PARKED:
            told = Entry("effect_unknown", "unknown_effect", detail={"system": _system_of(self.step, send)})
            self._apply(case, _left_open(send.then, told))
        else:
            case.due_at = later(clock.now(), TWIN_SECONDS)

    # --- the call

    def _call(self, gated_at: datetime) -> list[Done | VaxelError]:
        if self.step.act_many is not None:
            return halved(self.step.act_many, [call.payload for _, call in self._calls])
        if len(self._calls) == 1:
            return [self._one(self._calls[0][1], gated_at)]
        waiting: list[Future[Done | VaxelError]] = [
            threads(_system_of(self.step, call)).submit(self._one, call, gated_at) for _, call in self._calls
        ]
        return [future.result() for future in waiting]

    def _one(self, call: Call | Send, gated_at: datetime) -> Done | VaxelError:
        """One call; not made when the gate's word is too old, the lease too short, or the system gone."""
        now = clock.now()
        system = _system_of(self.step, call)
        deadline = timedelta(seconds=settings().system(system).deadline)
        if system in self.down:
            return SystemDown("unreachable")
        if now - gated_at > timedelta(seconds=GATE_SECONDS) or now + deadline > self.hold.lease_until:
            return NotSent("gate_too_old")
        assert self.step.act is not None
        try:
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

    def _record(self, connection: Connection, answers: Sequence[Done | VaxelError]) -> None:
        answered = list(zip(self._calls, answers, strict=True))
        closings = [self._closing(case, answer) for (case, _), answer in answered if case.id in self._begun]
        effects.finish(connection, [closing for closing in closings if closing])
        mine = {case.id for case in self.hold.ours(connection, [case for case, _ in self._calls])}
        done = [(c, call.payload) for (c, call), a in answered if isinstance(a, Done) and c.id in mine]
        if self.step.record and done:
            self.step.record(connection, done)
        for (case, call), answer in answered:
            if case.id in mine:
                self._answer(case, call, answer)
        self._write(connection, [case for case, _ in self._calls if case.id in mine])

    def _closing(self, case: C, answer: Done | VaxelError) -> Closing | None:
        effect_id, _ = self._begun[case.id]
        if isinstance(answer, Done):
            return Closing(effect_id, EffectState.DONE, answer.provider_id)
        state = EffectState.UNKNOWN if isinstance(answer, UnknownOutcome) else EffectState.NOT_SENT
        return Closing(effect_id, state)

    def _answer(self, case: C, call: Call | Send, answer: Done | VaxelError) -> None:
        if not isinstance(answer, SystemDown):
            self.answered.add(_system_of(self.step, call))
        match answer:
            case Done():
                self._apply(case, answer.go)
            case SystemDown():
                self.down.add(_system_of(self.step, call))
                self.left.append(case)
            case Refused() | Incident():
                self._apply(case, Park(answer.reason))
                self._told.append((case, Entry("refused", answer.reason, detail={"detail": answer.detail})))
            case UnknownOutcome() if isinstance(call, Send):
                case.due_at = _judged_from(_system_of(self.step, call), clock.now())
                self._told.append((case, Entry("answer_lost", answer.reason, detail={"detail": answer.detail})))
            case _:
                self._try_later(case, answer)

    def _try_later(self, case: C, error: VaxelError) -> None:
        """Up the ladder; when it is used up, as the step says, else parked."""
        if error.reason == "gate_too_old":
            case.due_at = clock.now()
            return
        self._climb(case, error.reason)
        self._told.append((case, Entry("failed", error.reason, detail={"detail": error.detail, "try": case.tries})))

    def _climb(self, case: C, reason: str) -> None:
        case.trying_since = case.trying_since or clock.now()
        if case.tries < len(self.step.backoff):
            case.due_at = later(clock.now(), self.step.backoff[case.tries])
            case.tries += 1
        else:
            exhausted = self.step.exhausted
            self._apply(case, exhausted(case, reason) if exhausted else Park(reason))

    def _apply(self, case: C, verdict: Go | Wait | Park) -> None:
        match verdict:
            case Go():
                self._go(case, verdict)
            case Park():
                case.parked, case.due_at = verdict.reason, None
                self._told.append((case, Entry("parked", verdict.reason, verdict.clause)))
                self.parked.append((case, verdict.reason))
            case Wait():
                if verdict.entry and not case.trying_since:
                    self._told.append((case, verdict.entry))
                case.trying_since = case.trying_since or clock.now()
                case.due_at = verdict.until or later(clock.now(), self.step.backoff[-1])

    def _go(self, case: C, go: Go) -> None:
        if go.state not in case.TRANSITIONS[case.state]:
            log.error("no_transition", step=self.step.name, state=case.state, to=go.state)
            return self._apply(case, Park("internal_error"))
        case.state, case.tries, case.trying_since = go.state, 0, None
        case.due_at = go.due_at if isinstance(go, Rest) else go.due_at or clock.now()
        for name, value in go.changes.items():
            setattr(case, name, value)
        self._told.extend((case, entry) for entry in go.entries)
        return None

    def _write(self, connection: Connection, cases: Sequence[C]) -> None:
        append(connection, clock.now(), self._told)
        self._told = []
        self.hold.write(connection, cases)


def _named(system: str) -> SystemName:
    return cast(SystemName, system)


def _system_of(step: Step[Any], call: Call | Send) -> SystemName:
    return _named((call.system if isinstance(call, Send) else "") or step.system)


def _judged_from(system: SystemName, sent_at: datetime) -> datetime:
    """When an effect whose answer was lost may be judged: the deadline over, and the system settled."""
    at = settings().system(system)
    return sent_at + timedelta(seconds=GATE_SECONDS + at.deadline + at.settling)


def _done_before(go: Go) -> Go:
    entries = tuple(replace(entry, detail={**entry.detail, "done": "before"}) for entry in go.entries)
    return replace(go, entries=entries)


def _left_open(go: Go, instead: Entry) -> Go:
    """The case goes on, but what the effect would have changed stays as it is, until a human has settled it."""
    return type(go)(go.state, (instead,), go.due_at)
