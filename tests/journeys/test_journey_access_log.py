"""Who has seen what stands in the access log, whoever looks, and comes to the log service (HSLF-FS 2016:40)."""

from __future__ import annotations

import json
import os
import signal
import uuid

import pytest
from contact_town import ANNA, aged
from image_town import COMMISSION, ImageTown
from self_service_town import SelfServiceTown
from sqlalchemy import text
from sqlmodel import col, select
from town import HALMSTAD, Town, as_json
from typer.testing import CliRunner
from warm import START

from cli.app import app
from engine.base.database import VAXEL, load, transaction, url_of
from engine.base.settings import System, settings
from engine.ops import log_delivery as cursor
from engine.ops.access_log_check import check_access_log
from flows.log_delivery import log_delivery
from models.access_log import LoggedAccess
from sandbox.people.numbers import ADULTS
from tasks import clients
from tasks.log_delivery.deliver import deliver

AT_1177 = "SE165565594230-1000"


def logged() -> list[LoggedAccess]:
    with transaction() as connection:
        return load(connection, select(LoggedAccess).order_by(col(LoggedAccess.number)))


def has_log_service(town: Town) -> str:
    """The sandbox's is set; gives its address."""
    url = f"{str(town.http.base_url).rstrip('/')}/log"
    settings().systems["log"] = System(url=url, deadline=2.0, settling=0.2)
    clients.forget()
    return url


async def test_besok_3_what_a_resident_sees_on_1177_stands_in_the_log_and_so_does_who_looks_at_the_case(
    town: Town,
) -> None:
    booking = town.books(patient := town.resident())
    await town.comes_to_rest()
    assert town.on_1177(patient) == [booking["id"]]
    reads = [(entry.act, entry.who, entry.name, entry.unit) for entry in logged()]
    assert ("read", AT_1177, patient, HALMSTAD["hsa_id"]) in reads
    with transaction() as connection:
        case: uuid.UUID = connection.execute(text("SELECT id FROM booking_publication")).scalar_one()
    done = CliRunner().invoke(app, ["case", str(case), "--json", "--reason", "the patient rang"])
    assert as_json(done.stdout)["case"]["process"] == "booking_publication"
    look = logged()[-1]
    assert (look.act, look.who[:6], look.subject, look.why) == ("look", "vaxel:", case, "the patient rang")
    assert {json.loads(entry.patient or "{}").get("id") for entry in logged()} == {patient}
    assert check_access_log().broken == []


@pytest.mark.usefixtures("_deployment")
async def test_what_staff_did_comes_to_the_log_service_and_what_residents_and_programs_did_does_not(
    image_town: ImageTown,
) -> None:
    has_log_service(image_town)
    _, transfer = image_town.gets("jpeg")
    await image_town.comes_to_rest()
    assert image_town.downloads(image_town.file(transfer)) == 200
    await log_delivery()
    there = image_town.holds("log")["entries"]
    own = [entry for entry in logged() if entry.who == ANNA["hsa_id"] and entry.patient]
    assert [each["log_id"] for each in there] == [str(entry.id) for entry in own]
    assert {"Skriva", "Läsa"} <= {each["activity"] for each in there}
    assert there[-1]["assignment"] == COMMISSION["hsa_id"]
    image_town.on_1177(image_town.resident())
    await log_delivery()
    assert len(image_town.holds("log")["entries"]) == len(there)


async def test_barn_1_a_guardian_and_staff_of_1177_stand_in_the_log_as_who_they_are(
    self_service_town: SelfServiceTown,
) -> None:
    town, agent = self_service_town, "SE2321000115-P000000000009"
    parent, child = town.resident(ADULTS[1]), aged(7)
    town.resident(child, guardians=[parent])
    booking = await town.has_visit(child)
    before = len(logged())
    for who in (parent, agent):
        assert town.sees_by_soap(who, child, booking)
    assert town.sees_by_soap(ADULTS[3], child, booking) == ["fault", "fault"]
    reads = [(entry.who, entry.name, entry.why.split()[1]) for entry in logged()[before:]]
    asked = ("GetSubjectOfCareSchedule", "GetBookingDetails")
    assert reads == [(AT_1177, parent, each) for each in asked] + [(agent, None, each) for each in asked]
    assert {json.loads(entry.patient or "{}")["id"] for entry in logged()[before:]} == {child}


def _deliver_and_die(database: str, log_service: str) -> None:
    settings().database_url = database
    settings().systems["log"] = System(url=log_service, deadline=2.0)
    cursor.move = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
    deliver()


async def test_who_is_killed_between_sending_and_the_cursor_leaves_it_to_the_next_under_the_same_ids(
    image_town: ImageTown,
) -> None:
    url = has_log_service(image_town)
    _, transfer = image_town.gets("jpeg")
    await image_town.comes_to_rest()
    assert image_town.downloads(image_town.file(transfer)) == 200
    doomed = START.Process(target=_deliver_and_die, args=(url_of(VAXEL), url))
    doomed.start()
    doomed.join(60)
    assert doomed.exitcode == -signal.SIGKILL
    sent = [each["log_id"] for each in image_town.holds("log")["entries"]]
    assert sent
    assert deliver() == {"delivered": len(sent)}
    there = image_town.holds("log")["entries"]
    assert [(each["log_id"], each["times"]) for each in there] == [(id, 2) for id in sent]
