"""The engagement index refuses what the real one refuses, and is atomic and idempotent as it is."""

from __future__ import annotations

import pytest
from sandbox_driver import INDEX_CORE, UNIT, UPDATE, Driver, engagement, faultstring, update, values


def test_a_right_update_is_taken_and_found_again(town: Driver) -> None:
    assert values(town.update(engagement()), "ResultCode") == ["OK"]
    assert [one["businessObjectInstanceIdentifier"] for one in town.find()] == ["b-1"]


def test_both_spellings_of_the_service_domain_are_one_key(town: Driver) -> None:
    town.update(engagement())
    town.update(engagement(serviceDomain="urn:riv:crm:scheduling"))
    assert len(town.find()) == 1


def test_a_unit_is_the_same_whatever_the_case_of_its_hsa_id(town: Driver) -> None:
    town.update(engagement())
    town.update(engagement(logicalAddress=UNIT.lower()))
    assert len(town.find(logicalAddress=UNIT.lower())) == 1


def test_the_same_again_changes_nothing(town: Driver) -> None:
    town.update(engagement())
    town.update(engagement(creationTime="20261101080000"))
    history = town.get("/inspect/engagement_index?history=1")["history"]
    assert [one["change"] for one in history] == ["new", "identical"]


def test_a_new_time_is_a_change(town: Driver) -> None:
    town.update(engagement())
    town.update(engagement(mostRecentContent="20261202090000"))
    history = town.get("/inspect/engagement_index?history=1")["history"]
    assert [one["change"] for one in history] == ["new", "changed"]


def test_a_delete_takes_it_away_and_a_delete_of_nothing_is_ok(town: Driver) -> None:
    town.update(engagement())
    answers = [town.update(engagement("true", mostRecentContent=None)) for _ in range(2)]
    assert [values(one, "ResultCode") for one in answers] == [["OK"], ["OK"]]
    assert town.find() == []


def test_a_booking_and_an_invitation_with_one_id_are_two(town: Driver) -> None:
    town.update(engagement(), engagement(categorization="Invitation"))
    assert len(town.find()) == 2
    assert len(town.find(categorization="Invitation")) == 1


def test_a_thousand_in_one_call_are_taken(town: Driver) -> None:
    town.update(*(engagement(businessObjectInstanceIdentifier=f"b-{n}") for n in range(1000)))
    assert len(town.get("/inspect/engagement_index")["engagements"]) == 1000


def test_one_more_than_a_thousand_is_refused_and_nothing_of_it_applied(town: Driver) -> None:
    answer = town.update(*(engagement(businessObjectInstanceIdentifier=f"b-{n}") for n in range(1001)))
    assert values(answer, "ResultCode") == ["ERROR"]
    assert town.find() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"registeredResidentIdentification": "19920223-2394"},
        {"registeredResidentIdentification": "98240301AA06"},
        {"serviceDomain": "crm scheduling"},
        {"categorization": "Bookings"},
        {"logicalAddress": "Vårdcentralen"},
        {"mostRecentContent": "2026-12-01T09:00:00"},
        {"mostRecentContent": "20261301090000"},
        {"sourceSystem": "VAS"},
        {"businessObjectInstanceIdentifier": ""},
    ],
)
def test_one_wrong_value_refuses_the_whole_call(town: Driver, wrong: dict[str, str]) -> None:
    answer = town.update(engagement(businessObjectInstanceIdentifier="right"), engagement(**wrong))
    assert values(answer, "ResultCode") == ["ERROR"]
    assert values(answer, "comment")
    assert town.get("/inspect/engagement_index")["engagements"] == []


def test_a_delete_flag_that_is_no_boolean_refuses_the_call(town: Driver) -> None:
    assert values(town.update(engagement("yes")), "ResultCode") == ["ERROR"]


def test_two_transactions_for_one_key_are_refused(town: Driver) -> None:
    answer = town.update(engagement(), engagement("true", mostRecentContent=None))
    assert values(answer, "comment") == ["two transactions for the same key"]
    assert town.find() == []


def test_a_comment_never_echoes_a_value(town: Driver) -> None:
    answer = town.update(engagement(registeredResidentIdentification="19990101-0000"))
    assert "19990101" not in answer.text


@pytest.mark.parametrize("missing", ["clinicalProcessInterestId", "sourceSystem", "dataController"])
def test_a_missing_element_is_a_fault(town: Driver, missing: str) -> None:
    assert missing in faultstring(town.update(engagement(**{missing: None})))


def test_elements_out_of_order_are_a_fault(town: Driver) -> None:
    body = update(engagement()).replace(
        "NA</c:clinicalProcessInterestId>", "NA</c:clinicalProcessInterestId>"
    )
    swapped = body.replace("<c:categorization>Booking</c:categorization>", "").replace(
        "</c:logicalAddress>", "</c:logicalAddress><c:categorization>Booking</c:categorization>"
    )
    answer = town.soap("engagement_index", UPDATE, "Update", swapped)
    assert "not where it belongs" in faultstring(answer)


def test_an_unknown_element_is_a_fault(town: Driver) -> None:
    body = update(engagement()).replace("</c:engagement>", "<c:note>x</c:note></c:engagement>")
    assert "does not belong" in faultstring(town.soap("engagement_index", UPDATE, "Update", body))


def test_an_element_of_another_namespace_may_follow(town: Driver) -> None:
    body = update(engagement()).replace(
        "</c:engagement>", '<x:note xmlns:x="urn:x">x</x:note></c:engagement>'
    )
    answer = town.soap("engagement_index", UPDATE, "Update", body)
    assert values(answer, "ResultCode") == ["OK"]


def test_a_wrong_namespace_inside_is_a_fault(town: Driver) -> None:
    body = update(engagement()).replace(INDEX_CORE, UPDATE)
    assert "deleteFlag" in faultstring(town.soap("engagement_index", UPDATE, "Update", body))


def test_an_update_of_nothing_is_a_fault(town: Driver) -> None:
    assert "engagementTransaction is missing" in faultstring(town.update())


def test_any_other_logical_address_has_no_route(town: Driver) -> None:
    assert faultstring(town.update(engagement(), address=UNIT)).startswith("VP004")


def test_a_missing_logical_address_is_told(town: Driver) -> None:
    assert faultstring(town.update(engagement(), address="")).startswith("VP003")


def test_find_answers_to_every_field_that_is_given(town: Driver) -> None:
    town.update(engagement(), engagement(businessObjectInstanceIdentifier="b-2"))
    assert len(town.find(businessObjectInstanceIdentifier="b-2", sourceSystem="SE2321000115-VAXEL")) == 1
    assert town.find(sourceSystem="SE2321000115-OTHER") == []
    assert town.find("199202242385") == []
