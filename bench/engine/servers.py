"""What the sides need beside them: PostgreSQL, the stand-in, Prefect's server; and how one side is run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.engine.work import STAND_IN, STEPS
from bench.processes import WrongWork, cpu_of
from bench.town import free_port, settle_in
from engine.base.settings import ROOT

NEED_PREFECT = ("vaxel", "prefect")
ORDINARY = (
    "PREFECT_WORKER_QUERY_SECONDS",
    "PREFECT_WORKER_PREFETCH_SECONDS",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY",
)
"""Settings that Växel gives Prefect, and that the side `prefect` does without."""
SIDE_SECONDS = 1800.0
PREFECT = ("prefect", "server", "start", "--host", "127.0.0.1", "--port")


@dataclass
class Bench:
    """The servers, up. `threads` make calls on each side."""

    children: Any
    stand_in: str
    threads: int
    postmaster: int

    def run(self, name: str, *options: str) -> dict[str, Any]:
        """One side in a process of its own; gives its figures, checked at the stand-in.

        Raises:
            WrongWork: it failed, or a case did not have exactly three effects.
        """
        httpx.delete(f"{self.stand_in}/done", trust_env=False)
        self._let_prefect(name in NEED_PREFECT)
        before = self._cpu_of_others()
        try:
            said = self._said(name, ["--stand-in", self.stand_in, "--threads", str(self.threads), *options])
        finally:
            self._let_prefect(True)
        figures: dict[str, Any] = json.loads(said.splitlines()[-1])
        done = httpx.get(f"{self.stand_in}/done", trust_env=False, timeout=60).json()
        used = {server: seconds - before[server] for server, seconds in self._cpu_of_others().items()}
        return figures | {"effects_checked": checked(figures, done), "cpu_seconds_of_others": used}

    def _said(self, name: str, options: Sequence[str]) -> str:
        unset = ORDINARY if name == "prefect" else ()
        environment = {key: value for key, value in self.children.environment.items() if key not in unset}
        command = [sys.executable, "-m", f"bench.engine.side_{name}", *options]
        with tempfile.TemporaryFile("w+") as errors:
            side = subprocess.Popen(
                command, env=environment, cwd=ROOT, text=True, start_new_session=True,
                stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip
            try:
                said, _ = side.communicate(timeout=SIDE_SECONDS)
            finally:
                _end(side)
            errors.seek(0)
            if side.returncode or not said.strip():
                raise WrongWork(f"{name} ended with {side.returncode}: {errors.read()[-3000:]}")
        return said

    def _cpu_of_others(self) -> dict[str, float]:
        """Seconds of the cores that each server has used, with its ended children (a side's backends are)."""
        own = {child.name: cpu_of(child.process.pid) for child in self.children.running}
        return own | {"postgresql": cpu_of(self.postmaster)}

    def _let_prefect(self, run: bool) -> None:
        """Let Prefect's server run, or stand still: it costs those that do not need it nothing."""
        for child in self.children.running:
            if child.name == "prefect":
                os.killpg(child.process.pid, signal.SIGCONT if run else signal.SIGSTOP)


def _end(side: subprocess.Popen[str]) -> None:
    """End the side, and whatever it has started."""
    try:
        os.killpg(side.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    side.wait()


def checked(figures: dict[str, Any], done: dict[str, tuple[int, float]]) -> int:
    """How many effects there were, each exactly once and three for each case.

    Raises:
        WrongWork: it is not so.
    """
    cases = {path.rsplit("/", 1)[0] for path in done}
    twice = [path for path, (times, _) in done.items() if times != 1]
    if (
        twice
        or len(done) != len(STEPS) * len(cases)
        or len(cases) < figures["cases"] + len(figures["first_effect"])
    ):
        raise WrongWork(f"{figures['side']}: {len(cases)} cases, {len(done)} effects, {len(twice)} not once")
    return len(done)


@contextmanager
def everything(threads: int) -> Iterator[Bench]:
    """Start it all in a temporary folder, on free ports; stop it all at the end, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="vaxel-bench-") as home:
        settle_in(home)
        os.environ["VAXEL_SYSTEMS"] = json.dumps({"e1177": {"threads": threads}})
        from cli.up.children import Children
        from cli.up.environment import environment, prefect_api
        from engine.base import database
        from engine.base.databases import create_databases

        create_databases()
        database.migrate()
        port = str(free_port())
        stand_in = f"http://127.0.0.1:{port}"
        os.environ.pop(
            "PYTHONDONTWRITEBYTECODE", None
        )  # Prefect's subprocesses would compile everything each time
        given = environment() | {STAND_IN: stand_in, "BENCH_DBOS_URL": database.url_of("dbos")}
        children = Children(given, Path(home) / "logs")
        try:
            children.start("stand_in", sys.executable, "-m", "bench.engine.stand_in", "--port", port)
            children.start("prefect", *PREFECT, os.environ["VAXEL_PREFECT__PORT"], without="VAXEL_")
            children.wait_for("stand_in", f"{stand_in}/done")
            children.wait_for("prefect", f"{prefect_api()}/health")
            yield Bench(children, stand_in, threads, database.embedded(Path(home)).get_pid() or 0)
        finally:
            children.stop_all()
            database.engine().dispose()
