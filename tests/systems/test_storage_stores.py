"""bilder-2, bilder-3: what every store keeps, a folder as well as an S3 store with versions and without."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE
from uuid import uuid4

import pytest
from storage_driver import (
    LONG_AGO,
    a_store,
    bucket_at,
    client_of,
    everything_in,
    lying_in,
    read,
    tomorrow,
    write,
)

from engine.base.errors import Incident, NotSent, Refused, SystemDown, VaxelError
from systems.storage.acts import store_of
from systems.storage.folder import FolderStore
from systems.storage.folder_keys import FolderKeys
from systems.storage.place import Place
from systems.storage.s3 import PART, S3Store

SIZES = {"nothing": 0, "a few bytes": 9, "several parts": 2 * PART + 1}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_what_was_written_is_read_again(place: Place, size: int) -> None:
    store, name, content = a_store(place), uuid4(), os.urandom(size)
    write(store, name, *(content[at : at + PART // 2] for at in range(0, size, PART // 2)))
    assert read(store, name) == content
    assert list(store.names(tomorrow())) == [name]
    assert list(store.names(LONG_AGO)) == []


@pytest.mark.parametrize("size", [9, PART + 1])
def test_what_broke_off_leaves_nothing(place: Place, size: int) -> None:
    store, name = a_store(place), uuid4()
    with suppress(ZeroDivisionError), store.writing(name) as target:
        target.write(bytes(size))
        raise ZeroDivisionError
    assert everything_in(place) == []


@pytest.mark.parametrize("size", [9, PART + 1])
def test_a_name_that_is_taken_keeps_what_it_has(place: Place, size: int) -> None:
    store, name = a_store(place), uuid4()
    write(store, name, b"the first")
    with pytest.raises(NotSent, match="name_taken"):
        write(store, name, bytes(size))
    assert read(store, name) == b"the first"
    assert len(everything_in(place)) == 1


def test_nothing_is_there_before_the_last_byte(place: Place) -> None:
    store, name = a_store(place), uuid4()
    with store.writing(name) as target:
        target.write(bytes(PART + 1))
        assert list(store.names(tomorrow())) == []
        with pytest.raises(Refused, match="file_gone"):
            read(store, name)


def test_what_is_deleted_is_gone_in_every_version_and_twice_is_as_good_as_once(place: Place) -> None:
    store, name, other = a_store(place), uuid4(), uuid4()
    write(store, name, b"x")
    write(store, other, b"another's")
    for _ in range(3 if place.is_s3() else 0):  # hidden by who only deletes, and written anew
        bucket, prefix = place.bucket()
        client_of(place).delete_object(Bucket=bucket, Key=f"{prefix}{name}")
        write(store, name, b"x")
        client_of(place).create_multipart_upload(Bucket=bucket, Key=f"{prefix}{name}")
    store.delete(name)
    store.delete(name)
    with pytest.raises(Refused, match="file_gone"):
        read(store, name)
    assert [each.removeprefix("a/prefix/") for each in everything_in(place)] == [str(other)]


def test_what_was_begun_and_never_ended_is_cleared_once_it_is_old(place: Place) -> None:
    store, name = a_store(place), uuid4()
    if place.is_s3():
        bucket, prefix = place.bucket()
        client_of(place).create_multipart_upload(Bucket=bucket, Key=f"{prefix}{name}")
    else:
        write(store, uuid4(), b"")
        (place.folder() / f".{name}.0123abcd").write_bytes(b"half")
    assert store.tidy(LONG_AGO) == 0
    assert store.tidy(tomorrow()) == 1
    assert store.tidy(tomorrow()) == 0
    assert len(everything_in(place)) == (not place.is_s3())


def test_a_path_tells_nothing_but_a_random_name(place: Place) -> None:
    write(a_store(place), name := uuid4(), b"x")
    assert everything_in(place) == [f"a/prefix/{name}" if place.is_s3() else str(name)]


def test_a_folder_of_files_is_ours_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write(FolderStore(tmp_path / "files"), name := uuid4(), b"x")
    finally:
        os.umask(before)
    modes = [S_IMODE(path.stat().st_mode) for path in (tmp_path / "files", tmp_path / "files" / str(name))]
    assert modes == [0o700, 0o600]


def test_nothing_lies_in_the_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (temporary := tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    with FolderStore(tmp_path / "files").writing(uuid4()) as target:
        target.write(b"x")
        assert list(temporary.iterdir()) == []


def test_a_link_under_the_name_is_not_followed(tmp_path: Path) -> None:
    store, name = FolderStore(tmp_path), uuid4()
    (tmp_path / "elsewhere").write_bytes(b"not ours")
    (tmp_path / str(name)).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(VaxelError):
        read(store, name)
    store.delete(name)
    assert (tmp_path / "elsewhere").read_bytes() == b"not ours"


@pytest.mark.parametrize("is_there", [False, True], ids=["no folder", "an empty one"])
def test_a_folder_that_is_not_mounted_says_nothing_of_its_files(tmp_path: Path, is_there: bool) -> None:
    """What is under the mount is another folder. Where the folder itself is there, what is not in it is gone."""
    folder, name = tmp_path / "files", uuid4()
    store = FolderStore(folder)
    write(store, name, b"x")
    folder.rename(tmp_path / "away")
    if is_there:
        folder.mkdir()
    with pytest.raises(Incident) as away:
        read(store, name)
    assert (away.value.reason, away.value.detail) == ("storage_not_there", "folder")
    if is_there:
        folder.rmdir()
    (tmp_path / "away").rename(folder)
    assert read(store, name) == b"x"
    store.delete(name)
    with pytest.raises(Refused, match="file_gone"):
        read(store, name)


@contextmanager
def _no_file_over(size: int) -> Iterator[None]:
    """As a disk that is full after so many bytes, for this process."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_folder_that_is_full_says_so_and_keeps_nothing_of_the_file(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "files")
    with pytest.raises(NotSent, match="storage_full"), _no_file_over(100_000):
        write(store, uuid4(), bytes(80_000), bytes(80_000))
    assert lying_in(tmp_path / "files") == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 1 MiB."""
    at = tmp_path / "disk"
    at.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", at], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    yield at
    subprocess.run(["umount", at], check=True)


def test_a_disk_that_is_full_or_read_only_loses_nothing_and_takes_more_when_it_can(small_disk: Path) -> None:
    store, first, second = FolderStore(small_disk / "files"), uuid4(), uuid4()
    write(store, first, b"x")
    with pytest.raises(NotSent, match="storage_full"):
        write(store, second, bytes(2_000_000))
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(NotSent, match="storage_unwritable"):
        write(store, second, b"y")
    with pytest.raises(NotSent, match="storage_unwritable"):
        store.delete(first)
    with pytest.raises(NotSent, match="keys_unreachable"):
        FolderKeys(small_disk / "keys").wrap(LONG_AGO, b"key", b"")
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    write(store, second, b"y")
    assert (read(store, first), read(store, second)) == (b"x", b"y")
    assert len(lying_in(small_disk / "files")) == 2


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ENOSPC, "storage_full"),
        (errno.EDQUOT, "storage_full"),
        (errno.EROFS, "storage_unwritable"),
        (errno.EACCES, "storage_unwritable"),
        (errno.EIO, "storage_failed"),
    ],
)
def test_each_error_of_the_file_system_has_its_meaning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, reason: str
) -> None:
    def fails(*_: object) -> None:
        raise OSError(code, "x", "/a/path")

    monkeypatch.setattr(os, "link", fails)
    with pytest.raises(NotSent) as refused:
        write(FolderStore(tmp_path), uuid4(), b"x")
    assert (refused.value.reason, refused.value.detail) == (reason, errno.errorcode[code])
    assert lying_in(tmp_path) == []


def test_proxies_of_the_environment_are_not_used(
    s3: str, nobody: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", nobody)
    monkeypatch.setenv("no_proxy", "")
    write(S3Store(bucket_at(s3, tmp_path)), uuid4(), b"x")


def test_a_bucket_that_is_none_and_a_store_that_is_away_are_told_apart(s3: str, nobody: str) -> None:
    there = Place("s3://no-such-bucket", Path(), s3, access_key="a", secret_key="s")
    with pytest.raises(Incident, match="storage_not_there"):
        write(S3Store(there), uuid4(), b"x")
    away = Place("s3://bucket", Path(), nobody, access_key="a", secret_key="s")
    with pytest.raises(SystemDown, match="unreachable"):
        store_of(away).delete(uuid4())


ANSWERS = [
    (403, "AccessDenied", NotSent, "storage_unwritable"),
    (403, "InvalidAccessKeyId", Incident, "storage_not_authorised"),
    (403, "SignatureDoesNotMatch", Incident, "storage_not_authorised"),
    (503, "SlowDown", SystemDown, "overloaded"),
    (507, "XMinioStorageFull", NotSent, "storage_full"),
    (500, "InternalError", NotSent, "storage_failed"),
]


@pytest.mark.parametrize(("status", "code", "kind", "reason"), ANSWERS, ids=str)
def test_each_answer_of_an_s3_store_has_its_meaning(
    peer: object, acts: object, status: int, code: str, kind: type[VaxelError], reason: str
) -> None:
    told = acts.answer(status, f"<Error><Code>{code}</Code><Message>m</Message></Error>")  # type: ignore[attr-defined]
    at = Place("s3://bucket", Path(), peer(told).url, access_key="a", secret_key="s")  # type: ignore[operator]
    with pytest.raises(kind) as refused:
        write(S3Store(at), uuid4(), b"x")
    assert (type(refused.value), refused.value.reason) == (kind, reason)
