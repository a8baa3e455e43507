"""docs/follow-one-booking.md names places in the code; each of them is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from flows.booking_publication import booking_publication

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "follow-one-booking.md").read_text("utf-8")
NAMES = re.compile(r"`([\w/]+\.py)` · (`[\w.]+`(?:, `[\w.]+`)*)")
PLACES = sorted(
    {(file, name) for file, names in NAMES.findall(PAGE) for name in re.findall(r"`([\w.]+)`", names)}
)


def _defined(node: ast.AST, before: str = "") -> set[str]:
    """The functions and classes at the top of a module, and the classes' own as `Class.function`."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = [child for child in ast.iter_child_nodes(node) if isinstance(child, kinds)]
    inner = [_defined(child, f"{child.name}.") for child in found if isinstance(child, ast.ClassDef)]
    return {before + child.name for child in found}.union(*inner)


@pytest.mark.parametrize(("file", "name"), PLACES)
def test_what_the_page_names_is_there(file: str, name: str) -> None:
    assert name in _defined(ast.parse((ROOT / file).read_text("utf-8")))


def test_every_file_is_named_with_what_is_in_it_so_that_none_goes_unseen() -> None:
    assert len(re.findall(r"\w\.py\b", PAGE)) == len(NAMES.findall(PAGE))


def test_every_step_of_the_flow_is_on_the_page() -> None:
    steps = {step.name for step in booking_publication.process.steps.values()}  # type: ignore[attr-defined]
    assert steps <= {name for _, name in PLACES}
