"""What came of a chunk's calls: effects closed, cases moved, timelines written."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import Connection

from engine import clock, effects, incidents
from engine.calls import Answer, longest_call, system_of
from engine.claims import Hold
from engine.database import OUTAGES, is_away, transaction
from engine.effects import Closing
from engine.errors import Incident, NotSent, Refused, SystemDown, UnknownOutcome
from engine.moves import Moves
from engine.settings import settings
from engine.steps import Step
from engine.timeline import Entry
from engine.verdicts import Call, Done, Park, Send
from models.case import Case, EffectState

C = TypeVar("C", bound=Case)
Answered = tuple[C, Call | Send, Answer]
log = structlog.get_logger()


class Answers(Generic[C]):
    """The answers to a step's calls. `record` once.

    Then `parked` has the cases that were parked, with the reason; `left` those whose system is down; `down` and
    `answered` tell how the systems were.
    """

    def __init__(self, step: Step[C], hold: Hold[C], begun: Mapping[uuid.UUID, uuid.UUID]) -> None:
        self.parked: list[tuple[C, str]] = []
        self.left: list[C] = []
        self.down: set[str] = set()
        self.answered: set[str] = set()
        self._step = step
        self._hold = hold
        self._begun = begun

    def record(self, answers: Sequence[Answered[C]]) -> None:
        """What came of the calls is written whatever becomes of the rest: no bug of ours may lose it."""
        begun = [(case, answer) for case, _, answer in answers if case.id in self._begun]
        ends = {case.id: _closing(self._begun[case.id], answer) for case, answer in begun}
        if self._step.blind:  # at once: what a crash leaves open there, nobody can be asked about
            with transaction() as connection:
                effects.finish(connection, ends.values())
        with transaction() as connection:
            mine = self._hold.ours(connection, [case for case, _, _ in answers])
            if not self._step.blind:
                effects.finish(connection, ends.values())
            written = self._are_written(connection, mine, answers)
        self._hold.unsure -= {id for id, end in ends.items() if end.state is not EffectState.UNKNOWN}
        if not written:
            for answer in answers:
                self._by_itself(answer)

    def _are_written(self, connection: Connection, mine: Sequence[C], answers: Sequence[Answered[C]]) -> bool:
        """Write what the answers mean for the cases; undone if that breaks, without what has been written."""
        try:
            with connection.begin_nested():
                self._write(connection, mine, answers)
        except Exception as error:
            if isinstance(error, OUTAGES) and is_away(error):
                raise
            log.error("answers_not_written", step=self._step.name, error=type(error).__name__)
            return False
        return True

    def _by_itself(self, answer: Answered[C]) -> None:
        """One case, read anew; if it is the one that breaks, it is parked."""
        case = answer[0]
        try:
            with transaction() as connection:
                self._write(connection, self._hold.again(connection, [case]), [answer])
        except OUTAGES:
            raise
        except Exception as error:  # noqa: BLE001 (one case must not hold up the others)
            log.error("internal_error", step=self._step.name, case=str(case.id), error=type(error).__name__)
            moves = Moves(self._step)
            with transaction() as connection:
                fresh = self._hold.again(connection, [case])
                for one in fresh:
                    moves.apply(one, Park("internal_error"))
                moves.write(connection)
                self._hold.write(connection, fresh)
            self.parked += moves.parked

    def _write(self, connection: Connection, cases: Sequence[C], answers: Sequence[Answered[C]]) -> None:
        """Move the cases that are ours and write them; what there is to tell of it is told once that is done."""
        moves, mine = Moves(self._step), {case.id: case for case in cases}
        kept = [(mine[case.id], call, answer) for case, call, answer in answers if case.id in mine]
        done = [
            (case, answer.found or call.payload) for case, call, answer in kept if isinstance(answer, Done)
        ]
        if self._step.record and done:
            self._step.record(connection, done)
        for each in kept:
            self._move(moves, *each)
        moves.write(connection)
        self._hold.write(connection, [case for case, _, _ in kept])
        self._note([(system_of(self._step, call), answer) for _, call, answer in kept])
        if not self._step.urgent:
            self.left += [case for case, _, answer in kept if isinstance(answer, SystemDown)]
        self.parked += moves.parked

    def _note(self, answers: Sequence[tuple[str, Answer]]) -> None:
        """How the systems were."""
        for system, answer in answers:
            if isinstance(answer, SystemDown) and not self._step.urgent:
                self.down.add(system)
            elif _is_answer(answer):
                self.answered.add(system)
            if isinstance(answer, Incident):
                incidents.note(system, answer.reason)

    def _move(self, moves: Moves[C], case: C, call: Call | Send, answer: Answer) -> None:
        match answer:
            case Done():
                moves.apply(case, answer.go)
            case NotSent(reason="gate_too_old"):
                moves.come_back(case, clock.now())
            case _ if self._step.urgent:
                moves.leave(case, answer)
            case SystemDown():
                pass  # it stays where it is, and in the walk
            case Refused() | Incident():
                moves.tell(case, Entry("refused", answer.reason, detail={"detail": answer.detail}))
                moves.apply(case, Park(answer.reason))
            case UnknownOutcome() if isinstance(call, Send):
                moves.tell(case, Entry("answer_lost", answer.reason, detail={"detail": answer.detail}))
                system = system_of(self._step, call)
                settling = timedelta(seconds=settings().system(system).settling)
                moves.come_back(case, clock.now() + longest_call(system) + settling)
            case _:
                moves.try_later(case, answer)


def _is_answer(answer: Answer) -> bool:
    """Whether the system itself said something, be it no."""
    said = isinstance(answer, Done | Refused | Incident)
    return said or (isinstance(answer, NotSent) and answer.detail.startswith(("http_", "VP", "smtp_")))


def _closing(effect_id: uuid.UUID, answer: Any) -> Closing:
    if isinstance(answer, Done) and answer.sent:
        return Closing(effect_id, EffectState.DONE, answer.provider_id)
    state = EffectState.UNKNOWN if isinstance(answer, UnknownOutcome) else EffectState.NOT_SENT
    return Closing(effect_id, state)
