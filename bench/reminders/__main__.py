"""Reminders at scale, in one run on one machine; written to bench/results/reminders.json and as `visit/<name>` among
the ratios.

1. so many visits are due at one moment: SMS a second, beside a floor that makes the same SMS calls by bare `requests`
   with as many connections; the provider takes 100 ms
2. planning: CPU of a visit, from its stored webhook until its reminder is planned
3. a large table of visits, of which a few are due: when the first is on its way, from its moment

Everything is real but Prefect: PostgreSQL, the sandbox in a process of its own, the engine's pump. The run that takes
a case that is due in a moment is there already; in production Prefect starts it at that moment.

`python -m bench.reminders --due 200 --planned 500 --table 20000 --waiting 100 --output /tmp/r.json` is a quick look.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import machine
from bench.figures import head_of, into_ratios, one_or_more, rounded, write
from bench.town import settle_in

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results" / "reminders.json"
Json = dict[str, Any]
WANTED = {
    "due_of_floor": ("due at one moment: SMS a second, of the floor's", 0.8, True),
    "planning_cpu_ms": ("planning a visit: CPU, ms", 2.0, False),
    "first_seconds": ("a large table: from its moment the first is on its way after, s", 1.0, False),
}
"""By name: what it is, what is wanted, and whether that is the least."""


def asked_for() -> argparse.Namespace:
    """The command line."""
    about = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m bench.reminders", description=__doc__, formatter_class=about
    )
    parser.add_argument("--due", type=one_or_more, default=20_000, help="visits due at one moment")
    parser.add_argument("--planned", type=one_or_more, default=20_000, help="visits that are planned")
    parser.add_argument("--table", type=one_or_more, default=1_000_000, help="visits in the large table")
    parser.add_argument("--waiting", type=one_or_more, default=1000, help="of them, due at one moment")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where it is written, .md beside it")
    return parser.parse_args()


def as_page(told: Json) -> str:
    """As Markdown."""
    lines = [*head_of("Reminders at scale", told), "| | value | wanted | reached |", "|---|--:|--:|---|"]
    for name, (what, wanted, least) in WANTED.items():
        value = told["values"][name]
        said = f"{'at least' if least else 'at most'} {wanted:g}"
        lines.append(f"| {what} | {value:.3g} | {said} | {'yes' if reached(name, value) else '**no**'} |")
    sizes = ", ".join(f"{name} {size}" for name, size in told["sizes"].items())
    return "\n".join([*lines, "", f"Sizes: {sizes}. What is measured: `bench/reminders/__main__.py`."]) + "\n"


def reached(name: str, value: float) -> bool:
    """Whether so much is enough."""
    _, wanted, least = WANTED[name]
    return value >= wanted if least else value <= wanted


def main() -> int:
    """Measure, print, and write down."""
    asked, on = asked_for(), machine.described()
    sizes = {"due": asked.due, "planned": asked.planned, "table": asked.table, "waiting": asked.waiting}
    with tempfile.TemporaryDirectory(prefix="vaxel-reminders-") as home:
        settle_in(home)
        files = (ROOT / "routine" / "halland.toml", ROOT / "sandbox" / "region.toml")
        os.environ["VAXEL_REGION_FILES"] = json.dumps([str(file) for file in files])
        from bench.reminders.parts import measured  # it reads the settings

        taken = measured(Path(home), sizes, lambda said: print(said, flush=True))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    values = {name: taken[name] for name in WANTED}
    told: Json = rounded({"at": at, "machine": on, "sizes": sizes, "values": values, "measured": taken})
    print(as_page(told))
    write(asked.output, told, as_page(told))
    ratios = {
        f"visit/{name}": (value, WANTED[name][1], reached(name, value)) for name, value in values.items()
    }
    into_ratios(asked.output.parent / "ratios.json", ratios, on, at)
    return 0 if all(reached(name, value) for name, value in values.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
