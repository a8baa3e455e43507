"""A worker of the real flow, or a gateway in an act of staff's, killed at a named point in a process of its own.

It takes the real steps to the sandbox over real sockets, but without Prefect: that costs 0.7 s more for each death,
and nothing that is true is asked of it. The flow that takes over afterwards is run by Prefect, as in every journey.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, Protocol

from image_town import unfinished
from sqlalchemy.event import listen
from town import MARGIN, TownClock
from warm import START

from engine.base import clock
from engine.base.database import VAXEL, engine, url_of
from engine.base.settings import Storage, System, settings
from engine.running import runs
from engine.running.turn import Turn
from engine.running.work import Work
from engine.steps.stage import Stage
from engine.tables import inbox
from flows.registry import PROCESSES
from systems.storage import files
from tasks import conversation, journal_system, messages
from tasks.channel_switch.record_consent import Opening
from tasks.image_transfer import owner_acts
from tasks.image_transfer.owner_message import Telling
from tasks.inbound_contact.referrals import Referral
from tasks.risk_alert.alert_staff import Alarm
from tasks.self_service import desk

FLOWS = {process: import_module(f"flows.{process}") for process in PROCESSES}
OWNERS: Mapping[str, tuple[str, Stage[Any]]] = {
    stage.step.name: (process, stage)
    for process, module in FLOWS.items()
    for stage in vars(module).values()
    if isinstance(stage, Stage) and stage.step.system
}
STAGES: Mapping[str, Stage[Any]] = {name: stage for name, (_, stage) in OWNERS.items()}
"""Every step of the flows that calls someone, by its name."""
POINTS = ("before the call", "after the call", "while recording", "half recorded", "after the record")
BEFORE, AFTER, RECORDING, HALF, RECORDED = POINTS
APART = (BEFORE, AFTER, RECORDED)
"""What each leaves differs from what the others leave: while it records, nothing of that is committed yet. That this
is so is asked at every point of what is told of a booking, of a reminder, and of what a resident asks for on 1177."""
DURING, MIDWAY = "during the call", "while its bytes come"
"""Only of a file that comes into the storage: its row is there, and none of its bytes, or some of them."""
UNCOMMITTED, COMMITTED = "before the act is committed", "once the act is committed"
"""Only of what staff do with a file while they wait: what it writes at once, before its bytes are touched."""
KILLED_SECONDS = 60


@dataclass(frozen=True)
class Death:
    """Where the worker dies: at a point of a step's call of a system, when so many calls have come to it."""

    step: str
    system: str
    point: str
    calls: int = 1


@dataclass(frozen=True)
class Place:
    """What the test has set for its own process, and the killed one has to know."""

    database: str
    region_files: Sequence[Path]
    systems: Mapping[Any, System]
    storage: Storage
    ahead: timedelta


class Story(Protocol):
    """What is under way when the worker dies: at which step's call of which system."""

    @property
    def step(self) -> str: ...


def deaths(stories: Mapping[str, Story], points: Sequence[str], few: Sequence[str]) -> list[tuple[str, str]]:
    """At every point in the first story of a step; in its others at the few where the outcome differs most."""
    seen: set[str] = set()
    found: list[tuple[str, str]] = []
    for what, story in stories.items():
        found += [(what, point) for point in (few if story.step in seen else points)]
        seen.add(story.step)
    return found


def kill(death: Death, at: TownClock, act: Callable[[], object] | None = None) -> None:
    """Let a worker take what is due, and die there.

    Args:
        act: what a gateway does instead, and dies in.
    """
    given = settings()
    place = Place(url_of(VAXEL), given.region_files, given.systems, given.storage, at.ahead)
    worker = START.Process(target=_work_and_die, args=(place, death, act))
    worker.start()
    worker.join(KILLED_SECONDS)
    if worker.is_alive():
        worker.kill()
        worker.join()
        raise AssertionError(f"not killed within {KILLED_SECONDS} s: {death}")
    assert worker.exitcode == -signal.SIGKILL, f"it never came to {death}"


def _work_and_die(place: Place, death: Death, act: Callable[[], object] | None) -> None:
    settings().database_url, settings().storage = place.database, place.storage
    settings().region_files[:] = place.region_files
    settings().systems |= place.systems
    _set_clock(place.ahead)
    owner = OWNERS[death.step][0]
    made = getattr(FLOWS[owner], owner).process
    doomed = _Doomed(death)
    doomed.hook()
    if act:
        act()
        doomed.dies(COMMITTED)
        return
    Work(made, runs.begin_run(uuid.uuid4(), made.name)).until_done()


def exchange(name: str, **parts: Any) -> None:
    """Have a step of the flows made of other parts."""
    owner, stage = OWNERS[name]
    stage.step = replace(stage.step, **parts)
    for process in (getattr(FLOWS[owner], owner).process, owner_acts.AT_ONCE, desk.AT_ONCE):
        steps = process.steps
        steps |= {state: stage.step for state, one in steps.items() if one.name == name}


def _set_clock(ahead: timedelta) -> None:
    at = TownClock()
    at.ahead = ahead
    clock.use(at)
    messages.CLOCK_MARGIN = MARGIN + ahead


class _Doomed:
    """Counts the calls of the step that it is to die in, and the commits of the turn that writes them down."""

    def __init__(self, death: Death) -> None:
        self.death = death
        self.came = {BEFORE: 0, AFTER: 0}
        self.commits: int | None = None
        self._lock = threading.Lock()

    def hook(self) -> None:
        """Put ourselves around the step's act, around every commit, and around the turn that writes what came of it."""
        if self.death.point == DURING:
            files.put = lambda *given: _die()
        if self.death.point == MIDWAY:
            threading.Thread(target=_die_when_one_is_begun, daemon=True).start()
        if self.death.point == UNCOMMITTED:
            _die_with_the_event()
        if self.death.point == COMMITTED:
            owner_acts.take_through = lambda *given: _die()
        step = STAGES[self.death.step].step
        name = "act_many" if step.act_many else "act"
        exchange(self.death.step, **{name: self._around(getattr(step, name))})
        listen(engine(), "commit", self._commit)
        commit, close_effects = Turn.commit, Turn.close_effects

        def blind_first(turn: Turn[Any]) -> None:
            self._turn_begins(turn)
            close_effects(turn)

        def to_the_end(turn: Turn[Any]) -> None:
            self._turn_begins(turn)
            commit(turn)
            if self.commits is not None:
                self.dies(RECORDED)

        Turn.close_effects = blind_first  # type: ignore[method-assign]
        Turn.commit = to_the_end  # type: ignore[method-assign]

    def _turn_begins(self, turn: Turn[Any]) -> None:
        """Also with what can't be asked about, whose effects are closed by themselves before the turn."""
        called = [each for each in turn.back if each.step.name == self.death.step]
        systems = {self._system_of(each.call.payload) for each in called}
        if self.commits is None and self.death.system in systems and self._is_time():
            self.commits = 0

    def _is_time(self) -> bool:
        return self.came[AFTER] >= self.death.calls

    def _around(self, act: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def called(payload: Any) -> Any:
            if self._system_of(payload) != self.death.system:
                return act(payload)
            self._reached(BEFORE)
            done = act(payload)
            self._reached(AFTER)
            return done

        return called

    def _system_of(self, payload: Any) -> str:
        """Which of the step's systems a payload is for."""
        match payload:
            case messages.Message():
                return "mail" if payload.text.subject is not None else "sms"
            case Alarm() | Telling():
                return payload.platform
            case journal_system.Posting() | journal_system.Withdrawal():
                return "vas"
            case conversation.Saying():
                return payload.channel
            case Referral():
                return payload.by
            case Opening():
                return payload.to
            case _:
                return STAGES[self.death.step].step.systems[0]

    def _reached(self, point: str) -> None:
        with self._lock:
            self.came[point] += 1
            if self.came[point] >= self.death.calls:
                self.dies(point)

    def _commit(self, _connection: object) -> None:
        """A commit is about to be made: the first of that turn records the call, in part or as a whole."""
        if self.commits is None:
            return
        self.commits += 1
        if self.commits <= 2:
            self.dies(RECORDING if self.commits == 1 else HALF)

    def dies(self, now: str) -> None:
        """If this is the point."""
        if now == self.death.point:
            _die()


def _die_with_the_event() -> None:
    """At the commit of the transaction that leaves the act's event."""
    put = inbox.put

    def left(*given: Any) -> Any:
        listen(engine(), "commit", lambda _connection: _die())
        return put(*given)

    inbox.put = left


def _die_when_one_is_begun() -> None:
    """Once the child has something of a file in the folder, or an upload under way."""
    while not unfinished():
        time.sleep(0.02)
    time.sleep(0.1)
    _die()


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit(1)
