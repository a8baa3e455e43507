"""Whoever consented is reminded of a booked visit, and nobody else is (besok-5, paminnelse-1, 2, distans-3)."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from contact_town import ContactTown, aged
from killed import AFTER, BEFORE, OWNERS, POINTS, RECORDED, Death, kill
from town import (
    HALMSTAD,
    LAHOLM,
    RESERVNUMMER,
    SHADOW_UNIT,
    STOCKHOLM,
    Json,
    identity,
    in_days,
    shown,
    with_deadline,
)

from engine.base import clock
from flows.inbound_contact import inbound_contact
from flows.preferences import preferences
from flows.visit_reminder import visit_reminder
from sandbox.people.numbers import CHILDREN, birthday
from tasks.visit_reminder.new_leads import plan_anew

LEAD = timedelta(hours=72)
SELF, STAFF = {"role": "self", "id": None}, {"role": "staff", "id": "SE2321000115-P000000000001"}


@pytest.fixture
def town(contact_town: ContactTown) -> ContactTown:
    contact_town.flows = {
        "inbound_contact": inbound_contact,
        "preferences": preferences,
        "visit_reminder": visit_reminder,
    }
    return contact_town


def consents(town: ContactTown, patient: str, given: bool | None = True, **fields: Any) -> None:
    """The patient says on 1177, or staff enter, whether they are to be reminded."""
    source, by = ("vas", STAFF) if "unit" in fields else ("e1177", SELF)
    said = {"patient": identity(patient), "at": clock.now().isoformat(), "set_by": by, "sms_reminders": given}
    answer = town.tells("preferences.changed", {"preferences": said | fields}, source=source)
    assert answer["status"] == 202, answer


async def is_due(town: ContactTown, booking: Json, lead: timedelta = LEAD) -> None:
    """The moment of a lead comes."""
    town.is_now(datetime.fromisoformat(booking["start"]) - lead + timedelta(seconds=1))
    await town.comes_to_rest()


def because(town: ContactTown, booking: Json, what: str = "reminder") -> tuple[str, str]:
    return town.because("visit_reminder", f"vas:{booking['id']}", what)


def texts(town: ContactTown, patient: str) -> list[str]:
    return [each["message"] for each in town.sms(patient)]


def times(town: ContactTown, patient: str) -> list[str]:
    """The times that they have been reminded of."""
    return [
        found for text in texts(town, patient) for found in re.findall(r"(\d+/\d+ kl\. \d\d\.\d\d)", text)
    ]


def as_told(start: str | datetime) -> str:
    at = datetime.fromisoformat(start) if isinstance(start, str) else start
    local = at.astimezone(STOCKHOLM)
    return f"{local.day}/{local.month} kl. {local:%H.%M}"


def leads(town: ContactTown, *hours: int) -> None:
    town.region_learns(f"[reminders]\nlead_hours = {list(hours)}\n")


# --- who is reminded, and of what


async def test_besok_5_whoever_consented_has_one_at_its_time_and_not_before(town: ContactTown) -> None:
    """paminnelse-2, avisering-2: neutral, from RegHalland; nothing of where or what for."""
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient, start=in_days(7))
    await town.comes_to_rest()
    await is_due(town, booking, LEAD + timedelta(minutes=2))
    assert town.sms() == []
    await is_due(town, booking)
    (sms,) = town.sms(patient)
    assert sms["from"] == "RegHalland"
    assert times(town, patient) == [as_told(booking["start"])]
    assert not re.search("Halmstad|Kontroll|Personsson", sms["message"])
    assert because(town, booking) == ("reminder", "besok-5")
    await is_due(town, booking, timedelta(hours=1))
    assert len(town.sms()) == 1


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        (None, "consent_unknown"),
        ({"given": False}, "consent_refused"),
        ({"unit": LAHOLM}, "consent_unknown"),
    ],
)
async def test_paminnelse_1_nobody_is_reminded_who_has_not_consented(
    town: ContactTown, word: Json | None, reason: str
) -> None:
    patient = town.resident()
    if word is not None:
        consents(town, patient, **word)
    booking = town.books(patient)
    await is_due(town, booking)
    assert (town.sms(), because(town, booking)[0]) == ([], reason)
    assert town.calls("GetPersonsForProfile") == [], "nobody is asked about them"


async def test_paminnelse_1_a_consent_to_staff_holds_at_the_unit(town: ContactTown) -> None:
    patient = town.resident()
    consents(town, patient, unit=HALMSTAD)
    here, there = town.books(patient), town.books(patient, unit=LAHOLM, start=in_days(7, 11))
    await is_due(town, there)
    assert times(town, patient) == [as_told(here["start"])]


async def test_paminnelse_1_a_consent_that_is_withdrawn_at_the_last_moment_is_none(town: ContactTown) -> None:
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient)
    await town.comes_to_rest()
    town.is_now(datetime.fromisoformat(booking["start"]) - LEAD + timedelta(seconds=1))
    consents(town, patient, given=None)
    await town.runs_one("visit_reminder")
    assert (town.sms(), because(town, booking)[0]) == ([], "consent_refused")


async def test_besok_5_whoever_consents_when_the_time_has_passed_has_one_at_once(town: ContactTown) -> None:
    patient = town.resident()
    booking = town.books(patient)
    await is_due(town, booking, timedelta(hours=40))
    consents(town, patient)
    await town.comes_to_rest()
    assert times(town, patient) == [as_told(booking["start"])]


async def test_besok_5_a_late_booking_has_one_at_once(town: ContactTown) -> None:
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient, start=in_days(2))
    await town.comes_to_rest()
    assert times(town, patient) == [as_told(booking["start"])]


async def test_besok_5_a_lead_longer_than_the_time_since_booking_has_one_at_once(town: ContactTown) -> None:
    leads(town, 24 * 30)
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient)
    await town.comes_to_rest()
    await is_due(town, booking, timedelta(hours=1))
    assert times(town, patient) == [as_told(booking["start"])]


async def test_policy_avisering_2_a_replay_gives_none_at_once_and_all_in_time(town: ContactTown) -> None:
    patient = town.resident()
    consents(town, patient)
    late = town.books(patient, start=in_days(2), replay=True)
    booking = town.books(patient, start=in_days(9), replay=True)
    await is_due(town, booking)
    assert times(town, patient) == [as_told(booking["start"])]
    assert town.state("visit_reminder", f"vas:{late['id']}") == "resting"


async def test_besok_5_one_for_each_lead(town: ContactTown) -> None:
    leads(town, 72, 48)
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient)
    for lead, sent in ((72, 1), (48, 2), (1, 2)):
        await is_due(town, booking, timedelta(hours=lead))
        assert len(town.sms(patient)) == sent


async def test_besok_5_two_leads_that_come_at_one_moment_are_one(town: ContactTown) -> None:
    """Nobody ran when the first was due."""
    leads(town, 72, 48)
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient)
    await town.comes_to_rest()
    await is_due(town, booking, timedelta(hours=47))
    await is_due(town, booking, timedelta(hours=1))
    assert len(town.sms(patient)) == 1


async def test_policy_tystnad_1_a_reminder_that_would_come_at_night_comes_the_evening_before(
    town: ContactTown,
) -> None:
    town.region_learns("[quiet]\nfrom = 21:00:00\nto = 08:00:00\n")
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient, start=in_days(9, 6))
    await town.comes_to_rest()
    row = town.row("visit_reminder", f"vas:{booking['id']}")
    evening = in_days(5, 20) + timedelta(minutes=59)
    assert row.due_at == evening
    town.is_now(evening + timedelta(seconds=1))
    await town.comes_to_rest()
    assert times(town, patient) == [as_told(booking["start"])]


@pytest.mark.parametrize("month", [3, 10])
async def test_policy_tystnad_1_and_distans_3_over_a_change_of_clocks_it_comes_by_day_and_in_time(
    town: ContactTown, month: int
) -> None:
    """So many hours before as time goes, or the evening before; what is booked late in that night has the morning."""
    town.region_learns("[quiet]\nfrom = 21:00:00\nto = 08:00:00\n")
    patient, late = town.residents(2)
    for each in (patient, late):
        consents(town, each)
    sunday = datetime.fromisoformat(f"{change_of_clocks(clock.now(), month)}T00:00:00").replace(
        tzinfo=STOCKHOLM
    )
    monday = (sunday + timedelta(days=1)).replace(hour=8, minute=30)
    booking = town.books(patient, start=monday)
    await town.comes_to_rest()
    by_day = {3: sunday.replace(hour=20, minute=59) - timedelta(days=3), 10: monday.astimezone(UTC) - LEAD}
    assert town.row("visit_reminder", f"vas:{booking['id']}").due_at == by_day[month]
    town.is_now(by_day[month] + timedelta(seconds=1))
    await town.comes_to_rest()
    assert times(town, patient) == [as_told(monday)]
    town.is_now((sunday - timedelta(days=1)).replace(hour=23))
    other = town.books(late, start=monday.replace(hour=15))
    await town.comes_to_rest()
    assert town.row("visit_reminder", f"vas:{other['id']}").due_at == sunday.replace(hour=8)
    town.is_now(sunday.replace(hour=8, second=1))
    await town.comes_to_rest()
    assert times(town, late) == [as_told(other["start"])]


# --- what is booked changes


async def test_besok_5_a_visit_that_moves_has_those_of_its_new_time_and_none_of_the_old(
    town: ContactTown,
) -> None:
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient, start=in_days(7))
    await town.comes_to_rest()
    moved = town.changes(booking, start=in_days(14))
    await is_due(town, booking)
    assert town.sms() == []
    await is_due(town, moved)
    assert times(town, patient) == [as_told(moved["start"])]
    assert "Påminnelse om en bokad tid" in texts(town, patient)[0]


async def test_besok_5_one_that_moves_after_its_reminder_says_that_it_is_another_time(
    town: ContactTown,
) -> None:
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient, start=in_days(7))
    await is_due(town, booking)
    moved = town.changes(booking, start=in_days(6))
    await town.comes_to_rest()
    back = town.changes(moved, start=in_days(7))
    await town.comes_to_rest()
    assert times(town, patient) == [as_told(each["start"]) for each in (booking, moved, back)]
    assert ["Ny tid" in each for each in texts(town, patient)] == [False, True, True]


async def test_besok_5_what_the_patient_does_not_come_by_is_no_new_reminder(town: ContactTown) -> None:
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient)
    await is_due(town, booking)
    town.changes(booking, purpose="Återbesök")
    await is_due(town, booking, timedelta(hours=1))
    assert len(town.sms(patient)) == 1


@pytest.mark.parametrize("how", ["cancelled", "ended"])
async def test_paminnelse_1_a_visit_that_is_no_more_is_not_reminded_of(town: ContactTown, how: str) -> None:
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient)
    await town.comes_to_rest()
    if how == "cancelled":
        town.cancels(booking)
    else:
        town.tells("booking.ended", {"booking": {"id": booking["id"], "version": 9, "outcome": "attended"}})
    await is_due(town, booking)
    assert town.sms() == []
    assert town.state("visit_reminder", f"vas:{booking['id']}") == "closed"


async def test_paminnelse_1_an_open_call_letter_has_no_time_to_be_reminded_of(town: ContactTown) -> None:
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient, start=None, call_letter={"kind": "open"})
    await town.comes_to_rest()
    assert town.sms() == []
    assert town.state("visit_reminder", f"vas:{booking['id']}") == "closed"


async def test_besok_5_a_series_is_reminded_of_visit_by_visit(town: ContactTown) -> None:
    patient = town.resident()
    consents(town, patient)
    series = [town.books(patient, start=in_days(day), series="S-1") for day in (7, 14)]
    for booking in series:
        await is_due(town, booking)
    assert times(town, patient) == [as_told(each["start"]) for each in series]


async def test_besok_5_siblings_with_one_number_have_one_each(town: ContactTown) -> None:
    """At one time too: the same text to the same number, once for each."""
    siblings = town.residents(2, phone="+46701740699")
    for each in siblings:
        consents(town, each)
        booking = town.books(each)
    await is_due(town, booking)
    assert len(town.sms()) == 2


async def test_policy_dubblett_1_a_visit_that_two_systems_tell_of_is_reminded_of_once(
    town: ContactTown,
) -> None:
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient)
    twin = town.booking(patient, start=datetime.fromisoformat(booking["start"]))
    assert town.tells("booking.created", {"booking": twin}, source="hope")["status"] == 202
    await is_due(town, booking)
    assert len(town.sms(patient)) == 1
    for key in (f"vas:{booking['id']}", f"hope:{twin['id']}"):
        assert town.state("visit_reminder", key) == "resting"


async def test_a_visit_without_an_end_and_one_in_the_doubled_hour_are_reminded_of(town: ContactTown) -> None:
    patient = town.resident()
    consents(town, patient)
    day = change_of_clocks(clock.now(), 10)
    first, second = (datetime.fromisoformat(f"{day}T02:30:00{offset}") for offset in ("+02:00", "+01:00"))
    booking = town.booking(patient, start=first)
    booking.pop("end")
    assert town.sends("created", booking)["status"] == 202
    other = town.books(patient, start=second)
    await town.comes_to_rest()
    for each, start in ((booking, first), (other, second)):
        assert town.row("visit_reminder", f"vas:{each['id']}").due_at == start - LEAD
    await is_due(town, other)
    assert times(town, patient) == [as_told(first), as_told(second)]


def change_of_clocks(now: datetime, month: int) -> str:
    """The day on which summer time begins (3) or ends (10) next."""
    days = (now.date() + timedelta(days=each) for each in range(10, 400))
    return next(f"{day}" for day in days if day.month == month and day.weekday() == 6 and day.day > 24)


# --- who it is


async def test_policy_identitet_1_one_who_gets_a_number_is_reminded_under_it(town: ContactTown) -> None:
    patient = town.resident()
    booking = town.books(RESERVNUMMER)
    consents(town, patient)
    await is_due(town, booking)
    assert because(town, booking)[0] == "reservnummer"
    merged = {"from": identity(RESERVNUMMER), "to": identity(patient)}
    town.tells("patient.merged", merged)
    await town.comes_to_rest()
    assert times(town, patient) == [as_told(booking["start"])]


async def test_policy_avliden_2_the_dead_are_not_reminded_and_one_who_lives_after_all_is(
    town: ContactTown,
) -> None:
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient)
    town.tells("patient.deceased", {"patient": identity(patient), "at": clock.now().isoformat()})
    await is_due(town, booking)
    assert (town.sms(), because(town, booking)) == ([], ("deceased", "policy-avliden-1"))
    town.tells("patient.alive", {"patient": identity(patient), "at": clock.now().isoformat()})
    await town.comes_to_rest()
    assert times(town, patient) == [as_told(booking["start"])]


async def test_policy_skydd_1_staff_remind_the_protected_and_it_shows_nowhere(town: ContactTown) -> None:
    patient = town.resident(protected=True)
    consents(town, patient)
    booking = town.books(patient)
    await is_due(town, booking)
    assert town.sms() == []
    (task,) = town.tasks()
    assert (task["reason"], task["booking"]) == ("manual_handling", booking["id"])
    assert because(town, booking) == ("manual_handling", "policy-skydd-1")


async def test_policy_barn_2_a_guardians_consent_is_none_where_the_region_counts_it_not(
    town: ContactTown,
) -> None:
    child = aged(12)
    town.resident(child)
    consents(town, child, set_by={"role": "guardian", "id": "198411142394"}, unit=HALMSTAD)
    booking = town.books(child)
    await is_due(town, booking)
    assert (town.sms(), because(town, booking)[0]) == ([], "consent_unknown")


async def test_policy_barn_2_a_guardians_consent_lapses_on_the_13th_birthday(town: ContactTown) -> None:
    """At a visit after it, for which the lead comes after it too."""
    town.region_learns("[reminders]\nguardians_consent_counts = true\n")
    child = next(each for each in CHILDREN if birthday(each, 13) > clock.now().date() + timedelta(days=20))
    town.resident(child, guardians=[town.resident()])
    consents(town, child, set_by={"role": "guardian", "id": "198411142394"}, unit=HALMSTAD)
    day = datetime.combine(birthday(child, 13), datetime.min.time(), STOCKHOLM)
    before = town.books(child, start=day + timedelta(days=2, hours=23))
    after = town.books(child, start=day + timedelta(days=3, hours=1))
    await is_due(town, before)
    sent = len(town.sms())
    await is_due(town, after)
    assert (because(town, before), sent, len(town.sms())) == (("reminder", "besok-5"), 1, 1)
    assert because(town, after)[0] in ("consent_refused", "guardian_consent_lapsed")


async def test_policy_skugga_1_of_a_unit_in_shadow_nothing_leaves(town: ContactTown) -> None:
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient, unit=SHADOW_UNIT)
    await is_due(town, booking)
    assert (town.sms(), town.staff_tasks()) == ([], [])
    assert because(town, booking, "reminder_worked_out") == ("unit_in_shadow", "policy-skugga-1")


async def test_policy_suicid_1_nothing_goes_by_itself_while_a_risk_stands(town: ContactTown) -> None:
    from flows.risk_alert import risk_alert

    town.flows = {"risk_alert": risk_alert, **town.flows}
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient)
    await town.comes_to_rest()
    contact = town.writes(patient, risk="suicide")
    town.is_now(datetime.fromisoformat(booking["start"]) - LEAD + timedelta(seconds=1))
    await town.runs()
    assert [each for each in texts(town, patient) if "Påminnelse" in each] == []
    by = {
        "contact": contact,
        "channel": "platform24",
        "risk": "suicide",
        "by": "Anna",
        "at": clock.now().isoformat(),
    }
    town.staff_tell("contact.risk_acknowledged", by)
    await town.comes_to_rest()
    assert times(town, patient) == [as_told(booking["start"])]


# --- what does not arrive, and STOPP


async def with_receipts(town: ContactTown) -> None:
    await town.comes_to_rest()
    while town.holds("sms")["receipts"]["waiting"]:
        time.sleep(0.02)
    await town.comes_to_rest()


@pytest.mark.parametrize(
    ("chosen", "reached"), [(["sms", "email"], {"sms": 1, "mail": 1}), (["sms"], {"sms": 1})]
)
async def test_policy_avisering_3_one_that_fails_goes_on_as_is_wished_and_is_no_task_for_staff(
    town: ContactTown, chosen: Sequence[str], reached: Json
) -> None:
    patient = town.resident(phone_fails=True, preferences={"notice_by": chosen})
    consents(town, patient)
    booking = town.books(patient)
    await is_due(town, booking)
    await with_receipts(town)
    assert town.reached(patient) == reached
    said = because(town, booking)
    assert said == (("reminder", "besok-5") if "mail" in reached else ("not_reached", "policy-avisering-3"))
    await is_due(town, booking, timedelta(hours=1))
    assert town.reached(patient) == reached


@pytest.mark.parametrize("said", ["STOPP", "stopp.", "S.T.O.P.P", "Stoppa dessa sms!"])
async def test_paminnelse_1_stopp_from_a_number_of_three_ends_what_was_consented_to_before(
    town: ContactTown, said: str
) -> None:
    """Staff have a task to take the consent back; until they have, none goes; a new consent counts again."""
    three = town.residents(3, phone="+46701740699")
    for each in three:
        consents(town, each)
        booking = town.books(each)
    await town.comes_to_rest()
    text = {"phone": "+46701740699", "unit": HALMSTAD["hsa_id"], "text": said}
    town._post("/act/text", text)
    town.is_now(datetime.fromisoformat(booking["start"]) - LEAD + timedelta(seconds=1))
    await town.runs_one("visit_reminder")
    assert town.sms() == [], "it counts before it is applied"
    await town.comes_to_rest()
    assert town.staff_tasks() == ["says_stop"]
    assert because(town, booking) == ("says_stop", "paminnelse-1")
    consents(town, three[0])
    await town.comes_to_rest()
    assert len(town.sms()) == 1


# --- trouble


def test_the_step_that_calls_somebody_is_killed_below() -> None:
    ours = {name: stage.step.systems for name, (owner, stage) in OWNERS.items() if owner == "visit_reminder"}
    assert ours == {"remind_of_visit": ("sms", "mail", "vas")}


@pytest.mark.parametrize(
    ("system", "point"),
    [*(("sms", point) for point in POINTS), *(("vas", point) for point in (BEFORE, AFTER, RECORDED))],
)
async def test_besok_5_what_a_killed_worker_leaves_is_one_reminder(
    town: ContactTown, system: str, point: str
) -> None:
    """By SMS, or as a task for staff."""
    patient = town.resident(protected=system == "vas")
    consents(town, patient)
    booking = town.books(patient)
    await town.comes_to_rest()
    town.is_now(datetime.fromisoformat(booking["start"]) - LEAD + timedelta(seconds=1))
    kill(Death("remind_of_visit", system, point), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    assert (len(town.sms(patient)) + len(town.tasks()), town.unknown_effects()) == (1, {})
    by_sms, by_staff = ("reminder", "besok-5"), ("manual_handling", "policy-skydd-1")
    assert because(town, booking) == (by_sms if system == "sms" else by_staff)


@pytest.mark.parametrize("point", [BEFORE, AFTER, RECORDED])
async def test_policy_avisering_3_what_a_killed_worker_leaves_of_one_by_mail_is_one_or_for_a_human(
    town: ContactTown, point: str
) -> None:
    """A mail cannot be asked about."""
    patient = town.resident(phone_fails=True, preferences={"notice_by": ["sms", "email"]})
    consents(town, patient)
    booking = town.books(patient)
    town.has_fault("sms", "late_receipts", seconds=2)
    await is_due(town, booking)
    while town.holds("sms")["receipts"]["waiting"]:
        time.sleep(0.02)
    kill(Death("remind_of_visit", "mail", point), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    is_known = point == RECORDED
    assert len(town.unknown_effects()) == (not is_known)
    assert town.reached(patient) == {"sms": 1} | ({"mail": 1} if point != BEFORE else {})


@pytest.mark.parametrize("kind", ["error_500", "timeout_after", "timeout_before", "malformed"])
async def test_besok_5_a_provider_in_trouble_gives_one_reminder(town: ContactTown, kind: str) -> None:
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient)
    await town.comes_to_rest()
    with_deadline(0.5)
    town.has_fault("sms", kind, times=1, seconds=1)
    town.is_now(datetime.fromisoformat(booking["start"]) - LEAD + timedelta(seconds=1))
    await town.comes_to_rest(within=900)
    assert (len(town.sms(patient)), town.unknown_effects()) == (1, {})


async def test_nothing_personal_is_in_a_case_or_on_its_timeline(town: ContactTown) -> None:
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient)
    await is_due(town, booking)
    row = town.row("visit_reminder", f"vas:{booking['id']}")
    for value in (patient, town.people[patient]["phone"], "Kontroll"):
        assert value not in shown(dict(row._mapping))


# --- the region's leads change


async def test_besok_5_a_changed_lead_plans_anew_and_is_told_before_it_is_done(town: ContactTown) -> None:
    """By unit and lead; one that has been reminded of is not reminded of once more for the same."""
    patient, other = town.residents(2)
    for each in (patient, other):
        consents(town, each)
    soon, late = town.books(patient, start=in_days(4)), town.books(other, start=in_days(20))
    await town.comes_to_rest()
    await is_due(town, soon)
    assert len(town.sms(patient)) == 1
    leads(town, 96, 240)
    row = {"unit": HALMSTAD["hsa_id"]}
    told = [row | {"lead": "240 h", "visits": 1, "changed": 1}]
    done_already = row | {"lead": "72 h", "visits": 0, "changed": 0}
    found = plan_anew(apply=False)
    assert [each for each in found if each["lead"] == "240 h"] == told
    assert done_already not in found
    assert (
        town.row("visit_reminder", f"vas:{late['id']}").due_at == datetime.fromisoformat(late["start"]) - LEAD
    )
    plan_anew(apply=True)
    assert sum(each["changed"] for each in plan_anew(apply=False)) == 0
    await is_due(town, late, timedelta(hours=240))
    assert times(town, other) == [as_told(late["start"])]
    assert town.because("visit_reminder", f"vas:{late['id']}", "taken_up_again")[0] == "leads_changed"
