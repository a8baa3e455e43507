"""docs/add-a-process.md is followed to the letter in a copy of the checkout; what comes of it is checked and run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "add-a-process.md").read_text("utf-8")
MADE: Mapping[str, str] = dict(
    re.findall(r"^Make `([\w./]+)`:\n\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
)
ADDED: list[tuple[str, str, str]] = re.findall(
    r"^In `([\w./]+)`:\n\n```diff\n (.+)\n((?:\+.*\n)+)```$", PAGE, re.MULTILINE
)
PYTHON = [*(path for path in MADE if path.endswith(".py")), "models/processes.py", "routine/reasons.py"]
MOST_FILES, MOST_STANDING = 12, 4
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info")
pytestmark = pytest.mark.timeout(600)  # mypy and four servers begin anew, on a machine that may be busy


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout with the page's process in it, and with what `make docs` draws of it."""
    copy = tmp_path_factory.mktemp("page") / "vaxel"
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    if (known := ROOT / ".mypy_cache").is_dir():
        shutil.copytree(known, copy / known.name, copy_function=copy_if_there)
    for path, content in MADE.items():
        assert not (copy / path).exists(), f"{path} is there already"
        (copy / path).parent.mkdir(exist_ok=True)
        (copy / path).write_text(content, "utf-8")
    for path, line, added in ADDED:
        block = re.sub(r"^\+", "", added, flags=re.MULTILINE)
        standing = (copy / path).read_text("utf-8")
        assert standing.count(f"\n{line}\n") == 1, f"{path}: not one line {line}"
        (copy / path).write_text(standing.replace(f"\n{line}\n", f"\n{line}\n{block}"), "utf-8")
    run(copy, "tests/docs/generated.py")
    return copy


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


def test_every_block_says_where_it_goes_and_there_are_few_places() -> None:
    standing = {path for path, _, _ in ADDED}
    assert len(MADE) + len(ADDED) == PAGE.count("\n```\n")
    assert (len(MADE.keys() | standing) <= MOST_FILES, len(standing) <= MOST_STANDING) == (True, True)


def test_the_number_of_files_is_as_the_page_says() -> None:
    numbers = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    new, standing = numbers[len(MADE)], numbers[len({path for path, _, _ in ADDED})]
    assert f"It takes {new} new files and {standing} standing ones." in PAGE


def test_the_flow_is_there_and_its_steps_take_its_cases(copy: Path) -> None:
    asked = "from flows.returned_letter import returned_letter as r; print(*r.process.steps, r.process.name)"
    assert run(copy, "-c", asked).split() == ["returned", "returned_letter"]


def test_ruff_has_nothing_to_say(copy: Path) -> None:
    run(copy, "-m", "ruff", "check", *PYTHON)
    run(copy, "-m", "ruff", "format", "--check", *PYTHON)


def test_mypy_has_nothing_to_say(copy: Path) -> None:
    run(copy, "-m", "mypy", "--config-file", "pyproject.toml", *(p for p in PYTHON if "/test_" not in p))


def test_its_states_are_drawn(copy: Path) -> None:
    states = (copy / "docs" / "states.md").read_text("utf-8")
    drawn = states.split("\n## returned_letter\n")[1].split("\n## ")[0]
    assert 's_returned["returned"] -- "tell_staff_of_return" --> s_told["told"]' in drawn


def test_the_journey_through_it_and_what_holds_of_every_process_pass(copy: Path) -> None:
    ours = [path for path in MADE if "/test_" in path]
    of_all = [
        "tests/events",
        *(f"tests/docs/test_docs_{page}.py" for page in ("engine", "generated", "reasons")),
    ]
    run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *ours, *of_all, "-k", "returned or docs")
