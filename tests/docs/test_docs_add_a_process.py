"""docs/add-a-process.md and add-a-step.md are followed to the letter in one copy of the checkout; what comes of them
is checked and run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
MAKE = re.compile(r"^Make `([\w./]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHANGE = re.compile(r"^In `([\w./]+)`:\n\n```diff\n((?:[ +-].*\n|\+?\n)+)```$", re.MULTILINE)
NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """What a page says: whole new files, and places in standing ones."""

    text: str
    made: Mapping[str, str]
    changed: Sequence[tuple[str, str]]

    @classmethod
    def read(cls, name: str) -> Page:
        """The page of that name."""
        text = (DOCS / name).read_text("utf-8")
        return cls(text, dict(MAKE.findall(text)), CHANGE.findall(text))

    @property
    def standing(self) -> set[str]:
        """The standing files that are changed."""
        return {path for path, _ in self.changed}


PROCESS, STEP = Page.read("add-a-process.md"), Page.read("add-a-step.md")
MOST = {"process": (PROCESS, 12, 4), "step": (STEP, 16, 13)}
"""Each page, with how many files it may take at most, and how many of them that stand."""
MADE = {**PROCESS.made, **STEP.made}
PYTHON = sorted(path for path in {*MADE, *PROCESS.standing, *STEP.standing} if path.endswith(".py"))
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info")
pytestmark = pytest.mark.timeout(600)  # mypy and four servers begin anew, on a machine that may be busy


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout with the pages' process and step in it, and with what `make docs` draws of them."""
    copy = tmp_path_factory.mktemp("page") / "vaxel"
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    if (known := ROOT / ".mypy_cache").is_dir():
        shutil.copytree(known, copy / known.name, copy_function=copy_if_there)
    for path, content in MADE.items():
        assert not (copy / path).exists(), f"{path} is there already"
        (copy / path).parent.mkdir(exist_ok=True)
        (copy / path).write_text(content, "utf-8")
    for path, diff in [*PROCESS.changed, *STEP.changed]:
        change(copy / path, diff.splitlines())
    run(copy, "tests/docs/generated.py")
    return copy


def change(path: Path, diff: Sequence[str]) -> None:
    """Put what comes in the place of what is there, which stands in the file once."""
    old = "".join(f"{line[1:]}\n" for line in diff if line[:1] in " -")
    new = "".join(f"{line[1:]}\n" for line in diff if line[:1] in " +")
    standing = path.read_text("utf-8")
    assert f"\n{standing}".count(f"\n{old}") == 1, f"{path}: not once there:\n{old}"
    path.write_text(f"\n{standing}".replace(f"\n{old}", f"\n{new}")[1:], "utf-8")


def copy_if_there(source: str, target: str) -> None:
    """A mypy that runs meanwhile makes files and takes them away."""
    with suppress(FileNotFoundError):
        shutil.copy2(source, target)


def run(copy: Path, *command: str) -> str:
    """A command of Python's in the copy, whose modules it imports; gives what it prints."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "VAXEL_"))}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=copy,
        env=ours | {"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("what", MOST)
def test_every_block_says_where_it_goes_and_there_are_few_places(what: str) -> None:
    page, most, most_standing = MOST[what]
    assert len(page.made) + len(page.changed) == page.text.count("\n```\n")
    files, standing = len(page.made.keys() | page.standing), len(page.standing)
    assert (files <= most, standing <= most_standing) == (True, True)


@pytest.mark.parametrize("what", MOST)
def test_the_number_of_files_is_as_the_page_says(what: str) -> None:
    page, _, _ = MOST[what]
    new, standing = NUMBERS[len(page.made)], NUMBERS[len(page.standing)]
    assert f"It takes {new} new files and {standing} standing ones." in page.text


def test_ruff_has_nothing_to_say(copy: Path) -> None:
    run(copy, "-m", "ruff", "check", *PYTHON)
    run(copy, "-m", "ruff", "format", "--check", *PYTHON)


def test_mypy_has_nothing_to_say(copy: Path) -> None:
    run(
        copy,
        "-m",
        "mypy",
        "--config-file",
        "pyproject.toml",
        *(p for p in PYTHON if not p.startswith("tests/")),
    )


def test_the_flow_is_there_and_its_steps_take_its_cases(copy: Path) -> None:
    """As they are drawn, which imports the flow."""
    states = (copy / "docs" / "states.md").read_text("utf-8")
    drawn = states.partition("\n## returned_letter\n")[2].partition("\n## ")[0]
    taken = set(re.findall(r'^ +s_(\w+)\["\w+"\] -- "(\w+)"', drawn, re.MULTILINE))
    assert taken == {("returned", "tell_staff_of_return")}


def test_their_states_are_drawn(copy: Path) -> None:
    states = (copy / "docs" / "states.md").read_text("utf-8")
    assert 's_returned["returned"] -- "tell_staff_of_return" --> s_told["told"]' in states
    assert 's_declined["declined"] -- "confirm_decline" --> s_stays["stays"]' in states


def test_the_journeys_through_them_and_what_holds_of_every_process_and_step_pass(copy: Path) -> None:
    ours = [path for path in MADE if "/test_" in path]
    of_all = [
        "tests/events",
        "tests/journeys/test_journey_killed_contacts.py",
        "tests/routine/test_routine_decision.py",
        *(f"tests/docs/test_docs_{page}.py" for page in ("engine", "generated", "reasons", "routine")),
    ]
    chosen = "returned or decline or channel_switch or every_step or docs"
    run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *ours, *of_all, "-k", chosen)


def test_what_is_to_be_changed_and_is_not_there_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file.py"
    file.write_text("a = 1\nb = 2\n", "utf-8")
    change(file, [" a = 1", "-b = 2", "+b = 3"])
    assert file.read_text("utf-8") == "a = 1\nb = 3\n"
    with pytest.raises(AssertionError, match="not once there"):
        change(file, ["-b = 2", "+b = 3"])
