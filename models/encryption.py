"""Personal columns at rest: sealed with AES-GCM under a ring of keys, found again by a keyed hash.

The ring is set once at start (`use`), from settings; models themselves know no settings.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

NONCE_BYTES = 12
KEY_BYTES = 32


@dataclass(frozen=True)
class Keyring:
    """Keys by a number of one byte; the highest seals, all of them open.

    Args:
        keys: number (0 to 255) to 32 bytes.
        lookup: 32 bytes for the keyed hash; it stays when the sealing keys rotate.
    """

    keys: dict[int, bytes] = field(repr=False)
    lookup: bytes = field(repr=False)
    _ciphers: dict[int, AESGCM] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ciphers", {number: AESGCM(key) for number, key in self.keys.items()})

    def seal(self, text: str) -> bytes:
        """One byte of key number, 12 of nonce, then the sealed text."""
        number = max(self.keys)
        nonce = os.urandom(NONCE_BYTES)
        return bytes([number]) + nonce + self._ciphers[number].encrypt(nonce, text.encode(), None)

    def unseal(self, sealed: bytes) -> str:
        """The text again.

        Raises:
            KeyError: sealed under a key that is no longer on the ring.
            InvalidTag: changed since it was sealed.
        """
        number, nonce, body = sealed[0], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        return self._ciphers[number].decrypt(nonce, body, None).decode()

    def digest(self, text: str) -> bytes:
        """Keyed hash (32 bytes) by which an identity number is found without being shown."""
        return hmac.new(self.lookup, text.encode(), hashlib.sha256).digest()


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


def sealed(text: str | None) -> bytes | None:
    """A text as it lies in a sealed column."""
    return None if text is None else ring().seal(text)


class Sealed(TypeDecorator[str]):
    """A text column that lies sealed in the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return sealed(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else ring().unseal(bytes(value))


__all__ = ["InvalidTag", "Keyring", "Sealed", "ring", "sealed", "use"]
