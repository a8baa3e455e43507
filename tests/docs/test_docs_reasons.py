"""docs/reasons.md names every reason code that a timeline, ops or Prefect may show, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from engine.base.errors import VaxelError
from models.case import EffectState, Outcome
from routine.reasons import Reason
from systems import soap

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reasons.md").read_text("utf-8")
CODED = ("engine", "tasks", "systems", "flows")
OURS = (*CODED, "cli", "gateway", "models", "routine")
ERRORS = {
    "NotSent",
    "AnswerLost",
    "SystemDown",
    "UnknownOutcome",
    "Refused",
    "Incident",
    "_Stale",
    "NothingTaken",
}


def _table(heading: str) -> dict[str, str]:
    """Code to meaning, of the table under a heading."""
    part = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return dict(re.findall(r"^\| `([a-z0-9_]+)` \| (.+?) \|$", part, re.MULTILINE))


def _amiss(heading: str, told: set[str], wanted: set[str]) -> str:
    lacks, says = sorted(wanted - told), sorted(told - wanted)
    return f"docs/reasons.md, {heading}: write a line for each of {lacks}; nothing gives {says}"


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for path in (path for folder in CODED for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                function = node.func
                yield function.id if isinstance(function, ast.Name) else getattr(function, "attr", ""), node


def _said(node: ast.expr | None) -> list[str]:
    """The literal words that an expression can be."""
    if isinstance(node, ast.IfExp):
        return _said(node.body) + _said(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _reason_of(name: str, call: ast.Call) -> ast.expr | None:
    if name in ("Entry", "entry"):  # `entry`: of an event
        named = (keyword.value for keyword in call.keywords if keyword.arg == "reason")
        return call.args[1] if len(call.args) > 1 else next(named, None)
    if name == "park":
        return call.args[-1]
    return call.args[0] if name in ERRORS | {"Park"} and call.args else None


def _codes_in_code() -> set[str]:
    return {code for name, call in _calls() for code in _said(_reason_of(name, call))}


def _named_reasons() -> set[str]:
    """What is kept in a variable or a default called `reason`."""
    found: set[str] = set()
    for path in (path for folder in CODED for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reason":
                found |= set(_said(node.value))
            if isinstance(node, ast.FunctionDef):
                named = node.args.args[len(node.args.args) - len(node.args.defaults) :]
                pairs = zip(named, node.args.defaults, strict=True)
                found |= {code for arg, default in pairs if arg.arg == "reason" for code in _said(default)}
    return found - {""}


def test_every_reason_of_the_routine_stands_there_in_its_own_words() -> None:
    told = _table("What a rule decided")
    assert told == {str(reason): reason.explanation for reason in Reason}


def test_every_reason_of_the_engine_and_the_systems_stands_there_and_no_other() -> None:
    told = set(_table("What went wrong, or came of it"))
    states = {str(state) for state in (*Outcome, EffectState.DONE, EffectState.NOT_SENT, EffectState.PARKED)}
    wanted = _codes_in_code() | _named_reasons() | set(soap._INCIDENTS.values()) | states
    wanted -= {str(reason) for reason in Reason}
    assert told == wanted, _amiss("What went wrong, or came of it", told, wanted)


def test_every_kind_of_timeline_entry_stands_there_and_no_other() -> None:
    told = set(_table("What a timeline line says"))
    first = [
        call.args[0]
        for name, call in _calls()
        if name in {"Entry", "entry", "entry_of", "told", "judged_entry", "_after_reply"} and call.args
    ]
    ours = {word for node in first for word in _said(node)} | {"event_applied", "event_ignored"}
    worked_out = {f"{what}_worked_out" for what in ("call_letter", "paper", "notice", "reminder")}
    wanted = ours | worked_out
    assert told == wanted, _amiss("What a timeline line says", told, wanted)


def test_the_errors_that_carry_a_code_are_those_that_are_looked_for() -> None:
    for room in OURS:
        for path in (ROOT / room).rglob("*.py"):
            if path.name not in ("__init__.py", "__main__.py"):
                import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    kinds = {kind for kind in _below(VaxelError) if kind.__module__.partition(".")[0] in OURS}
    assert {kind.__name__ for kind in kinds} == ERRORS


def _below(kind: type[Exception]) -> Iterator[type[Exception]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)
