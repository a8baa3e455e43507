"""The journey bench: signed webhooks to settled bookings, everything as `vaxel up` starts it.

Each round: a storm (webhooks as fast as they are taken, the worker at work), a backlog (stored first, the worker
started then), after each of them its floor (the calls that the sandbox recorded, made again by bare `requests`),
webhooks at a fixed rate, and single ones at rest. `python -m bench.journey --rounds 1 --sizes 300` is a quick look.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figures import one_or_more, rounded, write
from bench.journey import measures, mix, report
from bench.journey.house import House, everything
from bench.processes import WrongWork

RESULTS = Path(__file__).resolve().parent.parent / "results" / "journey.json"
Json = dict[str, Any]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.journey", description=__doc__)
    add = parser.add_argument
    add("--sizes", type=_numbers, default=[1000], help="cases, separated by commas (default 1000)")
    add("--rounds", type=one_or_more, default=5, help="of the smallest size (default 5)")
    add("--large-rounds", type=one_or_more, default=1, help="of every other size (default 1)")
    add(
        "--first",
        type=int,
        default=3 * measures.WAVE,
        help="of a larger backlog so many are waited for, whole waves of 2000; it has no storm (default 6000)",
    )
    add(
        "--connections",
        type=one_or_more,
        default=4,
        help="of the floor to each system, as many as Växel has (default 4)",
    )
    add(
        "--delay-ms",
        type=int,
        default=0,
        help="each call that the outer systems answer takes so much more, Växel's and the floor's (default 0)",
    )
    add("--rate", type=float, default=200.0, help="webhooks a second, at a fixed rate (default 200)")
    add("--rate-seconds", type=float, default=10.0, help="for so long (default 10; 0: not at all)")
    add("--singles", type=int, default=5, help="webhooks at rest a round (default 5)")
    add(
        "--pause", type=float, default=2.0, help="seconds of rest before each, and up to one more (default 2)"
    )
    add("--output", type=Path, default=RESULTS, help="where the result is written, .md beside it")
    given = parser.parse_args()
    if given.sizes[-1] > given.first and given.first % measures.WAVE:
        parser.error(
            f"--first {given.first}: cases settle in waves of {measures.WAVE}, and only whole ones are like"
        )
    return given


def _numbers(given: str) -> list[int]:
    return sorted(one_or_more(number) for number in given.split(","))


def one_round(house: House, size: int, tag: str, given: argparse.Namespace, say: Any) -> Json:
    """Storm and backlog of one size, each with its floor after it."""
    first = min(size, given.first)
    taken: Json = {}
    if first == size:
        taken["storm"] = measures.storm(house, f"{tag}s", size)
        taken["storm_floor"] = measures.floor(house, size, given.connections)
    taken["backlog"] = measures.backlog(house, f"{tag}b", size, first)
    if first == size:
        taken["backlog_floor"] = measures.floor(house, size, given.connections)
    for what, one in taken.items():
        say(f"  {size:6} cases  {what:14} {one.get('settled', size) / one['seconds']:8.3g} cases/s")
    return taken


def at_the_door(house: House, tag: str, given: argparse.Namespace, say: Any) -> Json:
    """Webhooks at a fixed rate, with the worker at work and with the worker halted."""
    told = {}
    for how, worker in (("worker at work", True), ("worker halted", False)):
        tagged = f"{tag}{'w' if worker else 'h'}"
        one = measures.accepted(house, tagged, given.rate, given.rate_seconds, worker=worker)
        say(f"  {given.rate:g} a second, {how}: p99 {one['answer_ms']['p99']:.3g} ms")
        told[how] = one
    return told


def measure(house: House, given: argparse.Namespace, say: Any) -> Iterator[Json]:
    """All that is measured so far, after each size; nothing that is wrong is told as a figure."""
    told: Json = {"sizes": {}, "accepted": [], "idle": []}
    for size in given.sizes:
        smallest = size == given.sizes[0]
        taken = told["sizes"].setdefault(str(size), [])
        for at in range(given.rounds if smallest else given.large_rounds):
            tag = f"j{size}r{at}"
            taken.append(one_round(house, size, tag, given, say))
            if smallest and given.rate_seconds:
                told["accepted"].append(at_the_door(house, f"{tag}d", given, say))
            if smallest and given.singles:
                told["idle"].append(measures.idle(house, f"{tag}i", given.singles, given.pause))
        yield told


def result(given: argparse.Namespace, on: Json, taken: Json) -> Json:
    """What is written."""
    told: Json = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": on,
        "sizes": {size: report.of_size(rounds) for size, rounds in taken["sizes"].items()},
    }
    if taken["accepted"]:
        ways = taken["accepted"][0]
        told["accepted"] = {how: report.of_accepted([one[how] for one in taken["accepted"]]) for how in ways}
    if taken["idle"]:
        told["idle_seconds"] = report.of_idle(taken["idle"])
    told["growth"] = report.growth(told["sizes"])
    told["targets"] = report.targets(told)
    told["notes"] = notes(given)
    rounds: Json = rounded(told | {"each_round": taken})
    return rounds


def notes(given: argparse.Namespace) -> list[str]:
    """What has to be known to read the figures."""
    shares = {sort: mix.SORTS.count(sort) for sort in dict.fromkeys(mix.SORTS)}
    sorts = ", ".join(f"{count} {sort}" for sort, count in shares.items())
    return [
        f"Journeys: new bookings of {mix.RESIDENTS} residents in turn, of twelve {sorts} (`bench/journey/mix.py`)."
        " All are checked: settled, and the sandbox holds exactly what it should, by kind; else there is no figure.",
        "Storm: from the first webhook to the last case settled. Backlog: single webhooks, stored while the worker is"
        " stopped; from the first effect to the last case settled, without the worker's own start.",
        "Floor: exactly the calls that the sandbox recorded of that journey, made again by bare `requests` (e-mail by"
        f" smtplib) over {given.connections} connections to each system, as Växel has, each resident's calls in their"
        " order. It sends no webhooks, keeps nothing, and has the machine for itself and the sandbox: gateway, worker"
        " and Prefect stand still (SIGSTOP), so that delivery receipts cost it nothing either.",
        f"Each call took {given.delay_ms} ms more than the sandbox needs. Possible: the calls that are needed (a"
        " question once for a resident, and again only after something was done about the resident in that system; of"
        " the register of persons in one call for up to 500) of the system that has the most to do, times the median"
        " of its calls in the floor, over its connections.",
        f"Of a backlog larger than {given.first} the first {given.first} to settle are measured while all of it lies"
        " there, stored: how a case's cost grows with the backlog, not how long all of it takes.",
        "A case's cost in the backlog: until all are settled, without the worker's own start; of more than one wave,"
        " from when the first 2000 are settled and the reminders of all are planned, for 4000 more. CPU is of each"
        " program with all that it has started.",
        "Webhooks at a fixed rate are sent at their times, whatever became of those before (32 connections); an"
        " answer's time counts from when its webhook was to be sent, and the sender shares the cores. Idle: from one"
        " webhook to the index's own note of when it had the booking.",
    ]


def main() -> int:
    """Measure, print, and write down."""
    given = arguments()

    def say(what: str) -> None:
        print(what, flush=True)

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with everything(say) as house:
            house.delay_ms = given.delay_ms
            on = house.described()
            for taken in measure(house, given, say):
                told = result(given, on, taken)
                write(given.output, told, report.page(told))
    except WrongWork as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("  stopped.")
        return 130
    say(report.table(told))
    say(f"  {given.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
