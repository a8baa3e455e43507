"""The virus scanner: clamd's INSTREAM, as the bytes of a file pass.

Source: clamd(8), COMMANDS: `z` commands end in a zero byte, as their answers do; a chunk is its length in four bytes,
big-endian, and its bytes; a chunk of length zero ends the stream. clamd.conf(5): StreamMaxLength.

1. Connect, say INSTREAM, send each chunk.
2. Over its StreamMaxLength clamd answers and hangs up while we still send. So before each chunk, and when a send
   fails, what it has said is read first: a broken pipe by itself tells nothing.
3. A zero chunk, and its word on the file.

What was not scanned to its end is not clean: whatever goes wrong is `NOT_SCANNED`, with a code of why:

- `scanner_down`: nobody is there.
- `scanner_silent`: it was waited for longer than it may take. Only the time in which we wait for it counts; the file
  may come as slowly as its source likes.
- `scanner_hung_up`: it ended the connection without a word.
- `scanner_unclear`: it said what is neither OK nor FOUND.
- `too_big_to_scan`: the file is larger than we send, or than it takes. Over its MaxFileSize, MaxScanSize or
  MaxScanTime clamd says OK of what it has not looked at, unless `AlertExceedsMax` is set, as docs/operations.md asks.
"""

from __future__ import annotations

import re
import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from systems.found import Scan, Scanner

PORT = 3310
SECONDS = 30.0
"""So long may clamd be waited for, all in all, for one file."""
PIECE = 256 * 1024
MOST_ANSWER = 4096

_FOUND = re.compile(rb"[^:]*: .+ FOUND", re.DOTALL)
_BEYOND = re.compile(rb"[^:]*: Heuristics\.Limits\.Exceeded\b.* FOUND", re.DOTALL)
_CLEAN = re.compile(rb"[^:]*: OK")
_TOO_BIG = b"INSTREAM size limit exceeded. ERROR"


def scanner_at(url: str | None, most_bytes: int, seconds: float = SECONDS) -> Scanner | None:
    """A scan of one file at `tcp://host:port` or `unix:///path`; None where no scanner is set.

    Args:
        most_bytes: of a file, that are sent: below clamd's StreamMaxLength.
    """
    return ClamdScan(url, most_bytes, seconds) if url else None


class _Over(Exception):
    """Nothing more is sent: what came of it stands there."""


class ClamdScan(Scanner):
    """One file's way through clamd, as `systems.inspection.Scanner` has it. Nothing raises."""

    def __init__(self, url: str, most_bytes: int, seconds: float = SECONDS) -> None:
        self._url = url
        self._most_bytes = most_bytes
        self._left = seconds
        self._sent = 0
        self._sock: socket.socket | None = None
        self._ended = False
        self._outcome: tuple[Scan, str] | None = None

    def take(self, chunk: bytes) -> None:
        """The next bytes of the file."""
        if self._outcome:
            return
        with self._ending():
            if self._sent + len(chunk) > self._most_bytes:
                raise _not_scanned("too_big_to_scan")
            for at in range(0, len(chunk), PIECE):
                self._send(chunk[at : at + PIECE])
            self._sent += len(chunk)

    def finish(self) -> tuple[Scan, str]:
        """What clamd says of the file, now that all of it has been sent."""
        if not self._outcome:
            with self._ending():
                self._send(b"")
                self._hear(self._connected())
        return self._outcome or (Scan.NOT_SCANNED, "scanner_unclear")

    @contextmanager
    def _ending(self) -> Iterator[None]:
        """Whatever ends the scan is its outcome; the connection goes with it."""
        try:
            yield
        except _Over as over:
            self._outcome = over.args[0]
        except TimeoutError:
            self._outcome = Scan.NOT_SCANNED, "scanner_silent"
        except OSError:
            self._outcome = Scan.NOT_SCANNED, "scanner_hung_up"
        if self._outcome and self._sock:
            self._sock.close()
            self._sock = None

    @contextmanager
    def _waiting(self) -> Iterator[float]:
        """Within what is left of clamd's time, in seconds, which this takes from."""
        if self._left <= 0:
            raise TimeoutError
        begun = time.monotonic()
        try:
            yield self._left
        finally:
            self._left -= time.monotonic() - begun

    def _connected(self) -> socket.socket:
        if self._sock is None:
            try:
                with self._waiting() as seconds:
                    self._sock = _connection(self._url, seconds)
            except TimeoutError:
                raise
            except (OSError, ValueError):
                raise _not_scanned("scanner_down") from None
            self._sock.sendall(b"zINSTREAM\0")
        return self._sock

    def _send(self, piece: bytes) -> None:
        sock = self._connected()
        try:
            if _is_readable(sock):
                self._hear(sock)
            with self._waiting() as seconds:
                sock.settimeout(seconds)
                sock.sendall(struct.pack(">L", len(piece)) + piece)
        except TimeoutError:
            raise
        except OSError:
            self._hear(sock)
        self._ended = not piece

    def _hear(self, sock: socket.socket) -> None:
        """Read clamd's word, which comes once and ends the scan, whatever it is. Raises _Over."""
        answer = b""
        while b"\0" not in answer and len(answer) < MOST_ANSWER:
            with self._waiting() as seconds:
                sock.settimeout(seconds)
                said = sock.recv(MOST_ANSWER)
            if not said:
                break
            answer += said
        raise _Over(_meaning(answer, ended=self._ended))


def _connection(url: str, seconds: float) -> socket.socket:
    at = urlsplit(url)
    if at.scheme != "unix":
        return socket.create_connection((at.hostname or "", at.port or PORT), seconds)
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.settimeout(seconds)
        sock.connect(unquote(at.path))
    except OSError:
        sock.close()
        raise
    return sock


def _is_readable(sock: socket.socket) -> bool:
    return bool(select.select([sock], [], [], 0)[0])


def _meaning(answer: bytes, *, ended: bool) -> tuple[Scan, str]:
    """What an answer says of the file. Only whole words count, and a good one only of a file that was sent whole."""
    word, end, _ = answer.partition(b"\0")
    if word == _TOO_BIG or _BEYOND.fullmatch(word):
        return Scan.NOT_SCANNED, "too_big_to_scan"
    if _FOUND.fullmatch(word):
        return Scan.INFECTED, ""
    if _CLEAN.fullmatch(word) and end and ended:
        return Scan.CLEAN, ""
    return Scan.NOT_SCANNED, "scanner_unclear" if word else "scanner_hung_up"


def _not_scanned(why: str) -> _Over:
    return _Over((Scan.NOT_SCANNED, why))
