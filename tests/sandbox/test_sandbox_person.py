"""PU: profiles, contact data, and how little there is of a protected person."""

from __future__ import annotations

import pytest
import requests
from sandbox_driver import ADULT, CONTACT, CONTACT_CORE, PROFILE, PROFILE_CORE, Driver, faultstring, values

PERSONNUMMER, SAMORDNINGSNUMMER = "1.2.752.129.2.1.3.1", "1.2.752.129.2.1.3.3"
CHILD = "201312152398"


def profile(
    town: Driver, *numbers: str, root: str = PERSONNUMMER, which: str = "P2", swapped: bool = False
) -> requests.Response:
    asked = "".join(
        f"<r:personId><t:root>{root}</t:root><t:extension>{number}</t:extension></r:personId>"
        for number in numbers
    )
    wanted = f"<r:profile>{which}</r:profile>"
    content = wanted + asked if swapped else asked + wanted
    body = f'<r:GetPersonsForProfile xmlns:r="{PROFILE}" xmlns:t="{PROFILE_CORE}">{content}</r:GetPersonsForProfile>'
    return town.soap("person", PROFILE, "GetPersonsForProfile", body)


def contact(town: Driver, number: str = ADULT) -> requests.Response:
    asked = f"<r:personId><t:root>{PERSONNUMMER}</t:root><t:extension>{number}</t:extension></r:personId>"
    name = "GetPersonContactInformation"
    return town.soap(
        "person", CONTACT, name, f'<r:{name} xmlns:r="{CONTACT}" xmlns:t="{CONTACT_CORE}">{asked}</r:{name}>'
    )


def test_one_whom_pu_knows_has_a_record(town: Driver) -> None:
    town.lives_here(name="Tolvan Tolvansson")
    answer = profile(town, ADULT)
    assert values(answer, "protectedPersonIndicator") == ["false"]
    assert values(answer, "surname") == ["Tolvansson"]


def test_a_stranger_has_an_answer_without_a_record(town: Driver) -> None:
    answer = profile(town, ADULT)
    assert len(values(answer, "requestedPersonalIdentity")) == 1
    assert values(answer, "personRecord") == []


def test_one_can_live_here_and_be_unknown_to_pu(town: Driver) -> None:
    town.lives_here(known_to_pu=False)
    assert values(profile(town, ADULT), "personRecord") == []


def test_many_are_answered_in_the_order_asked(town: Driver) -> None:
    town.lives_here(CHILD)
    answer = profile(town, ADULT, CHILD)
    assert values(answer, "extension") == [ADULT, CHILD, CHILD]


def test_five_hundred_may_be_asked_for_and_not_one_more(town: Driver) -> None:
    assert profile(town, *[ADULT] * 500).status_code == 200
    assert faultstring(profile(town, *[ADULT] * 501))


def test_of_a_protected_person_there_is_only_the_mark(town: Driver) -> None:
    town.lives_here(protected=True, phone="+46701740605", preferences={"notice_by": ["sms"]}, name="A B")
    assert values(profile(town, ADULT), "protectedPersonIndicator") == ["true"]
    assert values(profile(town, ADULT), "name") == []
    assert values(contact(town), "contactInformation") == []


def test_a_childs_guardians_and_the_day_of_a_death_are_told(town: Driver) -> None:
    town.lives_here(CHILD, guardians=[ADULT], deceased="2026-11-01")
    answer = profile(town, CHILD, which="P3")
    assert values(answer, "relationshipType") == ["V"]
    assert values(profile(town, CHILD), "relationshipType") == []
    town.lives_here(ADULT)
    assert values(profile(town, ADULT, which="P3"), "relationshipType") == ["VF"]
    assert values(answer, "deregistrationReasonCode") == ["AV"]
    assert values(answer, "deregistrationDate") == ["20261101"]


def test_whoever_is_no_guardian_any_more_has_no_child(town: Driver) -> None:
    town.lives_here(CHILD, guardians=[ADULT])
    town.lives_here(CHILD, guardians=[])
    town.lives_here(ADULT)
    assert values(profile(town, ADULT, which="P3"), "relationshipType") == []


def test_contact_data_come_in_the_order_of_the_wish(town: Driver) -> None:
    wishes = {"notice_by": ["email"], "digital_only": True}
    town.lives_here(phone="+46701740605", email="a@example.com", preferences=wishes)
    answer = contact(town)
    assert values(answer, "value") == ["a@example.com", "+46701740605"]
    assert values(answer, "rank") == ["1", "2"]
    assert values(answer, "digitalNotification") == ["true", "false"]
    assert values(answer, "optoutPaperNotification") == ["true"]


def test_the_day_of_registration_is_told_where_it_is_known(town: Driver) -> None:
    town.lives_here(phone="+46701740605", contact_registered="2025-03-04")
    assert values(contact(town), "start") == ["20250304"]
    town.lives_here(contact_registered=None)
    assert values(contact(town), "period") == []


def test_a_stranger_has_no_contact_record(town: Driver) -> None:
    assert values(contact(town), "contactInformationRecord") == []


def test_a_samordningsnummer_is_asked_for_by_its_own_root(town: Driver) -> None:
    number = town.lives_here("197010632391")
    assert values(profile(town, number), "personRecord") == []
    assert len(values(profile(town, number, root=SAMORDNINGSNUMMER), "personRecord")) == 1


@pytest.mark.parametrize("wrong", [{"which": "P9"}, {"root": "1.2.3"}, {"swapped": True}])
def test_a_wrong_question_is_a_fault(town: Driver, wrong: dict[str, object]) -> None:
    assert faultstring(profile(town, ADULT, **wrong))  # type: ignore[arg-type]


def test_a_number_that_is_no_number_is_a_fault_that_does_not_echo_it(town: Driver) -> None:
    assert faultstring(profile(town, "98240301AA06")) == "wrong value: extension"
