"""What every side goes through, in one process: warm-up, triggers at rest, a stream of cases, a backlog."""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

import requests

from bench.engine.work import STAND_IN, STEPS

MIB = 1024
"""`ru_maxrss` is in KiB."""
WARM = 8
"""Most cases of the warm-up, which is a tenth of the stream at most."""


class Side(Protocol):
    """How cases are triggered and carried out on one side."""

    def trigger(self, key: str) -> None:
        """Trigger one case; durable, where the side is, when this returns. May begin at once."""

    def store(self, keys: Sequence[str]) -> None:
        """Trigger cases, each by itself, while nothing takes them up."""

    def begin(self) -> None:
        """Let what is stored be taken up."""

    def wait(self, keys: Sequence[str]) -> None:
        """Until these cases are done, and whatever the side keeps of them is committed."""


@dataclass(frozen=True)
class Figures:
    """What one side did in one round.

    Args:
        seconds: from the first trigger to the last case done, of `cases` triggered one after another.
        backlog_seconds: from letting the side at `cases` stored ones, to the last done.
        cpu_seconds: what this process (and its ended children) used of the cores in the stream.
        first_effect: seconds from a trigger at rest to the stand-in's receiving the first post.
        peak_mib, peak_child_mib: largest resident memory of this process, and of the largest subprocess.
    """

    side: str
    threads: int
    cases: int
    seconds: float
    backlog_seconds: float
    cpu_seconds: float
    has_backlog: bool
    first_effect: list[float]
    peak_mib: float
    peak_child_mib: float


def arguments() -> argparse.Namespace:
    """The command line that all sides have."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stand-in", required=True, help="its address")
    parser.add_argument("--cases", type=int, default=1000, help="of the stream, and of the backlog")
    parser.add_argument("--singles", type=int, default=20, help="triggers at rest")
    parser.add_argument(
        "--pause", type=float, default=1.0, help="seconds of rest before each, and up to one more"
    )
    parser.add_argument("--threads", type=int, default=4, help="that make calls")
    parser.add_argument("--round", default="1", help="keys of cases begin with it")
    given = parser.parse_args()
    os.environ[STAND_IN] = given.stand_in
    return given


def measure(name: str, side: Side, given: argparse.Namespace, *, backlog: bool = True) -> None:
    """Take a side through it all, and print its figures as JSON; a side that breaks ends at once, with 1."""
    try:
        print(json.dumps(asdict(_figures(name, side, given, backlog))), flush=True)
    except BaseException:  # noqa: BLE001 (told, and ended)
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)  # whatever threads it has


def _figures(name: str, side: Side, given: argparse.Namespace, backlog: bool) -> Figures:
    _warm_up(side, _keys(name, given, "warm", min(WARM, given.cases // 10)))
    first_effect = [_single(side, key, given) for key in _keys(name, given, "single", given.singles)]
    cpu = _cpu()
    seconds = _stream(side, _keys(name, given, "stream", given.cases))
    cpu = _cpu() - cpu
    backlog_seconds = _backlog(side, _keys(name, given, "backlog", given.cases)) if backlog else seconds
    peaks = [
        resource.getrusage(who).ru_maxrss / MIB for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    return Figures(
        name, given.threads, given.cases, seconds, backlog_seconds, cpu, backlog, first_effect, *peaks
    )


def _keys(name: str, given: argparse.Namespace, kind: str, count: int) -> list[str]:
    return [f"{name}-{given.round}-{kind}-{number:05}" for number in range(count)]


def _warm_up(side: Side, keys: Sequence[str]) -> None:
    for key in keys:
        side.trigger(key)
    side.wait(keys)


def _single(side: Side, key: str, given: argparse.Namespace) -> float:
    """One case when nothing else goes on; gives the seconds to its first effect."""
    time.sleep(given.pause + random.random())
    began = time.monotonic()
    side.trigger(key)
    side.wait([key])
    done = requests.get(f"{given.stand_in}/done", timeout=30).json()
    return float(done[f"{key}/{STEPS[0]}"][1]) - began


def _stream(side: Side, keys: Sequence[str]) -> float:
    began = time.monotonic()
    for key in keys:
        side.trigger(key)
    side.wait(keys)
    return time.monotonic() - began


def _backlog(side: Side, keys: Sequence[str]) -> float:
    side.store(keys)
    time.sleep(1)
    began = time.monotonic()
    side.begin()
    side.wait(keys)
    return time.monotonic() - began


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
