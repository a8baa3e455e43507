"""A total deadline for a call, which the timeouts of the socket libraries are not.

They bound each wait for a byte: a server that drips one byte a second never times out. Here every wait is
given what is left of the whole. Only the look-up of a name is outside it; the operating system bounds that.
"""

from __future__ import annotations

import io
import socket
import time
from typing import Any

from engine.base.errors import NotSent


class Deadline:
    """So many seconds from now, for everything done under it."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left.

        Raises:
            TimeoutError: none are.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline passed")
        return left

    def check(self) -> None:
        """To be asked before each call: raises NotSent('deadline') when no time is left for it."""
        try:
            self.left()
        except TimeoutError:
            raise NotSent("deadline") from None


class DeadlineReader(io.RawIOBase):
    """What a socket reads, plain or TLS, each wait bounded by what is left of the deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """It is for reading only."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """What has come, as `io.RawIOBase` has it; TimeoutError when the deadline has passed."""
        self._sock.settimeout(self._deadline.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Let go of the socket's file; the socket itself is its owner's to close."""
        if not self.closed:
            self._raw.close()
        super().close()
