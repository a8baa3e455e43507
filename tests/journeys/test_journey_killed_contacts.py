"""Killed at every step of a contact and of a change of channel: one of each in the end, or one parked unknown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import get_args

import pytest
from contact_town import VALUE, ContactTown
from killed import AFTER, APART, BEFORE, OWNERS, RECORDING, Death, deaths, kill
from town import HALMSTAD, LAHOLM, Json
from typer.testing import CliRunner

from cli.app import app
from engine.base import clock
from engine.base.settings import ListedPlatform, settings
from tasks.channel_switch import phone_menu

PLATFORMS = get_args(ListedPlatform)
CALLER = "+46701740621"
PROCESSES = ("inbound_contact", "channel_switch")
NOT_KNOWN = (BEFORE, AFTER, RECORDING)
"""Where it is not on record whether the call was made."""

Begins = Callable[[ContactTown, str], Awaitable[None]]


def wrote(channel: str = "platform24", **fields: object) -> Begins:
    """A patient has written."""

    async def begins(town: ContactTown, patient: str) -> None:
        town.writes(patient, channel, **fields)

    return begins


def closed(channel: str = "platform24") -> Begins:
    """Their contact has been closed."""

    async def begins(town: ContactTown, patient: str) -> None:
        contact = town.writes(patient, channel)
        await town.comes_to_rest()
        town.closes(contact, channel)

    return begins


def proposed(channel: str = "platform24", to: str = "phone", why: str | None = VALUE) -> Begins:
    """Staff have proposed another channel, and no step has been taken yet."""

    async def begins(town: ContactTown, patient: str) -> None:
        contact = town.writes(patient, channel)
        await town.comes_to_rest()
        town.proposes(contact, to, why)

    return begins


def consented(channel: str = "platform24", to: str = "phone") -> Begins:
    """The patient has consented."""

    async def begins(town: ContactTown, patient: str) -> None:
        contact = town.writes(patient, channel)
        town.proposes(contact, to, VALUE)
        await town.comes_to_rest()
        if to == "phone":
            town.says(contact, "070-174 06 05", channel)
        else:
            town.logs_in(town.link_in(contact, channel), patient)

    return begins


def taken_back() -> Begins:
    """They have consented to be called, and taken it back."""

    async def begins(town: ContactTown, patient: str) -> None:
        contact = town.writes(patient)
        town.proposes(contact, "phone", VALUE)
        await town.comes_to_rest()
        town.says(contact, "070-174 06 05")
        await town.comes_to_rest()
        town.says(contact, "Nej, ring inte")

    return begins


def let_go_past() -> Begins:
    """The provider was away in the call, and staff have the caller's link go all the same (policy-fara-1)."""

    async def begins(town: ContactTown, patient: str) -> None:
        town.has_fault("sms", "down")
        call = town.rings(CALLER)
        town.presses(call, "1")
        town.is_well_again()
        town.overrides(f"call:{call['id']}")

    return begins


def pressed() -> Begins:
    """A caller has pressed the key, and whoever was to send the link in the call is about to die."""

    async def begins(town: ContactTown, patient: str) -> None:
        unit = phone_menu.at(HALMSTAD["hsa_id"])
        assert unit
        phone_menu.press(town.rings(CALLER)["id"], unit, "1", CALLER, clock.now())

    return begins


@dataclass(frozen=True)
class Story:
    """What is under way when the worker dies, and what there is in the end.

    Args:
        said: how many messages of ours, in the platforms' conversations and in the inbox.
        tasks, notes, contacts: on VAS's shelves; `forms` before the patient.
        sent: by SMS and e-mail.
        cannot_be_asked: the system can't be asked what became of a call.
    """

    step: str
    system: str
    begins: Begins
    said: int = 0
    inbox: int = 0
    tasks: int = 0
    notes: int = 0
    contacts: int = 0
    forms: int = 0
    sent: int = 0
    cannot_be_asked: bool = False


STORIES = {
    "an acknowledgement in a platform": Story("reply_to_patient", "platform24", wrote(), said=1),
    "an acknowledgement in the inbox": Story(
        "reply_to_patient", "e1177", wrote("e1177"), inbox=1, cannot_be_asked=True
    ),
    "a task to read the original": Story(
        "tell_staff", "vas", wrote("sms", unit=LAHOLM, reply_address="+46701740699"), tasks=1, sent=1
    ),
    "a referral by SMS": Story(
        "reply_to_patient", "sms", wrote("sms", unit=LAHOLM, reply_address="+46701740699"), tasks=1, sent=1
    ),
    "a referral by e-mail": Story(
        "reply_to_patient",
        "mail",
        wrote("mail", unit=LAHOLM, reply_address="x@example.org"),
        tasks=1,
        sent=1,
        cannot_be_asked=True,
    ),
    "a task about a referral that was turned away": Story(
        "tell_staff_of_decline", "vas", wrote("mail", unit=LAHOLM, reply_address="anna@ex_ample.org"), tasks=2
    ),
    "a direct link in a platform": Story("guide_to_service", "platform24", wrote(topic="rebook"), said=2),
    "a direct link in the inbox": Story(
        "guide_to_service", "e1177", wrote("e1177", topic="rebook"), inbox=2, cannot_be_asked=True
    ),
    "a form": Story("guide_to_service", "e1177", wrote(topic="form", service="form"), said=1, forms=1),
    "a registration": Story("register_contact", "vas", closed(), said=1, contacts=1),
    "a question in a platform": Story("ask_patient", "platform24", proposed(), said=2),
    "a question in the inbox": Story(
        "ask_patient", "e1177", proposed("e1177"), inbox=2, cannot_be_asked=True
    ),
    "a draft in the journal": Story("record_consent", "vas", consented(), said=2, notes=1, tasks=1),
    "a draft that is taken back": Story("withdraw_draft", "vas", taken_back(), said=2, notes=1, tasks=2),
    "a task that is taken back": Story("withdraw_task", "vas", taken_back(), said=2, notes=1, tasks=2),
    "a link by SMS that staff let go": Story("text_link", "sms", let_go_past(), sent=1),
    "a link by SMS in a call": Story("text_link", "sms", pressed(), sent=1),
    "a contact opened in a platform": Story(
        "record_consent", "platform24", consented("hope", "platform24"), said=3, tasks=1
    ),
    "a contact opened in the inbox": Story(
        "record_consent", "e1177", consented("hope", "e1177"), said=2, inbox=1, tasks=1, cannot_be_asked=True
    ),
    "a task about a proposal": Story("tell_who_proposed", "vas", proposed(why=None), said=1, tasks=1),
}


def test_every_step_of_a_contact_and_a_change_is_killed_at_every_kind_of_system_that_it_may_call() -> None:
    """One platform stands for the others and for units' own solutions: they have one client and one contract."""
    ours = {name: stage for name, (owner, stage) in OWNERS.items() if owner in PROCESSES}
    others = (*PLATFORMS[1:], *settings().own_solutions)
    may_call = {(name, system) for name, stage in ours.items() for system in stage.step.systems}
    assert {(story.step, story.system) for story in STORIES.values()} == {
        (name, system) for name, system in may_call if system not in others
    }
    may_not_be_asked = {
        (name, system) for name, stage in ours.items() for system in stage.step.cannot_be_asked
    }
    assert {
        (story.step, story.system) for story in STORIES.values() if story.cannot_be_asked
    } == may_not_be_asked


@pytest.mark.parametrize(("what", "point"), deaths(STORIES, APART, (AFTER,)))
async def test_what_a_killed_worker_leaves_of_a_contact_ends_with_one_of_each(
    contact_town: ContactTown, what: str, point: str
) -> None:
    """design.md, Effects happen once."""
    story, town = STORIES[what], contact_town
    patient = town.resident()
    await story.begins(town, patient)
    await town.comes_up_to(OWNERS[story.step][0])
    kill(Death(story.step, story.system, point), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    if story.cannot_be_asked and point in NOT_KNOWN:
        await a_human_settles(town, story, arrived=point != BEFORE)
    assert town.unknown_effects() == {}
    assert town.states() <= {"open", "registered", "asked", "changed", "stays"}
    assert story.step != "record_consent" or "changed" in town.states()
    assert counted(town) == {
        "said": story.said, "inbox": story.inbox, "tasks": story.tasks, "notes": story.notes,
        "contacts": story.contacts, "forms": story.forms, "sent": story.sent,
    }  # fmt: skip


def counted(town: ContactTown) -> Json:
    """How many of each there are in all systems."""
    conversations = [each for name in PLATFORMS for each in town.holds(name)["conversations"]]
    vas, e1177 = town.holds("vas"), town.holds("e1177")
    return {
        "said": sum(message["from"] == "us" for each in conversations for message in each["messages"]),
        "inbox": len(e1177["inbox"]),
        "tasks": len(vas["staff_tasks"]),
        "notes": len(vas["journal"]),
        "contacts": len(vas["contacts"]),
        "forms": len(e1177["forms"]),
        "sent": len(town.sms()) + len(town.mails()),
    }


async def a_human_settles(town: ContactTown, story: Story, *, arrived: bool) -> None:
    """The unknown is named for ops, and `vaxel resolve` ends it, either way."""
    ((effect, system),) = town.unknown_effects().items()
    assert system == story.system
    answer = "--arrived" if arrived else "--not-arrived"
    assert CliRunner().invoke(app, ["resolve", str(effect), answer]).exit_code == 0
    await town.comes_to_rest(within=900)
