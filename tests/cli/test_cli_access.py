"""`vaxel access` (HSLF-FS 2016:40): who did what with whose data, for who says why; whoever asks stands there first."""

from __future__ import annotations

import csv
import io
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import text
from sqlmodel import col, select
from typer.testing import CliRunner

from cli import looking
from cli.app import app
from engine.base import clock
from engine.base.database import insert_all, load, table_of, transaction
from engine.ops.access_log import Access, Act, write
from models.access_log import LoggedAccess
from models.encryption import ring
from models.identity import IdentityType, PatientId
from models.resident import Kind, Merge

FIRST, NOW, OTHER = (
    PatientId(type=IdentityType.PERSONNUMMER, id=number)
    for number in ("191212121212", "201312012386", "191010101010")
)
ANNA, BERTIL = "SE2321000115-P000000000001", "SE2321000115-P000000000002"
FILE = uuid.uuid4()


def put(patient: PatientId | None = FIRST, at: datetime | None = None, **other: Any) -> None:
    """An entry of the log."""
    given = {
        "who": ANNA,
        "name": "Anna Test",
        "act": Act.LOOK,
        "process": "image_transfer",
        "why": "bilder-1",
    }
    with transaction() as connection:
        write(connection, [Access(patient=patient, **(given | other))], at or clock.now())


def run(*arguments: str, typed: str = "", reason: str | None = "patient asks for an extract") -> Result:
    why = ["--reason", reason] if reason is not None else []
    return CliRunner().invoke(app, ["access", *arguments, *why], input=typed)


def shown(*arguments: str, **other: Any) -> list[dict[str, Any]]:
    done = run(*arguments, "--json", **other)
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def logged() -> list[LoggedAccess]:
    with transaction() as connection:
        return load(connection, select(LoggedAccess).order_by(col(LoggedAccess.number)))


def merged(former: PatientId, present: PatientId) -> None:
    """The journal system tells that somebody has another number now."""
    now = clock.now()
    row = {"id": uuid.uuid4(), "source": "vas", "webhook_id": "w", "kind": Kind.PATIENT}
    row |= {"from_key": ring().digest(former.id).hex(), "to_key": ring().digest(present.id).hex()}
    row |= {"known_as": present.model_dump_json(), "occurred_at": now, "received_at": now}
    with transaction() as connection:
        insert_all(connection, table_of(Merge), [row], list(row))


def test_a_patient_is_found_under_all_the_numbers_that_they_have_had_and_nobody_else(database: None) -> None:
    """policy-identitet-1"""
    put(FIRST)
    put(NOW, act=Act.DOWNLOAD)
    put(OTHER)
    merged(FIRST, NOW)
    for number in (FIRST.id, f"{NOW.id[:8]}-{NOW.id[8:]}"):
        found = [(entry["act"], entry["patient"]["id"]) for entry in shown("--patient", number)]
        assert found[:2] == [("look", FIRST.id), ("download", NOW.id)]
        assert OTHER.id not in str(found)


def test_who_asks_stands_in_the_log_with_the_reason_before_anything_is_shown(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "user", lambda: "erik")
    (own,) = shown("--patient", "-", typed=f"{FIRST.id}\n")
    (entry,) = logged()
    assert (entry.who, entry.act, entry.why) == ("vaxel:erik", "search", "patient asks for an extract")
    assert (entry.patient, own["who"], own["why"]) == (FIRST.model_dump_json(), entry.who, entry.why)


def test_what_cannot_be_logged_is_not_shown(database: None) -> None:
    put()
    with transaction() as connection:
        connection.execute(text("ALTER TABLE access_log ADD CONSTRAINT no_more CHECK (number < 2)"))
    try:
        done = run("--patient", FIRST.id)
    finally:
        with transaction() as connection:
            connection.execute(text("ALTER TABLE access_log DROP CONSTRAINT no_more"))
    assert done.exit_code != 0
    assert ANNA not in done.output


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001, "two\nlines", "\udcff", None])
def test_without_a_reason_nothing_is_shown_nor_looked_up(database: None, reason: str | None) -> None:
    put()
    done = run("--patient", FIRST.id, reason=reason)
    assert (done.exit_code, ANNA in done.output, len(logged())) == (1, False, 1)


def test_staff_are_found_by_what_they_did_and_by_who_asked_for_it(database: None) -> None:
    put(who=ANNA)
    put(who=BERTIL)
    assert {entry["who"] for entry in shown("--staff", ANNA.lower())} == {
        ANNA,
        f"vaxel:{looking.user()}",
    }
    assert [entry["sought"] for entry in shown("--staff", ANNA)][1:] == [ANNA, ANNA]


def test_a_file_is_found_by_all_that_was_done_with_it_and_its_patient_hears_of_the_question(
    database: None,
) -> None:
    put(subject=FILE)
    put(subject=FILE, act=Act.EXPIRE, patient=None, who="vaxel", name=None)
    put(subject=uuid.uuid4())
    assert [entry["act"] for entry in shown("--file", str(FILE))] == ["look", "expire", "search"]
    assert shown("--patient", FIRST.id)[-2]["subject"] == str(FILE)


def test_days_are_swedish_and_the_last_is_in_it(database: None) -> None:
    for hour in (22, 23, 24, 46, 47):
        put(
            at=datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=hour - 1)
        )  # 2 June: 22 to 46 UTC of the 1st
    found = shown("--patient", FIRST.id, "--from", "2026-06-02", "--to", "2026-06-02")
    assert [entry["at"] for entry in found] == [
        "2026-06-02T00:00:00+02:00", "2026-06-02T01:00:00+02:00", "2026-06-02T23:00:00+02:00"
    ]  # fmt: skip
    assert len(shown("--patient", FIRST.id, "--from", "2026-06-02T22:30:00+00:00")) == 2


WRONG = {
    "nobody": [],
    "no number": ["--patient", "19121212121"],
    "no HSA-id": ["--staff", "anna"],
    "no date": ["--file", str(FILE), "--from", "2026-02-30"],
    "no offset": ["--file", str(FILE), "--to", "2026-02-20T08:00:00"],
    "no end": ["--check", "--kept", "7"],
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG.keys())
def test_what_is_typed_wrong_is_told_in_a_sentence_without_the_number(
    database: None, arguments: list[str]
) -> None:
    done = run(*arguments)
    assert (done.exit_code, len(done.stderr.splitlines()), logged()) == (1, 1, [])
    assert "19121212121" not in done.output


def test_an_extract_for_a_spreadsheet_is_csv_that_calculates_nothing(database: None) -> None:
    put(name='=cmd|"x"', why="a, b\nc")
    rows = list(csv.DictReader(io.StringIO(run("--patient", FIRST.id, "--csv").stdout)))
    assert (rows[0]["name"], rows[0]["why"]) == ('\'=cmd|"x"', "a, b\\nc")
    assert (rows[0]["patient"], rows[1]["act"]) == (FIRST.id, "search")


def test_more_than_is_shown_is_said(database: None) -> None:
    for _ in range(3):
        put()
    done = run("--patient", FIRST.id, "--most", "2", "--json")
    assert len(json.loads(done.stdout)) == 2
    assert "2 older entries are not shown" in done.stderr


def test_the_check_tells_where_the_log_is_not_as_it_was_written(database: None) -> None:
    put()
    put()
    done = run("--check", reason=None)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "It is as it was written.")
    kept = done.stdout.split()[-7]
    assert run("--check", "--kept", kept, reason=None).exit_code == 0
    assert run("--check", "--kept", f"2:{'0' * 64}", reason=None).exit_code == 1
    with transaction() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(f"UPDATE access_log SET who = '{BERTIL}' WHERE number = 1"))
    done = run("--check", reason=None)
    assert (done.exit_code, "Entry 1 is not as it was written" in done.stderr) == (1, True)
