"""A digital visit is joined by its link: the right person, at the right time, on to the platform that is listed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from contact_town import ContactTown, aged
from sqlalchemy import text
from town import HALMSTAD, INBOX_UNIT, SHADOW_UNIT, Json, at_ten, dues, identity, in_days, today

from engine.base import clock
from engine.base.database import transaction
from engine.base.settings import settings
from engine.outer import incidents
from flows.booking_publication import booking_publication
from flows.preferences import preferences
from flows.visit_reminder import visit_reminder
from gateway.login.texts import LANGUAGES, Page
from gateway.visits.join_texts import SWEDISH, JoinPage
from sandbox.people.numbers import ADULTS, SAMORDNINGSNUMMER
from tasks.booking_publication import stored

PARENT = ADULTS[1]
UNDATED = "197000612395"
"""A samordningsnummer whose month of birth is not established."""
PLACE = "https://platform24.example.org/m/1"
VIDEO = {
    "form": "video",
    "platform": "platform24",
    "e_id_confirmed": True,
    "agreed_with_patient": True,
    "join": PLACE,
}
LETTER = {"call_letter": {"kind": "timed", "text": "Välkommen."}}
LINK = re.compile(r"https?://\S+/v/[\w-]+")
HEADING = {SWEDISH.pages[page].heading: page for page in JoinPage}


@pytest.fixture
def town(contact_town: ContactTown) -> Iterator[ContactTown]:
    """It is ten in the morning."""
    contact_town.flows = {"booking_publication": booking_publication}
    at_ten(contact_town.clock)
    incidents.drain()
    return contact_town


async def has_visit(town: ContactTown, patient: str = ADULTS[0], **fields: Any) -> Json:
    """A video visit at a quarter past ten, of which the patient knows."""
    booking = town.books(patient, **({"start": today()} | VIDEO | LETTER | fields))
    await town.comes_to_rest()
    return booking


def link(town: ContactTown, patient: str = ADULTS[0]) -> str:
    """The one that they find on 1177."""
    (shown,) = town.seen_on_1177(patient)
    (found,) = LINK.findall(shown["purpose"])
    return str(found)


def own_link(booking: Json, source: str = "vas") -> str:
    """That of a booking that 1177 does not show."""
    with transaction() as connection:
        (case,) = stored.with_keys(connection, [f"{source}:{booking['id']}"])
    return f"{settings().gateway_url}/v/{case.link}"


def follows(town: ContactTown, address: str, number: str = ADULTS[0], **fields: Any) -> Json:
    """They follow the link and log in; where they come to."""
    town._post("/provider", {"clock": round(town.clock.ahead.total_seconds())})
    shown: Json = town._post("/act/join", {"link": address, "personnummer": number} | fields)
    return shown


def page(shown: Json) -> JoinPage | str:
    return HEADING.get(shown["heading"], shown["heading"])


def came(town: ContactTown, platform: str = "platform24") -> list[tuple[str, str]]:
    """Who has come to the platform, and to which address."""
    return [(each["personnummer"], each["address"]) for each in town.holds(platform)["joined"]]


def joined(town: ContactTown, booking: Json) -> list[tuple[str, str]]:
    """What the timeline has of it."""
    return [(reason, clause) for what, reason, clause in town.told(booking) if what == "joined"]


async def test_barn_2_the_patient_joins_by_the_link_on_1177_and_it_is_on_the_timeline_once(
    town: ContactTown,
) -> None:
    booking = await has_visit(town, town.resident())
    rests_until = town.case(booking).due_at
    before = town.acts()
    for _ in range(2):  # the call was lost
        shown = follows(town, link(town))
        assert (shown["joined"], shown["at"]) == ("platform24", PLACE)
    assert came(town) == [(ADULTS[0], PLACE)] * 2
    await town.comes_to_rest()
    assert joined(town, booking) == [("for_themselves", "barn-2")]
    assert (town.standing(booking), town.case(booking).due_at) == ("settled", rests_until)
    assert [act for act in town.acts() if act in before] == before  # nobody is told anything anew


async def test_the_event_is_stored_before_the_patient_goes_on(town: ContactTown) -> None:
    booking = await has_visit(town, town.resident())
    follows(town, link(town))
    assert joined(town, booking) == []  # nothing of ours has run
    assert dues()["booking_publication"] <= clock.now()
    await town.comes_to_rest()
    assert len(joined(town, booking)) == 1


async def test_distans_2_the_call_letter_in_the_inbox_has_the_link_and_so_has_a_visit_without_a_letter(
    town: ContactTown,
) -> None:
    await has_visit(town, town.resident(), unit=INBOX_UNIT)
    (letter,) = town.inbox(ADULTS[0])
    assert LINK.findall(letter["text"]) == [link(town)]
    assert follows(town, link(town))["joined"] == "platform24"
    await has_visit(town, town.resident(PARENT), call_letter={"kind": "none"})
    assert town.seen_on_1177(PARENT)[0]["purpose"].startswith("Kontroll\n\nBesöket sker via video.")
    assert follows(town, link(town, PARENT), PARENT)["joined"] == "platform24"


async def test_avisering_2_no_sms_has_the_link_and_a_visit_on_site_has_none(town: ContactTown) -> None:
    await has_visit(town, town.resident())
    assert [LINK.findall(sms["message"]) for sms in town.sms(ADULTS[0])] == [[]]
    await has_visit(town, town.resident(PARENT), form="on_site", platform=None, join=None)
    assert not LINK.search(town.seen_on_1177(PARENT)[0]["purpose"])


async def test_besok_5_where_the_region_lists_our_host_the_reminder_leads_to_the_visit(
    town: ContactTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.flows = {
        "preferences": preferences,
        "booking_publication": booking_publication,
        "visit_reminder": visit_reminder,
    }
    real, ours = settings().gateway_url, "https://vaxel.example.org"
    town.region_learns('[login]\nhosts = ["www.1177.se", "1177.se", "vaxel.example.org"]\n')
    given = settings().gateway.model_copy(update={"public_url": ours})
    monkeypatch.setattr(settings(), "gateway", given)
    wish = {"patient": identity(town.resident()), "at": clock.now().isoformat(), "sms_reminders": True}
    wish |= {"set_by": {"role": "self", "id": None}}
    town.tells("preferences.changed", {"preferences": wish}, source="e1177")
    await has_visit(town, start=in_days(7))
    town.is_now(in_days(7) - timedelta(hours=72, seconds=-1))
    await town.comes_to_rest()
    (found,) = LINK.findall(town.sms(ADULTS[0])[-1]["message"])
    assert found.startswith(ours)
    town.is_now(in_days(7) - timedelta(minutes=10))
    assert follows(town, found.replace(ours, real))["joined"] == "platform24"


async def test_barn_1_a_guardian_joins_for_a_child_under_13_whom_pu_says_they_have(town: ContactTown) -> None:
    parent, other, child = town.resident(PARENT), town.resident(ADULTS[3]), aged(7)
    town.resident(child, guardians=[parent])
    booking = await has_visit(town, child)
    for number in (other, child):
        assert page(follows(town, link(town, child), number)) is JoinPage.NOT_THEIRS
    assert follows(town, link(town, child), parent)["joined"] == "platform24"
    await town.comes_to_rest()
    assert joined(town, booking) == [("guardian_as_proxy", "barn-1")]


async def test_barn_1_a_guardian_whom_pu_has_under_the_number_that_they_had_before_joins(
    town: ContactTown,
) -> None:
    parent = town.resident(PARENT, previous_coordination_number=SAMORDNINGSNUMMER)
    child = town.resident(aged(7), guardians=[SAMORDNINGSNUMMER])
    booking = await has_visit(town, child)
    assert follows(town, link(town, child), parent)["joined"] == "platform24"
    await town.comes_to_rest()
    assert joined(town, booking) == [("guardian_as_proxy", "barn-1")]


async def test_barn_2_whose_number_has_no_date_of_birth_is_led_to_the_unit(town: ContactTown) -> None:
    patient = town.resident(UNDATED, coordination_number_level="confirmed")
    booking = await has_visit(town, patient)
    shown = follows(town, own_link(booking), patient)
    assert page(shown) is JoinPage.UNIT
    assert "Kontakta Vårdcentralen Halmstad: 031-390 06 01." in shown["says"]


async def test_barn_2_from_13_the_child_joins_alone_and_no_guardian_does(town: ContactTown) -> None:
    parent, child = town.resident(PARENT), aged(13)
    town.resident(child, guardians=[parent])
    booking = await has_visit(town, child)
    shown = follows(town, link(town, child), parent)
    assert (page(shown), shown["status"]) == (JoinPage.NOT_THEIRS, 403)
    assert follows(town, link(town, child), child)["joined"] == "platform24"
    await town.comes_to_rest()
    assert joined(town, booking) == [("for_themselves", "barn-2")]


async def test_policy_anslutning_1_of_a_visit_that_is_not_theirs_nothing_shows(town: ContactTown) -> None:
    await has_visit(town, town.resident())
    shown = follows(town, link(town), town.resident(PARENT))
    assert page(shown) is JoinPage.NOT_THEIRS
    assert not any(word in str(shown["says"]) for word in (HALMSTAD["name"], "10.15", "031"))
    assert came(town) == []


async def test_policy_anslutning_1_too_early_the_page_says_when_and_the_same_link_opens_then(
    town: ContactTown,
) -> None:
    booking = await has_visit(town, town.resident(), start=today(11, 0))
    shown = follows(town, link(town))
    assert page(shown) is JoinPage.EARLY
    assert "kl. 11.00. Du kan ansluta från 15 minuter innan" in shown["says"][1]
    assert "Kontakta Vårdcentralen Halmstad: 031-390 06 01." in shown["says"][2]
    await town.comes_to_rest()
    assert (came(town), joined(town, booking)) == ([], [])
    town.is_now(today(10, 44))
    assert page(follows(town, link(town))) is JoinPage.EARLY
    town.is_now(today(10, 45))
    assert follows(town, link(town))["joined"] == "platform24"


async def test_policy_anslutning_1_too_late_the_page_says_so(town: ContactTown) -> None:
    await has_visit(town, town.resident())
    address = link(town)
    town.is_now(today(11, 40))  # it runs late
    assert follows(town, address)["joined"] == "platform24"
    town.is_now(today(11, 45))
    await town.comes_to_rest()
    assert page(follows(town, address)) is JoinPage.OVER


async def test_a_visit_that_has_no_end_is_joined_for_an_hour(town: ContactTown) -> None:
    endless = town.booking(town.resident(), start=today()) | VIDEO | LETTER | {"end": None}
    town.sends("created", endless)
    await town.comes_to_rest()
    address = link(town)
    town.is_now(today(11, 14))
    await town.comes_to_rest()
    assert follows(town, address)["joined"] == "platform24"
    town.is_now(today(11, 15))
    assert page(follows(town, address)) is JoinPage.OVER


async def test_a_visit_in_the_hour_that_comes_twice_says_which_of_the_two(town: ContactTown) -> None:
    year = clock.now().year + 1
    day = max(date(year, 10, at) for at in range(25, 32) if date(year, 10, at).weekday() == 6)
    booking = town.booking(town.resident()) | VIDEO | LETTER
    booking |= {"start": f"{day:%Y-%m-%d}T02:30:00+01:00", "end": f"{day:%Y-%m-%d}T03:00:00+01:00"}
    town.sends("created", booking)
    await town.comes_to_rest()
    (shown,) = town.seen_on_1177(ADULTS[0])
    assert "kl. 02.30 (vintertid)" in shown["purpose"]
    assert "kl. 02.30 (vintertid)" in follows(town, link(town))["says"][1]


async def test_policy_anslutning_1_the_link_stays_when_the_visit_moves_and_the_page_says_where_to(
    town: ContactTown,
) -> None:
    booking = await has_visit(town, town.resident())
    address = link(town)
    town.waits(minutes=2)
    booking = town.changes(booking, start=today(14, 0))
    await town.comes_to_rest()
    assert link(town) == address
    shown = follows(town, address)
    assert page(shown) is JoinPage.MOVED
    assert "kl. 14.00" in shown["says"][1]
    town.is_now(today(13, 50))
    assert follows(town, address)["joined"] == "platform24"


async def test_policy_anslutning_1_the_link_of_a_visit_that_was_booked_anew_leads_to_the_new_one(
    town: ContactTown,
) -> None:
    booking = await has_visit(town, town.resident())
    address = link(town)
    town.cancels(booking)
    later = town.books(ADULTS[0], start=today(15, 0), **VIDEO, **LETTER)
    await town.comes_to_rest()
    assert page(follows(town, address)) is JoinPage.MOVED
    town.is_now(today(14, 50))
    assert follows(town, address)["joined"] == "platform24"
    await town.comes_to_rest()
    assert (joined(town, booking), len(joined(town, later))) == ([], 1)


async def test_policy_anslutning_1_of_a_cancelled_visit_the_page_says_so(town: ContactTown) -> None:
    booking = await has_visit(town, town.resident())
    address = link(town)
    town.cancels(booking)
    await town.comes_to_rest(within=3600)
    assert page(follows(town, address)) is JoinPage.CANCELLED
    assert came(town) == []


async def test_policy_anslutning_1_of_one_that_is_held_on_site_by_now_the_page_says_so(
    town: ContactTown,
) -> None:
    booking = await has_visit(town, town.resident())
    address = link(town)
    town.changes(booking, form="on_site", platform=None, join=None)
    await town.comes_to_rest()
    assert page(follows(town, address)) is JoinPage.HELD_OTHERWISE
    assert not LINK.search(town.seen_on_1177(ADULTS[0])[0]["purpose"])


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/platform24.example.org",
        "https://platform24.example.org@evil.example/",
        "https://platform24.example.org.evil.example/",
        "https://hope.example.org/of-another-platform",
    ],
)
async def test_system_2_an_address_of_another_host_is_never_led_to_and_ops_hear_of_it(
    town: ContactTown, place: str
) -> None:
    booking = await has_visit(town, town.resident(), join=place)
    assert ("vas", "joined_elsewhere") in incidents.drain()  # before anybody stands there
    assert town.reached(ADULTS[0])["tasks"] == ["joined_elsewhere"]
    assert not LINK.search(town.seen_on_1177(ADULTS[0])[0]["purpose"])
    shown = follows(town, own_link(booking))
    assert (page(shown), shown["status"], shown["joined"]) == (JoinPage.UNIT, 200, None)
    assert "Kontakta Vårdcentralen Halmstad: 031-390 06 01." in shown["says"]
    await town.comes_to_rest()
    assert joined(town, booking) == []


async def test_policy_anslutning_1_of_a_visit_that_nobody_says_where_to_join_no_letter_promises_a_link(
    town: ContactTown,
) -> None:
    booking = await has_visit(town, town.resident(), platform=None, join=None, unit=INBOX_UNIT)
    assert ("vas", "no_way_in") in incidents.drain()  # before anybody stands there
    assert town.reached(ADULTS[0])["tasks"] == ["no_way_in"]
    (letter,), (shown,) = town.inbox(ADULTS[0]), town.seen_on_1177(ADULTS[0])
    for text_there in (letter["text"], shown["purpose"]):
        assert "Anslut genom att logga in på 1177.se" in text_there
        assert not LINK.search(text_there)
    assert page(follows(town, own_link(booking))) is JoinPage.UNIT
    town.waits(minutes=1)
    town.changes(booking, join=PLACE)
    await town.comes_to_rest()
    assert follows(town, link(town))["joined"] == "platform24"
    assert [task["status"] for task in town.tasks()] == ["withdrawn"]


async def test_system_2_without_an_address_the_platforms_own_entry_is_led_to(town: ContactTown) -> None:
    await has_visit(town, town.resident(), join=None)
    assert follows(town, link(town))["at"] == "https://mitt.regionhalland.se/vard"


async def test_system_2_nobody_goes_on_to_a_platform_that_is_not_approved_for_it(town: ContactTown) -> None:
    for platform in ("teams", None):
        place = "https://teams.microsoft.com/l/1"
        booking = await has_visit(town, town.resident(), platform=platform, join=place)
        assert not any(LINK.search(shown["purpose"]) for shown in town.seen_on_1177(ADULTS[0]))
        assert page(follows(town, own_link(booking))) is JoinPage.UNIT
        assert town.standing(booking) == "parked:purpose_unknown"


async def test_besok_1_a_visit_that_another_system_tells_of_too_is_joined_by_either_link(
    town: ContactTown,
) -> None:
    theirs = town.booking(town.resident(), start=today(), call_letter={"kind": "none"}) | VIDEO
    town.tells("booking.created", {"booking": theirs}, source="platform24")
    await town.comes_to_rest()
    address = link(town)
    ours = town.books(ADULTS[0], start=today(), **VIDEO, **LETTER)
    await town.comes_to_rest()
    assert town.on_1177(ADULTS[0]) == [theirs["id"]]
    for each in (address, own_link(ours)):
        assert follows(town, each)["joined"] == "platform24"
    await town.comes_to_rest()
    told = [town.story(theirs, "platform24").timeline, town.story(ours).timeline]
    assert sum(each["what"] == "joined" for timeline in told for each in timeline) == 1


async def test_besok_1_a_visit_that_is_cancelled_in_one_system_and_stands_in_another_is_joined_by_either_link(
    town: ContactTown,
) -> None:
    ours, theirs = await two_systems_tell(town)
    town.waits(minutes=1)
    town.cancels(ours)
    await town.comes_to_rest()
    for each in (own_link(ours), own_link(theirs, "platform24")):
        assert follows(town, each)["joined"] == "platform24"


async def test_policy_anslutning_1_the_link_leads_on_however_often_the_visit_is_booked_anew(
    town: ContactTown,
) -> None:
    first = await has_visit(town, town.resident())
    address, booking = link(town), first
    for hour in (14, 15):
        town.waits(minutes=1)
        town.cancels(booking)
        booking = town.books(ADULTS[0], start=today(hour, 0), **VIDEO, **LETTER)
        await town.comes_to_rest()
    assert page(follows(town, address)) is JoinPage.MOVED
    town.is_now(today(14, 50))
    assert follows(town, address)["joined"] == "platform24"


async def test_policy_anslutning_1_booked_anew_as_a_visit_that_another_system_stands_for_it_leads_there(
    town: ContactTown,
) -> None:
    first = await has_visit(town, town.resident(), start=today(11, 0))
    address = link(town)
    theirs = town.booking(ADULTS[0], start=today(15, 0), call_letter={"kind": "none"}) | VIDEO
    town.tells("booking.created", {"booking": theirs}, source="platform24")
    await town.comes_to_rest()
    town.waits(minutes=1)
    town.cancels(first)
    town.books(ADULTS[0], start=today(15, 0), form="video", e_id_confirmed=True, agreed_with_patient=True)
    await town.comes_to_rest()
    town.is_now(today(14, 50))
    assert follows(town, address)["joined"] == "platform24"


@pytest.mark.parametrize("first", ["vas", "platform24"])
async def test_besok_1_only_the_one_system_says_where_the_visit_is_joined_and_it_is_by_either_link(
    town: ContactTown, first: str
) -> None:
    ours, theirs = await two_systems_tell(town, first, platform=None, join=None)
    incidents.drain()
    assert LINK.search(town.seen_on_1177(ADULTS[0])[0]["purpose"])
    assert [task["status"] for task in town.tasks()] == (["withdrawn"] if first == "vas" else [])
    for each in (own_link(ours), own_link(theirs, "platform24")):
        shown = follows(town, each)
        assert (shown["joined"], shown["at"]) == ("platform24", PLACE)


async def test_vard_1_when_the_system_that_says_where_takes_its_booking_back_staff_hear_of_it(
    town: ContactTown,
) -> None:
    ours, theirs = await two_systems_tell(town, platform=None, join=None)
    town.waits(minutes=1)
    version = theirs["version"] + 1
    town.tells(
        "booking.cancelled",
        {"booking": theirs | {"version": version, "cancelled_by": "staff"}},
        source="platform24",
    )
    await town.comes_to_rest()
    tasks = [task["reason"] for task in town.tasks() if task.get("status") != "withdrawn"]
    assert sorted(tasks) == ["no_way_in", "stands_elsewhere"]
    assert page(follows(town, own_link(ours))) is JoinPage.UNIT


async def two_systems_tell(town: ContactTown, first: str = "vas", **ours: Any) -> tuple[Json, Json]:
    """The journal system and Platform24 tell of one video visit; `ours` is what the journal system's says otherwise."""
    patient = town.resident()
    booking = {
        "vas": town.booking(patient, start=today()) | VIDEO | LETTER | ours,
        "platform24": town.booking(patient, start=today(), call_letter={"kind": "none"}) | VIDEO,
    }
    for source in sorted(booking, key=lambda each: each != first):
        town.tells("booking.created", {"booking": booking[source]}, source=source)
        await town.comes_to_rest()
    return booking["vas"], booking["platform24"]


async def test_skyddade_1_a_protected_person_is_led_to_the_unit_unless_the_platform_can_handle_it(
    town: ContactTown,
) -> None:
    patient = town.resident(protected=True)
    booking = await has_visit(town, patient)
    shown = follows(town, link(town))
    assert page(shown) is JoinPage.UNIT
    assert not any(word in str(shown["says"]).casefold() for word in ("skydd", "sekretess", "hemlig"))
    town.region_learns("[systems.platform24]\nprotected = true\n")
    assert follows(town, link(town))["joined"] == "platform24"
    await town.comes_to_rest()
    assert joined(town, booking) == [("for_themselves", "barn-2")]


async def test_policy_skydd_1_while_the_register_does_not_answer_nobody_is_let_on(town: ContactTown) -> None:
    await has_visit(town, town.resident())
    address = link(town)
    town.has_fault("person", "down", times=50)
    shown = follows(town, address)
    assert (page(shown), shown["status"]) == (JoinPage.AWAY, 503)
    town.is_well_again()
    town.waits(minutes=2)
    assert follows(town, address)["joined"] == "platform24"


async def test_policy_skydd_1_a_guardian_of_a_protected_child_sees_nothing_of_the_visit(
    town: ContactTown,
) -> None:
    parent = town.resident(PARENT)
    child = town.resident(aged(7), guardians=[parent], protected=True)
    await has_visit(town, child)
    shown = follows(town, link(town, child), parent)
    assert page(shown) is JoinPage.NOT_THEIRS
    assert came(town) == []


async def test_policy_avliden_1_nobody_joins_for_the_deceased(town: ContactTown) -> None:
    parent, child = town.resident(PARENT), aged(7)
    town.resident(child, guardians=[parent])
    await has_visit(town, child)
    address = link(town, child)
    town.tells("patient.deceased", {"patient": identity(child), "at": clock.now().isoformat()})
    await town.comes_to_rest()
    assert page(follows(town, address, parent)) in (JoinPage.UNIT, JoinPage.NOT_THEIRS)
    assert came(town) == []


async def test_policy_identitet_1_whoever_has_another_number_since_joins_by_either_login(
    town: ContactTown,
) -> None:
    old, new = town.resident(ADULTS[5]), town.resident(ADULTS[6])
    booking = await has_visit(town, old)
    address = link(town, old)
    town.tells("patient.merged", {"from": identity(old), "to": identity(new)})
    await town.comes_to_rest()
    for number in (old, new):
        assert follows(town, address, number)["joined"] == "platform24"
    await town.comes_to_rest()
    assert len(joined(town, booking)) == 1


async def test_policy_andring_2_of_a_booking_that_was_anothers_the_former_sees_nothing(
    town: ContactTown,
) -> None:
    wrong, right = town.resident(), town.resident(PARENT)
    booking = await has_visit(town, wrong)
    address = link(town)
    town.changes(booking, patient=identity(right))
    await town.comes_to_rest()
    assert page(follows(town, address, wrong)) is JoinPage.NOT_THEIRS
    assert follows(town, link(town, right), right)["joined"] == "platform24"


async def test_policy_skugga_1_a_unit_in_shadow_lets_nobody_on(town: ContactTown) -> None:
    booking = await has_visit(town, town.resident(), unit=SHADOW_UNIT)
    assert town.standing(booking) == "shadowed"
    assert town.seen_on_1177(ADULTS[0]) == []
    assert page(follows(town, own_link(booking))) is JoinPage.UNIT
    await town.comes_to_rest()
    assert (came(town), joined(town, booking)) == ([], [])


async def test_policy_lank_1_a_weak_login_is_not_enough(town: ContactTown) -> None:
    await has_visit(town, town.resident())
    shown = follows(town, link(town), loa=2)
    assert shown["heading"] == LANGUAGES["sv"].pages[Page.TOO_WEAK].heading
    assert came(town) == []


async def test_a_link_that_is_none_says_so(town: ContactTown) -> None:
    await has_visit(town, town.resident())
    for token in ("x" * 22, "x", link(town).rpartition("/")[2][:-1]):
        shown = follows(town, f"{link(town).rpartition('/')[0]}/{token}")
        assert (shown["status"], shown["heading"]) == (404, LANGUAGES["sv"].pages[Page.UNKNOWN].heading)


async def test_a_parked_case_has_it_on_its_timeline_and_stays_parked(town: ContactTown) -> None:
    booking = await has_visit(town, town.resident())
    with transaction() as connection:
        connection.execute(text("UPDATE booking_publication SET parked = 'internal_error', due_at = NULL"))
    assert follows(town, link(town))["joined"] == "platform24"
    await town.comes_to_rest()
    assert (len(joined(town, booking)), town.standing(booking)) == (1, "parked:internal_error")
    assert town.case(booking).due_at is None
