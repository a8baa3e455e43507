"""The pump: cases come in where there is room, and go from step to step by their state; nobody waits for another.

    while cases come in or are inside:
        wait until something has come back
        take a turn: what came back is written, what is ready is judged, what is to be called is begun
        have the calls made, and the questions asked

A turn is one transaction (`engine.running.turn`). A call that hangs holds one slot (`engine.running.calls`), and its
own case.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any, Generic, Protocol, TypeVar

import structlog

from engine.base import clock
from engine.base.database import OUTAGES, is_away, transaction
from engine.base.settings import SystemName
from engine.outer import breaker, questions, threads
from engine.outer.looks import Drafts, Looks
from engine.running import calls, unknown_effects
from engine.running.calls import CallOfCase, Slots, is_too_old
from engine.running.runs import Run
from engine.running.step_run import CaseAtStep, StepRun, by_reading
from engine.running.turn import Turn
from engine.running.unknown_effects import EffectFinding
from engine.steps.step import Step
from engine.tables import effects
from engine.tables.claims import UNOPENED, Claim, renewed
from models.case import Case
from models.encryption import DoesNotOpen

C = TypeVar("C", bound=Case)
MOST_IN_A_TURN = 96
"""Cases that are judged in one transaction: whoever waits for it waits for tens of milliseconds."""
PULSE = 0.1
"""Seconds after which it is looked what has changed, if nothing has come back until then."""
GATHER = 0.5
"""Of the time that the last turn took, so much is waited for more to come back: the busier, the larger the turns."""
MOST_GATHERED = 0.03
LOOK_SECONDS = 1.0
AGAIN = 3
"""How often one case is tried whose writing the database has refused: a deadlock does not come thrice."""
HALTED_SECONDS = 30.0
"""So long a step stands still for somebody to say what comes of it; Prefect may be away."""
KEEP_SECONDS = 30.0
"""So long a database that is away is waited for, to close the effects of calls that have been made."""
RELEASE_SECONDS = 5.0
STANDS_SECONDS = 10.0
"""Who has stood before a step so long gives way to others who wait for room, and goes behind them."""
log = structlog.get_logger()


class Shown(Protocol):
    """To whom the steps of a run are shown, and who says what comes of a system that is down as a whole.

    All is called in the pump's thread.
    """

    def begins(self, at: StepRun[Any]) -> None:
        """The first case has come to a step."""

    def is_down(self, at: StepRun[Any]) -> None:
        """A step stands still until `Pump.go_on` says that it is tried again, or `Pump.put_off` that it is not."""


class Pump(Generic[C]):
    """Takes the cases of one claim through the steps of their process.

    Args:
        steps: by state, the step that takes a case there.
        shown: None: to nobody, and what is down is put off at once.
    """

    def __init__(
        self, claim: Claim[C], steps: Mapping[str, Step[C]], run: Run, shown: Shown | None = None
    ) -> None:
        self.claim = claim
        self.run = run
        self.parked: list[tuple[C, str]] = []
        self._shown = shown
        self._questions = questions.of_process()
        self._drafts = Drafts()
        by_step = {step.name: StepRun(step, Looks(self._questions, self._drafts)) for step in steps.values()}
        self._runs: list[StepRun[C]] = list(by_step.values())
        self._systems = {name for step in steps.values() for name in step.systems}
        self._at: dict[str, StepRun[C]] = {state: by_step[step.name] for state, step in steps.items()}
        self._stands: dict[uuid.UUID, StepRun[C]] = {}
        self._under_way: set[CallOfCase[C]] = set()
        self._leaving: list[C] = []
        self._slots = Slots()
        self._probing: dict[SystemName, CallOfCase[C]] = {}
        self._back: deque[CallOfCase[C]] = deque()
        self._found: deque[tuple[CaseAtStep[C], EffectFinding | Exception]] = deque()
        self._woken = threading.Event()
        self._lock = threading.Lock()
        self._is_over = False
        self._took = 0.0
        self._down_at = float("-inf")
        self._down_now: Mapping[str, datetime] = {}

    # --- in any thread

    def wake(self) -> None:
        """Something has changed: look."""
        self._woken.set()

    def go_on(self, at: StepRun[C]) -> None:
        """Try a step again of which a system was down."""
        at.down.clear()
        at.is_halted = False
        self.wake()

    def put_off(self, at: StepRun[C]) -> None:
        """Leave the systems alone for a while that a step has found down: their cases go back as they are."""
        try:
            for name in list(at.down):
                breaker.trip(name)
        except OUTAGES as error:  # a step that is halted would be so for ever
            log.warning("not_put_off", step=at.step.name, error=type(error).__name__)
        self.go_on(at)

    # --- in the pump's own thread

    def note_parked(self) -> None:
        """Tell the run what has been parked, each once; no case is kept for it."""
        for parked in (self.claim.parked, self.parked):
            self.run.note_parked([(case.id, reason) for case, reason in parked])
            parked.clear()

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Keep the leases and be woken by answers; at the end everything is given back."""
        with self._questions.watched(self.wake), renewed(self.claim):
            try:
                yield
            except Exception:
                self._keep_what_was_done()
                raise
            finally:
                self._end()
                self._give_all_back()

    def _give_all_back(self) -> None:
        """Nobody waits for a lease to lapse, if the database was away for some seconds only."""
        until = time.monotonic() + RELEASE_SECONDS
        while True:
            try:
                with transaction() as connection:
                    self.claim.release(connection, list(self.claim.cases.values()))
                return
            except OUTAGES as error:
                if time.monotonic() > until:
                    raise
                log.warning("not_given_back_yet", error=type(error).__name__)
                time.sleep(PULSE)

    def _keep_what_was_done(self) -> None:
        """A run breaks, often since the database is away: what is under way is waited for, its effects are closed.

        Nobody can be asked about some of them, and each that stays open there is a human's to settle.
        """
        until = time.monotonic() + KEEP_SECONDS
        while self._under_way and time.monotonic() < until:
            try:
                if len(self._back) == len(self._under_way):
                    self._a_turn(list(self._back), []).close_effects()
                    return
            except OUTAGES as error:
                log.warning("effects_not_closed_yet", error=type(error).__name__)
            time.sleep(PULSE)
        log.error("effects_left_open", process=self.claim.model.PROCESS, calls=len(self._under_way))

    def _end(self) -> None:
        """The slots of what is under way are free when it is over, whoever has them then."""
        with self._lock:
            self._is_over = True
            for made in self._back:  # any other gives its own back when it comes
                self._slots.give_back(made)

    @property
    def inside(self) -> int:
        """How many cases are on their way."""
        return len(self._stands) + len(self._under_way) + len(self._leaving)

    @property
    def is_quiet(self) -> bool:
        """Whether no call is under way, and none is to be written down."""
        return not self._under_way

    def takes(self, state: str) -> bool:
        """Whether a step takes cases in this state."""
        return state in self._at

    def take_in(self, cases: Sequence[C]) -> None:
        """Take claimed cases in: each that is due stands before its step, any other is given back."""
        now = clock.now()
        for case in cases:
            if case.due_at and case.due_at <= now and self.takes(case.state):
                self._place(case)
            else:
                self._leaving.append(case)
        self._ask_about_lost_answers([self._stands[case.id] for case in cases if case.id in self._stands])

    def wait_for_more(self, seconds: float = PULSE) -> None:
        """Until something has come back."""
        if self._woken.wait(seconds):
            self.gather()

    def gather(self) -> None:
        """Let more come back before the next turn; the busier it is the longer, so that turns are large and few."""
        time.sleep(min(MOST_GATHERED, GATHER * self._took))
        self._woken.clear()

    def turn(self, *, crowded: bool = False, ending: bool = False) -> bool:
        """Take a turn, if there is anything to do; whether there was.

        Args:
            crowded: others wait outside for room: whoever has stood long gives way.
            ending: nothing more is begun.
        """
        began = time.monotonic()
        for name in self._systems:
            threads.of(name).look_again()
        self._take_findings()
        self._mind_systems()
        ending = ending or self.run.stop is not None
        back = self._take_back()
        try:
            self._make_room(back)
            ready, broken = ([], []) if ending else self._looked(self._ready())
            way = self._stood_long(ready) if crowded and not ending else []
            leaving, self._leaving = self._leaving, []
            if not (back or ready or leaving or way or broken):
                return False
            self._park(broken, "internal_error")
            self._carefully(back, ready, leaving, way)
        except BaseException:
            self._back.extend(made for made in back if made in self._under_way)
            raise
        self._mind_systems()
        self._took = time.monotonic() - began
        return True

    def _take_back(self) -> list[CallOfCase[C]]:
        """What has come back, of cases that are still ours; of any other what was done is written down."""
        back = [self._back.popleft() for _ in range(len(self._back))]
        others = [made for made in back if self.claim.cases.get(made.case.id) is not made.case]
        if not others:
            return back
        try:
            self._a_turn(others, []).close_effects()
        except BaseException:
            self._back.extend(back)
            raise
        for made in others:
            self._is_written(made)
            self._probing = {name: probe for name, probe in self._probing.items() if probe is not made}
        return [made for made in back if made not in others]

    def _make_room(self, back: Sequence[CallOfCase[C]]) -> None:
        """The slots of what is back are free for this turn: first its effects are closed, by themselves, where nobody
        can be asked about them."""
        unasked = [
            each
            for each in back
            if each.effect and each.has_slot and each.system in each.step.cannot_be_asked
        ]
        if unasked:
            self._a_turn(unasked, []).close_effects()
        for each in back:
            self._give_back(each)

    def _give_back(self, made: CallOfCase[C]) -> None:
        made.at.under_way -= made.has_slot
        self._slots.give_back(made)

    # --- who is ready

    def _ready(self) -> list[CaseAtStep[C]]:
        """Those who can be judged now: the last steps first, so that what has been begun is ended."""
        ready: list[CaseAtStep[C]] = []
        for at in reversed(self._runs):
            if at.standing and not at.is_halted:
                ready += self._ready_at(at)[: MOST_IN_A_TURN - len(ready)]
        return ready

    def _ready_at(self, at: StepRun[C]) -> list[CaseAtStep[C]]:
        """Of those before a step no more than it takes at once are looked at, so that nobody's answers grow old."""
        if at.step.act_many and at.under_way:
            return []
        answered, free = at.looks.ready(), {name: self._slots.free(at.step, name) for name in at.step.systems}
        fresh, ready = [], []
        room = at.step.size - at.under_way
        for standing in at.in_order():
            id, system = standing.case.id, standing.waits_for
            if standing.is_held or (id in at.looks.waits and id not in answered):
                room -= 1
            elif system is not None:
                room -= 1
                if free[system] > 0 and system not in self._probing:
                    free[system] -= 1
                    ready.append(standing)
            elif id in at.looks.waits:
                room -= 1
                ready.append(standing)
            else:
                fresh.append(standing)
        return ready + fresh[: max(0, room)]

    def _stood_long(self, ready: Sequence[CaseAtStep[C]]) -> list[C]:
        """Those who have stood before their step for long, and of whom nothing is being found out."""
        judged, long_ago = {each.case.id for each in ready}, time.monotonic() - STANDS_SECONDS
        return [
            standing.case
            for at in self._runs
            for id, standing in at.standing.items()
            if standing.since < long_ago and not standing.is_held and id not in {*judged, *at.looks.waits}
        ]

    def _looked(self, ready: Sequence[CaseAtStep[C]]) -> tuple[list[CaseAtStep[C]], list[CaseAtStep[C]]]:
        """Of those who are ready, whom nothing is to be asked about any more; and those whose look has a bug."""
        looked, broken = [], list[CaseAtStep[C]]()
        self._read_ahead(ready)
        for at, standings in [(at, list(some)) for at, some in groupby(ready, key=lambda each: each.at)]:
            looked += standings if at.step.look is None else self._look(at, standings, broken)
        return looked, broken

    def _read_ahead(self, ready: Sequence[CaseAtStep[C]]) -> None:
        """What the looks of several steps are led by, for all of them together."""
        for read, cases in by_reading(each for each in ready if each.at.step.look).items():
            try:
                self._drafts.read_once(cases, read)
            except OUTAGES:
                raise
            except Exception as error:  # noqa: BLE001 (each look reads for itself, and finds whose fault it is)
                log.warning("not_read_ahead", cases=len(cases), error=type(error).__name__)

    def _look(
        self, at: StepRun[C], standings: Sequence[CaseAtStep[C]], broken: list[CaseAtStep[C]]
    ) -> list[CaseAtStep[C]]:
        assert at.step.look is not None
        self._questions.told(self._down())
        try:
            seen = at.step.look([each.case for each in standings], at.looks)
        except OUTAGES:
            raise
        except Exception as error:  # noqa: BLE001 (one case must not hold up the others)
            log.error("look_failed", step=at.step.name, cases=len(standings), error=type(error).__name__)
            if len(standings) == 1:
                broken += standings
                return []
            middle = len(standings) // 2
            return self._look(at, standings[:middle], broken) + self._look(at, standings[middle:], broken)
        for each in standings:
            each.seen = {each.case.id: seen[each.case.id]} if each.case.id in seen else {}
        return [each for each in standings if each.case.id not in at.looks.waits]

    def _down(self) -> Mapping[str, datetime]:
        """What the breaker says, as it was within the last second."""
        if time.monotonic() - self._down_at > LOOK_SECONDS:
            self._down_now, self._down_at = breaker.states_now(), time.monotonic()
        return self._down_now

    # --- a turn

    def _park(self, standings: Sequence[CaseAtStep[C]], reason: str) -> None:
        if standings:
            turn = self._a_turn([], standings)
            turn.park(reason)
            self._after(turn)

    def _carefully(
        self,
        back: Sequence[CallOfCase[C]],
        ready: Sequence[CaseAtStep[C]],
        leaving: Sequence[C] = (),
        giving_way: Sequence[C] = (),
        tries: int = AGAIN,
    ) -> None:
        """Take a turn; if a bug or a value breaks it, halve it until the case stands alone, and park that."""
        turn = self._a_turn(back, ready, leaving, giving_way)
        try:
            turn.commit()
        except OUTAGES as error:
            if is_away(error):
                raise
            failed: Exception = error
        except Exception as error:  # noqa: BLE001 (one case must not hold up the others)
            failed = error
        else:
            self._after(turn)
            return
        log.error("turn_failed", process=self.claim.model.PROCESS, error=type(failed).__name__)
        turn.close_effects()
        self._halves([*back, *ready], leaving, giving_way, failed, tries)

    def _a_turn(
        self,
        back: Sequence[CallOfCase[C]],
        ready: Sequence[CaseAtStep[C]],
        leaving: Sequence[C] = (),
        giving_way: Sequence[C] = (),
    ) -> Turn[C]:
        return Turn(
            self.claim,
            back,
            ready,
            slots=self._slots,
            probing=self._probing,
            goes_on=self.takes,
            leaving=leaving,
            giving_way=giving_way,
        )

    def _halves(
        self,
        items: Sequence[CallOfCase[C] | CaseAtStep[C]],
        leaving: Sequence[C],
        giving_way: Sequence[C],
        failed: Exception,
        tries: int,
    ) -> None:
        """Each half by itself, with cases as they are stored: what was changed in memory is forgotten."""
        with transaction() as connection:
            fresh = {case.id: case for case in self.claim.again(connection, [each.case for each in items])}
        for each in items:
            each.case = fresh.get(each.case.id, each.case)
        refused = isinstance(failed, OUTAGES)
        if (len(items) <= 1 and refused and tries <= 1) or not (items or refused):
            raise failed
        if len(items) <= 1 and refused:
            self._carefully(*_parted(items), leaving, giving_way, tries - 1)
        elif len(items) == 1:
            turn = self._a_turn(*_parted(items))
            turn.park(UNOPENED if isinstance(failed, DoesNotOpen) else "internal_error")
            self._after(turn)
            self._take_rest([], leaving, giving_way)
        else:
            self._take_rest(items[: len(items) // 2], leaving, giving_way)
            self._take_rest(items[len(items) // 2 :])

    def _take_rest(
        self,
        items: Sequence[CallOfCase[C] | CaseAtStep[C]],
        leaving: Sequence[C] = (),
        giving_way: Sequence[C] = (),
    ) -> None:
        if items or leaving or giving_way:
            self._carefully(*_parted(items), leaving, giving_way)

    def _after(self, turn: Turn[C]) -> None:
        """Once it is committed: everybody takes their new place, and the calls are made."""
        for made in turn.back:
            self._is_written(made)
        self._call(turn.calls)  # before all that may fail: they are written as sending
        self._mind_probes(turn)
        gone = {*turn.updates.moved, *turn.updates.leaving, *(made.case.id for made in turn.calls)}
        gone |= {case.id for case in turn.lost}
        for id in gone:
            if at := self._stands.pop(id, None):
                at.drop(id)
        for id, at in turn.stay.items():
            if id not in self._stands:
                self._stand(self.claim.cases.get(id), at)
        for case in turn.updates.moved.values():
            self._place(case)
        left = [*turn.updates.leaving, *(case.id for case in turn.lost)]
        self.claim.drop(left)
        self._drafts.drop(left)
        self._ask_about_lost_answers([self._at[case.state] for case in turn.updates.moved.values()])
        self.parked += turn.updates.parked
        self.run.became.update(turn.updates.became())

    def _is_written(self, made: CallOfCase[C]) -> None:
        self._under_way.discard(made)
        self._give_back(made)

    def _place(self, case: C) -> None:
        self._stand(case, self._at[case.state])

    def _stand(self, case: C | None, at: StepRun[C]) -> None:
        """Have a case stand before a step, and no other; None: its lease was lost meanwhile."""
        if case is None:
            return
        if before := self._stands.get(case.id):  # its lease lapsed where it stood, and it was claimed anew
            before.drop(case.id)
        if not at.count and self._shown:
            self._shown.begins(at)
        at.put(case)
        self._stands[case.id] = at

    def _call(self, made: Sequence[CallOfCase[C]]) -> None:
        for each in made:
            each.at.under_way += 1
            self._under_way.add(each)
        at_once = {each.at: [one for one in made if one.at is each.at] for each in made if each.step.act_many}
        for many in at_once.values():
            calls.make(many, self._come_back)
        for each in made:
            if not each.step.act_many:
                calls.make([each], self._come_back)

    def _come_back(self, made: Sequence[CallOfCase[C]]) -> None:
        """In the system's thread."""
        with self._lock:
            self._back.extend(made)
            for each in made if self._is_over else ():
                self._slots.give_back(each)
        self.wake()

    # --- how the systems are

    def _mind_systems(self) -> None:
        """A step that has found a system down stands still, until it is said what comes of that."""
        for at in self._runs:
            if at.is_halted and time.monotonic() - at.halted_at > HALTED_SECONDS:
                log.warning("step_put_off", step=at.step.name)
                self.put_off(at)
            elif at.down and not at.is_halted:
                at.is_halted, at.halted_at = True, time.monotonic()
                if self._shown:
                    self._shown.is_down(at)
                else:
                    self.put_off(at)

    def _mind_probes(self, turn: Turn[C]) -> None:
        """A system that was down and has said anything is well again."""
        for made in turn.back:
            if self._probing.get(made.system) is made:
                del self._probing[made.system]
                if made.system in turn.answered:
                    breaker.close(made.system)
                elif made.system not in made.at.down and not is_too_old(made):
                    breaker.trip(made.system)
        self._probing |= {made.system: made for made in reversed(turn.calls) if made.system in turn.probes}

    # --- effects whose answer was lost

    def _ask_about_lost_answers(self, at_steps: Sequence[StepRun[C]]) -> None:
        """Ask what became of the effects of those who now stand before these steps."""
        for at in dict.fromkeys(at_steps):
            maybe = [id for id in at.standing if id in self.claim.maybe_open]
            if not maybe or not at.step.systems:
                continue
            with transaction() as connection:
                lost = effects.still_open(connection, at.step.name, maybe)
                down = {} if at.step.urgent else breaker.states(connection)
            for id, effect in lost.items():
                standing = at.standing[id]
                if standing.asked is None and not standing.is_held:
                    standing.is_held = True
                    found = partial(self._is_found, standing)
                    unknown_effects.find_out(at.step, effect, down.get(effect.system), found)

    def _is_found(self, standing: CaseAtStep[C], asked: EffectFinding | Exception) -> None:
        """In the system's thread, or at once."""
        self._found.append((standing, asked))
        self.wake()

    def _take_findings(self) -> None:
        while self._found:
            standing, asked = self._found.popleft()
            if isinstance(asked, Exception):
                raise asked
            standing.is_held, standing.asked = False, asked


def _parted(
    items: Sequence[CallOfCase[C] | CaseAtStep[C]],
) -> tuple[list[CallOfCase[C]], list[CaseAtStep[C]]]:
    back = [each for each in items if isinstance(each, CallOfCase)]
    return back, [each for each in items if isinstance(each, CaseAtStep)]
