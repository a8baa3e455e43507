"""Learn from one run of the tests, make every change, and tell which ones no test notices."""

from __future__ import annotations

import argparse
import difflib
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings

from bench import mutants
from bench.mutants.changes import Change, changes
from bench.mutants.processes import attempts, learned

ROOT = Path(__file__).resolve().parents[2]
COUNTED = ("killed", "timed out", "crashed", "alive")
MOST_ALIVE = 0.05


def chosen(folder: Path, only: list[str]) -> list[Change]:
    """All changes to the modules, or to those that are named."""
    files = {file.stem: file for file in folder.glob("*.py")}
    if unknown := set(only) - set(files):
        sys.exit(f"No such modules in routine/: {', '.join(sorted(unknown))}")
    return sorted(change for name in only or files for change in changes(files[name]))


def difference(change: Change, code: str) -> str:
    lines = difflib.unified_diff(code.splitlines(), change.made(code).splitlines(), n=0, lineterm="")
    return "\n".join(f"  {line}" for line in list(lines)[3:])


def main() -> None:
    """Exits with 1 if too many are alive."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description=mutants.__doc__)
    parser.add_argument("--only", default="", help="modules of routine/, such as notice,text (default: all)")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="without the property tests: what is alive then is an upper bound",
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time (default 2)")
    given = parser.parse_args()
    phases, quiet = (Phase.explicit, Phase.generate), [HealthCheck.too_slow]
    always = settings(
        database=None, derandomize=True, deadline=None, phases=phases, suppress_health_check=quiet
    )
    settings.register_profile("mutants", always)  # the same examples for every change, and none made small
    settings.load_profile("mutants")
    os.environ.setdefault("VAXEL_MATERIAL", str(ROOT / "../shared/material"))
    counts, began, told = Counter[str](), time.monotonic(), 0.0
    with tempfile.TemporaryDirectory(prefix="vaxel-mutants-") as scratch:
        tempfile.tempdir = scratch
        pristine = Path(scratch, "pristine")
        shutil.copytree(ROOT, pristine, ignore=shutil.ignore_patterns(".*", "__pycache__", "*.egg-info"))
        todo = chosen(pristine / "routine", [name for name in given.only.split(",") if name])
        random.Random(0).shuffle(todo)  # so that what is told on the way holds for the whole
        watch = learned(pristine, ["--ignore-glob=*_never*"] if given.quick else [])
        for change, end in attempts(todo, watch, pristine, given.jobs):
            counts[end] += 1
            if end in ("alive", "crashed"):
                code = (pristine / "routine" / change.file).read_text("utf-8")
                print(
                    f"routine/{change.file}:{change.line}: {end}, {change.operator}\n{difference(change, code)}"
                )
            if (now := time.monotonic() - began) > told + 15:
                told = now
                print(f"{counts.total()} of {len(todo)} in {now:.0f} s: {dict(counts)}", file=sys.stderr)
    tried = sum(counts[end] for end in COUNTED)
    alive = counts["alive"] / max(tried, 1)
    print(f"{len(todo)} changes in {time.monotonic() - began:.0f} s: {dict(counts)}")
    print(f"alive: {counts['alive']} of the {tried} that are programs of their own, {alive:.1%}")
    sys.exit(alive >= MOST_ALIVE)


if __name__ == "__main__":
    main()
