"""A gateway with links, an identity provider, and patients with browsers: all over real sockets."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from gateway_driver import Gateway, served
from lxml import html

from bench.town import free_port
from engine.inbox import Inbox
from gateway.app import create_app
from gateway.login import routes
from gateway.login_texts import LANGUAGES, Page
from gateway.ports import Landing, Link, LinkState, WhyNot
from sandbox.server import Sandbox
from systems.eid import Eid
from systems.eid_token import LoggedIn

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

    def look(self, token: str, /) -> Link | None:
        if self.broken == "look":
            raise ConnectionError(token)
        sent = self.sent.get(token)
        return Link(sent.state, sent.straight_to) if sent else None

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
class LoginTown:
    """What a test of a login has before it."""

    url: str
    sandbox: Sandbox
    links: SentLinks
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
        self._sandbox("DELETE", "/state")
        people = [{"personnummer": number} for number in (ADULT, OTHER, COORDINATED)]
        self._sandbox("POST", "/people", people)

    def fault(self, kind: str, **more: Any) -> None:
        self._sandbox("POST", "/faults", {"system": "eid", "kind": kind} | more)

    def well(self) -> None:
        self._sandbox("DELETE", "/faults")

    def link(self, token: str) -> str:
        return f"{self.url}/l/{token}"

    def get(self, path: str, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.get(self.url + path, headers=named, timeout=20, allow_redirects=False)

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


def heading(page: Page, language: str = "sv") -> str:
    """What stands at the top of the page."""
    return LANGUAGES[language].pages[page].heading


@contextmanager
def login_town() -> Iterator[LoginTown]:
    """A gateway, and a sandbox whose identity provider knows it."""
    port = free_port()
    links, url = SentLinks(), f"http://127.0.0.1:{port}"
    with Sandbox(0, url, eid_account=ACCOUNT) as sandbox:
        eid = Eid(f"{sandbox.url}/eid", *ACCOUNT, f"{url}/l/callback", level=3, deadline=2.0)
        waker = Gateway()
        app = create_app(Inbox(), {}.get, lambda: True, waker.wake, login=routes(links, eid, KEY))
        with served(app, port):
            yield LoginTown(url, sandbox, links)
