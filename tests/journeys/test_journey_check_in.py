"""Whoever has come to a visit checks in by mobile: the journal system hears of it once, and the page says what is so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from contact_town import ContactTown, aged
from killed import AFTER, BEFORE, RECORDED, Death, kill
from town import HALMSTAD, LAHOLM, SHADOW_UNIT, STOCKHOLM, Json, at_ten, today

from engine.base import clock
from flows.booking_publication import booking_publication
from flows.check_in import check_in
from gateway.visits import check_in as pages
from gateway.visits.texts import SWEDISH, CheckInPage
from sandbox.people.numbers import ADULTS
from tasks.check_in.visits_here import CheckInStatus

PARENT, CHILD_S = ADULTS[1], ADULTS[2]
HEADING = {SWEDISH.pages[page].heading: page for page in CheckInPage}
SAYS = {text: status for status, text in SWEDISH.status.items()}


@pytest.fixture
def town(contact_town: ContactTown, monkeypatch: pytest.MonkeyPatch) -> Iterator[ContactTown]:
    """It is ten in the morning at the unit; a press is not waited for, since a test carries it out itself."""
    monkeypatch.setattr(pages, "PATIENCE", 0.0)
    contact_town.flows = {"booking_publication": booking_publication, "check_in": check_in}
    at_ten(contact_town.clock)
    return contact_town


async def has_visit(town: ContactTown, patient: str = ADULTS[0], **fields: Any) -> Json:
    """A visit at a quarter past ten, which is on 1177."""
    booking = town.books(patient, **({"start": today(), "check_in": True} | fields))
    await town.comes_to_rest()
    return booking


def comes(town: ContactTown, number: str = ADULTS[0], unit: Json = HALMSTAD, **fields: Any) -> Json:
    """They read the code and log in; `press`: and check in. What the page says: its kind, and each visit."""
    town._post("/provider", {"clock": round(town.clock.ahead.total_seconds())})
    given = {"unit": unit["hsa_id"], "personnummer": number} | fields
    page: Json = town._post("/act/check-in", given)
    return page


def page(shown: Json) -> CheckInPage | str:
    return HEADING.get(shown["heading"], shown["heading"])


def statuses(shown: Json) -> list[CheckInStatus]:
    return [CheckInStatus.OPEN if each["open"] else SAYS[each["says"][-1]] for each in shown["visits"]]


def arrivals(town: ContactTown) -> list[Json]:
    """Who has come, as VAS has it."""
    found: list[Json] = town.holds("vas")["arrivals"]
    return found


def case_key(town: ContactTown, booking: Json) -> str:
    start = datetime.fromisoformat(booking["start"]).astimezone(UTC).isoformat()
    return f"{town.case(booking).id}:{start}"


async def test_policy_incheckning_1_a_press_is_stored_before_it_is_answered_and_told_once(
    town: ContactTown,
) -> None:
    booking = await has_visit(town, town.resident())
    assert statuses(comes(town)) == [CheckInStatus.OPEN]
    assert arrivals(town) == []
    assert statuses(comes(town, press=True)) == [CheckInStatus.RECEIVED]
    assert arrivals(town) == []  # nothing of ours has run: it is stored, and the page says no more than is so
    await town.comes_to_rest()
    (arrival,) = arrivals(town)
    assert (arrival["booking"], arrival["patient"]["id"]) == (booking["id"], ADULTS[0])
    assert (town.state("check_in", key := case_key(town, booking))) == "arrived"
    assert town.because("check_in", key, "arrival") == ("checked_in", "policy-incheckning-1")
    assert statuses(comes(town, press=True)) == [CheckInStatus.ARRIVED]
    await town.comes_to_rest()
    assert len(arrivals(town)) == 1


async def test_policy_incheckning_1_a_page_that_waits_a_moment_says_at_once_that_it_is_done(
    town: ContactTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PATIENCE", 20.0)
    monkeypatch.setattr(pages.visits_here, "is_under_way", lambda key: False)
    await has_visit(town, town.resident())
    assert statuses(comes(town, press=True)) == [CheckInStatus.RECEIVED]


async def test_barn_1_a_guardian_checks_in_a_child_under_13_whom_pu_says_they_have(town: ContactTown) -> None:
    parent, child, other = town.resident(PARENT), aged(7), town.resident(ADULTS[3])
    town.resident(child, guardians=[parent])
    await has_visit(town, child)
    assert page(comes(town, other)) == CheckInPage.NO_VISIT
    assert statuses(comes(town, parent, press=True)) == [CheckInStatus.RECEIVED]
    await town.comes_to_rest()
    assert [each["patient"]["id"] for each in arrivals(town)] == [child]


async def test_barn_1_a_child_under_13_does_not_check_in_alone(town: ContactTown) -> None:
    child = town.resident(aged(7), guardians=[town.resident(PARENT)])
    await has_visit(town, child)
    assert page(comes(town, child, press=True)) == CheckInPage.NO_VISIT
    await town.comes_to_rest()
    assert arrivals(town) == []


async def test_barn_2_and_barn_3_from_13_the_child_checks_in_alone_and_no_guardian_sees_the_visit(
    town: ContactTown,
) -> None:
    parent, child = town.resident(PARENT), aged(13)
    town.resident(child, guardians=[parent])
    await has_visit(town, child)
    assert page(comes(town, parent, press=True)) == CheckInPage.NO_VISIT
    assert statuses(comes(town, child, press=True)) == [CheckInStatus.RECEIVED]


async def test_barn_1_a_parent_and_two_children_have_each_their_visit(town: ContactTown) -> None:
    parent = town.resident(PARENT)
    children = [town.resident(number, guardians=[parent]) for number in (aged(5), aged(9))]
    for at, patient in enumerate((parent, *children)):
        await has_visit(town, patient, start=today(11, 10 * at))
    shown = comes(town, parent)
    assert [each["clock"] for each in shown["visits"]] == ["11.00", "11.10", "11.20"]
    assert [len(each["says"]) for each in shown["visits"]] == [0, 1, 1]
    comes(town, parent, press=True)
    await town.comes_to_rest()
    assert {each["patient"]["id"] for each in arrivals(town)} == {parent, *children}


@pytest.mark.parametrize("visit", [True, False])
async def test_policy_skydd_1_a_protected_person_goes_to_the_desk_in_words_that_say_nothing(
    town: ContactTown, visit: bool
) -> None:
    patient = town.resident(protected=True)
    if visit:
        await has_visit(town, patient)
    shown = comes(town, patient, press=True)
    assert (page(shown), shown["visits"], shown["status"]) == (CheckInPage.DESK, [], 200)
    town.has_fault("person", "down", times=50)
    assert (
        page(comes(town, town.resident(ADULTS[4]))) == CheckInPage.DESK
    )  # the same words for whom nobody knows
    await town.comes_to_rest()
    assert arrivals(town) == []


async def test_policy_skydd_1_of_a_protected_child_a_guardian_sees_nothing(town: ContactTown) -> None:
    parent = town.resident(PARENT)
    child = town.resident(aged(7), guardians=[parent], protected=True)
    without = page(comes(town, parent))
    await has_visit(town, child)
    assert page(comes(town, parent, press=True)) == without == CheckInPage.NO_VISIT


@pytest.mark.parametrize(
    "fields",
    [
        {"start": datetime.now(STOCKHOLM) - timedelta(days=1)},
        {"form": "video", "platform": "platform24", "e_id_confirmed": True},
        {"form": "phone"},
        {"unit": LAHOLM},
        {"start": None, "call_letter": {"kind": "open", "text": "Boka."}, "form": None},
    ],
    ids=["yesterday", "video", "phone", "elsewhere", "open letter"],
)
async def test_policy_incheckning_1_only_a_visit_that_is_held_here_today_is_shown(
    town: ContactTown, fields: Mapping[str, Any]
) -> None:
    if isinstance(start := fields.get("start"), datetime):
        fields = {"start": today() - timedelta(days=1)} if start else fields
    await has_visit(town, town.resident(), **fields)
    assert page(comes(town, press=True)) == CheckInPage.NO_VISIT
    await town.comes_to_rest()
    assert arrivals(town) == []


async def test_policy_incheckning_1_a_visit_of_tomorrow_is_shown_tomorrow(town: ContactTown) -> None:
    await has_visit(town, town.resident(), start=today() + timedelta(days=1))
    assert page(comes(town)) == CheckInPage.NO_VISIT
    town.waits(days=1)
    assert statuses(comes(town)) == [CheckInStatus.OPEN]


async def test_policy_incheckning_1_what_its_system_says_is_for_the_desk_is_shown_and_says_so(
    town: ContactTown,
) -> None:
    await has_visit(town, town.resident(), check_in=False)
    assert statuses(comes(town, press=True)) == [CheckInStatus.DESK]


async def test_policy_incheckning_1_whoever_comes_when_the_visit_is_over_goes_to_the_desk(
    town: ContactTown,
) -> None:
    await has_visit(town, town.resident())
    town.is_now(today(10, 44))
    assert statuses(comes(town)) == [CheckInStatus.OPEN]
    town.is_now(today(10, 45))
    assert statuses(comes(town, press=True)) == [CheckInStatus.DESK]


async def test_a_visit_that_is_cancelled_is_not_there_and_one_that_has_no_end_is(town: ContactTown) -> None:
    booking = await has_visit(town, town.resident())
    town.cancels(booking)
    endless = town.booking(town.resident(ADULTS[1]), start=today()) | {"end": None}
    town.sends("created", endless)
    await town.comes_to_rest()
    assert page(comes(town)) == CheckInPage.NO_VISIT
    assert statuses(comes(town, ADULTS[1])) == [CheckInStatus.OPEN]


async def test_who_comes_late_to_a_visit_whose_end_is_not_known_checks_in_all_the_same(
    town: ContactTown,
) -> None:
    patient = town.resident()
    town.sends("created", town.booking(patient, start=today()) | {"end": None})
    await town.comes_to_rest()
    town.is_now(today(10, 20))
    await town.comes_to_rest()
    assert statuses(comes(town, patient, press=True)) == [CheckInStatus.RECEIVED]


async def test_policy_avliden_1_nobody_checks_in_for_the_deceased(town: ContactTown) -> None:
    patient = town.resident()
    await has_visit(town, patient)
    town.tells(
        "patient.deceased",
        {"patient": {"id": patient, "type": "personnummer"}, "at": clock.now().isoformat()},
    )
    await town.comes_to_rest()
    assert page(comes(town)) == CheckInPage.NO_VISIT


async def test_policy_identitet_1_whoever_has_another_number_since_finds_the_visit(town: ContactTown) -> None:
    old, new = town.resident(ADULTS[5]), town.resident(ADULTS[6])
    await has_visit(town, old)
    merged = {side: {"id": number, "type": "personnummer"} for side, number in (("from", old), ("to", new))}
    town.tells("patient.merged", merged)
    await town.comes_to_rest()
    assert statuses(comes(town, new, press=True)) == [CheckInStatus.RECEIVED]
    await town.comes_to_rest()
    assert [each["patient"]["id"] for each in arrivals(town)] == [new]


async def test_policy_skugga_1_at_a_unit_in_shadow_the_desk_does_it(town: ContactTown) -> None:
    await has_visit(town, town.resident(), unit=SHADOW_UNIT)
    assert page(comes(town, unit=SHADOW_UNIT, press=True)) == CheckInPage.DESK


async def test_a_unit_that_the_region_does_not_list_has_a_page_that_says_so(town: ContactTown) -> None:
    shown = comes(town, unit={"hsa_id": "SE2321000115-E0000000000XX"})
    assert (page(shown), shown["status"]) == (CheckInPage.UNKNOWN_UNIT, 404)
    assert page(comes(town, unit={"hsa_id": "x"})) == CheckInPage.UNKNOWN_UNIT


async def test_policy_lank_1_a_weak_login_is_not_enough(town: ContactTown) -> None:
    town.resident()
    assert comes(town, loa=2)["heading"] == "Inloggningen räcker inte"


# --- what the journal system makes of it


async def test_what_the_desk_has_noted_already_is_an_arrival(town: ContactTown) -> None:
    booking = await has_visit(town, town.resident())
    about = {"patient": booking["patient"], "unit": booking["unit"], "at": clock.now().isoformat()}
    path = f"/vas/bookings/{booking['id']}/arrived"
    town.http.post(path, json=about, headers={"Idempotency-Key": "the desk"}).raise_for_status()
    comes(town, press=True)
    await town.comes_to_rest()
    assert town.because("check_in", case_key(town, booking), "arrival")[0] == "arrival_known"
    assert statuses(comes(town)) == [CheckInStatus.ARRIVED]


async def test_what_the_journal_system_refuses_is_for_the_desk(town: ContactTown) -> None:
    """It was called off over there, and the webhook has not come."""
    booking = await has_visit(town, town.resident())
    town.changes_silently("cancelled", booking | {"version": 2, "cancelled_by": "staff"})
    comes(town, press=True)
    await town.comes_to_rest()
    assert town.because("check_in", case_key(town, booking), "arrival")[0] == "arrival_refused"
    assert statuses(comes(town)) == [CheckInStatus.DESK]
    assert arrivals(town) == []


async def test_while_the_journal_system_is_down_the_page_says_so_and_nothing_is_lost(
    town: ContactTown,
) -> None:
    await has_visit(town, town.resident())
    town.has_fault("vas", "error_500", times=3)
    comes(town, press=True)
    await town.comes_to_rest(within=1)
    assert statuses(comes(town)) == [CheckInStatus.RECEIVED]
    await town.comes_to_rest(within=600)
    assert statuses(comes(town)) == [CheckInStatus.ARRIVED]
    assert len(arrivals(town)) == 1


async def test_policy_incheckning_1_what_could_not_be_told_that_day_is_not_told_the_next(
    town: ContactTown,
) -> None:
    booking = await has_visit(town, town.resident(), start=today(23, 0))
    comes(town, press=True)
    town.is_now(today(23, 59) + timedelta(minutes=2))
    await town.comes_to_rest()
    assert town.because("check_in", case_key(town, booking), "arrival") == (
        "not_today",
        "policy-incheckning-1",
    )
    assert arrivals(town) == []


async def test_a_visit_that_is_moved_later_on_the_day_is_checked_in_to_anew(town: ContactTown) -> None:
    booking = await has_visit(town, town.resident())
    comes(town, press=True)
    await town.comes_to_rest()
    town.changes(booking, start=today(14))
    await town.comes_to_rest()
    assert statuses(comes(town, press=True)) == [CheckInStatus.RECEIVED]
    await town.comes_to_rest()
    assert len(arrivals(town)) == 2


@pytest.mark.parametrize("point", [BEFORE, AFTER, RECORDED])
async def test_policy_incheckning_1_what_a_killed_worker_leaves_is_one_arrival(
    town: ContactTown, point: str
) -> None:
    await has_visit(town, town.resident())
    comes(town, press=True)
    kill(Death("tell_of_arrival", "vas", point), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    assert (len(arrivals(town)), town.unknown_effects()) == (1, {})
    assert statuses(comes(town)) == [CheckInStatus.ARRIVED]
