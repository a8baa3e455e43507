"""A step's look at what outer systems say of each case, without waiting: who waits is left out, and comes again.

What a step asks about one case is written as though each answer were there. Where one is not, the case waits for it.
An answer that grew too old while others were waited for still leads on to what is asked next, and decides nothing.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import transaction
from engine.outer import breaker
from engine.outer.questions import Answer, K, Kind, Question, Questions, V, of_process

S = TypeVar("S")
D = TypeVar("D")
SLOW_SECONDS = 1.0
"""Of a system whose calls take longer, all that will be too old is asked together, not by turns."""
DRAFT_HOLDS = timedelta(seconds=5)
"""For so long what was read of a case leads what is asked of it: before it is judged all is read anew."""
LONGEST = timedelta(seconds=120)
"""Who has waited so long goes on with what is known: the rule decides what is done without the rest."""
PULSE = 1.0


class Looked(Protocol):
    """What is looked up for: a case."""

    id: uuid.UUID


C = TypeVar("C", bound=Looked)


class _Waits(Exception):
    """An answer is not there yet. Stays in this module."""


class Ask:
    """Asks on behalf of one case. Called with a kind and a key, it gives what was said; None: nothing."""

    def __init__(self, questions: Questions, now: datetime, gives_up: bool) -> None:
        self._questions = questions
        self._now = now
        self._gives_up = gives_up
        self._used: dict[Question, Answer[Any] | None] = {}

    def __call__(self, kind: Kind[K, V], key: K) -> V | None:
        """What was said of one."""
        return self.all(kind, [key])[key]

    def all(self, kind: Kind[K, V], keys: Iterable[K]) -> dict[K, V | None]:
        """What was said of each of these, asked together."""
        found = self.soon(kind, keys)
        if None in found.values() and not self._gives_up:
            raise _Waits
        return {
            key: answer.told() if answer and self._counts(answer) else None for key, answer in found.items()
        }

    def soon(self, kind: Kind[K, V], keys: Iterable[K]) -> dict[K, Answer[V] | None]:
        """Have these asked too, if anything is; what is known of them so far."""
        found = {key: self._known(kind, key) for key in keys}
        self._used.update({(kind, key): answer for key, answer in found.items()})
        return found

    def _known(self, kind: Kind[K, V], key: K) -> Answer[V] | None:
        answer = self._questions.last(kind, key)
        return None if answer and answer.bug and not answer.holds(self._now) else answer

    def _counts(self, answer: Answer[Any]) -> bool:
        return not self._gives_up or answer.holds(self._now)

    @property
    def oldest(self) -> datetime:
        """The moment of the oldest answer that was used; now, if none was."""
        return min((each.at for each in self._used.values() if each), default=self._now)

    def missing(self) -> dict[Question, timedelta]:
        """What is to be asked before anything can be decided, each with how long its answer will be needed."""
        if self._gives_up:
            return {}
        late = [question for question, answer in self._used.items() if not self._holds(answer)]
        if not late:
            return {}
        ahead = timedelta(seconds=max(self._questions.seconds(kind) for kind, _ in late))
        for question, answer in self._used.items():
            is_slow = self._questions.seconds(question[0]) > SLOW_SECONDS
            if is_slow and question not in late and not self._holds(answer, ahead):
                late.append(question)
        return dict.fromkeys(late, ahead)

    def _holds(self, answer: Answer[Any] | None, ahead: timedelta = timedelta(0)) -> bool:
        return answer is not None and answer.holds(self._now, ahead)


class Drafts:
    """What our own tables have of the cases of a run, kept for seconds: it leads what is asked of them, no more.

    Every step that reads it in the same way has the same. For one thread at a time.
    """

    def __init__(self) -> None:
        self._kept: dict[uuid.UUID, dict[object, tuple[Looked, datetime, Any]]] = {}

    def read_once(
        self, cases: Sequence[C], read: Callable[[Connection, Sequence[C]], Mapping[uuid.UUID, D]]
    ) -> dict[uuid.UUID, D]:
        """What was read of each case; one that `read` leaves out is left out."""
        now = clock.now()
        found: Mapping[uuid.UUID, D] = {}
        if new := [case for case in cases if not self._holds(case, read, now)]:
            with transaction() as connection:
                found = read(connection, new)
        for case in new:
            of_case = self._kept.setdefault(case.id, {})
            of_case.pop(read, None)
            if case.id in found:
                of_case[read] = (case, now, found[case.id])
        return {case.id: self._kept[case.id][read][2] for case in cases if read in self._kept[case.id]}

    def _holds(self, case: Looked, read: object, now: datetime) -> bool:
        of, at, _ = self._kept.get(case.id, {}).get(read, (None, now, None))
        return of is case and now - at < DRAFT_HOLDS

    def drop(self, ids: Iterable[uuid.UUID]) -> None:
        """These are somebody else's now."""
        for id in ids:
            self._kept.pop(id, None)


class Looks:
    """The looks of one step: who waits for what. For one thread at a time.

    Attributes:
        waits: by case that waits, what it waits for.
        oldest: by case that has been looked at, the moment of the oldest answer that was used.
        drafts: what our own tables have of each case; of its run.
    """

    def __init__(self, questions: Questions, drafts: Drafts | None = None) -> None:
        self.questions = questions
        self.drafts = drafts or Drafts()
        self.waits: dict[uuid.UUID, frozenset[Question]] = {}
        self.oldest: dict[uuid.UUID, datetime] = {}
        self._since: dict[uuid.UUID, datetime] = {}

    def each(self, cases: Sequence[C], about: Callable[[C, Ask], S]) -> dict[uuid.UUID, S]:
        """What is seen of each case; one that waits is left out, and what it waits for is asked.

        Args:
            about: one case -> what is seen of it. Called anew, from the start, each time that the case comes.
        """
        now = clock.now()
        seen: dict[uuid.UUID, S] = {}
        missing: dict[Question, timedelta] = {}
        for case in cases:
            ask = Ask(self.questions, now, now - self._since.setdefault(case.id, now) >= LONGEST)
            with suppress(_Waits):
                seen[case.id] = about(case, ask)
            if waits := ask.missing():
                seen.pop(case.id, None)
                self.waits[case.id] = frozenset(waits)
                missing |= waits
            else:
                self.forget([case.id])
                self.oldest[case.id] = ask.oldest
        self._ask(missing)
        return seen

    def _ask(self, missing: Mapping[Question, timedelta]) -> None:
        by_kind: dict[tuple[Kind[Any, Any], timedelta], list[Any]] = {}
        for (kind, key), ahead in missing.items():
            by_kind.setdefault((kind, ahead), []).append(key)
        for (kind, ahead), keys in by_kind.items():
            self.questions.wanted(kind, keys, ahead)

    def ready(self) -> set[uuid.UUID]:
        """The cases that wait for nothing more, or have waited for long enough: to be looked at again."""
        enough = clock.now() - LONGEST
        return {
            id
            for id, waits in self.waits.items()
            if self._since[id] <= enough or not self.questions.is_open(waits)
        }

    def forget(self, ids: Iterable[uuid.UUID]) -> None:
        """These wait no more: they have been looked at, or are somebody else's now."""
        for id in ids:
            for kept in (self.waits, self.oldest, self._since):
                kept.pop(id, None)


Look = Callable[[Sequence[C], Looks], Mapping[uuid.UUID, S]]


def answered(look: Look[C, S], cases: Sequence[C], questions: Questions | None = None) -> dict[uuid.UUID, S]:
    """What a look sees of these cases when all has been answered: the calling thread waits for it."""
    asked = questions or of_process()
    asked.told(breaker.states_now())
    looks, came = Looks(asked), threading.Event()
    with asked.watched(came.set):
        seen = dict(look(cases, looks))
        while looks.waits:
            came.clear()
            ready = looks.ready()
            if ready:
                seen |= look([case for case in cases if case.id in ready], looks)
            else:
                came.wait(PULSE)
    return seen
