"""Questions to outer systems: each asked once for all who wait, no answer older than it may be, a hang for itself."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from errands import Movable, sql
from hypothesis import given
from hypothesis import strategies as st

from engine.base import clock
from engine.base.errors import Incident, NotSent, SystemDown
from engine.outer import breaker, incidents, looks
from engine.outer.looks import Ask, Looks, answered
from engine.outer.questions import KEPT_SECONDS, SILENT_SECONDS, Kind, Questions

THREADS = 2
PATIENCE = 5.0


@dataclass
class Outer:
    """An outer system: what it was asked, call by call; it may hang, fail, or know nothing of somebody."""

    calls: list[list[str]] = field(default_factory=list)
    hangs: set[str] = field(default_factory=set)
    lets_go: threading.Event = field(default_factory=threading.Event)
    fails: dict[str, Exception] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    moment: Callable[[], Any] = lambda: None

    def ask(self, keys: Sequence[str]) -> Mapping[str, str]:
        self.calls.append(list(keys))
        if self.hangs.intersection(keys):
            assert self.lets_go.wait(PATIENCE)
        for key in keys:
            if key in self.fails:
                raise self.fails[key]
        return {key: f"{key} {self.moment()}" for key in keys if key not in self.unknown}

    @property
    def asked(self) -> list[str]:
        return [key for call in self.calls for key in call]


@dataclass
class Someone:
    """A case, about a person."""

    who: str
    id: uuid.UUID = field(default_factory=uuid.uuid4)


@pytest.fixture
def outer() -> Outer:
    return Outer()


@pytest.fixture
def questions(outer: Outer) -> Iterator[Questions]:
    with ThreadPoolExecutor(THREADS) as pool:
        yield Questions(lambda system, call: pool.submit(call) and None, lambda system: THREADS)
        outer.lets_go.set()  # for the pool waits for whoever hangs


def kind(outer: Outer, holds: float = 2.0, most: int = 1, system: Any = "person") -> Kind[str, str]:
    return Kind("words", system, holds, outer.ask, most)


def until(what: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end
        time.sleep(0.002)


def known(questions: Questions, words: Kind[str, str], *keys: str) -> dict[str, str | None]:
    return {key: answer.value for key, answer in questions.answers(words, keys).items()}


def have(questions: Questions, words: Kind[str, str], *keys: str) -> None:
    """Ask, and wait until all is answered."""
    questions.wanted(words, keys)
    until(lambda: not questions.is_open([(words, key) for key in keys]))


def look_at(*kinds: Kind[str, str]) -> Any:
    """A look that asks each kind in turn about whom the case is about."""

    def look(cases: Sequence[Someone], these: Looks) -> Mapping[uuid.UUID, list[str | None]]:
        return these.each(cases, lambda case, ask: [ask(each, case.who) for each in kinds])

    return look


# --- asked once, together


def test_what_many_want_is_asked_once(outer: Outer, questions: Questions) -> None:
    words = kind(outer)
    outer.hangs.add("anna")
    for _ in range(5):
        questions.wanted(words, ["anna", "anna"])
    until(lambda: outer.calls)
    questions.wanted(words, ["anna"])
    outer.lets_go.set()
    until(lambda: known(questions, words, "anna"))
    questions.wanted(words, ["anna"])
    time.sleep(0.05)
    assert outer.asked == ["anna"]


def test_those_that_wait_go_together_in_one_call_and_no_call_takes_more_than_it_may(
    outer: Outer, questions: Questions
) -> None:
    words = kind(outer, most=500)
    everyone = [str(number) for number in range(1201)]
    have(questions, words, *everyone)
    assert sorted(len(call) for call in outer.calls) == [201, 500, 500]
    assert sorted(outer.asked) == sorted(everyone)


def test_what_comes_while_all_threads_are_at_work_goes_together_afterwards(
    outer: Outer, questions: Questions
) -> None:
    words = kind(outer, most=500)
    outer.hangs |= {"a", "b"}
    questions.wanted(words, ["a"])
    questions.wanted(words, ["b"])
    until(lambda: len(outer.calls) == THREADS)
    for key in "cdefg":
        questions.wanted(words, [key])
    assert len(outer.calls) == THREADS
    outer.lets_go.set()
    until(lambda: known(questions, words, "g"))
    assert outer.calls[THREADS:] == [list("cdefg")]


def test_no_more_calls_at_once_than_the_system_has_threads_and_kinds_take_turns(
    outer: Outer, questions: Questions
) -> None:
    first, second, others = kind(outer), kind(outer), [str(number) for number in range(20)]
    outer.hangs |= {"a", "b"}
    questions.wanted(first, ["a", "b", *others])
    questions.wanted(second, ["z"])
    until(lambda: len(outer.calls) == THREADS)
    time.sleep(0.05)
    assert len(outer.calls) == THREADS
    outer.lets_go.set()
    until(lambda: known(questions, second, "z"))
    until(lambda: len(known(questions, first, *others)) == len(others))
    assert outer.asked.index("z") < 2 * THREADS + 1


def test_a_call_that_hangs_holds_up_only_those_whom_it_is_about(outer: Outer, questions: Questions) -> None:
    words = kind(outer)
    outer.hangs.add("anna")
    others = [str(number) for number in range(50)]
    questions.wanted(words, ["anna", *others])
    until(lambda: len(known(questions, words, *others)) == len(others))
    assert known(questions, words, "anna") == {}
    outer.lets_go.set()
    until(lambda: known(questions, words, "anna"))


def test_each_answer_is_told_of_outside_of_any_lock(outer: Outer, questions: Questions) -> None:
    words, heard = kind(outer), threading.Event()

    def came() -> None:
        if questions.answers(words, ["anna"]):
            heard.set()

    with questions.watched(came):
        questions.wanted(words, ["anna"])
        assert heard.wait(PATIENCE)
    heard.clear()
    have(questions, words, "eva")
    assert not heard.is_set()


# --- how long an answer counts


def test_an_answer_counts_for_as_long_as_its_kind_holds(
    outer: Outer, questions: Questions, moving: Movable
) -> None:
    short, long = kind(outer, holds=2), kind(outer, holds=5)
    have(questions, short, "anna")
    have(questions, long, "anna")
    moving.move(1.9)
    assert known(questions, short, "anna") != {}
    moving.move(0.1)
    assert known(questions, short, "anna") == {}
    assert known(questions, long, "anna") != {}
    moving.move(-10)
    assert known(questions, long, "anna") == {}, "not before it was given"


def test_nobodys_answers_are_kept_for_longer_than_they_are_of_use(
    outer: Outer, questions: Questions, moving: Movable
) -> None:
    words = kind(outer)
    have(questions, words, "anna")
    moving.move(KEPT_SECONDS)
    have(questions, words, "eva")
    assert questions.last(words, "anna") is None
    assert questions.last(words, "eva") is not None


def test_nor_when_nobody_asks_anything_any_more(outer: Outer, questions: Questions, moving: Movable) -> None:
    """Each minute's run finds nothing to do, and leaves nothing of those before it."""
    words = kind(outer)
    have(questions, words, "anna")
    moving.move(KEPT_SECONDS)
    with questions.watched(lambda: None):
        assert questions.last(words, "anna") is None


def test_one_of_whom_the_system_knows_nothing_is_unknown_for_as_long(
    outer: Outer, questions: Questions, moving: Movable
) -> None:
    words = kind(outer, holds=4)
    outer.unknown.add("anna")
    have(questions, words, "anna")
    moving.move(3.9)
    assert known(questions, words, "anna") == {"anna": None}


# --- systems that do not answer


def test_a_failed_call_is_no_answer_for_a_while_and_then_asked_again(
    outer: Outer, questions: Questions, moving: Movable
) -> None:
    words = kind(outer, holds=60)
    outer.fails["anna"] = NotSent("technical_error")
    have(questions, words, "anna", "eva")
    assert known(questions, words, "anna", "eva") == {"anna": None, "eva": "eva None"}
    moving.move(SILENT_SECONDS)
    outer.fails.clear()
    have(questions, words, "anna", "eva")
    assert known(questions, words, "anna") == {"anna": "anna None"}
    assert outer.asked.count("eva") == 1
    assert breaker.states_now() == {}


def test_a_system_that_is_down_is_noted_once_and_then_left_alone(
    outer: Outer, questions: Questions, moving: Movable
) -> None:
    words, everyone = kind(outer), [str(number) for number in range(30)]
    outer.fails |= dict.fromkeys(everyone, SystemDown("unreachable"))
    have(questions, words, *everyone)
    assert known(questions, words, *everyone) == dict.fromkeys(everyone)
    assert len(outer.calls) <= THREADS
    assert sql("SELECT failures FROM system_state WHERE system = 'person'") == [(1,)]


def test_a_system_that_the_breaker_leaves_alone_is_not_called_and_its_first_answer_closes_it(
    outer: Outer, questions: Questions, moving: Movable
) -> None:
    words = kind(outer)
    breaker.trip("person")
    questions.told(breaker.states_now())
    have(questions, words, "anna")
    assert (known(questions, words, "anna"), outer.calls) == ({"anna": None}, [])
    moving.move(breaker.FIRST + 1)
    have(questions, words, "anna")
    assert known(questions, words, "anna") == {"anna": "anna None"}
    assert breaker.states_now() == {}


def test_what_no_case_can_get_past_is_an_incident(
    outer: Outer, questions: Questions, moving: Movable
) -> None:
    incidents.drain()
    outer.fails["anna"] = Incident("tls_failed")
    have(questions, kind(outer), "anna")
    assert incidents.drain() == [("person", "tls_failed")]


def test_a_bug_in_asking_reaches_whoever_waits_and_is_over_when_it_is_asked_anew(
    outer: Outer, questions: Questions, moving: Movable
) -> None:
    words, case = kind(outer), Someone("anna")
    outer.fails["anna"] = KeyError("a number")
    with pytest.raises(KeyError):
        answered(look_at(words), [case], questions)
    outer.fails.clear()
    moving.move(SILENT_SECONDS)
    assert answered(look_at(words), [case], questions) == {case.id: ["anna None"]}


# --- a step's look


def test_a_case_is_left_out_until_all_that_its_decision_needs_is_answered(
    outer: Outer, questions: Questions, moving: Movable
) -> None:
    first, second, these = kind(outer), kind(outer), Looks(questions)
    anna, eva = Someone("anna"), Someone("eva")
    outer.hangs.add("eva")
    assert look_at(first, second)([anna, eva], these) == {}
    until(lambda: these.ready() == {anna.id})
    assert look_at(first, second)([anna], these) == {}
    until(lambda: these.ready() == {anna.id})
    assert look_at(first, second)([anna], these) == {anna.id: ["anna None", "anna None"]}
    assert these.waits.keys() == {eva.id}
    outer.lets_go.set()


def test_what_one_answer_need_not_wait_for_is_asked_at_once(outer: Outer, questions: Questions) -> None:
    first, second, these = kind(outer), kind(outer), Looks(questions)
    outer.hangs.add("anna")

    def about(case: Someone, ask: Ask) -> list[str | None]:
        ask.soon(second, [case.who])
        return [ask(first, case.who), ask(second, case.who)]

    these.each([Someone("anna")], about)
    until(lambda: len(outer.calls) == 2)


def test_the_moment_of_the_oldest_answer_goes_along(
    outer: Outer, questions: Questions, moving: Movable
) -> None:
    first, second, these, case = kind(outer), kind(outer), Looks(questions), Someone("anna")
    have(questions, first, "anna")
    then = clock.now()
    moving.move(1)
    have(questions, second, "anna")
    assert look_at(second, first)([case], these).keys() == {case.id}
    assert these.oldest[case.id] == then


def test_our_own_tables_are_read_once_for_all_looks_at_a_case_and_anew_after_seconds(
    outer: Outer, questions: Questions, moving: Movable
) -> None:
    words, these, case, read = kind(outer), Looks(questions), Someone("anna"), list[Someone]()

    def names(connection: Any, cases: Sequence[Someone]) -> Mapping[uuid.UUID, str]:
        read.extend(cases)
        return {each.id: each.who for each in cases}

    def look() -> Mapping[uuid.UUID, Any]:
        drafts = these.drafts.read_once([case], names)
        return these.each([case], lambda case, ask: ask(words, drafts[case.id]))

    assert look() == {}
    until(these.ready)
    assert look() == {case.id: "anna None"}
    look()
    assert read == [case]
    moving.move(5)
    look()
    assert read == [case, case]


def test_what_is_read_in_another_way_is_another_thing_and_what_is_there_no_more_is_left_out(
    questions: Questions, moving: Movable
) -> None:
    drafts, case, there = Looks(questions).drafts, Someone("anna"), True

    def lengths(connection: Any, cases: Sequence[Someone]) -> Mapping[uuid.UUID, int]:
        return {each.id: len(each.who) for each in cases if there}

    def names(connection: Any, cases: Sequence[Someone]) -> Mapping[uuid.UUID, str]:
        return {each.id: each.who for each in cases}

    assert drafts.read_once([case], names) == {case.id: "anna"}
    assert drafts.read_once([case], lengths) == {case.id: 4}
    there = False
    moving.move(5)
    assert drafts.read_once([case], lengths) == {}


def test_who_has_waited_for_too_long_goes_on_with_what_is_known(
    outer: Outer, questions: Questions, moving: Movable
) -> None:
    first, second, these, case = kind(outer, holds=600), kind(outer), Looks(questions), Someone("anna")
    have(questions, first, "anna")
    outer.hangs.add("anna")
    assert look_at(first, second)([case], these) == {}
    assert these.ready() == set()
    moving.move(looks.LONGEST.total_seconds())
    assert these.ready() == {case.id}
    assert look_at(first, second)([case], these) == {case.id: ["anna None", None]}


@pytest.mark.parametrize("seconds", [0.5, 1.5, 3, 6, 12])
def test_however_slow_two_systems_are_a_decision_is_come_to_with_answers_that_count(
    questions: Questions, moving: Movable, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """Asked by turns, each answer would be too old when the other one comes."""
    slow, asked_until = Outer(), []

    def ask(keys: Sequence[str]) -> Mapping[str, str]:
        asked_until.append(clock.now() + timedelta(seconds=seconds))
        assert slow.lets_go.wait(PATIENCE)
        return slow.ask(keys)

    monkeypatch.setattr(questions, "seconds", lambda kind: seconds)
    first, second = Kind("a", "person", 2.0, ask), Kind("b", "e1177", 4.0, ask)
    these, case = Looks(questions), Someone("anna")
    seen: Mapping[uuid.UUID, Any] = {}
    for _ in range(6):
        seen = look_at(first, second)([case], these)
        if seen:
            break
        until(lambda: len(asked_until))
        time.sleep(0.02)
        moving.move(seconds)
        slow.lets_go.set()
        until(these.ready)
        slow.lets_go.clear()
        asked_until.clear()
    assert case.id in seen
    assert clock.now() - these.oldest[case.id] < timedelta(seconds=4)


# --- whatever happens


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4),
            st.floats(0, 3),
            st.sampled_from([None, "a", "b"]),
        ),
        max_size=12,
    )
)
def test_never_an_answer_older_than_it_may_be_and_never_another_persons(
    rounds: list[tuple[list[str], float, str | None]],
) -> None:
    at = Movable()
    before = clock.use(at)
    try:
        outer = Outer(moment=lambda: at.now().isoformat())
        words = kind(outer, holds=2.0, most=3)
        questions = Questions(lambda system, call: call(), lambda system: THREADS)
        these = Looks(questions)
        for keys, seconds, fails in rounds:
            outer.fails = {fails: NotSent("busy")} if fails else {}
            cases = [Someone(key) for key in keys]
            left, seen = cases, dict[uuid.UUID, list[str | None]]()
            for _ in range(3):
                seen |= look_at(words)(left, these)
                left = [case for case in cases if case.id in these.waits]
            assert not left
            for case in cases:
                (said,) = seen[case.id]
                if said is not None:
                    who, moment = said.split()
                    assert who == case.who
                    assert at.now() - timedelta(seconds=2) < clock.datetime.fromisoformat(moment) <= at.now()
            at.move(seconds)
    finally:
        clock.use(before)
