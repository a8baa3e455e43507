"""The sandbox's sample day, played once: every booking as it should be, and a test for each resident's notices."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from contact_town import ANNA, ContactTown
from sqlalchemy import text
from sqlmodel import SQLModel
from town import TownClock

from engine import clock, ops, process
from engine.database import transaction
from flows.booking_publication import booking_publication
from gateway.sample import LOAD, differences, what_became
from gateway.sample_contacts import PLATFORMS, contacts_unlike, departures
from routine.consent import SENTENCE
from sandbox.sample_day import STAGES, told
from tasks import messages

Json = dict[str, Any]
EVERY = range(1, STAGES + 1)
SOON = 30.0
"""Seconds: what is due later, such as an alert that staff have been given, is at rest."""
TITLES = list(dict.fromkeys(said["title"] for said in told().outcome(STAGES).values()))


@dataclass
class Played:
    """The day, and everything that came of it."""

    expected: Json
    contacts: Json
    contacts_unlike: Json
    conversations: list[Json]
    journal: list[Json]
    refused: dict[str, str]
    said_refused: list[Json]
    seen: dict[str, list[Json]]
    engagements: list[Json]
    inbox: list[Json]
    sms: list[Json]
    mails: list[Json]
    by_1177: list[Json]
    updates: list[int]
    after: dict[int, Json]


@pytest.fixture(scope="module")
def played(postgres: None, sandbox_server: Any, _deployment: None, _gateway: None) -> Iterator[Played]:
    """The stages, each run to rest before the next."""
    with transaction() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(SQLModel.metadata.tables)}"))
    at = TownClock()
    before, lingers, margin = clock.use(at), process.Process._lingers, messages.CLOCK_MARGIN
    process.Process._lingers = at.lingering()  # type: ignore[method-assign]
    town = ContactTown(sandbox_server.url, at)
    town.flows = {"booking_publication": booking_publication, **town.flows}
    yield asyncio.run(_play(town))
    town.close()
    clock.use(before)
    process.Process._lingers, messages.CLOCK_MARGIN = lingers, margin  # type: ignore[method-assign]


async def _play(town: ContactTown) -> Played:
    after: dict[int, Json] = {}
    for stage in EVERY:
        town._post("/act/sample-day", {"stage": stage})
        await town.comes_to_rest(within=SOON)
        day = town.http.get("/sample-day", params={"after": stage}).json()
        became = what_became(town.http, day)
        after[stage] = differences(day, became)
    numbers = {said["patient"] for said in day["expected"].values()}
    e1177 = town.holds("e1177")
    return Played(
        expected=day["expected"],
        contacts=day["contacts"],
        contacts_unlike=contacts_unlike(day["contacts"], became["contacts"], departures()),
        conversations=[one for name in PLATFORMS for one in town.holds(name)["conversations"]],
        journal=town.journal(),
        refused={each.webhook_id: each.paths for each in ops.refused()},
        said_refused=day["refused"],
        seen={number: town.seen_on_1177(number) for number in numbers if number.isdigit()},
        engagements=town.holds("engagement_index")["engagements"],
        inbox=e1177["inbox"],
        sms=town.sms(),
        mails=town.mails(),
        by_1177=e1177["notifications"],
        updates=[call["body"].count("deleteFlag>") // 2 for call in town.calls("Update")],
        after=after,
    )


def test_after_each_stage_everything_is_as_the_day_says(played: Played) -> None:
    assert played.after == {stage: {} for stage in EVERY}


def test_every_contact_ends_as_the_day_says(played: Played) -> None:
    """patient-1 to 4, byte-1 to 6, samtycke-1, 2, suicid-1, distans-1: and what departs is counted by unit."""
    assert played.contacts_unlike == {}


def test_everything_is_said_in_the_patients_own_channel_until_they_have_consented(played: Played) -> None:
    """patient-3, byte-1, byte-3: a contact of ours in another channel only after their login there."""
    opened = [one for one in played.conversations if one["opened_by"] == "us"]
    wanted = [
        (contact, channel)
        for contact, said in played.contacts.items()
        for part in said["parts"]
        for channel in part["opened"]
        if channel in PLATFORMS
    ]
    assert len(opened) == len(wanted) > 3
    assert {one["after"]["contact"] for one in opened} == {contact for contact, _ in wanted}


def test_the_journal_has_the_sentence_for_exactly_the_calls_that_were_consented_to(played: Played) -> None:
    """byte-1: as a draft with the one who asked as author; for no other change."""
    called = {
        contact for contact, said in played.contacts.items() for part in said["parts"] if part["journal"]
    }
    assert {note["contact"] for note in played.journal} == called
    assert len(played.journal) == len(called) > 6
    for note in played.journal:
        assert (note["text"], note["author"], note["status"]) == (SENTENCE, ANNA, "draft")


@pytest.mark.parametrize("title", [title for title in TITLES if title != LOAD])
def test_the_notices_of_each_resident_are_those_that_the_routine_asks_for(played: Played, title: str) -> None:
    """besok-2, avisering-1: the day's `why` is in the failure."""
    mine = {id: said for id, said in played.expected.items() if said["title"] == title}
    wanted = Counter((each["by"], each["to"]) for said in mine.values() for each in said["notices"])
    addresses = set(wanted) | {(by, to) for by, to in _sent(played) if to in _addresses(played, mine)}
    sent = Counter({address: _sent(played)[address] for address in addresses})
    assert +sent == wanted, [said["why"] for said in mine.values()]


def _sent(played: Played) -> Counter[tuple[str, str]]:
    return Counter([("sms", one["to"]) for one in played.sms] + [("mail", one["to"]) for one in played.mails])


def _addresses(played: Played, mine: Json) -> set[str]:
    return {each["to"] for said in mine.values() for each in said["notices"]}


def test_a_thousand_already_booked_visits_are_published_and_tell_nobody(played: Played) -> None:
    """policy-avisering-2: and in as few calls as the index takes."""
    load = [said for said in played.expected.values() if said["title"] == LOAD]
    patients = {said["patient"] for said in load}
    assert len(load) == 1000
    assert max(played.updates) <= 1000
    assert sum(played.updates) < 1000 + 200
    assert sum(each["patient"] in patients for each in played.engagements) == 1000
    assert [each for each in played.by_1177 if each["patient"] in patients] == []
    assert not any(message["notify"] for message in played.inbox if message["patient"] in patients)


def test_every_booking_to_come_is_on_1177_with_exactly_one_engagement(played: Played) -> None:
    """besok-1, as the resident sees it through our producer."""
    now = datetime.now(UTC).isoformat()
    coming = {
        id for id, said in played.expected.items() if said["engagement"] and (said["start"] or "9") > now
    }
    assert len(coming) > 1040
    held = Counter(each["booking"] for each in played.engagements)
    assert set(held.values()) == {1}
    assert set(held) == coming
    seen = Counter(shown["booking"] for bookings in played.seen.values() for shown in bookings)
    assert set(seen.values()) == {1}
    assert set(seen) == coming
    owners = {shown["booking"]: number for number, bookings in played.seen.items() for shown in bookings}
    assert {id: played.expected[id]["patient"] for id in coming} == owners


def test_every_call_letter_is_one_digital_letter_seen_on_1177_and_told_by_its_details(played: Played) -> None:
    """onskemal-3, distans-2: by scheduling an invitation, by the inbox one message for each time."""
    invited = {id for id, said in played.expected.items() if said["engagement"] == "Invitation"}
    shown = {one["booking"]: one for bookings in played.seen.values() for one in bookings}
    assert {id for id, one in shown.items() if one["is_invitation"]} == invited
    assert all("details" in shown[id]["seen_by"] for id in invited)
    wanted = Counter[str]()
    for said in played.expected.values():
        wanted[said["patient"]] += said["inbox_letters"]
    booked = [message["patient"] for message in played.inbox if message["patient"] in wanted]
    assert Counter(booked) == +wanted


def test_nobody_is_told_of_one_event_by_1177_and_by_us(played: Played) -> None:
    """policy-avisering-1."""
    told_by_1177 = Counter(each["patient"] for each in played.by_1177)
    for said in played.expected.values():
        if told_by_1177[said["patient"]]:
            assert len(said["notices"]) + told_by_1177[said["patient"]] <= 2, said["why"]


def test_both_wrong_webhooks_are_listed_for_ops_by_path(played: Played) -> None:
    assert played.refused == {each["webhook_id"]: each["path"] for each in played.said_refused}
    assert len(played.refused) == 2
