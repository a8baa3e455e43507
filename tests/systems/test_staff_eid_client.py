"""Staff's provider: what its claims say of who logged in, by Inera's list of attributes (policy-personal-1)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.base.errors import Refused
from systems.staff_eid import StaffLoggedIn, which_staff_logged_in

ANNA = "SE2321000115-P000000000001"
CLAIMS = {
    "acr": "http://id.sambi.se/loa/loa3",
    "employeeHsaId": ANNA,
    "commissionHsaId": "SE2321000115-U000000000001",
    "commissionPurpose": "Vård och behandling",
    "commissionRight": "Läsa;Vård och omsorg;SJF",
    "healthCareUnitHsaId": "SE2321000115-E000000000001",
    "given_name": "Anna",
    "family_name": "Test",
}


def _who(**changed: Any) -> StaffLoggedIn:
    return which_staff_logged_in(
        {name: value for name, value in (CLAIMS | changed).items() if value is not None}
    )


def test_who_with_which_commission() -> None:
    who = _who()
    assert (who.hsa_id, who.level, who.name) == (ANNA, 3, "Anna Test")
    assert (who.commission, who.purpose) == ("SE2321000115-U000000000001", "Vård och behandling")
    assert (who.right, who.unit) == ("Läsa;Vård och omsorg;SJF", "SE2321000115-E000000000001")


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        7,
        [],
        [ANNA, ANNA],
        {},
        "a name",
        "SE1-P1",
        "SE2321000115-å",
        ANNA + "1" * 6,
        ANNA + "1" * 40,
    ],
)
def test_whoever_has_no_hsa_id_is_nobody(said: object) -> None:
    with pytest.raises(Refused, match="login_not_verified") as refused:
        _who(employeeHsaId=said)
    assert refused.value.detail == "employeeHsaId"


@pytest.mark.parametrize("said", [ANNA.lower(), f" {ANNA} ", [ANNA]])
def test_an_hsa_id_is_the_same_whatever_its_case_and_in_a_list_of_one(said: object) -> None:
    assert _who(employeeHsaId=said).hsa_id == ANNA


@pytest.mark.parametrize("said", [None, "", [], ["Vård och behandling", "Administration"], 3])
def test_of_two_purposes_none_counts(said: object) -> None:
    assert _who(commissionPurpose=said).purpose is None


def test_several_rights_of_a_commission_are_all_told() -> None:
    assert _who(commissionRight=["Läsa;VoB;SJF", 7, "Skriva"]).right == "Läsa;VoB;SJF, Skriva"
    assert _who(commissionRight=[]).right is None


@pytest.mark.parametrize(
    ("acr", "level"),
    [("http://id.sambi.se/loa/loa2", 2), ("loa3", 0), ("http://id.elegnamnden.se/loa/1.0/loa3", 0)],
)
def test_a_level_is_staff_s_own(acr: str, level: int) -> None:
    assert _who(acr=acr).level == level


def test_a_name_keeps_to_one_line_and_to_one_direction() -> None:
    assert _who(given_name="An\u202ena\n\x1b[2J", family_name="T" * 900).name == "Anna [2J " + "T" * 200
