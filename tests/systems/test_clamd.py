"""The scanner as bytes pass, the real one and one that misbehaves: what was not scanned is not clean (policy-bild-2)."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.clamd import MARKER
from systems.clamd import _meaning, scanner_at
from systems.found import Limits, Scan
from systems.inspection import Inspection

CLEAN, INFECTED = (Scan.CLEAN, ""), (Scan.INFECTED, "")
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
A_LOT = 50_000_000


def not_scanned(why: str) -> tuple[Scan, str]:
    return Scan.NOT_SCANNED, why


def scan(url: str, *chunks: bytes, most_bytes: int = A_LOT, seconds: float = 5) -> tuple[Scan, str]:
    scanner = scanner_at(url, most_bytes, seconds)
    assert scanner
    for chunk in chunks:
        scanner.take(chunk)
    return scanner.finish()


@pytest.mark.parametrize("way", [0, 1], ids=["TCP", "socket"])
@pytest.mark.parametrize(
    ("chunks", "outcome"),
    [
        pytest.param([b"a" * 100] * 3, CLEAN, id="clean"),
        pytest.param([], CLEAN, id="empty"),
        pytest.param([b"x" + MARKER[:9], MARKER[9:]], INFECTED, id="infected, across two chunks"),
        pytest.param([MARKER, b"\0" * 1_500_000], not_scanned("too_big_to_scan"), id="over its MaxFileSize"),
        pytest.param([b"\0" * 500_000] * 20, not_scanned("too_big_to_scan"), id="over its StreamMaxLength"),
        pytest.param([b"\0" * 9_000_000], not_scanned("too_big_to_scan"), id="over it, in one chunk"),
    ],
)
def test_policy_bild_2_the_real_clamd(
    real_clamd: tuple[str, str], way: int, chunks: list[bytes], outcome: tuple[Scan, str]
) -> None:
    assert scan(real_clamd[way], *chunks) == outcome


def test_policy_bild_2_a_file_that_the_real_clamd_finds_infected_is_told_so_by_the_inspection(
    real_clamd: tuple[str, str],
) -> None:
    inspection = Inspection(Limits(), scanner_at(real_clamd[0], A_LOT))
    inspection.feed(b"GIF89a" + MARKER)
    assert inspection.finish().scan is Scan.INFECTED


Act = Callable[[socket.socket], object]


@contextmanager
def clamd(act: Act) -> Iterator[str]:
    """A server that treats its one caller by an act."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)

    def serve() -> None:
        with suppress(OSError):
            sock, _ = listener.accept()
            with sock:
                sock.settimeout(5)
                act(sock)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join(5)
        listener.close()


def stream(sock: socket.socket) -> list[bytes]:
    """The whole stream, as clamd reads it."""
    file = sock.makefile("rb")
    assert file.read(10) == b"zINSTREAM\0"
    chunks = []
    while length := struct.unpack(">L", file.read(4))[0]:
        chunks.append(file.read(length))
    return chunks


def says(answer: bytes) -> Act:
    """It reads all, says this, and hangs up."""
    return lambda sock: (stream(sock), sock.sendall(answer))


def drips(sock: socket.socket) -> None:
    """It answers, a byte at a time, and never comes to an end."""
    stream(sock)
    while True:
        sock.sendall(b".")
        time.sleep(0.02)


ANSWERS = [
    (b"stream: OK\0", CLEAN),
    (b"stream: Eicar-Signature FOUND\0", INFECTED),
    (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", not_scanned("too_big_to_scan")),
    (b"INSTREAM size limit exceeded. ERROR\0", not_scanned("too_big_to_scan")),
    (b"stream: OK", not_scanned("scanner_unclear")),
    (b"OK\0", not_scanned("scanner_unclear")),
    (b"stream: OK FOUND", INFECTED),
    (b"stream: Can't allocate memory ERROR\0", not_scanned("scanner_unclear")),
    (b"UNKNOWN COMMAND\0", not_scanned("scanner_unclear")),
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", not_scanned("scanner_unclear")),
    (b"\0", not_scanned("scanner_hung_up")),
    (b"", not_scanned("scanner_hung_up")),
    (b"x" * 100_000, not_scanned("scanner_unclear")),
]


@pytest.mark.parametrize(("answer", "outcome"), ANSWERS, ids=[str(answer[:24]) for answer, _ in ANSWERS])
def test_policy_bild_2_only_a_whole_ok_is_clean(answer: bytes, outcome: tuple[Scan, str]) -> None:
    with clamd(says(answer)) as url:
        assert scan(url, EICAR) == outcome


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        pytest.param(lambda sock: None, not_scanned("scanner_hung_up"), id="hangs up at once"),
        pytest.param(lambda sock: sock.recv(9999), not_scanned("scanner_hung_up"), id="hangs up while we send"),
        pytest.param(
            lambda sock: (sock.recv(99), sock.sendall(b"INSTREAM size limit exceeded. ERROR\0"), sock.shutdown(1), stream(sock)),
            not_scanned("too_big_to_scan"),
            id="says that it is too much while we send",
        ),
        pytest.param(
            lambda sock: (sock.recv(99), sock.sendall(b"stream: OK\0"), stream(sock)),
            not_scanned("scanner_unclear"),
            id="says OK before it has seen all",
        ),
        pytest.param(
            lambda sock: (sock.recv(99), sock.sendall(b"stream: x FOUND\0"), stream(sock)), INFECTED, id="finds before the end"
        ),
        pytest.param(lambda sock: time.sleep(0.6), not_scanned("scanner_silent"), id="does not read"),
        pytest.param(lambda sock: (stream(sock), time.sleep(0.6)), not_scanned("scanner_silent"), id="does not answer"),
        pytest.param(drips, not_scanned("scanner_silent"), id="drips"),
    ],
)  # fmt: skip
def test_policy_bild_2_a_scanner_that_misbehaves_has_not_scanned(act: Act, outcome: tuple[Scan, str]) -> None:
    with clamd(act) as url:
        begun = time.monotonic()
        scanner = scanner_at(url, 10**9, seconds=0.4)
        assert scanner
        for _ in range(40):
            scanner.take(b"\0" * 500_000)
            time.sleep(0.001)
        assert scanner.finish() == scanner.finish() == outcome
        assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "url", ["tcp://127.0.0.1:1", "unix:///no/such/socket", "tcp://127.0.0.1:99999", "tcp://[", "tcp://"]
)
def test_policy_bild_2_a_scanner_that_is_not_there_has_not_scanned(url: str) -> None:
    assert scan(url, EICAR, EICAR) == not_scanned("scanner_down")


def test_policy_bild_2_more_than_we_send_is_not_scanned_and_its_end_is_not_sent() -> None:
    got: list[bytes] = []
    with clamd(lambda sock: got.append(sock.makefile("rb").read())) as url:
        assert scan(url, b"abc", b"defg", b"h", most_bytes=6) == not_scanned("too_big_to_scan")
    assert got == [b"zINSTREAM\0\0\0\0\x03abc"]


def test_a_file_that_comes_slowly_takes_none_of_the_scanners_time() -> None:
    with clamd(says(b"stream: OK\0")) as url:
        scanner = scanner_at(url, A_LOT, seconds=0.3)
        assert scanner
        for _ in range(5):
            scanner.take(b"a")
            time.sleep(0.1)
        assert scanner.finish() == CLEAN


def test_clamd_8_chunks_come_as_they_are_and_large_ones_in_pieces() -> None:
    got: list[bytes] = []
    with clamd(lambda sock: (got.extend(stream(sock)), sock.sendall(b"stream: OK\0"))) as url:
        assert scan(url, b"abc", b"", b"d" * 600_000) == CLEAN
    assert (got[0], b"".join(got[1:]), max(map(len, got))) == (b"abc", b"d" * 600_000, 256 * 1024)


def test_no_scanner_is_set() -> None:
    assert scanner_at(None, A_LOT) is None


@given(st.binary(max_size=60).map(lambda said: b"stream: " + said), st.booleans())
def test_policy_bild_2_nothing_but_ok_is_ever_clean(answer: bytes, ended: bool) -> None:
    clean = _meaning(answer, ended=ended)[0] is Scan.CLEAN
    assert clean == (answer.startswith(b"stream: OK\0") and ended)
