"""What staff read of an alert: where, and never of whom (policy-suicid-1, avisering-2)."""

from __future__ import annotations

import pytest
from routine_cases import REGION, UNIT

from routine import staff_text
from routine.neutral import is_neutral
from routine.sms import sms_parts

REVEALING = UNIT.model_copy(update={"name": "Vuxenhälsan Falkenberg", "reveals": True})
REGION_WITH_ONE = REGION.model_copy(update={"units": {"SE2321000115-E000000000004": REVEALING}})
PLACES = [REGION.systems[id].name for id in ("platform24", "hope", "lifecare")] + ["VAS"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "unit", [UNIT.name, "Medicinmottagningen Varberg", REVEALING.name, "Ögon " * 30, "Kråk—backen", "", None]
)
def test_the_sms_is_neutral_and_one_part_whatever_the_unit_is_called(place: str, unit: str | None) -> None:
    body = staff_text.sms_on_call(place, unit, REGION_WITH_ONE).body
    assert is_neutral(body, REGION_WITH_ONE).allowed
    assert sms_parts(body).parts == 1
    assert place in body


def test_the_sms_names_a_unit_that_reveals_nothing() -> None:
    assert "Vårdcentralen Halmstad" in staff_text.sms_on_call("HOPE", UNIT.name, REGION_WITH_ONE).body
    assert "Falkenberg" not in staff_text.sms_on_call("HOPE", REVEALING.name, REGION_WITH_ONE).body


def test_the_alert_says_where_the_contact_is_and_that_it_is_to_be_acknowledged() -> None:
    body = staff_text.alert("1177.se").body
    assert "1177.se" in body
    assert "Kvittera" in body
