"""Images between platforms, through the intermediate storage (bilder-1 to bilder-4)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import NOW, REGION

from models.times import STOCKHOLM
from routine.decision import Decision
from routine.images import OwnedFile, deleted_at, is_file_over, may_be_stored, may_read
from routine.reasons import Reason
from routine.region import Region

OWNER, ANOTHER = "SE2321000115-P000000000001", "SE2321000115-P000000000002"
OVER = NOW + timedelta(hours=24)
FILE = OwnedFile(OWNER, OVER)
JUST_BEFORE = OVER - timedelta(microseconds=1)


def storage(appointed: bool = True, life_hours: int = 24) -> Region:
    settings = REGION.storage.model_copy(update={"appointed": appointed, "life_hours": life_hours})
    return REGION.model_copy(update={"storage": settings})


@pytest.mark.parametrize(
    ("region", "stored", "reason"),
    [
        pytest.param(storage(True), True, Reason.STORED, id="ours is appointed"),
        pytest.param(storage(False), False, Reason.STORAGE_NOT_APPOINTED, id="ours is not"),
        pytest.param(REGION, False, Reason.STORAGE_NOT_APPOINTED, id="Halland as it stands"),
    ],
)
def test_bilder_1_a_transfer_goes_through_the_appointed_storage(
    region: Region, stored: bool, reason: Reason
) -> None:
    assert may_be_stored(region) == Decision(stored, reason, "bilder-1")


@pytest.mark.parametrize(
    ("reader", "now", "may", "reason", "clause"),
    [
        pytest.param(OWNER, NOW, True, Reason.OWN_FILE, "bilder-2", id="whoever put it there"),
        pytest.param(OWNER.lower(), NOW, True, Reason.OWN_FILE, "bilder-2", id="in small letters"),
        pytest.param(OWNER, JUST_BEFORE, True, Reason.OWN_FILE, "bilder-2", id="until its time is over"),
        pytest.param(OWNER, OVER, False, Reason.FILE_DELETED, "bilder-3", id="when its time is over"),
        pytest.param(ANOTHER, NOW, False, Reason.OTHERS_FILE, "bilder-2", id="another"),
        pytest.param(ANOTHER, OVER, False, Reason.OTHERS_FILE, "bilder-2", id="another, when it is over"),
        pytest.param("", NOW, False, Reason.OTHERS_FILE, "bilder-2", id="nobody"),
        pytest.param(OWNER[:-1], NOW, False, Reason.OTHERS_FILE, "bilder-2", id="a part of the id"),
        pytest.param(f"{OWNER} ", NOW, False, Reason.OTHERS_FILE, "bilder-2", id="the id and a space"),
    ],
)
def test_bilder_2_only_whoever_put_a_file_there_reads_it(
    reader: str, now: datetime, may: bool, reason: Reason, clause: str
) -> None:
    assert may_read(reader, FILE, now) == Decision(may, reason, clause)


def test_bilder_2_the_owners_id_may_be_in_small_letters_too() -> None:
    assert may_read(OWNER, OwnedFile(OWNER.lower(), OVER), NOW).allowed


@pytest.mark.parametrize(
    ("now", "over"),
    [
        pytest.param(NOW, False, id="at once"),
        pytest.param(JUST_BEFORE, False, id="until its time is over"),
        pytest.param(OVER, True, id="when its time is over"),
        pytest.param(OVER + timedelta(days=9), True, id="long after"),
    ],
)
def test_bilder_3_a_files_time_is_over_from_the_moment_that_was_settled_when_it_was_put_there(
    now: datetime, over: bool
) -> None:
    reason = Reason.FILE_DELETED if over else Reason.STORED
    assert is_file_over(OVER, now) == Decision(over, reason, "bilder-3")


def test_bilder_3_the_region_says_how_long_a_file_lies() -> None:
    assert deleted_at(NOW, REGION) == OVER
    assert deleted_at(NOW, storage(life_hours=2)) == NOW + timedelta(hours=2)


@given(st.timedeltas(timedelta(), timedelta(days=5)))
def test_bilder_3_its_owner_reads_a_file_just_as_long_as_its_time_is_not_over(after: timedelta) -> None:
    assert may_read(OWNER, FILE, NOW + after).allowed is not is_file_over(OVER, NOW + after).allowed


def test_bilder_3_a_file_lies_24_hours_though_the_clocks_change() -> None:
    stored_at = datetime(2026, 10, 24, 12, 0, tzinfo=STOCKHOLM)
    assert deleted_at(stored_at, REGION).timestamp() - stored_at.timestamp() == 24 * 3600


def test_bilder_2_nobody_reads_what_nobody_owns() -> None:
    assert not may_read("", OwnedFile("", OVER), NOW).allowed
