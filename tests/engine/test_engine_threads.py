"""The threads of an outer system: bounded, what has been begun before what is only asked."""

from __future__ import annotations

import threading

import pytest

from engine.threads import Threads


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


def test_fewer_are_used_where_the_width_says_so_and_more_again_when_it_grows() -> None:
    wide = 1
    threads, both = Threads("wide", 2, lambda: wide), threading.Barrier(2)
    alone = [threads.submit(both.wait, 0.05) for _ in range(1)]
    with pytest.raises(threading.BrokenBarrierError):
        alone[0].result(5)
    wide = 2
    both.reset()
    pair = [threads.submit(both.wait, 5) for _ in range(2)]
    assert sorted(each.result(5) for each in pair) == [0, 1]


def test_what_breaks_is_told_to_whoever_asks_and_the_thread_goes_on() -> None:
    threads = Threads("one", 1)
    with pytest.raises(ZeroDivisionError):
        threads.submit(lambda: 1 / 0).result(5)
    assert threads.submit(lambda: 7).result(5) == 7
