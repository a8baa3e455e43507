"""The threads of an outer system: bounded, what has been begun before what is only asked."""

from __future__ import annotations

import threading
import time

import pytest

from engine.outer.threads import Threads
from engine.outer.width import STUCK_SECONDS, Width


def test_what_is_first_goes_before_what_was_asked_earlier() -> None:
    threads, go, done = Threads("one", 1), threading.Event(), list[str]()
    waits = [threads.submit(go.wait, 5)]
    waits += [threads.submit(done.append, "asked", first=False), threads.submit(done.append, "begun")]
    go.set()
    for each in waits:
        each.result(5)
    assert done == ["begun", "asked"]


def test_no_more_go_at_once_than_there_are_threads_and_all_are_done() -> None:
    threads, lock = Threads("few", 3), threading.Lock()
    now = most = 0

    def work() -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        threading.Event().wait(0.005)
        with lock:
            now -= 1

    for each in [threads.submit(work) for _ in range(30)]:
        each.result(5)
    assert most == 3


def test_two_are_used_for_what_is_quick_and_more_again_when_it_hangs() -> None:
    threads, go = Threads("wide", 4, Width(4)), threading.Event()
    for _ in range(32):
        threads.submit(time.sleep, 0.001).result(5)
    hung = [threads.submit(go.wait, 5) for _ in range(2)]
    waits = threads.submit(lambda: 7)
    with pytest.raises(TimeoutError):
        waits.result(0.02)
    threading.Event().wait(STUCK_SECONDS)
    threads.look_again()
    assert waits.result(5) == 7
    go.set()
    assert [each.result(5) for each in hung] == [True, True]


def test_what_breaks_is_told_to_whoever_asks_and_the_thread_goes_on() -> None:
    threads = Threads("one", 1)
    with pytest.raises(ZeroDivisionError):
        threads.submit(lambda: 1 / 0).result(5)
    assert threads.submit(lambda: 7).result(5) == 7
