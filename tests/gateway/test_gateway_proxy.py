"""docs/nginx.conf in Debian's nginx, before a real gateway: who calls is what the certificate says, and no more."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from gateway_driver import LOGIN, PROXY, SECRET, Gateway, served, signed
from test_gateway_scheduling import _is_fault, _schedule, _slots

from bench.town import free_port
from engine.tables.inbox import Inbox
from gateway.app import create_app
from gateway.callers import Callers
from gateway.telephone.ports import HookLogin

CONF = Path(__file__).resolve().parents[2] / "docs" / "nginx.conf"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
ALLOWED, OTHER = PROXY["x-vp-sender-id"], "SE2321000115-OTHER"
FORGED = {"x-vp-sender-id": ALLOWED, "x-vaxel-proxy": PROXY["x-vaxel-proxy"]}
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not there: docs/nginx.conf was not tried")


class Authority:
    """Gives out certificates."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
        self.path = self._write("authority", self._signed(self._name, self._key, ca=True), self._key)

    def give(self, name: str, *subject: tuple[x509.ObjectIdentifier, str]) -> str:
        """A certificate and its key, in one file; its path."""
        key = ec.generate_private_key(ec.SECP256R1())
        of = x509.Name([x509.NameAttribute(kind, value) for kind, value in subject])
        return self._write(name, self._signed(of, key), key)

    def _signed(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, ca: bool = False) -> x509.Certificate:
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(self._name, name, key.public_key(), x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
        made = made.add_extension(x509.BasicConstraints(ca, None), True)
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        return made.add_extension(names, False).sign(self._key, SHA256())

    def _write(self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> str:
        path = self._folder / f"{name}.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(certificate.public_bytes(Encoding.PEM) + secret)
        return str(path)


@dataclass
class Town:
    """nginx before a gateway."""

    folder: Path
    authority: Authority
    public: str
    rivta: str

    def ask(self, certificate: str | None, **headers: str) -> requests.Response:
        """1177's question, by somebody with this certificate."""
        sent = FORGED | {"content-type": "text/xml; charset=utf-8"} | headers
        return self.call(
            "POST", self.rivta + "/rivta/scheduling", data=_schedule(), headers=sent, cert=certificate
        )

    def call(self, method: str, url: str, **more: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, url, verify=self.authority.path, timeout=10, **more)


def _conf(folder: Path, server: str, ports: dict[str, int], gateway: str) -> str:
    """The file as it is documented, with this machine's names in it."""
    (folder / "secret.conf").write_text(f'proxy_set_header x-vaxel-proxy "{PROXY["x-vaxel-proxy"]}";\n')
    text = CONF.read_text("utf-8")
    for said, here in {
        "listen 443 ssl": f"listen 127.0.0.1:{ports['public']} ssl",
        "listen 8443 ssl": f"listen 127.0.0.1:{ports['rivta']} ssl",
        "vaxel.example.org": "localhost",
        "/etc/nginx/vaxel.pem": server,
        "/etc/nginx/vaxel.key": server,
        "/etc/nginx/siths-function.pem": str(folder / "authority.pem"),
        "/etc/nginx/vaxel-proxy.conf": str(folder / "secret.conf"),
        "/var/log/nginx/": f"{folder}/",
        "server 127.0.0.1:8080": f"server {gateway.removeprefix('http://')}",
    }.items():
        assert said in text, said
        text = text.replace(said, here)
    temporary = "".join(
        f"{each}_temp_path {folder}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/main.log; user root;\n"
        f"events {{ worker_connections 64; }}\nhttp {{ {temporary}\n{text}\n}}\n"
    )


@pytest.fixture(scope="module")
def town(postgres: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder, gateway = tmp_path_factory.mktemp("nginx"), Gateway()
    authority = Authority(folder)
    ports = {"public": free_port(), "rivta": free_port()}
    more: dict[str, Any] = {
        "callers": Callers([ALLOWED], PROXY["x-vaxel-proxy"]),
        "receipt_store": lambda given: [True for _ in given],
        "receipt_login": HookLogin(*LOGIN),
    }
    secrets = dict.fromkeys(("vas", "e1177"), SECRET)
    app = create_app(Inbox(), secrets.get, lambda: True, gateway.wake, schedule=gateway.shown, **more)
    with served(app) as url:
        conf = _conf(folder, authority.give("server", (NameOID.COMMON_NAME, "localhost")), ports, url)
        (folder / "nginx.conf").write_text(conf)
        with (folder / "out").open("wb") as out:
            command = [
                str(NGINX),
                "-p",
                str(folder),
                "-e",
                f"{folder}/main.log",
                "-c",
                f"{folder}/nginx.conf",
            ]
            nginx = subprocess.Popen(command, stdout=out, stderr=out)
        at = {name: f"https://localhost:{port}" for name, port in ports.items()}
        town = Town(folder, authority, at["public"], at["rivta"])
        _wait_for(lambda: town.call("GET", town.public).status_code == 200)
        yield town
        nginx.terminate()
        nginx.wait(10)


def _wait_for(answers: Callable[[], bool]) -> None:
    for _ in range(100):
        try:
            if answers():
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    pytest.fail("nginx did not come up")


def _subject(name: str, *serial: str) -> list[tuple[x509.ObjectIdentifier, str]]:
    return [(NameOID.COMMON_NAME, name), *((NameOID.SERIAL_NUMBER, each) for each in serial)]


def test_1177_comes_in_by_its_certificate(town: Town) -> None:
    by = town.authority.give("1177", *_subject("1177.example.org", ALLOWED))
    assert _slots(town.ask(by)) == []


@pytest.mark.parametrize(
    "subject",
    [
        _subject("another", OTHER),
        _subject("no HSA-id at all"),
        _subject(f"evil,serialNumber={ALLOWED}", OTHER),
        _subject(f"evil,serialNumber={ALLOWED}"),
        _subject("two of them", OTHER, ALLOWED),
        _subject("two of them", ALLOWED, OTHER),
        _subject("two in one", f"{ALLOWED},{OTHER}"),
    ],
    ids=str,
)
def test_another_certificate_is_turned_away_whatever_its_bearer_says(town: Town, subject: Any) -> None:
    assert _is_fault(town.ask(town.authority.give("other", *subject)), "VP007")


def test_without_a_certificate_or_with_anothers_authority_nobody_gets_through(
    town: Town, tmp_path: Path
) -> None:
    assert town.ask(None).status_code == 400
    stranger = Authority(tmp_path).give("1177", *_subject("1177.example.org", ALLOWED))
    assert town.ask(stranger).status_code == 400


@pytest.mark.parametrize(
    "path", ["/rivta/scheduling", "/cases/1", "/metrics", "/readyz", "/docs", "/openapi.json"]
)
def test_what_is_for_the_inside_is_not_to_be_had_from_the_outside(town: Town, path: str) -> None:
    for at in (town.public, town.rivta):
        if (at, path) != (town.rivta, "/rivta/scheduling"):
            certificate = town.authority.give("inside", *_subject("1177", ALLOWED))
            answer = town.call("GET", at + path, headers=FORGED, cert=certificate)
            assert (answer.status_code, "nginx" in answer.text) == (404, True)


def test_the_first_page_is_had_from_the_outside_without_what_is_for_the_inside(town: Town) -> None:
    answer = town.call("GET", f"{town.public}/")
    assert (answer.status_code, "Har du fått en länk?" in answer.text) == (200, True)
    assert not [path for path in ("/docs", "/metrics", "/readyz") if path in answer.text]


def test_webhooks_come_through_and_no_key_of_a_patients_stays_in_a_log(town: Town, database: None) -> None:
    headers = signed(b"{}", "msg_through_the_proxy") | {"content-type": "application/json"}
    assert town.call("POST", f"{town.public}/webhooks/vas", data=b"{}", headers=headers).status_code == 422
    batch = b'{"events": []}' + b" " * (300 * 1024)
    headers = signed(batch, "msg_large") | {"content-type": "application/json"}
    assert town.call(
        "POST", f"{town.public}/webhooks/vas/batch", data=batch, headers=headers
    ).status_code in (202, 422)
    town.call("GET", f"{town.public}/l/the-token-of-a-patient?code=the-code")
    town.call("POST", f"{town.public}/46elks/receipt/the-token-of-an-sms", data={"id": "1"})
    logged = "".join(path.read_text() for path in town.folder.glob("*.log"))
    assert "/webhooks/vas/batch" in logged
    assert not [secret for secret in ("the-token", "the-code") if secret in logged]


def test_a_risk_in_an_event_that_is_too_large_comes_through(town: Town, database: None) -> None:
    """policy-suicid-1: a proxy that cuts it off would hide it."""
    risk = b'{"type": "contact.received", "data": {"contact": {"id": "c-1", "risk": "suicide"}}}' + b" " * (
        300 * 1024
    )
    headers = signed(risk, "msg_risk") | {"content-type": "application/json"}
    assert town.call("POST", f"{town.public}/webhooks/e1177", data=risk, headers=headers).status_code == 202
