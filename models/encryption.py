"""Personal columns at rest: sealed with AES-GCM under a ring of keys, bound to their place, found by a keyed hash.

A sealed value opens in the table, column and row that it was sealed for, and nowhere else. How a table's rows
are sealed and opened is in `models.sealed`. The ring is set once at start (`use`), from settings; models
themselves know no settings. docs/security.md says which key opens what.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NewType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
KEY_BYTES = 32
BOUND: Final = b"\xff\x02"
"""What a value begins with that is bound to its place; one of the version before begins with its key number."""
HEAD = len(BOUND) + 1
MOST_NUMBER = 254
"""The highest number of a key: 255 is the beginning of `BOUND`."""

Place = NewType("Place", bytes)
"""A table, column and row as a value is bound to them: made by `models.sealed.place` only."""
Closed = NewType("Closed", bytes)
"""A value as it lies in a sealed column: mark, key number, nonce, sealed text."""


class Use(StrEnum):
    """What a keyed hash is for: each has a key of its own, so that none can be taken for another's."""

    LIKENESS = "likeness"
    SERIES = "series"
    RECEIPT = "receipt"
    LINK = "link"
    LOGIN = "login"
    TIMELINE = "timeline"
    ACCESS_LOG = "access_log"
    STAFF = "staff"
    TRANSFER = "transfer"
    SELF_SERVICE = "self_service"


class DoesNotOpen(Exception):
    """A sealed value that does not open where it lies.

    Args:
        reason: `key_missing`, `changed` (or it belongs elsewhere), `unbound` (sealed by the version before, and
            its time is over), `other_person` (its patient is not the row's).
        where: table and column; never a value, nor a row.
    """

    def __init__(self, reason: str, where: str = "") -> None:
        super().__init__(f"{reason} {where}".strip())
        self.reason = reason
        self.where = where


def _derived(secret: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"vaxel " + use.encode()).derive(secret)


@dataclass(frozen=True)
class Keyring:
    """Keys by a number of one byte; one seals, all of them open.

    Args:
        keys: number (0 to 254) to 32 bytes.
        lookup: the secret of 32 bytes that every keyed hash rests on; it stays when the sealing keys rotate.
        unbound_until: until when what the version before sealed, bound to no place, opens; None: it does not.
        seals_under: the number of the key that seals; None: the highest.
    """

    keys: dict[int, bytes] = field(repr=False)
    lookup: bytes = field(repr=False)
    unbound_until: datetime | None = None
    seals_under: int | None = None
    _ciphers: dict[int, AESGCM] = field(init=False, repr=False, compare=False)
    _hashes: dict[Use, bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not all(0 <= number <= MOST_NUMBER for number in self.keys):
            raise ValueError(f"a column key's number is 0 to {MOST_NUMBER}")
        if self.seals_under is not None and self.seals_under not in self.keys:
            raise ValueError("the column key that is to seal is not there")
        object.__setattr__(self, "_ciphers", {number: AESGCM(key) for number, key in self.keys.items()})
        object.__setattr__(self, "_hashes", {use: _derived(self.lookup, use) for use in Use})

    @property
    def newest(self) -> int:
        """The number of the key that seals."""
        return max(self.keys) if self.seals_under is None else self.seals_under

    def seal(self, text: str, place: Place) -> Closed:
        """The text as it lies in that place: mark, key number, 12 bytes of nonce, then the sealed text."""
        number = self.newest
        head, nonce = BOUND + bytes([number]), os.urandom(NONCE_BYTES)
        return Closed(head + nonce + self._ciphers[number].encrypt(nonce, text.encode(), head + place))

    def open(self, closed: bytes, place: Place) -> str:
        """The text again.

        Raises:
            DoesNotOpen: its key is not on the ring, it was changed, cut or moved here, or it is bound to no place.
        """
        if not closed.startswith(BOUND):
            return self._open_unbound(closed)
        return self._decrypt(closed, HEAD, closed[:HEAD] + place)

    def _open_unbound(self, closed: bytes) -> str:
        if self.unbound_until is None or self.unbound_until < datetime.now(UTC):
            raise DoesNotOpen("unbound")
        return self._decrypt(closed, 1, None)

    def _decrypt(self, closed: bytes, head: int, bound_to: bytes | None) -> str:
        cipher = self._ciphers.get(closed[head - 1]) if len(closed) > head + NONCE_BYTES else None
        if cipher is None:
            raise DoesNotOpen("key_missing" if len(closed) > head + NONCE_BYTES else "changed")
        nonce, body = closed[head : head + NONCE_BYTES], closed[head + NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, bound_to).decode()
        except InvalidTag:
            raise DoesNotOpen("changed") from None

    def digest(self, text: str) -> bytes:
        """Keyed hash (32 bytes) by which an identity number or an address is found without being shown.

        Under the secret itself, as from the first version on: of the dead and of consents only this hash is kept,
        and it can't be made anew (ADR 0020). Whatever else is hashed is `keyed`.
        """
        return hmac.digest(self.lookup, text.encode(), "sha256")

    def keyed(self, use: Use, said: str | bytes) -> bytes:
        """Keyed hash (32 bytes) under the key of that use."""
        return hmac.digest(self._hashes[use], said.encode() if isinstance(said, str) else said, "sha256")


def number_of(closed: bytes) -> int:
    """The number of the key that a value is sealed under."""
    return closed[HEAD - 1] if closed.startswith(BOUND) else closed[0]


_ring: Keyring | None = None


def use(ring: Keyring) -> None:
    """Set the ring of this process."""
    global _ring
    _ring = ring


def ring() -> Keyring:
    """The ring of this process."""
    if _ring is None:
        raise RuntimeError("no keyring: call models.encryption.use at start")
    return _ring
