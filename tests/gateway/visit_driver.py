"""A gateway where residents check in, with the real database behind it, an identity provider, and browsers."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from html import unescape
from typing import Any
from urllib.parse import urljoin

import requests
from gateway_driver import Gateway, served
from login_driver import Noted, SentLinks
from lxml import html

from bench.town import free_port
from engine.base import clock
from engine.base.database import transaction
from engine.base.settings import settings
from engine.tables.inbox import Inbox
from flows.booking_publication import booking_publication
from flows.check_in import check_in
from gateway.app import create_app
from gateway.login.routes import routes
from gateway.login.seen import SeenWithEId
from gateway.login.watch import LoginWatch
from gateway.visits.check_in import CheckInWay
from gateway.visits.join import JoinWay
from gateway.wake import Waker
from models.events import Arrival
from models.times import STOCKHOLM
from sandbox.people.numbers import ADULTS
from sandbox.server.sandbox import Sandbox
from systems.eid import Eid
from systems.oidc import Provider
from systems.oidc_client import SecretClient
from tasks import clients
from tasks.booking_publication import stored

PATIENT, OTHER = ADULTS[0], ADULTS[1]
UNIT = {"hsa_id": "SE2321000115-E000000000001", "name": "Vårdcentralen Halmstad"}
ACCOUNT = ("vaxel", "a secret: with %, + and å")
PLACE = "https://platform24.example.org/m;a=1/1?x=%2F&y=~|z#end"
VIDEO = {"form": "video", "platform": "platform24", "check_in": None, "join": PLACE}
"""A visit that is joined."""
KEY = b"0123456789abcdef0123456789abcdef"
HOME = f"/c/{UNIT['hsa_id']}"


@dataclass
class VisitTown:
    """What a test of the pages of a visit has before it."""

    url: str
    sandbox: Sandbox
    eid: Eid
    wakes: list[str]
    clock: AtTen

    def fresh(self) -> None:
        self._sandbox("DELETE", "/state")
        self._sandbox("POST", "/provider", {"clock": round(self.clock.ahead.total_seconds())})
        self.eid.ask_anew()
        for number in (PATIENT, OTHER):
            self.lives_here(number)

    def lives_here(self, number: str, **fields: Any) -> None:
        self._sandbox("POST", "/people", {"personnummer": number} | fields)

    def fault(self, system: str, kind: str, **more: Any) -> None:
        self._sandbox("POST", "/faults", {"system": system, "kind": kind} | more)

    def visit(self, patient: str = PATIENT, **fields: Any) -> str:
        """A visit at the unit that begins in a while, today; gives its id."""
        id, start = f"B-{secrets.token_hex(4)}", fields.pop("start", None) or soon()
        booking = {
            "id": id,
            "version": 1,
            "patient": {"id": patient, "type": "personnummer"},
            "unit": UNIT,
            "start": start.isoformat(),
            "form": "on_site",
            "call_letter": {"kind": "none"},
            "check_in": True,
        } | fields
        key = ("booking.created", "booking_publication", f"vas:{id}", 1, clock.now())
        Inbox().store("vas", [Arrival(f"msg-{id}", *key, {"booking": booking})])
        _apply(booking_publication)
        return id

    def link(self, id: str) -> str:
        """Where a digital visit is joined."""
        with transaction() as connection:
            (case,) = stored.with_keys(connection, [f"vas:{id}"])
        return f"/v/{case.link}"

    def changes(self, id: str, **fields: Any) -> None:
        """The visit's next version."""
        with transaction() as connection:
            (case,) = stored.with_keys(connection, [f"vas:{id}"])
        booking = json.loads(case.snapshot or "") | {"version": (case.version or 0) + 1} | fields
        kind = "booking.cancelled" if "cancelled_by" in fields else "booking.changed"
        at = clock.now() + timedelta(minutes=2)
        key = (kind, "booking_publication", case.key, booking["version"], at)
        Inbox().store("vas", [Arrival(secrets.token_hex(8), *key, {"booking": booking})])
        _apply(booking_publication)

    def presses_are_taken_in(self) -> None:
        """The events of presses become cases; nobody is told yet."""
        _apply(check_in)

    def browser(self, **headers: str) -> Browser:
        return Browser(self.url, self.sandbox.url, headers)

    def logged_in(self, number: str = PATIENT, home: str = HOME, **form: str) -> Browser:
        browser = self.browser()
        browser.log_in(home, number, **form)
        return browser

    def enter(self, context: Any, number: str = PATIENT, home: str = HOME) -> None:
        """They are logged in, in the windows of a real browser."""
        cookies = self.logged_in(number, home).http.cookies
        (cookie,) = [each for each in cookies if each.name == "visit-login"]
        context.add_cookies(
            [{"name": cookie.name, "value": cookie.value, "domain": "127.0.0.1", "path": home}]
        )

    def _sandbox(self, method: str, path: str, body: Any = None) -> None:
        answer = requests.request(method, self.sandbox.url + path, json=body, timeout=30)
        assert answer.ok, answer.text


def soon() -> datetime:
    """A quarter past ten of the town's day, when it is soon after ten."""
    return clock.now().astimezone(STOCKHOLM).replace(hour=10, minute=15, second=0, microsecond=0)


class AtTen:
    """The machine's clock, put forward to ten in the morning, whatever the hour is at which the test runs."""

    def __init__(self) -> None:
        now = datetime.now(STOCKHOLM)
        ten = datetime.combine(now.date() + timedelta(days=1), time(10), STOCKHOLM)
        self.ahead = timedelta(seconds=round((ten - now).total_seconds()))

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def _apply(flow: Any) -> None:
    from engine.tables.claims import Claim

    made = flow.process
    claim: Claim[Any] = Claim(made.model)
    made.claim_due(claim)
    with transaction() as connection:
        claim.release(connection, list(claim.cases.values()))


@dataclass
class Browser:
    """One browser with its cookies."""

    url: str
    provider: str
    headers: dict[str, str] = field(default_factory=dict)
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.trust_env = False
        self.http.headers["accept"] = "text/html"
        self.http.headers.update(self.headers)

    def get(self, path: str = HOME) -> requests.Response:
        return self.http.get(urljoin(self.url, path), timeout=20, allow_redirects=False)

    def post(self, path: str, **given: Any) -> requests.Response:
        return self.http.post(urljoin(self.url, path), timeout=20, allow_redirects=False, **given)

    def log_in(self, home: str, number: str, **form: str) -> requests.Response:
        """The whole way, back to the page."""
        way = self.get(f"{home}/login").headers["location"]
        fields = html.fromstring(self.http.get(way, timeout=20).text).forms[0].fields
        filled = {"login": fields["login"], "personnummer": number, "loa": "3", "do": "login"} | form
        answer = self.http.post(
            f"{self.provider}/eid/authorize", data=filled, timeout=20, allow_redirects=False
        )
        self.back = answer.headers["location"]
        answer = self.get(self.back)
        return self.get(answer.headers["location"]) if answer.is_redirect else answer

    def press(self, page: str = "", **changed: str) -> requests.Response:
        """The first button of the page, or of this one, with some of its fields changed."""
        shown = html.fromstring(page or self.get().text)
        form = next(each for each in shown.forms if each.xpath(".//button[@name='visit']"))
        (button,) = form.xpath(".//button")
        given = dict(form.fields) | {"visit": button.get("value")} | changed
        return self.post(form.action, data=given)


def heading(answer: requests.Response) -> str:
    found = re.search("<h1>(.*?)</h1>", answer.text)
    assert found, answer.text
    return unescape(found[1])


@contextmanager
def visit_town() -> Iterator[VisitTown]:
    """A gateway and a sandbox; the person register is asked at the sandbox."""
    port = free_port()
    url, waker = f"http://127.0.0.1:{port}", Gateway()
    with Sandbox(0, url, eid_account=ACCOUNT) as sandbox:
        before = dict(settings().systems)
        settings().systems["person"] = (
            settings().systems["person"].model_copy(update={"url": f"{sandbox.url}/person"})
        )
        clients.forget()
        at = AtTen()
        real = clock.use(at)
        us, back = SecretClient(*ACCOUNT), f"{url}/l/callback"
        eid = Eid(Provider(f"{sandbox.url}/eid", us, back, deadline=2.0), level=3)
        noted = Noted()
        watch = LoginWatch("eid", noted.down, noted.up, noted.incident)
        given = (url, KEY, clients.region, Waker(waker.wake))
        seen = SeenWithEId(Waker(waker.wake))
        login = routes(SentLinks(), eid, KEY, watch, CheckInWay(*given), JoinWay(*given), seen=seen)
        app = create_app(Inbox(), {}.get, lambda: True, waker.wake, login=login)
        try:
            with served(app, port):
                yield VisitTown(url, sandbox, eid, waker.wakes, at)
        finally:
            clock.use(real)
            settings().systems.clear()
            settings().systems |= before
            clients.forget()
