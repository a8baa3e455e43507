"""The engine bench: Växel's engine, DBOS, Prefect the ordinary way and bare calls, at the same work.

A case is three posts to one stand-in, one after another, by the same client (requests, kept alive) and the same
number of threads; each durable on the same embedded PostgreSQL, but for the bare calls. Sides take turns; what is
told is the median of the rounds. `python -m bench.engine --rounds 1 --cases 200` is a quick look.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import machine
from bench.engine import figures
from bench.engine.servers import Bench, everything
from bench.figures import into_ratios, one_or_more, rounded, write
from bench.processes import WrongWork
from engine.base.database import transaction

SIDES = ("floor", "vaxel", "dbos", "prefect")
RESULTS = Path(__file__).resolve().parent.parent / "results" / "engine.json"
REST_SECONDS = 2.0
NOTES = [
    "stream: cases triggered one after another, each trigger durable by itself, from the first trigger to the last "
    "case done. backlog: the same number stored beforehand, each by itself, then let loose.",
    "first effect: from a trigger at rest to the stand-in's receipt of the first post, all rounds together.",
    "Prefect's server is a process of its own on the same PostgreSQL. It runs for the sides that need it (vaxel, "
    "prefect) and stands still (SIGSTOP) for the others, so that its idling costs those nothing.",
    "CPU a case is that of the side's own process. What Prefect's server and PostgreSQL use beside it, over all of a "
    "side's time with its pauses, stands in the .json.",
    "The three steps are of the kind whose system can be asked, or takes a key. A step whose system can't be asked "
    "goes more slowly: the journey bench has those.",
    "vaxel: gateway's intake and wake-up, worker, effects, timeline and sealed columns, all in the side's process; "
    "its runs are asked for at Prefect and carried out by the in-process worker, as in production.",
    "dbos: start_workflow in the stream, a queue for the backlog; as many executor threads as the others have.",
    "prefect: flow.serve() with Prefect's own defaults (polls each 10 s, 5 runs at once, a subprocess a run). It "
    "runs fewer cases, for each takes seconds, so that the wait for its first poll weighs more; at 5 runs each 10 s "
    "it could do 0.5 a second at most. It has no backlog apart from its stream.",
]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.engine", description=__doc__)
    parser.add_argument("--rounds", type=one_or_more, default=5, help="turns that each side has (default 5)")
    parser.add_argument(
        "--cases", type=one_or_more, default=1000, help="of a stream, and of a backlog (default 1000)"
    )
    parser.add_argument(
        "--prefect-cases",
        type=one_or_more,
        default=10,
        help="the same for prefect, which runs five at once (default 10)",
    )
    parser.add_argument("--singles", type=int, default=6, help="triggers at rest a round (default 6)")
    parser.add_argument("--prefect-singles", type=int, default=1, help="the same for prefect (default 1)")
    parser.add_argument(
        "--threads", type=one_or_more, default=4, help="that make calls, on each side (default 4)"
    )
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES), help="only these")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where the result is written")
    parser.add_argument("--json", action="store_true", help="print the result as JSON, progress on stderr")
    return parser.parse_args()


def turns(sides: Sequence[str], number: int) -> list[str]:
    """The sides in the order of this round: another one begins each time."""
    first = number % len(sides)
    return [*sides[first:], *sides[:first]]


def measure(bench: Bench, given: argparse.Namespace, say: Any) -> dict[str, list[dict[str, Any]]]:
    """All rounds, by side."""
    taken: dict[str, list[dict[str, Any]]] = {side: [] for side in given.sides}
    for number in range(given.rounds):
        for side in turns(given.sides, number):
            ordinary = side == "prefect"
            cases = given.prefect_cases if ordinary else given.cases
            singles = given.prefect_singles if ordinary else given.singles
            one = bench.run(
                side, "--cases", str(cases), "--singles", str(singles), "--round", str(number + 1)
            )
            taken[side].append(one)
            say(f"  round {number + 1} of {given.rounds}  {side:8} {cases / one['seconds']:8.3g} cases/s")
            time.sleep(REST_SECONDS)
    return taken


def result(
    given: argparse.Namespace, on: dict[str, Any], taken: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    """What is written."""
    sides = {side: figures.summary(rounds) for side, rounds in taken.items()}
    whole = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": on,
        "rounds": given.rounds,
        "threads": given.threads,
        "sides": sides,
        "vaxel_over": figures.ratios(sides),
        "notes": NOTES,
        "each_round": taken,
    }
    told: dict[str, Any] = rounded(whole)
    return told


def main() -> int:
    """Measure, print, and write down."""
    given = arguments()
    out = sys.stderr if given.json else sys.stdout

    def say(what: str) -> None:
        print(what, file=out, flush=True)

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    say("  starting PostgreSQL, Prefect's server and the stand-in …")
    try:
        with everything(given.threads) as bench:
            with transaction() as connection:
                on = machine.described(connection)
            told = result(given, on, measure(bench, given, say))
    except WrongWork as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("  stopped.")
        return 130
    write(given.output, told, figures.page(told))
    into_ratios(given.output.parent / "ratios.json", figures.found(told["sides"]), on, told["at"])
    say(json.dumps(told) if given.json else figures.table(told["sides"], told["vaxel_over"]))
    say(f"  {given.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
