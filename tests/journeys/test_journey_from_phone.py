"""From phone to digital: a key press, an SMS with a link, and the login is the consent (byte-2)."""

from __future__ import annotations

import re
import time

import pytest
from contact_town import ContactTown, aged
from town import HALMSTAD, LAHOLM, Json
from typer.testing import CliRunner

from cli.app import app
from engine.base import clock
from engine.base.settings import settings
from tasks import clients
from tasks.channel_switch import phone_menu

SENT = {"play": "https://www.1177.se/skickat.mp3"}
PHONE, LANDLINE, QUEUE = "+46701740621", "+46313900612", "+46313900601"
CHAT, INBOX = "1", "2"
LINK = re.compile(r"http\S+/l/\S+")


async def pressed(town: ContactTown, digit: str = CHAT, phone: str | None = PHONE) -> Json:
    """A call in which a key was pressed, with what came of it."""
    call = town.rings(phone)
    action = town.presses(call, digit)
    await town.comes_to_rest()
    return call | {"action": action, "key": f"call:{call['id']}"}


def links(town: ContactTown) -> list[str]:
    """The links that went out by SMS, oldest first."""
    return [found[0] for sms in town.sms() for found in [LINK.search(sms["message"])] if found]


async def test_byte_2_a_key_press_sends_the_caller_an_sms_with_a_link(contact_town: ContactTown) -> None:
    """The provider has it before the caller hears so: no worker has run."""
    town = contact_town
    call = town.rings(PHONE)
    call |= {"action": town.presses(call, CHAT), "key": f"call:{call['id']}"}
    assert call["came_to"][0]["ivr"] == "https://www.1177.se/val.mp3"
    assert call["action"] == SENT
    (sms,) = town.sms()
    assert (sms["to"], sms["from"]) == (PHONE, "RegHalland")
    assert links(town)[0].startswith(f"{settings().gateway_url}/l/")
    assert HALMSTAD["name"] not in sms["message"]
    assert town.state("channel_switch", call["key"]) == "asked"
    assert town.because("channel_switch", call["key"], "switch") == ("key_press", "byte-2")


@pytest.mark.parametrize(("digit", "channel"), [(CHAT, "platform24"), (INBOX, "e1177")])
async def test_byte_2_to_click_and_to_log_in_is_the_consent_and_nothing_is_documented(
    contact_town: ContactTown, digit: str, channel: str
) -> None:
    """The contact is opened with whoever logged in; the journal has nothing, and no task is made of it."""
    town = contact_town
    patient = town.resident()
    call = await pressed(town, digit)
    town.logs_in(links(town)[0], patient)
    await town.comes_to_rest()
    assert town.state("channel_switch", call["key"]) == "changed"
    if channel == "e1177":
        assert len(town.inbox(patient)) == 1
    else:
        (opened,) = town.holds(channel, patient=patient)["conversations"]
        assert opened["after"] == {"channel": "phone", "contact": call["id"]}
    (consent,) = town.consents(call["key"])
    assert (consent.kind, consent.how, consent.asked_in) == ("switch_from_phone", "login", "sms")
    assert (consent.given, consent.documented, consent.why) == (True, False, "byte-2")
    assert (town.journal(), town.tasks()) == ([], [])


async def test_byte_2_the_key_press_alone_is_no_consent(contact_town: ContactTown) -> None:
    """Nor is it to look at the page; in its time the link lapses, and nothing has been opened."""
    town = contact_town
    call = await pressed(town)
    (link,) = links(town)
    assert town.http.get(link).status_code == 200
    town.waits(hours=73)
    await town.comes_to_rest()
    assert town.state("channel_switch", call["key"]) == "stays"
    assert town.http.get(link).status_code == 410
    assert town.holds("platform24")["conversations"] == []
    assert town.consents(call["key"]) == []


async def test_byte_2_a_unit_that_does_not_offer_it_answers_by_a_human(contact_town: ContactTown) -> None:
    """Not every unit offers the choice; one that is in shadow does not either. syfte-3: a human is there."""
    town = contact_town
    unit = clients.region().units[HALMSTAD["hsa_id"]]
    settings().region_files.append(settings().home / "shadow.toml")
    settings().region_files[-1].write_text(f'[units."{HALMSTAD["hsa_id"]}"]\npublish = "shadow"\n', "utf-8")
    clients.forget()
    assert unit.telephone is not None
    assert town.rings(PHONE)["action"] == {"connect": QUEUE}
    assert town._post("/act/call", {"phone": PHONE, "to": "+46313900699"})["action"] == {"hangup": "404"}
    assert LAHOLM["hsa_id"] not in {id for id, each in clients.region().units.items() if each.telephone}


@pytest.mark.parametrize(
    ("digit", "phone"), [("9", PHONE), ("", PHONE), ("#", PHONE), (CHAT, None), (CHAT, LANDLINE)]
)
async def test_syfte_3_whoever_chooses_nothing_or_cannot_be_texted_comes_to_a_human(
    contact_town: ContactTown, digit: str, phone: str | None
) -> None:
    town = contact_town
    call = town.rings(phone)
    assert town.presses(call, digit) == {"connect": QUEUE}
    await town.comes_to_rest()
    assert town.sms() == []


async def test_policy_knapp_1_a_number_has_a_few_links_a_day_and_then_a_human(
    contact_town: ContactTown,
) -> None:
    """A number can be forged: nobody is flooded through us; nor is anybody told of a link that does not come."""
    town, few = contact_town, clients.region().links.texted_a_day
    calls = [await pressed(town) for _ in range(few + 2)]
    assert len(links(town)) == len(set(links(town))) == few
    assert [call["action"] for call in calls[few:]] == [{"connect": QUEUE}] * 2
    town.waits(hours=25)
    await pressed(town)
    assert len(links(town)) == few + 1


@pytest.mark.parametrize("kind", ["down", "error_500", "timeout_before"])
async def test_syfte_3_a_call_whose_link_cannot_be_handed_over_comes_to_a_human_and_no_link_comes_later(
    contact_town: ContactTown, kind: str
) -> None:
    """byte-2: "skickat" is never heard of what was not; staff may have it sent all the same (policy-fara-1)."""
    town = contact_town
    hurried = settings().system("sms").model_copy(update={"deadline": 0.5, "settling": 0.1})
    settings().systems["sms"] = hurried
    clients.forget()
    town.has_fault("sms", kind, times=1)
    call = town.rings(PHONE)
    key = f"call:{call['id']}"
    assert town.presses(call, CHAT) == {"connect": QUEUE}
    town.is_well_again()
    town.waits(seconds=20)
    await town.comes_to_rest()
    assert (town.sms(), town.tasks(), town.state("channel_switch", key)) == ([], [], "stays")
    town.overrides(key)
    await town.comes_to_rest()
    assert town.because("channel_switch", key, "switch") == ("overridden", "policy-fara-1")
    assert (len(links(town)), town.state("channel_switch", key)) == (1, "asked")


async def test_syfte_3_a_link_that_does_not_arrive_is_a_task_for_the_unit_to_call_back(
    contact_town: ContactTown,
) -> None:
    """byte-2: the provider took it, and its receipt says that it failed; should it come late, it is good."""
    town = contact_town
    patient = town.resident(phone=PHONE, phone_fails=True)
    call = await pressed(town)
    assert call["action"] == SENT
    while town.holds("sms")["receipts"]["waiting"]:
        time.sleep(0.02)
    await town.comes_to_rest()
    (task,) = town.tasks()
    assert (task["reason"], PHONE in task["text"]) == ("not_reached", True)
    town.logs_in(links(town)[0], patient)
    await town.comes_to_rest()
    assert town.state("channel_switch", call["key"]) == "changed"


async def test_byte_2_a_link_whose_answer_was_lost_is_not_said_to_be_sent_and_is_good(
    contact_town: ContactTown,
) -> None:
    """The caller comes to a human, and has one SMS, not two; to log in by it is the consent."""
    town = contact_town
    settings().systems["sms"] = settings().system("sms").model_copy(update={"deadline": 0.5, "settling": 0.1})
    clients.forget()
    town.has_fault("sms", "timeout_after", times=1)
    call = town.rings(PHONE)
    assert town.presses(call, CHAT) == {"connect": QUEUE}
    town.waits(seconds=30)
    await town.comes_to_rest()
    assert town.state("channel_switch", f"call:{call['id']}") == "asked"
    (link,) = links(town)
    town.logs_in(link, town.resident())
    await town.comes_to_rest()
    assert town.state("channel_switch", f"call:{call['id']}") == "changed"


async def test_syfte_3_a_key_that_only_a_worker_finds_is_a_task_for_the_unit_to_call_back(
    contact_town: ContactTown,
) -> None:
    """The gateway died between the key and the link: the call is gone, and what they heard nobody knows."""
    town = contact_town
    call = town.rings(PHONE)
    unit = phone_menu.at(HALMSTAD["hsa_id"])
    assert unit
    key = phone_menu.press(call["id"], unit, CHAT, PHONE, clock.now())
    town.waits(seconds=60)
    await town.comes_to_rest()
    (task,) = town.tasks()
    assert (task["reason"], PHONE in task["text"], town.sms()) == ("caller_has_no_link", True, [])
    assert town.state("channel_switch", str(key)) == "stays"


async def test_policy_skugga_1_a_unit_that_is_put_in_shadow_before_the_login_opens_nothing(
    contact_town: ContactTown,
) -> None:
    """The link leads nowhere; nor is anything opened by a login that came just before."""
    town = contact_town
    first, second = [await pressed(town) for _ in range(2)]
    before, after = links(town)
    town.logs_in(before, town.resident())
    town.region_learns(f'[units."{HALMSTAD["hsa_id"]}"]\npublish = "shadow"\n')
    await town.comes_to_rest()
    assert town.http.get(after).status_code == 410
    assert (town.holds("platform24")["conversations"], town.tasks()) == ([], [])
    assert town.because("channel_switch", first["key"], "switch") == ("unit_in_shadow", "policy-skugga-1")
    assert town.state("channel_switch", second["key"]) == "asked"


async def test_byte_2_whose_login_tells_no_personnummer_has_not_consented(contact_town: ContactTown) -> None:
    """A platform with a login of its own may tell of a reservnummer: who that is, nobody has shown."""
    town = contact_town
    town.region_learns('[systems.platform24]\nlogin = "theirs"\n')
    call = await pressed(town)
    who = {"id": "20131201AB12", "type": "reservnummer"}
    login = {
        "link": links(town)[0].rsplit("/", 1)[1],
        "patient": who,
        "loa": 3,
        "at": clock.now().isoformat(),
    }
    town.tells("link.login_completed", login, source="platform24")
    await town.comes_to_rest()
    assert town.because("channel_switch", call["key"], "login") == ("login_by_another", "byte-2")
    assert town.state("channel_switch", call["key"]) == "asked"


async def test_policy_lank_1_the_link_of_a_call_is_used_once_and_needs_level_3(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    patient, other = town.residents(2)
    call = await pressed(town)
    (link,) = links(town)
    town.logs_in(link, patient, loa=2)
    await town.comes_to_rest()
    assert town.because("channel_switch", call["key"], "login") == ("login_too_weak", "policy-lank-1")
    town.logs_in(link, patient)
    town.logs_in(link, other)
    await town.comes_to_rest()
    assert len(town.holds("platform24")["conversations"]) == 1
    assert [town.row("channel_switch", call["key"]).state, len(town.consents(call["key"]))] == ["changed", 1]


async def test_policy_skydd_1_a_protected_person_who_logs_in_is_led_on_by_staff(
    contact_town: ContactTown,
) -> None:
    """No reason tells why (policy-skydd-2)."""
    town = contact_town
    call = await pressed(town)
    town.logs_in(links(town)[0], town.resident(protected=True))
    await town.comes_to_rest()
    assert town.holds("platform24")["conversations"] == []
    assert town.because("channel_switch", call["key"], "switch")[0] == "manual_handling"
    assert [task["reason"] for task in town.tasks()] == ["manual_handling"]


@pytest.mark.parametrize(("years", "state"), [(12, "asked"), (13, "changed")])
async def test_barn_2_one_of_13_logs_in_for_themselves_and_a_younger_one_does_not(
    contact_town: ContactTown, years: int, state: str
) -> None:
    town = contact_town
    call = await pressed(town)
    town.logs_in(links(town)[0], town.resident(aged(years)))
    await town.comes_to_rest()
    assert town.state("channel_switch", call["key"]) == state


async def test_a_key_press_is_told_to_ops_without_the_number(contact_town: ContactTown) -> None:
    town = contact_town
    call = await pressed(town)
    id = str(town.row("channel_switch", call["key"]).id)
    told = CliRunner().invoke(app, ["case", id, "--json"]).stdout
    assert "key_pressed" in told
    assert PHONE not in told
