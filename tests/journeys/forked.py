"""`vaxel` in a process of its own that has been loaded already: forked, with its own settings, and killed like any other.

A Python that is begun anew loads for seconds what these tests do not ask about. What its command line does is asked by
`test_worker_forgets`, by the workers that `--processes` begins, and by one of `test_cli_commands`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from warm import START


class Forked:
    """What these tests know of a process, as `subprocess.Popen` has it.

    Args:
        said: a folder, in which what it prints is kept as `stdout` and `stderr`.
    """

    def __init__(self, *arguments: str, env: Mapping[str, str], said: Path | None = None) -> None:
        self.args = arguments
        self._process: ForkServerProcess = START.Process(target=_vaxel, args=(arguments, dict(env), said))
        self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """What it ended with, negative for a signal; None: it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Until it has ended, and what with."""
        self._process.join(timeout)
        if (ended := self.poll()) is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return ended

    def send_signal(self, number: signal.Signals) -> None:
        """A signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


def _vaxel(arguments: tuple[str, ...], environment: dict[str, str], said: Path | None) -> None:
    """As a new process has them: its environment, its settings, its command line, what signals do."""
    from prefect.context import refresh_global_settings_context

    from engine.base.settings import settings

    for number, name in ((1, "stdout"), (2, "stderr")) if said else ():
        os.dup2(os.open(f"{said}/{name}", os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(environment)
    settings.cache_clear()
    refresh_global_settings_context()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["vaxel", *arguments]
    from cli.app import app

    app()
