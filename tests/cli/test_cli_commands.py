"""The command line says in a sentence what whoever runs it can put right."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from forked import Forked
from prefect.settings import PREFECT_API_URL, temporary_settings
from typer.testing import CliRunner

from cli.app import app
from cli.programs import _tell_where
from engine.base.database import session
from engine.base.settings import Settings, settings
from engine.ops import by_hand
from engine.prefect import worker
from engine.tables.inbox import Inbox, Refusal
from models.visit_reminder import VisitReminder

UNIT = "SE2321000115-E000000000001"
NO_ONES = "0b0c4c0e-3d5c-4a3e-8f0e-1f2d3c4b5a69"

WRONG = {
    "VAXEL_GATEWAY__PORT": ("abc", "VAXEL_GATEWAY__PORT: Input should be a valid integer"),
    "VAXEL_METRICS__ALLOWED": ("10.1.2.3", "lists and tables are JSON"),
    "VAXEL_DATABASE_URL": (
        "postgresql://x:secret-word and a blank@127.0.0.1:1/x",
        "The database does not answer",
    ),
    "VAXEL_DATABASE_URL ": ("postgresql://x:y@secret-word@h/x", "VAXEL_DATABASE_URL: Value error, has to be"),
    "VAXEL_WEBHOOK_SECRETS": (
        '{"vas": "whsec_secret-word"}',
        "VAXEL_WEBHOOK_SECRETS of vas has to be whsec_",
    ),
    "VAXEL_SYSTEMS": (
        '{"sms": {"url": "http://sms.example", "password": "secret-word"}}',
        "VAXEL_SYSTEMS__SMS__URL has to be https://",
    ),
}


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., str]:
    """Runs a command that is to fail; gives what it said of why, and nothing else."""

    def run(*command: str, **environment: str) -> str:
        failed = Forked(*command, env=os.environ | {"COLUMNS": "400"} | environment, said=tmp_path)
        assert failed.wait(60) == 1
        assert (tmp_path / "stdout").read_text("utf-8") == ""
        return (tmp_path / "stderr").read_text("utf-8")

    return run


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_told_without_a_traceback(told: Callable[..., str], name: str) -> None:
    value, why = WRONG[name]
    said = told("cases", **{name.strip(): value})
    assert why in said
    assert "Traceback" not in said
    assert "secret-word" not in said


def test_no_setting_is_looked_at_before_there_is_someone_to_tell_of_it() -> None:
    """In a program that begins anew: it has loaded nothing yet."""
    command = [sys.executable, "-c", "from cli.app import app; app()", "cases"]
    environment = os.environ | {"VAXEL_GATEWAY__PORT": "abc", "COLUMNS": "200"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert WRONG["VAXEL_GATEWAY__PORT"][1] in done.stderr
    assert "Traceback" not in done.stderr


def test_leads_are_told_of_in_a_program_that_has_read_no_table_yet(database: None) -> None:
    now, start = datetime.now(UTC), datetime.now(UTC) + timedelta(days=9)
    times = {"start": start, "known_since": now, "created_at": now, "updated_at": now}
    with session() as db:
        db.add(VisitReminder(key="vas:B-1", unit=UNIT, state=VisitReminder.INITIAL, **times))
        db.commit()
    command = [sys.executable, "-m", "cli", "reminders", "--plan", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line["unit"] for line in json.loads(done.stdout)] == [UNIT]


def test_an_address_of_an_own_solution_that_no_region_file_lists_stops_the_start(
    told: Callable[..., str],
) -> None:
    """system-4: misspelt, most likely, and nobody would be answered there."""
    said = told("worker", VAXEL_SYSTEMS__LOCAL_HJRTA__URL="https://hjarta.example.org")
    assert "local-hjrta, and no region file lists such a system" in said


@pytest.mark.parametrize("program", ["gateway", "worker"])
def test_outer_systems_of_which_only_some_have_an_address_stop_the_start(
    told: Callable[..., str], program: str
) -> None:
    """The sandbox would stand in for the others, and what is sent there goes to nobody."""
    said = told(program, VAXEL_SYSTEMS__VAS__URL="https://vas.example.org")
    assert "VAXEL_SYSTEMS__SMS__URL" in said


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Something listens on the gateway's port; not on that of all tests, where a gateway may be up."""
    with socket.socket() as other:
        other.bind((settings().gateway.host, 0))
        other.listen()
        monkeypatch.setattr(settings().gateway, "port", other.getsockname()[1])
        yield settings().gateway.port


def test_a_gateway_whose_port_is_taken_says_so_and_exits(database: None, taken: int) -> None:
    done = CliRunner().invoke(app, ["gateway"])
    assert (done.exit_code, done.exception.__class__) == (1, SystemExit)
    assert done.stderr.startswith("The gateway cannot listen there. ")
    assert f"VAXEL_GATEWAY__PORT {taken}: Address already in use" in done.stderr


@pytest.mark.parametrize(("queue", "ran", "code"), [("default", [], 1), ("risk", ["risk"], 0)])
def test_a_worker_without_a_prefect_says_what_is_missing_and_alerts_go_all_the_same(
    database: None, monkeypatch: pytest.MonkeyPatch, queue: str, ran: list[str], code: int
) -> None:
    started: list[str] = []
    monkeypatch.setattr(Settings, "hurry", lambda _settings: None)  # the settings are those of all tests
    monkeypatch.setattr(worker, "run", lambda _pool, *, queue, alone: started.append(queue))
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        done = CliRunner().invoke(app, ["worker", "--queue", queue])
    assert (done.exit_code, started) == (code, ran)
    assert done.stderr.startswith("PREFECT_API_URL is not set")


def test_what_held_no_risk_cannot_be_said_to_have_been_seen_to(database: None) -> None:
    Inbox().refuse("vas", [Refusal("w", "booking.created", ("data",))])
    (number,) = (line.id for line in by_hand.refused())
    done = CliRunner().invoke(app, ["refused", "--seen", f"{number}"])
    assert (done.exit_code, done.stdout) == (1, "")


@pytest.mark.parametrize("stays", [True, False])
def test_addresses_are_told_by_what_stays_up_alone(capsys: pytest.CaptureFixture[str], stays: bool) -> None:
    _tell_where(is_sandbox=True, stays=stays)
    told = capsys.readouterr().out
    assert ("http://" in told, "`vaxel case ID`" in told) == (stays, True)


@pytest.mark.parametrize(
    ("command", "look_by"),
    [
        (["case", NO_ONES], "`vaxel find`"),
        (["retry", NO_ONES], "`vaxel cases --parked`"),
        (["resolve", NO_ONES, "--arrived"], "`vaxel case ID`"),
        (["settle", NO_ONES, "--done"], "`vaxel cases --parked`"),
        (["refused", "--seen", "7"], "`vaxel refused`"),
    ],
    ids=lambda given: given[0] if isinstance(given, list) else "",
)
def test_what_is_not_there_is_told_with_where_to_look(
    database: None, command: list[str], look_by: str
) -> None:
    done = CliRunner().invoke(app, command, env={"USER": "karin"})
    assert (done.exit_code, done.stdout) == (1, "")
    assert look_by in done.stderr
    assert done.stderr.rstrip().endswith(".")


def test_health_says_where_it_has_looked_for_the_gateway_and_by_which_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setattr(settings().gateway, "port", nobody.getsockname()[1])
    done = CliRunner().invoke(app, ["health"])
    assert done.exit_code == 1
    assert done.stdout.startswith("VaxelDown  no gateway answers at http://127.0.0.1:")
    assert f":{settings().gateway.port}/metrics (ConnectionError)" in done.stdout
    assert "VAXEL_GATEWAY__HOST and VAXEL_GATEWAY__PORT" in done.stdout
