"""A gateway with links, an identity provider, and patients with browsers: all over real sockets."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from gateway_driver import Gateway, served
from lxml import html

from bench.town import free_port
from engine.tables.inbox import Inbox
from gateway.app import create_app
from gateway.login.ports import Landing, LinkState, SentLink, WhyNot
from gateway.login.routes import routes
from gateway.login.texts import LANGUAGES, Page
from gateway.login.watch import LoginWatch
from sandbox.server.sandbox import Sandbox
from systems.eid import Eid, LoggedIn
from systems.oidc import Provider
from systems.oidc_client import Client, SecretClient

ADULT, OTHER, COORDINATED = "199202232394", "198411142394", "197010632391"
ACCOUNT = ("vaxel", "a secret: with %, + and å")
KEY = b"0123456789abcdef0123456789abcdef"


@dataclass
class Sent:
    """A link that was sent."""

    patient: str
    state: LinkState = LinkState.ALIVE
    to: str | None = None
    straight_to: str | None = None


@dataclass
class SentLinks:
    """Links in memory: each for one patient, good once, at level 3."""

    sent: dict[str, Sent] = field(default_factory=dict)
    told: list[tuple[str, LoggedIn]] = field(default_factory=list)
    broken: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def make(self, patient: str = ADULT, **fields: Any) -> str:
        token = secrets.token_urlsafe(32)
        self.sent[token] = Sent(patient, **fields)
        return token

    def look(self, token: str, /) -> SentLink | None:
        if self.broken == "look":
            raise ConnectionError(token)
        sent = self.sent.get(token)
        return SentLink(sent.state, sent.straight_to) if sent else None

    def completed(self, token: str, who: LoggedIn, /) -> Landing:
        if self.broken == "completed":
            raise ConnectionError(token)
        with self._lock:
            self.told.append((token, who))
            sent = self.sent[token]
            if sent.state is not LinkState.ALIVE:
                return Landing(why_not=WhyNot(sent.state.value))
            if who.number != sent.patient:
                return Landing(why_not=WhyNot.WRONG_PERSON)
            if who.level < 3:
                return Landing(why_not=WhyNot.TOO_WEAK)
            sent.state = LinkState.USED
            return Landing(to=sent.to)


@dataclass
class SeenPeople:
    """Who has logged in, in order."""

    people: list[LoggedIn] = field(default_factory=list)

    def note(self, who: LoggedIn, /) -> None:
        self.people.append(who)


@dataclass
class Noted:
    """What ops are told of the provider, in order."""

    told: list[tuple[str, ...]] = field(default_factory=list)

    def down(self, system: str) -> None:
        self.told.append(("down", system))

    def up(self, system: str) -> None:
        self.told.append(("up", system))

    def incident(self, system: str, reason: str) -> None:
        self.told.append((reason, system))


@dataclass
class LoginTown:
    """What a test of a login has before it."""

    url: str
    sandbox: Sandbox
    links: SentLinks
    eid: Eid
    noted: Noted
    watch: LoginWatch
    seen: SeenPeople
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.trust_env = False

    @property
    def target(self) -> str:
        """Somewhere that answers."""
        return f"{self.sandbox.url}/healthz"

    def fresh(self) -> None:
        """All is well, three people live here, no link was sent."""
        self.links.__dict__ |= SentLinks().__dict__
        self.http.cookies.clear()
        self.eid.ask_anew()
        self.noted.told.clear()
        self.seen.people.clear()
        self.watch.well()
        self._sandbox("DELETE", "/state")
        people = [{"personnummer": number} for number in (ADULT, OTHER, COORDINATED)]
        self._sandbox("POST", "/people", people)

    def provider(self, **kind: Any) -> None:
        """The provider is of this kind from now on, and we have heard nothing of it yet."""
        self._sandbox("POST", "/provider", kind)
        self.eid.ask_anew()

    def provider_changes(self, **what: Any) -> None:
        """As `provider`, but nobody tells us."""
        self._sandbox("POST", "/provider", what)

    def lives_here(self, number: str, **fields: Any) -> None:
        """One who lives here, with what the provider knows of them."""
        self._sandbox("POST", "/people", {"personnummer": number} | fields)

    def begin(self, token: str) -> str:
        """Our own browser presses the button; the state and the issuer, as the provider's answer has them."""
        asked = parse_qs(urlsplit(self.get(f"/l/{token}/login").headers["location"]).query)
        return urlencode({"state": asked["state"][0], "iss": f"{self.sandbox.url}/eid"})

    def fault(self, kind: str, **more: Any) -> None:
        self._sandbox("POST", "/faults", {"system": "eid", "kind": kind} | more)

    def well(self) -> None:
        self._sandbox("DELETE", "/faults")

    def link(self, token: str) -> str:
        return f"{self.url}/l/{token}"

    def get(self, path: str, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.get(self.url + path, headers=named, timeout=20, allow_redirects=False)

    def counted(self) -> dict[str, float]:
        """How logins have ended, and how many failed in a row."""
        samples = [sample for family in self.watch.counted.collect() for sample in family.samples]
        ends = {s.labels["outcome"]: s.value for s in samples if s.name == "vaxel_logins_total"}
        (row,) = [s.value for s in samples if s.name == "vaxel_logins_failed_in_a_row"]
        return ends | {"in_a_row": row}

    def cookies(self) -> list[tuple[str, str]]:
        """Those of our gateway, in our own browser."""
        return [(name, value) for name, value in self.http.cookies.items() if name.startswith("login-")]

    def log_in(self, token: str, number: str = ADULT, **more: Any) -> dict[str, Any]:
        """A browser goes the whole way; where it ended."""
        asked = {"link": self.link(token), "personnummer": number} | more
        ended: dict[str, Any] = self._sandbox("POST", "/act/login", asked).json()
        return ended

    def come_back(self, token: str) -> str:
        """Our own browser goes up to the provider's answer; the address that this leads it to."""
        way = self.get(f"/l/{token}/login").headers["location"]
        form = html.fromstring(self.http.get(way, timeout=20).text).forms[0]
        filled = {"login": form.fields["login"], "personnummer": ADULT, "loa": "3", "do": "login"}
        there = f"{self.sandbox.url}/eid/authorize"
        answer = self.http.post(there, data=filled, timeout=20, allow_redirects=False)
        return answer.headers["location"].removeprefix(self.url)

    def _sandbox(self, method: str, path: str, body: Any = None) -> requests.Response:
        answer = self.http.request(method, self.sandbox.url + path, json=body, timeout=30)
        assert answer.ok, answer.text
        return answer


KEYS = ("RSA", "P-256", "P-384", "Ed25519")


def new_pem(kind: str) -> str:
    """A private key, as a region has it."""
    made: dict[str, Callable[[], Any]] = {
        "RSA": lambda: rsa.generate_private_key(65537, 2048),
        "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "Ed25519": ed25519.Ed25519PrivateKey.generate,
    }
    return str(made[kind]().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


@contextmanager
def as_client(town: LoginTown, client: Client) -> Iterator[None]:
    """We are this client for a while."""
    provider = town.eid._provider
    before, provider._client = provider._client, client
    try:
        yield
    finally:
        provider._client = before


def earlier_sessions(town: LoginTown, seconds: int) -> None:
    """Whoever is logged in at the provider has been so for this long."""
    sessions = town.sandbox.region.eid._sessions
    sessions |= {name: replace(one, at=one.at - seconds) for name, one in sessions.items()}


def heading(page: Page, language: str = "sv") -> str:
    """What stands at the top of the page."""
    return LANGUAGES[language].pages[page].heading


@contextmanager
def login_town() -> Iterator[LoginTown]:
    """A gateway, and a sandbox whose identity provider knows it."""
    port = free_port()
    links, url = SentLinks(), f"http://127.0.0.1:{port}"
    with Sandbox(0, url, eid_account=ACCOUNT) as sandbox:
        us, back = SecretClient(*ACCOUNT), f"{url}/l/callback"
        eid = Eid(Provider(f"{sandbox.url}/eid", us, back, deadline=2.0), level=3)
        waker, noted, seen = Gateway(), Noted(), SeenPeople()
        watch = LoginWatch("eid", noted.down, noted.up, noted.incident)
        login = routes(links, eid, KEY, watch, seen=seen)
        app = create_app(Inbox(), {}.get, lambda: True, waker.wake, login=login)
        with served(app, port):
            yield LoginTown(url, sandbox, links, eid, noted, watch, seen)
