"""What decisions rest on can be kept and read again, to the last field, and every rule that is told can be asked anew."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kept_values import UNIT, values_of
from routine_cases import REGION

import routine
from engine.tables.decisions import Decided, answer_code, whole, written
from routine.decision import Decision
from routine.notice import NoticeKind, SendSms
from routine.reasons import Reason
from routine.rules_by_name import NOT_KEPT, PLANNED, REMINDER_PLAN, RULES, CannotRead, Kept, UnitNotListed

ROOT = Path(routine.__file__).parent.parent
KEPT: dict[str, Kept] = {name: each.kept for name, each in RULES.items()} | {REMINDER_PLAN: PLANNED}


@pytest.mark.parametrize("name", sorted(KEPT))
@settings(max_examples=20)
@given(data=st.data())
def test_whatever_a_rule_is_asked_with_is_read_again_as_it_was(name: str, data: st.DataObject) -> None:
    facts = data.draw(values_of(KEPT[name].facts))
    kept = written(Decided(rule=name, facts=facts, unit="SE1"))
    assert kept is not None
    assert KEPT[name].read(orjson.loads(kept)["facts"], UNIT) == facts


def test_a_field_that_was_added_since_has_its_default_and_one_that_is_gone_is_not_passed_over() -> None:
    kept = RULES["stays"].kept
    said = {"channel": "sms", "unit_id": "SE1", "day": "2026-10-01"}
    plan = {"start": "2026-10-01T08:00:00Z", "known_since": "2026-09-01T08:00:00Z"}
    assert kept.read(dict(said), None).channel == "sms"
    assert PLANNED.read({"plan": plan}, None).plan.gone == 0
    for wrong in (said | {"colour": "blue"}, {"channel": "sms"}, said | {"day": "some day"}, {}):
        with pytest.raises(CannotRead):
            kept.read(wrong, None)


def test_a_units_policy_is_never_kept_and_is_that_of_the_region_that_is_asked_by() -> None:
    kept = RULES["unanswered"].kept
    at = datetime(2026, 10, 1, 8, tzinfo=UTC)
    facts = kept.facts(since=at, now=at + timedelta(hours=80), unit=UNIT)
    said = written(Decided(rule="unanswered", facts=facts, unit="SE1"))
    assert said is not None
    assert "Vårdcentralen" not in said
    other = UNIT.model_copy(update={"answer_within_hours": 90})
    read = kept.read(orjson.loads(said)["facts"], other)
    assert RULES["unanswered"].decide(facts, REGION).answer is True
    assert RULES["unanswered"].decide(read, REGION).answer is False
    with pytest.raises(UnitNotListed):
        kept.read(orjson.loads(said)["facts"], None)


def test_what_cannot_be_written_down_is_none_and_stops_nobody() -> None:
    assert written(Decided(rule="notice", facts={1, 2}, unit="SE1")) is None


def test_an_answers_code_has_nothing_of_the_patients() -> None:
    answers = [
        None,
        True,
        SendSms(NoticeKind.BOOKED, "+46701740605"),
        Reason.PAIRED,
        (),
        (Reason.PAIRED,),
        "+467",
    ]
    assert [answer_code(each) for each in answers] == [
        "none",
        "yes",
        "send_sms",
        "paired",
        "none",
        "paired",
        "str",
    ]
    assert whole(answers[2]) == {"kind": "booked", "to": "+46701740605"}


# --- no rule is missing


def _of_figures() -> Iterator[str]:
    """The rules that take the region's figures and give a decision."""
    for path in (ROOT / "routine").glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or node.returns is None:
                continue
            given = {ast.unparse(arg.annotation) for arg in node.args.args if arg.annotation}
            if {"Region", "Ages"} & given and ast.unparse(node.returns).startswith("Decision["):
                yield node.name


def _names_in(*paths: Path) -> set[str]:
    return {
        alias.name
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("routine")
        for alias in node.names
    }


OWN = {"as_one", "guided", "may_be_asked", "may_be_asked_for", "may_caller_be_sent", "may_file_be_fetched"}
"""Those of several parts, which stand there themselves."""


def test_every_rule_that_is_told_on_a_timeline_can_be_asked_anew_or_says_why_not() -> None:
    asked = set(_of_figures()) & _names_in(*(ROOT / "tasks").rglob("*.py"))
    named = _names_in(ROOT / "routine" / "rules_by_name.py")
    missing = asked - named - OWN - set(NOT_KEPT)
    assert not missing, f"in routine/rules_by_name.py neither in RULES nor in NOT_KEPT: {sorted(missing)}"
    assert not set(NOT_KEPT) & named, "kept after all"
    assert set(NOT_KEPT) <= asked, f"no task asks any more: {sorted(set(NOT_KEPT) - asked)}"


def test_every_name_that_tasks_keep_decisions_under_is_a_rules() -> None:
    """And every rule has a place that keeps its decisions."""
    used = set()
    for path in (ROOT / "tasks").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in (
                "decided",
                "judged_entry",
            ):
                name = node.args[0]
                if isinstance(name, ast.Constant):
                    used.add(name.value)
    assert used - set(RULES) == set()
    assert set(RULES) - used == {"reminder", "requested_notice"} - used


def test_every_rule_by_name_gives_a_decision() -> None:
    for name, rule in RULES.items():
        assert rule.does or name == "visit_form"
        assert isinstance(rule.kept.facts, type)
    asked = RULES["channel"].kept.facts(channel="sms", unit_id="SE1", day=date(2026, 10, 1))
    assert isinstance(RULES["channel"].decide(asked, REGION), Decision)
