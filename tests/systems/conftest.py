"""Tiny servers on real sockets, each doing exactly one wrong thing."""

from __future__ import annotations

import datetime as dt
import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xmlschema
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from storage_driver import KINDS, place_of

from systems.storage.place import Place

ROOT = Path(__file__).parents[2]
MATERIAL = ROOT / os.environ.get("VAXEL_MATERIAL", "../shared/material")


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int


class Peer:
    """A server that treats its first request by its first act, and so on; the last act is for all the rest."""

    def __init__(self, acts: tuple[Callable[[socket.socket], bool], ...], tls: ssl.SSLContext | None) -> None:
        self.got: list[Got] = []
        self.connections = 0
        self._acts = list(acts)
        self._tls = tls
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening, and drop all connections. Twice is as good as once."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(sock)
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True).start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        try:
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
            while got := read_request(sock, number):
                self.got.append(got)
                act = self._acts.pop(0) if len(self._acts) > 1 else self._acts[0]
                if not act(sock):
                    break
            sock.close()
        except OSError:
            sock.close()


def read_request(sock: socket.socket, number: int) -> Got | None:
    raw = b""
    while b"\r\n\r\n" not in raw:
        more = sock.recv(65536)
        if not more:
            return None
        raw += more
    head, _, body = raw.partition(b"\r\n\r\n")
    line, _, rest = head.partition(b"\r\n")
    headers = {name.lower(): value for name, value in BytesHeaderParser().parsebytes(rest).items()}
    while len(body) < int(headers.get("content-length", 0)):
        body += sock.recv(65536)
    return Got(line.decode(), headers, body, number)


def answer(status: int = 200, body: bytes | str = b"", **headers: str) -> Callable[[socket.socket], bool]:
    """A good HTTP answer; the connection is kept."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + content, keep=True)


def raw(content: bytes, keep: bool = False) -> Callable[[socket.socket], bool]:
    """These bytes; then the connection is closed, or kept."""

    def act(sock: socket.socket) -> bool:
        sock.sendall(content)
        return keep

    return act


def hang_up(_: socket.socket) -> bool:
    """Close without a word."""
    return False


def reset(sock: socket.socket) -> bool:
    """Throw the connection away: the other side gets a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def silence(_: socket.socket) -> bool:
    """Say nothing for longer than any deadline of these tests."""
    time.sleep(3)
    return False


def drip(content: bytes) -> Callable[[socket.socket], bool]:
    """A byte each 50 ms: never late for a timeout, always for a deadline."""

    def act(sock: socket.socket) -> bool:
        for byte in content:
            sock.sendall(bytes([byte]))
            time.sleep(0.05)
        return False

    return act


@pytest.fixture
def acts() -> SimpleNamespace:
    """The acts, for tests to take from one place."""
    known = (answer, raw, drip, hang_up, reset, silence)
    return SimpleNamespace(**{act.__name__: act for act in known})


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    """Start a server: `peer(act, act, ...)`."""
    peers: list[Peer] = []

    def start(*acts: Any, tls: ssl.SSLContext | None = None) -> Peer:
        peers.append(Peer(acts, tls))
        return peers[-1]

    yield start
    for each in peers:
        each.close()


@pytest.fixture
def nobody() -> str:
    """The address of a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port whose queue is full, so that a connection is neither taken nor refused."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        time.sleep(0.05)
        yield port
        for sock in waiting:
            sock.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for localhost and its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    address = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    now = dt.datetime.now(dt.UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = (
        built.serial_number(1).not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
    )
    built = built.add_extension(address, critical=False)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    signed = built.sign(key, hashes.SHA256())
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    """A server's side of TLS with that certificate; clients are to call it localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture(scope="session")
def material() -> Path:
    """Where the XSDs and WSDLs are."""
    if not (MATERIAL / "rivta").is_dir():
        pytest.skip("VAXEL_MATERIAL is not here: messages are not checked against the XSDs")
    return MATERIAL / "rivta"


@pytest.fixture(scope="session")
def is_valid(material: Path) -> Callable[[str, etree._Element], bool]:
    """Ask both xmlschema and lxml whether a message is as its XSD says; `path` is the end of the XSD's."""
    known: dict[str, tuple[xmlschema.XMLSchema, etree.XMLSchema]] = {}

    def check(path: str, message: etree._Element) -> bool:
        if path not in known:
            (file,) = material.glob(f"*/schemas/interactions/**/{path}")
            known[path] = xmlschema.XMLSchema(str(file)), etree.XMLSchema(file=str(file))
        ours = etree.fromstring(etree.tostring(message))
        return known[path][0].is_valid(ours) and known[path][1].validate(ours)

    return check


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A store of each kind, with nothing in it."""
    return place_of(request.param, request, tmp_path)
