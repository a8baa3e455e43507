"""The sample day: that it covers what it must, on whatever day it is played, and is sent as it is told."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from personnummer import personnummer
from sandbox_driver import Driver, as_json, driven

import sandbox
from sandbox.people.numbers import (
    ADULTS,
    CHILDREN,
    LOAD,
    MORTALS,
    SAMORDNINGSNUMMER,
    SELF_SERVANTS,
    WRITERS,
    birthday,
    born,
    mortal,
    phone,
)
from sandbox.sample_day.children import CHILDREN as CHILD_STORIES
from sandbox.sample_day.contacts import CONTACTS
from sandbox.sample_day.day import REGION, STAGES, expected_after, tell_day
from sandbox.sample_day.next_day import LATER, LEAD, MORNING, SOON, tell_next_day, to_be_moved
from sandbox.sample_day.scene import STOCKHOLM, Day
from sandbox.sample_day.self_service import tell_self_service
from sandbox.sample_day.units import UNITS, UNLISTED
from sandbox.sample_day.young import YOUNG

EVERY = range(1, STAGES + 1)

DAYS = [
    datetime(year, month, 24, 22, 30, tzinfo=UTC) for year in (2026, 2027, 2029, 2031) for month in (2, 6, 12)
]


@pytest.fixture(scope="module")
def day() -> Day:
    return tell_day()


@pytest.fixture(scope="module")
def played_town() -> Iterator[Driver]:
    """One in which nothing happens but what is played."""
    with driven() as town:
        yield town


@pytest.fixture(scope="module")
def played(played_town: Driver) -> list[dict[str, Any]]:
    """The whole day, once: what each stage answered."""
    return play(played_town)


def play(town: Driver) -> list[dict[str, Any]]:
    return [town.post("/act/sample-day", {"stage": stage}).json() for stage in EVERY]


def titled(day: Day, after: int, title: str) -> list[dict[str, Any]]:
    return [one for one in day.outcome(after).values() if one["title"] == title]


def test_there_are_forty_bookings_of_twenty_residents_before_the_load(day: Day) -> None:
    outcome = day.outcome(2)
    assert len(outcome) >= 40
    assert len({one["patient"] for one in outcome.values()}) >= 20


def test_the_load_is_a_thousand_bookings_of_a_hundred_residents(day: Day) -> None:
    loaded = titled(day, 3, "The bulk load")
    assert len(loaded) == 1000
    assert len({one["patient"] for one in loaded}) == 100
    assert not any(one["notices"] or one["paper_letters"] for one in loaded)


def test_no_booking_of_the_load_says_that_it_is_one(day: Day) -> None:
    assert not any("replay" in event.data["booking"] for event in day.batches[3])


def test_every_number_is_right_and_nobody_is_two_people() -> None:
    grown_up = [*ADULTS, *LOAD, *MORTALS, *WRITERS, *SELF_SERVANTS]
    numbers = [*grown_up, *CHILDREN, SAMORDNINGSNUMMER]
    assert all(personnummer.valid(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert all(born(number).year <= 2000 for number in grown_up)


def test_another_dies_in_each_of_a_thousand_days_after_one_another() -> None:
    day = DAYS[0]
    dead = {mortal(day + timedelta(seconds=45 * at)) for at in range(1000)}
    assert len(dead) == 1000


def test_every_outcome_says_why_in_one_sentence(day: Day) -> None:
    assert all(one["why"].endswith(".") for one in day.outcome(3).values())


def test_states_and_engagements_agree(day: Day) -> None:
    for one in day.outcome(3).values():
        if one["engagement"]:
            assert one["state"] in ("settled", "parked:platform_unknown")
        elif one["state"] == "settled":
            assert not one["patient"].isdigit()


def test_every_kind_of_end_occurs(day: Day) -> None:
    states = Counter(one["state"] for one in day.outcome(2).values())
    assert {"settled", "closed", "shadowed", "parked:unit_unknown", "parked:platform_unknown"} == set(states)


def test_notices_only_grow_from_stage_to_stage(day: Day) -> None:
    for identity, before in day.outcome(1).items():
        after = day.outcome(2)[identity]
        assert after["notices"][: len(before["notices"])] == before["notices"]
        assert after["paper_letters"] >= before["paper_letters"]


def test_a_series_of_six_has_one_notice(day: Day) -> None:
    series = titled(day, 2, "A series of six")
    assert (len(series), sum(len(one["notices"]) for one in series)) == (6, 1)


def test_a_rebooking_has_one_notice_beside_the_first(day: Day) -> None:
    assert [len(one["notices"]) for one in titled(day, 2, "A rebooking as cancel plus create")] == [1, 1]


def test_version_3_is_sent_before_version_2(day: Day) -> None:
    identity = next(i for i, o in day.outcome(2).items() if o["title"] == "Version 3 comes before version 2")
    sent = [
        s.event.data["booking"]
        for s in day.events[2]
        if s.event.data.get("booking", {}).get("id") == identity
    ]
    assert [one["version"] for one in sent] == [3, 2]
    assert day.outcome(2)[identity]["start"] == sent[0]["start"]


def test_the_last_webhook_comes_twice_with_one_id(day: Day) -> None:
    ids = Counter(sent.event.id for sent in day.events[2])
    assert [times for times in ids.values() if times > 1] == [2]


@pytest.mark.parametrize("now", DAYS)
def test_the_children_have_the_right_ages_on_any_day(now: datetime) -> None:
    day = Day(now)
    for story in CHILD_STORIES:
        story(day)
    today = now.date()
    people = {one["name"][-2:]: one for one in day.people[1] if "phone" in one}  # no guardian
    ages = [_age(one["personnummer"], today) for one in people.values()]
    assert ages[:2] == [12, 12]
    assert all(13 <= age <= 17 for age in ages[2:5])
    assert 0 <= ages[5] < 13


def _age(number: str, today: date) -> int:
    return next(age for age in range(100) if birthday(number, age + 1) > today)


@pytest.mark.parametrize("now", DAYS)
def test_one_turns_13_between_the_booking_and_the_visit(now: datetime) -> None:
    outcome = told_on(now)
    visit = next(one for one in outcome.values() if one["title"] == "Turns 13 between booking and visit")
    assert now.date() < birthday(visit["patient"], 13) < date.fromisoformat(visit["start"][:10])


def told_on(now: datetime) -> dict[str, Any]:
    day = Day(now)
    for story in CHILD_STORIES:
        story(day)
    return day.outcome(1)


def test_times_are_swedish_whatever_the_season() -> None:
    assert Day(datetime(2026, 10, 20, tzinfo=UTC)).in_days(10).isoformat() == "2026-10-30T09:00:00+01:00"
    assert Day(datetime(2026, 10, 20, tzinfo=UTC)).in_days(1).isoformat() == "2026-10-21T09:00:00+02:00"


def test_two_days_share_no_ids(day: Day) -> None:
    other = Day(day.now + timedelta(seconds=1))
    assert other.next_id("B")[:-4] != day.next_id("B")[:-4]


def test_the_region_file_lists_the_units_of_the_day() -> None:
    overlay = tomllib.loads((Path(sandbox.__file__).parent / REGION).read_text())
    listed = {hsa_id: unit["name"] for hsa_id, unit in overlay["units"].items()}
    assert listed == {unit.hsa_id: unit.name for unit in UNITS}
    assert UNLISTED.hsa_id not in listed
    inbox = {hsa_id for hsa_id, unit in overlay["units"].items() if unit.get("call_letter") == "inbox"}
    assert inbox == {unit.hsa_id for unit in UNITS if not unit.connected}


def test_what_is_sent_is_what_is_told(played_town: Driver, played: list[dict[str, Any]]) -> None:
    day = played_town.sandbox.sample_day.day
    alone = [
        body for path, _, body in played_town.gateway.calls if re.fullmatch("/webhooks/[a-z0-9-]+", path)
    ]
    sent = [as_json(body)["data"] for body in alone]
    assert sent == [one.event.data for stage in EVERY for one in day.events.get(stage, [])]
    assert played[2]["batches"] == [{"events": 1000, "status": 202, "answered": 0}]


def test_platform24_sends_its_own_booking(played_town: Driver, played: list[dict[str, Any]]) -> None:
    told = [as_json(body)["type"] for body in played_town.gateway.at("/webhooks/platform24")]
    assert told.count("booking.created") == 1


def test_a_stage_played_again_sends_the_same_ids(town: Driver) -> None:
    for _ in range(2):
        town.post("/act/sample-day", {"stage": 2})
    ids = [headers["webhook-id"] for path, headers, _ in town.gateway.calls if path.startswith("/webhooks/")]
    assert ids[: len(ids) // 2] == ids[len(ids) // 2 :]


def test_the_expectation_can_be_had_for_each_stage(played_town: Driver, played: list[dict[str, Any]]) -> None:
    numbers = [len(played_town.get(f"/sample-day?after={stage}")["expected"]) for stage in EVERY]
    assert numbers[0] < numbers[1] < numbers[2] == numbers[3] < numbers[4] == numbers[5]
    assert numbers[5] == len(played_town.get("/sample-day")["expected"])


def test_bad_input_is_told_by_its_webhook_id(played_town: Driver, played: list[dict[str, Any]]) -> None:
    refused = played_town.get("/sample-day")["refused"]
    sent = {one["webhook_id"] for one in played[0]["sent"]}
    assert {one["path"] for one in refused} == {"data.booking.end", "data.booking.patient.id"}
    assert {one["webhook_id"] for one in refused} <= sent


def test_vas_itself_holds_what_should_be_shown(played_town: Driver, played: list[dict[str, Any]]) -> None:
    held = {one["id"]: one for one in played_town.get("/inspect/vas")["bookings"]}
    for identity, one in played_town.get("/sample-day")["expected"].items():
        if one["source"] == "vas":
            assert held[identity]["patient"]["id"] == one["patient"]
            assert held[identity]["unit"]["hsa_id"] == one["unit"]
            assert not (one["engagement"] and held[identity]["cancelled"])


@pytest.mark.parametrize("stage", [0, STAGES + 1, "first"])
def test_a_stage_that_is_none_is_refused(town: Driver, stage: object) -> None:
    assert town.post("/act/sample-day", {"stage": stage}).status_code == 422


# --- contacts


def parts(day: Day) -> list[dict[str, Any]]:
    return [part for talk in expected_after(day)["contacts"].values() for part in talk["parts"]]


def test_there_are_sixty_contacts_and_more_each_of_someone_who_has_no_booking(day: Day) -> None:
    contacts = expected_after(day)["contacts"]
    booked = {one["patient"] for one in day.outcome(STAGES).values()}
    writers = [one["patient"] for one in contacts.values() if one["patient"]]
    assert len(contacts) >= 60
    assert len(set(writers)) == len(writers)
    assert not booked & set(writers)


def test_every_contact_says_by_which_clause_it_ends(day: Day) -> None:
    for one in expected_after(day)["contacts"].values():
        assert re.match(r"[a-z]+(-[a-z]+)*-[0-9]+[,:]", one["why"]), one["title"]
        assert one["why"].endswith(".")


@pytest.mark.parametrize(
    "clause",
    ["patient-1", "patient-2", "patient-3", "patient-4", "policy-hanvisning-1", "onskemal-2", "suicid-1",
     "policy-suicid-1", "policy-fara-1", "barn-1", "barn-2", "barn-4", "policy-barn-1", "skyddade-2",
     "policy-skydd-1", "policy-avliden-1", "byte-1", "byte-3", "byte-4", "byte-6", "byte-5", "syfte-3",
     "samtycke-1", "samtycke-2", "distans-1", "system-4", "system-5"],
)  # fmt: skip
def test_each_clause_of_contacts_is_told_of(day: Day, clause: str) -> None:
    assert clause in {word for talk in day.talks for word in re.findall(r"[a-z-]+-[0-9]+", talk.why)}


def test_every_channel_is_written_in(day: Day) -> None:
    assert {talk.channel for talk in day.talks} == {
        "platform24", "hope", "lifecare", "stodbehandling", "e1177", "mail", "sms", "local-hjarta", "local-sar"
    }  # fmt: skip


def test_exactly_the_changes_to_phone_are_in_the_journal_and_exactly_the_others_open_a_contact(
    day: Day,
) -> None:
    for part in parts(day):
        is_changed = (part["process"], part["state"]) == ("channel_switch", "changed")
        assert part["journal"] + len(part["opened"]) == int(is_changed)


def test_what_was_said_to_a_patient_only_grows_from_stage_to_stage(day: Day) -> None:
    heard = [
        [part["heard"] for one in expected_after(day, stage)["contacts"].values() for part in one["parts"]]
        for stage in EVERY
    ]
    for before, after in pairwise(heard):
        assert all(then[: len(now)] == now for now, then in zip(before, after, strict=True))
    said = [sum(map(len, stage)) for stage in heard]
    assert said[0] < said[1] < said[2]


@pytest.mark.parametrize("now", DAYS)
def test_those_who_write_have_the_right_ages_on_any_day(now: datetime) -> None:
    day = Day(now)
    for story in (*CONTACTS, *YOUNG):
        story(day)
    aged = [(talk, re.search(r"(?:child|One) of ([0-9]+)", talk.title)) for talk in day.talks]
    ages = [
        (_age(talk.patient["id"], now.date()), int(said[1])) for talk, said in aged if said and talk.patient
    ]
    assert len(ages) == 8
    assert all(age == said for age, said in ages)


def test_a_phone_number_is_of_its_minute_alone() -> None:
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    numbers = [phone(midnight + timedelta(minutes=at), one) for at in range(24 * 60) for one in range(5)]
    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch(r"\+1[2-9][0-9]{2}55501[0-9]{2}", number) for number in numbers)


def test_the_platforms_hold_the_conversations_that_are_told(
    played_town: Driver, played: list[dict[str, Any]]
) -> None:
    for platform in ("platform24", "hope", "lifecare", "stodbehandling", "local-hjarta", "local-sar"):
        held = {one["id"] for one in played_town.get(f"/inspect/{platform}")["conversations"]}
        assert held == {
            talk.id for talk in played_town.sandbox.sample_day.day.talks if talk.channel == platform
        }


def test_a_stage_played_again_adds_nothing_to_a_conversation(town: Driver) -> None:
    play(town)
    before = town.get("/inspect/hope")
    play(town)
    assert town.get("/inspect/hope") == before


def test_where_nothing_was_asked_nobody_logs_in_and_the_day_goes_on(played: list[dict[str, Any]]) -> None:
    logins = [login["status"] for stage in played for login in stage["logins"]]
    assert logins
    assert set(logins) == {409}


# --- the next day


def next_day(now: datetime) -> Day:
    """Told at once, at that moment."""
    day = Day(now)
    to_be_moved(day)
    tell_next_day(day, now)
    return day


@pytest.mark.parametrize("now", DAYS)
def test_what_is_reminded_of_is_due_within_seconds_or_at_once(now: datetime) -> None:
    """besok-5: nobody can put the running programs forward, so the visits lie where their reminders are due now."""
    day = next_day(now)
    outcome, due = day.outcome(STAGES), 0
    for one in day.tomorrow:
        start = datetime.fromisoformat(outcome[one["booking"]]["start"])
        if one["due"]:
            assert start - LEAD == datetime.fromisoformat(one["due"]) == now + SOON
            due += 1
        elif one["reminders"]:
            assert timedelta(hours=1) < start - now < LEAD
    assert due == 2
    assert [len(one["reminders"]) for one in day.tomorrow[:5]] == [1, 1, 0, 1, 0]


@pytest.mark.parametrize("hour", range(24))
def test_who_comes_to_a_visit_comes_on_its_day_whatever_the_hour(hour: int) -> None:
    """policy-incheckning-1: and while it is not over; right before midnight nobody comes."""
    for now in (datetime(2026, 12, 24, hour, minute, 30, tzinfo=UTC) for minute in range(0, 60, 3)):
        day = next_day(now)
        come = [one for one in day.tomorrow if one["arrived"]]
        assert len(come) == (0 if hour == 22 and now.minute >= 55 else 2)
        for one in come:
            visit = next(
                s.event.data["booking"] for s in day.events[MORNING] if _is_of(s.event.data, one["booking"])
            )
            start, end = (
                datetime.fromisoformat(visit[name]).astimezone(STOCKHOLM) for name in ("start", "end")
            )
            assert start.date() == now.astimezone(STOCKHOLM).date()
            assert end > now + timedelta(minutes=10)


def _is_of(data: dict[str, Any], booking: str) -> bool:
    return data.get("booking", {}).get("id") == booking


def test_the_day_has_the_lead_of_its_region_file() -> None:
    overlay = tomllib.loads((Path(sandbox.__file__).parent / REGION).read_text())
    assert [timedelta(hours=lead) for lead in overlay["reminders"]["lead_hours"]] == [LEAD]


def test_the_next_day_is_told_when_it_comes_and_once(town: Driver) -> None:
    assert town.get("/sample-day")["next_day"] == []
    for stage in (MORNING, MORNING, LATER):
        town.post("/act/sample-day", {"stage": stage})
    told = [one["title"] for one in town.get("/sample-day")["next_day"]]
    assert len(told) == len(set(told)) >= 5
    assert all(
        re.match(r"[a-z]+(-[a-z]+)*-[0-9]+:", one["why"]) for one in town.get("/sample-day")["next_day"]
    )


def test_stopp_is_sent_before_anything_else_of_that_day(town: Driver) -> None:
    """paminnelse-1: so that it counts whatever comes first of what follows."""
    town.post("/act/sample-day", {"stage": MORNING})
    assert [path for path, _, _ in town.gateway.calls].index("/46elks/sms") == 0


# --- by themselves on 1177

LETTERS = ("book", "rebook")


def test_thirty_residents_do_it_themselves_each_kind_of_thing(day: Day) -> None:
    """besok-3, besok-4: they cancel, move and book; twice at once, too late, at the wrong age, helped."""
    assert len(day.self_service) >= 30
    presses = [press for stage in day.presses.values() for press in stage]
    assert {button for press in presses for button, _ in press.presses} == {"book", "rebook", "cancel"}
    assert {press.results for press in presses} == {("OK",), ("ERROR",), ("OK", "OK"), ("ERROR", "OK")}
    given = [body for press in presses for _, body in press.presses]
    assert sum("for" in body for body in given) == 2
    assert sum("agent" in body for body in given) == 1
    for one in day.self_service:
        assert re.match(r"[a-z]+(-[a-z]+)*-[0-9]+:", one["why"]), one["why"]


def test_what_they_choose_is_offered_and_nobody_but_two_chooses_the_same(day: Day) -> None:
    offered = {(t["unit"]["hsa_id"], time["start"]) for t in day.timetables for time in t["times"]}
    chosen = Counter(
        (body["unit"], body["start"])
        for press in day.presses[2]
        for button, body in press.presses
        if button in LETTERS
    )
    assert set(chosen) == offered
    assert Counter(chosen.values())[2] == 2
    assert max(chosen.values()) == 2


def test_they_press_what_has_been_booked_before(day: Day) -> None:
    booked = {
        sent.event.data["booking"]["id"]: sent.event.data["booking"]
        for sent in day.events[1]
        if sent.event.type == "booking.created"
    }
    for press in day.presses[2]:
        for _, body in press.presses:
            if "booking" in body:
                patient = body.get("for", body["personnummer"])
                assert booked[body["booking"]]["patient"]["id"] == patient


@pytest.mark.parametrize("now", DAYS)
def test_whoever_is_of_an_age_is_that_whenever_the_day_is(now: datetime) -> None:
    """barn-1, barn-2: a child of 9 and one of 11, two of 15."""
    day = Day(now)
    tell_self_service(day)
    ages = {one["title"]: _age(one["patient"], now.date()) for one in day.self_service}
    said = {
        title: int(age[1]) for title in ages if (age := re.search(r"(?:child of|at|one of) (\d+)", title))
    }
    assert said == {title: ages[title] for title in said}
    assert sorted(said.values()) == [9, 11, 15, 15]


def test_their_times_are_in_the_journal_system_s_timetables(
    played_town: Driver, played: list[dict[str, Any]]
) -> None:
    day = played_town.sandbox.sample_day.day
    for timetable in day.timetables:
        unit, times = timetable["unit"]["hsa_id"], timetable["times"]
        days = f"from={times[0]['start'][:10]}&to={times[-1]['start'][:10]}"
        free = played_town.get(f"/vas/timeslots?unit={unit}&{days}")["timeslots"]
        assert [one["start"] for one in free] == [time["start"] for time in times]


# --- transfers


def files(day: Day) -> list[dict[str, Any]]:
    return [part for part in parts(day) if part["process"] == "image_transfer"]


def test_ten_transfers_end_in_each_way_that_there_is(day: Day) -> None:
    """bilder-1 to bilder-4: refused, lost, fetched again, journalled, by a second member of staff, of several files."""
    asked = [sent.event.data["transfer"] for sent in day.events[2] if sent.event.type == "transfer.requested"]
    assert len(asked) == len({part["transfer"] for part in files(day)}) == 10
    assert Counter(part["state"] for part in files(day)) == {
        "told": 8,
        "refused": 1,
        "lost": 1,
        "journalled": 1,
    }
    assert Counter(part["fetched"] for part in files(day)) == {0: 1, 1: 9, 2: 1}
    assert len({transfer["by"]["hsa_id"] for transfer in asked}) == 2
    assert {transfer["from"] for transfer in asked} == {"platform24", "hope", "lifecare", "e1177"}
    assert {act.does for acts in day.acts.values() for act in acts} >= {
        "deletes",
        "fetches_again",
        "journalled",
    }
    for part in files(day):
        assert re.match(r"(bilder|policy-bild)-[0-9]", part["says"]), part["says"]


def test_what_is_asked_for_lies_in_its_source_once_however_often_the_stage_is_played(
    played_town: Driver, played: list[dict[str, Any]]
) -> None:
    day = played_town.sandbox.sample_day.day
    held = [
        one
        for platform in ("platform24", "hope", "lifecare", "e1177")
        for one in played_town.get(f"/inspect/{platform}")["attachments"]
    ]
    assert sorted(one["ref"] for one in held) == sorted(part["ref"] for part in files(day))


def test_staff_of_every_standing_work_here(played_town: Driver, played: list[dict[str, Any]]) -> None:
    """policy-personal-1: some who ask for files, and one each with another purpose, and with no commission."""
    staff = {
        one["hsa_id"]: [each["purpose"] for each in one["commissions"]]
        for one in played_town.get("/staff")["staff"]
    }
    assert all(
        "Vård och behandling" in staff[act.staff] for act in played_town.sandbox.sample_day.day.acts[3]
    )
    assert [] in staff.values()
    assert ["Administration"] in staff.values()


def test_where_there_are_no_pages_what_people_do_there_is_told_as_wrong(
    played_town: Driver, played: list[dict[str, Any]]
) -> None:
    """Staff at their storage, patients at a unit's code."""
    day = played_town.sandbox.sample_day.day
    acts = [act for stage in played for act in stage["acts"]]
    told = (*day.acts.values(), *day.check_ins.values(), *day.joins.values(), *day.presses.values())
    assert len(acts) == sum(map(len, told))
    assert all(act["wrong"] for act in acts)
