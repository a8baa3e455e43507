"""What is told of a chaos run: a line and a table to read, `chaos.json` and `chaos.md` to keep."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.chaos.parts import Given, Told
from bench.chaos.programs import LOWERED

HEAD = (
    "part",
    "seconds",
    "bookings",
    "sent again",
    "what was done",
    "settled",
    "taken up",
    "parked",
    "unknown, named",
    "findings",
)
SHOWN = 20


def line(told: Told) -> str:
    """How one part ended, with its first findings."""
    ended = "all is well" if not told.findings else f"{len(told.findings)} FINDINGS"
    first = [f"      {finding}" for finding in told.findings[:SHOWN]]
    return "\n".join([f"    {told.seconds:.0f} s: {told.settled} settled, {ended}", *first])


def _row(told: Told) -> tuple[str, ...]:
    return (
        told.part, f"{told.seconds:.0f}", str(told.bookings), str(told.sent_again), _counted(told.did),
        str(told.settled), str(told.taken_up), _counted(told.parked), _counted(told.unknown), str(len(told.findings)),
    )  # fmt: skip


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.items()) or "-"


def parts_as_lines(told: Sequence[Told]) -> str:
    """A line for each part."""
    rows = [HEAD, *(_row(one) for one in told)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )


def written(folder: Path, on: Mapping[str, Any], given: Given, told: Sequence[Told]) -> dict[str, Any]:
    """Write `chaos.json` and `chaos.md`; gives the former."""
    whole = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": on, "given": asdict(given), "lowered": LOWERED, "parts": [one.shown() for one in told],
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "chaos.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    (folder / "chaos.md").write_text(_page(whole, told))
    return whole


def _page(whole: Mapping[str, Any], told: Sequence[Told]) -> str:
    on, given = whole["machine"], whole["given"]
    rows = [HEAD, ("---",) * len(HEAD), *(_row(one) for one in told)]
    findings = [f"- {one.part}: {finding}" for one in told for finding in one.findings[:SHOWN]]
    return "\n".join([
        "# Chaos", "",
        f"{whole['at']}, {on['cores']} cores ({on['cpu']}), {on['memory_gib']} GiB, PostgreSQL "
        f"{on['postgresql']['server_version']}, Prefect {on['versions']['prefect']}, "
        f"load before {on['load_before'][0]}. "
        f"Seed {given['seed']}. {whole['lowered'].capitalize()}.", "",
        *("| " + " | ".join(row) + " |" for row in rows), "",
        *(findings or ["Nothing was found: every booking settled or parked with a reason, never two of anything, "
                       "exactly one wherever it can be asked about, nothing past the gate."]),
        "",
    ])  # fmt: skip
