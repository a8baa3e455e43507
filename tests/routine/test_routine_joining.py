"""Who joins a digital visit by its link, when, and where that leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import REGION, SHADOW_UNIT, UNIT, UNIT_ID

from models.times import STOCKHOLM
from routine.approved import System, Use
from routine.children import Role, WhoActs
from routine.decision import Decision
from routine.facts import Form
from routine.joining import Landing, ToJoin, may_join
from routine.reasons import Reason
from routine.way_in import platform_of, way_in

OURS = "policy-anslutning-1"
START = datetime(2026, 12, 1, 10, 15, tzinfo=STOCKHOLM)
END = START + timedelta(minutes=30)
MINUTE = timedelta(minutes=1)
HOST = "https://video.example.org"
SYSTEMS = dict(REGION.systems) | {
    "platform24": REGION.systems["platform24"].model_copy(
        update={"join_hosts": frozenset({"video.example.org"})}
    ),
    "safe": System(
        name="Safe",
        uses=frozenset({Use.VIDEO}),
        check="C",
        protected=True,
        join_hosts=frozenset({"safe.example.org"}),
    ),
}
HERE = REGION.model_copy(update={"units": {UNIT_ID: UNIT}, "systems": SYSTEMS})
VISIT = ToJoin(
    unit=UNIT_ID,
    stands=True,
    start=START,
    over_at=END,
    form=Form.VIDEO,
    platform="platform24",
    join=f"{HOST}/m/1",
)
THEMSELVES = WhoActs(role=Role.SELF, birth=date(1984, 11, 14), protected=False)
CHILD, TEENAGER = date(2019, 5, 3), date(2013, 12, 1)
GUARDIAN = WhoActs(role=Role.GUARDIAN, birth=CHILD, protected=False)


def comes(
    who: WhoActs = THEMSELVES, at: datetime = START, region: Any = HERE, **visit: Any
) -> Decision[Landing]:
    return may_join(replace(VISIT, **visit), who, at, region)


@pytest.mark.parametrize(
    ("who", "decision"),
    [
        (THEMSELVES, Decision(Landing.OPEN, Reason.FOR_THEMSELVES, "barn-2")),
        (replace(THEMSELVES, birth=TEENAGER), Decision(Landing.OPEN, Reason.FOR_THEMSELVES, "barn-2")),
        (replace(THEMSELVES, birth=CHILD), Decision(Landing.NOT_THEIRS, Reason.TOO_YOUNG, "barn-2")),
        (replace(THEMSELVES, birth=None), Decision(Landing.UNIT, Reason.AGE_UNKNOWN, "barn-2")),
        (GUARDIAN, Decision(Landing.OPEN, Reason.GUARDIAN_AS_PROXY, "barn-1")),
        (replace(GUARDIAN, birth=TEENAGER), Decision(Landing.NOT_THEIRS, Reason.CHILD_ACTS_ALONE, "barn-2")),
        (
            replace(GUARDIAN, protected=True),
            Decision(Landing.NOT_THEIRS, Reason.MANUAL_HANDLING, "policy-skydd-1"),
        ),
        (
            replace(GUARDIAN, protected=None),
            Decision(Landing.NOT_KNOWN, Reason.PERSON_UNKNOWN, "policy-skydd-1"),
        ),
        (replace(GUARDIAN, role=None), Decision(Landing.NOT_THEIRS, Reason.ROLE_UNKNOWN, "barn-1")),
        (replace(GUARDIAN, role=Role.OTHER), Decision(Landing.NOT_THEIRS, Reason.NOT_A_GUARDIAN, "barn-1")),
    ],
)
def test_barn_1_barn_2_who_joins_for_whom(who: WhoActs, decision: Decision[Landing]) -> None:
    assert comes(who) == decision


def test_policy_anslutning_1_a_link_to_no_visit_is_nobodys() -> None:
    decision = may_join(None, THEMSELVES, START, HERE)
    assert decision == Decision(Landing.NOT_THEIRS, Reason.VISIT_GONE, OURS)


def test_barn_2_a_guardian_does_not_join_on_the_thirteenth_birthday_nor_sees_the_time_before() -> None:
    turns = replace(GUARDIAN, birth=START.date().replace(year=START.year - 13))
    for at in (START - timedelta(days=3), START):
        assert comes(turns, at).answer is Landing.NOT_THEIRS
    day_before = replace(VISIT, start=START - timedelta(days=1), over_at=END - timedelta(days=1))
    assert may_join(day_before, turns, START - timedelta(days=1), HERE).answer is Landing.OPEN


@pytest.mark.parametrize(
    ("visit", "at", "landing", "reason"),
    [
        ({}, START - 16 * MINUTE, Landing.EARLY, Reason.TOO_EARLY),
        ({}, START - 15 * MINUTE, Landing.OPEN, Reason.FOR_THEMSELVES),
        ({}, START - timedelta(days=30), Landing.EARLY, Reason.TOO_EARLY),
        ({}, END + 59 * MINUTE, Landing.OPEN, Reason.FOR_THEMSELVES),
        ({}, END + 60 * MINUTE, Landing.OVER, Reason.PASSED),
        ({"over_at": None}, START + 59 * MINUTE, Landing.OPEN, Reason.FOR_THEMSELVES),
        ({"over_at": None}, START + 60 * MINUTE, Landing.OVER, Reason.PASSED),
        ({"form": Form.CHAT, "join": None}, START, Landing.OPEN, Reason.FOR_THEMSELVES),
        ({"form": None}, START, Landing.OPEN, Reason.FOR_THEMSELVES),
        ({"form": Form.ON_SITE}, START, Landing.HELD_OTHERWISE, Reason.NOT_DIGITAL),
        ({"form": Form.PHONE}, START, Landing.HELD_OTHERWISE, Reason.NOT_DIGITAL),
        ({"stands": False, "cancelled": True}, START, Landing.CANCELLED, Reason.CANCELLED),
        ({"stands": False}, START - MINUTE, Landing.UNIT, Reason.VISIT_GONE),
        ({"stands": False}, START, Landing.OVER, Reason.VISIT_GONE),
        ({"start": None, "over_at": None}, START, Landing.UNIT, Reason.VISIT_GONE),
        ({"start": None, "over_at": None, "form": Form.ON_SITE}, START, Landing.UNIT, Reason.VISIT_GONE),
    ],
)
def test_policy_anslutning_1_when_a_visit_is_joined(
    visit: dict[str, Any], at: datetime, landing: Landing, reason: Reason
) -> None:
    decision = comes(at=at, **visit)
    assert (decision.answer, decision.reason) == (landing, reason)
    if landing is not Landing.OPEN:
        assert decision.clause == OURS


def test_policy_anslutning_1_whoever_has_no_date_of_birth_hears_that_their_visit_is_cancelled() -> None:
    undated = replace(THEMSELVES, birth=None)
    decision = comes(undated, stands=False, cancelled=True)
    assert (decision.answer, decision.reason) == (Landing.CANCELLED, Reason.CANCELLED)
    assert comes(replace(GUARDIAN, role=None), stands=False, cancelled=True).answer is Landing.NOT_THEIRS


@pytest.mark.parametrize("fold", [0, 1])
def test_policy_anslutning_1_in_the_hour_that_comes_twice_it_opens_before_its_own(fold: int) -> None:
    start = datetime(2027, 10, 31, 2, 30, fold=fold, tzinfo=STOCKHOLM)
    opens = start.astimezone(UTC) - 15 * MINUTE
    visit = {"start": start, "over_at": start.astimezone(UTC) + 30 * MINUTE}
    assert comes(at=opens - timedelta(seconds=1), **visit).answer is Landing.EARLY
    assert comes(at=opens, **visit).answer is Landing.OPEN


@pytest.mark.parametrize(
    ("region", "reason", "clause"),
    [
        (
            HERE.model_copy(update={"units": {UNIT_ID: SHADOW_UNIT}}),
            Reason.UNIT_IN_SHADOW,
            "policy-skugga-1",
        ),
        (HERE.model_copy(update={"units": {}}), Reason.UNIT_UNKNOWN, "policy-okand-1"),
    ],
)
def test_policy_skugga_1_nobody_joins_by_us_at_a_unit_in_shadow_or_unknown(
    region: Any, reason: Reason, clause: str
) -> None:
    assert comes(region=region) == Decision(Landing.UNIT, reason, clause)


@pytest.mark.parametrize(
    ("platform", "video_for", "reason", "clause"),
    [
        ("lifecare", "visit", Reason.NOT_FOR_THIS_USE, "system-2"),
        ("teams", "visit", Reason.NOT_FOR_THIS_PURPOSE, "system-2"),
        ("teams", None, Reason.PURPOSE_UNKNOWN, "system-2"),
        ("skype", "visit", Reason.PLATFORM_UNKNOWN, "policy-okand-1"),
    ],
)
def test_system_2_nobody_goes_on_to_a_platform_that_is_not_approved_for_it(
    platform: str, video_for: str | None, reason: Reason, clause: str
) -> None:
    assert comes(platform=platform, video_for=video_for) == Decision(Landing.UNIT, reason, clause)


@pytest.mark.parametrize(
    ("protected", "platform", "decision"),
    [
        (True, "platform24", Decision(Landing.UNIT, Reason.MANUAL_HANDLING, "skyddade-1")),
        (None, "platform24", Decision(Landing.NOT_KNOWN, Reason.PERSON_UNKNOWN, "policy-skydd-1")),
        (True, "safe", Decision(Landing.OPEN, Reason.FOR_THEMSELVES, "barn-2")),
        (None, "safe", Decision(Landing.OPEN, Reason.FOR_THEMSELVES, "barn-2")),
    ],
)
def test_skyddade_1_a_protected_person_joins_where_the_platform_can_handle_it(
    protected: bool | None, platform: str, decision: Decision[Landing]
) -> None:
    join = "https://safe.example.org/1" if platform == "safe" else f"{HOST}/1"
    assert comes(replace(THEMSELVES, protected=protected), platform=platform, join=join) == decision


def test_skyddade_1_before_its_time_a_protected_person_sees_it_as_everyone_does() -> None:
    early = START - timedelta(days=1)
    assert comes(replace(THEMSELVES, protected=True), early) == comes(at=early)


@pytest.mark.parametrize(
    ("join", "leads_to"),
    [
        (f"{HOST}/m/1?x=1#y", f"{HOST}/m/1?x=1#y"),
        ("https://VIDEO.example.org/m", "https://VIDEO.example.org/m"),
        ("https://video.example.org:8443/m", None),
        ("https://x@video.example.org/m", None),
        ("https://video.example.org@evil.example/m", None),
        ("https://evil.example/video.example.org", None),
        ("https://evil.example\\@video.example.org/", None),
        ("https://video.example.org\\.evil.example/", None),
        ("https://video.example.org.evil.example/", None),
        ("https://a.video.example.org/", None),
        ("https:///video.example.org", None),
        ("http://video.example.org/m", None),
        ("https://[video.example.org/", None),
        ("https://safe.example.org/of-another-platform", None),
    ],
)
def test_system_2_no_address_of_another_host_is_followed(join: str, leads_to: str | None) -> None:
    way = way_in(replace(VISIT, join=join), HERE)
    assert (way.answer, way.clause) == (leads_to, "system-2")
    if leads_to is None:
        assert way.reason is Reason.JOINED_ELSEWHERE
        assert comes(join=join) == Decision(Landing.UNIT, Reason.JOINED_ELSEWHERE, "system-2")


def test_without_an_address_the_platforms_entry_is_led_to() -> None:
    assert way_in(replace(VISIT, join=None), HERE).answer == "https://mitt.regionhalland.se/vard"
    assert way_in(replace(VISIT, join=None, platform="hope"), HERE).reason is Reason.NO_WAY_IN
    assert comes(join=None, platform=None).reason is Reason.NO_WAY_IN


def test_a_platform_that_is_not_said_is_known_by_the_host() -> None:
    said = replace(VISIT, platform=None)
    assert platform_of(said, HERE) == "platform24"
    assert comes(platform=None).answer is Landing.OPEN
    assert comes(platform=None, join="https://evil.example/").reason is Reason.JOINED_ELSEWHERE


ADDRESSES = st.sampled_from(
    [f"{HOST}/1", "https://evil.example/", "https://safe.example.org/", "https://teams.microsoft.com/l", None]
)
MOMENTS = st.integers(-100, 200).map(lambda minutes: START + minutes * MINUTE)
ROLES = st.sampled_from([*Role, None])
BIRTHS = st.sampled_from([CHILD, TEENAGER, date(1984, 11, 14), None])
PLATFORMS = st.sampled_from([*SYSTEMS, "skype", None])


@given(
    ROLES, BIRTHS, st.sampled_from([True, False, None]), MOMENTS, PLATFORMS, ADDRESSES,
    st.sampled_from([*Form, None]), st.booleans(), st.booleans(), st.sampled_from(["visit", "mdk", None]),
)  # fmt: skip
def test_nobody_is_ever_let_on_but_whose_it_is_at_its_time_to_a_listed_host(
    role: Role | None, birth: date | None, protected: bool | None, at: datetime, platform: str | None,
    join: str | None, form: Form | None, stands: bool, cancelled: bool, video_for: str | None,
) -> None:  # fmt: skip
    visit = replace(
        VISIT,
        platform=platform,
        join=join,
        form=form,
        stands=stands,
        cancelled=cancelled,
        video_for=video_for,
    )
    landing = may_join(visit, WhoActs(role=role, birth=birth, protected=protected), at, HERE).answer
    if landing is not Landing.OPEN:
        return
    assert (role, birth == CHILD) in ((Role.SELF, False), (Role.GUARDIAN, True))
    assert START - 15 * MINUTE <= at < END + 60 * MINUTE
    assert stands
    assert not cancelled
    to, of = way_in(visit, HERE).answer, platform_of(visit, HERE)
    assert of is not None
    assert to is not None
    assert to == SYSTEMS[of].entry or to.split("/")[2] in SYSTEMS[of].join_hosts
    assert protected is False or of in ("safe", "e1177")
