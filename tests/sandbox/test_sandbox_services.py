"""1177: what a unit offers the resident, and the forms that a resident is asked to fill in."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from sandbox_driver import (
    ADULT,
    AT_1177,
    CREATE_FORM,
    INDEX,
    OFFERED,
    UNIT,
    Driver,
    create_form,
    faultstring,
    form,
    offered,
    values,
)

OTHER = "SE2321000115-E000000000002"
JOURNAL = {"topic": "journal", "link": "https://1177.se/j", "ages": [16, None]}


def unit(town: Driver, *services: Any, hsa_id: str = UNIT) -> None:
    answer = town.post("/units", {"hsa_id": hsa_id, "services": list(services)})
    assert answer.status_code == 201


def held(town: Driver, **query: str) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = town.get("/inspect/e1177")["forms"]
    return [one for one in shown if query.items() <= one.items()]


# The catalogue


def test_a_unit_of_which_nothing_was_said_offers_the_usual(town: Driver) -> None:
    answer = town.offered()
    assert values(answer, "resourceId") == ["rebook", "journal", "form"]
    assert values(answer, "ageMin") == ["13", "16", "13"]
    assert all(url.startswith("https://") for url in values(answer, "url"))


def test_a_unit_offers_what_was_said_of_it_and_others_what_they_did(town: Driver) -> None:
    unit(town, JOURNAL)
    answer = town.offered(UNIT.lower(), OTHER)
    assert values(answer, "url")[0] == "https://1177.se/j"
    assert values(answer, "resourceId") == ["journal", "rebook", "journal", "form"]


def test_a_unit_may_offer_nothing(town: Driver) -> None:
    unit(town)
    answer = town.offered()
    assert (values(answer, "healthcare_facility")[1:], values(answer, "resourceId")) == ([UNIT], [])


def test_a_service_for_everyone_has_no_restrictions(town: Driver) -> None:
    unit(town, {"topic": "journal", "ages": [None, None]})
    assert values(town.offered(), "restrictions") == []


def test_a_service_without_a_link_has_no_url(town: Driver) -> None:
    unit(town, {"topic": "rebook", "link": None})
    answer = town.offered()
    assert (values(answer, "resourceId"), values(answer, "url")) == (["rebook"], [])


def test_what_is_said_of_services_leaves_1177s_own_notices_as_they_were(town: Driver) -> None:
    town.post("/units", {"hsa_id": UNIT, "connected": False})
    answer = town.post("/units", {"hsa_id": UNIT, "services": [JOURNAL]}).json()
    assert (answer["connected"], answer["services"][0]["ages"]) == (False, [16, None])


@pytest.mark.parametrize(
    ("services", "told"),
    [
        ("journal", "services"),
        ([{"topic": "fax"}], "topic"),
        ([["journal"]], "topic"),
        ([JOURNAL | {"colour": "red"}], "colour"),
        ([JOURNAL | {"ages": [16]}], "ages"),
        ([JOURNAL | {"ages": [True, None]}], "ages"),
        ([JOURNAL | {"ages": ["16", None]}], "ages"),
        ([JOURNAL | {"level": "LOA3"}], "level"),
        ([JOURNAL | {"listing": "yes"}], "listing"),
        ([JOURNAL | {"name": " "}], "name"),
    ],
)
def test_a_service_that_cannot_be_is_refused(town: Driver, services: Any, told: str) -> None:
    answer = town.post("/units", {"hsa_id": UNIT, "services": services})
    assert answer.status_code == 422
    assert told in answer.json()["detail"]
    assert values(town.offered(), "resourceId") == ["rebook", "journal", "form"]


def test_the_catalogue_is_forgotten_with_everything_else(town: Driver) -> None:
    unit(town)
    town.delete("/state")
    assert len(values(town.offered(), "resourceId")) == 3


@pytest.mark.parametrize("body", [offered(), offered(""), offered("Vårdcentralen"), offered(UNIT, "x")])
def test_a_question_without_a_unit_is_a_fault(town: Driver, body: str) -> None:
    answer = town.soap("e1177", OFFERED, "GetAvailableEServices", body, AT_1177)
    assert "healthcare_facility" in faultstring(answer)


# Forms


def test_a_form_that_is_asked_for_is_there_though_nobody_has_opened_it(town: Driver) -> None:
    answer = town.create_form(form())
    (identity,) = values(answer, "formId")
    assert values(answer, "resultCode") == ["OK"]
    assert values(answer, "clinicalProcessInterestId") == [f"{UNIT}:r-1"]
    (shown,) = held(town)
    assert (shown["id"], shown["patient"], shown["unit"]) == (identity, ADULT, UNIT)
    assert (shown["process"], shown["template"], shown["expires"]) == (f"{UNIT}:r-1", "form", "2999-12-31")
    found = town.forms(subjectOfCare=ADULT)
    assert (values(found, "formId"), values(found, "formStatus")) == ([identity], ["ONGOING"])


def test_the_same_request_twice_is_two_forms(town: Driver) -> None:
    town.create_form(form())
    town.create_form(form())
    assert len(held(town)) == 2


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 3),
        ({"subjectOfCare": ADULT}, 2),
        ({"subjectOfCare": ADULT, "clinicalProcessInterestIds": "p-2"}, 1),
        ({"clinicalProcessInterestIds": "p-3"}, 0),
        ({"healthcare_facility_CareUnit": UNIT.lower(), "templateIds": "form"}, 3),
        ({"healthcare_facility_CareUnit": OTHER}, 0),
        ({"templateIds": "other"}, 0),
    ],
)
def test_forms_are_found_by_every_condition_given(town: Driver, wanted: dict[str, str], count: int) -> None:
    town.create_form(form(), form(clinicalProcessInterestId="p-2"))
    town.create_form(form(subjectOfCare="199202252392", clinicalProcessInterestId=None))
    assert len(values(town.forms(**wanted), "formId")) == count


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"expireDate": "20200101"}, "expireDate has passed"),
        ({"expireDate": "2999-12-31"}, "wrong value: expireDate"),
        ({"expireDate": "29990230"}, "wrong value: expireDate"),
        ({"keepUntil": "for ever"}, "wrong value: keepUntil"),
        ({"subjectOfCare": "9202232394"}, "wrong value: subjectOfCare"),
        ({"subjectOfCare": None}, "subjectOfCare is missing"),
        ({"healthcare_facility_CareUnit": "Vårdcentralen"}, "wrong value: healthcare_facility_CareUnit"),
        ({"templateId": "none"}, "no such template"),
        ({"templateVersion": "latest"}, "wrong value: templateVersion"),
        ({"formText": ""}, "wrong value: formText"),
    ],
)
def test_a_form_that_cannot_be_is_refused_with_a_result_code(
    town: Driver, changed: dict[str, str | None], told: str
) -> None:
    answer = town.create_form(form(**changed))
    assert values(answer, "resultCode") == ["ERROR"]
    assert told in values(answer, "comment")[0]
    assert held(town) == []


def test_of_several_requests_those_that_are_right_become_forms(town: Driver) -> None:
    answer = town.create_form(form(), form(templateId="none"))
    assert (len(values(answer, "formId")), values(answer, "resultCode")) == (1, ["ERROR"])
    assert len(held(town)) == 1


def test_a_unit_has_the_templates_that_were_said_of_it(town: Driver) -> None:
    unit(town, {"topic": "form", "id": "hd", "template": "halsodeklaration"})
    assert values(town.create_form(form()), "resultCode") == ["ERROR"]
    assert values(town.create_form(form(templateId="halsodeklaration")), "resultCode") == ["OK"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (create_form(), "formRequests is missing"),
        (create_form(form(expireDate=None)), "expireDate is missing"),
        (create_form(form(keepUntil=None)), "keepUntil is missing"),
        (create_form(form(templateId=None)), "templateId is missing"),
        (create_form(form(somethingElse="x")), "somethingElse"),
        (create_form(form()).replace("<c:templateId>form", "<templateId>form").replace("</c:templateId>", "</templateId>"), "templateId"),
    ],
)  # fmt: skip
def test_a_request_of_the_wrong_shape_is_a_fault(town: Driver, body: str, told: str) -> None:
    assert told in faultstring(town.soap("e1177", CREATE_FORM, "CreateFormRequest", body, AT_1177))
    assert held(town) == []


def test_1177_tells_the_resident_of_a_form_who_wished_its_notices(town: Driver) -> None:
    town.create_form(form())
    town.lives_here(notified_by_1177=["SMS"])
    town.create_form(form())
    (notice,) = town.get("/inspect/e1177")["notifications"]
    assert (notice["why"], notice["by"], notice["about"]) == ("form", ["SMS"], held(town)[1]["id"])


def test_the_forms_of_one_resident_are_shown(town: Driver) -> None:
    town.create_form(form(), form(subjectOfCare="199202252392"))
    assert [one["patient"] for one in town.get(f"/inspect/e1177?patient={ADULT}")["forms"]] == [ADULT]


def test_a_lost_answer_leaves_the_form_or_none(town: Driver) -> None:
    for kind, made in (("timeout_before", 0), ("timeout_after", 1)):
        town.fault("e1177", kind, times=1, seconds=0.05, operation="CreateFormRequest")
        with pytest.raises(requests.ConnectionError):
            town.create_form(form())
        assert len(held(town)) == made


def test_who_calls_anyone_but_1177_has_no_route(town: Driver) -> None:
    for answer in (
        town.offered(address=INDEX),
        town.create_form(form(), address=UNIT),
        town.forms(address=UNIT),
    ):
        assert faultstring(answer).startswith("VP004")
