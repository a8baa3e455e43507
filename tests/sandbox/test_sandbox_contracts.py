"""The sandbox against the national XSDs and WSDLs: its answers are valid, and an independent client reads them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
import zeep.exceptions
from lxml import etree
from sandbox_driver import (
    ACTIVE,
    ADD,
    ADULT,
    AT_1177,
    FIND,
    INDEX,
    UNIT,
    UPDATE,
    Driver,
    add_message,
    create_form,
    engagement,
    find,
    form,
    forms,
    offered,
    sso_link,
    update,
)

from sandbox.systems.e1177.producer import (
    DETAILS,
    DETAILS_RESPONSE,
    SCHEDULE,
    SCHEDULE_RESPONSE,
    TIMESLOT,
)

MATERIAL = Path(os.environ.get("VAXEL_MATERIAL", Path(__file__).parents[2] / "../shared/material"))
RIVTA = MATERIAL / "rivta"
pytestmark = pytest.mark.skipif(not RIVTA.is_dir(), reason="the XSDs and WSDLs (VAXEL_MATERIAL) are not here")


def found(pattern: str) -> Path:
    return next(RIVTA.glob(f"**/{pattern}"))


@cache
def schema(operation: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(found(f"{operation}Responder_[12].*[0-9].xsd"))))


def body(answer: requests.Response) -> Any:
    assert answer.status_code == 200
    return etree.fromstring(answer.content)[-1][0]


def assert_valid(operation: str, element: Any) -> None:
    schema(operation).assertValid(etree.ElementTree(element))


def test_the_answer_to_an_update_is_valid(town: Driver) -> None:
    assert_valid("Update", body(town.update(engagement())))
    assert_valid("Update", body(town.update(engagement("maybe"))))


def test_the_answer_to_find_content_is_valid(town: Driver) -> None:
    town.update(engagement(), engagement(businessObjectInstanceIdentifier="b-2", mostRecentContent=None))
    answer = body(town.soap("engagement_index", FIND, "FindContent", find(ADULT)))
    assert len(answer) == 2
    assert_valid("FindContent", answer)


def test_the_answers_of_1177_are_valid(town: Driver) -> None:
    assert_valid("IsActiveUser", body(town.is_active()))
    assert_valid("AddMessageToPatientPortalInbox", body(town.add_message()))
    town.lives_here(notified_by_1177=["SMS", "Email"])
    assert_valid("IsActiveUser", body(town.is_active()))
    assert_valid("AddMessageToPatientPortalInbox", body(town.add_message(notify="true")))


def test_the_answers_of_the_catalogue_are_valid(town: Driver) -> None:
    assert_valid("GetAvailableEServices", body(town.offered()))
    limited = {"topic": "form", "ages": [16, 20], "gender": "2", "listing": True, "referral": True}
    boundless = {"topic": "journal", "ages": [None, None], "link": None}
    town.post("/units", {"hsa_id": UNIT, "services": [limited, boundless]})
    answer = body(town.offered(UNIT, f"{UNIT}9"))
    assert len(answer) == 2
    assert_valid("GetAvailableEServices", answer)


def test_the_answers_of_the_form_engine_are_valid(town: Driver) -> None:
    assert_valid("GetForms", body(town.forms()))
    assert_valid("CreateFormRequest", body(town.create_form(form(), form(clinicalProcessInterestId=None))))
    assert_valid("CreateFormRequest", body(town.create_form(form(keepUntil=""), form(templateId="none"))))
    answer = body(town.forms())
    assert len(answer) == 3
    assert_valid("GetForms", answer)


def test_our_own_test_messages_are_valid_too() -> None:
    assert_valid("Update", etree.fromstring(update(engagement())))
    assert_valid("FindContent", etree.fromstring(find(ADULT)))
    assert_valid("AddMessageToPatientPortalInbox", etree.fromstring(add_message(ADULT, notify="true")))
    linked = add_message(ADULT, thread="c-1", link=sso_link())
    assert_valid("AddMessageToPatientPortalInbox", etree.fromstring(linked))
    assert_valid("GetAvailableEServices", etree.fromstring(offered(UNIT)))
    assert_valid("CreateFormRequest", etree.fromstring(create_form(form(templateVersion="1"))))
    assert_valid("GetForms", etree.fromstring(forms(subjectOfCare=ADULT, templateIds="form")))


def test_the_questions_that_1177_asks_our_producer_are_valid(town: Driver) -> None:
    town.update(engagement(categorization="Invitation"))
    town.get(f"/inspect/e1177?patient={ADULT}")
    asked = [etree.fromstring(sent)[-1][0] for _, _, sent in town.gateway.calls]
    assert len(asked) == 2
    assert_valid("GetSubjectOfCareSchedule", asked[0])
    assert_valid("GetBookingDetails", asked[1])


@pytest.mark.parametrize("who", [{}, {"for": "201512152380"}, {"agent": "SE165565594230-P1"}])
@pytest.mark.parametrize(
    "says", [{}, {"phone": "+46701740605", "email": "a@b.se", "message": "Hej", "time_type": "NY"}]
)
def test_what_1177_asks_our_producer_for_residents_who_act_is_valid(
    town: Driver, who: Any, says: Any
) -> None:
    by = {"personnummer": ADULT, "unit": UNIT} | who
    at = {"start": "2027-03-01T10:00:00+01:00", "end": "2027-03-01T10:30:00+01:00"}
    chosen = {"performer": "SE2321000115-P1", "care_type": "ALLM", "time_type": says.get("time_type")}
    presses = {
        "MakeBooking": ("book", by | at | says | chosen | {"booking": "b-1", "resource": "R"}),
        "UpdateBooking": ("rebook", by | at | says | {"booking": "b-1"}),
        "CancelBooking": ("cancel", by | {"booking": "b-1", "message": says.get("message")}),
        "GetAvailableTimeslots": ("times", by | chosen | {"booking": "b-1"}),
    }
    for operation, (button, body) in presses.items():
        town.gateway.reset()
        assert town.post(f"/act/1177/{button}", body).status_code == 200
        ((_, headers, sent),) = town.gateway.calls
        assert headers["soapaction"] == f'"urn:riv:crm:scheduling:{operation}Responder:1:{operation}"'
        assert_valid(operation, etree.fromstring(sent)[-1][0])


@pytest.mark.parametrize(("namespace", "table"), [(SCHEDULE, SCHEDULE_RESPONSE), (DETAILS, DETAILS_RESPONSE)])
def test_the_timeslot_table_has_the_xsds_elements_in_order(namespace: str, table: Any) -> None:
    types = etree.parse(str(found("crm_scheduling_1.1.xsd")))
    declared = types.xpath(
        "//x:complexType[@name='TimeslotType']//x:element",
        namespaces={"x": "http://www.w3.org/2001/XMLSchema"},
    )
    named = [(one.get("name") or one.get("ref").split(":")[1], one.get("minOccurs")) for one in declared]
    assert [(one.name, str(one.least)) for one in TIMESLOT] == named
    assert table.namespace == namespace


def client(town: Driver, operation: str, system: str) -> Any:
    wsdl = zeep.Client(str(found(f"{operation}Interaction_[12].*_RIVTABP21.wsdl")))
    binding = next(iter(wsdl.wsdl.bindings))
    return wsdl.create_service(binding, f"{town.sandbox.url}/{system}")


def transaction(**changed: Any) -> dict[str, Any]:
    fields = {
        "registeredResidentIdentification": ADULT,
        "serviceDomain": "riv:crm:scheduling",
        "categorization": "Booking",
        "logicalAddress": UNIT,
        "businessObjectInstanceIdentifier": "b-1",
        "clinicalProcessInterestId": "NA",
        "sourceSystem": "SE2321000115-VAXEL",
        "dataController": "SE2321000115",
    }
    return {"deleteFlag": False, "engagement": fields | changed}


def test_zeep_updates_and_finds(town: Driver) -> None:
    address = {"LogicalAddress": INDEX}
    updated = client(town, "Update", "engagement_index").Update([transaction()], _soapheaders=address)
    assert updated["ResultCode"] == "OK"
    finder = client(town, "FindContent", "engagement_index")
    result = finder.FindContent(ADULT, "riv:crm:scheduling", _soapheaders=address)
    assert [one["businessObjectInstanceIdentifier"] for one in result["engagement"]] == ["b-1"]


def test_zeep_reads_a_fault_as_a_fault(town: Driver) -> None:
    with pytest.raises(zeep.exceptions.Fault, match="VP004"):
        client(town, "Update", "engagement_index").Update(
            [transaction()], _soapheaders={"LogicalAddress": UNIT}
        )


def test_zeep_asks_1177_and_writes_to_the_inbox(town: Driver) -> None:
    town.lives_here(notified_by_1177=["SMS"])
    address = {"LogicalAddress": "SE165565594230-1000"}
    asked = client(town, "IsActiveUser", "e1177").IsActiveUser(ADULT, _soapheaders=address)
    assert (asked["status"], asked["activeNotificationMethods"]) == (True, ["SMS"])
    message = {"organisationUnit": {"unitId": UNIT, "unitName": "Vårdcentralen"}, "messageText": "Hej"}
    sender = client(town, "AddMessageToPatientPortalInbox", "e1177")
    sent = sender.AddMessageToPatientPortalInbox(
        subjectOfCareId=ADULT, message=message, notify=True, sourceSystem="VAXEL", _soapheaders=address
    )
    assert (sent["resultCode"], sent["notificationSent"]) == ("OK", ["SMS"])


def test_zeep_finds_the_link_to_the_journal(town: Driver) -> None:
    catalogue = client(town, "GetAvailableEServices", "e1177")
    (unit,) = catalogue.GetAvailableEServices([UNIT], _soapheaders={"LogicalAddress": AT_1177})[
        "availableEServices"
    ]
    journal = next(one for one in unit["eservice"] if one["resourceId"] == "journal")
    assert journal["url"].startswith("https://")
    assert (journal["securitylevel"], journal["restrictions"]["ageMin"]) == ("AL3", 16)


def test_zeep_asks_for_a_form_and_finds_it_again(town: Driver) -> None:
    address = {"LogicalAddress": AT_1177}
    asked = {
        "clinicalProcessInterestId": "p-1",
        "expireDate": "29991231",
        "healthcare_facility_CareUnit": UNIT,
        "keepUntil": "29991231",
        "subjectOfCare": ADULT,
        "templateId": "form",
    }
    made = client(town, "CreateFormRequest", "e1177").CreateFormRequest([asked], _soapheaders=address)
    assert made["resultCode"] == "OK"
    finder = client(town, "GetForms", "e1177")
    (found,) = finder.GetForms(clinicalProcessInterestIds=["p-1"], _soapheaders=address)["forms"]
    assert (found["formId"], found["formStatus"]) == (made["formRequestResponses"][0]["formId"], "ONGOING")


@pytest.mark.parametrize(
    ("sample", "system", "namespace", "operation"),
    [
        ("ei_Update_request.xml", "engagement_index", UPDATE, "Update"),
        ("AddMessageToPatientPortalInbox_request.xml", "e1177", ADD, "AddMessageToPatientPortalInbox"),
    ],
)
def test_the_samples_are_understood(
    town: Driver, sample: str, system: str, namespace: str, operation: str
) -> None:
    town.lives_here("199202232394")
    headers = {"content-type": "text/xml; charset=utf-8", "soapaction": f'"{namespace}:{operation}"'}
    message = (MATERIAL / "samples" / sample).read_bytes()
    answer = town.session.post(f"{town.sandbox.url}/{system}", data=message, headers=headers, timeout=5)
    assert answer.status_code == 200


def test_every_operation_of_the_sandbox_is_in_the_contract(town: Driver) -> None:
    written = (RIVTA / "signatures.txt").read_text()
    region = town.sandbox.region
    actions = [*region.index.operations, *region.e1177.operations]
    assert f"{ACTIVE}:IsActiveUser" in actions
    assert all(action in written for action in actions)


def test_all_numbers_of_the_sample_day_are_official() -> None:
    from sandbox.people.numbers import ADULTS, CHILDREN, LOAD, MORTALS, SELF_SERVANTS, WRITERS

    official = set((MATERIAL / "people" / "skatteverket_testpersonnummer.txt").read_text().split())
    assert {*ADULTS, *CHILDREN, *LOAD, *MORTALS, *WRITERS, *SELF_SERVANTS} <= official
