"""Whose login is a consent, and who may vouch for it (byte-3, policy-lank-1)."""

from __future__ import annotations

from contact_town import VALUE, ContactTown

from engine.base import clock
from engine.ops import by_hand, metrics
from flows.registry import PROCESSES, SCHEDULES
from routine.staff import reasons_for_staff

COORDINATED = "197010632391"
THEIRS = '[systems.platform24]\nlogin = "theirs"\nentry = "https://app.platform24.example/"\n'


async def asked(town: ContactTown, patient: str) -> tuple[str, str]:
    """Someone who writes in HOPE has been asked to go on in Platform24: the link, and the proposal."""
    contact = town.writes(patient, "hope")
    switch = town.proposes(contact, "platform24", VALUE)
    await town.comes_to_rest()
    return town.link_in(contact, "hope"), switch


def logins(town: ContactTown, switch: str) -> list[tuple[str, str]]:
    """What each login came to, and who vouched for it."""
    story = by_hand.story(PROCESSES, town.row("channel_switch", switch).id)
    entries = [each for each in story.timeline if each["what"] == "login"]
    return [(each["reason"], each["detail"]["vouched_by"]) for each in entries]


def is_down(system: str) -> bool:
    """As `/metrics` tells it."""
    return metrics.figures_now(PROCESSES, reasons_for_staff, SCHEDULES).down[system]


async def test_a_login_that_others_tell_of_counts_from_the_target_alone_and_where_it_logs_in_by_itself(
    contact_town: ContactTown,
) -> None:
    """policy-lank-1: any other's word is a line on the timeline and for ops, and never a consent."""
    town = contact_town
    patient = town.resident()
    link, switch = await asked(town, patient)

    def says(source: str, link: str = link) -> None:
        about = {"link": link, "patient": {"id": patient, "type": "personnummer"}, "loa": 3}
        told = about | {"at": clock.now().isoformat()}
        assert town.tells("link.login_completed", told, source=source)["status"] == 202

    for source in ("platform24", "hope", "lifecare"):
        says(source)
    says("hope", "a-link-that-is-none-of-ours")
    await town.comes_to_rest()
    assert (town.state("channel_switch", switch), town.consents(switch)) == ("asked", [])
    everyone = {("login_not_vouched", source) for source in ("platform24", "hope", "lifecare")}
    assert set(logins(town, switch)) == everyone
    shown = [(each.source, each.paths) for each in by_hand.refused()]
    not_vouched = [(source, "data.link: login_not_vouched") for source in ("hope", "lifecare", "platform24")]
    assert sorted(shown) == sorted([*not_vouched, ("hope", "data.link: no such link")])
    town.region_learns(THEIRS)
    says("hope")
    await town.comes_to_rest()
    assert (town.state("channel_switch", switch), len(by_hand.refused())) == ("asked", 5)
    says("platform24")
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "changed"
    assert logins(town, switch)[-1] == ("logged_in", "platform24")


async def test_a_samordningsnummer_logs_in_and_so_does_one_who_has_a_personnummer_since(
    contact_town: ContactTown,
) -> None:
    """byte-3, OIDC Sweden 1.0: by the number itself once its identity is no less than said, or as the number before."""
    town = contact_town
    patient = town.resident(COORDINATED, coordination_number_level="uncertain")
    link, first = await asked(town, patient)
    town.has_fault("eid", "down", operation="POST /token", times=1)
    town.logs_in(link, patient)
    assert is_down("eid"), "the gateway has told all of us"
    town.logs_in(link, patient)
    assert not is_down("eid")
    await town.comes_to_rest()
    town.resident(COORDINATED, coordination_number_level="confirmed")
    town.logs_in(link, patient)
    await town.comes_to_rest()
    assert logins(town, first) == [("login_too_weak", "eid"), ("logged_in", "eid")]
    assert town.state("channel_switch", first) == "changed"
    link, second = await asked(town, patient)
    since = town.resident(previous_coordination_number=COORDINATED)
    town.logs_in(link, since)
    await town.comes_to_rest()
    assert (town.state("channel_switch", second), len(town.consents(second))) == ("changed", 1)
