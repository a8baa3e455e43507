"""To see one case, and to follow the whole, among a million cases: each part with everything that it needs.

- `report`: the follow-up of a year of 40 units, asked for at the gateway: how soon its page begins, what it takes.
- `what_if`: kept decisions are decided anew.
- `find`: staff search for a patient's cases, with the access log written.

Written to bench/results/follow.json, and as `follow/<name>` among the ratios.
`python -m bench.follow --quick` is a small look at all of it, written nowhere.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench import machine
from bench.figures import head_of, into_ratios, one_or_more, rounded, write
from bench.follow import find, report, what_if
from bench.follow.size import QUICK, Json, Size, Wanted
from bench.journey.house import ROOT

RESULTS = ROOT / "bench" / "results" / "follow.json"
PARTS: Mapping[str, Callable[[Size], Json]] = {
    "report": report.measured_report,
    "find": find.measured_search,
    "what_if": what_if.measured_anew,
}
WANTED: Wanted = {
    **report.WANTED,
    "find_by_patient_ms": ("all that is known of a patient among the cases: the search, ms", 50.0, True),
    "what_if_decisions_a_second": ("decisions that are decided anew, by a second of one core", 3000.0, False),
    "what_if_mib_growth": ("what it grows by from 10,000 to a million decisions, MiB", 20.0, True),
}
"""Of the median of the rounds."""


def command_line() -> argparse.Namespace:
    """The command line."""
    about = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m bench.follow", description=__doc__, formatter_class=about
    )
    parser.add_argument("--rounds", type=one_or_more, default=1, help="of each part (default 1)")
    parser.add_argument("--only", choices=sorted(PARTS), help="this part alone; written nowhere")
    parser.add_argument("--quick", action="store_true", help="one small round of each; written nowhere")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where it is written, .md beside it")
    return parser.parse_args()


def as_page(told: Json) -> str:
    """As Markdown."""
    lines = head_of("One case, and the whole", told)
    lines += ["| | value | wanted | reached | rounds |", "|---|--:|--:|---|---|"]
    for name, (what, wanted, is_most) in WANTED.items():
        if name not in told["values"]:
            continue
        value = told["values"][name]
        rounds = ", ".join(f"{one[name]:.3g}" for one in told["rounds"])
        said = "yes" if is_reached(name, value) else "**no**"
        bound = "at most" if is_most else "at least"
        lines.append(f"| {what} | {value:.3g} | {bound} {wanted:g} | {said} | {rounds} |")
    return "\n".join([*lines, "", "What is measured: `bench/follow/__main__.py`."]) + "\n"


def is_reached(name: str, value: float) -> bool:
    """Is it as much, or as little, as is wanted?"""
    _, wanted, is_most = WANTED[name]
    return value <= wanted if is_most else value >= wanted


def main() -> int:
    """Measure, print, and write down."""
    given = command_line()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    size, rounds = (QUICK, 1) if given.quick else (Size(), given.rounds)
    on, taken = machine.described(), list[Json]()
    for at in range(rounds):
        one: Json = {}
        for name, part in PARTS.items():
            if given.only in (None, name):
                found = rounded(part(size))
                print(f"  round {at + 1}, {name}: {found}", flush=True)
                one |= found
        taken.append(one)
    values = {name: statistics.median(one[name] for one in taken) for name in WANTED if name in taken[0]}
    at_moment = datetime.now(UTC).isoformat(timespec="seconds")
    told: Json = {"at": at_moment, "machine": on, "values": values, "rounds": taken}
    print(as_page(told))
    if not (given.quick or given.only):
        write(given.output, told, as_page(told))
        ratios = {
            f"follow/{name}": (value, WANTED[name][1], is_reached(name, value))
            for name, value in values.items()
        }
        into_ratios(given.output.parent / "ratios.json", ratios, on, at_moment)
    return 0


if __name__ == "__main__":
    sys.exit(main())
