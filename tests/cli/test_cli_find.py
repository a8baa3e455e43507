"""`vaxel find`: cases by what somebody knows of them; who looks for a person says why, and stands in the log first."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from click.testing import Result
from sqlmodel import col, select
from typer.testing import CliRunner

from cli import looking
from cli.app import app
from engine.base import clock
from engine.base.database import insert_all, load, table_of, transaction
from engine.tables import case_runs
from models.access_log import LoggedAccess
from models.booking_publication import BookingPublication
from models.channel_switch import ChannelSwitch
from models.encryption import ring
from models.inbound_contact import InboundContact
from models.times import STOCKHOLM, for_people
from models.visit_reminder import VisitReminder
from tasks import find_case

NUMBER, CALLER = "191212121212", "+46701740605"
HERE, THERE = "SE2321000115-E000000000001", "SE2321000115-E000000000002"
PERSON = json.dumps({"patient": {"type": "personnummer", "id": NUMBER}})


@pytest.fixture
def ids(database: None) -> dict[str, str]:
    """A booked visit, a contact and a call."""
    digest = ring().digest(NUMBER)
    put = {
        "booking": _put(
            BookingPublication,
            key="vas:B-1",
            source="vas",
            booking_id="B-1",
            unit="SE2321000115-E000000000001",
            patient_hash=digest,
            snapshot=PERSON,
        ),
        "contact": _put(
            InboundContact,
            key="hope:K-1",
            channel="hope",
            contact_id="K-1",
            patient_hash=digest,
            parked="unit_unknown",
        ),
        "call": _put(ChannelSwitch, key="call-1", number=CALLER, caller_hash=ring().digest(CALLER)),
    }
    return {name: str(id) for name, id in put.items()}


def _put(model: Any, **columns: Any) -> uuid.UUID:
    id, now = uuid.uuid4(), clock.now()
    row = model(**({"id": id, "state": model.INITIAL, "created_at": now, "updated_at": now} | columns))
    names = [column.name for column in table_of(model).c]
    with transaction() as connection:
        insert_all(connection, table_of(model), [{name: getattr(row, name) for name in names}], names)
    return id


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["find", *arguments], input=typed)


def told(*arguments: str, typed: str = "") -> list[str]:
    """The ids of what is found."""
    done = run(*arguments, "--json", typed=typed)
    found = json.loads(done.stdout)
    assert done.exit_code == (0 if found["cases"] else 1), done.output
    assert NUMBER not in done.output
    assert found["more"] is None
    return sorted(each["id"] for each in found["cases"])


def logged() -> list[LoggedAccess]:
    with transaction() as connection:
        return load(connection, select(LoggedAccess).order_by(col(LoggedAccess.number)))


def test_a_booking_and_a_contact_are_found_by_their_numbers(ids: dict[str, str]) -> None:
    assert told("--booking", "B-1", "--source", "vas") == [ids["booking"]]
    assert told("--contact", "K-1", "--channel", "hope") == [ids["contact"]]
    assert told("--booking", "B-2", "--source", "vas") == []
    assert logged() == []


def test_where_nothing_is_found_it_exits_1_as_grep_does(ids: dict[str, str]) -> None:
    none, one = [run("--booking", booking, "--source", "vas") for booking in ("B-2", "B-1")]
    assert (none.exit_code, none.stdout, one.exit_code) == (1, "Nothing.\n", 0)


def test_it_tells_ids_processes_states_and_what_is_parked(ids: dict[str, str]) -> None:
    (row,) = json.loads(run("--contact", "K-1", "--channel", "hope", "--json").stdout)["cases"]
    assert row["id"] == ids["contact"]
    assert (row["process"], row["state"], row["parked"]) == ("inbound_contact", "received", "unit_unknown")
    assert ids["contact"] in run("--contact", "K-1", "--channel", "hope").stdout


def test_who_looks_for_a_patient_stands_in_the_log_with_the_reason(
    ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "user", lambda: "erik")
    found = told("--patient", "-", "--reason", "ring från mottagningen", typed=f"{NUMBER[:8]}-{NUMBER[8:]}\n")
    assert found == sorted([ids["booking"], ids["contact"]])
    (entry,) = logged()
    assert (entry.who, entry.act, entry.process, entry.why) == (
        "vaxel:erik",
        "search",
        "cases",
        "ring från mottagningen",
    )
    assert entry.patient_hash == ring().digest(NUMBER)


def test_a_call_is_found_by_its_number_and_that_is_logged(ids: dict[str, str]) -> None:
    assert told("--phone", "-", "--reason", "felanmälan", typed="070-174 06 05\n") == [ids["call"]]
    assert [each.why for each in logged()] == ["felanmälan"]


def test_it_says_that_there_are_more_than_it_lists_and_how_to_ask_for_fewer(database: None) -> None:
    long_ago = clock.now() - timedelta(days=9)
    for at in range(find_case.MOST):
        columns = {"key": f"vas:B-{at}", "unit": HERE, "patient_hash": ring().digest(NUMBER)}
        _put(VisitReminder, updated_at=long_ago, **columns)
    asked = ("--patient", "-", "--reason", "felanmälan")
    assert len(told(*asked, typed=NUMBER)) == find_case.MOST
    assert "There are more" not in run(*asked, typed=NUMBER).output
    other = _put(VisitReminder, key="hope:B", unit=THERE, patient_hash=ring().digest(NUMBER))
    cut = json.loads(run(*asked, "--json", typed=NUMBER).stdout)
    assert (len(cut["cases"]), cut["more"]["of"]) == (find_case.MOST, ["visit_reminder"])
    for said in (cut["more"]["do"], run(*asked, typed=NUMBER).output):
        assert "--unit, --from, --to" in said
    today = f"{clock.now().astimezone(STOCKHOLM):%Y-%m-%d}"
    assert told(*asked, "--unit", THERE.lower(), typed=NUMBER) == [str(other)]
    assert told(*asked, "--from", today, typed=NUMBER) == [str(other)]
    assert (
        len(told(*asked, "--to", f"{long_ago.astimezone(STOCKHOLM):%Y-%m-%d}", typed=NUMBER))
        == find_case.MOST
    )


def test_the_story_of_a_case_tells_which_of_prefect_s_runs_had_it(ids: dict[str, str]) -> None:
    before = CliRunner().invoke(app, ["case", ids["booking"]])
    assert (before.exit_code, "Prefect" in before.output) == (0, False)
    run_id = uuid.uuid4()
    case_runs.note_claimed(run_id, [uuid.UUID(ids["booking"])])
    story = CliRunner().invoke(app, ["case", ids["booking"]], env={"COLUMNS": "200"}).output
    (told,) = json.loads(CliRunner().invoke(app, ["case", ids["booking"], "--json"]).stdout)["runs"]
    assert told["id"] == str(run_id)
    at = for_people(datetime.fromisoformat(told["at"]))
    assert f"{told['id']}  {at}" in story[story.index("run in Prefect") :]


@pytest.mark.parametrize(
    ("arguments", "typed", "says"),
    [
        ((), "", "Say what to find"),
        (("--booking", "B-1", "--patient", "-"), "", "Say what to find"),
        (("--booking", "B-1"), "", "--source"),
        (("--contact", "K-1"), "", "--channel"),
        (("--patient", "-", "--reason", "x"), "201312012387\n", "no personnummer"),
        (("--phone", "-", "--reason", "x"), "ring mig\n", "no phone number"),
        (("--patient", "-"), f"{NUMBER}\n", "--reason"),
        (("--patient", "-", "--reason", "x", "--unit", "Halmstad"), f"{NUMBER}\n", "--unit has to be"),
        (("--booking", "B-1", "--source", "vas", "--unit", f"{THERE}{'0' * 31}"), "", "--unit has to be"),
        (("--patient", "-", "--reason", "x", "--from", "igår"), f"{NUMBER}\n", "--from has to be"),
    ],
)
def test_what_is_asked_wrongly_says_what_to_do(
    ids: dict[str, str], arguments: tuple[str, ...], typed: str, says: str
) -> None:
    done = run(*arguments, typed=typed)
    assert done.exit_code == 1
    assert says in done.output
    assert "201312012387" not in done.output
    assert logged() == []
