"""Keys of the hours in which files end: a file's key is wrapped by that of its hour, which is destroyed afterwards.

They lie outside the database, so that no backup of it, WAL or dump opens a file whose hour has passed.

**A vault** of the region's is one more class with the three methods of `HourKeys`. What it has to keep: each hour
has one key, the same to every machine; one that was destroyed never comes again, nor another in its place, also
where two ask at once; what was wrapped opens only with the same hour and the same `bound_to`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from engine.errors import Refused


class KeyGone(Refused):
    """'keys_gone': the hour's key was destroyed, is missing, or is not the one that wrapped this."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("keys_gone", detail)


class HourKeys(Protocol):
    """The keys of the hours."""

    def wrap(self, hour: datetime, key: bytes, bound_to: bytes) -> bytes:
        """A file's key, to be kept in the database.

        Args:
            hour: the whole hour in which the file's life ends, aware.
            bound_to: what it opens with only.

        Raises:
            KeyGone: that hour is over, and its key destroyed.
        """
        ...

    def unwrap(self, hour: datetime, wrapped: bytes, bound_to: bytes) -> bytes:
        """The file's key again.

        Raises:
            KeyGone: it cannot be had any more, or this is not what was wrapped.
        """
        ...

    def destroy_before(self, moment: datetime) -> list[datetime]:
        """Destroy the keys of all hours that end at `moment` or before. Gives those hours, oldest first."""
        ...


class FolderKeys:
    """`HourKeys` as files in a folder of ours (0700), one an hour (0600)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def wrap(self, hour: datetime, key: bytes, bound_to: bytes) -> bytes:
        """As `HourKeys.wrap`."""
        raise NotImplementedError

    def unwrap(self, hour: datetime, wrapped: bytes, bound_to: bytes) -> bytes:
        """As `HourKeys.unwrap`."""
        raise NotImplementedError

    def destroy_before(self, moment: datetime) -> list[datetime]:
        """As `HourKeys.destroy_before`."""
        raise NotImplementedError


def hour_of(moment: datetime) -> datetime:
    """The hour in which a life ends, by its beginning, UTC: its key is destroyed when the hour is over."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def end_of(hour: datetime) -> datetime:
    """When an hour is over."""
    return hour + timedelta(hours=1)
