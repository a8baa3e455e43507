"""What a booking's new snapshot tells, and what is still owed from before (besok-2, avisering-1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from routine_cases import NOW, START

from routine.occasion import (
    LastKnown,
    Occasion,
    Snapshot,
    after,
    is_former_to_be_told,
    is_told_as_series,
)
from routine.particulars import Particulars
from routine.reasons import Reason

BOOKED, CHANGED, CANCELLED = Occasion.BOOKED, Occasion.CHANGED, Occasion.CANCELLED
BEFORE = NOW - timedelta(days=1)
OVER_THERE = NOW - timedelta(seconds=5)
OTHER_START = START + timedelta(hours=1)


def at(start: datetime | None, **differs: Any) -> Particulars:
    return Particulars(**{"start": start, "unit": "SE2321000115-E000000000001"} | differs)


NEW = LastKnown()
SOMEONE = b"someone"
TOLD = LastKnown(known=True, patient=SOMEONE, what=at(START), time_at=BEFORE, booked_at=BEFORE)
BOOKING_OWED = replace(TOLD, occasion=BOOKED, occasion_at=BEFORE)
MOVE_OWED = replace(TOLD, occasion=CHANGED, occasion_at=BEFORE)
CANCELLING_OWED = replace(TOLD, cancelled=True, occasion=CANCELLED, occasion_at=BEFORE)
CANCELLED_AND_TOLD = replace(TOLD, cancelled=True)
TAKEN_AWAY = replace(CANCELLED_AND_TOLD, silent=True)


def came(occasion: Occasion, start: datetime | None = START, **differs: Any) -> Snapshot:
    what = {"patient": SOMEONE, "what": at(start), "occurred_at": OVER_THERE, "received_at": NOW}
    return Snapshot(occasion=occasion, **what | differs)


# as it stood, what came, what is owed then, and whether that is owed from now
OWED = [
    ("the first, booked", NEW, came(BOOKED), BOOKED, True),
    ("the first, an open call letter", NEW, came(BOOKED, None), BOOKED, True),
    ("the first, changed: its booking was never seen", NEW, came(CHANGED), CHANGED, True),
    ("the first, cancelled", NEW, came(CANCELLED), CANCELLED, True),
    ("moved", TOLD, came(CHANGED, OTHER_START), CHANGED, True),
    ("changed without a move, and nothing is owed", TOLD, came(CHANGED), CHANGED, True),
    ("booked a second time", TOLD, came(BOOKED), CHANGED, True),
    ("booked a second time, at another time", TOLD, came(BOOKED, OTHER_START), CHANGED, True),
    ("a time chosen from an open call letter", replace(TOLD, what=at(None)), came(CHANGED), BOOKED, True),
    ("a time taken away: an open call letter", TOLD, came(CHANGED, None), CHANGED, True),
    ("cancelled", TOLD, came(CANCELLED), CANCELLED, True),
    ("the booking owed, then changed without a move", BOOKING_OWED, came(CHANGED), BOOKED, False),
    ("the booking owed, then moved", BOOKING_OWED, came(CHANGED, OTHER_START), BOOKED, True),
    ("the booking owed, then cancelled", BOOKING_OWED, came(CANCELLED), CANCELLED, True),
    ("the move owed, then changed without a move", MOVE_OWED, came(CHANGED), CHANGED, False),
    ("the move owed, then moved again", MOVE_OWED, came(CHANGED, OTHER_START), CHANGED, True),
    ("the move owed, then cancelled", MOVE_OWED, came(CANCELLED), CANCELLED, True),
    ("the cancelling owed, then booked anew", CANCELLING_OWED, came(BOOKED), BOOKED, True),
    ("the cancelling owed, then changed: back again", CANCELLING_OWED, came(CHANGED), BOOKED, True),
    ("cancelled and told, then back again", CANCELLED_AND_TOLD, came(CHANGED), BOOKED, True),
    ("taken away, then back at the same time", TAKEN_AWAY, came(BOOKED), CHANGED, True),
    ("taken away, then back at another time", TAKEN_AWAY, came(BOOKED, OTHER_START), CHANGED, True),
    ("taken away, owed, then back", replace(TAKEN_AWAY, occasion=CANCELLED), came(CHANGED), CHANGED, True),
]  # fmt: skip


@pytest.mark.parametrize(("name", "was", "snapshot", "owed", "anew"), OWED, ids=[row[0] for row in OWED])
def test_what_the_resident_is_to_hear_of(
    name: str, was: LastKnown, snapshot: Snapshot, owed: Occasion, anew: bool
) -> None:
    now = after(was, snapshot)
    assert (now.occasion, now.occasion_at) == (owed, NOW if anew else BEFORE)
    assert (now.known, now.what, now.cancelled) == (True, snapshot.what, snapshot.occasion is CANCELLED)


# when the time was set, and so of which call letter it is
TIMES = [
    ("the first", NEW, came(BOOKED), True),
    ("the first, cancelled", NEW, came(CANCELLED), True),
    ("moved", TOLD, came(CHANGED, OTHER_START), True),
    ("the time taken away", TOLD, came(CHANGED, None), True),
    ("a corrected typo", TOLD, came(CHANGED), False),
    ("cancelled", TOLD, came(CANCELLED), False),
    ("cancelled aloud, and back at the same time", CANCELLED_AND_TOLD, came(CHANGED), True),
    ("taken away, and back at the same time", TAKEN_AWAY, came(CHANGED), False),
    ("taken away, and back at another time", TAKEN_AWAY, came(CHANGED, OTHER_START), True),
]


@pytest.mark.parametrize(("name", "was", "snapshot", "moved"), TIMES, ids=[row[0] for row in TIMES])
def test_a_new_time_has_a_call_letter_of_its_own(
    name: str, was: LastKnown, snapshot: Snapshot, moved: bool
) -> None:
    now = after(replace(was, letter_failed=True), snapshot)
    assert now.time_at == (OVER_THERE if moved else BEFORE)
    assert now.letter_failed is not moved


SECOND = timedelta(seconds=1)
TIMES_SET = [
    (OVER_THERE - SECOND * 2, OVER_THERE),
    (OVER_THERE - SECOND, OVER_THERE),
    (OVER_THERE - SECOND / 2, OVER_THERE + SECOND / 2),
    (OVER_THERE, OVER_THERE + SECOND),
    (OVER_THERE + SECOND * 60, OVER_THERE + SECOND * 61),
]


@pytest.mark.parametrize(("before", "now"), TIMES_SET)
def test_a_time_is_set_a_second_later_at_least_than_the_one_before_it(
    before: datetime, now: datetime
) -> None:
    assert after(replace(TOLD, time_at=before), came(CHANGED, OTHER_START)).time_at == now


# no news (policy-avisering-2)
SILENT = [
    ("a new booking", NEW, came(BOOKED), False),
    ("a replay", NEW, came(BOOKED, replay=True), True),
    ("part of a load, never seen before", NEW, came(BOOKED, is_load=True), True),
    ("part of a load, though known", TOLD, came(CHANGED, OTHER_START, is_load=True), False),
    ("a replay that moves what is known", TOLD, came(CHANGED, OTHER_START, replay=True), True),
    ("a replay that cancels what is known", TOLD, came(CANCELLED, replay=True), True),
    ("a load that cancels what is known", TOLD, came(CANCELLED, is_load=True), False),
    ("a replay that moves nothing", TOLD, came(CHANGED, replay=True), False),
    ("a typo corrected in what was loaded", replace(TOLD, silent=True), came(CHANGED), True),
    ("a move of what was loaded", replace(TOLD, silent=True), came(CHANGED, OTHER_START), False),
    ("a cancelling of what was loaded", replace(TOLD, silent=True), came(CANCELLED), False),
    ("back at the same time after it was taken away", TAKEN_AWAY, came(BOOKED), True),
    ("back at another time after it was taken away", TAKEN_AWAY, came(BOOKED, OTHER_START), False),
    ("back after a cancelling that was told", CANCELLED_AND_TOLD, came(BOOKED), False),
]


@pytest.mark.parametrize(("name", "was", "snapshot", "silent"), SILENT, ids=[row[0] for row in SILENT])
def test_what_is_no_news(name: str, was: LastKnown, snapshot: Snapshot, silent: bool) -> None:
    assert after(was, snapshot).silent is silent


ECHOES = [
    ("the first, as we asked", NEW, came(BOOKED, echo=True), True),
    ("the first, by care", NEW, came(BOOKED), False),
    ("moved as we asked", TOLD, came(CHANGED, OTHER_START, echo=True), True),
    ("moved by care after an echo", replace(TOLD, echo=True), came(CHANGED, OTHER_START), False),
    ("cancelled as we asked", TOLD, came(CANCELLED, echo=True), True),
    ("a booking by care is owed, then moved as we asked", BOOKING_OWED, came(CHANGED, OTHER_START, echo=True), False),
    ("a move by care is owed, then a typo as we asked", MOVE_OWED, came(CHANGED, echo=True), False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "was", "snapshot", "echo"), ECHOES, ids=[row[0] for row in ECHOES])
def test_whose_doing_it_was_goes_with_what_is_owed(
    name: str, was: LastKnown, snapshot: Snapshot, echo: bool
) -> None:
    assert after(was, snapshot).echo is echo


def test_when_it_was_booked_is_known_only_of_a_first_snapshot_that_says_so() -> None:
    assert after(NEW, came(BOOKED)).booked_at == NOW
    assert after(NEW, came(CHANGED)).booked_at is None
    assert after(NEW, came(CANCELLED)).booked_at is None
    assert after(TOLD, came(BOOKED)).booked_at == BEFORE
    assert after(CANCELLED_AND_TOLD, came(BOOKED)).booked_at == BEFORE


STANDINGS = [NEW, TOLD, BOOKING_OWED, MOVE_OWED, CANCELLING_OWED, CANCELLED_AND_TOLD, TAKEN_AWAY]


@pytest.mark.parametrize(("was", "occasion"), list(product(STANDINGS, Occasion)))
def test_after_any_snapshot_something_is_owed_and_a_cancelling_only_of_a_cancelled_one(
    was: LastKnown, occasion: Occasion
) -> None:
    now = after(was, came(occasion))
    assert now.cancelled is (occasion is CANCELLED)
    if not (was.cancelled and now.cancelled and not was.silent):
        assert now.occasion is not None
        assert (now.occasion is CANCELLED) is now.cancelled


@pytest.mark.parametrize("was", [CANCELLED_AND_TOLD, CANCELLING_OWED])
def test_to_be_cancelled_twice_is_no_news(was: LastKnown) -> None:
    for again in (came(CANCELLED), came(CANCELLED, replay=True)):
        assert after(was, again) == was


def test_what_was_taken_away_without_a_word_is_news_when_it_is_cancelled_aloud() -> None:
    aloud = after(TAKEN_AWAY, came(CANCELLED))
    assert (aloud.occasion, aloud.silent, aloud.occasion_at) == (CANCELLED, False, NOW)
    assert after(TAKEN_AWAY, came(CANCELLED, replay=True)) == TAKEN_AWAY


def test_a_replay_does_not_silence_what_is_owed() -> None:
    moved = after(BOOKING_OWED, came(CHANGED, OTHER_START, replay=True))
    assert (moved.occasion, moved.silent) == (BOOKED, False)
    assert after(replace(BOOKING_OWED, silent=True), came(CHANGED, OTHER_START, replay=True)).silent
    assert after(TOLD, came(CHANGED, OTHER_START, replay=True)).silent
    assert after(BOOKING_OWED, came(CANCELLED, replay=True)).silent


@pytest.mark.parametrize(
    ("was_echo", "is_echo"), [(True, True), (True, False), (False, True), (False, False)]
)
def test_the_echo_of_a_booking_that_care_then_moves_is_no_echo_any_more(
    was_echo: bool, is_echo: bool
) -> None:
    owed = replace(BOOKING_OWED, echo=was_echo)
    assert after(owed, came(CHANGED, OTHER_START, echo=is_echo)).echo is (was_echo and is_echo)
    assert after(owed, came(CHANGED, echo=is_echo)).echo is was_echo


def test_the_standing_before_is_left_as_it_was() -> None:
    was = replace(BOOKING_OWED)
    after(was, came(CANCELLED))
    assert was == BOOKING_OWED


@pytest.mark.parametrize(
    ("occasion", "was_told", "as_one"),
    [
        (BOOKED, False, True),
        (BOOKED, True, False),
        (CANCELLED, False, True),
        (CANCELLED, True, True),
        (CHANGED, False, False),
        (CHANGED, True, False),
        (None, False, False),
        (None, True, False),
    ],
)
def test_policy_avisering_1_a_series_is_told_as_one_when_booked_or_cancelled(
    occasion: Occasion | None, was_told: bool, as_one: bool
) -> None:
    assert is_told_as_series(occasion, was_told=was_told) is as_one


OTHER, FIRST_CHANGED = b"another", replace(TOLD, words="Kontroll")


def test_policy_andring_2_the_right_patient_hears_of_a_booking_whatever_the_former_has_heard() -> None:
    for was in (TOLD, BOOKING_OWED, MOVE_OWED, CANCELLING_OWED, CANCELLED_AND_TOLD, TAKEN_AWAY):
        now = after(was, came(CHANGED, patient=OTHER, echo=True, is_load=True))
        assert (now.occasion, now.occasion_at, now.booked_at, now.patient) == (BOOKED, NOW, NOW, OTHER)
        assert (now.echo, now.silent, now.cancelled) == (False, False, False)
        assert now.time_at == OVER_THERE


def test_policy_andring_2_a_replay_corrects_without_a_word() -> None:
    assert after(TOLD, came(CHANGED, patient=OTHER, replay=True)).silent


def test_policy_andring_2_the_right_patient_hears_nothing_of_what_is_cancelled_already() -> None:
    now = after(TOLD, came(CANCELLED, patient=OTHER))
    assert (now.occasion, now.cancelled) == (None, True)
    assert after(now, came(CHANGED, patient=OTHER)).occasion is BOOKED


@pytest.mark.parametrize(
    ("was", "reached", "reason"),
    [
        (TOLD, True, Reason.PATIENT_CORRECTED),
        (TOLD, False, Reason.NEVER_HEARD),
        (CANCELLING_OWED, True, Reason.PATIENT_CORRECTED),
        (CANCELLED_AND_TOLD, True, Reason.CANCELLED),
    ],
)
def test_policy_andring_2_the_former_patient_is_cancelled_to_if_they_had_heard_of_it(
    was: LastKnown, reached: bool, reason: Reason
) -> None:
    decision = is_former_to_be_told(was, reached=reached)
    assert (decision.allowed, decision.reason) == (reason is Reason.PATIENT_CORRECTED, reason)


def test_policy_andring_1_another_word_is_another_letter_and_no_other_time() -> None:
    now = after(FIRST_CHANGED, came(CHANGED, words="Återbesök"))
    assert (now.reworded_at, now.time_at) == (OVER_THERE, BEFORE)
    again = after(now, came(CHANGED, words="Kontroll"))
    assert again.reworded_at == OVER_THERE + timedelta(seconds=1)
    assert after(again, came(CHANGED, OTHER_START, words="Kontroll")).reworded_at is None
    assert after(FIRST_CHANGED, came(CHANGED, words="Kontroll")).reworded_at is None


@pytest.mark.parametrize(
    ("was", "snapshot", "by_patient"),
    [
        (TOLD, came(CHANGED, OTHER_START, by_patient=True), True),
        (TOLD, came(CHANGED, OTHER_START), False),
        (TOLD, came(CHANGED, by_patient=True), False),
        (replace(MOVE_OWED, by_patient=True), came(CHANGED, OTHER_START), False),
        (replace(MOVE_OWED, by_patient=True), came(CHANGED), True),
        (MOVE_OWED, came(CHANGED, OTHER_START, by_patient=True), True),
    ],
)
def test_besok_2_a_time_that_the_patient_chose_is_no_change_by_care(
    was: LastKnown, snapshot: Snapshot, by_patient: bool
) -> None:
    assert after(was, snapshot).by_patient is by_patient
