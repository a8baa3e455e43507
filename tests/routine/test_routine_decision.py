"""Every decision can be traced to a sentence, and every reason is explained and used."""

from __future__ import annotations

import os
import re
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

import routine
from routine.clauses import CLAUSES, OWN_POLICIES, ROUTINE
from routine.decision import Decision
from routine.reasons import Reason

CODE = {path.name: path.read_text("utf-8") for path in Path(routine.__file__).parent.glob("*.py")}
MATERIAL = Path(os.environ.get("VAXEL_MATERIAL", Path(__file__).parents[3] / "shared" / "material"))
ROUTINE_PAGE = MATERIAL.parent / "routine" / "routine.md"


def test_a_decision_cites_a_clause() -> None:
    assert Decision(True, Reason.NEUTRAL, "avisering-2").allowed


@pytest.mark.parametrize("clause", ["", "besok-6", "besok", "policy-none-1"])
def test_a_clause_that_does_not_exist_is_refused(clause: str) -> None:
    with pytest.raises(ValueError, match="no such clause"):
        Decision(True, Reason.NEUTRAL, clause)


def test_a_decision_is_not_changed_afterwards() -> None:
    with pytest.raises(FrozenInstanceError):
        Decision(True, Reason.NEUTRAL, "avisering-2").answer = False


def test_every_reason_is_explained_in_one_sentence() -> None:
    assert all(
        text.endswith(".") and text[0].isalnum() and len(text) <= 110
        for text in (reason.explanation for reason in Reason)
    )


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_given_by_some_rule(reason: Reason) -> None:
    used = re.compile(rf"\bReason\.{reason.name}\b")
    is_given = any(used.search(code) for name, code in CODE.items() if name != "decision.py")
    assert is_given, f"no rule in routine/ gives Reason.{reason.name}"


def test_every_policy_of_ours_is_cited_and_says_itself_in_a_sentence() -> None:
    rules = "".join(code for name, code in CODE.items() if name != "clauses.py")
    assert all(f'"{policy}"' in rules for policy in OWN_POLICIES)
    assert all(text.endswith(".") for text in OWN_POLICIES.values())


def test_every_clause_that_a_rule_names_exists() -> None:
    named = set(re.findall(r'"((?:policy-)?[a-z]+-\d+)"', "".join(CODE.values()))) - {"utf-8"}
    assert named <= CLAUSES


def test_only_policies_are_added_to_the_routine() -> None:
    assert all(name.startswith("policy-") for name in OWN_POLICIES)
    assert not ROUTINE & OWN_POLICIES.keys()


@pytest.mark.skipif(not ROUTINE_PAGE.exists(), reason="the routine's page is not beside VAXEL_MATERIAL")
def test_the_names_are_those_of_the_routines_page() -> None:
    assert set(re.findall(r"^- \*\*([a-z-]+-\d+)\*\*", ROUTINE_PAGE.read_text("utf-8"), re.M)) == ROUTINE


def test_the_rules_read_no_clock_no_setting_and_no_network() -> None:
    forbidden = re.compile(
        r"\.now\(|\.today\(|utcnow|environ|requests|sqlmodel|prefect|^(?:from|import) (?:engine|flows|tasks|systems|gateway)",
        re.M,
    )
    assert [name for name, code in CODE.items() if forbidden.search(code)] == []
