"""Messages of eoffering and forminteraction against their XSDs, and against an independent peer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import zeep
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from systems import soap
from systems.rivta import eoffering, forminteraction

RESIDENT = "191212121212"
UNIT = "SE2321000115-E000000000001"
OFFERED = "GetAvailableEServicesResponder_1.0.xsd"
CREATE = "CreateFormRequestResponder_2.0.xsd"
LIST = "GetFormsResponder_2.0.xsd"

IsValid = Callable[[str, Any], bool]

# Without a deadline: the first example loads the XSD.
few = settings(max_examples=50)
text = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=40)
optional = st.none() | text
number = st.integers(-(2**31), 2**31 - 1)


def tree(message: Any) -> etree._Element:
    return soap.unwrap(soap.wrap(message)).body


# What a unit offers

areas = st.builds(
    eoffering.Area, counties=st.lists(text, min_size=1, max_size=2), municipalities=st.lists(text, max_size=2)
)
limits = st.builds(
    eoffering.Restrictions,
    area=st.none() | areas,
    gender=optional,
    listing=st.booleans(),
    referral=st.booleans(),
    referral_type=optional,
    age_min=st.none() | number,
    age_max=st.none() | number,
)
services = st.builds(
    eoffering.EService,
    name=text,
    description=text,
    resource_id=text,
    security_level=st.sampled_from([None, "AL1", "AL4"]),
    url=st.sampled_from([None, "https://e-tjanster.1177.se/a?b=c&d=%C3%A5"]),
    restrictions=st.none() | limits,
)


@few
@given(st.lists(services, max_size=3), optional)
def test_what_a_unit_offers_is_as_its_xsd_says_and_comes_back(
    is_valid: IsValid, offered: list[eoffering.EService], name: str | None
) -> None:
    unit = eoffering.AvailableEServices(facility=eoffering.Facility(unit=UNIT, name=name), services=offered)
    message = eoffering.GetAvailableEServicesResponse(available=[unit, unit])
    assert is_valid(OFFERED, tree(message))
    assert soap.read_message(tree(message), eoffering.GetAvailableEServicesResponse) == message


@few
@given(st.lists(text, min_size=1, max_size=3))
def test_the_question_what_units_offer_is_as_its_xsd_says(is_valid: IsValid, units: list[str]) -> None:
    assert is_valid(OFFERED, tree(eoffering.GetAvailableEServices(units=units)))


def test_the_xsd_would_have_told_a_wrong_order(is_valid: IsValid) -> None:
    service = eoffering.EService(name="a", description="b", resource_id="c")
    unit = eoffering.AvailableEServices(facility=eoffering.Facility(unit=UNIT), services=[service])
    message = tree(eoffering.GetAvailableEServicesResponse(available=[unit]))
    message[0][1].append(message[0][1][0])
    assert not is_valid(OFFERED, message)


# Forms

requests = st.builds(
    forminteraction.FormRequest,
    process=optional,
    expires=st.dates(date(1000, 1, 1)),
    text=optional,
    unit=text,
    keep_until=st.dates(date(1000, 1, 1)),
    resident=st.just(RESIDENT),
    template=text,
    version=st.none() | number,
)


@few
@given(st.lists(requests, min_size=1, max_size=2))
def test_a_request_for_a_form_is_as_its_xsd_says_and_comes_back(
    is_valid: IsValid, asked: list[forminteraction.FormRequest]
) -> None:
    message = forminteraction.CreateFormRequest(requests=asked)
    assert is_valid(CREATE, tree(message))
    assert soap.read_message(tree(message), forminteraction.CreateFormRequest) == message


@few
@given(optional, optional, text)
def test_the_answer_to_a_request_for_a_form_is_as_its_xsd_says(
    is_valid: IsValid, process: str | None, comment: str | None, identity: str
) -> None:
    form = forminteraction.FormRequestResponse(process=process, form_id=identity, unit=UNIT)
    message = forminteraction.CreateFormRequestResponse(forms=[form], comment=comment, result_code="INFO")
    assert is_valid(CREATE, tree(message))


@few
@given(st.lists(text, max_size=2), optional, optional, st.lists(text, max_size=2))
def test_the_question_which_forms_there_are_is_as_its_xsd_says(
    is_valid: IsValid, processes: list[str], unit: str | None, resident: str | None, templates: list[str]
) -> None:
    message = forminteraction.GetForms(processes=processes, unit=unit, resident=resident, templates=templates)
    assert is_valid(LIST, tree(message))


# An independent peer


@pytest.fixture(scope="module")
def peer(material: Path) -> Callable[[str], zeep.Client]:
    def of(operation: str) -> zeep.Client:
        (wsdl,) = material.glob(f"**/{operation}Interaction_*_RIVTABP21.wsdl")
        return zeep.Client(str(wsdl))  # type: ignore[no-untyped-call]

    return of


def reply(client: zeep.Client, operation: str, message: Any) -> etree._Element:
    """What another implementation writes as the answer of the operation."""
    written = client.service._binding.get(operation).output.serialize(**message)
    return soap.unwrap(etree.tostring(written.content)).body


def test_we_read_what_another_implementation_offers(peer: Callable[[str], zeep.Client]) -> None:
    limits = {"listing": False, "referal": True, "ageMin": 16, "eserviceAreaCode": {"countycode": ["13"]}}
    service = {"commonName": "Journal", "description": "Läs", "resourceId": "j", "url": "https://1177.se/j"}
    unit = {"healthcare_facility": UNIT, "healthcare_facility_name": "Vårdcentralen"}
    offered = {"healthcare_facility": unit, "eservice": [service | {"restrictions": limits}]}
    body = reply(peer("GetAvailableEServices"), "GetAvailableEServices", {"availableEServices": [offered]})
    (read,) = soap.read_message(body, eoffering.GetAvailableEServicesResponse).available
    assert read.facility.unit == UNIT
    restrictions = read.services[0].restrictions
    assert restrictions is not None
    assert (restrictions.age_min, restrictions.age_max, restrictions.referral) == (16, None, True)


def test_we_read_which_forms_another_implementation_has(peer: Callable[[str], zeep.Client]) -> None:
    template = dict.fromkeys(("category", "formName", "language", "publishStatus", "templateId", "term"), "x")
    counts = dict.fromkeys(("NumberOfQuestions", "NumberOfPages"), 1)
    template |= {f"{end}{name}": count for end in ("max", "min") for name, count in counts.items()}
    template |= {"anonymousForm": False, "mandatory": False, "templateVersion": 1}
    form = {
        "createdDateTime": "20261123T090001",
        "expireDate": "20261224",
        "formId": "f-1",
        "formStatus": "PENDING_COMPLETION",
        "healthcare_facility_CareUnit": UNIT,
        "healthcare_facility_CareUnitName": "Vårdcentralen",
        "clinicalProcessInterestId": "p-1",
        "keepUntil": "20270131",
        "subjectOfCare": RESIDENT,
        "formTemplate": template,
    }
    (read,) = soap.read_message(
        reply(peer("GetForms"), "GetForms", {"forms": [form]}), forminteraction.GetFormsResponse
    ).forms
    assert (read.form_id, read.status, read.process) == ("f-1", "PENDING_COMPLETION", "p-1")
    assert read.created == datetime(2026, 11, 23, 8, 0, 1, tzinfo=UTC)


def test_we_read_another_implementations_answer_to_a_request(peer: Callable[[str], zeep.Client]) -> None:
    form = {"formId": "f-1", "healthcare_facility_CareUnit": UNIT, "clinicalProcessInterestId": "p-1"}
    message = {"formRequestResponses": [form], "comment": "hej", "resultCode": "INFO"}
    body = reply(peer("CreateFormRequest"), "CreateFormRequest", message)
    read = soap.read_message(body, forminteraction.CreateFormRequestResponse)
    assert (read.result_code, read.comment, read.forms[0].form_id) == ("INFO", "hej", "f-1")


@pytest.mark.parametrize(
    ("message", "operation"),
    [
        (eoffering.GetAvailableEServices(units=[UNIT]), "GetAvailableEServices"),
        (forminteraction.GetForms(unit=UNIT), "GetForms"),
        (
            forminteraction.CreateFormRequest(
                requests=[
                    forminteraction.FormRequest(
                        expires=date(2026, 12, 24),
                        keep_until=date(2027, 1, 31),
                        unit=UNIT,
                        resident=RESIDENT,
                        template="hd",
                    )
                ]
            ),
            "CreateFormRequest",
        ),
    ],
)
def test_our_soap_action_is_the_wsdls(
    peer: Callable[[str], zeep.Client], message: Any, operation: str
) -> None:
    assert soap.action(message) == peer(operation).service._binding.get(operation).soapaction
