"""What goes wrong in each part, while bookings come in. Each gives what it did, counted."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

from bench.chaos.programs import DEADLINE, WORKERS, Programs
from engine.base.settings import SANDBOXED

Counts = dict[str, int]
LIVES = (0.7, 2.7)
"""How long a program lives, in the time that one takes to start."""
APART = (3, 7)
"""Seconds between two restarts of PostgreSQL."""


@dataclass(frozen=True)
class Order:
    """How much trouble.

    Args:
        kills: of a program, at least; of PostgreSQL, its restarts.
        away: seconds that Prefect's server is gone.
        enough: set by the trouble once it has done what it has to.
        until: by the monotonic clock, when it has to end in any case.
        all_sent: set when every webhook is sent; then the trouble ends.
    """

    kills: int
    away: float
    dice: random.Random
    until: float
    enough: Event
    all_sent: Event

    def goes_on(self, done: int) -> bool:
        """Note whether it is enough; whether there is to be more."""
        if done >= self.kills or time.monotonic() > self.until:
            self.enough.set()
        return not (self.enough.is_set() and self.all_sent.is_set())


def workers_killed(programs: Programs, order: Order) -> Counts:
    """Each worker lives some random seconds and is killed while a case is held; within a second it starts again."""
    return {"kills": _killed(programs, order, "worker", programs.is_at_work)}


def gateway_killed(programs: Programs, order: Order) -> Counts:
    """The gateway lives some random seconds and is then killed, in the midst of a storm of webhooks."""
    return {"kills": _killed(programs, order, "gateway")}


def _killed(programs: Programs, order: Order, name: str, is_time: Callable[[], bool] = lambda: True) -> int:
    """Kill each program of this name, again and again; some still start, most have worked for a while."""
    kills, ends = 0, dict[int, float]()
    while order.goes_on(kills):
        for child in programs.children.named(name):
            if child.process is None or child.process.poll() is not None:
                continue
            life = order.dice.uniform(*LIVES) * programs.worker_starts
            end = ends.setdefault(child.process.pid, time.monotonic() + life)
            if time.monotonic() > end and is_time():
                child.kill()
                kills += 1
        time.sleep(0.05)
    return kills


def postgres_restarted(programs: Programs, order: Order) -> Counts:
    """PostgreSQL is restarted every few seconds; each third time it crashes."""
    counts = {"restarts": 0, "crashes": 0}
    while order.goes_on(counts["restarts"]):
        time.sleep(order.dice.uniform(*APART))
        crash = counts["restarts"] % 3 == 0
        programs.restart_postgres("immediate" if crash else "fast")
        counts["restarts"] += 1
        counts["crashes"] += crash
    return counts


def prefect_away(programs: Programs, order: Order) -> Counts:
    """Prefect's server is killed in the middle, and gone for a while."""
    (server,) = programs.children.named("prefect")
    time.sleep(order.away / 4)
    before = programs.settled()
    with server.away():
        time.sleep(order.away)
        meanwhile = programs.settled() - before
    order.enough.set()
    order.all_sent.wait()
    return {"seconds away": round(order.away), "settled meanwhile": meanwhile}


def systems_fail(programs: Programs, order: Order) -> Counts:
    """A third errors, a tenth answers lost after the effect, some slow, malformed, too late; receipts twice.

    They are well again when all that is left waits for long, for a try that is due in minutes or hours; in any case
    when a sixth of the time that is left is over. Where no worker has got so far as to call one, that is waited for.
    """
    kinds: list[dict[str, Any]] = [
        {"kind": "error_500", "probability": 1 / 3},
        {"kind": "timeout_after", "probability": 0.1, "seconds": 0.25},
        {"kind": "timeout_after", "probability": 0.002, "seconds": DEADLINE + 2},
        {"kind": "timeout_before", "probability": 0.02, "seconds": 0.25},
        {"kind": "slow", "probability": 0.05, "seconds": 0.5},
        {"kind": "malformed", "probability": 0.02},
    ]
    faults = [kind | {"system": name, "seed": order.dice.random()} for name in SANDBOXED for kind in kinds]
    receipts = [
        {"kind": "duplicate_receipts", "probability": 0.3, "seed": order.dice.random()},
        {"kind": "late_receipts", "probability": 0.1, "seconds": 3, "seed": order.dice.random()},
    ]
    programs.faults(faults + [receipt | {"system": "sms"} for receipt in receipts])
    order.enough.set()
    order.all_sent.wait()
    _while_busy(programs, _share_of_rest(order, 1 / 2), lambda: not _played(programs))
    _while_busy(programs, _share_of_rest(order, 1 / 6))
    return {"faults played": _played(programs)}


def _share_of_rest(order: Order, share: float) -> float:
    """When so much of the time that is left is over."""
    now = time.monotonic()
    return now + (order.until - now) * share


def _while_busy(programs: Programs, end: float, goes_on: Callable[[], bool] = lambda: True) -> None:
    while time.monotonic() < end and goes_on() and programs.is_busy():
        time.sleep(0.5)


def _played(programs: Programs) -> int:
    return sum(fault["fired"] for fault in programs.town.get("/faults").json()["faults"])


def all_together(programs: Programs, order: Order) -> Counts:
    """Everything that can go wrong does, at once: programs and servers until it is enough, each worker as often as
    the gateway, and outer systems as long as webhooks are sent.
    """
    each: dict[str, Trouble] = {
        "gateway": gateway_killed,
        "postgres": postgres_restarted,
        "prefect": prefect_away,
        "systems": systems_fail,
        "workers": workers_killed,
    }
    ended = Event()
    ended.set()
    orders = [
        replace(
            order,
            kills=order.kills * (WORKERS if trouble is workers_killed else 1),
            enough=Event(),
            dice=random.Random(order.dice.random()),
            all_sent=order.all_sent if trouble is systems_fail else ended,
        )
        for trouble in each.values()
    ]
    with ThreadPoolExecutor(len(each)) as pool:
        under_way = [
            pool.submit(trouble, programs, one) for trouble, one in zip(each.values(), orders, strict=True)
        ]
        for one in orders:
            one.enough.wait(max(0.0, order.until - time.monotonic()))
        order.enough.set()
        done = [one.result() for one in under_way]
    return {f"{what} ({name})": n for name, did in zip(each, done, strict=True) for what, n in did.items()}


Trouble = Callable[[Programs, Order], Counts]
