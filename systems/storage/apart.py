"""Work in a process of its own, that ends with it: what it held in memory, plain bytes and keys, is gone then.

A child is forked from a small server of this program's (`systems.storage.apart_server`) that has loaded what a child
needs: some ten milliseconds, and as much memory as it writes to. Not `multiprocessing`'s: that loads this program's
own main module in every child.

What a child gives back is bytes and JSON, never a pickle: it has read what a stranger sent.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any

from engine.base import errors
from engine.base.errors import NotSent, VaxelError
from systems.storage.apart_server import DATA, ERROR, HEAD, RESULT

GRACE = 5.0
"""Seconds beyond its time in which a child that is ended is still heard."""
MOST = 64 * 1024 * 1024
"""Bytes of a frame."""
_KINDS: dict[str, type[VaxelError]] = {
    name: each
    for name, each in vars(errors).items()
    if isinstance(each, type) and issubclass(each, VaxelError)
}
_OURS = ("VAXEL_", "PREFECT_", "PG")
"""Settings that no child needs: what it reads came from a stranger, and there are secrets in them."""
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Apart:
    """Where children come from. Made at first use, and anew when it has ended; for any number of threads.

    Args:
        modules: what a child needs, by name: loaded once, and their `warm()` called where they have one.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = tuple(modules)
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0

    def result(self, seconds: float, act: Callable[..., Any], *args: Any) -> Any:
        """What `act` gives, as JSON has it.

        Args:
            seconds: the child is ended after so many, whatever it is at.
            act: a function of a module, that takes what can be pickled.

        Raises:
            VaxelError: what `act` raises of those, without what it was caused by.
            NotSent: 'too_slow', 'child_lost' (it was ended, or ended itself), 'child_failed' (a bug; where it arose).
        """
        with closing(self._begun(seconds, act, args)) as frames:
            for kind, content in frames:
                if kind == RESULT:
                    return json.loads(content)
        raise NotSent("child_lost")

    def pieces(self, seconds: float, act: Callable[..., Iterator[bytes]], *args: Any) -> Iterator[bytes]:
        """What `act` gives piece by piece. As `result`, also midway; closed early, it ends the child."""
        with closing(self._begun(seconds, act, args)) as frames:
            for kind, content in frames:
                if kind == RESULT:
                    return
                yield content
        raise NotSent("child_lost")

    def end(self) -> None:
        """End the server and every child of it."""
        with self._lock:
            self._let_go()

    def warm(self) -> None:
        """Have the server there before anybody needs it."""
        with self._lock:
            self._running()

    def _begun(
        self, seconds: float, act: Callable[..., Any], args: tuple[Any, ...]
    ) -> Generator[tuple[bytes, bytes], None, None]:
        until = time.monotonic() + seconds
        with self._child() as job:
            try:
                job.settimeout(seconds + GRACE)
                job.sendall(pickle.dumps((seconds, act, args)))
                job.shutdown(socket.SHUT_WR)
                yield from _frames(job, until + GRACE)
            except OSError:  # also our own patience
                pass
        raise NotSent("too_slow" if time.monotonic() >= until else "child_lost")

    def _child(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            for _ in range(2):
                try:
                    socket.send_fds(self._running(), [b"!"], [theirs.fileno()])
                    return ours
                except OSError:  # it has ended
                    self._let_go()
        ours.close()
        raise NotSent("child_lost")

    def _let_go(self) -> None:
        if self._control:
            self._control.close()
        self._control = None

    def _running(self) -> socket.socket:
        """The way to the server. One that this process has from its parent is the parent's."""
        if self._control is None or self._owner != os.getpid():
            self._control, theirs = socket.socketpair()
            self._owner = os.getpid()
            with theirs:
                command = [
                    sys.executable,
                    "-m",
                    "systems.storage.apart_server",
                    str(theirs.fileno()),
                    *self._modules,
                ]
                self._server = subprocess.Popen(  # noqa: S603
                    command,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                    env=_environment(),
                )
        return self._control


def _environment() -> dict[str, str]:
    """A decoder has as many threads as the machine has cores, and to each the C library gives 64 MiB of address
    space of its own, unless it is told: on a large machine that alone would be more than a child may have."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return others | {"MALLOC_ARENA_MAX": "2"}


def _frames(job: socket.socket, until: float) -> Iterator[tuple[bytes, bytes]]:
    """What the child says; an error that it tells is raised."""
    with job.makefile("rb") as told:
        while head := told.read(HEAD):
            job.settimeout(max(until - time.monotonic(), 0.001))
            kind, size = head[:1], int.from_bytes(head[1:], "big")
            content = told.read(size) if size <= MOST else b""
            if len(head) < HEAD or len(content) < size or kind not in (DATA, RESULT, ERROR):
                return
            if kind == ERROR:
                raise _error(content)
            yield kind, content


def _error(content: bytes) -> VaxelError:
    """What the child tells, where it can be told on: a code, no text."""
    try:
        kind, reason, detail = json.loads(content)
        if _CODE.fullmatch(reason):
            return _KINDS[kind](reason, str(detail)[:200])
    except (ValueError, KeyError, TypeError):
        pass
    return NotSent("child_failed")
