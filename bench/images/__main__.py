"""The image bench: attachments from webhook to sealed file, and a ward's page, everything as `vaxel up` starts it.

- `transfers`: twenty of 150 MB at once: how far the memory of the worker and its children grows, and the time against
  that of plain `requests` into sealed files in as many threads, while Växel's own programs stand still.
- `idle`: one of 3 MB at rest, from the webhook to the moment at which staff are told that it is ready.
- `page`: a page of 1,000 files of one member of staff's: its first byte.
- `formats`, only where it is asked for: the formats that a file may be sealed in, without Växel's programs.

`python -m bench.images --quick` is a look at all of it, whose figures are not kept.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figures import head_of, into_ratios, one_or_more, rounded, write
from bench.images import formats, parts
from bench.images.ward import Ward
from bench.journey.house import everything
from bench.processes import WrongWork

FORMATS = "formats"
RESULTS = Path(__file__).resolve().parent.parent / "results"
Json = dict[str, Any]
PARTS: Mapping[str, Callable[[Ward, parts.Size], Json]] = {
    "transfers": parts.transfers,
    "idle": parts.idle,
    "page": parts.page,
}
WANTED = {
    "transfers": {"memory_pss_mib": 80.0, "memory_uss_mib": 80.0, "seconds_over_plain": 1.5},
    "idle": {"ready_seconds": 1.5},
    "page": {"first_byte_ms": 100.0},
}
"""At most so much, of the median of the rounds."""


def arguments() -> argparse.Namespace:
    """The command line."""
    about = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m bench.images", description=__doc__, formatter_class=about
    )
    add = parser.add_argument
    add(
        "--only",
        type=_names,
        default=list(PARTS),
        help=f"parts, separated by commas (default {','.join(PARTS)})",
    )
    add("--rounds", type=one_or_more, default=5, help="of each part (default 5)")
    add("--quick", action="store_true", help="one small round of each; written nowhere")
    add(
        "--output",
        type=Path,
        default=RESULTS / "images.json",
        help="where the result is written, .md beside it",
    )
    return parser.parse_args()


def _names(given: str) -> list[str]:
    names = given.split(",")
    if unknown := set(names) - {*PARTS, FORMATS}:
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(sorted(unknown))}")
    return names


def measure(ward: Ward, given: argparse.Namespace, say: Callable[[str], None]) -> dict[str, list[Json]]:
    """All rounds of each part."""
    size = parts.QUICK if given.quick else parts.WHOLE
    taken: dict[str, list[Json]] = {name: [] for name in given.only}
    for at in range(1 if given.quick else given.rounds):
        for name in given.only:
            one = rounded(PARTS[name](ward, size))
            taken[name].append(one)
            told = ", ".join(f"{what} {one[what]:g}" for what in WANTED[name])
            say(f"  round {at + 1}, {name}: {told}")
    return taken


def medians(taken: Mapping[str, list[Json]]) -> Json:
    """Of each part, of each figure."""
    return {
        name: {what: statistics.median(one[what] for one in rounds) for what in rounds[0]}
        for name, rounds in taken.items()
    }


def page_of(told: Json) -> str:
    """As Markdown."""
    lines = head_of("Images through the storage", told)
    for name, figures in told["medians"].items():
        lines += [f"## {name}", "", "| | median | wanted at most | rounds |", "|---|--:|--:|---|"]
        for what, value in figures.items():
            wanted = WANTED[name].get(what)
            rounds = ", ".join(f"{one[what]:g}" for one in told["each_round"][name])
            lines.append(f"| {what} | {value:g} | {wanted or ''} | {rounds} |")
        lines.append("")
    return "\n".join(lines)


def keep(given: argparse.Namespace, on: Json, taken: Mapping[str, list[Json]]) -> None:
    """Write the result, and what was to be reached into `ratios.json`."""
    found = medians(taken)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    told = {"at": at, "machine": on, "medians": found, "each_round": dict(taken)}
    write(given.output, told, page_of(told))
    reached = {
        f"images/{name}_{what}": (found[name][what], most, found[name][what] <= most)
        for name in found
        for what, most in WANTED[name].items()
    }
    into_ratios(given.output.parent / "ratios.json", reached, on, at)


def main() -> int:
    """Measure, print, and write down."""
    given = arguments()

    def say(what: str) -> None:
        print(what, flush=True)

    if FORMATS in given.only:
        say(formats.page(formats.measure(given.rounds)))
        given.only.remove(FORMATS)
    if not given.only:
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with everything(say) as house:
            os.environ |= house.settings
            on = house.described()
            taken = measure(Ward(house), given, say)
    except WrongWork as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("  stopped.")
        return 130
    for name, figures in medians(taken).items():
        for what, most in WANTED[name].items():
            say(f"  {name} {what}: {figures[what]:g}, wanted at most {most:g}")
    if not given.quick:
        keep(given, on, taken)
        say(f"  {given.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
