"""The national log service: as strict as its schema and its lists, whole calls or nothing, and one entry a LogId."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
from lxml import etree
from sandbox_driver import ADULT, AT_1177, UNIT, Driver, envelope, faultstring, values

STORE = "urn:riv:ehr:log:store:StoreLogResponder:1"
CORE = "urn:riv:ehr:log:1"
ANNA = "SE2321000115-P000000000001"
MATERIAL = Path(os.environ.get("VAXEL_MATERIAL", Path(__file__).parents[2] / "../shared/material"))
INTERACTION = (
    MATERIAL / "rivta" / "ehr.log_trunk" / "schemas" / "interactions" / "store" / "StoreLogInteraction"
)
IS_THERE = pytest.mark.skipif(not INTERACTION.is_dir(), reason="the WSDL (VAXEL_MATERIAL) is not here")
ID = str(uuid.UUID(int=1))


def log(id: str = ID, **changed: str) -> str:
    """One entry; a change of "" leaves its element out."""
    given = {
        "SystemId": "SE2321000115-VAXEL",
        "ActivityType": "Läsa",
        "StartDate": "2026-11-30T08:30:00.000+01:00",
        "Purpose": "Vård och behandling",
        "UserId": ANNA,
        "Name": "Anna Test",
        "CareProviderId": "SE2321000115",
        "CareUnitId": UNIT,
        "ResourceType": "Bild",
        "PatientId": ADULT,
    } | changed

    def leaf(name: str) -> str:
        return f"<l:{name}>{given[name]}</l:{name}>" if given[name] else ""

    def group(name: str, *parts: str) -> str:
        return f"<l:{name}>{''.join(parts)}</l:{name}>"

    provider, unit = group("CareProvider", leaf("CareProviderId")), group("CareUnit", leaf("CareUnitId"))
    resource = group("Resource", leaf("ResourceType"), group("Patient", leaf("PatientId")), provider, unit)
    return (
        f'<Log xmlns:l="{CORE}"><l:LogId>{id}</l:LogId>'
        + group("System", leaf("SystemId"))
        + group("Activity", leaf("ActivityType"), leaf("StartDate"), leaf("Purpose"))
        + group("User", leaf("UserId"), leaf("Name"), provider, unit)
        + group("Resources", resource)
        + "</Log>"
    )


def stored(town: Driver, *logs: str, address: str = AT_1177) -> requests.Response:
    body = f'<StoreLogRequest xmlns="{STORE}">{"".join(logs)}</StoreLogRequest>'
    given = {"content-type": "text/xml; charset=utf-8", "soapaction": f'"{STORE}:StoreLog"'}
    url = f"{town.sandbox.url}/log"
    return town.session.post(url, data=envelope(body, address).encode(), headers=given, timeout=10)


def held(town: Driver, **query: str) -> list[dict[str, Any]]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    found: list[dict[str, Any]] = town.get(f"/inspect/log?{asked}")["entries"]
    return found


def test_what_is_stored_is_shown_in_its_order_and_chosen_by_whom_it_is_of(town: Driver) -> None:
    other = log(str(uuid.UUID(int=2)), PatientId="191212121212")
    assert values(stored(town, log(), other), "ResultCode") == ["OK"]
    first, second = held(town)
    assert (first["user"], first["activity"], first["patient"], first["times"]) == (ANNA, "Läsa", ADULT, 1)
    assert held(town, patient="191212121212") == [second]


def test_the_same_entry_again_is_there_once_and_another_under_its_id_is_refused(town: Driver) -> None:
    stored(town, log())
    assert values(stored(town, log()), "ResultCode") == ["OK"]
    assert values(stored(town, log(ActivityType="Radera")), "ResultCode") == ["VALIDATION_ERROR"]
    assert [(one["activity"], one["times"]) for one in held(town)] == [("Läsa", 2)]


WRONG = {
    "no activity of the list": {"ActivityType": "Titta"},
    "no purpose of the list": {"Purpose": "Nyfikenhet"},
    "no HSA-id": {"UserId": "anna"},
    "a number that is too long": {"PatientId": "A123456789012"},
    "a name that is too long": {"Name": "x" * 257},
    "a resource that is too long": {"ResourceType": "x" * 51},
    "no time": {"StartDate": "2026-11-30 08:30"},
}


@pytest.mark.parametrize("changed", WRONG.values(), ids=WRONG.keys())
def test_one_wrong_value_and_nothing_of_the_call_is_stored(town: Driver, changed: dict[str, str]) -> None:
    answer = stored(town, log(), log(str(uuid.UUID(int=2)), **changed))
    assert values(answer, "ResultCode") == ["VALIDATION_ERROR"]
    assert next(iter(changed.values())) not in answer.text
    assert held(town) == []


def test_two_entries_of_one_call_have_two_ids(town: Driver) -> None:
    assert values(stored(town, log(), log()), "ResultCode") == ["VALIDATION_ERROR"]


def test_what_is_missing_or_elsewhere_is_a_fault_and_so_is_another_address(town: Driver) -> None:
    assert "CareUnit" in faultstring(stored(town, log(CareUnitId="")))
    assert "VP004" in faultstring(stored(town, log(), address=UNIT))
    assert "Log is missing" in faultstring(stored(town))


@IS_THERE
def test_question_and_answers_are_valid_to_the_national_schema(town: Driver) -> None:
    schema = etree.XMLSchema(etree.parse(str(INTERACTION / "StoreLogResponder_1.0.xsd")))
    schema.assertValid(etree.fromstring(f'<StoreLogRequest xmlns="{STORE}">{log()}</StoreLogRequest>'))
    for answer in (stored(town, log()), stored(town, log(Purpose="x"))):
        schema.assertValid(etree.ElementTree(etree.fromstring(answer.content)[-1][0]))


@IS_THERE
def test_zeep_stores_from_the_original_wsdl(town: Driver) -> None:
    with requests.Session() as session:
        session.trust_env = False
        wsdl = zeep.Client(
            str(INTERACTION / "StoreLogInteraction_1.0_RIVTABP21.wsdl"),
            transport=zeep.Transport(session=session),
        )
        service = wsdl.create_service(next(iter(wsdl.wsdl.bindings)), f"{town.sandbox.url}/log")
        provider, unit = {"CareProviderId": "SE2321000115"}, {"CareUnitId": UNIT}
        resource = {"ResourceType": "Bild", "Patient": {"PatientId": ADULT}, "CareProvider": provider}
        entry = {
            "LogId": ID,
            "System": {"SystemId": "SE2321000115-VAXEL"},
            "Activity": {
                "ActivityType": "Utskrift",
                "StartDate": datetime(2026, 11, 30, 8, tzinfo=UTC),
                "Purpose": "Administration",
            },
            "User": {"UserId": ANNA, "CareProvider": provider, "CareUnit": unit},
            "Resources": {"Resource": [resource]},
        }
        answer = service.StoreLog([entry], _soapheaders={"LogicalAddress": AT_1177})
    assert answer["ResultType"]["ResultCode"] == "OK"
    assert [(one["log_id"], one["activity"], one["unit"]) for one in held(town)] == [(ID, "Utskrift", UNIT)]
