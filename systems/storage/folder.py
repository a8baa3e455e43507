"""A folder of this machine's, or one that several have mounted, as a store.

A file is written beside its name, flushed to the disk, and then linked to it: so it is whole under its name or not
there, and what had the name already stays. The file system has to know hard links (NFS does; FAT and some shares
do not).

A folder that files were written into has a mark: where the mark is missing, that is another folder (what lies under
a mount that is away, say), and that a file is not in it says nothing of the file.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from engine.base.errors import Incident, NotSent, Refused, VaxelError
from engine.base.private_files import FILE, private_folder
from systems.storage.store import Store, Writing

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NOT_OURS = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EMLINK, errno.EOPNOTSUPP)
MARK = "vaxel-storage"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
AHEAD = 8 * 1024 * 1024
"""Bytes after which what was written is sent on to the disk, which has nothing to do while a file comes: so the flush
at its end has little to wait for, and no file waits because Linux has too much that is not written yet."""


class FolderStore(Store):
    """In a folder of mode 0700, each file of mode 0600 under its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def writing(self, name: UUID) -> Iterator[_Draft]:
        """As `Store.writing`."""
        draft = self._folder / f".{name}.{secrets.token_hex(4)}"
        with _judged():
            self._marked(private_folder(self._folder))
            file = os.open(draft, _NEW, FILE)
        try:
            yield _Draft(file)
            with _judged():
                os.fsync(file)
                os.link(draft, self._path(name))
        finally:
            os.close(file)
            with suppress(OSError):  # `tidy` clears what is left
                draft.unlink()
        with _judged():
            self._settle()

    @contextmanager
    def reading(self, name: UUID) -> Iterator[BinaryIO]:
        """As `Store.reading`."""
        with _judged():
            try:
                file = os.open(self._path(name), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            except FileNotFoundError:
                raise self._not_there() from None
        with os.fdopen(file, "rb", buffering=0) as opened:
            yield opened

    def delete(self, name: UUID) -> None:
        """As `Store.delete`."""
        with _judged():
            self._path(name).unlink(missing_ok=True)
            if self._folder.exists():
                self._settle()

    def names(self, before: datetime) -> Iterator[UUID]:
        """As `Store.names`."""
        for path in self._older(before):
            with suppress(ValueError):
                yield UUID(path.name)

    def tidy(self, before: datetime) -> int:
        """As `Store.tidy`."""
        left = [path for path in self._older(before) if path.name.startswith(".")]
        with _judged():
            for path in left:
                path.unlink(missing_ok=True)
        return len(left)

    def _marked(self, folder: Path) -> None:
        if not (folder / MARK).exists():
            (folder / MARK).touch(FILE)

    def _not_there(self) -> VaxelError:
        """Asked after the file: a mount that comes meanwhile is asked once more."""
        if (self._folder / MARK).exists():
            return Refused("file_gone")
        return Incident("storage_not_there", "folder")

    def _older(self, before: datetime) -> list[Path]:
        if not self._folder.exists():
            return []
        with _judged(), os.scandir(self._folder) as entries:
            return [Path(entry) for entry in entries if _written_at(entry) < before.timestamp()]

    def _path(self, name: UUID) -> Path:
        return self._folder / str(name)

    def _settle(self) -> None:
        """That a name is there, or no more, is on the disk too."""
        sync_folder(self._folder)


class _Draft(Writing):
    """What is written beside the name: all of it, or an error is raised, also where the disk fills half-way."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._written = self._sent_on = 0

    def write(self, data: bytes, /) -> int:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            raise _meaning(error) from None
        self._written += len(data)
        if self._written - self._sent_on >= AHEAD:
            self._send_on()
        return len(data)

    def _send_on(self) -> None:
        """Linux begins to write what is said not to be needed, and waits for none of it; the flush is what counts."""
        with suppress(AttributeError, OSError):  # a system, or a file system, that does not know it
            since = self._written - self._sent_on
            os.posix_fadvise(self._file, self._sent_on, since, os.POSIX_FADV_DONTNEED)
        self._sent_on = self._written


def sync_folder(folder: Path) -> None:
    """Have the folder's own entries on the disk."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _written_at(entry: os.DirEntry[str]) -> float:
    """When its last byte was written. One that goes just now is as new."""
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return float("inf")


@contextmanager
def _judged() -> Iterator[None]:
    """What an error of the file system means."""
    try:
        yield
    except OSError as error:
        raise _meaning(error) from None


def _meaning(error: OSError) -> VaxelError:
    code = errno.errorcode.get(error.errno or 0, "")
    if error.errno in FULL:
        return NotSent("storage_full", code)
    if error.errno in NOT_OURS:
        return NotSent("storage_unwritable", code)
    if error.errno == errno.EEXIST:
        return NotSent("name_taken")
    return NotSent("storage_failed", code)
