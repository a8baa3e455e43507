"""Keys of the hours in which files end: a file's key is wrapped by that of its hour, which is destroyed afterwards.

They lie outside the database, so that no backup of it, WAL or dump opens a file whose hour has passed.

**A vault** of the region's is one more class with the three methods of `HourKeys`. What it has to keep: each hour
has one key, the same to every machine, also where two ask for it at once; one that was destroyed never comes again,
nor another in its place; what was wrapped opens only with the same hour and the same `bound_to`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class HourKeys(Protocol):
    """The keys of the hours.

    Every call raises NotSent 'keys_unreachable' where it cannot be told: to try again.
    """

    def wrap(self, hour: datetime, key: bytes, bound_to: bytes) -> bytes:
        """A file's key, to be kept in the database.

        Args:
            hour: the whole hour in which the file's life ends, aware; its key is made where it has none yet.
            bound_to: what it opens with only.

        Raises:
            Refused: 'keys_gone' (destroyed): that hour is over.
        """
        ...

    def unwrap(self, hour: datetime, wrapped: bytes, bound_to: bytes) -> bytes:
        """The file's key again.

        Raises:
            Refused: 'keys_gone' (destroyed, which is for good; missing; or other: it was not wrapped under that key).
        """
        ...

    def destroy_before(self, moment: datetime) -> list[datetime]:
        """Destroy the keys of all hours that are over at `moment`. Gives those hours, oldest first.

        None of them is ever given a key again.
        """
        ...


def hour_of(moment: datetime) -> datetime:
    """The hour in which a life ends, by its beginning, UTC: its key is destroyed when the hour is over."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def end_of(hour: datetime) -> datetime:
    """When an hour is over."""
    return hour + timedelta(hours=1)
