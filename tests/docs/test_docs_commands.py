"""docs/operations.md tells of every command and of no other, and no page tells of a command or option that is not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("*/README.md")), *sorted((ROOT / "docs").rglob("*.md"))]
TOLD = re.compile(r"vaxel ([a-z]+(?:-[a-z]+)*)((?: --[a-z-]+)*)")


def _commands() -> Mapping[str, Any]:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    return group.commands


def _options(command: Any) -> Iterator[str]:
    yield "--help"
    for each in command.params:
        yield from (*each.opts, *each.secondary_opts)


def test_every_command_stands_in_the_table_and_no_other() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    part = page.split("\n## Commands\n")[1].split("\n## ")[0]
    assert sorted(re.findall(r"^\| `([a-z-]+)` \|", part, re.MULTILINE)) == sorted(_commands())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_tells_of_a_command_is_so(page: Path) -> None:
    commands = _commands()
    for name, options in TOLD.findall(page.read_text("utf-8")):
        assert name in commands
        assert set(options.split()) <= set(_options(commands[name]))
