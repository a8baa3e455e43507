"""Work in processes of their own: they end when they should, whatever they are at, and what went wrong is a code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.up.children import wait_until
from engine.base.errors import NotSent, VaxelError
from systems.deadline import Deadline
from systems.storage import apart, apart_server
from systems.storage.apart import Apart
from systems.storage.folder_keys import FolderKeys

NUMBER, HOUR = "19121212-1212", datetime(2027, 3, 1, 14, tzinfo=UTC)


@pytest.fixture(scope="module")
def children() -> Iterator[Apart]:
    children = Apart([])
    yield children
    children.end()


def failure(children: Apart, seconds: float, *act: object) -> tuple[type[VaxelError], str, str]:
    with pytest.raises(VaxelError) as refused:
        children.result(seconds, *act)  # type: ignore[arg-type]
    return type(refused.value), refused.value.reason, refused.value.detail


def test_a_child_gives_what_its_work_gives(children: Apart) -> None:
    assert children.result(5, dict, [("a", [1, None])]) == {"a": [1, None]}
    assert list(children.pieces(5, map, bytes, [[1, 2], [3]])) == [b"\1\2", b"\3"]


def test_it_is_another_process_each_time(children: Apart) -> None:
    assert len({children.result(5, os.getpid) for _ in range(3)} | {os.getpid()}) == 4


def test_an_error_with_a_code_comes_as_it_is(children: Apart) -> None:
    missing = FolderKeys(Path("/nowhere")).unwrap, HOUR, b"", b""
    assert failure(children, 5, *missing) == (NotSent, "keys_unreachable", "no_mark")
    assert failure(children, 5, Deadline(0).check) == (NotSent, "deadline", "")


def test_any_other_error_says_where_it_arose_and_none_of_its_words(children: Apart) -> None:
    kind, reason, detail = failure(children, 5, int, NUMBER)
    assert (kind, reason) == (NotSent, "child_failed")
    assert detail.startswith("ValueError at _do:")
    assert NUMBER not in detail


def test_an_error_midway_comes_after_what_was_given(children: Apart) -> None:
    pieces = children.pieces(5, map, bytes, [[1], [999]])
    assert next(pieces) == b"\1"
    with pytest.raises(NotSent, match="child_failed"):
        next(pieces)


@pytest.mark.parametrize("act", [(os.abort,), (os._exit, 3), (signal.raise_signal, signal.SIGKILL)], ids=str)
def test_a_child_that_dies_is_told_as_lost(children: Apart, act: tuple[object, ...]) -> None:
    assert failure(children, 5, *act) == (NotSent, "child_lost", "")


def test_a_child_that_hangs_is_ended_when_its_time_is_over(children: Apart) -> None:
    begun = time.monotonic()
    assert failure(children, 0.3, time.sleep, 60) == (NotSent, "too_slow", "")
    assert time.monotonic() - begun < 2


def test_a_child_that_wants_too_much_memory_has_none(children: Apart) -> None:
    assert failure(children, 5, bytearray, apart_server.MEMORY) == (NotSent, "child_lost", "memory")


def test_a_child_has_no_core_file_and_no_word_for_a_log(
    children: Apart, capfd: pytest.CaptureFixture[str]
) -> None:
    import resource

    assert children.result(5, resource.getrlimit, resource.RLIMIT_CORE) == [0, 0]
    children.result(5, os.system, f"echo {NUMBER}; echo {NUMBER} >&2")
    assert NUMBER not in "".join(capfd.readouterr())


def test_a_child_has_none_of_our_settings(children: Apart) -> None:
    assert os.environ["VAXEL_WEBHOOK_SECRETS"]
    assert children.result(5, os.getenv, "VAXEL_WEBHOOK_SECRETS") is None


def test_many_threads_have_children_at_once(children: Apart) -> None:
    got: list[object] = []
    threads = [
        threading.Thread(target=lambda: got.append(children.result(9, time.sleep, 0.2))) for _ in range(8)
    ]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (got, time.monotonic() - begun < 1.4) == ([None] * 8, True)


def test_a_server_that_was_killed_is_there_again_for_the_next(children: Apart) -> None:
    server = children.result(5, os.getppid)
    os.kill(server, signal.SIGKILL)
    assert children._server is not None
    children._server.wait()
    assert children.result(5, os.getppid) != server


def test_what_a_child_says_is_never_more_than_a_code() -> None:
    """It has read what a stranger sent: what it tells is held against what may be told."""
    for said in (b"\x80\x04.", b"[]", b'["NotSent", "Anna 191212121212", ""]', b'["Exit", "gone", ""]'):
        assert apart._error(said).reason == "child_failed"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_program_that_ends_takes_its_children_with_it(number: int) -> None:
    act = "import time; from systems.storage.apart import Apart; Apart([]).result(60, time.sleep, 60)"
    owner = subprocess.Popen([sys.executable, "-c", act], cwd=Path(__file__).resolve().parents[2])
    server = _only_child(owner.pid)
    child = _only_child(server)
    owner.send_signal(number)
    owner.wait()
    wait_until(lambda: not _is_alive(server) and not _is_alive(child), 5, "its children live on")


def _only_child(of: int) -> int:
    path = Path(f"/proc/{of}/task/{of}/children")
    wait_until(lambda: len(path.read_text().split()) == 1, 20, "it has no child")
    return int(path.read_text())


def _is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
