"""`vaxel health`: what is wrong now, as a whole. The flow `watch` judges by the same (`engine.ops.alarms`)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from cli.terminal import say, show_json
from engine.ops.alarms import alarms_now


def health(as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False) -> None:
    """Tell what is wrong, by the gateway's /metrics: a silent schedule, late cases, an incident. Exits 1 then."""
    found = alarms_now()
    if as_json:
        show_json([asdict(alarm) for alarm in found])
    else:
        for line in [f"{alarm.name}  {alarm.said}" for alarm in found] or ["Nothing is wrong."]:
            say(line)
    raise typer.Exit(1 if found else 0)
