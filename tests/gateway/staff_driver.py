"""Staff with browsers at a gateway whose storage is the real one: files are sealed in it, and lie in our database."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import requests
from gateway_driver import SECRET, Gateway, served
from login_driver import Noted
from lxml import html
from sqlalchemy import text
from sqlmodel import col, select

from bench.town import free_port
from engine.base import clock
from engine.base.database import insert_all, load, table_of, transaction
from engine.ops.access_log import Act
from engine.tables.inbox import Inbox
from gateway.app import create_app
from gateway.login.watch import LoginWatch
from gateway.staff.kept_cases import KeptCases
from gateway.staff.kept_files import KeptFiles
from gateway.staff.routes import routes
from gateway.wake import Waker
from models.access_log import LoggedAccess
from models.encryption import ring
from models.identity import IdentityType, PatientId
from models.image_transfer import ImageTransfer, State, StoredFile
from models.processes import MODELS
from routine.region import Region
from routine.staff import CARE
from sandbox.server.sandbox import Sandbox
from systems.found import Limits
from systems.oidc import Provider
from systems.oidc_client import SecretClient
from systems.staff_eid import StaffEid
from systems.storage import files as storage
from systems.storage.hour_keys import hour_of
from systems.storage.source import AttachmentSource
from tasks.clients import region

ANNA, BO = "SE2321000115-P000000000001", "SE2321000115-P000000000002"
UNIT = {"hsa_id": "SE2321000115-E000000000001", "name": "Vårdcentralen Halmstad"}
PATIENT, OTHER_PATIENT = "199202232394", "198411142394"
ACCOUNT = ("vaxel", "a secret: with %, + and å")
KEY = b"0123456789abcdef0123456789abcdef"
ACTS = (Act.DELETE, Act.JOURNALLED, Act.FETCH_AGAIN)
EMPTIED = (
    *("staff_session", "stored_file", "access_log", "access_log_end", "event", "timeline", "effect", "merge"),
    *(model.PROCESS for model in MODELS),
)
CARING, ELSE = "SE2321000115-U000000000001", "SE2321000115-U000000000002"


@dataclass
class StaffTown:
    """What a test of staff's pages has before it."""

    url: str
    sandbox: Sandbox
    eid: StaffEid
    noted: Noted
    watch: LoginWatch
    not_scanned: Literal["give", "hold"] = "give"

    @property
    def acts(self) -> list[tuple[str, uuid.UUID | None]]:
        """What has been done with files, by the access log."""
        return [(each.act, each.subject) for each in logged() if each.act in ACTS]

    def region(self) -> Region:
        """The region's figures, with what it says of files that no scanner has looked at."""
        figures = region()
        told = figures.storage.model_copy(update={"not_scanned": self.not_scanned})
        return figures.model_copy(update={"storage": told})

    def fresh(self) -> None:
        """Anna and Bo work here; Anna has a commission for something else too. Nobody is logged in."""
        with transaction() as connection:  # far quicker than every table
            connection.execute(
                text("SET LOCAL session_replication_role = replica")
            )  # which the log's guard lets pass
            connection.execute(text("; ".join(f"DELETE FROM {table}" for table in EMPTIED)))
        self.eid.ask_anew()
        self.not_scanned = "give"
        self.noted.told.clear()
        self._sandbox("DELETE", "/state")
        care = {"hsa_id": CARING, "purpose": CARE, "right": "Läsa;VoB;SJF", "unit": UNIT}
        other = care | {"hsa_id": ELSE, "purpose": "Administration"}
        self.works_here(ANNA, "Anna Test", care, other)
        self.works_here(BO, "Bo Prov", care)

    def works_here(self, hsa_id: str, name: str, *commissions: dict[str, Any]) -> None:
        member = {"hsa_id": hsa_id, "name": name, "title": "sjuksköterska", "commissions": list(commissions)}
        self._sandbox("POST", "/staff", member)

    def provider(self, **kind: Any) -> None:
        """The provider is of this kind from now on, and we have heard nothing of it yet."""
        self._sandbox("POST", "/provider/staff_eid", kind)
        self.eid.ask_anew()

    def fault(self, kind: str) -> None:
        self._sandbox("POST", "/faults", {"system": "staff_eid", "kind": kind})

    def browser(self) -> Browser:
        """One in which nobody is logged in."""
        return Browser(self.url)

    def logged_in(self, hsa_id: str = ANNA, commission: str | None = CARING, **form: str) -> Browser:
        """A browser in which they have logged in."""
        browser = self.browser()
        browser.log_in(hsa_id, commission, **form)
        return browser

    def enter(self, context: Any, hsa_id: str = ANNA) -> None:
        """They are logged in, in the windows of a real browser."""
        cookie = self.logged_in(hsa_id).cookie
        context.add_cookies([{"name": "vaxel-staff", "value": cookie, "url": self.url}])

    def moment(self, hours: float) -> datetime:
        """So many hours from now."""
        return clock.now() + timedelta(hours=hours)

    def file(
        self,
        owner: str = ANNA,
        sample: str = "jpeg",
        *,
        hours: float = 24,
        gone: bool = False,
        content: bytes | None = None,
        **changed: Any,
    ) -> uuid.UUID:
        """A file of theirs, put into the storage as the flow does; `hours`: what is left of its life.

        `content`: in the sample's place.
        """
        id, name = uuid.uuid4(), uuid.uuid4()
        at = {"system": "platform24", "ref": str(id), "contact": "c-1"}
        at |= {"base64": base64.b64encode(content).decode()} if content else {"sample": sample}
        self._sandbox("POST", "/attachments", at)
        ends = clock.now() + timedelta(hours=hours)
        source = AttachmentSource(f"{self.sandbox.url}/platform24/attachments/{id}")
        put = storage.put(name, id, hour_of(max(ends, clock.now())), source, Limits())
        found = put.inspected
        facts = {
            "kind": found.kind,
            "pictures": found.pictures,
            "marks": ",".join(found.marks),
            "scan": "clean",
            "size": put.bytes,
            "sha256": put.sha256,
            "stored_at": ends - timedelta(hours=24),
            "deleted_at": ends,
            "state": State.TOLD,
        }
        case(id, owner, **(facts | changed))
        if not gone:
            stored(name, id, hour_of(max(ends, clock.now())), put.wrapped_key)
        return id

    def _sandbox(self, method: str, path: str, body: Any = None) -> requests.Response:
        session = requests.Session()
        session.trust_env = False
        answer = session.request(method, self.sandbox.url + path, json=body, timeout=30)
        assert answer.ok, answer.text
        return answer


def case(id: uuid.UUID, owner: str, **changed: Any) -> None:
    """What is known of a file, as its flow has written it."""
    now = clock.now()
    patient = changed.pop("patient", PATIENT)
    plain = {
        "id": id,
        "key": f"staff:t:{id}",
        "state": State.REQUESTED,
        "created_at": now,
        "updated_at": now,
        "transfer": "t-1",
        "system": "platform24",
        "contact_id": "c-1",
        "filename": "bild.jpg",
        "patient": PatientId(id=patient, type=IdentityType.PERSONNUMMER).model_dump_json(),
        "patient_hash": ring().digest(patient),
        "owner_id": owner,
        "requested_at": now,
        "fetches": 1,
    }
    insert_row(ImageTransfer, plain | changed)


def stored(name: uuid.UUID, file: uuid.UUID, hour: datetime, wrapped_key: bytes) -> None:
    now = clock.now()
    row = {"name": name, "file": file, "hour": hour, "begun_at": now, "completed_at": now}
    insert_row(StoredFile, row | {"wrapped_key": wrapped_key})


def insert_row(model: Any, given: dict[str, Any]) -> None:
    """A row of ours, sealed as it lies there."""
    row = model(**given)
    names = [column.name for column in table_of(model).c]
    with transaction() as connection:
        insert_all(connection, table_of(model), [{name: getattr(row, name) for name in names}], names)


@dataclass
class Browser:
    """A browser with its cookies, that says what browsers say."""

    url: str
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.trust_env = False

    def ask(self, method: str, path: str, **headers: str) -> requests.Response:
        """As a page asked for in the address bar, unless the headers say otherwise."""
        sent = {"accept": "text/html,*/*;q=0.8"} | {name.replace("_", "-"): v for name, v in headers.items()}
        return self.http.request(method, self.url + path, headers=sent, timeout=20, allow_redirects=False)

    def json(self, method: str, path: str) -> requests.Response:
        """As a program asks."""
        return self.ask(method, path, accept="application/json")

    def post_json(self, path: str, body: Any, **headers: str) -> requests.Response:
        """As a program sends something."""
        sent = {"accept": "application/json", "origin": self.url} | headers
        return self.http.post(self.url + path, json=body, headers=sent, timeout=20, allow_redirects=False)

    def fill_in(self, path: str, **fields: str) -> requests.Response:
        """A form of one of our pages."""
        sent = {"accept": "text/html", "origin": self.url, "sec-fetch-site": "same-origin"}
        form = {"token": self.token()} | fields
        return self.http.post(self.url + path, data=form, headers=sent, timeout=20, allow_redirects=False)

    def press(self, path: str, token: str | None = None, **headers: str) -> requests.Response:
        """A button of one of our pages."""
        sent = {"accept": "text/html", "origin": self.url, "sec-fetch-site": "same-origin"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        form = {"token": self.token() if token is None else token}
        return self.http.post(self.url + path, data=form, headers=sent, timeout=20, allow_redirects=False)

    def token(self) -> str:
        """What stands in the forms of our pages."""
        page = html.fromstring(self.ask("GET", "/staff/storage").text)
        return str(page.xpath("//input[@name='token']/@value")[0])

    def log_in(
        self, hsa_id: str, commission: str | None = CARING, back: str = "", **form: str
    ) -> requests.Response:
        """The whole way, to what the provider's answer leads to."""
        way = self.ask("GET", f"/staff/login?back={back}").headers["location"]
        page = html.fromstring(self.http.get(way, timeout=20).text).forms[0]
        chosen = f"{hsa_id} {commission}" if commission else hsa_id
        filled = {"login": page.fields["login"], "commission": chosen, "loa": "3", "wrong": "", "do": "login"}
        there = way.partition("?")[0]
        answer = self.http.post(there, data=filled | form, timeout=20, allow_redirects=False)
        return self.ask("GET", answer.headers["location"].removeprefix(self.url))

    @property
    def cookie(self) -> str:
        return self.http.cookies.get("vaxel-staff", "")


def logged() -> list[LoggedAccess]:
    """The access log."""
    with transaction() as connection:
        return load(connection, select(LoggedAccess).order_by(col(LoggedAccess.number)))


def acts_logged() -> list[str]:
    return [entry.act for entry in logged()]


@contextmanager
def unlogged() -> Iterator[None]:
    """The access log cannot be written to."""
    with transaction() as connection:
        connection.execute(text("ALTER TABLE access_log RENAME TO access_log_away"))
    try:
        yield
    finally:
        with transaction() as connection:
            connection.execute(text("ALTER TABLE access_log_away RENAME TO access_log"))


class Later:
    """A clock that is ahead."""

    def __init__(self, **ahead: float) -> None:
        self._ahead = timedelta(**ahead)
        self._real = clock.SystemClock()

    def now(self) -> datetime:
        return self._real.now() + self._ahead


@contextmanager
def at(**ahead: float) -> Iterator[None]:
    """For a while it is so much later."""
    before = clock.use(Later(**ahead))
    try:
        yield
    finally:
        clock.use(before)


@contextmanager
def staff_town() -> Iterator[StaffTown]:
    """A gateway with staff's pages, and a sandbox whose staff provider knows it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with Sandbox(0, url, staff_eid_account=ACCOUNT) as sandbox:
        us, back = SecretClient(*ACCOUNT), f"{url}/staff/login/callback"
        eid, noted = StaffEid(Provider(f"{sandbox.url}/staff_eid", us, back, deadline=2.0)), Noted()
        watch = LoginWatch("staff_eid", noted.down, noted.up, noted.incident)
        town = StaffTown(url, sandbox, eid, noted, watch)

        files = KeptFiles(Waker(Gateway().wake))
        staff = routes(eid, KEY, watch, files, KeptCases(), town.region)
        app = create_app(Inbox(), {"vas": SECRET}.get, lambda: True, Gateway().wake, staff=staff)
        with served(app, port):
            yield town
    for name in list(storage.names(clock.now() + timedelta(days=1))):  # other tests count what lies there
        storage.delete(name)
