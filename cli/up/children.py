"""The programs that `vaxel up` starts: each watched, started again if it ends by itself, stopped with us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import structlog

from engine.base.private_files import private_append, private_folder

log = structlog.get_logger()
STOP_SECONDS = 70.0
RESTART_SECONDS = 1.0
SLICE_SECONDS = 0.2


class NotUp(Exception):
    """A program did not come up; its log says why."""


@dataclass
class Child:
    """A program of ours."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path | None = None
    """None: it writes where we do."""
    nice: int = 0
    process: subprocess.Popen[bytes] | None = None
    wanted: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start it in a session of its own, so that a Ctrl-C reaches it only through us."""
        self.wanted.set()
        with private_append(self.log) if self.log else nullcontext() as out:
            self.process = subprocess.Popen(  # noqa: S603 (our own commands)
                self.command, env=dict(self.environment), stdout=out, stderr=out, start_new_session=True
            )
        if self.nice:
            os.setpriority(os.PRIO_PROCESS, self.process.pid, os.getpriority(os.PRIO_PROCESS, 0) + self.nice)

    def kill(self) -> None:
        """End it and whatever it has started, at once: SIGKILL."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def ask_to_end(self) -> None:
        """SIGTERM, to one that is up."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)

    def wait_for_end(self) -> None:
        """Wait for one that was asked to end; SIGKILL to one that does not."""
        if self.process is None:
            return
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Killed, and gone until the block ends; then it is started again as one that ended by itself."""
        self.wanted.clear()
        self.kill()
        try:
            yield
        finally:
            self.wanted.set()


@dataclass
class Children:
    """All of them, in the order in which they were started."""

    environment: Mapping[str, str]
    logs: Path | None = None
    """A file each in this folder; None: they write where we do."""
    running: list[Child] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _starting: threading.Lock = field(default_factory=threading.Lock)

    def start(self, name: str, *command: str, without: str | tuple[str, ...] = (), nice: int = 0) -> Child:
        """Start one and watch it.

        Args:
            without: settings that begin so are not its business.
            nice: by so much it gives way to the others when the cores are wanted (`nice(1)`).
        """
        path = private_folder(self.logs) / f"{name}.log" if self.logs else None
        kept = {key: value for key, value in self.environment.items() if not key.startswith(without)}
        child = Child(name, command, kept, path, nice)
        child.start()
        self.running.append(child)
        threading.Thread(target=self._watch, args=(child,), daemon=True, name=f"watch-{name}").start()
        return child

    def _watch(self, child: Child) -> None:
        while child.process is not None:
            child.process.wait()
            self._over.wait(RESTART_SECONDS)
            child.wanted.wait()
            with self._starting:
                if self._over.is_set():
                    return
                self._start_again(child, child.process.returncode)

    @staticmethod
    def _start_again(child: Child, code: int) -> None:
        """One that can't be started just now (a full disk, no memory) is tried again after as long."""
        try:
            child.start()
        except OSError as error:
            log.error("not_started_again", program=child.name, error=type(error).__name__)
        else:
            log.warning("started_again", program=child.name, code=code)

    def named(self, name: str) -> list[Child]:
        """Those with this name: of workers there may be several."""
        return [child for child in self.running if child.name == name]

    def halt(self, name: str) -> None:
        """Stop the one with this name, which drains, and leave it stopped."""
        (child,) = self.named(name)
        child.wanted.clear()
        child.ask_to_end()
        child.wait_for_end()

    def start_again(self, name: str) -> None:
        """Start the one that was halted."""
        (child,) = self.named(name)
        before = child.process
        child.wanted.set()
        wait_until(lambda: child.process is not before, 30, f"{name} was not started again")

    def wait_for(self, name: str, url: str, seconds: float = 300.0) -> None:
        """Wait until a program answers.

        Raises:
            NotUp: it did not, within that time.
        """
        where = f": {self.logs / (name + '.log')} may say why" if self.logs else ""
        slow = f"{name} does not answer after {seconds:.0f} s{where}. On a busy machine, try again."
        wait_until(lambda: _answers(url), seconds, slow)

    def stop_all(self) -> None:
        """Stop all, the last first, one name at a time: workers drain together, before what they need goes away."""
        with self._starting:
            self._over.set()
        for name in dict.fromkeys(child.name for child in reversed(self.running)):
            for child in self.named(name):
                child.ask_to_end()
            for child in self.named(name):
                child.wait_for_end()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def wait_until(is_so: Callable[[], bool], seconds: float, otherwise: str) -> None:
    """Wait until something is so.

    Raises:
        NotUp: with `otherwise`, when it is not so in time.
    """
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise NotUp(otherwise)
        time.sleep(0.2)


def told_to_end() -> threading.Event:
    """What SIGINT and SIGTERM set from now on; `stay_until` waits for it."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    return over


def stay_until(over: threading.Event) -> None:
    """Wait in slices: a signal may be taken by any thread, and one that comes right after SIGCONT often is.

    Python acts on it in the main thread only, when that goes on; a wait without a limit goes on for no other thread.
    """
    while not over.wait(SLICE_SECONDS):
        pass


def vaxel(*arguments: str) -> tuple[str, ...]:
    """Our own command line, in this Python."""
    return (sys.executable, "-m", "cli", *arguments)
