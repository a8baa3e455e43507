"""A notice that somebody asks for: to whom it goes, where it leads, and when it does not (avisering-1, avisering-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from routine_cases import EMAIL, MAIL, MOBILE, NOW, REGION, SHADOW_UNIT, SMS, UNIT, UNIT_ID, resident

from routine.decision import StaffTask, Wait
from routine.facts import Portal
from routine.neutral import is_neutral
from routine.notice import NoticeKind, SendMail, SendSms, Skip
from routine.reasons import Reason
from routine.region import Region
from routine.requested_notice import (
    RequestedFacts,
    is_withdrawn_in_time,
    policy_to_tell_by,
    requested_notice,
    requested_worked_out,
    where_to_log_in,
)
from routine.text import mail_notice, requested_notice_task, sms_notice
from routine.texts_checked import wrong_with_texts

TASK = RequestedFacts(
    kind=NoticeKind.TASK, system="e1177", resident=resident(), unit=UNIT, unit_id=UNIT_ID, now=NOW
)
INFORMATION = replace(TASK, kind=NoticeKind.INFORMATION)
NIGHT = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
TELLS_TOO = REGION.model_copy(
    update={"notices": REGION.notices.model_copy(update={"portal_notifies_of_requested": True})}
)


def of(facts: RequestedFacts = TASK, **differs: Any) -> RequestedFacts:
    """Facts that differ; what is no part of them differs of the resident."""
    about = {name: differs.pop(name) for name in list(differs) if not hasattr(TASK, name)}
    return replace(facts, resident=replace(facts.resident, **about), **differs)


@pytest.mark.parametrize(
    ("facts", "to", "reason"),
    [
        (TASK, SendSms(NoticeKind.TASK, MOBILE), Reason.SOMETHING_TO_DO),
        (INFORMATION, SendSms(NoticeKind.INFORMATION, MOBILE), Reason.NEW_INFORMATION),
        (of(contacts=(EMAIL,)), SendMail(NoticeKind.TASK, MAIL), Reason.SOMETHING_TO_DO),
        (of(unreached=frozenset({MOBILE})), SendMail(NoticeKind.TASK, MAIL), Reason.SOMETHING_TO_DO),
        (of(system="platform24"), SendSms(NoticeKind.TASK, MOBILE), Reason.SOMETHING_TO_DO),
    ],
)
def test_avisering_1_it_goes_by_the_first_way_that_is_wished(
    facts: RequestedFacts, to: object, reason: Reason
) -> None:
    decision = requested_notice(facts, REGION)
    assert (decision.answer, decision.reason, decision.clause) == (to, reason, "avisering-1")


STAFF: Mapping[str, tuple[RequestedFacts, Reason, str]] = {
    "protected": (of(protected=True), Reason.MANUAL_HANDLING, "policy-skydd-1"),
    "a reservnummer": (of(reservnummer=True), Reason.RESERVNUMMER, "policy-reserv-1"),
    "the register is silent for too long": (
        of(protected=None, waiting_since=NOW - timedelta(hours=1)),
        Reason.MANUAL_HANDLING,
        "policy-skydd-1",
    ),
    "a system without an address": (of(system="lifecare"), Reason.NO_ADDRESS, "avisering-2"),
    "a system that is not listed": (of(system="chatt"), Reason.NOT_LISTED, "system-1"),
    "no way is left": (
        of(contacts=(SMS,), unreached=frozenset({MOBILE})),
        Reason.NOT_REACHED,
        "policy-avisering-3",
    ),
}


@pytest.mark.parametrize("why", STAFF)
def test_staff_tell_of_what_cannot_be_told_by_a_notice(why: str) -> None:
    facts, reason, clause = STAFF[why]
    decision = requested_notice(facts, REGION)
    assert (decision.answer, decision.reason, decision.clause) == (StaffTask(), reason, clause)


NONE: Mapping[str, tuple[RequestedFacts, Reason, str]] = {
    "deceased": (of(deceased=True), Reason.DECEASED, "policy-avliden-1"),
    "of no use since now": (of(valid_until=NOW), Reason.PASSED, "policy-avisering-2"),
    "not wished": (of(contacts=()), Reason.NOTICE_NOT_WISHED, "val-1"),
    "information, and no way is left": (
        of(INFORMATION, contacts=(SMS,), unreached=frozenset({MOBILE})),
        Reason.NOT_REACHED,
        "policy-avisering-3",
    ),
    "a number that may be a guardian's": (
        of(birth=date(2011, 5, 5)),
        Reason.CONTACT_OWNER_UNKNOWN,
        "policy-barn-1",
    ),
    "a unit in shadow": (of(unit=SHADOW_UNIT), Reason.UNIT_IN_SHADOW, "policy-skugga-1"),
    "in shadow at night": (of(unit=SHADOW_UNIT, now=NIGHT), Reason.UNIT_IN_SHADOW, "policy-skugga-1"),
}


@pytest.mark.parametrize("why", NONE)
def test_nobody_tells_of_it(why: str) -> None:
    facts, reason, clause = NONE[why]
    decision = requested_notice(facts, REGION)
    assert (decision.answer, decision.reason, decision.clause) == (Skip(), reason, clause)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (of(human_first=True), Reason.HUMAN_FIRST),
        (of(protected=None), Reason.PERSON_UNKNOWN),
        (of(contacts=None), Reason.CONTACT_UNKNOWN),
        (of(now=NIGHT), Reason.QUIET_HOURS),
    ],
)
def test_what_is_not_known_and_what_comes_at_night_waits(facts: RequestedFacts, reason: Reason) -> None:
    decision = requested_notice(facts, REGION)
    assert (isinstance(decision.answer, Wait), decision.reason) == (True, reason)


def test_policy_tystnad_1_it_is_held_until_the_morning_unless_it_is_of_no_use_by_then() -> None:
    assert requested_notice(of(now=NIGHT), REGION).answer == Wait(MORNING)
    over = of(now=MORNING, valid_until=MORNING)
    assert requested_notice(over, REGION).reason is Reason.PASSED


def test_policy_avisering_1_where_1177_tells_of_it_too_ours_is_skipped() -> None:
    told = of(portal=Portal(active=True, notifies=True))
    assert isinstance(requested_notice(told, REGION).answer, SendSms)
    decision = requested_notice(told, TELLS_TOO)
    assert (decision.answer, decision.reason, decision.clause) == (
        Skip(),
        Reason.NOTIFIED_BY_1177,
        "policy-avisering-1",
    )
    assert isinstance(requested_notice(replace(told, system="platform24"), TELLS_TOO).answer, SendSms)
    assert isinstance(
        requested_notice(of(portal=Portal(active=True, notifies=False)), TELLS_TOO).answer, SendSms
    )
    assert requested_notice(of(portal=None), TELLS_TOO).reason is Reason.PORTAL_UNKNOWN


def test_what_would_be_done_in_shadow_is_worked_out() -> None:
    assert isinstance(requested_worked_out(of(unit=SHADOW_UNIT), REGION).answer, SendSms)


def test_avisering_1_what_is_done_before_its_notice_went_is_not_told() -> None:
    assert is_withdrawn_in_time(gone=False).reason is Reason.WITHDRAWN
    assert is_withdrawn_in_time(gone=True).allowed is False


def test_avisering_2_the_texts_lead_to_the_system_and_say_nothing_else() -> None:
    link = where_to_log_in("platform24", REGION)
    assert link == REGION.systems["platform24"].entry
    assert where_to_log_in("e1177", REGION) == REGION.login.link
    for kind in (NoticeKind.TASK, NoticeKind.INFORMATION):
        for text in (sms_notice(kind, REGION, link), mail_notice(kind, REGION, link)):
            assert link in text.body
            assert REGION.login.link not in text.body
            assert is_neutral(text.body, REGION, link=link).allowed
            assert not is_neutral(text.body, REGION).allowed


def test_policy_skydd_2_the_task_for_staff_says_not_why() -> None:
    said = {requested_notice_task(kind).body for kind in (NoticeKind.TASK, NoticeKind.INFORMATION)}
    assert len(said) == 2
    assert not any("skydd" in body.casefold() for body in said)


def test_avisering_2_no_region_starts_with_an_address_that_makes_two_parts_of_an_sms() -> None:
    assert wrong_with_texts(REGION) is None
    assert "notice_sms_task" in (wrong_with_texts(_led_to(f"https://chatt.example.org/{'a' * 90}")) or "")
    assert "neutral" in (wrong_with_texts(_led_to("https://psyk.example.org/")) or "")


def _led_to(entry: str) -> Region:
    listed = REGION.systems["platform24"].model_copy(update={"entry": entry})
    return REGION.model_copy(update={"systems": {**REGION.systems, "platform24": listed}})


# what only we know: how it ended what was asked for on 1177, where they have left

ONLY_OURS = replace(INFORMATION, only_ours=True)


def test_avisering_1_of_what_only_we_know_1177_tells_nobody_so_we_do() -> None:
    told = of(INFORMATION, portal=Portal(active=True, notifies=True))
    assert requested_notice(told, TELLS_TOO).answer == Skip()
    sms = SendSms(NoticeKind.INFORMATION, MOBILE)
    assert requested_notice(replace(told, only_ours=True), TELLS_TOO).answer == sms


def test_policy_avisering_3_of_what_only_we_know_staff_tell_where_no_message_arrives() -> None:
    nowhere = of(ONLY_OURS, contacts=(SMS,), unreached=frozenset({MOBILE}))
    assert requested_notice(replace(nowhere, only_ours=False), REGION).answer == Skip()
    assert requested_notice(nowhere, REGION).answer == StaffTask()


def test_avisering_1_and_policy_okand_1_for_a_unit_that_is_not_listed_the_region_tells_what_only_we_know() -> (
    None
):
    assert policy_to_tell_by(None, REGION, only_ours=False) is None
    assert policy_to_tell_by(SHADOW_UNIT, REGION, only_ours=True) is SHADOW_UNIT
    unit = policy_to_tell_by(None, REGION, only_ours=True)
    assert unit is not None
    assert (unit.name, unit.in_shadow) == (REGION.name, False)
    decision = requested_notice(replace(ONLY_OURS, unit=unit, unit_id="SE2321000115-E000000000098"), REGION)
    assert decision.answer == SendSms(NoticeKind.INFORMATION, MOBILE)
