"""Merges and their undoing, and a death that is taken back: in everything that is known of a person or a unit."""

from __future__ import annotations

from typing import Any

from contact_town import VALUE, ContactTown
from town import HYLTE, INBOX_UNIT, LAHOLM, TIMED, Town, identity, in_days
from typer.testing import CliRunner

from cli.app import app
from engine.base import clock
from engine.base.database import transaction
from models.encryption import ring
from routine.identity import Life
from tasks import identities
from tasks.preferences.stored import stored_preferences
from tasks.risk_alert import standing_risks


def merges(town: Town, old: str, new: str, **more: Any) -> None:
    """VAS tells that the old number is now the new one."""
    told = town.tells("patient.merged", {"from": identity(old), "to": identity(new)}, **more)
    assert told["status"] == 202


async def test_the_newest_merge_holds_for_bookings_and_one_that_is_undone_leaves_all_under_the_first(
    town: Town,
) -> None:
    """policy-identitet-1: A→B, then B→A, then A→C, in silence; an older one that comes late changes nothing."""
    a, b, c = town.residents(3)
    of_a, of_b = town.books(a), town.books(b)
    await town.comes_to_rest()
    merges(town, a, b)
    await town.comes_to_rest()
    assert (town.on_1177(a), sorted(town.on_1177(b))) == ([], sorted([of_a["id"], of_b["id"]]))
    early = clock.now()
    town.waits(minutes=5)
    merges(town, b, a)
    await town.comes_to_rest()
    assert (sorted(town.on_1177(a)), town.on_1177(b)) == (sorted([of_a["id"], of_b["id"]]), [])
    town.waits(minutes=5)
    merges(town, a, c)
    merges(town, a, b, timestamp=early.isoformat())
    await town.comes_to_rest()
    assert (town.on_1177(a), town.on_1177(b)) == ([], [])
    assert sorted(town.on_1177(c)) == sorted([of_a["id"], of_b["id"]])
    town.waits(minutes=5)
    merges(town, b, b)
    merges(town, a, b)
    await town.comes_to_rest()
    assert (town.on_1177(c), sorted(town.on_1177(b))) == ([], sorted([of_a["id"], of_b["id"]]))
    assert [town.reached(number) for number in (a, b, c)] == [{"sms": 1}, {"sms": 1}, {}]


async def test_risks_links_wishes_and_contacts_are_the_present_persons(contact_town: ContactTown) -> None:
    """policy-identitet-1: a standing risk holds what the new number is told, the new number's login is the consent,
    its wishes are the old one's; and a merged unit's contact is at the unit that it is now."""
    town = contact_town
    old, new, other = town.residents(3)
    at_risk, asked = town.writes(old, "hope", risk="suicide"), town.writes(other, "hope")
    moved = town.writes(other, "hope", unit=HYLTE)
    switch = town.proposes(asked, "platform24", VALUE)
    wish = {"digital_only": True, "at": clock.now().isoformat(), "set_by": {"role": "self"}}
    town.tells("preferences.changed", {"preferences": {"patient": identity(other)} | wish}, "e1177")
    await town.comes_to_rest()
    third = town.resident("199405012395")
    merges(town, old, new)
    merges(town, other, third)
    town.tells("unit.merged", {"from": HYLTE, "to": LAHOLM, "at": in_days(0).isoformat()})
    town.books(new)
    await town.comes_to_rest()
    for _ in range(2):
        await town.runs_bookings()
    assert town.reached(new) == {}
    digests = [ring().digest(number) for number in (old, new, other, third)]
    with transaction() as connection:
        assert standing_risks.risks_that_stand(connection, digests[1:2]).concerns(digests[1])
        wishes = stored_preferences(connection, digests[2:])
    assert wishes[digests[2]] is wishes[digests[3]]
    assert [row.value for row in wishes[digests[3]].values()] == ["true"]
    ended = town.logs_in(town.link_in(asked, "hope"), third)
    assert ended, ended
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "changed"
    (opened,) = town.holds("platform24", patient=third)["conversations"]
    assert opened["after"]["contact"] == asked
    contact = town.row("inbound_contact", f"hope:{moved}")
    assert (contact.unit, contact.given_unit, contact.unit_name) == (
        LAHOLM["hsa_id"],
        HYLTE["hsa_id"],
        LAHOLM["name"],
    )
    assert bytes(contact.patient_hash) == digests[3]
    assert bytes(town.row("risk_alert", f"hope:{at_risk}").patient_hash) == digests[1]

    await _is_undone(town, (old, new, other, third), at_risk, moved)


async def _is_undone(town: ContactTown, people: tuple[str, str, str, str], at_risk: str, moved: str) -> None:
    """B→A after A→B: the first have their wishes, their contacts, their units and a standing risk again."""
    old, new, other, third = people
    digests = [ring().digest(number) for number in people]
    town.waits(seconds=1)  # no more, or the alert escalates
    merges(town, new, old)
    merges(town, third, other)
    town.tells("unit.merged", {"from": LAHOLM, "to": HYLTE, "at": in_days(0, 10).isoformat()})
    town.books(old)
    await town.comes_to_rest()
    for _ in range(2):
        await town.runs_bookings()
    contact = town.row("inbound_contact", f"hope:{moved}")
    assert (contact.unit, contact.given_unit, contact.unit_name) == (HYLTE["hsa_id"], None, HYLTE["name"])
    assert (bytes(contact.patient_hash), contact.given_hash) == (digests[2], None)
    alert = town.row("risk_alert", f"hope:{at_risk}")
    assert (bytes(alert.patient_hash), alert.given_hash) == (digests[0], None)
    with transaction() as connection:
        assert standing_risks.risks_that_stand(connection, digests[:1]).concerns(digests[0])
        wishes = stored_preferences(connection, digests[2:3])
        assert identities.known(connection, digests).person(digests[3]) == digests[2]
    assert [row.value for row in wishes[digests[2]].values()] == ["true"]
    assert town.reached(old) == {}


async def test_a_death_that_is_taken_back_brings_back_what_it_closed(town: Town) -> None:
    """policy-avliden-2, besok-1, besok-2: shown again in silence, told of what they had not been told; not what has
    passed; and a late word of the death changes nothing."""
    number = town.resident()
    known = town.books(number)
    await town.comes_to_rest()
    died = clock.now()
    town.tells("patient.deceased", {"patient": identity(number), "at": died.isoformat()})
    await town.comes_to_rest()
    new = town.books(number, unit=INBOX_UNIT, call_letter=TIMED)
    soon = town.books(number, start=clock.now())
    await town.comes_to_rest()
    assert (town.on_1177(number), town.reached(number)) == ([], {"sms": 1})
    town.waits(hours=2)
    town.tells("patient.alive", {"patient": identity(number), "at": clock.now().isoformat()})
    town.tells("patient.deceased", {"patient": identity(number), "at": died.isoformat()})
    await town.comes_to_rest()
    assert sorted(town.on_1177(number)) == sorted([known["id"], new["id"]])
    assert town.reached(number) == {"sms": 2, "inbox": 1}
    assert [town.standing(each) for each in (known, new, soon)] == ["settled", "settled", "closed"]
    with transaction() as connection:
        assert identities.lives(connection, [ring().digest(number)]) == {ring().digest(number): Life.ALIVE}


async def test_one_whose_date_of_birth_is_not_established_is_a_resident_as_others(town: Town) -> None:
    """besok-1, policy-avisering-3: whose the contact is nobody can say, so that staff tell of what is near."""
    number = town.resident("191500722390")
    booking = town.books(number, start=in_days(1))
    await town.comes_to_rest()
    assert town.on_1177(number) == [booking["id"]]
    assert town.reached(number) == {"tasks": ["not_reached"]}


async def test_a_register_that_still_says_dead_is_shown_to_ops_and_not_followed(town: Town) -> None:
    """policy-avliden-2: parked until somebody has settled it; then what is owed goes."""
    number = town.resident(deceased=in_days(-1).date().isoformat())
    booking = town.books(number)
    await town.comes_to_rest()
    assert (town.reached(number), town.standing(booking)) == ({}, "settled")
    town.tells("patient.alive", {"patient": identity(number), "at": clock.now().isoformat()})
    await town.comes_to_rest()
    assert town.standing(booking) == "parked:death_disputed"
    assert town.reached(number) == {}
    assert town.on_1177(number) == [booking["id"]]
    town.resident(number, deceased=None)
    town.tells("patient.deceased", {"patient": identity(number), "at": clock.now().isoformat()})
    await town.comes_to_rest()
    assert town.standing(booking) == "closed"
    command = CliRunner().invoke(app, ["alive"], input=f"{number}\n")
    assert (command.exit_code, number in command.output) == (0, False)
    await town.comes_to_rest()
    assert (town.reached(number), town.standing(booking)) == ({"sms": 1}, "settled")
    for wrong in (number, "19840526238", ""):  # one who lives already, and no numbers
        command = CliRunner().invoke(app, ["alive"], input=f"{wrong}\n")
        assert (command.exit_code, number in command.output) == (1, False)
