"""This version of Växel beside another one, side by side in one run: each measure by turns, its figures as ratios.

Each side is a checkout with its own `.venv`, started by its own `vaxel up` in a folder of its own; while one is
measured, all programs of the other stand still. Nothing of either's code runs in the bench. What is measured has done
right: every booking settled, and the sandbox holds exactly what it should. To have the other side:

    git worktree add ../before COMMIT && make -C ../before .venv/.dev

`python -m bench.house --against ../before --only backlog_100 --rounds 1 --bookings 200` is a quick look at one part.
`tests` (`make test` of both, one after the other) is measured only where it is asked for.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from bench import machine
from bench.figures import into_ratios, one_or_more, rounded, write
from bench.house import report, rows
from bench.house.parts import PARTS, QUICK, CannotYet, Size
from bench.house.sides import BEFORE, NOW, Sides, sides
from bench.journey.house import ROOT
from bench.processes import WrongWork

TESTS = "tests"
RESULTS = ROOT / "bench" / "results" / "house.json"
Json = dict[str, Any]
Say = Callable[[str], None]


def arguments() -> argparse.Namespace:
    """The command line."""
    about = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m bench.house", description=__doc__, formatter_class=about)
    add = parser.add_argument
    add("--against", type=_checkout, help="another checkout, with its .venv; not given: this version alone")
    add(
        "--only",
        type=_names,
        default=list(PARTS),
        help=f"parts, separated by commas: {', '.join([*PARTS, TESTS])}",
    )
    add("--rounds", type=one_or_more, default=3, help="of each part (default 3)")
    add("--memory-rounds", type=one_or_more, default=1, help="of the part memory, which is long (default 1)")
    add("--bookings", type=one_or_more, help="of a backlog or a storm (default 1000)")
    add("--quick", action="store_true", help="one small round of each; written nowhere")
    add("--output", type=Path, default=RESULTS, help="where the result is written, .md beside it")
    return parser.parse_args()


def _checkout(given: str) -> Path:
    return Path(given).resolve()


def _names(given: str) -> list[str]:
    names = given.split(",")
    if unknown := set(names) - {*PARTS, TESTS}:
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(sorted(unknown))}")
    return names


class Bench:
    """One run: what was asked for, and what was measured so far."""

    def __init__(self, given: argparse.Namespace, say: Say) -> None:
        self.given, self.say = given, say
        self.taken: dict[str, list[Json]] = {}
        self.went_wrong = False
        self.on = machine.described()

    def run(self) -> None:
        """Measure what was asked for, and keep it after each round."""
        if set(self.given.only) - {TESTS}:
            self._side_by_side()
        if TESTS in self.given.only:
            self._take(TESTS, 0, lambda: tests(self.given.against, self.say))
            self.keep()

    def _side_by_side(self) -> None:
        with sides(self.given.against, self.say) as both:
            with both.turn(NOW) as house:
                self.on = house.described() | {"load_before": self.on["load_before"]}
            for at in range(1 if self.given.quick else max(self.given.rounds, self.given.memory_rounds)):
                self._round(both, at)
                self.keep()

    def _round(self, both: Sides, at: int) -> None:
        size = QUICK if self.given.quick else Size()
        size = replace(size, bookings=self.given.bookings) if self.given.bookings else size
        for number, (name, part) in enumerate(PARTS.items()):
            rounds = self.given.memory_rounds if name == "memory" else self.given.rounds
            if name in self.given.only and at < rounds:
                self._take(name, at, partial(part, both, f"r{at}p{number}", size))

    def _take(self, name: str, at: int, measure: Callable[[], Json]) -> None:
        """One round of one part; what goes wrong is no figure, and the other parts go on."""
        try:
            one: Json = rounded(measure())
        except CannotYet as error:
            self.say(f"  {name}: skipped, {error}")
            return
        except WrongWork as error:
            self.say(f"  {name}: WRONG, no figure: {error}")
            self.went_wrong = True
            return
        self.taken.setdefault(name, []).append(one)
        what, value = report.BOTH[name]
        self.say(f"  round {at + 1}, {what}: " + ", ".join(f"{side} {value(one[side]):.3g}" for side in one))

    def keep(self) -> None:
        """Write what there is, beside the parts that other runs have measured; and the rows into `ratios.json`."""
        if self.given.quick or not self.taken:
            return
        output, at = self.given.output, datetime.now(UTC).isoformat(timespec="seconds")
        known = json.loads(output.read_text())["parts"] if output.exists() else {}
        how = {"at": at, "version": version_of(ROOT), "against": self.against and version_of(self.against)}
        parts = {name: how | {"rounds": rounds} for name, rounds in self.taken.items()}
        whole = known | parts
        told = {"at": at, "machine": self.on, "parts": whole, "rows": rows.told(whole)}
        write(output, told, report.page(told))
        measured = rows.told(parts)
        ratios = {
            f"house/{name}": (row["value"], row["wanted"], row["reached"]) for name, row in measured.items()
        }
        into_ratios(output.parent / "ratios.json", ratios, self.on, at)

    @property
    def against(self) -> Path | None:
        """The other checkout."""
        other: Path | None = self.given.against
        return other


def tests(against: Path | None, say: Say) -> Json:
    """`make test` of both, one after the other.

    Raises:
        WrongWork: one of them fails.
    """
    told: Json = {}
    checkouts = ({BEFORE: against} if against else {}) | {NOW: ROOT}
    for side, checkout in checkouts.items():
        say(f"  make test in {checkout} …")
        began = time.monotonic()
        ran = subprocess.run(["make", "test"], cwd=checkout, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise WrongWork(f"make test in {checkout} failed: {ran.stdout[-3000:]}")
        told[side] = {"seconds": time.monotonic() - began, "said": ran.stdout.strip().splitlines()[-1]}
    return told


def version_of(checkout: Path) -> str:
    """The commit that is there, and whether something is changed in it."""
    command = ["git", "-C", str(checkout), "describe", "--always", "--dirty", "--abbrev=12"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def main() -> int:
    """Measure, print, and write down."""

    def say(what: str) -> None:
        print(what, flush=True)

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    bench = Bench(arguments(), say)
    try:
        bench.run()
    except WrongWork as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("  stopped.")
        return 130
    say(report.goals_as_lines({name: {"rounds": rounds} for name, rounds in bench.taken.items()}))
    return 1 if bench.went_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
