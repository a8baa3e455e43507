"""Persons with protected identity (skyddade-1, skyddade-2, policy-skydd-1, policy-skydd-2)."""

from __future__ import annotations

import pytest
from routine_cases import REGION

from routine.approved import E1177, MAIL, PHONE, SMS, System, Use
from routine.protected import (
    VISIT,
    Passage,
    can_system_handle_protected,
    may_be_sent_to,
    may_guardians_be_told,
    ways_to_seek_care,
)
from routine.reasons import Reason
from routine.region import Region

OTHERS = sorted({*REGION.systems, PHONE, "facetime"} - {E1177})
SEND = (Passage.SEND, Reason.NOTHING_IN_THE_WAY, "policy-skydd-1")
WAIT = (Passage.WAIT, Reason.PERSON_UNKNOWN, "policy-skydd-1")
STAFF = (Passage.STAFF, Reason.MANUAL_HANDLING, "policy-skydd-1")


def region_with(channel: str, *, protected: bool) -> Region:
    system = System(name="HOPE", uses=frozenset({Use.TEXT}), check="Diarienummer", protected=protected)
    return REGION.model_copy(update={"systems": {channel: system}})


@pytest.mark.parametrize(
    ("protected", "channel", "expected"),
    [
        (True, E1177, SEND),
        (True, SMS, STAFF),
        (True, MAIL, STAFF),
        (True, "platform24", STAFF),
        (False, E1177, SEND),
        (False, SMS, SEND),
        (None, E1177, WAIT),
        (None, SMS, WAIT),
    ],
)
def test_what_may_be_sent(
    protected: bool | None, channel: str, expected: tuple[Passage, Reason, str]
) -> None:
    decision = may_be_sent_to(protected, channel)
    assert (decision.answer, decision.reason, decision.clause) == expected


@pytest.mark.parametrize("channel", OTHERS)
def test_a_protected_person_gets_nothing_but_1177_whatever_the_systems_own_routine_says(channel: str) -> None:
    assert may_be_sent_to(True, channel).answer is Passage.STAFF


@pytest.mark.parametrize("channel", [*OTHERS, E1177])
def test_nothing_is_sent_while_protection_is_unknown_not_even_to_1177(channel: str) -> None:
    assert may_be_sent_to(None, channel).answer is Passage.WAIT


def test_to_1177_the_answer_is_the_same_protected_or_not() -> None:
    assert may_be_sent_to(True, E1177) == may_be_sent_to(False, E1177)


def test_no_reason_names_the_protection() -> None:
    words = ("protect", "skydd", "secret", "sekret")
    for protected in (True, None):
        reason = may_be_sent_to(protected, SMS).reason
        assert not any(word in f"{reason} {reason.explanation}".lower() for word in words)


@pytest.mark.parametrize(
    ("protected", "allowed", "reason"),
    [(True, True, Reason.NOTHING_IN_THE_WAY), (False, False, Reason.MANUAL_HANDLING)],
)
def test_what_a_system_can_do_is_its_own_routines_matter(
    protected: bool, allowed: bool, reason: Reason
) -> None:
    decision = can_system_handle_protected("hope", region_with("hope", protected=protected))
    assert (decision.answer, decision.reason, decision.clause) == (allowed, reason, "skyddade-1")


def test_in_halland_no_other_system_is_said_to_handle_the_protected() -> None:
    able = [channel for channel in REGION.systems if can_system_handle_protected(channel, REGION).allowed]
    assert able == [E1177]


def test_of_a_system_that_is_not_listed_nothing_is_known_which_is_no_leave() -> None:
    decision = can_system_handle_protected("facetime", REGION)
    assert (decision.answer, decision.reason, decision.clause) == (
        False,
        Reason.MANUAL_HANDLING,
        "skyddade-1",
    )


@pytest.mark.parametrize(
    "region", [REGION, region_with(E1177, protected=False), region_with("hope", protected=False)]
)
def test_1177_always_can_whatever_the_region_file_says(region: Region) -> None:
    assert can_system_handle_protected(PHONE, region).allowed
    decision = can_system_handle_protected(E1177, region)
    assert (decision.answer, decision.reason, decision.clause) == (
        True,
        Reason.NOTHING_IN_THE_WAY,
        "skyddade-2",
    )


def test_everyone_can_seek_care_by_1177_by_phone_and_by_coming() -> None:
    decision = ways_to_seek_care()
    assert decision.answer == (E1177, PHONE, VISIT) == ("e1177", "phone", "visit")
    assert (decision.reason, decision.clause) == (Reason.NOTHING_IN_THE_WAY, "skyddade-2")


@pytest.mark.parametrize("channel", ["", "a", "chat", "e1176", "e1178", "E1177"])
def test_no_other_channel_is_1177_whatever_it_is_called(channel: str) -> None:
    assert may_be_sent_to(True, channel).answer is Passage.STAFF


@pytest.mark.parametrize(
    ("guardians", "passage"),
    [
        (None, Passage.WAIT),
        ((None,), Passage.WAIT),
        ((False, None), Passage.WAIT),
        ((True, None), Passage.STAFF),
        ((True,), Passage.STAFF),
        ((False, True), Passage.STAFF),
        ((), Passage.STAFF),
        ((False,), Passage.SEND),
        ((False, False), Passage.SEND),
    ],
)
def test_policy_skydd_1_a_guardians_number_is_used_if_every_guardian_is_known_and_none_protected(
    guardians: tuple[bool | None, ...] | None, passage: Passage
) -> None:
    assert may_guardians_be_told(guardians).answer is passage
