"""The parts of docs/ that are drawn from the code: the states of each process, and the reasons that rules give.

`python tests/docs/generated.py` (`make docs`) writes them anew.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

from flows.registry import PROCESSES
from models.case import Case
from routine.reasons import Reason

DOCS = Path(__file__).resolve().parents[2] / "docs"
ABOUT_STATES = """\
# The states of each process

Drawn from the transitions that `models/` declares and from the steps that the flows name (`make docs`); below each stands what its states are. A whole arrow is what a step may make of a state, with the step's name; a broken one is what an event may make of it. In a grey state a case rests, or is over: no step takes it before something happens. Any case may be parked where it stands. The engine lets nothing else happen: a change that is not declared parks the case ([engine.md](engine.md)).
"""
RULES = "## What a rule decided"


def states() -> str:
    """docs/states.md."""
    return "\n".join([ABOUT_STATES, *(_process(name, model) for name, model in PROCESSES.items())])


def _process(name: str, model: type[Case]) -> str:
    flow: Any = getattr(import_module(f"flows.{name}"), name)
    steps = {state: step.name for state, step in flow.process.steps.items()}
    purpose = (flow.description or "").split("\n")[0]
    drawn = "\n".join(f"    {line}" for line in _drawn(model, steps))
    meanings = "\n".join(f"| `{state}` | {meaning} |" for state, meaning in _meanings(model))
    table = f"| state | |\n|---|---|\n{meanings}\n"
    return f"## {name}\n\n{purpose}\n\n```mermaid\nflowchart TD\n{drawn}\n```\n\n{table}"


def _meanings(model: type[Case]) -> Iterator[tuple[str, str]]:
    """Each state with what stands below it in the class `State` of the model's module."""
    module = ast.parse(Path(inspect.getfile(model)).read_text("utf-8"))
    (states,) = [each for each in module.body if isinstance(each, ast.ClassDef) and each.name == "State"]
    for state, below in pairwise(states.body):
        match state, below:
            case ast.Assign(value=ast.Constant(value=str(name))), ast.Expr(
                value=ast.Constant(value=str(said))
            ):
                yield name, " ".join(said.split())


def _drawn(model: type[Case], steps: Mapping[str, str]) -> Iterator[str]:
    yield f"begin(( )) --> {_box(model.INITIAL)}"
    for state, after in model.TRANSITIONS.items():
        for other in sorted(after):
            yield f'{_box(state)} -- "{steps.get(state, "")}" --> {_box(other)}'
    yield from _by_events(model)
    rests = [_id(state) for state in model.TRANSITIONS if state not in steps]
    yield "classDef rests fill:#eee,stroke:#777"
    if rests:
        yield f"class {','.join(rests)} rests"


def _by_events(model: type[Case]) -> Iterator[str]:
    """What events may make of it; one arrow where they may make it of every other state."""
    into: dict[str, list[str]] = {}
    for state, after in model.EVENT_TRANSITIONS.items():
        for other in sorted(after - {state}):
            into.setdefault(other, []).append(state)
    for other, states in into.items():
        if len(states) == len(model.TRANSITIONS) - 1:
            yield f"any([any other state]) -.-> {_box(other)}"
        else:
            yield from (f"{_box(state)} -.-> {_box(other)}" for state in states)


def _id(state: str) -> str:
    """Some states are words of Mermaid's own, such as `end`."""
    return f"s_{state}"


def _box(state: str) -> str:
    return f'{_id(state)}["{state}"]'


def reasons() -> str:
    """docs/reasons.md, with the table of the rules' reasons as the code has it."""
    page = (DOCS / "reasons.md").read_text("utf-8")
    before, rest = page.split(f"{RULES}\n", 1)
    about, table = rest.split("| code | meaning |\n", 1)
    _, after = table.split("\n\n", 1)
    rows = "\n".join(f"| `{reason}` | {reason.explanation} |" for reason in Reason)
    return f"{before}{RULES}\n{about}| code | meaning |\n|---|---|\n{rows}\n\n{after}"


PAGES = {"states.md": states, "reasons.md": reasons}

if __name__ == "__main__":
    for page, made in PAGES.items():
        (DOCS / page).write_text(made(), "utf-8")
