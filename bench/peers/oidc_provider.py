"""Logs in at a real, certified OpenID Connect provider by our own client: `python -m bench.peers.oidc_provider`.

1. `npm install` of one pinned package into a folder of its own, which is removed in the end.
2. The provider runs on 127.0.0.1 with the claims of OIDC Sweden 1.0 and two official test persons, twice: to the
   letter, and as a provider of OpenID Connect alone is by default.
3. `systems.eid` goes through it, and `systems.staff_eid` with a nurse and a clerk, with an HTTP session for a
   browser. Each line says what was seen.

Exit status: 0 all was as it should be; 1 it was not; 2 it could not be tried (no Node, no registry).
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.town import free_port
from engine.base.errors import VaxelError
from gateway.login.round_trip import IdentityProvider
from systems.eid import Eid, LoggedIn
from systems.oidc import Provider
from systems.oidc_client import Client, KeyClient, SecretClient
from systems.oidc_token import Begun
from systems.staff_eid import StaffEid

Who = TypeVar("Who")
PACKAGE = "oidc-provider@9.13.3"
PROGRAM = Path(__file__).with_suffix(".mjs")
BACK = "https://vaxel.example/l/callback"
PATIENT, NEWCOMER, BEFORE = "199202232394", "196109732393", "191500722390"
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
MOST_STEPS = 12


@dataclass
class Seen:
    """What was checked, and how much of it was wrong."""

    wrong: int = 0
    checked: int = 0

    def check(self, what: str, found: object, wanted: object) -> None:
        """One line: as it should be, or not."""
        self.checked += 1
        right = found == wanted
        self.wrong += not right
        sys.stdout.write(
            f"{'ok   ' if right else 'WRONG'} {what}: {found}{'' if right else f', not {wanted}'}\n"
        )


@dataclass
class Place:
    """A provider that runs.

    Args:
        issuer: where.
        secret: of the client `secret`.
        pems: our private keys, by kind; all are registered for the clients `key-<algorithm>`.
    """

    issuer: str
    secret: str
    pems: dict[str, str]
    browser: requests.Session = field(default_factory=requests.Session)

    def client(self, us: Client) -> Eid:
        """Ours, which asks for level 3."""
        return Eid(Provider(self.issuer, us, BACK), 3)

    def staff(self, us: Client) -> StaffEid:
        """Ours for staff."""
        return StaffEid(Provider(self.issuer, us, BACK))

    def by_key(self, kind: str = "P-256", algorithm: str = "ES256") -> KeyClient:
        """Us, by one of our keys; the provider signs by the algorithm."""
        return KeyClient(f"key-{algorithm}", self.pems[kind])

    def follow(self, url: str) -> tuple[str, requests.Response | None]:
        """The browser follows redirects until a page, or until it is sent back to us."""
        for _ in range(MOST_STEPS):
            if url.startswith(BACK):
                return url, None
            answer = self.browser.get(url, timeout=20, allow_redirects=False)
            if not answer.is_redirect:
                return url, answer
            url = urljoin(url, answer.headers["location"])
        raise RuntimeError("redirects without end")

    def goes(self, way: str, person: str, level: int = 3) -> dict[str, str]:
        """A person logs in (or `cancel`s); what they come back with."""
        page, answer = self.follow(way)
        if answer is not None:
            page, answer = self.follow(f"{page}/{person}/{level}" if person != "cancel" else f"{page}/cancel")
        return dict(parse_qsl(urlsplit(page).query)) if answer is None else {"page": answer.text}

    def log_in(
        self, eid: IdentityProvider[Who], person: str, level: int = 3, bare: bool = False
    ) -> Who | str:
        """The whole way: who it was, or why not.

        Args:
            bare: in the browser of the login before, with what asks for a login now taken out of the address.
        """
        if not bare:
            self.browser = requests.Session()
        begun = Begun()
        way = eid.way_in(begun, "sv")
        back = self.goes(re.sub(r"&(prompt|max_age|claims)=[^&]*", "", way) if bare else way, person, level)
        if "code" not in back:
            return back.get("error", "a page again")
        try:
            if not eid.answers_as(back.get("iss")) or back["state"] != begun.state:
                return "not its answer"
            return eid.who(back["code"], begun)
        except VaxelError as error:
            return str(error)


def told(who: LoggedIn | str) -> object:
    """What a login says, for a line."""
    return who if isinstance(who, str) else (who.number, who.level, who.previous, who.confirmed)


def staff_checks(place: Place, seen: Seen) -> None:
    """Staff, by the claims parameter alone."""
    eid = place.staff(place.by_key())
    who = place.log_in(eid, "nurse")
    found = who if isinstance(who, str) else (who.hsa_id, who.level, who.name, who.commission, who.unit)
    of_care = ("SE2321000115-U000000000001", "SE2321000115-E000000000001")
    seen.check("a nurse", found, ("SE2321000115-P000000000001", 3, "Anna Test", *of_care))
    said = who if isinstance(who, str) else (who.purpose, who.right)
    seen.check("a nurse's commission", said, ("Vård och behandling", "Läsa;VoB;SJF, Skriva;VoB;VE"))
    clerk = place.log_in(place.staff(SecretClient("secret", place.secret)), "clerk")
    told = clerk if isinstance(clerk, str) else (clerk.hsa_id, clerk.commission, clerk.purpose)
    seen.check("one without a commission", told, ("SE2321000115-P000000000002", None, None))
    seen.check("staff at level 2 are asked again", place.log_in(eid, "nurse", 2), "a page again")
    seen.check("a patient is no staff", place.log_in(eid, "patient"), "a page again")


def checks(place: Place, seen: Seen) -> None:
    """Everything that a provider of this kind is asked."""
    patient, newcomer = (PATIENT, 3, BEFORE, None), (NEWCOMER, 3, None, True)
    ways: dict[str, Client] = {kind: place.by_key(kind) for kind in place.pems}
    for name, us in {**ways, "a secret": SecretClient("secret", place.secret)}.items():
        eid = place.client(us)
        seen.check(f"personnummer, client by {name}", told(place.log_in(eid, "patient")), patient)
        seen.check(f"samordningsnummer, client by {name}", told(place.log_in(eid, "newcomer")), newcomer)
    for algorithm in ALGORITHMS:
        eid = place.client(place.by_key(algorithm=algorithm))
        seen.check(f"ID token by {algorithm}", told(place.log_in(eid, "newcomer")), newcomer)
    eid = place.client(place.by_key())
    seen.check(
        "level 4 is level 3 or more", told(place.log_in(eid, "patient", 4)), (PATIENT, 4, BEFORE, None)
    )
    seen.check("level 2 is asked again", place.log_in(eid, "patient", 2), "a page again")
    seen.check("who cancels", place.log_in(eid, "cancel"), "access_denied")
    wrong = place.client(SecretClient("secret", "another"))
    seen.check("a wrong secret", place.log_in(wrong, "patient"), "not_authorised (invalid_client)")
    other = place.client(KeyClient("key-ES256", new_pem("P-256")))
    seen.check(
        "a key that is not registered", place.log_in(other, "patient"), "not_authorised (invalid_client)"
    )
    _used_twice(place, eid, seen)


def _used_twice(place: Place, eid: Eid, seen: Seen) -> None:
    begun, place.browser = Begun(), requests.Session()
    back = place.goes(eid.way_in(begun, "sv"), "patient")
    eid.who(back["code"], begun)
    try:
        again = str(eid.who(back["code"], begun))
    except VaxelError as error:
        again = str(error)
    seen.check("a code the second time", again, "login_too_late (invalid_grant)")


def session_from_before(place: Place, seen: Seen) -> None:
    """Only `auth_time` tells it from a login: 35 s are waited for."""
    eid = place.client(place.by_key())
    place.log_in(eid, "patient")
    time.sleep(35)
    found = place.log_in(eid, "patient", bare=True)
    seen.check("a session from before, nothing asked of it", found, "login_not_verified (auth_time)")


def new_pem(kind: str) -> str:
    """A private key of ours."""
    made: dict[
        str, Callable[[], rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey]
    ] = {
        "RSA": lambda: rsa.generate_private_key(65537, 2048),
        "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "Ed25519": ed25519.Ed25519PrivateKey.generate,
    }
    return made[kind]().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@contextmanager
def provider(folder: Path, port: int, pems: dict[str, str], secret: str, *, letter: bool) -> Iterator[Place]:
    """The provider, until the block ends."""
    keys = {"keys": [key for pem in pems.values() for key in KeyClient("", pem).public()["keys"]]}
    given = {"port": port, "back": BACK, "keys": keys, "letter": letter, "secret": secret}
    command = ["node", str(PROGRAM), json.dumps(given)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as running:
        try:
            if not running.stdout or "listening" not in running.stdout.readline():
                raise SystemExit("the provider did not start")
            yield Place(f"http://127.0.0.1:{port}", secret, pems)
        finally:
            running.terminate()


def install(folder: Path) -> None:
    """The package, and nothing that it would run by itself."""
    if not shutil.which("npm") or not shutil.which("node"):
        sys.stderr.write("Node 20 with npm is needed.\n")
        raise SystemExit(2)
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
    if subprocess.run(command, cwd=folder, check=False).returncode:
        sys.stderr.write(f"{PACKAGE} is not to be had.\n")
        raise SystemExit(2)


def main() -> int:
    """Everything, at both kinds of provider."""
    seen, port, secret = Seen(), free_port(), secrets.token_urlsafe(24)
    pems = {kind: new_pem(kind) for kind in ("RSA", "P-256", "P-384", "Ed25519")}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        install(folder)
        node = subprocess.run(
            ["node", "--version"], capture_output=True, text=True, check=True
        ).stdout.strip()
        sys.stdout.write(f"{PACKAGE}, Node {node}, Python {sys.version.split()[0]}\n")
        for letter in (True, False):
            sys.stdout.write(
                f"\n{'OIDC Sweden to the letter' if letter else 'OpenID Connect, its defaults'}\n"
            )
            with provider(folder, port, pems, secret, letter=letter) as place:
                checks(place, seen)
                staff_checks(place, seen)
                if letter:
                    session_from_before(place, seen)
                eid = place.client(place.by_key())
                place.log_in(eid, "patient")
            with provider(folder, port, pems, secret, letter=letter) as place:
                found = told(place.log_in(eid, "patient"))
                seen.check("new keys at the provider", found, (PATIENT, 3, BEFORE, None))
    sys.stdout.write(f"\n{seen.checked} checked, {seen.wrong} wrong\n")
    return 1 if seen.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
