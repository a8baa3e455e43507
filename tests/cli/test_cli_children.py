"""The programs that `vaxel up` starts: one that ends is started again, unless it was halted."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli import worker_processes
from cli.up.children import RESTART_SECONDS, Children, wait_until
from cli.up.everything import wait_for_ctrl_c
from sandbox.__main__ import run_until_stopped

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    children = Children(os.environ, tmp_path)
    yield children
    children.stop_all()


def test_one_that_ends_is_started_again(children: Children) -> None:
    child = children.start("sleeper", *SLEEP)
    assert child.process
    first = child.process.pid
    child.process.kill()
    wait_until(lambda: child.process is not None and child.process.pid != first, 30, "not started again")


def test_one_that_cannot_be_started_again_just_now_is_once_it_can(children: Children, tmp_path: Path) -> None:
    program, away = tmp_path / "program", tmp_path / "away"
    program.symlink_to(sys.executable)
    child = children.start("sleeper", str(program), *SLEEP[1:])
    assert child.process
    first = child.process.pid
    program.rename(away)
    child.process.kill()
    time.sleep(1.5 * RESTART_SECONDS)
    away.rename(program)
    wait_until(lambda: child.process is not None and child.process.pid != first, 30, "not started again")


def test_one_that_gives_way_does_so_with_all_its_threads_and_when_it_is_started_again(
    children: Children,
) -> None:
    threads = (
        "import threading, time; [threading.Thread(target=time.sleep, args=(600,)).start() for _ in range(3)]"
    )
    child = children.start("gives way", sys.executable, "-c", threads, nice=7)
    assert child.process
    first = child.process.pid
    wait_until(lambda: len(os.listdir(f"/proc/{first}/task")) == 4, 30, "its threads are not there")
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert {os.getpriority(os.PRIO_PROCESS, int(each)) for each in os.listdir(f"/proc/{first}/task")} == {
        ours + 7
    }
    child.kill()
    wait_until(lambda: child.process is not None and child.process.pid != first, 30, "not started again")
    assert os.getpriority(os.PRIO_PROCESS, child.process.pid) == ours + 7


def test_one_that_is_halted_stays_away_until_it_is_wanted_again(children: Children) -> None:
    child = children.start("sleeper", *SLEEP)
    children.halt("sleeper")
    assert child.process
    halted = child.process
    time.sleep(1.5 * RESTART_SECONDS)
    assert child.process is halted
    assert halted.poll() is not None
    children.start_again("sleeper")
    assert child.process.poll() is None
    again = child.process
    time.sleep(1.5 * RESTART_SECONDS)
    assert child.process is again


ENDS_WITH_ANOTHER = """
import os, pathlib, signal, sys, time
def asked(*_):
    pathlib.Path(f"asked-{os.getpid()}").touch()
    end = time.monotonic() + 20
    while len(list(pathlib.Path().glob("asked-*"))) < 2:
        if time.monotonic() > end:
            sys.exit(1)
        time.sleep(0.05)
    sys.exit(0)
signal.signal(signal.SIGTERM, asked)
pathlib.Path(f"up-{os.getpid()}").touch()
time.sleep(600)
"""


def test_those_with_one_name_are_asked_to_end_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    children = Children(os.environ)
    both = [children.start("worker", sys.executable, "-c", ENDS_WITH_ANOTHER) for _ in range(2)]
    try:
        wait_until(lambda: len(list(tmp_path.glob("up-*"))) == 2, 30, "they did not come up")
    finally:
        children.stop_all()
    assert [child.process.returncode for child in both if child.process] == [0, 0]


WAITS: dict[str, Callable[[], object]] = {
    "vaxel up": wait_for_ctrl_c,
    "vaxel worker": lambda: worker_processes.run(0),
    "sandbox": run_until_stopped,
}


@pytest.fixture
def taken_by_another(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another thread takes a SIGTERM while the main one waits, as happens right after SIGCONT."""
    monkeypatch.setattr(sys, "argv", ["sandbox", "--port", "0"])
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    threading.Timer(0.7, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)).start()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.timeout(20)
@pytest.mark.usefixtures("taken_by_another")
@pytest.mark.parametrize("program", WAITS)
def test_a_signal_that_another_thread_has_taken_ends_a_program_too(program: str) -> None:
    assert not WAITS[program]()
