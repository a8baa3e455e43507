"""A step's parts fit each other: mypy sees one that does not (docs/patterns.md, "Add a step")."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STEPS = """\
from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from engine.outer.looks import Looks
from engine.steps.stage import decides, from_answers, from_case, from_tables, step
from engine.steps.verdicts import Done, Go, Verdict
from models.inbound_contact import InboundContact
from models.preferences import PatientPreferences

Case = InboundContact


@dataclass(frozen=True)
class Facts:
    known: bool


@dataclass(frozen=True)
class Letter:
    to: str


@dataclass(frozen=True)
class Task:
    then: Go


def ask(cases: Sequence[Case], looks: Looks) -> Mapping[uuid.UUID, bool]:
    return {}


def with_answers(
    connection: Connection, cases: Sequence[Case], answers: Mapping[uuid.UUID, bool]
) -> Mapping[uuid.UUID, Facts]:
    return {}


def with_words(
    connection: Connection, cases: Sequence[Case], answers: Mapping[uuid.UUID, str]
) -> Mapping[uuid.UUID, Facts]:
    return {}


def own(connection: Connection, cases: Sequence[Case]) -> Mapping[uuid.UUID, Facts]:
    return {}


def own_if_any(connection: Connection, cases: Sequence[Case]) -> Mapping[uuid.UUID, Facts | None]:
    return {}


def of_others(connection: Connection, cases: Sequence[PatientPreferences]) -> Mapping[uuid.UUID, Facts]:
    return {}


def judge(case: Case, facts: Facts) -> Verdict[Letter | Task]:
    return Go("sent")


def record(connection: Connection, found: Sequence[tuple[Case, str]]) -> None: ...


@step(system="vas", backoff=[1], facts=from_answers(ask, with_answers), gate=judge, record=record)
def fits(what: Letter | Task) -> Done[str]:
    return Done(Go("sent"), found="it")


@step(system="vas", backoff=[1], facts=from_answers(ask, with_words), gate=judge)  # what the look sees
def wrong_answers(what: Letter | Task) -> Done:
    return Done(Go("sent"))


@step(system="vas", backoff=[1], facts=from_tables(own_if_any), gate=judge)  # what read gives
def wrong_facts(what: Letter | Task) -> Done:
    return Done(Go("sent"))


@step(system="vas", backoff=[1], facts=from_case(Case), gate=judge)  # that nothing is read
def no_facts(what: Letter | Task) -> Done:
    return Done(Go("sent"))


@step(system="vas", backoff=[1], facts=from_tables(of_others), gate=judge)  # whose cases they are
def wrong_case(what: Letter | Task) -> Done:
    return Done(Go("sent"))


@step(system="vas", backoff=[1], facts=from_tables(own), gate=judge)  # what the gate hands over
def wrong_payload(what: Letter) -> Done:
    return Done(Go("sent"))


@step(system="vas", backoff=[1], facts=from_tables(own), gate=judge, record=record)  # what is found
def finds_nothing(what: Letter | Task) -> Done:
    return Done(Go("sent"))


@step(system="vas", backoff=[1], facts=from_tables(own), gate=judge, asks=None)  # the parts there are
def wrong_part(what: Letter | Task) -> Done:
    return Done(Go("sent"))


@decides(from_tables(own))  # what a step that calls nobody judges by
def judges_by_others(case: Case, facts: Letter) -> Verdict:
    return Go("sent")


fits.step.gated  # what a step has
"""
pytestmark = pytest.mark.timeout(300)
"""Where mypy has nothing in its cache."""
WRONG = [(at, line.partition("  # ")[2]) for at, line in enumerate(STEPS.splitlines(), 1) if "  # " in line]


@pytest.fixture(scope="module")
def lines_with_errors(tmp_path_factory: pytest.TempPathFactory) -> set[int]:
    """As mypy reports them, with the project's own settings."""
    file = tmp_path_factory.mktemp("steps") / "steps.py"
    file.write_text(STEPS, "utf-8")
    mypy = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(file)]
    told = subprocess.run(mypy, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert told.returncode == 1, told.stdout + told.stderr
    return {int(line) for line in re.findall(r"^[^:]*steps\.py:(\d+): error", told.stdout, re.MULTILINE)}


@pytest.mark.parametrize(("line", "part"), WRONG, ids=[part for _, part in WRONG])
def test_mypy_sees_a_part_that_does_not_fit(lines_with_errors: set[int], line: int, part: str) -> None:
    assert len(WRONG) == 9
    assert lines_with_errors & {line, line + 1}, part


def test_mypy_has_nothing_against_a_step_that_fits(lines_with_errors: set[int]) -> None:
    wrong = {line for line, _ in WRONG}
    assert lines_with_errors <= wrong | {line + 1 for line in wrong}
