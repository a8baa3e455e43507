"""Approved channels (system-1 to system-5) and the patient's choice among them (val-1, val-2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from routine_cases import REGION, UNIT

from routine.approved import E1177, MAIL, PHONE, SMS, System, Use
from routine.channels import (
    approved_channels,
    are_staff_alerted_in,
    channel_by_wish,
    is_channel_approved,
    ways_to_reach,
)
from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region

HERE, ELSEWHERE = "SE2321000115-E000000000001", "SE2321000115-E000000000002"
TODAY = date(2026, 12, 1)
DAY = timedelta(days=1)
HEART = System(
    name="Hjärtmottagningens egenmonitorering",
    uses=frozenset({Use.TEXT}),
    check="Diarienummer",
    only_for=frozenset({"heart_failure_monitoring"}),
    units=frozenset({HERE}),
)
Said = tuple[Any, Reason, str]


def said(decision: Decision[Any]) -> Said:
    return decision.answer, decision.reason, decision.clause


def region(**systems: System) -> Region:
    added = {name.replace("_", "-"): system for name, system in systems.items()}
    unit = UNIT.model_copy(update={"offers": frozenset({E1177, "platform24", "teams", *added})})
    return REGION.model_copy(update={"systems": {**REGION.systems, **added}, "units": {HERE: unit}})


def platform(**differs: Any) -> Region:
    """Halland, where Platform24 differs so."""
    return region(platform24=REGION.systems["platform24"].model_copy(update=differs))


WITH_HEART = region(local_hjarta=HEART)

USES = [
    # channel, what for, purpose, answer, reason, clause
    (E1177, Use.TEXT, None, True, Reason.APPROVED, "system-1"),
    ("platform24", Use.TEXT, None, True, Reason.APPROVED, "system-1"),
    ("hope", Use.TEXT, None, True, Reason.APPROVED, "system-1"),
    ("lifecare", Use.TEXT, None, True, Reason.APPROVED, "system-1"),
    ("teams", Use.TEXT, "care_planning", False, Reason.NOT_FOR_THIS_USE, "system-1"),
    (MAIL, Use.TEXT, None, False, Reason.NOT_FOR_THIS_USE, "system-3"),
    ("facetime", Use.TEXT, None, False, Reason.NOT_LISTED, "system-1"),
    ("platform24", Use.VIDEO, None, True, Reason.APPROVED, "system-2"),
    ("hope", Use.VIDEO, None, True, Reason.APPROVED, "system-2"),
    ("teams", Use.VIDEO, "care_planning", True, Reason.APPROVED, "system-2"),
    ("teams", Use.VIDEO, "visit", False, Reason.NOT_FOR_THIS_PURPOSE, "system-2"),
    ("teams", Use.VIDEO, None, False, Reason.PURPOSE_UNKNOWN, "system-2"),
    ("mdk", Use.VIDEO, "mdk", True, Reason.APPROVED, "system-2"),
    ("mdk", Use.VIDEO, "care_planning", False, Reason.NOT_FOR_THIS_PURPOSE, "system-2"),
    (E1177, Use.VIDEO, None, False, Reason.NOT_FOR_THIS_USE, "system-2"),
    ("lifecare", Use.VIDEO, None, False, Reason.NOT_FOR_THIS_USE, "system-2"),
    ("facetime", Use.VIDEO, None, False, Reason.NOT_LISTED, "system-2"),
    (SMS, Use.REMINDER, None, True, Reason.APPROVED, "system-3"),
    (SMS, Use.NOTICE, None, True, Reason.APPROVED, "system-3"),
    (MAIL, Use.REMINDER, None, False, Reason.NOT_FOR_THIS_USE, "system-3"),
    ("fax", Use.NOTICE, None, False, Reason.NOT_LISTED, "system-3"),
    (SMS, Use.LINK, None, True, Reason.APPROVED, "byte-2"),
    (MAIL, Use.LINK, None, False, Reason.NOT_FOR_THIS_USE, "system-3"),
]


@pytest.mark.parametrize(
    ("channel", "use", "purpose", "answer", "reason", "clause"),
    USES,
    ids=[f"{channel} for {use}, {purpose}" for channel, use, purpose, *_ in USES],
)
def test_which_channel_is_approved_for_what(
    channel: str, use: Use, purpose: str | None, answer: bool, reason: Reason, clause: str
) -> None:
    assert said(is_channel_approved(channel, use, HERE, TODAY, REGION, purpose)) == (answer, reason, clause)


@pytest.mark.parametrize("use", [Use.TEXT, Use.VIDEO])
def test_neither_text_nor_video_goes_by_what_is_not_secure(use: Use) -> None:
    assert said(is_channel_approved(SMS, use, HERE, TODAY, REGION))[:2] == (False, Reason.NOT_FOR_THIS_USE)
    assert said(is_channel_approved(MAIL, use, HERE, TODAY, REGION))[:2] == (False, Reason.NOT_FOR_THIS_USE)


def test_an_e_mail_may_be_a_notice() -> None:
    assert is_channel_approved(MAIL, Use.NOTICE, HERE, TODAY, REGION).allowed


@pytest.mark.parametrize(
    ("use", "channels"),
    [
        (Use.TEXT, (E1177, "platform24", "hope", "lifecare", "stodbehandling")),
        (Use.VIDEO, ("platform24", "hope")),
        (Use.REMINDER, (SMS,)),
        (Use.NOTICE, (SMS, MAIL)),
        (Use.LINK, (SMS,)),
    ],
)
def test_hallands_channels_in_the_files_order(use: Use, channels: tuple[str, ...]) -> None:
    assert approved_channels(use, HERE, TODAY, REGION) == channels


def test_a_known_purpose_adds_the_channels_that_are_for_it() -> None:
    planning = approved_channels(Use.VIDEO, HERE, TODAY, REGION, "care_planning")
    assert planning == ("platform24", "hope", "teams")


LOCAL = [
    # unit, what for, purpose, answer, reason
    (HERE, Use.TEXT, "heart_failure_monitoring", True, Reason.APPROVED),
    (HERE.lower(), Use.TEXT, "heart_failure_monitoring", True, Reason.APPROVED),
    (ELSEWHERE, Use.TEXT, "heart_failure_monitoring", False, Reason.NOT_AT_THIS_UNIT),
    (ELSEWHERE, Use.TEXT, None, False, Reason.NOT_AT_THIS_UNIT),
    (HERE, Use.TEXT, "rebooking", False, Reason.NOT_FOR_THIS_PURPOSE),
    (HERE, Use.TEXT, None, False, Reason.PURPOSE_UNKNOWN),
    (HERE, Use.VIDEO, "heart_failure_monitoring", False, Reason.NOT_FOR_THIS_USE),
]


@pytest.mark.parametrize(("unit", "use", "purpose", "answer", "reason"), LOCAL)
def test_a_units_own_solution_is_for_its_purpose_and_its_units(
    unit: str, use: Use, purpose: str | None, answer: bool, reason: Reason
) -> None:
    decision = is_channel_approved("local-hjarta", use, unit, TODAY, WITH_HEART, purpose)
    assert said(decision) == (answer, reason, "system-4")


@pytest.mark.parametrize(
    ("channel", "unit", "figures", "answer", "reason", "clause"),
    [
        ("platform24", HERE, platform(check=None), True, Reason.RISK_OF_SUICIDE, "suicid-1"),
        ("local-hjarta", HERE, WITH_HEART, True, Reason.APPROVED, "system-4"),
        ("local-hjarta", ELSEWHERE, WITH_HEART, False, Reason.NOT_AT_THIS_UNIT, "system-4"),
        ("local-hjarta", "", WITH_HEART, False, Reason.NOT_AT_THIS_UNIT, "system-4"),
        ("local-hjarta", HERE, REGION, False, Reason.NOT_LISTED, "system-4"),
        (
            "local-hjarta",
            HERE,
            region(local_hjarta=HEART.model_copy(update={"check": None})),
            False,
            Reason.NOT_CHECKED,
            "system-5",
        ),
    ],
)
def test_staff_are_alerted_in_a_units_own_solution_only_while_it_is_approved_there(
    channel: str, unit: str, figures: Region, answer: bool, reason: Reason, clause: str
) -> None:
    """suicid-1: in a platform always; else by a task, which somebody is sure to read."""
    assert said(are_staff_alerted_in(channel, unit, TODAY, figures)) == (answer, reason, clause)


def test_a_unit_listed_in_lower_case_is_the_same_unit() -> None:
    lower = HEART.model_copy(update={"units": frozenset({HERE.lower()})})
    there = is_channel_approved(
        "local-hjarta", Use.TEXT, HERE, TODAY, region(local_hjarta=lower), "heart_failure_monitoring"
    )
    assert there.allowed


def test_a_common_system_for_some_units_only_is_told_by_its_own_clause() -> None:
    some = platform(units=frozenset({HERE}))
    assert is_channel_approved("platform24", Use.TEXT, HERE, TODAY, some).allowed
    decision = is_channel_approved("platform24", Use.TEXT, ELSEWHERE, TODAY, some)
    assert said(decision) == (False, Reason.NOT_AT_THIS_UNIT, "system-1")


APPROVALS = [
    # what differs, answer, reason, clause
    ({"check": None}, False, Reason.NOT_CHECKED, "system-5"),
    ({"since": TODAY}, True, Reason.APPROVED, "system-2"),
    ({"since": TODAY + DAY}, False, Reason.NOT_APPROVED_YET, "system-2"),
    ({"until": TODAY}, True, Reason.APPROVED, "system-2"),
    ({"until": TODAY - DAY}, False, Reason.NO_LONGER_APPROVED, "system-2"),
    ({"since": TODAY, "until": TODAY}, True, Reason.APPROVED, "system-2"),
    ({"since": TODAY + DAY, "until": TODAY + DAY}, False, Reason.NOT_APPROVED_YET, "system-2"),
    ({"since": TODAY - DAY, "until": TODAY - DAY}, False, Reason.NO_LONGER_APPROVED, "system-2"),
]


@pytest.mark.parametrize(("differs", "answer", "reason", "clause"), APPROVALS)
def test_an_approval_takes_a_check_and_has_a_first_and_a_last_day(
    differs: dict[str, Any], answer: bool, reason: Reason, clause: str
) -> None:
    decision = is_channel_approved("platform24", Use.VIDEO, HERE, TODAY, platform(**differs))
    assert said(decision) == (answer, reason, clause)


def test_the_first_that_is_amiss_is_told() -> None:
    """Use, then check, then days, then units, then purpose."""
    wrong = {
        "check": None,
        "until": TODAY - DAY,
        "units": frozenset({ELSEWHERE}),
        "only_for": frozenset({"care_planning"}),
    }
    told = [is_channel_approved("platform24", Use.NOTICE, HERE, TODAY, platform(**wrong)).reason]
    for mended in ({"check": "Diarienummer"}, {"until": None}, {"units": None}, {"only_for": None}):
        told.append(is_channel_approved("platform24", Use.TEXT, HERE, TODAY, platform(**wrong)).reason)
        wrong |= mended
    told.append(is_channel_approved("platform24", Use.TEXT, HERE, TODAY, platform(**wrong)).reason)
    assert told == [
        Reason.NOT_FOR_THIS_USE,
        Reason.NOT_CHECKED,
        Reason.NO_LONGER_APPROVED,
        Reason.NOT_AT_THIS_UNIT,
        Reason.PURPOSE_UNKNOWN,
        Reason.APPROVED,
    ]


def test_the_ways_to_a_unit_are_what_it_offers_and_the_phone() -> None:
    assert ways_to_reach(HERE, TODAY, region()) == (E1177, "platform24", PHONE)


def test_a_unit_that_is_not_listed_is_reached_by_1177_and_phone() -> None:
    assert ways_to_reach(ELSEWHERE, TODAY, region()) == (E1177, PHONE)


def test_an_offer_that_is_not_approved_is_no_way_but_the_phone_always_is() -> None:
    assert ways_to_reach(HERE, TODAY, platform(check=None)) == (E1177, PHONE)
    closed = region(e1177=REGION.systems[E1177].model_copy(update={"until": TODAY - DAY}))
    assert ways_to_reach(ELSEWHERE, TODAY, closed) == (PHONE,)


WISHES: list[tuple[str | None, Said]] = [
    (None, (E1177, Reason.WISH_UNKNOWN, "val-1")),
    (PHONE, (PHONE, Reason.WISH_MET, "val-2")),
    (E1177, (E1177, Reason.WISH_MET, "val-1")),
    ("platform24", ("platform24", Reason.WISH_MET, "val-1")),
    ("hope", (E1177, Reason.NOT_OFFERED, "val-1")),
    (SMS, (E1177, Reason.WISH_NOT_SECURE, "val-1")),
    (MAIL, (E1177, Reason.WISH_NOT_SECURE, "val-1")),
    ("facetime", (E1177, Reason.WISH_NOT_SECURE, "val-1")),
    ("teams", (E1177, Reason.WISH_NOT_SECURE, "val-1")),
]


@pytest.mark.parametrize(("wish", "expected"), WISHES, ids=[str(wish) for wish, _ in WISHES])
def test_the_wish_is_met_where_it_is_secure_and_the_unit_offers_it(wish: str | None, expected: Said) -> None:
    assert said(channel_by_wish(wish, HERE, TODAY, region())) == expected


def test_a_wish_waits_for_its_channels_approval() -> None:
    from_tomorrow = platform(since=TODAY + DAY)
    today = channel_by_wish("platform24", HERE, TODAY, from_tomorrow)
    assert said(today) == (E1177, Reason.WISH_NOT_SECURE, "val-1")
    tomorrow = channel_by_wish("platform24", HERE, TODAY + DAY, from_tomorrow)
    assert said(tomorrow) == ("platform24", Reason.WISH_MET, "val-1")


def test_an_unlisted_unit_offers_1177_only() -> None:
    decision = channel_by_wish("platform24", ELSEWHERE, TODAY, region())
    assert said(decision) == (E1177, Reason.NOT_OFFERED, "val-1")


NEAR: list[tuple[str, Callable[[], object], object]] = [
    (
        "that an SMS is for no dialogue is system-3's word",
        lambda: is_channel_approved(SMS, Use.TEXT, HERE, TODAY, REGION).clause,
        "system-3",
    ),
    (
        "that an e-mail may be a notice is avisering-1's word",
        lambda: is_channel_approved(MAIL, Use.NOTICE, HERE, TODAY, REGION).clause,
        "avisering-1",
    ),
    (
        "a unit's own solution that is not listed is system-4's matter",
        lambda: is_channel_approved("local-hjarta", Use.TEXT, HERE, TODAY, REGION).clause,
        "system-4",
    ),
    (
        "a wish for the unit's own approved solution is not refused as insecure",
        lambda: channel_by_wish("local-hjarta", HERE, TODAY, WITH_HEART).reason is not Reason.WISH_NOT_SECURE,
        True,
    ),
    (
        "what is chosen instead of a wish is a channel for dialogue, too",
        lambda: channel_by_wish(MAIL, HERE, TODAY, REGION).answer != SMS,
        True,
    ),
]


@pytest.mark.parametrize(("case", "asked", "expected"), NEAR, ids=[case for case, *_ in NEAR])
def test_what_is_said_where_two_clauses_are_near(
    case: str, asked: Callable[[], object], expected: object
) -> None:
    assert asked() == expected
