"""The door that messages leave by: which gate answers, and which of two answers first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from routine_cases import ADULT, REGION, UNIT

from routine.approved import E1177, MAIL, PHONE, SMS, System, Use
from routine.children import Role
from routine.gate import Addressee, may_leave
from routine.protected import Passage
from routine.reasons import Reason
from routine.region import Region

HERE = "SE2321000115-E000000000001"
BIRTH = date(2013, 12, 1)
ON_13 = date(2026, 12, 1)
BEFORE_13 = ON_13 - timedelta(days=1)
KNOWN = REGION.model_copy(update={"units": {HERE: UNIT}})

PATIENT = Addressee(role=Role.SELF, birth=ADULT, deceased=False, protected=False)
GUARDIAN = replace(PATIENT, role=Role.GUARDIAN, birth=BIRTH)
Said = tuple[Passage, Reason, str]


def said(
    to: Addressee, channel: str = SMS, use: Use = Use.NOTICE, day: date = ON_13, region: Region = KNOWN
) -> Said:
    decision = may_leave(to, channel, use, HERE, day, region)
    return decision.answer, decision.reason, decision.clause


def patient(**differs: Any) -> Addressee:
    return replace(PATIENT, **differs)


def guardian(**differs: Any) -> Addressee:
    return replace(GUARDIAN, **differs)


DECEASED = (Passage.NONE, Reason.DECEASED, "policy-avliden-1")
ALIVE_UNKNOWN = (Passage.WAIT, Reason.PERSON_UNKNOWN, "policy-skydd-1")
HUMAN_FIRST = (Passage.NONE, Reason.HUMAN_FIRST, "policy-suicid-1")
PROTECTION_UNKNOWN = (Passage.WAIT, Reason.PERSON_UNKNOWN, "policy-skydd-1")
BY_STAFF = (Passage.STAFF, Reason.MANUAL_HANDLING, "policy-skydd-1")
NO_USE = (Passage.NONE, Reason.NOT_FOR_THIS_USE, "system-3")
SENT = (Passage.SEND, Reason.APPROVED, "system-3")

ONE_GATE = [
    ("to the patient", patient(), SENT),
    ("to the guardian of a child of 12", guardian(), SENT),
    ("to or about the deceased", patient(deceased=True), DECEASED),
    ("nobody knows whether they live", patient(deceased=None), ALIVE_UNKNOWN),
    ("a human is needed first", patient(human_first=True), HUMAN_FIRST),
    ("protection not known", patient(protected=None), PROTECTION_UNKNOWN),
    ("protected", patient(protected=True), BY_STAFF),
    ("a protected guardian", guardian(protected=True), BY_STAFF),
    ("a guardian of whom nothing is known", guardian(protected=None), PROTECTION_UNKNOWN),
    (
        "to the guardian of a grown person",
        guardian(birth=ADULT),
        BY_STAFF,
    ),
    ("to a child of 12", patient(birth=BIRTH), BY_STAFF),
    ("unknown age", patient(birth=None), BY_STAFF),
    ("unknown role", patient(role=None), BY_STAFF),
    ("to a relative", patient(role=Role.OTHER), BY_STAFF),
]


@pytest.mark.parametrize(("case", "to", "expected"), ONE_GATE, ids=[case for case, *_ in ONE_GATE])
def test_each_gate_answers_alone(case: str, to: Addressee, expected: Said) -> None:
    assert said(to, day=BEFORE_13) == expected


@pytest.mark.parametrize(
    ("channel", "use", "expected"),
    [
        (E1177, Use.TEXT, (Passage.SEND, Reason.APPROVED, "system-1")),
        ("platform24", Use.VIDEO, (Passage.SEND, Reason.APPROVED, "system-2")),
        (SMS, Use.REMINDER, SENT),
        (SMS, Use.LINK, (Passage.SEND, Reason.APPROVED, "byte-2")),
        (MAIL, Use.REMINDER, NO_USE),
        ("facetime", Use.TEXT, (Passage.NONE, Reason.NOT_LISTED, "system-1")),
        ("teams", Use.VIDEO, (Passage.NONE, Reason.PURPOSE_UNKNOWN, "system-2")),
    ],
)
def test_the_channel_is_one_approved_for_the_use(channel: str, use: Use, expected: Said) -> None:
    assert said(patient(), channel, use) == expected


def test_the_channel_is_one_approved_at_the_unit_and_on_the_day() -> None:
    hope = System(
        name="HOPE",
        uses=frozenset({Use.TEXT}),
        check="Diarienummer",
        until=BEFORE_13,
        units=frozenset({HERE}),
    )
    region = REGION.model_copy(update={"systems": {"hope": hope}})
    assert said(patient(), "hope", Use.TEXT, BEFORE_13, region)[0] is Passage.SEND
    assert said(patient(), "hope", Use.TEXT, ON_13, region)[1] is Reason.NO_LONGER_APPROVED
    elsewhere = may_leave(patient(), "hope", Use.TEXT, HERE.replace("1", "2"), BEFORE_13, region)
    assert elsewhere.reason is Reason.NOT_AT_THIS_UNIT


TWO_GATES = [
    ("deceased before a human first", patient(deceased=True, human_first=True), SMS, DECEASED),
    ("deceased before the channel", patient(deceased=True), "facetime", DECEASED),
    ("deceased before protection", patient(deceased=True, protected=None), SMS, DECEASED),
    ("deceased before the age", guardian(deceased=True), SMS, DECEASED),
    ("a human first before the channel", patient(human_first=True), "facetime", HUMAN_FIRST),
    ("a human first before an unknown death", patient(human_first=True, deceased=None), SMS, HUMAN_FIRST),
    ("a human first before protection", patient(human_first=True, protected=True), SMS, HUMAN_FIRST),
    (
        "an unknown death before the channel",
        patient(deceased=None),
        "fax",
        ALIVE_UNKNOWN,
    ),
    (
        "protection before the channel",
        patient(protected=True),
        "fax",
        BY_STAFF,
    ),
    ("the age before the channel", patient(birth=None), "fax", BY_STAFF),
    ("an unknown death before protection", patient(deceased=None, protected=True), SMS, ALIVE_UNKNOWN),
    ("an unknown death before the age", guardian(deceased=None), SMS, ALIVE_UNKNOWN),
    ("unknown protection before the age", guardian(protected=None), SMS, PROTECTION_UNKNOWN),
    ("protection before the age", guardian(protected=True), SMS, BY_STAFF),
    ("protection before an unknown age", patient(protected=True, birth=None), SMS, BY_STAFF),
    ("protection before an unknown role", patient(protected=True, role=None), SMS, BY_STAFF),
    (
        "one who is neither, of unknown age",
        patient(role=Role.OTHER, birth=None),
        SMS,
        BY_STAFF,
    ),
]


@pytest.mark.parametrize(
    ("case", "to", "channel", "expected"), TWO_GATES, ids=[case for case, *_ in TWO_GATES]
)
def test_where_two_gates_would_answer(case: str, to: Addressee, channel: str, expected: Said) -> None:
    assert said(to, channel, day=ON_13) == expected


def test_a_protected_grown_person_has_the_1177_inbox_and_nothing_tells_it_apart() -> None:
    protected = said(patient(protected=True), E1177, Use.TEXT)
    assert protected == said(patient(), E1177, Use.TEXT) == (Passage.SEND, Reason.APPROVED, "system-1")


def test_the_1177_inbox_waits_too_while_protection_is_unknown() -> None:
    assert said(patient(protected=None), E1177, Use.TEXT) == PROTECTION_UNKNOWN


def test_a_protected_guardian_gets_nothing_for_the_child_not_even_in_1177() -> None:
    assert said(guardian(protected=True), E1177, Use.TEXT, BEFORE_13) == BY_STAFF


def test_of_two_guardians_only_the_protected_one_is_left_to_staff() -> None:
    answers = [said(guardian(protected=each), day=BEFORE_13)[0] for each in (True, False)]
    assert answers == [Passage.STAFF, Passage.SEND]


@pytest.mark.parametrize(
    ("channel", "use"), [(SMS, Use.NOTICE), (MAIL, Use.NOTICE), (SMS, Use.LINK), (E1177, Use.TEXT)]
)
def test_asked_again_on_the_13th_birthday_what_was_planned_before_is_stopped(channel: str, use: Use) -> None:
    stopped = BY_STAFF
    assert said(GUARDIAN, channel, use, BEFORE_13)[0] is Passage.SEND
    assert said(GUARDIAN, channel, use, ON_13) == stopped
    assert said(patient(birth=BIRTH), channel, use, ON_13)[0] is Passage.SEND


@pytest.mark.parametrize(
    ("day", "expected"), [(date(2025, 2, 28), Passage.SEND), (date(2025, 3, 1), Passage.STAFF)]
)
def test_the_guardian_of_one_born_on_29_february(day: date, expected: Passage) -> None:
    assert said(guardian(birth=date(2012, 2, 29)), day=day)[0] is expected


def test_what_is_not_said_of_a_person_is_unknown_and_nothing_leaves() -> None:
    unsaid = Addressee(role=Role.SELF)
    assert said(unsaid) == ALIVE_UNKNOWN
    assert said(replace(unsaid, deceased=False)) == PROTECTION_UNKNOWN
    assert said(replace(unsaid, deceased=False, protected=False)) == BY_STAFF
    assert not unsaid.human_first


def test_no_log_shows_the_protection_or_the_birth() -> None:
    shown = repr(patient(protected=True))
    assert "protected" not in shown
    assert "birth" not in shown
    assert "1980" not in shown


def test_a_units_own_approved_solution_can_be_written_in() -> None:
    heart = System(
        name="Egenmonitorering",
        uses=frozenset({Use.TEXT}),
        check="Diarienummer",
        only_for=frozenset({"heart_failure_monitoring"}),
        units=frozenset({HERE}),
    )
    region = KNOWN.model_copy(update={"systems": {**KNOWN.systems, "local-hjarta": heart}})
    assert said(patient(), "local-hjarta", Use.TEXT, region=region)[0] is Passage.SEND


def test_a_protected_child_under_13_has_the_1177_inbox() -> None:
    to_the_child = patient(birth=BIRTH, protected=True)
    assert said(to_the_child, E1177, Use.TEXT, BEFORE_13)[0] is Passage.SEND


@pytest.mark.parametrize("protected", [True, False])
def test_a_childs_inbox_is_the_childs_own_and_an_sms_to_the_child_is_not(protected: bool) -> None:
    child = patient(birth=BIRTH, protected=protected)
    assert said(child, E1177, Use.TEXT, BEFORE_13)[0] is Passage.SEND
    assert said(child, SMS, Use.NOTICE, BEFORE_13) == BY_STAFF


def test_system_1_and_val_2_no_text_of_ours_leaves_by_phone() -> None:
    """The phone is a way to talk, and needs no approval; a message has no business there."""
    assert said(PATIENT, PHONE, Use.TEXT)[:2] == (Passage.NONE, Reason.NOT_LISTED)
