"""Who may check in for whom, at which visits, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from routine_cases import REGION

from models.times import STOCKHOLM
from routine.check_in import (
    BookedHere,
    Offer,
    is_arrival_noted,
    is_arrival_told,
    may_person_check_in,
    what_is_offered,
)
from routine.children import Role, WhoActs
from routine.decision import Decision
from routine.facts import Form
from routine.reasons import Reason

NOW = datetime(2026, 12, 1, 9, 50, tzinfo=STOCKHOLM)
START = datetime(2026, 12, 1, 10, 15, tzinfo=STOCKHOLM)
VISIT = BookedHere(stands=True, start=START, over_at=START + timedelta(minutes=30), form=Form.ON_SITE)
THEMSELVES = WhoActs(role=Role.SELF, birth=date(1984, 11, 14))
CHILD, TEENAGER = date(2019, 5, 3), date(2013, 12, 1)
GUARDIAN = WhoActs(role=Role.GUARDIAN, birth=CHILD, protected=False)


def offered(visit: BookedHere = VISIT, who: WhoActs = THEMSELVES) -> Decision[Offer]:
    return what_is_offered(visit, who, NOW, REGION)


@pytest.mark.parametrize(
    ("who", "decision"),
    [
        (THEMSELVES, Decision(Offer.PRESS, Reason.FOR_THEMSELVES, "barn-2")),
        (replace(THEMSELVES, birth=TEENAGER), Decision(Offer.PRESS, Reason.FOR_THEMSELVES, "barn-2")),
        (replace(THEMSELVES, birth=CHILD), Decision(Offer.NOTHING, Reason.TOO_YOUNG, "barn-2")),
        (replace(THEMSELVES, birth=None), Decision(Offer.NOTHING, Reason.AGE_UNKNOWN, "barn-2")),
        (GUARDIAN, Decision(Offer.PRESS, Reason.GUARDIAN_AS_PROXY, "barn-1")),
        (replace(GUARDIAN, birth=TEENAGER), Decision(Offer.NOTHING, Reason.CHILD_ACTS_ALONE, "barn-2")),
        (
            replace(GUARDIAN, protected=True),
            Decision(Offer.NOTHING, Reason.MANUAL_HANDLING, "policy-skydd-1"),
        ),
        (replace(GUARDIAN, protected=None), Decision(Offer.NOTHING, Reason.PERSON_UNKNOWN, "policy-skydd-1")),
        (replace(GUARDIAN, role=None), Decision(Offer.NOTHING, Reason.ROLE_UNKNOWN, "barn-1")),
        (replace(GUARDIAN, role=Role.OTHER), Decision(Offer.NOTHING, Reason.NOT_A_GUARDIAN, "barn-1")),
    ],
)
def test_barn_1_barn_2_who_checks_in_for_whom(who: WhoActs, decision: Decision[Offer]) -> None:
    assert offered(who=who) == decision


DAY = timedelta(days=1)
MIDNIGHT = datetime(2026, 12, 1, tzinfo=STOCKHOLM)


@pytest.mark.parametrize(
    ("visit", "offer", "reason"),
    [
        ({}, Offer.PRESS, Reason.FOR_THEMSELVES),
        ({"form": None}, Offer.PRESS, Reason.FOR_THEMSELVES),
        ({"by_themselves": True}, Offer.PRESS, Reason.FOR_THEMSELVES),
        ({"over_at": None}, Offer.PRESS, Reason.FOR_THEMSELVES),
        (
            {"start": MIDNIGHT + DAY - timedelta(seconds=1), "over_at": None},
            Offer.PRESS,
            Reason.FOR_THEMSELVES,
        ),
        ({"start": MIDNIGHT + DAY}, Offer.NOTHING, Reason.NOT_TODAY),
        ({"start": MIDNIGHT, "over_at": None}, Offer.PRESS, Reason.FOR_THEMSELVES),
        ({"start": MIDNIGHT - timedelta(seconds=1), "over_at": None}, Offer.NOTHING, Reason.NOT_TODAY),
        ({"start": None}, Offer.NOTHING, Reason.NOT_TODAY),
        ({"stands": False}, Offer.NOTHING, Reason.VISIT_GONE),
        ({"form": Form.VIDEO}, Offer.NOTHING, Reason.NOT_ON_SITE),
        ({"form": Form.PHONE}, Offer.NOTHING, Reason.NOT_ON_SITE),
        ({"form": Form.CHAT}, Offer.NOTHING, Reason.NOT_ON_SITE),
        ({"by_themselves": False}, Offer.DESK, Reason.AT_THE_DESK),
        ({"in_journal": False}, Offer.DESK, Reason.AT_THE_DESK),
        ({"over_at": NOW}, Offer.DESK, Reason.PASSED),
        ({"over_at": NOW + timedelta(seconds=1)}, Offer.PRESS, Reason.FOR_THEMSELVES),
    ],
)
def test_policy_incheckning_1_which_visit_is_offered(
    visit: dict[str, object], offer: Offer, reason: Reason
) -> None:
    decision = offered(replace(VISIT, **visit))  # type: ignore[arg-type]
    assert (decision.answer, decision.reason) == (offer, reason)


@pytest.mark.parametrize(
    ("protected", "in_shadow", "decision"),
    [
        (False, False, Decision(True, Reason.NOTHING_IN_THE_WAY, "policy-incheckning-1")),
        (True, False, Decision(False, Reason.MANUAL_HANDLING, "policy-skydd-1")),
        (None, False, Decision(False, Reason.PERSON_UNKNOWN, "policy-skydd-1")),
        (False, True, Decision(False, Reason.UNIT_IN_SHADOW, "policy-skugga-1")),
        (True, True, Decision(False, Reason.UNIT_IN_SHADOW, "policy-skugga-1")),
    ],
)
def test_policy_skydd_1_whoever_is_protected_or_not_known_is_shown_no_visit(
    protected: bool | None, in_shadow: bool, decision: Decision[bool]
) -> None:
    assert may_person_check_in(protected, in_shadow=in_shadow) == decision


@pytest.mark.parametrize(
    ("visit", "now", "in_shadow", "reason"),
    [
        (VISIT, NOW, False, Reason.CHECKED_IN),
        (VISIT, NOW.replace(hour=23, minute=59), False, Reason.CHECKED_IN),
        (VISIT, NOW + DAY, False, Reason.NOT_TODAY),
        (replace(VISIT, start=START + DAY), NOW, False, Reason.NOT_TODAY),
        (replace(VISIT, start=None), NOW, False, Reason.NOT_TODAY),
        (replace(VISIT, stands=False), NOW, False, Reason.VISIT_GONE),
        (None, NOW, False, Reason.VISIT_GONE),
        (VISIT, NOW, True, Reason.UNIT_IN_SHADOW),
    ],
)
def test_policy_incheckning_1_an_arrival_is_told_on_its_day_while_the_visit_stands(
    visit: BookedHere | None, now: datetime, in_shadow: bool, reason: Reason
) -> None:
    decision = is_arrival_told(visit, now, in_shadow=in_shadow)
    assert (decision.allowed, decision.reason) == (reason is Reason.CHECKED_IN, reason)


@pytest.mark.parametrize(("known", "reason"), [(True, Reason.ARRIVAL_KNOWN), (False, Reason.ARRIVAL_REFUSED)])
def test_policy_incheckning_1_whom_the_desk_has_noted_already_is_there(known: bool, reason: Reason) -> None:
    assert is_arrival_noted(known) == Decision(known, reason, "policy-incheckning-1")
