"""Two systems tell of one visit (policy-dubblett-1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from routine_cases import NOW, REGION, START, UNIT_ID

from models.booking import Booking
from models.processes import EVENTS as EXAMPLES
from routine.reasons import Reason
from routine.same_visit import (
    BookingInSystem,
    does_it_stand_elsewhere,
    standing_too,
    stands_for,
    told_together,
)

VAS = BookingInSystem(
    key="vas:B-1", source="vas", patient=b"ada", unit=UNIT_ID, start=START, known_at=NOW, time_at=NOW
)
THEIRS = replace(VAS, key="platform24:P-1", source="platform24", known_at=NOW - timedelta(minutes=5))
ELSEWHERE = "SE2321000115-E000000000002"
LINKED = replace(THEIRS, unit=ELSEWHERE, same_as="vas:B-1")
MOVED: dict[str, Any] = {"start": START + timedelta(days=1), "time_at": NOW + timedelta(hours=1)}

# one, what the other is like, whose booking stands for the visit, and why
PAIRS: list[tuple[str, BookingInSystem, dict[str, Any], str, Reason]] = [
    ("alike, neither shown: the journal system's", THEIRS, {}, "vas:B-1", Reason.LIKE_VISIT),
    ("shown already: that stays", replace(THEIRS, shown=True), {}, "platform24:P-1", Reason.LIKE_VISIT),
    ("both shown: the journal system's", replace(THEIRS, shown=True), {"shown": True}, "vas:B-1", Reason.LIKE_VISIT),
    ("linked, at another unit", LINKED, {}, "vas:B-1", Reason.SAME_VISIT),
    ("both cancelled: the first known", replace(THEIRS, cancelled=True), {"cancelled": True}, "platform24:P-1",
     Reason.LIKE_VISIT),
    ("alike, and told of weeks apart", replace(THEIRS, known_at=NOW - timedelta(weeks=3)), {}, "vas:B-1",
     Reason.LIKE_VISIT),
    ("linked, the journal system's has moved", LINKED, MOVED, "vas:B-1", Reason.SAME_VISIT),
    ("linked, shown, the other has moved", replace(LINKED, shown=True), MOVED, "vas:B-1", Reason.SAME_VISIT),
    ("linked, the other's has moved", replace(LINKED, **MOVED), {"shown": True}, "platform24:P-1", Reason.SAME_VISIT),
    ("linked, moved in both: what is shown stays", replace(LINKED, **MOVED, shown=True),
     MOVED | {"time_at": NOW + timedelta(hours=2)}, "platform24:P-1", Reason.SAME_VISIT),
    ("linked, a time and none: the newer", LINKED, MOVED | {"start": None}, "vas:B-1", Reason.SAME_VISIT),
    ("linked, set at one moment: the journal system's", replace(LINKED, start=MOVED["start"], time_at=NOW), {},
     "vas:B-1", Reason.SAME_VISIT),
    ("linked, moved in one, cancelled in both", replace(LINKED, cancelled=True), MOVED | {"cancelled": True},
     "platform24:P-1", Reason.SAME_VISIT),
]  # fmt: skip


@pytest.mark.parametrize(
    ("theirs", "vas", "stands", "why"), [row[1:] for row in PAIRS], ids=[row[0] for row in PAIRS]
)
def test_policy_dubblett_1_one_booking_stands_for_the_visit_and_both_say_which(
    theirs: BookingInSystem, vas: dict[str, Any], stands: str, why: Reason
) -> None:
    ours = replace(VAS, **vas)
    answers = {ours.key: stands_for(ours, [theirs]), theirs.key: stands_for(theirs, [ours])}
    assert answers.pop(stands).reason is Reason.ONLY_BOOKING
    [other] = answers.values()
    assert (other.answer, other.reason, other.clause) == (stands, why, "policy-dubblett-1")


@pytest.mark.parametrize(
    "differs",
    [
        {"source": "vas"},
        {"patient": b"bo"},
        {"unit": ELSEWHERE},
        {"start": START + timedelta(minutes=5)},
        {"patient": b"bo", "same_as": "vas:B-1"},
        {"start": START + timedelta(days=1), "same_as": "vas:B-2"},
        {"cancelled": True},
        {"start": None},
    ],
)
def test_policy_dubblett_1_what_is_not_one_visit_is_two(differs: dict[str, Any]) -> None:
    theirs = replace(THEIRS, **differs)
    assert stands_for(VAS, [theirs]).answer is None
    assert stands_for(theirs, [VAS]).answer is None


def test_policy_dubblett_1_what_is_cancelled_in_one_system_may_stand_in_another() -> None:
    gone = replace(VAS, cancelled=True)
    assert does_it_stand_elsewhere(gone, [THEIRS])
    assert not does_it_stand_elsewhere(gone, [replace(THEIRS, cancelled=True)])
    assert not does_it_stand_elsewhere(VAS, [THEIRS])
    assert does_it_stand_elsewhere(gone, [replace(LINKED, **MOVED)])
    assert not does_it_stand_elsewhere(gone, [replace(THEIRS, unit=ELSEWHERE)])


def test_policy_dubblett_1_of_what_stands_elsewhere_too_that_on_1177_comes_first() -> None:
    third = replace(THEIRS, key="hope:B-3", source="hope", shown=True)
    gone = replace(VAS, cancelled=True)
    assert standing_too(gone, [THEIRS, third]) == (third.key, THEIRS.key)
    assert standing_too(VAS, [replace(THEIRS, cancelled=True), replace(third, unit=ELSEWHERE)]) == ()


def digital(**fields: Any) -> Booking:
    return Booking.model_validate(EXAMPLES["booking.created"].example["booking"] | {"form": "video"} | fields)


AT_TEAMS = "https://teams.microsoft.com/l/1"


@pytest.mark.parametrize(
    ("own", "other", "where"),
    [
        ({}, {"platform": "platform24"}, ("platform24", None, None)),
        ({}, {"join": AT_TEAMS, "video_for": "care_planning"}, (None, "care_planning", AT_TEAMS)),
        ({"platform": "teams"}, {"join": AT_TEAMS}, ("teams", None, AT_TEAMS)),
        ({"platform": "hope"}, {"join": AT_TEAMS}, ("hope", None, None)),
        ({"platform": "hope"}, {"platform": "teams", "join": AT_TEAMS}, ("hope", None, None)),
        ({"join": AT_TEAMS}, {"platform": "hope"}, (None, None, AT_TEAMS)),
        ({}, {"form": "chat", "platform": "platform24"}, (None, None, None)),
        ({"form": "on_site"}, {"platform": "platform24"}, (None, None, None)),
    ],
)
def test_policy_dubblett_1_where_a_visit_is_held_any_of_its_systems_may_say(
    own: dict[str, Any], other: dict[str, Any], where: tuple[str | None, ...]
) -> None:
    none = {"platform": None, "join": None, "video_for": None}
    told = told_together(digital(**none | own), [digital(**none | other)], REGION)
    assert (told.platform, told.video_for, told.join) == where
    assert told.id == digital().id
