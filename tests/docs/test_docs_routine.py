"""docs/routine.md: every clause stands there once, with the function that carries it or why none does."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType

import pytest

from routine.clauses import CLAUSES, OWN_POLICIES, ROUTINE

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "routine.md").read_text("utf-8")
CARRIED, REST = PAGE.split("\n## Our own policies\n")
POLICIES, REST = REST.split("\n## No function, and why\n")
WITHOUT, REST = REST.split("\n## The region's figures\n")
_, SEEN = REST.split("\n## Seen in the running house\n")
SECTIONS = ("barn", "system", "besok", "vard", "paminnelse", "avisering")
"""What clauses begin with of which every sentence is shown by a journey, or said why not."""
NAME = re.compile(r"`((?:routine|tasks|gateway|flows)\.[\w.]+)`")


def _rows(part: str) -> dict[str, str]:
    """The clause in the first column of a table, and the rest of its row."""
    rows = re.findall(r"^\| ([a-z]+(?:-[a-z]+)*-\d+) \| (.+) \|$", part, re.MULTILINE)
    assert len(rows) == len({clause for clause, _ in rows}), "a clause stands twice"
    return dict(rows)


CARRYING = {**_rows(CARRIED), **_rows(POLICIES)}
PLACES = sorted({(clause, name) for clause, row in CARRYING.items() for name in NAME.findall(row)})


def _module_and_rest(name: str) -> tuple[ModuleType, list[str]]:
    parts = name.split(".")
    for deep in (3, 2):  # a process may have a folder of its own in a room
        module = ".".join(parts[:deep])
        if deep < len(parts) and find_spec(module) is not None:
            return import_module(module), parts[deep:]
    raise ModuleNotFoundError(name)


def test_every_clause_has_a_function_or_a_reason_why_it_has_none() -> None:
    assert set(_rows(CARRIED)) | set(_rows(WITHOUT)) == set(ROUTINE)
    assert set(_rows(CARRIED)) & set(_rows(WITHOUT)) == set()
    assert set(_rows(POLICIES)) == set(OWN_POLICIES)
    assert CARRYING.keys() | _rows(WITHOUT).keys() == CLAUSES


@pytest.mark.parametrize("clause", sorted(CARRYING))
def test_a_clause_that_is_carried_out_names_a_function(clause: str) -> None:
    assert NAME.search(CARRYING[clause])


@pytest.mark.parametrize("clause", sorted(_rows(WITHOUT)))
def test_a_clause_without_a_function_says_why_in_a_sentence(clause: str) -> None:
    assert len(_rows(WITHOUT)[clause].split()) >= 8


@pytest.mark.parametrize(("clause", "name"), PLACES)
def test_what_carries_a_clause_out_exists(clause: str, name: str) -> None:
    assert resolve_name(name) is not None


@pytest.mark.parametrize("clause", sorted(CARRYING))
def test_a_module_that_carries_a_clause_cites_it(clause: str) -> None:
    modules = [_module_and_rest(name)[0] for name in NAME.findall(CARRYING[clause])]
    cited = re.compile(rf"(?<![\w-]){clause}(?![\d])")
    assert any(cited.search(inspect.getsource(module)) for module in modules)


@pytest.mark.parametrize("clause", sorted(CARRYING))
def test_every_clause_that_is_carried_out_has_a_test_that_names_it(clause: str) -> None:
    named = re.compile(
        rf"(?<![\w-]){clause.replace('-', '[-_]')}(?!\d)|test_{clause.replace('-', '_')}(?!\d)"
    )
    tests = (path.read_text("utf-8") for path in (ROOT / "tests" / "routine").glob("*.py"))
    assert any(named.search(text) for text in tests)


# what of it is seen in the running house

JOURNEY = re.compile(r"`(test_\w+)`")
SENTENCES = re.findall(r"^\| ([a-z]+-\d+) \| (.+) \| (.+) \|$", SEEN, re.MULTILINE)
SHOWN = [(clause, name) for clause, _, shown in SENTENCES for name in JOURNEY.findall(shown)]


def test_every_clause_of_these_sections_is_shown_or_it_is_said_why_not() -> None:
    theirs = {clause for clause in ROUTINE if clause.partition("-")[0] in SECTIONS}
    assert {clause for clause, *_ in SENTENCES} == theirs


@pytest.mark.parametrize(("clause", "sentence", "shown"), SENTENCES)
def test_a_sentence_has_a_journey_or_says_why_it_has_none(clause: str, sentence: str, shown: str) -> None:
    assert JOURNEY.search(shown) or len(shown.split()) >= 8


def test_what_shows_a_clause_is_a_test_that_is_named_after_it() -> None:
    files = [*(ROOT / "tests" / "journeys").glob("*.py"), *(ROOT / "tests" / "gateway").rglob("*.py")]
    there = {name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text("utf-8"))}
    assert [name for _, name in SHOWN if name not in there] == []
    named = [re.search(rf"(?<!policy)_{clause.replace('-', '_')}(?!\d)", name) for clause, name in SHOWN]
    assert [each for each, found in zip(SHOWN, named, strict=True) if not found] == []
