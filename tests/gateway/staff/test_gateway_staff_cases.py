"""Staff find a case at their unit and read its story; nobody else's is there, and each look is in the log first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from cases_driver import (
    CALLER,
    ELSEWHERE,
    HERE,
    alert,
    booking,
    contact,
    effect,
    of_every_process,
    put,
    unit_merged,
)
from gateway_driver import is_problem
from lxml import html
from sqlalchemy import text
from staff_driver import (
    ANNA,
    BO,
    CARING,
    ELSE,
    OTHER_PATIENT,
    PATIENT,
    UNIT,
    Browser,
    StaffTown,
    at,
    case,
    logged,
    staff_town,
    unlogged,
)

from engine.base import clock
from engine.base.database import transaction
from engine.tables.timeline import Entry
from models.channel_switch import ChannelSwitch
from models.encryption import ring
from models.inbound_contact import InboundContact
from models.participation import Participation
from models.preferences import PatientPreferences
from models.processes import MODELS
from models.self_service import SelfService
from models.times import STOCKHOLM
from models.visit_reminder import VisitReminder
from routine.clauses import CLAUSES
from routine.staff import CARE
from tasks import find_case

CASES, START, ROUTINE = "/staff/cases", "/staff", "/staff/routine"
PERSONNUMMER = {"id": PATIENT, "type": "personnummer"}
WHY = "Patienten ringer om sin tid"
BY_BOOKING, BY_CONTACT = f"{CASES}?booking=B-1&source=vas", f"{CASES}?contact=K-1&channel=platform24"
LOWER = "SE2321000115-U000000000009"


@pytest.fixture(scope="module")
def running(postgres: None) -> Iterator[StaffTown]:
    with staff_town() as town:
        yield town


@pytest.fixture
def town(running: StaffTown) -> StaffTown:
    running.fresh()
    return running


def found(browser: Browser, path: str) -> set[str]:
    """The ids of the cases that a search finds."""
    return {each["id"] for each in browser.json("GET", path).json()["cases"]}


def of_patient(browser: Browser, number: str = PATIENT, **more: Any) -> requests.Response:
    body = {"patient": {"id": number, "type": "personnummer"}, "reason": WHY}
    return browser.post_json(CASES, body | more)


def page_of(answer: requests.Response) -> str:
    """What a page says, as it is read."""
    return " ".join(html.fromstring(answer.text).text_content().split())


# --- finding


def test_a_case_is_found_by_its_booking_and_by_its_contact(town: StaffTown) -> None:
    ids = of_every_process()
    browser = town.logged_in()
    booked = ("booking_publication", "visit_reminder", "check_in", "self_service")
    talked = ("inbound_contact", "risk_alert", "channel_switch", "participation", "image_transfer")
    assert found(browser, BY_BOOKING) == {str(ids[each]) for each in booked}
    assert found(browser, BY_CONTACT) == {str(ids[each]) for each in talked}
    assert found(browser, f"{CASES}?booking=B-2&source=vas") == set()
    assert found(browser, f"{CASES}?booking=B-1&source=hope") == set()


def test_what_was_booked_on_1177_is_found_by_its_booking_also_before_its_system_has_told_of_it(
    town: StaffTown,
) -> None:
    made, browser = put(SelfService, led_to="B-7"), town.logged_in()
    assert found(browser, f"{CASES}?booking=B-7&source=vas") == {str(made)}
    ids = of_every_process()
    moved = put(SelfService, booking_id="B-0", led_to="B-1")
    assert {str(moved), str(ids["self_service"])} < found(browser, BY_BOOKING)


@pytest.mark.parametrize("patient", [PATIENT, None])
def test_a_contact_is_found_without_reading_what_is_of_others(town: StaffTown, patient: str | None) -> None:
    contact(patient=patient)
    there = put(Participation, contact_id="K-1", patient=patient)
    row = "gen_random_uuid(), n, 'proposed', 0, 0, now(), now(), 'K-' || n, sha256(n::text::bytea), false"
    columns = "id, key, state, tries, entries, created_at, updated_at, contact_id, patient_hash, overridden"
    read = "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'participation'"
    with transaction() as connection:
        rows = f"SELECT {row} FROM generate_series(2, 5000) AS n"
        connection.execute(text(f"INSERT INTO participation ({columns}) {rows}"))
        connection.execute(text("ANALYZE participation"))
        ids = {each.id for each in find_case.by_contact(connection, "platform24", "K-1").cases}
        assert there in ids
        assert connection.execute(text(read)).scalar_one() < 100
        connection.rollback()


def test_all_cases_of_a_patient_are_found_for_whoever_says_why(town: StaffTown) -> None:
    ids = of_every_process()
    booking("B-9", patient=OTHER_PATIENT)
    answer = of_patient(town.logged_in()).json()["cases"]
    assert ids.keys() == {model.PROCESS for model in MODELS}
    assert {each["process"]: each["id"] for each in answer} == {name: str(id) for name, id in ids.items()}
    assert PATIENT not in str(answer)


def test_a_phone_case_is_found_by_the_number_however_it_is_written(town: StaffTown) -> None:
    called = put(ChannelSwitch, patient=None, state="asked", number=CALLER, caller_hash=ring().digest(CALLER))
    wrote = put(InboundContact, channel="sms", contact_id="S-1", reply_hash=ring().digest(CALLER))
    put(InboundContact, channel="mail", contact_id="M-1", reply_hash=ring().digest(CALLER))
    browser = town.logged_in()
    for number in (CALLER, "070-174 06 05"):
        answer = browser.post_json(CASES, {"phone": number, "reason": WHY}).json()
        assert {each["id"] for each in answer["cases"]} == {str(called), str(wrote)}


def test_a_form_finds_the_same_and_its_page_leads_to_the_case(town: StaffTown) -> None:
    id = booking()
    answer = town.logged_in().fill_in(CASES, patient=f"{PATIENT[:8]}-{PATIENT[8:]}", reason=WHY)
    assert answer.status_code == 200
    assert f"{CASES}/{id}" in answer.text
    assert PATIENT[:8] not in answer.text


def test_a_search_tells_that_there_are_more_than_it_gives_and_what_to_do(town: StaffTown) -> None:
    for at_ in range(find_case.MOST):
        put(VisitReminder, key=f"vas:B-{at_}", updated_at=clock.now() - timedelta(days=3))
    browser = town.logged_in()
    whole = of_patient(browser).json()
    assert (len(whole["cases"]), whole["more"]) == (find_case.MOST, None)
    newest = put(VisitReminder, key="vas:B-new")
    cut = of_patient(browser).json()
    assert (len(cut["cases"]), cut["more"]["of"]) == (find_case.MOST, ["visit_reminder"])
    assert '"from"' in cut["more"]["do"]
    assert cut["cases"][0]["id"] == str(newest)
    for language, says, of in (("sv", "Det finns fler", "påminnelse"), ("en", "There are more", "reminder")):
        page = page_of(browser.fill_in(f"{CASES}?lang={language}", patient=PATIENT, reason=WHY))
        assert f"{says}: " in page
        assert of in page[page.index(says) :][:120]
    day = clock.now().astimezone(STOCKHOLM).date()
    narrowed = of_patient(browser, **{"from": f"{day}"}).json()
    assert ([each["id"] for each in narrowed["cases"]], narrowed["more"]) == ([str(newest)], None)
    before = of_patient(browser, to=f"{day - timedelta(days=1)}").json()
    assert (len(before["cases"]), before["more"]) == (find_case.MOST, None)
    page = page_of(browser.fill_in(CASES, patient=PATIENT, reason=WHY, **{"from": f"{day}", "to": f"{day}"}))
    assert "Det finns fler" not in page


def test_policy_personal_1_another_unit_s_cases_never_fill_a_search_or_show_that_they_are_many(
    town: StaffTown,
) -> None:
    here = put(VisitReminder, key="vas:B-here", updated_at=clock.now() - timedelta(days=3))
    for at_ in range(find_case.MOST + 1):
        put(VisitReminder, key=f"vas:B-{at_}", unit=ELSEWHERE)
    answer = of_patient(town.logged_in()).json()
    assert ([each["id"] for each in answer["cases"]], answer["more"]) == ([str(here)], None)


def test_policy_identitet_1_a_unit_that_was_merged_is_the_same_unit(town: StaffTown) -> None:
    id = booking(unit=ELSEWHERE)
    browser = town.logged_in()
    assert browser.json("GET", f"{CASES}/{id}").status_code == 404
    unit_merged(ELSEWHERE, HERE)
    assert found(browser, BY_BOOKING) == {str(id)}
    assert browser.json("GET", f"{CASES}/{id}").json()["unit"] == HERE


def test_a_unit_is_the_same_in_whatever_case_it_is_written(town: StaffTown) -> None:
    unit = UNIT | {"hsa_id": HERE.lower()}
    town.works_here(
        ANNA, "Anna Test", {"hsa_id": LOWER, "purpose": CARE, "right": "Läsa;VoB;SJF", "unit": unit}
    )
    id = booking()
    assert found(town.logged_in(ANNA, LOWER), BY_BOOKING) == {str(id)}


# --- a case's page


def test_a_case_tells_its_story_by_clauses_and_what_was_sent(town: StaffTown) -> None:
    id = booking(due_at=town.moment(48))
    effect(id, receipt="delivered", receipt_at=clock.now(), request=f"sms to {CALLER}")
    answer = town.logged_in().ask("GET", f"{CASES}/{id}", accept_language="sv")
    said = page_of(answer)
    assert "Bokat besök · Bokning B-1 i journalsystemet" in said
    assert "Ett besök bokades. Enligt besok-2: Invånaren får en avisering" in said
    assert f'href="{ROUTINE}#besok-2"' in answer.text
    assert "Avisering Till eller genom: sms. Framme hos mottagaren" in said
    assert "Vårdcentralen Halmstad" in said
    assert "VäntarTill" in said
    assert CALLER not in answer.text
    assert logged()[-1].subject == id


def test_a_program_has_the_codes_and_the_words_in_its_language(town: StaffTown) -> None:
    id = booking()
    told = town.logged_in().json("GET", f"{CASES}/{id}?lang=en").json()
    assert (told["patient"], told["booking"], told["system"]) == (PERSONNUMMER, "B-1", "vas")
    assert told["timeline_whole"] is True
    last = told["timeline"][-1]
    assert (last["what"], last["reason"], last["clause"]) == ("notice", "visit_booked", "besok-2")
    assert (last["says"], last["why"]) == ("Notice", "A visit was booked.")
    assert last["sentence"].startswith("The resident has a notice")


def test_a_parked_case_says_for_whom_it_waits_and_why(town: StaffTown) -> None:
    told = [
        (
            contact(parked="several_contacts"),
            "På driften, som ser till det: Flera kanaler har en kontakt med",
        ),
        (booking(parked="not_checked"), "På en människa: "),
    ]
    for id, waits in told:
        assert waits in page_of(town.logged_in().ask("GET", f"{CASES}/{id}", accept_language="sv"))


def test_policy_skydd_2_a_hand_over_tells_nobody_why(town: StaffTown) -> None:
    id = booking(entries=[Entry("notice", "manual_handling", "policy-skydd-1")])
    for language in ("sv", "en"):
        said = page_of(town.logged_in().ask("GET", f"{CASES}/{id}?lang={language}")).replace(
            "policy-skydd-1", ""
        )
        assert "skydd" not in said.lower()
        assert "protected" not in said.lower()


# --- another's, and what is not there


def test_another_unit_s_what_never_was_and_what_is_no_id_are_answered_alike(town: StaffTown) -> None:
    other, gone = booking(unit=ELSEWHERE), contact(unit=None)
    browser = town.logged_in()
    for accept in ("application/json", "text/html"):
        answers = {
            (answer.status_code, answer.text.replace(str(each), "ID"))
            for each in (other, gone, uuid4(), "B-1", str(other).replace("-", ""))
            for answer in [browser.ask("GET", f"{CASES}/{each}", accept=accept)]
        }
        assert [status for status, _ in answers] == [404]
    assert found(browser, BY_BOOKING) == set()
    assert [each["process"] for each in of_patient(browser).json()["cases"]] == []
    assert not any(each.subject for each in logged())


def test_bilder_2_a_file_s_case_is_seen_by_its_owner_alone(town: StaffTown) -> None:
    id = uuid4()
    case(id, ANNA, unit=HERE)
    assert town.logged_in(ANNA).json("GET", f"{CASES}/{id}").status_code == 200
    assert town.logged_in(BO).json("GET", f"{CASES}/{id}").status_code == 404
    assert of_patient(town.logged_in(BO)).json()["cases"] == []


def test_policy_personal_1_a_patient_s_wishes_are_seen_where_the_patient_has_something_else(
    town: StaffTown,
) -> None:
    id = put(PatientPreferences)
    booking("B-2", patient=OTHER_PATIENT)
    booking("B-3", unit=ELSEWHERE)
    browser = town.logged_in()
    assert browser.json("GET", f"{CASES}/{id}").status_code == 404
    assert of_patient(browser).json()["cases"] == []
    booking()
    assert browser.json("GET", f"{CASES}/{id}").status_code == 200
    assert str(id) in {each["id"] for each in of_patient(browser).json()["cases"]}
    narrowed = of_patient(browser, to="2020-01-01").json()["cases"]
    assert narrowed == []


def test_a_case_that_was_deleted_meanwhile_is_not_there(town: StaffTown) -> None:
    id = booking()
    browser = town.logged_in()
    assert found(browser, BY_BOOKING) == {str(id)}
    with transaction() as connection:
        connection.execute(text("DELETE FROM booking_publication"))
    assert browser.json("GET", f"{CASES}/{id}").status_code == 404
    assert found(browser, BY_BOOKING) == set()


# --- who may


def asked_all(browser: Browser, id: UUID) -> dict[str, int]:
    """What each way to a patient's data answers."""
    ways = {
        path: browser.json("GET", path).status_code
        for path in (CASES, BY_BOOKING, BY_CONTACT, f"{CASES}/{id}")
    }
    ways |= {f"HEAD {id}": browser.json("HEAD", f"{CASES}/{id}").status_code}
    return ways | {"POST": of_patient(browser).status_code}


def test_policy_personal_1_every_way_takes_a_login_that_lasts_and_a_commission_for_care(
    town: StaffTown,
) -> None:
    id = booking()
    anna, before = town.logged_in(), len(logged())
    assert set(asked_all(town.browser(), id).values()) == {401}
    assert set(asked_all(town.logged_in(ANNA, ELSE), id).values()) == {403}
    town.works_here(BO, "Bo Prov")
    assert set(asked_all(town.logged_in(BO, None), id).values()) == {403}
    with at(minutes=31):
        assert set(asked_all(anna, id).values()) == {401}
        assert anna.json("GET", START).status_code == 401
        assert anna.json("GET", ROUTINE).status_code == 401
    assert len(logged()) == before


def test_what_cannot_be_logged_is_not_shown(town: StaffTown) -> None:
    id = booking()
    browser = town.logged_in()
    with unlogged():
        for path in (BY_BOOKING, f"{CASES}/{id}"):
            answer = browser.json("GET", path)
            assert is_problem(answer, 503)
            assert str(id) not in answer.text
        assert of_patient(browser).status_code == 503


def test_each_search_and_each_look_stands_in_the_log_with_who_whose_and_why(town: StaffTown) -> None:
    id = booking()
    browser = town.logged_in()
    browser.json("GET", BY_BOOKING)
    of_patient(browser)
    browser.json("GET", f"{CASES}/{id}")
    of_patient(browser, OTHER_PATIENT)
    entries = logged()
    assert [each.act for each in entries] == ["search", "search", "look", "search"]
    assert [each.why for each in entries] == ["policy-personal-1", WHY, "policy-personal-1", WHY]
    assert {(each.who, each.commission, each.purpose, each.unit) for each in entries} == {
        (ANNA, CARING, CARE, HERE)
    }
    whose = [PATIENT, PATIENT, PATIENT, OTHER_PATIENT]
    assert [number in str(each.patient) for each, number in zip(entries, whose, strict=True)] == [True] * 4


# --- what was asked wrongly


@pytest.mark.parametrize(
    "query",
    [
        f"?patient={PATIENT}",
        f"?patient={PATIENT}&reason=x",
        "?phone=0701740605",
        f"?booking={PATIENT}&source=vas",
        f"?contact={PATIENT[:8]}-{PATIENT[8:]}&channel=platform24",
    ],
)
def test_a_person_s_number_in_an_address_finds_nothing_and_says_what_to_do(
    town: StaffTown, query: str
) -> None:
    booking()
    browser = town.logged_in()
    answer = browser.json("GET", CASES + query)
    assert is_problem(answer, 400)
    assert "POST /staff/cases" in answer.json()["detail"]
    page = browser.ask("GET", CASES + query)
    assert page.status_code == 400
    for told in (answer.text, page.text, town.browser().ask("GET", CASES + query).text):
        assert PATIENT not in told
        assert PATIENT[8:] not in told
        assert "0701740605" not in told
    assert logged() == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"patient": {"id": "201312012387", "type": "personnummer"}, "reason": WHY}, "12 figures"),
        ({"patient": "kalle", "reason": WHY}, "12 figures"),
        ({"patient": {"id": "1", "type": "reservnummer"}, "reason": WHY}, "reservnummer"),
        ({"patient": {"id": 7}, "reason": WHY}, "look for"),
        ({"phone": "ring mig", "reason": WHY}, "phone number"),
        ({"patient": PERSONNUMMER}, "why you search"),
        ({"patient": PERSONNUMMER, "reason": " \n "}, "why you search"),
        ({"patient": PERSONNUMMER, "reason": "a\nb"}, "why you search"),
        ({"patient": PERSONNUMMER, "reason": WHY, "from": "i går"}, "as 2026-11-30"),
        ({"phone": CALLER, "reason": WHY, "to": "2026-02-30"}, "as 2026-11-30"),
        ({"phone": CALLER, "reason": WHY, "from": "2026-11-30", "to": "2026-11-29"}, "as 2026-11-30"),
        ({"phone": CALLER, "reason": "x" * 301}, "why you search"),
        ({"booking": "B-1"}, "both the system"),
        ({"contact": "\x00", "channel": "hope"}, "both the channel"),
        ({}, "look for"),
        ([1], "look for"),
    ],
)
def test_a_search_that_is_none_says_what_to_fill_in_and_repeats_nothing(
    town: StaffTown, body: Any, says: str
) -> None:
    answer = town.logged_in().post_json(CASES, body)
    assert is_problem(answer, 422)
    assert says in answer.json()["detail"]
    assert "201312012387" not in answer.text
    assert logged() == []


def test_a_form_that_is_filled_in_wrongly_comes_back_with_what_to_do(town: StaffTown) -> None:
    answer = town.logged_in().fill_in(CASES, patient="201312012387", reason=WHY)
    assert answer.status_code == 422
    assert "Det är inget personnummer" in page_of(answer)
    assert "201312012387" not in answer.text


def test_a_search_that_a_page_elsewhere_sends_finds_nothing(town: StaffTown) -> None:
    booking()
    browser = town.logged_in()
    body = {"patient": PERSONNUMMER, "reason": WHY}
    assert is_problem(browser.post_json(CASES, body, origin="https://evil.example"), 403)
    assert browser.fill_in(CASES, patient=PATIENT, reason=WHY, token="").status_code == 403
    assert logged() == []


# --- the start page, and the routine


def test_the_start_page_has_what_waits_at_my_unit_and_nothing_of_whom(town: StaffTown) -> None:
    stands, late, parked = alert(), contact("K-2", state="unanswered"), booking(parked="not_checked")
    alert("K-3", state="acknowledged")
    alert("K-5", unit=ELSEWHERE)
    contact("K-4")
    booking("B-2")
    browser = town.logged_in()
    told = browser.json("GET", START).json()
    assert [each["id"] for each in told["alerts"]] == [str(stands)]
    assert {each["id"] for each in told["waiting"]} == {str(late), str(parked)}
    assert (told["may_see_patients"], told["files"], told["commission"]["unit"]) == (True, 0, HERE)
    page = browser.ask("GET", START, accept_language="sv")
    assert PATIENT not in page.text
    assert f"{CASES}/{stands}" in page.text
    assert logged() == []


def test_the_start_page_has_nothing_that_ops_see_to_but_what_waits_for_staff_all_the_same(
    town: StaffTown,
) -> None:
    """policy-personal-1: an alert that a bug has stopped stands until somebody has acknowledged it."""
    booking(parked="platform_unknown")
    contact("K-2", parked="several_contacts")
    stands, late = alert(parked="internal_error"), contact("K-3", state="unanswered", parked="internal_error")
    told = town.logged_in().json("GET", START).json()
    assert [each["id"] for each in told["alerts"] + told["waiting"]] == [str(stands), str(late)]


def test_of_very_many_those_are_shown_that_have_waited_longest(town: StaffTown) -> None:
    first = contact("K-0", state="unanswered", updated_at=clock.now() - timedelta(days=2))
    for at_ in range(1, 103):
        contact(f"K-{at_}", state="unanswered")
    browser = town.logged_in()
    assert browser.json("GET", START).json()["waiting"][0]["id"] == str(first)
    page = browser.ask("GET", START, accept_language="sv")
    assert "De 100 som har väntat längst visas här." in page.text
    assert page.text.count(f"{CASES}/") == 100


def test_a_program_is_told_of_what_more_wait_than_it_is_given(town: StaffTown) -> None:
    for at_ in range(find_case.MOST):
        put(InboundContact, channel="platform24", contact_id=f"K-{at_}", state="unanswered")
    browser = town.logged_in()
    assert browser.json("GET", START).json()["more"] == []
    put(InboundContact, channel="platform24", contact_id="K-new", state="unanswered")
    told = browser.json("GET", START).json()
    assert (len(told["waiting"]), told["more"]) == (find_case.MOST, ["inbound_contact"])


def test_policy_suicid_1_an_alert_stands_since_it_was_raised_however_often_it_was_told_again(
    town: StaffTown,
) -> None:
    alert(flagged_at=clock.now() - timedelta(days=3))
    page = page_of(town.logged_in().ask("GET", f"{START}?lang=sv"))
    assert "sedan" in page
    assert "sedan i dag" not in page


def test_the_start_page_without_a_commission_for_care_says_what_one_needs(town: StaffTown) -> None:
    alert()
    browser = town.logged_in(ANNA, ELSE)
    assert browser.json("GET", START).json()["may_see_patients"] is False
    page = browser.ask("GET", START, accept_language="sv")
    assert page.status_code == 200
    assert "Uppdraget är inte för vård" in page_of(page)
    assert CASES + "/" not in page.text


def test_whoever_logs_in_begins_at_the_start_page(town: StaffTown) -> None:
    browser = town.browser()
    assert browser.log_in(ANNA).headers["location"] == START
    assert browser.ask("GET", START).status_code == 200


def test_every_page_of_staff_s_has_the_same_ways(town: StaffTown) -> None:
    id = booking()
    browser = town.logged_in()
    for path in (START, CASES, BY_BOOKING, f"{CASES}/{id}", ROUTINE, "/staff/storage", f"{CASES}/{uuid4()}"):
        ways = html.fromstring(browser.ask("GET", f"{path}{'&' if '?' in path else '?'}lang=en").text)
        there = [way.partition("?")[0] for way in ways.xpath("//nav//a/@href")]
        assert there == [START, "/staff/storage", CASES, "/staff/report", ROUTINE]


def test_the_other_language_asks_for_the_same(town: StaffTown) -> None:
    booking()
    browser = town.logged_in()
    page = html.fromstring(browser.ask("GET", f"{START}?lang=sv").text)
    assert page.xpath("//header/a/@href") == ["?lang=en"]
    page = html.fromstring(browser.ask("GET", BY_BOOKING, accept_language="sv").text)
    (there,) = page.xpath("//header/button[@name='show']/@formaction")
    assert there == "?booking=B-1&source=vas&lang=en"
    english = browser.fill_in(CASES + there, show="again")
    assert "1 case" in page_of(english)


def typed(answer: requests.Response) -> dict[str, str]:
    """What stands filled in in the form of a page."""
    page = html.fromstring(answer.text)
    (form,) = page.xpath("//form[@id='search']")
    lists = {"source", "channel", "token"}
    return {name: value for name, value in form.form_values() if value and name not in lists}


BOXED = ("booking", "contact", "patient", "phone")
FILLED = {
    "booking": "B-1",
    "contact": "K-1",
    "patient": PATIENT,
    "reservnummer": "yes",
    "reason": WHY,
    "from": "2026-11-01",
    "to": "2026-11-30",
    "phone": CALLER,
    "phone_reason": 'Hon "ringer"',
    "phone_from": "2026-11-02",
    "phone_to": "2026-11-29",
}


def test_what_is_typed_stays_when_the_language_is_changed_and_stands_in_no_address_and_is_no_search(
    town: StaffTown,
) -> None:
    answer = town.logged_in().fill_in(f"{CASES}?lang=en", show="again", channel="hope", **FILLED)
    assert (answer.status_code, typed(answer)) == (200, FILLED)
    page = html.fromstring(answer.text)
    assert page.get("lang") == "en"
    assert page.xpath("//select[@id='channel']/option[@selected]/@value") == ["hope"]
    assert not any(
        PATIENT in there or "0701740605" in there for there in page.xpath("//@href | //@formaction")
    )
    assert logged() == []


@pytest.mark.parametrize(
    ("wrong", "emptied"),
    [
        ({"patient": "201312012387", "reservnummer": "", "by": "patient"}, {"patient", "reservnummer"}),
        ({"reason": "", "by": "patient"}, {"reason", "phone_reason"}),
        ({"phone": "ring mig", "by": "phone"}, {"phone"}),
        ({"phone_from": "2026-11-30", "by": "phone"}, {"from", "to", "phone_from", "phone_to"}),
        ({}, set()),
    ],
)
def test_of_a_form_that_is_filled_in_wrongly_only_what_was_wrong_is_to_be_typed_anew(
    town: StaffTown, wrong: dict[str, str], emptied: set[str]
) -> None:
    answer = town.logged_in().fill_in(CASES, **FILLED | {"reservnummer": ""} | wrong)
    assert answer.status_code == 422
    assert FILLED.keys() - typed(answer).keys() == emptied | {"reservnummer"}


@pytest.mark.parametrize("box", BOXED)
def test_a_box_is_searched_by_by_its_button_whatever_else_is_typed_and_by_enter_where_nothing_else_is(
    town: StaffTown, box: str
) -> None:
    of_every_process()
    put(ChannelSwitch, number=CALLER, caller_hash=ring().digest(CALLER))
    given = FILLED | {"reservnummer": "", "source": "vas", "channel": "platform24"}
    days = {name: "" for name in given if name.endswith(("from", "to"))}
    alone = {name: value for name, value in (given | days).items() if name not in set(BOXED) - {box}}
    by_button = town.logged_in().fill_in(CASES, by=box, **given | days)
    by_enter = town.logged_in().fill_in(CASES, **alone)
    links = "//ul[@class='lines']//a/@href"
    found_by = [set(html.fromstring(each.text).xpath(links)) for each in (by_button, by_enter)]
    assert found_by[0] == found_by[1] != set()


def test_the_routine_has_a_sentence_at_an_address_for_every_clause(town: StaffTown) -> None:
    browser = town.logged_in(ANNA, ELSE)
    page = html.fromstring(browser.ask("GET", ROUTINE, accept_language="sv").text)
    assert {name for name in page.xpath("//dl/div/@id")} == CLAUSES
    assert browser.json("GET", f"{ROUTINE}?lang=en").json()["clauses"].keys() == CLAUSES
