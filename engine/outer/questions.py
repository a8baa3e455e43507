"""What outer systems have said of a person or a unit: asked once for all who wait, by nobody who waits.

A question is a kind and a key. What has been answered is kept with its moment, for the seconds that its kind holds;
what is wanted beyond that stands in a line for its system, and is asked in the system's threads. A call that hangs
holds up those whom it asks about, and nobody else while the system has another thread.

A system that does not answer leaves its part unknown (None), and the rules know what to do about that.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, Generic, TypeVar

import structlog

from engine.base import clock
from engine.base.errors import Incident, Refused, SystemDown, VaxelError
from engine.base.settings import SystemName
from engine.outer import breaker, incidents, threads

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
SILENT_SECONDS = 2.0
"""For so long a system that has not answered about someone is not asked about them again."""
KEPT_SECONDS = 30.0
"""For so long what was answered is kept at all: too old to decide by, it still leads to what to ask next."""
log = structlog.get_logger()


@dataclass(frozen=True, eq=False)
class Kind(Generic[K, V]):
    """A kind of question.

    Args:
        holds: seconds for which an answer counts.
        ask: the call, for at most `most` keys; a key left out is one of whom the system knows nothing. Raises
            VaxelError.
    """

    name: str
    system: SystemName
    holds: float
    ask: Callable[[Sequence[K]], Mapping[K, V]]
    most: int = 1


@dataclass(frozen=True, slots=True)
class Answer(Generic[V]):
    """What was said, and when; None: nothing. `until`: it counts before that moment."""

    value: V | None = field(repr=False)
    at: datetime
    until: datetime
    bug: Exception | None = field(default=None, repr=False)

    def holds(self, now: datetime, ahead: timedelta = timedelta(0)) -> bool:
        """Whether it counts now, and will after `ahead`."""
        return self.at <= now and now + ahead < self.until

    def told(self) -> V | None:
        """What was said. Raises the bug or the outage that the asking ended in, if it did."""
        if self.bug is not None:
            raise self.bug
        return self.value


Question = tuple[Kind[Any, Any], Any]


class _Line:
    """What waits to be asked of one system. Kinds take turns; one call asks for what its kind allows."""

    def __init__(self) -> None:
        self.waiting = 0  # calls that have no thread yet
        self.running = 0
        self._keys: dict[Kind[Any, Any], deque[Any]] = {}

    def put(self, kind: Kind[K, V], keys: Iterable[K]) -> None:
        self._keys.setdefault(kind, deque()).extend(keys)

    def take(self) -> tuple[Kind[Any, Any], list[Any]] | None:
        """The keys of the next call; None: it has been made already."""
        if not self._keys:
            return None
        kind = next(iter(self._keys))
        keys = self._keys.pop(kind)
        group = [keys.popleft() for _ in range(min(kind.most, len(keys)))]
        if keys:
            self._keys[kind] = keys
        return kind, group

    def begin(self, most: int) -> int:
        """How many more calls are to be begun, with at most so many at once; they count from now on."""
        calls = sum(-(-len(keys) // kind.most) for kind, keys in self._keys.items())
        more = max(0, min(calls - self.waiting, most - self.waiting - self.running))
        self.waiting += more
        return more


def _in_its_threads(system: SystemName, call: Callable[[], None]) -> None:
    """Behind what has been begun."""
    threads.of(system).submit(call, first=False)


def _its_threads(system: SystemName) -> int:
    return threads.of(system).most


class Questions:
    """What has been answered, is being asked, and waits to be asked. Any thread may use it.

    Args:
        submit: has a call made in one of a system's threads.
        wide: how many of a system's calls may be under way at once.
    """

    def __init__(
        self,
        submit: Callable[[SystemName, Callable[[], None]], None] = _in_its_threads,
        wide: Callable[[SystemName], int] = _its_threads,
    ) -> None:
        self._submit = submit
        self._wide = wide
        self._lock = threading.Lock()
        self._answers: dict[Kind[Any, Any], dict[Any, Answer[Any]]] = {}
        self._open: set[Question] = set()
        self._lines: dict[SystemName, _Line] = {}
        self._down: dict[str, datetime] = {}
        self._took: dict[Kind[Any, Any], float] = {}
        self._watchers: list[Callable[[], None]] = []
        self._swept_at = clock.now()

    # --- what is known

    def answers(self, kind: Kind[K, V], keys: Iterable[K]) -> dict[K, Answer[V]]:
        """What is known of these, and still counts."""
        now = clock.now()
        found = {key: self.last(kind, key) for key in keys}
        return {key: answer for key, answer in found.items() if answer and answer.holds(now)}

    def last(self, kind: Kind[K, V], key: K) -> Answer[V] | None:
        """What was answered last, whether or not it still counts."""
        with self._lock:
            return self._answers.get(kind, {}).get(key)

    def seconds(self, kind: Kind[Any, Any]) -> float:
        """How long its last call took."""
        return self._took.get(kind, 0.0)

    def is_open(self, questions: Collection[Question]) -> bool:
        """Whether any of these stands in line or is being asked."""
        with self._lock:
            return not self._open.isdisjoint(questions)

    # --- asking

    def wanted(self, kind: Kind[K, V], keys: Iterable[K], ahead: timedelta = timedelta(0)) -> None:
        """Have these asked, but for what is open already, or is known and will still count after `ahead`.

        Does not wait. Of a system that is left alone nothing is known, at once.
        """
        now = clock.now()
        alone = self._is_left_alone(kind.system)
        with self._lock:
            known = self._answers.get(kind, {})
            new = [
                key
                for key in dict.fromkeys(keys)
                if (kind, key) not in self._open and not (key in known and known[key].holds(now, ahead))
            ]
            if not alone:
                self._open.update((kind, key) for key in new)
                self._line(kind.system).put(kind, new)
        if alone and new:
            self._put(kind, new, {}, SILENT_SECONDS)
        self._begin(kind.system)

    def told(self, down: Mapping[str, datetime]) -> None:
        """What the breaker says: the systems that are or were down, and until when each is left alone."""
        self._down = dict(down)

    @contextmanager
    def watched(self, callback: Callable[[], None]) -> Iterator[None]:
        """Have this called whenever something has been answered: in any thread, so it must not last."""
        with self._lock:
            self._sweep(clock.now())  # of whom nobody has asked since
            self._watchers.append(callback)
        try:
            yield
        finally:
            with self._lock:
                self._watchers.remove(callback)

    def forget(self) -> None:
        """All that has been answered, and what the breaker said."""
        with self._lock:
            self._answers.clear()
            self._took.clear()
        self._down = {}

    # --- the calls

    def _line(self, system: SystemName) -> _Line:
        return self._lines.setdefault(system, _Line())

    def _begin(self, system: SystemName) -> None:
        with self._lock:
            more = self._line(system).begin(self._wide(system))
        for _ in range(more):
            self._submit(system, partial(self._call, system))

    def _call(self, system: SystemName) -> None:
        """One call, in one of the system's threads; then what has come since goes behind what waits there."""
        with self._lock:
            line = self._line(system)
            line.waiting, line.running = line.waiting - 1, line.running + 1
            taken = line.take()
        try:
            if taken:
                self._ask(*taken)
        finally:
            with self._lock:
                line.running -= 1
            self._begin(system)

    def _ask(self, kind: Kind[K, V], keys: Sequence[K]) -> None:
        if self._is_left_alone(kind.system):
            self._put(kind, keys, {}, SILENT_SECONDS)
            return
        began = time.monotonic()
        try:
            try:
                found, holds = kind.ask(keys), kind.holds
            except VaxelError as error:
                found, holds = {}, SILENT_SECONDS
                self._note(kind.system, error)
            else:
                self._heard(kind.system)
        except Exception as error:  # noqa: BLE001 (whoever waits for it is told)
            log.error("internal_error", question=kind.name, error=type(error).__name__)
            self._put(kind, keys, {}, SILENT_SECONDS, error)
            return
        self._took[kind] = time.monotonic() - began
        self._put(kind, keys, found, holds)

    def _put(
        self,
        kind: Kind[K, V],
        keys: Sequence[K],
        found: Mapping[K, V],
        holds: float,
        bug: Exception | None = None,
    ) -> None:
        now = clock.now()
        until = now + timedelta(seconds=holds)
        with self._lock:
            self._sweep(now)
            known = self._answers.setdefault(kind, {})
            known.update({key: Answer(found.get(key), now, until, bug) for key in keys})
            self._open.difference_update((kind, key) for key in keys)
            watchers = list(self._watchers)
        for tell in watchers:
            tell()

    def _sweep(self, now: datetime) -> None:
        """Nobody's answers are kept for longer than they can be of use."""
        kept = timedelta(seconds=KEPT_SECONDS)
        if now - self._swept_at < kept:
            return
        self._swept_at = now
        for kind, known in self._answers.items():
            self._answers[kind] = {key: each for key, each in known.items() if now - each.at < kept}

    # --- systems that are down

    def _is_left_alone(self, system: SystemName) -> bool:
        until = self._down.get(system)
        return until is not None and until > clock.now()

    def _note(self, system: SystemName, error: VaxelError) -> None:
        """A system that is down as a whole is left alone for a while, whoever noticed it."""
        if isinstance(error, SystemDown):
            self._down = self._down | {system: breaker.trip(system)}
        if isinstance(error, Incident | Refused):
            incidents.note(system, error.reason)

    def _heard(self, system: SystemName) -> None:
        """A system that was down has answered again."""
        if system in self._down:
            breaker.close(system)
            self._down = {name: until for name, until in self._down.items() if name != system}


@cache
def of_process() -> Questions:
    """Those of this program."""
    return Questions()
