"""`vaxel access --month`: what the log grew by in a month, each entry once, so that kept extracts fit together."""

from __future__ import annotations

import csv
import io
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from cli import looking
from cli.app import app
from engine.base import clock
from engine.base.database import transaction
from engine.ops import access_log_chain, by_hand, looked_at
from engine.ops.access_log import Access, Act, write
from engine.ops.access_log_check import check_access_log
from flows.registry import PROCESSES
from models.access_log import RefusedAccess
from models.identity import IdentityType, PatientId
from models.times import STOCKHOLM

PATIENT = PatientId(type=IdentityType.PERSONNUMMER, id="191212121212")
ANNA = "SE2321000115-P000000000001"


def put(*moments: str) -> None:
    """An entry for each moment, one after the other."""
    plain = Access(who=ANNA, name="Anna", act=Act.LOOK, process="image_transfer", why="a, b", patient=PATIENT)
    for moment in moments:
        with transaction() as connection:
            write(connection, [plain], datetime.fromisoformat(moment))


def run(month: str, *more: str) -> Result:
    return CliRunner().invoke(app, ["access", "--month", month, "--reason", "kept", *more])


def this_month() -> str:
    return f"{clock.now().astimezone(STOCKHOLM):%Y-%m}"


def extract(month: str) -> dict[str, Any]:
    done = run(month, "--json")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def forced(statement: str) -> None:
    with transaction() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))


def test_a_month_begins_where_the_one_before_ended_and_each_entry_stands_in_one(database: None) -> None:
    put("2025-08-31T22:30:00+00:00", "2025-09-30T21:59:00+00:00")  # Swedish time: 1 and 30 September
    put("2025-09-30T22:00:00+00:00", "2025-10-15T08:00:00+02:00")
    put("2025-11-02T08:00:00+01:00")
    months = [extract(f"2025-{month}") for month in ("08", "09", "10", "11")]
    assert [[entry["number"] for entry in month["entries"]] for month in months] == [[], [1, 2], [3, 4], [5]]
    assert months[0]["begins"] == months[0]["ends"] == "0:-"
    assert [month["begins"] for month in months[1:]] == [month["ends"] for month in months[:-1]]
    assert [month["count"] for month in months] == [0, 2, 2, 1]
    assert months[1]["entries"][0]["patient"] == {"id": PATIENT.id, "type": "personnummer"}
    number, hashed = months[3]["ends"].split(":")
    assert check_access_log((int(number), hashed)).passed


def test_who_takes_an_extract_stands_in_the_log_with_the_month_and_the_reason(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "user", lambda: "erik")
    own = extract(month := this_month())["entries"][-1]
    assert (own["who"], own["act"], own["why"]) == ("vaxel:erik", "search", f"{month}: kept")


def test_for_a_spreadsheet_it_is_csv_and_where_it_begins_and_ends_is_said_beside(database: None) -> None:
    put("2025-09-10T08:00:00+02:00", "2025-09-11T08:00:00+02:00")
    done = run("2025-09", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["number"], row["patient"], row["why"]) for row in rows] == [
        ("1", PATIENT.id, "a, b"), ("2", PATIENT.id, "a, b")
    ]  # fmt: skip
    assert "begins 0:- and ends 2:" in done.stderr
    plain = run("2025-09")
    assert (plain.exit_code, plain.stdout.splitlines()[0]) == (0, "2 entries. --json or --csv shows them.")
    assert PATIENT.id not in plain.stdout


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE access_log SET who = 'SE2321000115-P9' WHERE number = 3", [3]),
        ("DELETE FROM access_log WHERE number = 3", [4]),
        ("UPDATE access_log SET patient = NULL, patient_hash = NULL WHERE number = 2", [2]),
    ],
)
def test_what_is_not_as_it_was_written_is_told_with_the_month(
    database: None, statement: str, told: list[int]
) -> None:
    put(*[f"2025-09-1{day}T08:00:00+02:00" for day in range(5)])
    forced(statement)
    done = run("2025-09", "--json")
    assert (done.exit_code, json.loads(done.stdout)["broken"]) == (1, told)


def test_an_end_that_was_cut_off_is_told_with_the_month_that_goes_to_it(database: None) -> None:
    put(*[clock.now().isoformat()] * 3)
    forced("DELETE FROM access_log WHERE number = 3")
    done = run(this_month(), "--json")
    assert (done.exit_code, json.loads(done.stdout)["broken"]) == (1, [4])  # the one that this extract wrote


def test_the_last_ones_of_a_month_that_are_gone_are_told_with_that_month(database: None) -> None:
    put("2025-09-10T08:00:00+02:00", "2025-09-30T08:00:00+02:00", "2025-10-01T08:00:00+02:00")
    forced("DELETE FROM access_log WHERE number = 2")
    done = run("2025-09", "--json")
    assert (done.exit_code, json.loads(done.stdout)["broken"]) == (1, [3])


def test_it_is_read_a_portion_at_a_time(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log_chain, "PORTION", 2)
    put(*[f"2025-09-1{day}T08:00:00+02:00" for day in range(5)])
    assert [entry["number"] for entry in extract("2025-09")["entries"]] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("month", ["2025-13", "2025", "202511", "1999-01", "november"])
def test_a_month_that_is_none_is_told_in_a_sentence_and_not_logged(database: None, month: str) -> None:
    done = run(month)
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert check_access_log().entries == 0


def test_a_month_that_is_not_over_is_said_to_fit_to_no_other(database: None) -> None:
    assert "not over" in run(this_month()).stderr


# --- what the log service has refused, and looking at one case


def test_what_the_log_service_has_refused_is_listed_and_sent_once_more(database: None) -> None:
    put("2025-09-10T08:00:00+02:00")
    row = RefusedAccess(number=1, reason="log_refused", refused_at=datetime(2025, 9, 10, tzinfo=UTC))
    with transaction() as connection:
        connection.execute(RefusedAccess.__table__.insert().values(**row.model_dump()))
    done = CliRunner().invoke(app, ["access", "--refused", "--json"])
    assert [(each["number"], each["state"]) for each in json.loads(done.stdout)] == [(1, "refused")]
    done = CliRunner().invoke(app, ["access", "--refused", "--again", "--reason", "mended there"])
    assert "1 are sent once more" in done.stdout
    assert PATIENT.id not in done.stdout
    (listed,) = json.loads(CliRunner().invoke(app, ["access", "--refused", "--json"]).stdout)
    assert listed["state"] == "again"


def test_a_case_that_is_not_there_is_nobodys(database: None) -> None:
    with pytest.raises(by_hand.NotFound):
        looked_at.story_told(PROCESSES, uuid.uuid4())
    assert check_access_log().entries == 0
