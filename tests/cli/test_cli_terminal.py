"""What others have sent is shown by every command as text: no terminal obeys it, no markup is read in it."""

from __future__ import annotations

import ast
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

from cli import terminal
from cli.app import app
from engine.tables.inbox import Inbox, Refusal

ROOT = Path(__file__).resolve().parents[2]
EVIL = "[/red]\x1b[2J\x1b]0;x\x07[bold]\u202e\u200b\x9b31m\r\n[link=http://evil.example]é"
SHOWN = r"[/red]\x1b[2J\x1b]0;x\x07[bold]\u202e\u200b\x9b31m\r\n[link=http://evil.example]é"
PRINTS = {"print", "Console", "typer.echo", "typer.secho", "sys.stdout.write", "sys.stderr.write"}


def _called(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_no_module_prints_but_the_one_that_does_it_safely() -> None:
    ours = [
        path
        for room in ("cli", "gateway", "flows", "tasks", "engine", "systems", "routine", "models")
        for path in (ROOT / room).rglob("*.py")
    ]
    found = {path.stem for path in ours if PRINTS & set(_called(path))}
    assert found == {"terminal"}


def test_what_a_sender_has_put_into_a_webhook_id_is_shown_as_text(database: None) -> None:
    Inbox().refuse("vas", [Refusal(EVIL, EVIL, ("data",))])
    done = CliRunner().invoke(app, ["refused"])
    assert (done.exit_code, done.exception) == (0, None)
    assert done.stdout.count(SHOWN) == 2
    assert all(each.isprintable() or each == "\n" for each in done.output)
    as_json = CliRunner().invoke(app, ["refused", "--json"]).stdout
    assert json.loads(as_json)[0]["webhook_id"] == EVIL
    assert all(each.isprintable() or each == "\n" for each in as_json)


@pytest.mark.parametrize(
    "arguments",
    [
        ["case", EVIL],
        ["retry", "--reason", EVIL],
        ["secret", EVIL],
        ["cases", "--state", EVIL],
        ["retry", EVIL],
        ["resolve", EVIL],
    ],
    ids=lambda given: given[0],
)
def test_what_is_typed_wrong_is_told_without_a_crash(database: None, arguments: list[str]) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit)


def _on_a_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> io.StringIO:
    written = io.StringIO()
    monkeypatch.delenv("COLUMNS", raising=False)
    narrow = Console(file=written, force_terminal=True, width=width, color_system=None, highlight=False)
    monkeypatch.setattr(terminal, "_out", narrow)
    return written


ROW: dict[str, Any] = {
    "id": "0b0c4c0e-3d5c-4a3e-8f0e-1f2d3c4b5a69",
    "process": "booking_publication",
    "state": "settled",
    "parked": None,
    "due_at": "2026-11-28 21:00:00+01:00",
    "why": "distans-2: a digital call letter every time, whatever the patient has wished for.",
}


def test_at_80_columns_nothing_is_cut_and_no_line_is_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    written = _on_a_terminal(monkeypatch, 80)
    terminal.show([ROW, ROW], list(ROW))
    lines = written.getvalue().splitlines()
    assert all(cell_len(line) <= 80 for line in lines)
    told = " ".join(written.getvalue().split())
    assert all(str(value) in told for value in ROW.values() if value)
    assert "parked" not in told


def test_a_table_that_fits_is_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    written = _on_a_terminal(monkeypatch, 80)
    terminal.show([{"unit": "Hjärtat", "cases": 7}, {"unit": "日本", "cases": 12}], ["unit", "cases"])
    assert written.getvalue() == "unit     cases\nHjärtat  7\n日本     12\n"


@pytest.mark.parametrize(("columns", "is_table"), [("80", False), ("400", True), ("0", True), ("wide", True)])
def test_a_table_is_no_wider_than_columns_says(
    monkeypatch: pytest.MonkeyPatch, columns: str, is_table: bool
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    written = io.StringIO()
    monkeypatch.setattr(terminal, "_out", Console(file=written, width=1000, highlight=False))
    terminal.show([ROW], list(ROW))
    lines = written.getvalue().splitlines()
    assert lines[0].startswith("id ") == is_table
    assert is_table or all(cell_len(line) <= int(columns) for line in lines)


@pytest.mark.parametrize(
    "at", [datetime(2026, 10, 25, 1, 30, 0, 123, tzinfo=UTC), "2026-10-25T01:30:00.000123+00:00"]
)
def test_a_moment_is_told_by_swedish_time_with_its_offset_and_in_json_by_utc(
    at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the hour that comes twice it is the second."""
    written = _on_a_terminal(monkeypatch, 80)
    terminal.show([{"at": at}, {"at": None}], ["at"])
    assert written.getvalue().split("\n")[1] == "2026-10-25 02:30:00+01:00"
    terminal.show([{"at": at}], ["at"], as_json=True)
    assert '"2026-10-25T01:30:00.000123+00:00"' in written.getvalue()


NUMBER = "191212121212"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["case", NUMBER], "`vaxel find`"),
        (["retry", NUMBER], "`vaxel find`"),
        (["settle", NUMBER, "--done"], "`vaxel find`"),
        (["resolve", NUMBER, "--arrived"], "`vaxel case ID`"),
        (["release", NUMBER], "`vaxel held`"),
        (["access", "--file", NUMBER, "--reason", "x"], "`vaxel find`"),
        (["what-if", "--region-files", "x", "--from", NUMBER, "--to", "2026-11-28"], "not a date"),
    ],
    ids=lambda given: given[0] if isinstance(given, list) else given,
)
def test_what_is_no_id_is_told_with_what_one_looks_like_and_how_to_find_it_and_is_not_repeated(
    database: None, arguments: list[str], says: str
) -> None:
    done = CliRunner().invoke(app, arguments)
    told = " ".join(done.output.split())
    assert done.exit_code == 2
    assert says in told
    assert any(
        such in told for such in ("such as 284a84bd-ecaf-4405-8b6f-785bd7f07bfe.", "such as 2026-11-28.")
    )
    assert NUMBER not in told
