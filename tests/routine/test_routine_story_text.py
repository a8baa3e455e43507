"""No line of any case's timeline, and no state of it, is without words for staff; none tells why it is by hand."""

from __future__ import annotations

import re
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from engine.base.settings import SYSTEMS
from engine.tables.receipts import LADDER
from models.case import EffectState
from models.processes import MODELS
from routine.reason_text import CODES, RULES, why
from routine.reasons import Reason
from routine.state_text import EFFECTS, RECEIPTS, STATES, arrival_in_words, state_in_words
from routine.story_text import LINES, PROCESSES, STEPS, line_in_words, process_in_words, system_in_words
from routine.story_text import SYSTEMS as NAMED

REASONS = (Path(__file__).resolve().parents[2] / "docs" / "reasons.md").read_text("utf-8")
BY_THEMSELVES = ("eid", "staff_eid", "clamd", "log")
"""Outer systems that no case sends anything to."""


def listed(heading: str) -> set[str]:
    """The codes of a table of docs/reasons.md, which its own tests hold against the code."""
    part = REASONS.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `([a-z0-9_]+)` \|", part, re.MULTILINE))


def said() -> list[str]:
    pairs = [*LINES.values(), *PROCESSES.values(), *STEPS.values(), *CODES.values(), *RECEIPTS.values()]
    pairs += chain.from_iterable(states.values() for states in STATES.values())
    return [*RULES.values(), *chain.from_iterable(pairs)]


def test_every_entry_of_every_process_has_words() -> None:
    assert LINES.keys() == listed("What a timeline line says")


def test_every_reason_has_words() -> None:
    assert RULES.keys() == {str(reason) for reason in Reason}
    assert CODES.keys() == listed("What went wrong, or came of it")
    assert not CODES.keys() & RULES.keys()


def test_every_state_of_every_process_has_words() -> None:
    assert {model.PROCESS: set(model.TRANSITIONS) for model in MODELS} == {
        process: set(states) for process, states in STATES.items()
    }
    assert PROCESSES.keys() == STATES.keys()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.PROCESS)
def test_every_step_has_words(model: Any) -> None:
    flow: Any = getattr(import_module(f"flows.{model.PROCESS}"), model.PROCESS)
    assert {step.name for step in flow.process.steps.values()} <= STEPS.keys()


def test_whatever_was_sent_it_is_told_how_far_it_has_come() -> None:
    assert EFFECTS.keys() == {str(state) for state in EffectState}
    assert RECEIPTS.keys() == set(LADDER)
    assert arrival_in_words("done", "failed") == "Kom inte fram till mottagaren"
    assert arrival_in_words("done", None, "en") == "The system has taken it"


def test_every_outer_system_that_a_case_speaks_to_has_a_name() -> None:
    assert set(SYSTEMS) - set(BY_THEMSELVES) <= NAMED.keys() | {"storage"}
    assert system_in_words("local-hjartat") == "local-hjartat"


def test_what_an_earlier_version_wrote_is_told_by_its_code() -> None:
    assert (line_in_words("gone_word"), why("gone_word")) == ("gone_word", "")
    assert state_in_words("preferences", "gone_state") == "gone_state"
    assert process_in_words("preferences", "en") == "What the patient wishes"
    assert why("visit_booked", "en") == Reason.VISIT_BOOKED.explanation


def test_policy_skydd_2_no_word_tells_why_somebody_is_handled_by_hand() -> None:
    assert [each for each in said() if re.search(r"skydd|sekretess|protected", each, re.IGNORECASE)] == []


def test_whatever_is_said_is_a_phrase_or_a_sentence() -> None:
    assert [each for each in said() if not each[0].isupper() and not each[0].isdigit()] == []
    assert [each for each in RULES.values() if not each.endswith(".")] == []
