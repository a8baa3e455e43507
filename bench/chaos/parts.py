"""The parts: bookings are sent while something goes wrong; then all comes to rest, and is judged."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from threading import Event
from typing import Any

from bench.chaos import judge, mix, troubles
from bench.chaos.judge import Stop
from bench.chaos.mix import Booked
from bench.chaos.programs import Programs, Say, comes_to_rest
from bench.chaos.seen import look
from bench.chaos.senders import Post


@dataclass(frozen=True)
class Given:
    """How much: bookings of a part, kills of a worker, seconds that Prefect is away, minutes that a part may take."""

    bookings: int = 5000
    kills: int = 50
    away: float = 60.0
    minutes: float = 10.0
    seed: int = 1


@dataclass
class Told:
    """What came of a part. No `findings`: all is well."""

    part: str
    seconds: float
    bookings: int
    webhooks: int
    sent_again: int
    did: Mapping[str, int]
    settled: int
    parked: Mapping[str, int]
    unknown: Mapping[str, int]
    taken_up: int
    findings: list[str] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Part:
    """A part.

    Args:
        kills: of this part, by the kills of workers that are asked for.
        lasts: about how many seconds the trouble lasts, by its kills and the seconds in which a worker starts.
        pace: bookings a second at most; fewer, so that they come in as long as the trouble lasts.
    """

    trouble: troubles.Trouble
    kills: Callable[[Given], int] = lambda given: 0
    lasts: Callable[[Given, int, float], float] = lambda given, kills, start: 0
    pace: float = 40.0

    def bookings_a_second(self, given: Given, start: float) -> float:
        """As many as come in evenly over the trouble."""
        seconds = self.lasts(given, self.kills(given), start)
        return min(self.pace, given.bookings / seconds if seconds else self.pace)


PARTS: Mapping[str, Part] = {
    "workers": Part(
        troubles.workers_killed, lambda given: given.kills, lambda _, kills, start: 0.9 * start * kills
    ),
    "postgres": Part(
        troubles.postgres_restarted, lambda given: 1 + given.kills // 3, lambda _, kills, start: 6 * kills
    ),
    "prefect": Part(troubles.prefect_away, lasts=lambda given, kills, start: 1.5 * given.away),
    "gateway": Part(
        troubles.gateway_killed,
        lambda given: 1 + given.kills // 8,
        lambda _, kills, start: 2 * start * kills,
        80.0,
    ),
    "systems": Part(troubles.systems_fail),
    "together": Part(
        troubles.all_together, lambda given: 1 + given.kills // 5, lambda _, kills, start: 6 * kills
    ),
}


def play(name: str, programs: Programs, given: Given, say: Say) -> Told:
    """One part, from an empty town to the judge's word."""
    part, began = PARTS[name], time.monotonic()
    until = began + 60 * given.minutes
    programs.begin_anew()
    post = Post(programs.town, until)
    order = troubles.Order(part.kills(given), given.away, random.Random(given.seed), until, Event(), Event())
    pace = part.bookings_a_second(given, programs.worker_starts)
    with ThreadPoolExecutor(1) as side:
        trouble = side.submit(part.trouble, programs, order)
        try:
            post.send_bookings(mix.bookings(name, pace, given.seed), given.bookings, order.enough.is_set)
        finally:
            order.enough.set()
            order.all_sent.set()
        did = trouble.result()
    say(f"    {len(post.booked)} bookings, {len(post.taken)} webhooks taken; {_counted(did)}")
    programs.town.delete("/faults").raise_for_status()
    return concluded(name, programs, post, did, began, say)


def concluded(
    name: str,
    programs: Programs,
    post: Post,
    did: Mapping[str, int],
    began: float,
    say: Say,
    stops: Sequence[Stop] = (),
    told: Sequence[Booked] | None = None,
) -> Told:
    """All comes to rest, and is judged. `told`: the bookings whose residents are to be told; not given: all."""
    left, taken_up = comes_to_rest(programs, post.until, say)
    seen = look(programs.town)
    wrong = [f"not sent before the time was up: webhook {webhook}" for webhook in post.refused]
    wrong += [f"left when the time was up: {_counted(left)}"] if left else []
    wrong += judge.findings(seen)
    wrong += judge.not_served(seen, post.taken)
    wrong += judge.not_told(seen, post.booked if told is None else told)
    wrong += judge.past_the_gate(seen, stops)
    states = Counter(case["state"] for case in seen.cases if not case["parked"])
    return Told(
        part=name,
        seconds=round(time.monotonic() - began, 1),
        bookings=len(post.booked),
        webhooks=len(post.taken),
        sent_again=post.tries - len(post.taken),
        did=did,
        settled=states["settled"] + states["closed"],
        parked=dict(Counter(case["parked"] for case in seen.cases if case["parked"])),
        unknown=dict(judge.unknown(seen)),
        taken_up=taken_up,
        findings=wrong,
    )


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.items())
