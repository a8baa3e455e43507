"""What staff read of an alert: where, and never of whom (policy-suicid-1, avisering-2)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from routine_cases import REGION, UNIT

from routine import staff_text
from routine.self_service import Service
from routine.sms import sms_parts

REVEALING = UNIT.model_copy(update={"name": "Vuxenhälsan Falkenberg", "reveals": True})
REGION_WITH_ONE = REGION.model_copy(update={"units": {"SE2321000115-E000000000004": REVEALING}})
PLACES = [REGION.systems[id].name for id in ("platform24", "hope", "lifecare")] + ["VAS"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "unit", [UNIT.name, "Medicinmottagningen Varberg", REVEALING.name, "Psykiatrin Halmstad"]
)
def test_policy_suicid_1_staff_are_told_the_units_full_name_whatever_it_reveals(
    place: str, unit: str
) -> None:
    """The list of words that reveal is for what patients get (avisering-2): staff have to know where."""
    body = staff_text.sms_on_call(place, unit, REGION_WITH_ONE).body
    assert unit in body
    assert place in body


def test_an_sms_on_call_about_a_usual_unit_is_one_part() -> None:
    assert sms_parts(staff_text.sms_on_call("Platform24 (Clinic24)", UNIT.name, REGION).body).parts == 1


@pytest.mark.parametrize("unit", ["", "  ", None])
def test_a_unit_without_a_name_is_said_to_be_unknown(unit: str | None) -> None:
    assert "vid en enhet som inte är känd" in staff_text.sms_on_call("VAS", unit, REGION).body


def test_the_alert_says_where_the_contact_is_and_that_it_is_to_be_acknowledged() -> None:
    body = staff_text.alert("1177.se").body
    assert "1177.se" in body
    assert "Kvittera" in body


def test_policy_sjalvservice_1_staff_read_what_the_resident_wanted_and_said() -> None:
    at = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
    body = staff_text.asked_on_1177(
        Service.BOOK, at, phone="070-174 06 05", email=None, message="Ring gärna {före} 9"
    ).body
    assert "bett om att boka en tid på 1177" in body
    assert body.splitlines()[1:] == [
        "Önskad tid: tisdag 1 december 2026 kl. 09.00",
        "Telefon: 070-174 06 05",
        "Meddelande: Ring gärna {före} 9",
    ]


@pytest.mark.parametrize(("service", "what"), [(Service.CANCEL, "avboka"), (Service.REBOOK, "omboka")])
def test_policy_sjalvservice_1_of_what_is_changed_the_task_names_the_booking(
    service: Service, what: str
) -> None:
    body = staff_text.asked_on_1177(service, None, phone=None, email=None, message=None).body
    assert f"{what} den här bokningen" in body
    assert "\n" not in body


@pytest.mark.parametrize("service", list(Service))
def test_policy_sjalvservice_1_of_what_cannot_be_read_staff_know_what_was_asked_for_and_whom_to_ask(
    service: Service,
) -> None:
    body = staff_text.unreadable_on_1177(service, "284a84bd-ecaf-4405-8b6f-785bd7f07bfe").body
    asked = staff_text.asked_on_1177(service, None, phone=None, email=None, message=None).body
    assert body.splitlines()[0] == asked
    assert body.endswith("Fråga dem om ärende 284a84bd-ecaf-4405-8b6f-785bd7f07bfe.")
