"""One step over one chunk of cases: ask, look, judge, call, record."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import Connection

from engine import breaker, clock, effects, inbox, unsure
from engine.answers import Answers
from engine.calls import Calls, longest_call, system_of
from engine.claims import Hold, later
from engine.database import transaction
from engine.effects import Closing
from engine.errors import UnknownOutcome
from engine.looks import answered
from engine.moves import Moves, done_before, left_open
from engine.permits import Permits
from engine.settings import SystemName
from engine.steps import Step
from engine.timeline import Entry
from engine.verdicts import Arrived, Call, Finding, NotArrived, Park, Send, Verdict
from models.case import Case, Effect, EffectState

C = TypeVar("C", bound=Case)
LOOKED_SECONDS = 2.0
"""For so long what outer systems have said of a chunk's cases is not asked again, while they wait their turn."""
TWIN_SECONDS = 2.0
BREAKER_SPREAD = 5.0
Looked = tuple[Any, datetime]
"""What a step's `look` gave, and when."""
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
            self._looked = answered(self.step.look, self.cases) if self.step.look else None, clock.now()
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
                self._call(gated_at)
        finally:
            self._permits.give_back()

    def _call(self, gated_at: datetime) -> None:
        """Make the calls, and write what came of them."""
        made = Calls(self.step, self.hold, [call for _, call in self._calls], gated_at).make()
        answers = Answers(self.step, self.hold, self._begun)
        answers.record([(*asked, answer) for asked, answer in zip(self._calls, made, strict=True)])
        self.parked.extend(answers.parked)
        self.left += answers.left
        self.down |= answers.down
        self.answered |= answers.answered

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

    # --- what became of effects whose answer was lost

    def _settle(
        self, connection: Connection, mine: list[C], findings: Mapping[uuid.UUID, unsure.Asked]
    ) -> list[C]:
        """Write what was found; gives the cases that can be judged."""
        ready: list[C] = []
        for case in mine:
            effect, finding = findings.get(case.id, (None, None))
            if isinstance(finding, datetime):
                if self.step.urgent:
                    ready.append(case)
                else:
                    self._moves.come_back(case, finding)
                continue
            if effect is not None and finding is not None:
                self._close_asked(connection, case, effect, finding)
            if self.step.urgent:
                ready.append(case)
                continue
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
        keys = [case.key for case in ready]
        heard = inbox.heard(connection, self.hold.model.PROCESS, keys, urgent=self.step.urgent)
        for case in ready:
            if case.key in heard:
                self._moves.come_back(case, clock.now())
        return [case for case in ready if case.key not in heard]

    def _judge(self, connection: Connection, ready: Sequence[C], facts: Mapping[Any, Any]) -> None:
        sends: list[tuple[C, Send]] = []
        heeded = () if self.step.urgent else self.step.systems
        was_down, now = breaker.states(connection, heeded), clock.now()
        for case in ready:
            verdict = self._verdict(case, facts)
            if not isinstance(verdict, Call | Send):
                self._moves.apply(case, verdict)
                continue
            case.waiting_since = None  # whatever was waited for has been answered
            system = system_of(self.step, verdict)
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
        now, system = clock.now(), system_of(self.step, send)
        place = {"id": uuid.uuid4(), "key": send.key, "process": case.PROCESS, "case_id": case.id}
        call = {"step": self.step.name, "system": system, "state": EffectState.SENDING, "tries": 1}
        times = {"sending_at": now, "deadline_at": now + longest_call(system)}
        return (
            place | call | times | {"likeness": send.likeness, "request": send.request, "token": send.token}
        )

    def _follow(self, case: C, send: Send, state: EffectState) -> None:
        """Go by what became of the same occasion elsewhere, or before."""
        if state is EffectState.DONE:
            self._moves.apply(case, done_before(send.then))
        elif state is EffectState.PARKED:
            told = Entry("effect_unknown", "unknown_effect", detail={"system": system_of(self.step, send)})
            self._moves.apply(case, left_open(send.then, told))
        else:
            self._moves.come_back(case, later(clock.now(), TWIN_SECONDS))
