"""Who has seen what stands in the access log, whoever looks, and comes to the log service (HSLF-FS 2016:40)."""

from __future__ import annotations

import json
import uuid

import pytest
from contact_town import ANNA
from image_town import COMMISSION, ImageTown
from sqlalchemy import text
from sqlmodel import col, select
from town import HALMSTAD, Town
from typer.testing import CliRunner

from cli.app import app
from engine.base.database import load, transaction
from engine.base.settings import System, settings
from engine.ops.access_log_check import check_access_log
from flows.log_delivery import log_delivery
from models.access_log import LoggedAccess
from tasks import clients

AT_1177 = "SE165565594230-1000"


def logged() -> list[LoggedAccess]:
    with transaction() as connection:
        return load(connection, select(LoggedAccess).order_by(col(LoggedAccess.number)))


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
    assert json.loads(done.stdout)["case"]["process"] == "booking_publication"
    look = logged()[-1]
    assert (look.act, look.who[:6], look.subject, look.why) == ("look", "vaxel:", case, "the patient rang")
    assert {json.loads(entry.patient or "{}").get("id") for entry in logged()} == {patient}
    assert check_access_log().broken == []


@pytest.mark.usefixtures("_deployment")
async def test_what_staff_did_comes_to_the_log_service_and_what_residents_and_programs_did_does_not(
    image_town: ImageTown,
) -> None:
    url = str(image_town.http.base_url).rstrip("/")
    settings().systems["log"] = System(url=f"{url}/log", deadline=2.0, settling=0.2)
    clients.forget()
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
