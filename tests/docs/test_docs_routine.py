"""docs/routine.md: every clause stands there once, and what is said to carry it out exists."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from routine.clauses import CLAUSES, OWN_POLICIES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "routine.md").read_text("utf-8")
DONE, REST = PAGE.split("\n## Our own policies\n")
POLICIES, NEXT = REST.split("\n## Next issue\n")
CLAUSE = re.compile(r"(?<![\w-])(?:policy-)?[a-z]+-\d+(?![\w-])")
NAMES = sorted(set(re.findall(r"`((?:routine|tasks|gateway|flows)\.[\w.]+)`", PAGE)))


def _cited(part: str) -> list[str]:
    """The clauses in the first column of a table."""
    return [name for row in re.findall(r"^\| ([^|]+) \|", part, re.MULTILINE) for name in CLAUSE.findall(row)]


def test_every_clause_stands_in_one_of_the_three_parts_and_no_clause_is_made_up() -> None:
    waiting = CLAUSE.findall(NEXT.strip().split("\n\n")[0])
    told = _cited(DONE) + _cited(POLICIES) + waiting
    assert sorted(told) == sorted(CLAUSES)


def test_our_own_policies_are_told_as_ours() -> None:
    assert set(_cited(POLICIES)) == set(OWN_POLICIES)


@pytest.mark.parametrize("name", NAMES)
def test_what_carries_a_clause_out_exists(name: str) -> None:
    module, _, attributes = name.partition(".")
    module, rest = f"{module}.{attributes.split('.')[0]}", attributes.split(".")[1:]
    found = import_module(module)
    for attribute in rest:
        found = getattr(found, attribute)
    assert found is not None
