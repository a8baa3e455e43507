"""The call letter, digital and on paper: a table by clause (onskemal-1 to 3, distans-2, barn-5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from routine_cases import (
    CANCELLED,
    INBOX_UNIT,
    MOVED,
    NOT_ON_1177,
    NOW,
    ON_1177_WITH_NOTICES,
    ON_1177_WITHOUT_NOTICES,
    REGION,
    SHADOW_UNIT,
    START,
    UNIT,
    event,
    facts,
    resident,
    visit,
)

from routine.call_letter import (
    ByInbox,
    ByScheduling,
    NoLetter,
    Post,
    digital_call_letter,
    digital_worked_out,
    paper,
    paper_worked_out,
)
from routine.decision import Decision, StaffTask, Wait
from routine.facts import Facts, Form, Portal
from routine.figures import Letters
from routine.reasons import Reason
from routine.rules import is_wait_over

NOTIFIED = resident(portal=ON_1177_WITH_NOTICES)
ABSENT = resident(portal=NOT_ON_1177)
RESERVNUMMER = resident(reservnummer=True, birth=None, protected=None, deceased=None, portal=None)
NO_PAPER_UNIT = UNIT.model_copy(update={"paper": False})
INBOX_IN_SHADOW = INBOX_UNIT.model_copy(update={"publish": SHADOW_UNIT.publish})

DIGITAL = [
    ("the index is the letter", facts(), ByScheduling(), Reason.DIGITAL_CALL_LETTER, "onskemal-3"),
    (
        "a video visit has one every time",
        facts(visit=visit(form=Form.VIDEO)),
        ByScheduling(),
        Reason.VIDEO_VISIT,
        "distans-2",
    ),
    (
        "the index needs no answer about the person",
        facts(resident=resident(protected=None, deceased=None, portal=None)),
        ByScheduling(),
        Reason.DIGITAL_CALL_LETTER,
        "onskemal-3",
    ),
    (
        "by inbox, 1177 notifies",
        facts(resident=NOTIFIED, unit=INBOX_UNIT),
        ByInbox(notify=True),
        Reason.DIGITAL_CALL_LETTER,
        "onskemal-3",
    ),
    (
        "by inbox, the resident has no notices on",
        facts(unit=INBOX_UNIT),
        ByInbox(notify=False),
        Reason.DIGITAL_CALL_LETTER,
        "onskemal-3",
    ),
    (
        "by inbox, in silence, on a replay",
        facts(event(replay=True), resident=NOTIFIED, unit=INBOX_UNIT),
        ByInbox(notify=False),
        Reason.DIGITAL_CALL_LETTER,
        "onskemal-3",
    ),
    (
        "by inbox, in silence, for the rest of a series",
        facts(event(series_told=True), resident=NOTIFIED, unit=INBOX_UNIT),
        ByInbox(notify=False),
        Reason.DIGITAL_CALL_LETTER,
        "onskemal-3",
    ),
    (
        "by inbox to a protected person too",
        facts(resident=resident(protected=True, portal=ON_1177_WITH_NOTICES), unit=INBOX_UNIT),
        ByInbox(notify=True),
        Reason.DIGITAL_CALL_LETTER,
        "onskemal-3",
    ),
    (
        "not on 1177",
        facts(resident=ABSENT, unit=INBOX_UNIT),
        NoLetter(),
        Reason.NOT_ACTIVE_ON_1177,
        "policy-papper-1",
    ),
    (
        "the tries are used up",
        facts(resident=resident(inbox_exhausted=True), unit=INBOX_UNIT),
        NoLetter(),
        Reason.UNREACHABLE_ON_1177,
        "policy-papper-1",
    ),
    ("reservnummer", facts(resident=RESERVNUMMER), NoLetter(), Reason.RESERVNUMMER, "policy-reserv-1"),
    ("deceased", facts(resident=resident(deceased=True)), NoLetter(), Reason.DECEASED, "policy-avliden-1"),
    ("cancelled", facts(CANCELLED, visit(cancelled=True)), NoLetter(), Reason.CANCELLED, "onskemal-3"),
    ("begun", facts(now=START), NoLetter(), Reason.PASSED, "onskemal-3"),
    (
        "in shadow by the index",
        facts(unit=SHADOW_UNIT),
        NoLetter(),
        Reason.UNIT_IN_SHADOW,
        "policy-skugga-1",
    ),
    (
        "in shadow by inbox",
        facts(unit=INBOX_IN_SHADOW),
        NoLetter(),
        Reason.UNIT_IN_SHADOW,
        "policy-skugga-1",
    ),
]

PAPER = [
    ("beside the digital, by setting", facts(), Post(), Reason.PAPER_BY_SETTING, "onskemal-3"),
    ("of a moved time", facts(MOVED), Post(), Reason.PAPER_BY_SETTING, "onskemal-3"),
    (
        "not by the unit's setting",
        facts(unit=NO_PAPER_UNIT),
        NoLetter(),
        Reason.REACHED_ON_1177,
        "onskemal-3",
    ),
    (
        "not against the wish for digital only",
        facts(resident=resident(digital_only=True)),
        NoLetter(),
        Reason.REACHED_ON_1177,
        "onskemal-3",
    ),
    (
        "not on 1177",
        facts(resident=ABSENT, unit=NO_PAPER_UNIT),
        Post(),
        Reason.NOT_ACTIVE_ON_1177,
        "policy-papper-1",
    ),
    (
        "unreachable on 1177",
        facts(resident=resident(inbox_exhausted=True), unit=NO_PAPER_UNIT),
        Post(),
        Reason.UNREACHABLE_ON_1177,
        "policy-papper-1",
    ),
    (
        "digital only and not on 1177",
        facts(resident=resident(portal=NOT_ON_1177, digital_only=True)),
        StaffTask(),
        Reason.DIGITAL_ONLY_UNREACHABLE,
        "onskemal-1",
    ),
    (
        "a reservnummer, which no register knows",
        facts(resident=RESERVNUMMER, unit=NO_PAPER_UNIT),
        Post(),
        Reason.RESERVNUMMER,
        "policy-reserv-1",
    ),
    (
        "printed already",
        facts(visit=visit(printed=True), resident=ABSENT),
        NoLetter(),
        Reason.PRINTED,
        "policy-papper-1",
    ),
    (
        "printed already, reservnummer",
        facts(visit=visit(printed=True), resident=RESERVNUMMER),
        NoLetter(),
        Reason.PRINTED,
        "policy-papper-1",
    ),
    (
        "a replay",
        facts(event(replay=True), resident=ABSENT),
        NoLetter(),
        Reason.REPLAY,
        "policy-avisering-2",
    ),
    (
        "a corrected typo",
        facts(event(MOVED, moved=False), resident=ABSENT),
        NoLetter(),
        Reason.SAME_TIME,
        "policy-papper-1",
    ),
    (
        "protected and not on 1177",
        facts(resident=resident(protected=True, portal=NOT_ON_1177)),
        StaffTask(),
        Reason.MANUAL_HANDLING,
        "policy-skydd-1",
    ),
    (
        "protected and digital only, not on 1177",
        facts(resident=resident(protected=True, digital_only=True, portal=NOT_ON_1177)),
        StaffTask(),
        Reason.MANUAL_HANDLING,
        "policy-skydd-1",
    ),
    (
        "protected with a reservnummer",
        facts(resident=resident(protected=True, reservnummer=True, birth=None)),
        StaffTask(),
        Reason.MANUAL_HANDLING,
        "policy-skydd-1",
    ),
    ("deceased", facts(resident=resident(deceased=True)), NoLetter(), Reason.DECEASED, "policy-avliden-1"),
    ("cancelled", facts(CANCELLED, visit(cancelled=True)), NoLetter(), Reason.CANCELLED, "onskemal-3"),
    ("begun", facts(now=START), NoLetter(), Reason.PASSED, "onskemal-3"),
    ("in shadow", facts(unit=SHADOW_UNIT), NoLetter(), Reason.UNIT_IN_SHADOW, "policy-skugga-1"),
]


@pytest.mark.parametrize(
    ("name", "case", "way", "reason", "clause"), DIGITAL, ids=[row[0] for row in DIGITAL]
)
def test_the_digital_call_letter(name: str, case: Facts, way: object, reason: Reason, clause: str) -> None:
    decision = digital_call_letter(case, REGION)
    assert (decision.answer, decision.reason, decision.clause) == (way, reason, clause)


@pytest.mark.parametrize(("name", "case", "letter", "reason", "clause"), PAPER, ids=[row[0] for row in PAPER])
def test_paper(name: str, case: Facts, letter: object, reason: Reason, clause: str) -> None:
    decision = paper(case, REGION)
    assert (decision.answer, decision.reason, decision.clause) == (letter, reason, clause)


@pytest.mark.parametrize("portal", [ON_1177_WITHOUT_NOTICES, NOT_ON_1177])
def test_paper_waits_for_the_wish_and_then_goes_rather_than_nothing(portal: Portal) -> None:
    untold = resident(digital_only=None, portal=portal)
    asked = paper(facts(resident=untold), REGION)
    waited = paper(facts(resident=untold, waiting_since=NOW - REGION.wait_for_person), REGION)
    assert (asked.reason, waited.answer) == (Reason.CONTACT_UNKNOWN, Post())


def test_an_unknown_printing_stops_no_letter() -> None:
    assert paper(facts(visit=visit(printed=None)), REGION).answer == Post()


def test_the_region_settles_paper_where_the_unit_does_not() -> None:
    region = REGION.model_copy(update={"letters": Letters(paper=False)})
    assert paper(facts(), region).answer == NoLetter()
    assert paper(facts(unit=UNIT.model_copy(update={"paper": True})), region).answer == Post()


@pytest.mark.parametrize("decide", [digital_call_letter, paper])
@pytest.mark.parametrize("unknown", [{"protected": None}, {"deceased": None}])
def test_a_letter_waits_for_the_person_register_and_then_staff_tell(
    decide: Callable[..., Decision[Any]], unknown: dict[str, Any]
) -> None:
    case = facts(resident=resident(**unknown), unit=INBOX_UNIT)
    decision = decide(case, REGION)
    assert decision.answer == Wait(NOW + timedelta(minutes=30))
    assert (decision.reason, decision.clause) == (Reason.PERSON_UNKNOWN, "policy-skydd-1")
    waited = facts(resident=resident(**unknown), unit=INBOX_UNIT, waiting_since=NOW - timedelta(minutes=30))
    assert (decide(waited, REGION).answer, decide(waited, REGION).reason) == (
        StaffTask(),
        Reason.MANUAL_HANDLING,
    )


@pytest.mark.parametrize("decide", [digital_call_letter, paper])
def test_a_letter_waits_for_1177(decide: Callable[..., Decision[Any]]) -> None:
    decision = decide(facts(resident=resident(portal=None), unit=INBOX_UNIT), REGION)
    assert isinstance(decision.answer, Wait)
    assert (decision.reason, decision.clause) == (Reason.PORTAL_UNKNOWN, "policy-papper-1")


def test_paper_goes_where_1177_was_waited_for_in_vain() -> None:
    case = facts(resident=resident(portal=None), unit=INBOX_UNIT, waiting_since=NOW - timedelta(minutes=30))
    assert digital_call_letter(case, REGION).reason is Reason.UNREACHABLE_ON_1177
    assert paper(case, REGION).answer == Post()


def test_a_connected_unit_never_notifies_by_inbox_as_well() -> None:
    unit = INBOX_UNIT.model_copy(update={"connected": True})
    assert digital_call_letter(facts(resident=NOTIFIED, unit=unit), REGION).answer == ByInbox(notify=False)


def test_no_guardian_can_wish_digital_only_for_a_child_under_13() -> None:
    child = resident(digital_only=True, birth=date(2013, 11, 25))
    thirteen = resident(digital_only=True, birth=date(2013, 11, 24))
    assert paper(facts(resident=child), REGION).answer == Post()
    assert paper(facts(resident=thirteen), REGION).answer == NoLetter()


def test_a_wish_without_a_known_age_may_be_a_guardians_and_paper_goes() -> None:
    """barn-5: a letter too many harms less."""
    assert paper(facts(resident=resident(digital_only=True, birth=None)), REGION).answer == Post()


def test_no_paper_to_a_protected_person_gives_the_reason_that_others_get() -> None:
    protected = facts(resident=resident(protected=True))
    wished = facts(resident=resident(digital_only=True))
    assert paper(protected, REGION) == paper(wished, REGION)


def test_what_would_have_been_done_is_known_in_shadow() -> None:
    case = facts(unit=INBOX_IN_SHADOW)
    assert digital_worked_out(case, REGION).answer == ByInbox(notify=False)
    assert paper_worked_out(case, REGION).answer == Post()


def test_a_booking_has_its_paper_though_a_move_would_have_moved_nothing() -> None:
    booked = facts(event(moved=False), unit=UNIT.model_copy(update={"paper": True}))
    assert isinstance(paper(booked, REGION).answer, Post)


def test_the_wait_is_over_when_the_visit_comes_just_as_it_ends() -> None:
    since = NOW - timedelta(minutes=5)
    asked = facts(
        visit=visit(start=since + REGION.wait_for_person),
        resident=resident(protected=None),
        waiting_since=since,
    )
    assert is_wait_over(asked, REGION)
