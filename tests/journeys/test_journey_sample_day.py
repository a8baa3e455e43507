"""The sandbox's sample day, played once: every booking as it should be, and a test for each resident's notices."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from contact_town import ANNA, ContactTown
from sqlalchemy import text
from sqlmodel import SQLModel
from town import TownClock
from typer.testing import CliRunner

from cli.app import app
from cli.sample_day.contacts import PLATFORMS, contacts_unlike, departures
from cli.sample_day.next_day import visits_unlike
from cli.sample_day.play import LOAD, differences, what_became
from cli.sample_day.self_service import self_service_unlike
from cli.sample_day.transfers import fetched, files_unlike
from engine.base import clock
from engine.base.database import transaction
from engine.base.settings import ROOT
from engine.ops import by_hand
from engine.running import work
from flows.booking_publication import booking_publication
from flows.check_in import check_in
from flows.image_transfer import image_transfer
from flows.self_service import self_service
from flows.visit_reminder import visit_reminder
from routine.consent import SENTENCE
from sandbox.sample_day.day import tell_day
from tasks import messages

Json = dict[str, Any]
pytestmark = pytest.mark.timeout(300)
"""Whichever test comes first has the whole day played."""
STAGES = (1, 2, 3, 4, 5, 6)
TITLES = list(dict.fromkeys(said["title"] for said in tell_day().outcome(STAGES[-1]).values()))


@dataclass
class Played:
    """The day, and everything that came of it."""

    expected: Json
    contacts: Json
    contacts_unlike: Json
    files_unlike: Json
    visits_unlike: Json
    next_day: list[Json]
    self_service: list[Json]
    self_service_unlike: Json
    booked_by_themselves: dict[str, str]
    """By the booking that they made, the resident."""
    conversations: list[Json]
    journal: list[Json]
    consents: dict[str, bool]
    """By contact in which the patient consented, whether nothing was done upon it before."""
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
def played(postgres: None, sandbox_server: Any, gateway_server: None) -> Iterator[Played]:
    """The stages, each run to rest before the next."""
    with transaction() as connection:
        connection.execute(
            text("SET LOCAL session_replication_role = replica")
        )  # the access log is kept else
        connection.execute(text(f"TRUNCATE {', '.join(SQLModel.metadata.tables)}"))
    at = TownClock()
    before, lingers, margin = clock.use(at), work.Work._lingers, messages.CLOCK_MARGIN
    work.Work._lingers = at.lingering()  # type: ignore[method-assign]
    town = ContactTown(sandbox_server.url, at)
    town.flows = {
        **town.flows,
        "booking_publication": booking_publication,
        "image_transfer": image_transfer,
        "visit_reminder": visit_reminder,
        "check_in": check_in,
        "self_service": self_service,
    }
    try:
        yield asyncio.run(_play(town))
    finally:
        town.close()
        clock.use(before)
        work.Work._lingers, messages.CLOCK_MARGIN = lingers, margin  # type: ignore[method-assign]


async def _play(town: ContactTown) -> Played:
    after: dict[int, Json] = {}
    acts: list[Json] = []
    for stage in STAGES:
        town._post("/provider", {"clock": round(town.clock.ahead.total_seconds())})
        acts += town._post("/act/sample-day", {"stage": stage})["acts"]
        _until_vas_has_told(town)
        await town.comes_to_rest(within=20)
        day = town.http.get("/sample-day", params={"after": stage}).json()
        became = what_became(town.http, day)
        after[stage] = differences(day, became)
    numbers = {said["patient"] for said in [*day["expected"].values(), *day["self_service"]]}
    made = [done for done in town.holds("vas")["self_service"] if done["service"] == "book"]
    e1177, contacts = town.holds("e1177"), day["contacts"]
    return Played(
        expected=day["expected"],
        contacts=contacts,
        contacts_unlike=contacts_unlike(contacts, became["contacts"], departures()),
        files_unlike=files_unlike(contacts, fetched(town.http), acts),
        visits_unlike=visits_unlike(day["next_day"], became["visits"], acts, town.clock.ahead),
        next_day=day["next_day"],
        self_service=day["self_service"],
        self_service_unlike=self_service_unlike(day["self_service"], became["stands"], acts),
        booked_by_themselves={
            done["booking"]: done["patient"]["id"] for done in made if not done["invitation"]
        },
        conversations=[each for name in PLATFORMS for each in town.holds(name)["conversations"]],
        journal=town.journal(),
        consents=_consents(),
        refused={each.webhook_id: each.paths for each in by_hand.refused()},
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


def _until_vas_has_told(town: ContactTown) -> None:
    """Of what residents have done in it."""
    until = time.monotonic() + 20
    while town.holds("counts")["webhooks_waiting"]:
        assert time.monotonic() < until, "VAS still has something to tell"
        time.sleep(0.05)


def test_after_each_stage_everything_is_as_the_day_says(played: Played) -> None:
    assert played.after == {stage: {} for stage in STAGES}


def test_every_contact_ends_as_the_day_says(played: Played) -> None:
    """patient-1 to 4, byte-1 to 6, samtycke-1 and 2, barn-1 to 4, suicid-1, distans-1."""
    assert len(played.contacts) >= 60
    assert played.contacts_unlike == {}


def test_every_file_is_fetched_and_given_out_as_the_day_says(played: Played) -> None:
    """bilder-1 to bilder-4: with the bytes that its source has."""
    assert played.files_unlike == {}


def test_every_visit_of_the_next_day_is_reminded_of_and_checked_in_to_as_the_day_says(played: Played) -> None:
    """besok-5, paminnelse-1, barn-1, policy-incheckning-1, policy-skydd-2."""
    assert len(played.next_day) >= 5
    assert played.visits_unlike == {}


def test_whoever_does_it_on_1177_has_the_same_visits_in_vas_in_the_index_and_there(played: Played) -> None:
    """besok-3, besok-4, barn-1, barn-2, policy-sjalvservice-1: pressed twice, too late, at the wrong age."""
    assert len(played.self_service) >= 30
    assert played.self_service_unlike == {}
    assert len(played.booked_by_themselves) == 7


def test_the_example_of_what_if_gives_something_on_the_day(played: Played, tmp_path: Path) -> None:
    """docs/what-if.md, as it stands there, of whichever day it is."""
    page = (ROOT / "docs" / "what-if.md").read_text("utf-8")
    other = tmp_path / "other.toml"
    other.write_text(page.split("```toml\n")[1].split("```")[0], "utf-8")
    (typed,) = re.findall("^vaxel (what-if .*) --from .*$", page, re.MULTILINE)
    days = ["--from", "2020-01-01", "--to", "2120-01-01"]
    said = CliRunner().invoke(app, [*typed.replace("other.toml", str(other)).split(), *days])
    assert said.exit_code == 0
    assert re.search("^  paper: [1-9][0-9]* more, 0 fewer$", said.output, re.MULTILINE)
    assert re.search("^  reminder: 0 more, [1-9][0-9]* fewer$", said.output, re.MULTILINE)


def test_every_message_is_in_the_patients_own_channel_until_they_have_consented(played: Played) -> None:
    """patient-3, byte-1, byte-3: what is elsewhere comes after the consent, and refers to the contact."""
    theirs = {
        said["patient"]: (id, said["channel"]) for id, said in played.contacts.items() if said["patient"]
    }
    own, elsewhere = 0, 0
    for conversation in played.conversations:
        ours = [message for message in conversation["messages"] if message["from"] == "us"]
        contact, channel = theirs.get((conversation["patient"] or {}).get("id"), ("", ""))
        if not ours or not contact or conversation["id"] == contact:
            own += len(ours)
            continue
        assert conversation["after"] == {"channel": channel, "contact": contact}
        assert played.consents[contact]
        elsewhere += len(ours)
    for message in played.inbox:
        contact, channel = theirs.get(message["patient"], ("", ""))
        if contact and channel != "e1177":
            assert played.consents[contact]
            elsewhere += 1
    assert (own > 60, elsewhere > 5) == (True, True)


def test_the_journal_holds_the_sentence_for_exactly_the_consented_phone_changes(played: Played) -> None:
    """byte-1: as a draft with the author who proposed it, and no other."""
    wanted = [id for id, said in played.contacts.items() if sum(part["journal"] for part in said["parts"])]
    assert sorted(note["contact"] for note in played.journal) == sorted(wanted)
    assert {note["text"] for note in played.journal} == {SENTENCE}
    assert {(note["author"]["hsa_id"], note["status"]) for note in played.journal} == {
        (ANNA["hsa_id"], "draft")
    }


def _consents() -> dict[str, bool]:
    query = text(
        """
        SELECT s.contact_id, bool_and(e.sending_at >= c.answered_at) FROM consent c
        JOIN channel_switch s ON s.id = c.case_id JOIN effect e ON e.case_id = s.id AND e.step = 'record_consent'
        WHERE c.given GROUP BY s.contact_id"""
    )
    with transaction() as connection:
        return {contact: in_order for contact, in_order in connection.execute(query)}


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
    assert set(held) == coming | set(played.booked_by_themselves)
    seen = Counter(shown["booking"] for bookings in played.seen.values() for shown in bookings)
    assert set(seen.values()) == {1}
    assert set(seen) == coming | set(played.booked_by_themselves)
    owners = {shown["booking"]: number for number, bookings in played.seen.items() for shown in bookings}
    told = {id: played.expected[id]["patient"] for id in coming}
    assert told | played.booked_by_themselves == owners


def test_every_call_letter_is_one_digital_letter_seen_on_1177_and_told_by_its_details(played: Played) -> None:
    """onskemal-3, distans-2: by scheduling an invitation, by the inbox one message for each time."""
    invited = {id for id, said in played.expected.items() if said["engagement"] == "Invitation"}
    shown = {one["booking"]: one for bookings in played.seen.values() for one in bookings}
    assert {id for id, one in shown.items() if one["is_invitation"]} == invited
    assert all("details" in shown[id]["seen_by"] for id in invited)
    wanted = Counter[str]()
    for said in played.expected.values():
        wanted[said["patient"]] += said["inbox_letters"]
    writers = {said["patient"] for said in played.contacts.values()}
    letters = Counter(message["patient"] for message in played.inbox if message["patient"] not in writers)
    assert letters == +wanted


def test_nobody_is_told_of_one_event_by_1177_and_by_us(played: Played) -> None:
    """policy-avisering-1."""
    told_by_1177 = Counter(each["patient"] for each in played.by_1177)
    for said in played.expected.values():
        if told_by_1177[said["patient"]]:
            assert len(said["notices"]) + told_by_1177[said["patient"]] <= 2, said["why"]


def test_both_wrong_webhooks_are_listed_for_ops_by_path(played: Played) -> None:
    assert played.refused == {each["webhook_id"]: each["path"] for each in played.said_refused}
    assert len(played.refused) == 2
