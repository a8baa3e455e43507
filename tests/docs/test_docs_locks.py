"""The locks: a server's holds no tool of a developer's, every pin has a hash, and both hold the same versions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
SERVER, DEVELOPER = "requirements.lock", "requirements-dev.lock"
PIN = re.compile(r"^(\S+?)(?:\[[^\]]*\])?==(\S+)([^\n]*)((?:\n[ #][^\n]*)*)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")


def _names(given: Iterable[str]) -> set[str]:
    return {canonicalize_name(Requirement(each).name) for each in given}


def _pins(lock: str) -> dict[tuple[str, str], str]:
    """By name and version: the rest of the pin, with its hashes."""
    text = (ROOT / lock).read_text("utf-8")
    found = {(canonicalize_name(pin[1]), pin[2]): pin[3] + pin[4] for pin in PIN.finditer(text)}
    begun = [line for line in text.splitlines() if line and line[0] not in " #"]
    assert len(found) == len(begun) > 50, "a line that is no pin"
    return found


def test_no_tool_of_a_developers_is_in_the_servers_lock() -> None:
    tools = _names(each for extra in ("dev", "bench") for each in PROJECT["optional-dependencies"][extra])
    assert PROJECT["optional-dependencies"].keys() == {"dev", "bench"}
    allowed = _names(PROJECT["dependencies"])
    assert {name for name, _ in _pins(SERVER)} & (tools - allowed) == set()
    assert allowed <= {name for name, _ in _pins(SERVER)}
    assert tools <= {name for name, _ in _pins(DEVELOPER)}


@pytest.mark.parametrize("lock", [SERVER, DEVELOPER])
def test_every_pin_has_a_hash(lock: str) -> None:
    assert [pin for pin, rest in _pins(lock).items() if not HASH.search(rest)] == []


def test_a_developer_has_the_same_versions_as_a_server() -> None:
    assert _pins(SERVER).keys() <= _pins(DEVELOPER).keys()
