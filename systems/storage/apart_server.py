"""The program that children are forked from: small, of one thread, with all that a child needs loaded.

It never sees a file's bytes nor a key: each job comes over a socket of its own, and the child alone reads it.
It ends when its owner does, and its children with it.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import pickle
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

from engine.base import errors

DATA, RESULT, ERROR = b"D", b"R", b"E"
HEAD = 5
"""Bytes before each frame: its kind, and its length in four, big-endian."""
MEMORY = 3 * 1024**3
"""Address space of a child: what it has loaded, and a large picture."""
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4


def main() -> None:
    """Serve at the socket whose number is the first argument, with the modules that follow loaded."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a worker that is told to stop lets its calls end
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for name in sys.argv[2:]:
        _load(name)
    gc.collect()
    gc.freeze()
    _serve(control)


def _load(name: str) -> None:
    module = importlib.import_module(name)
    getattr(module, "warm", lambda: None)()


def _serve(control: socket.socket) -> None:
    server = os.getpid()
    while True:
        word, given, *_ = socket.recv_fds(control, 1, 1)
        if not word:
            return
        for number in given:
            if os.fork() == 0:
                control.close()
                _be_a_child(server, socket.socket(fileno=number))
            os.close(number)


def _be_a_child(server: int, job: socket.socket) -> None:
    """Do one job and end, whatever comes: no clean-up of the program that this was forked from runs."""
    try:
        _leave_nothing_behind()
        if os.getppid() != server:  # it ended before we could ask to be told
            return
        with job.makefile("rb") as given:
            seconds, act, args = pickle.load(given)  # noqa: S301 (from our own owner)
        _bound(seconds)
        _do(job, act, args)
    finally:
        os._exit(0)


def _leave_nothing_behind() -> None:
    """No word on a terminal or in a log, no core file, no other program that looks in; gone when the owner is."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _bound(seconds: float) -> None:
    """The system ends it when its time is over, whatever it is at, and gives it no more than so much memory."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _do(job: socket.socket, act: Callable[..., Any], args: tuple[Any, ...]) -> None:
    try:
        result = act(*args)
        if isinstance(result, Iterator):
            for piece in result:
                _send(job, DATA, piece)
            result = None
        _send(job, RESULT, json.dumps(result).encode())
    except errors.VaxelError as error:
        _answer_error(job, _error_kind(error), error.reason, error.detail)
    except MemoryError:
        _answer_error(job, "NotSent", "child_lost", "memory")
    except Exception as error:  # noqa: BLE001 (its words may quote the file: only where it arose is told)
        from engine.base.redact import place  # not before: it brings much with it

        _answer_error(job, "NotSent", "child_failed", f"{type(error).__name__} at {place(error)}")


def _error_kind(error: errors.VaxelError) -> str:
    """The one of our kinds that it is."""
    return next(each.__name__ for each in type(error).__mro__ if each.__module__ == errors.__name__)


def _answer_error(job: socket.socket, kind: str, reason: str, detail: str) -> None:
    _send(job, ERROR, json.dumps([kind, reason, detail]).encode())


def _send(job: socket.socket, kind: bytes, content: bytes) -> None:
    try:
        job.sendall(kind + len(content).to_bytes(HEAD - 1, "big"))
        job.sendall(content)
    except (
        BrokenPipeError,
        ConnectionResetError,
    ):  # whoever asked has gone: there is nobody to tell anything
        os._exit(0)


if __name__ == "__main__":
    main()
