"""What `vaxel up` of a checkout has started, handled from outside: none of its code runs in this process.

So any version can be measured by this bench, and two side by side: only commands, settings and `/proc` are used.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.processes import WrongWork, arguments_of, children_of, cpu_of_all, environment_of, family

SHOWN = ("worker", "gateway", "sandbox", "postgresql", "prefect")
STILL = ("worker", "gateway", "prefect")
"""Stand still (SIGSTOP) while the floor runs: it shall have the machine for itself and the sandbox."""
IS: Mapping[str, Callable[[Sequence[str]], bool]] = {
    "worker": lambda given: "worker" in given and "risk" not in given,
    "gateway": lambda given: given[-1] == "gateway",
    "sandbox": lambda given: given[-1] == "sandbox",
    "prefect": lambda given: "server" in given and "start" in given,
}
"""By its command line, which program it is."""
UP_SECONDS, END_SECONDS = 600.0, 100.0


class Programs:
    """`vaxel up` and its programs.

    Args:
        checkout: a folder with a version of Växel and its `.venv`.
        home: where it is to keep everything.
        environment: its settings.
    """

    def __init__(self, checkout: Path, home: Path, environment: Mapping[str, str]) -> None:
        self.checkout, self.home = checkout, home
        self.vaxel = checkout / ".venv" / "bin" / "vaxel"
        if not self.vaxel.exists():
            raise WrongWork(f"{self.vaxel} is not there: `make run` or `make test` in {checkout} makes it")
        self._log = (home / "up.log").open("wb")
        self._up = subprocess.Popen(
            [self.vaxel, "up", "--no-sample"], cwd=checkout, env=dict(environment), stdout=self._log,
            stderr=self._log, start_new_session=True,
        )  # fmt: skip
        self._own: subprocess.Popen[bytes] | None = None
        self._halted = False

    def come_up(self) -> None:
        """Wait until all is there.

        Raises:
            WrongWork: it is not, in time.
        """
        self._wait(lambda: self._up.poll() is not None or self._says_up(), UP_SECONDS, "come up")
        if self._up.poll() is not None:
            raise WrongWork(f"{self.vaxel} up ended: {self._told()}")

    def _says_up(self) -> bool:
        return "Ctrl-C stops everything" in self._told()

    def _told(self) -> str:
        return (self.home / "up.log").read_text(errors="replace")[-3000:]

    # --- one by one

    def pid(self, name: str) -> int:
        """Of a program, or of PostgreSQL's first process.

        Raises:
            WrongWork: it does not run.
        """
        found = self._found(name)
        if found is None:
            raise WrongWork(f"there is no {name} of {self.checkout}: {self._told()}")
        return found

    def _found(self, name: str) -> int | None:
        if name == "postgresql":
            return int((self.home / "postgres" / "postmaster.pid").read_text().split()[0])
        if name == "worker" and self._own:
            return self._own.pid if self._own.poll() is None else None
        given = ((pid, arguments_of(pid)) for pid in children_of(self._up.pid))
        return next((pid for pid, arguments in given if arguments and IS[name](arguments)), None)

    def setting(self, name: str) -> str:
        """As the gateway was given it."""
        return environment_of(self.pid("gateway"))[name]

    def cpu(self) -> dict[str, float]:
        """Seconds of the cores that each program has used, with all that it has started."""
        return {name: cpu_of_all(self.pid(name)) for name in SHOWN}

    def cpu_in_all(self) -> float:
        """The same of everything that runs, `vaxel up` and the alerts' workers too."""
        return cpu_of_all(self._up.pid) + cpu_of_all(self.pid("postgresql"))

    @property
    def is_at_work(self) -> bool:
        """Whether a worker is there, one that was started by hand too."""
        return self._found("worker") is not None

    def halt_worker(self) -> None:
        """It drains and ends; `vaxel up` stands still until it is started again, since it would start it at once."""
        ended = self.pid("worker")
        os.kill(self._up.pid, signal.SIGSTOP)
        self._halted = True
        os.kill(ended, signal.SIGTERM)
        self._wait(lambda: self._found("worker") is None, END_SECONDS, "end its worker")
        self._own = None

    def start_worker(self, processes: int = 1) -> None:
        """The one that was halted, by `vaxel up`; with several processes by hand, as `vaxel up` would.

        Raises:
            WrongWork: one is at work: it would do a part of what is measured.
        """
        if self.is_at_work:
            raise WrongWork("a worker is at work already")
        if processes == 1:
            self._halted = False
            os.kill(self._up.pid, signal.SIGCONT)
            self._wait(lambda: self._found("worker") is not None, 60, "start its worker")
            return
        environment = environment_of(self.pid("sandbox"))
        with (self.home / "logs" / "worker.log").open("ab") as log:
            self._own = subprocess.Popen(
                [self.vaxel, "worker", "--processes", str(processes)], cwd=self.checkout, env=environment,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def can(self, *command: str) -> bool:
        """Whether the command line of this version knows all that: the last is to be in the help of the others."""
        told = subprocess.run(
            [self.vaxel, *command[:-1], "--help"],
            cwd=self.checkout,
            capture_output=True,
            text=True,
            check=False,
        )
        return command[-1] in told.stdout

    # --- all of them

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Växel's own programs are stopped in their tracks meanwhile; the sandbox and PostgreSQL are not."""
        stopped = {one for name in STILL if (pid := self._found(name)) for one in family(pid)}
        try:
            _signal(stopped, signal.SIGSTOP)
            yield
        finally:
            _signal(stopped, signal.SIGCONT)

    def freeze(self) -> None:
        """All stand still, so that another version has the machine."""
        _signal(self._all(), signal.SIGSTOP)

    def thaw(self) -> None:
        """They go on where they were."""
        _signal(self._all() - ({self._up.pid} if self._halted else set()), signal.SIGCONT)

    def _all(self) -> set[int]:
        found = family(self._up.pid) | (family(self._own.pid) if self._own else set())
        with suppress(FileNotFoundError):
            found |= family(self.pid("postgresql"))
        return found

    def stop(self) -> None:
        """End everything, in the order that `vaxel up` has for it."""
        _signal(self._all(), signal.SIGCONT)
        for one in (self._own, self._up):
            if one and one.poll() is None:
                one.terminate()
                try:
                    one.wait(END_SECONDS)
                except subprocess.TimeoutExpired:
                    _signal(self._all(), signal.SIGKILL)
                    one.wait()
        self._log.close()

    def _wait(self, is_so: Callable[[], bool], seconds: float, what: str) -> None:
        end = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > end:
                raise WrongWork(f"{self.vaxel} up did not {what} within {seconds:.0f} s: {self._told()}")
            time.sleep(0.1)


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
