"""Facts, answers and figures are values: nothing changes them, and what has many parts is given by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from routine_cases import REGION
from switch_cases import DAY, TWELVE, UNIT_ID, to_phone

import routine
from routine.approved import E1177, MAIL, PHONE, SMS, System, Use
from routine.channel_switch import Change, kind_of_change, may_be_proposed
from routine.channels import channel_by_wish, is_channel_approved, may_dialogue_be_held
from routine.children import Role
from routine.contact import AnswerThere, where_to_answer
from routine.figures import Reminders, Storage
from routine.gate import Addressee, may_leave
from routine.protected import Passage, can_system_handle_protected, may_be_sent_to
from routine.region import UnitPolicy

MODULES = sorted(path.stem for path in Path(routine.__file__).parent.glob("*.py") if path.stem != "__init__")
BY_NAME = {
    "AskedAnswer", "AskedChange", "AskedChannel", "AskedFile", "AskedGuidance", "AskedHeight", "AskedLate", "AskedLink",
    "AskedPassage", "AskedReferral", "AskedSwitch", "AskedTransfer", "PlannedThen", "ReminderAsked",
    "Booked", "BookedHere", "Particulars", "Plan", "BookingInSystem", "ToChange", "ToJoin", "Wanted", "WhoActs", "Wishes",
    "Addressee", "Consent", "Contact", "Event", "Facts", "Held", "Login", "Proposal", "ReminderFacts", "RequestedFacts", "Resident",
    "Situation", "Snapshot", "StaffAnswer", "LastKnown", "Unapproved", "Visit", "Wished", "Word",
}  # fmt: skip


def _values() -> Iterator[type[Any]]:
    for name in MODULES:
        module = import_module(f"routine.{name}")
        for made in vars(module).values():
            if isinstance(made, type) and is_dataclass(made) and made.__module__ == module.__name__:
                yield made


VALUES = sorted(set(_values()), key=lambda made: made.__name__)


@pytest.mark.parametrize("made", VALUES, ids=[made.__name__ for made in VALUES])
def test_a_value_is_not_changed_afterwards(made: type[Any]) -> None:
    value = object.__new__(made)
    for name in [field.name for field in fields(made)] or ["anything"]:
        with pytest.raises((FrozenInstanceError, TypeError)):
            setattr(value, name, 1)


@pytest.mark.parametrize("made", VALUES, ids=[made.__name__ for made in VALUES])
def test_what_has_many_parts_is_given_by_name(made: type[Any]) -> None:
    given = {field.kw_only for field in fields(made)}
    assert given <= {made.__name__ in BY_NAME}


def test_every_value_that_is_given_by_name_is_there() -> None:
    assert {made.__name__ for made in VALUES} >= BY_NAME


def said(name: str) -> str:
    """The same word, though not the same object: as it comes from a database or a webhook."""
    return "".join(list(name))


def test_channels_are_compared_by_their_names() -> None:
    assert kind_of_change(said(E1177), said(PHONE)) is Change.TO_PHONE
    assert kind_of_change(said(PHONE), said(E1177)) is Change.FROM_PHONE
    assert may_dialogue_be_held(said(PHONE), UNIT_ID, DAY, REGION).clause == "val-2"
    assert where_to_answer(said(PHONE), UNIT_ID, DAY, REGION).clause == "val-2"
    assert where_to_answer(said(E1177), UNIT_ID, DAY, REGION).answer == AnswerThere(E1177)
    assert channel_by_wish(said(PHONE), UNIT_ID, DAY, REGION).clause == "val-2"
    assert channel_by_wish(said(E1177), "SE2321000115-E000000000009", DAY, REGION).reason == "wish_met"
    assert may_be_proposed(to_phone(to=said(PHONE)), DAY, REGION).answer is Passage.SEND
    assert may_be_sent_to(True, said(E1177)).answer is Passage.SEND
    child = Addressee(role=Role.SELF, birth=TWELVE, deceased=False, protected=False)
    assert may_leave(child, said(E1177), Use.TEXT, UNIT_ID, DAY, REGION).answer is Passage.SEND
    assert can_system_handle_protected(said(E1177), REGION).clause == "skyddade-2"
    assert can_system_handle_protected(said(PHONE), REGION).allowed
    assert is_channel_approved(said(MAIL), Use.NOTICE, UNIT_ID, DAY, REGION).clause == "avisering-1"
    assert is_channel_approved(said(SMS), Use.TEXT, UNIT_ID, DAY, REGION).clause == "system-3"


def test_what_a_region_leaves_out_is_off() -> None:
    assert not Storage(**REGION.storage.model_dump(exclude={"appointed"})).appointed
    assert not Reminders(
        lead_hours=frozenset({48}), free_cancel_hours=24, pointless_minutes=1
    ).guardians_consent_counts
    assert not System(name="x", uses=frozenset({Use.TEXT})).protected
    unit = UnitPolicy(name="x", turn_to="y")
    assert (unit.refers, unit.reveals, unit.in_shadow, unit.offers) == (False, False, True, {E1177})
