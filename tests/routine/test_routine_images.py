"""Images between platforms, through the intermediate storage (bilder-1 to bilder-4)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import NOW, REGION

from models.times import STOCKHOLM
from routine.decision import Decision
from routine.images import (
    StoredFile,
    Where,
    deleted_at,
    is_to_be_deleted,
    may_be_stored,
    may_read,
    where_to_fetch,
)
from routine.reasons import Reason
from routine.region import Region

OWNER, ANOTHER = "SE2321000115-P000000000001", "SE2321000115-P000000000002"
FILE = StoredFile(OWNER, NOW)
OVER = NOW + timedelta(hours=24)
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
    assert may_read(reader, FILE, now, REGION) == Decision(may, reason, clause)


def test_bilder_2_the_owners_id_may_be_in_small_letters_too() -> None:
    assert may_read(OWNER, StoredFile(OWNER.lower(), NOW), NOW, REGION).allowed


@pytest.mark.parametrize(
    ("now", "over", "where"),
    [
        pytest.param(NOW, False, Where.STORAGE, id="at once"),
        pytest.param(JUST_BEFORE, False, Where.STORAGE, id="until its time is over"),
        pytest.param(OVER, True, Where.SOURCE, id="when its time is over"),
        pytest.param(OVER + timedelta(days=9), True, Where.SOURCE, id="long after"),
    ],
)
def test_bilder_3_and_4_a_file_is_deleted_and_then_fetched_anew_from_its_source(
    now: datetime, over: bool, where: Where
) -> None:
    reason = Reason.FILE_DELETED if over else Reason.STORED
    assert is_to_be_deleted(FILE, now, REGION) == Decision(over, reason, "bilder-3")
    assert where_to_fetch(FILE, now, REGION) == Decision(where, reason, "bilder-4")


def test_bilder_3_the_region_says_how_long_a_file_lies() -> None:
    assert deleted_at(FILE, REGION) == OVER
    assert deleted_at(FILE, storage(life_hours=2)) == NOW + timedelta(hours=2)
    assert is_to_be_deleted(FILE, NOW + timedelta(hours=2), storage(life_hours=2)).allowed


@given(st.timedeltas(timedelta(), timedelta(days=5)))
def test_a_file_is_had_from_the_storage_just_as_long_as_its_owner_may_read_it(after: timedelta) -> None:
    readable = may_read(OWNER, FILE, NOW + after, REGION).allowed
    assert (where_to_fetch(FILE, NOW + after, REGION).answer is Where.STORAGE) is readable


def test_bilder_3_a_file_lies_24_hours_though_the_clocks_change() -> None:
    file = StoredFile(OWNER, datetime(2026, 10, 24, 12, 0, tzinfo=STOCKHOLM))
    assert deleted_at(file, REGION).timestamp() - file.stored_at.timestamp() == 24 * 3600


def test_bilder_2_nobody_reads_what_nobody_owns() -> None:
    assert not may_read("", StoredFile("", NOW), NOW, REGION).allowed
