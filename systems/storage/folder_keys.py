"""The hours' keys as files in a folder of ours (0700), one an hour (0600).

A key is written beside its name, flushed, and linked to it: of two machines that make the same hour's at once, one
does, and both read that; one that dies half-way leaves no half key. `over-<hour>` tells before which hour all keys
are destroyed: it is written before any is, so that no hour that has passed has one again. It also tells that this is
the folder: one without it, or none at all, says nothing of a key that is not in it (a mount is away, say).
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.base.errors import NotSent, Refused
from engine.base.private_files import FILE, private_folder
from systems.storage.folder import sync_folder
from systems.storage.hour_keys import end_of, hour_of

KEY_BYTES, NONCE_BYTES = 32, 12
OVER = "over-"
_NAME = "%Y-%m-%dT%HZ"
_DRAFT = "."


class FolderKeys:
    """`HourKeys` in a folder. Several machines have the same one mounted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def wrap(self, hour: datetime, key: bytes, bound_to: bytes) -> bytes:
        """As `HourKeys.wrap`: a random nonce of 12 bytes, then AES-256-GCM."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        with _reachable():
            sealing = AESGCM(self._made(hour))
        return nonce + sealing.encrypt(nonce, key, bound_to)

    def unwrap(self, hour: datetime, wrapped: bytes, bound_to: bytes) -> bytes:
        """As `HourKeys.unwrap`."""
        with _reachable():
            sealing = AESGCM(self._kept(hour))
        try:
            return sealing.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound_to)
        except (InvalidTag, ValueError):
            raise Refused("keys_gone", "other") from None

    def destroy_before(self, moment: datetime) -> list[datetime]:
        """As `HourKeys.destroy_before`: each is overwritten, flushed and taken away, and so is what a draft left."""
        with _reachable():
            if not self._folder.exists() or not (self._named("") or self._marks()):
                return []  # nothing was ever wrapped here: none of ours, or it is away
            self._remember(moment)
            ended = sorted(hour for hour in self._named("") if end_of(hour) <= self._over())
            for path in [*map(self._path, ended), *self._old_drafts(moment)]:
                _destroy(path)
            sync_folder(self._folder)
        return ended

    def _made(self, hour: datetime) -> bytes:
        """The hour's key, made where it has none; the first one that stands under the name is it."""
        with suppress(FileNotFoundError):
            return self._read(hour)
        private_folder(self._folder)
        with suppress(FileExistsError):
            self._place(self._path(hour), secrets.token_bytes(KEY_BYTES))
        try:
            return self._read(hour)  # asks once more whether the hour is over
        except Refused:
            _destroy(self._path(hour))
            raise

    def _kept(self, hour: datetime) -> bytes:
        try:
            return self._read(hour)
        except FileNotFoundError:
            if self._folder.exists() and self._marks():
                raise Refused("keys_gone", "missing") from None
            raise NotSent("keys_unreachable", "no_mark") from None

    def _read(self, hour: datetime) -> bytes:
        """First the key, then whether it is over: so what was read was read before any of it was overwritten."""
        try:
            key = self._path(hour).read_bytes()
        finally:
            if end_of(hour) <= self._over():
                raise Refused("keys_gone", "destroyed")
        if len(key) != KEY_BYTES:
            raise Refused("keys_gone", "other")
        return key

    def _remember(self, moment: datetime) -> None:
        """Until when all keys are destroyed. The latest mark counts, so that of two machines none takes it back."""
        over = hour_of(moment)
        if over <= self._over():
            return
        with suppress(FileExistsError):
            self._place(self._mark(over), b"")
        for earlier in self._marks():
            if earlier < over:
                self._mark(earlier).unlink(missing_ok=True)

    def _over(self) -> datetime:
        return max(self._marks(), default=datetime.min.replace(tzinfo=UTC))

    def _mark(self, over: datetime) -> Path:
        return self._folder / f"{OVER}{over.strftime(_NAME)}"

    def _marks(self) -> list[datetime]:
        return self._named(OVER)

    def _place(self, path: Path, content: bytes) -> None:
        """A file, whole and on the disk under its name.

        Raises:
            FileExistsError: it is there already.
        """
        draft = self._folder / f"{_DRAFT}{path.name}.{secrets.token_hex(4)}"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(self._folder)

    def _named(self, prefix: str) -> list[datetime]:
        """The hours of the files whose names begin so."""
        found = []
        for name in os.listdir(self._folder):
            with suppress(ValueError):
                found.append(datetime.strptime(name, prefix + _NAME).replace(tzinfo=UTC))
        return found

    def _old_drafts(self, moment: datetime) -> list[Path]:
        """Left by one that died: written before anything that is destroyed now."""
        drafts = (path for path in self._folder.iterdir() if path.name.startswith(_DRAFT))
        return [path for path in drafts if path.stat().st_mtime < moment.timestamp() - 3600]

    def _path(self, hour: datetime) -> Path:
        return self._folder / hour.astimezone(UTC).strftime(_NAME)


def _destroy(path: Path) -> None:
    """Overwritten where it lies, flushed, then taken away; another that does so at the same time is no error.

    A draft that has been linked is a key that holds, by its second name: that one stays.
    """
    with suppress(FileNotFoundError):
        with path.open("r+b") as file:
            if os.fstat(file.fileno()).st_nlink == 1 or not path.name.startswith(_DRAFT):
                file.write(bytes(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
        path.unlink()


@contextmanager
def _reachable() -> Iterator[None]:
    """A folder that does not answer says nothing of its keys."""
    try:
        yield
    except OSError as error:
        raise NotSent("keys_unreachable", errno.errorcode.get(error.errno or 0, "")) from None
