"""bilder-3: a file's key is wrapped by that of its hour; when the hour is over nobody opens it again."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_IMODE

import pytest

from engine.base.errors import NotSent, Refused
from systems.storage.folder_keys import FolderKeys
from systems.storage.hour_keys import end_of, hour_of

HOUR = datetime(2027, 3, 1, 14, tzinfo=UTC)
KEY, BOUND = b"a file's key", b"file, name, hour"


@pytest.fixture
def keys(tmp_path: Path) -> FolderKeys:
    return FolderKeys(tmp_path / "keys")


def why(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, str]:
    return refused.value.reason, refused.value.detail


def test_a_key_that_was_wrapped_opens_again_and_never_the_same_way(keys: FolderKeys) -> None:
    wrapped = keys.wrap(HOUR, KEY, BOUND)
    assert keys.unwrap(HOUR, wrapped, BOUND) == KEY
    assert keys.wrap(HOUR, KEY, BOUND) != wrapped


def test_it_opens_only_for_what_it_was_bound_to(keys: FolderKeys) -> None:
    wrapped, later = keys.wrap(HOUR, KEY, BOUND), HOUR + timedelta(hours=1)
    keys.wrap(later, KEY, BOUND)
    tries = [
        (HOUR, wrapped, b"another file"),
        (later, wrapped, BOUND),
        (HOUR, wrapped[:-1], BOUND),
        (HOUR, b"", BOUND),
    ]
    for hour, given, bound_to in tries:
        with pytest.raises(Refused) as refused:
            keys.unwrap(hour, given, bound_to)
        assert why(refused) == ("keys_gone", "other")


def test_a_key_that_is_missing_where_others_were_destroyed_is_gone(keys: FolderKeys) -> None:
    keys.wrap(HOUR + timedelta(hours=1), KEY, BOUND)
    keys.destroy_before(HOUR)
    with pytest.raises(Refused) as refused:
        keys.unwrap(HOUR, b"wrapped", BOUND)
    assert why(refused) == ("keys_gone", "missing")


def test_an_hour_that_is_over_opens_nothing_and_has_no_key_again(keys: FolderKeys, tmp_path: Path) -> None:
    wrapped = keys.wrap(HOUR, KEY, BOUND)
    assert keys.destroy_before(end_of(HOUR) - timedelta(seconds=1)) == []
    assert keys.unwrap(HOUR, wrapped, BOUND) == KEY
    assert keys.destroy_before(end_of(HOUR)) == [HOUR]
    assert keys.destroy_before(end_of(HOUR)) == []
    for act in (lambda: keys.unwrap(HOUR, wrapped, BOUND), lambda: keys.wrap(HOUR, KEY, BOUND)):
        with pytest.raises(Refused) as refused:
            act()
        assert why(refused) == ("keys_gone", "destroyed")
    assert os.listdir(tmp_path / "keys") == ["over-2027-03-01T15Z"]


def test_an_hour_that_is_over_and_never_had_a_key_gets_none(keys: FolderKeys) -> None:
    keys.wrap(HOUR + timedelta(days=1), KEY, BOUND)
    keys.destroy_before(end_of(HOUR))
    with pytest.raises(Refused):
        keys.wrap(HOUR - timedelta(days=3), KEY, BOUND)


def test_a_clock_that_goes_back_brings_no_hour_back(keys: FolderKeys) -> None:
    keys.wrap(HOUR, KEY, BOUND)
    keys.destroy_before(end_of(HOUR))
    keys.destroy_before(HOUR - timedelta(days=1))
    with pytest.raises(Refused):
        keys.wrap(HOUR, KEY, BOUND)


def test_of_two_machines_the_later_clock_says_what_is_over(keys: FolderKeys, tmp_path: Path) -> None:
    """One that was about to write down an earlier hour, and does so after the other's, takes nothing back."""
    keys.wrap(HOUR, KEY, BOUND)
    keys.destroy_before(end_of(HOUR))
    (tmp_path / "keys" / "over-2027-03-01T14Z").touch()
    with pytest.raises(Refused, match="destroyed"):
        keys.wrap(HOUR, KEY, BOUND)
    keys.destroy_before(end_of(HOUR) + timedelta(hours=1))
    assert os.listdir(tmp_path / "keys") == ["over-2027-03-01T16Z"]


def test_what_is_destroyed_is_overwritten_before_it_is_taken_away(keys: FolderKeys, tmp_path: Path) -> None:
    keys.wrap(HOUR, KEY, BOUND)
    (tmp_path / "kept").hardlink_to(tmp_path / "keys" / "2027-03-01T14Z")
    keys.destroy_before(end_of(HOUR))
    assert (tmp_path / "kept").read_bytes() == bytes(32)


def test_the_folder_and_its_keys_are_ours_alone(keys: FolderKeys, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keys.wrap(HOUR, KEY, BOUND)
    finally:
        os.umask(before)
    paths = (tmp_path / "keys", tmp_path / "keys" / "2027-03-01T14Z")
    assert [S_IMODE(path.stat().st_mode) for path in paths] == [0o700, 0o600]


def test_of_many_that_make_an_hours_key_at_once_one_does(keys: FolderKeys, tmp_path: Path) -> None:
    start, wrapped = threading.Barrier(8), []

    def wrap() -> None:
        mine = FolderKeys(tmp_path / "keys")  # as another machine's
        start.wait()
        wrapped.append(mine.wrap(HOUR, KEY, BOUND))

    threads = [threading.Thread(target=wrap) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [keys.unwrap(HOUR, each, BOUND) for each in wrapped] == [KEY] * 8
    assert os.listdir(tmp_path / "keys") == ["2027-03-01T14Z"]


@pytest.mark.parametrize("is_linked", [False, True])
def test_one_that_died_while_making_a_key_leaves_no_half_one(
    keys: FolderKeys, tmp_path: Path, is_linked: bool
) -> None:
    """Before it was written, or just after it was given its name; what is left goes with the next that is destroyed."""
    (folder := tmp_path / "keys").mkdir()
    draft = folder / ".2027-03-01T14Z.0123abcd"
    draft.write_bytes(os.urandom(32) if is_linked else b"half")
    if is_linked:
        (folder / "2027-03-01T14Z").hardlink_to(draft)
    wrapped = keys.wrap(HOUR, KEY, BOUND)
    keys.destroy_before(HOUR)  # by then it is old
    assert not draft.exists()
    assert keys.unwrap(HOUR, wrapped, BOUND) == KEY


def test_a_key_that_is_cut_opens_nothing_and_is_not_replaced(keys: FolderKeys, tmp_path: Path) -> None:
    keys.wrap(HOUR, KEY, BOUND)
    (tmp_path / "keys" / "2027-03-01T14Z").write_bytes(b"short")
    with pytest.raises(Refused, match="other"):
        keys.wrap(HOUR, KEY, BOUND)


def test_a_folder_that_does_not_answer_says_nothing_of_its_keys(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("no folder")
    with pytest.raises(NotSent, match="keys_unreachable"):
        FolderKeys(tmp_path / "keys").unwrap(HOUR, b"x", BOUND)


@pytest.mark.parametrize("under_the_mount", [None, "nothing", "a key that was made meanwhile"])
def test_a_folder_that_is_not_mounted_says_nothing_of_its_keys_and_is_not_taken_for_ours(
    keys: FolderKeys, tmp_path: Path, under_the_mount: str | None
) -> None:
    """The clearing of each minute writes no mark there, and what was wrapped opens once it is mounted again."""
    wrapped, folder = keys.wrap(HOUR, KEY, BOUND), tmp_path / "keys"
    folder.rename(tmp_path / "away")
    if under_the_mount:
        folder.mkdir()
    if under_the_mount != "a key that was made meanwhile":
        assert keys.destroy_before(end_of(HOUR)) == []
    else:
        keys.wrap(HOUR + timedelta(hours=1), KEY, BOUND)
    with pytest.raises(NotSent) as unreachable:
        keys.unwrap(HOUR, wrapped, BOUND)
    assert (unreachable.value.reason, unreachable.value.detail) == ("keys_unreachable", "no_mark")
    for path in folder.iterdir() if folder.exists() else ():
        path.unlink()
    (tmp_path / "away").rename(folder)
    assert keys.unwrap(HOUR, wrapped, BOUND) == KEY


@pytest.mark.parametrize("moment", ["2027-03-01T14:00:00+00:00", "2027-03-01T15:59:59.9+01:00"])
def test_the_hour_of_a_moment_is_that_of_utc(moment: str) -> None:
    assert hour_of(datetime.fromisoformat(moment)) == HOUR
