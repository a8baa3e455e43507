"""Residents on 1177: how soon their times are shown, changed and offered, everything as `vaxel up` starts it.

- `schedules`: 200 residents a second ask for their times: how soon they are answered, and what a call costs gateway
  and PostgreSQL, beside a bare SOAP echo behind the same server that gets the same calls.
- `cancellations`: one at a time, at rest: from 1177's call until VAS has it.
- `free_times`: 5,000 free times of four weeks in one answer.

Written to bench/results/self_service.json, and as `self_service/<name>` among the ratios.
`python -m bench.self_service --quick` is a small look at all of it, written nowhere.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import machine
from bench.figures import head_of, into_ratios, one_or_more, rounded, write
from bench.journey.house import ROOT, everything
from bench.self_service.parts import PARTS, QUICK, Size

RESULTS = ROOT / "bench" / "results" / "self_service.json"
Json = dict[str, Any]
WANTED = {
    "schedule_p99_ms": ("200 schedules a second: p99, ms", 50.0),
    "schedule_cpu_over_echo": ("CPU of a schedule, of a bare SOAP echo's", 3.0),
    "cancelled_at_vas_seconds": ("at rest, from a cancellation on 1177 until VAS has it: median, s", 0.15),
    "free_times_ms": ("5,000 free times in one answer: ms", 400.0),
    "free_times_mib": ("what the gateway grows by meanwhile, MiB", 60.0),
}
"""At most so much, of the median of the rounds."""


def command_line() -> argparse.Namespace:
    """The command line."""
    about = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m bench.self_service", description=__doc__, formatter_class=about
    )
    parser.add_argument("--rounds", type=one_or_more, default=3, help="of each part (default 3)")
    parser.add_argument("--quick", action="store_true", help="one small round of each; written nowhere")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where it is written, .md beside it")
    return parser.parse_args()


def as_page(told: Json) -> str:
    """As Markdown."""
    lines = head_of("Residents on 1177", told)
    lines += ["| | value | wanted | reached | rounds |", "|---|--:|--:|---|---|"]
    for name, (what, wanted) in WANTED.items():
        value = told["values"][name]
        rounds = ", ".join(f"{one[name]:.3g}" for one in told["rounds"])
        said = "yes" if value <= wanted else "**no**"
        lines.append(f"| {what} | {value:.3g} | at most {wanted:g} | {said} | {rounds} |")
    return "\n".join([*lines, "", "What is measured: `bench/self_service/__main__.py`."]) + "\n"


def main() -> int:
    """Measure, print, and write down."""
    given = command_line()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    size, rounds = (QUICK, 1) if given.quick else (Size(), given.rounds)
    load = machine.described()["load_before"]
    taken: list[Json] = []
    with everything(lambda said: print(said, flush=True)) as house:
        on = house.described() | {"load_before": load}
        for at in range(rounds):
            one: Json = {}
            for name, part in PARTS.items():
                found = rounded(part(house, size))
                print(f"  round {at + 1}, {name}: {found}", flush=True)
                one |= found
            taken.append(one)
    values = {name: statistics.median(one[name] for one in taken) for name in WANTED}
    at_moment = datetime.now(UTC).isoformat(timespec="seconds")
    told: Json = {"at": at_moment, "machine": on, "values": values, "rounds": taken}
    print(as_page(told))
    if not given.quick:
        write(given.output, told, as_page(told))
        ratios = {
            f"self_service/{name}": (value, WANTED[name][1], value <= WANTED[name][1])
            for name, value in values.items()
        }
        into_ratios(given.output.parent / "ratios.json", ratios, on, at_moment)
    return 0


if __name__ == "__main__":
    sys.exit(main())
