"""What several commands take, and how they look a thing up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from cli.terminal import fail
from engine.ops import by_hand

T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="For a program to read.")]
Most = Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)]


def found(get: Callable[[], T]) -> T:
    """What `get` finds; where there is nothing, or a run has it, the command ends with a sentence."""
    try:
        return get()
    except by_hand.NotFound:
        fail("Nothing here has that id, or it waits for nobody. `vaxel cases --parked` lists what waits.")
    except by_hand.Busy:
        fail("A run holds the case just now. Try again in a moment.")
