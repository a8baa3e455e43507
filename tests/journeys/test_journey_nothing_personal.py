"""After a day with every kind of event and failure nothing personal is anywhere but where it is meant to be."""

from __future__ import annotations

import base64
import json
import logging
import os
import time
import uuid
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote_plus

import httpx
import psycopg
import pytest
import structlog
from bad_day import QUOTED, everything_happens, told_distinctly, unhunted
from click.testing import CliRunner
from killed import OWNERS
from prefect.logging.handlers import APILogHandler
from searched import Hunt, prefect, tables
from sqlalchemy import text
from town import Town
from typer.main import get_command

from cli.app import app
from engine.base import database
from engine.base.database import transaction
from engine.base.settings import settings
from engine.ops.metrics import figures_now
from engine.outer import questions
from engine.prefect import shown_steps
from engine.running import pump
from engine.tables import wake
from flows.registry import PROCESSES, SCHEDULES
from models import check_in, e_identification, self_service
from models.messages import EVENTS
from routine.staff import reasons_for_staff
from tasks.booking_publication import visits
from tasks.channel_switch.phone_menu import PRESSED

BY_PREFECT = {name for name, (process, _) in OWNERS.items() if process not in wake.BY_ITSELF}
"""The steps that are task runs; those of an alert ask Prefect for nothing."""

WENT_WRONG = {
    "internal_error", "turn_failed", "look_failed", "events_not_applied", "event_parked", "not_signed",
    "not_stored", "soap_fault", "run_failed",
}  # fmt: skip
"""What our own log has to have said, else the day was too quiet to prove anything."""


class Heard(logging.Handler):
    """Everything that any library logged, with its tracebacks; but not what the sandbox or the test itself said."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        of_test = record.name == "httpx" and os.environ["VAXEL_SANDBOX__PORT"] in record.getMessage()
        if not record.name.startswith(("sandbox", "mail", "aiosmtpd")) and not of_test:
            self.lines.append(self.format(record))


@contextmanager
def everything_is_logged() -> Iterator[Heard]:
    """All loggers at DEBUG, Prefect's too, which then sends as much to its API; and the gateway's access log."""
    heard = Heard()
    chosen = [logging.getLogger(name) for name in (None, "prefect", "uvicorn.access", "uvicorn.error")]
    before = [logger.level for logger in chosen]
    for logger in chosen:
        logger.setLevel(logging.DEBUG)
    deaf = [logger for logger in chosen if logger.name.startswith("uvicorn")]
    root = logging.getLogger()
    others, root.handlers = root.handlers, [heard]  # another test's may print what this one asks the sandbox
    for logger in deaf:
        logger.addHandler(heard)
    try:
        yield heard
    finally:
        root.handlers = others
        for logger in deaf:
            logger.removeHandler(heard)
        for logger, level in zip(chosen, before, strict=True):
            logger.setLevel(level)


@pytest.fixture
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for by the machine's own clock, which the town does not put forward, is waited for shortly."""
    monkeypatch.setattr(shown_steps, "RETRY_SECONDS", [0.1, 0.2])
    monkeypatch.setattr(pump, "KEEP_SECONDS", 1.0)
    monkeypatch.setattr(pump, "RELEASE_SECONDS", 1.0)
    monkeypatch.setattr(questions, "SILENT_SECONDS", 0.4)


def _bare(call: dict[str, Any]) -> dict[str, Any]:
    """Without its body."""
    return {**call, "body": "", "body_hex": ""}


@pytest.mark.timeout(480)
@pytest.mark.usefixtures("_deployment", "_hurried")
async def test_nothing_of_a_patients_is_left_anywhere_after_a_day_with_everything(
    town: Town, sandbox_server: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """design.md, five sentences: nothing personal goes anywhere but to the system that it is meant for."""
    hunt = told_distinctly(sandbox_server.sample_day.day)
    log = settings().home / "postgres" / "log"
    before = log.stat().st_size  # other tests have made it say what it may
    with everything_is_logged() as heard:
        await everything_happens(town)
        await APILogHandler.aflush()
    printed = "".join(capfd.readouterr())
    at_rest()
    calls = town.holds("calls", limit="50000")["calls"]
    places = {
        **prefect(),
        "our tables": tables(database.VAXEL),
        "our output": printed,
        "every logger": "\n".join(heard.lines),
        "addresses and heads of our calls": shown([_bare(call) for call in calls]),
        "what ops see": seen_by_ops(),
        "what /metrics counts": repr(figures_now(PROCESSES, reasons_for_staff, SCHEDULES)),
        "PostgreSQL's own log": log.read_bytes()[before:].decode("utf-8", "replace").replace(QUOTED, ""),
    }
    assert {place: hunt.searched(found) for place, found in places.items()} == {
        place: set() for place in places
    }
    assert {event for event in WENT_WRONG if event not in printed} == set()
    assert "ERROR:" in places["PostgreSQL's own log"]
    assert "/webhooks/vas" in places["every logger"]
    assert "POST /sms/a1/sms" in places["every logger"]
    assert {name for name in BY_PREFECT if name not in places["Prefect's tables"]} == set()
    assert "vaxel.case.parked" in places["Prefect's tables"]
    said = {row[0] for row in in_prefect("SELECT message FROM log WHERE level <= 10")}
    assert len(said) > 5, "Prefect was not told at DEBUG"
    with transaction() as connection:
        assert set(connection.execute(text("SELECT DISTINCT type FROM event")).scalars()) == {
            *EVENTS,
            PRESSED,
            check_in.PRESSED,
            e_identification.LOGGED_IN,
            visits.JOINED,
            self_service.REQUESTED,
        }


def test_every_field_of_the_day_is_hunted_or_known_to_all(sandbox_server: Any) -> None:
    """A new field of a webhook is either personal, and searched for, or named as not."""
    day = sandbox_server.sample_day.day
    hunt = told_distinctly(day)
    sent = [each.event.data for stage in day.events.values() for each in stage]
    assert {field for data in sent for field in unhunted(data, hunt)} == set()


def at_rest() -> None:
    """Prefect's client sends logs each two seconds, and they are written a while later: until it writes no more."""
    query = (
        "SELECT (SELECT count(*) FROM log), (SELECT count(*) FROM events), (SELECT count(*) FROM task_run)"
    )
    before, quiet, end = None, 0, time.monotonic() + 60
    while quiet < 8 and time.monotonic() < end:
        now = in_prefect(query)
        quiet, before = quiet + 1 if now == before else 0, now
        time.sleep(0.4)


def in_prefect(query: str) -> list[Any]:
    with psycopg.connect(database.url_of(database.PREFECT)) as connection:
        found = connection.execute(query)  # type: ignore[arg-type]
        return found.fetchall() if found.description else []


def seen_by_ops() -> str:
    """What the command line prints of the cases, the parked ones and those that were refused."""
    asked = [["cases", "--most", "2000"], ["cases", "--parked"], ["refused", "--most", "2000"], ["shadow"]]
    with transaction() as connection:
        ids = connection.execute(text("SELECT id FROM booking_publication")).scalars().all()
    asked += [["case", str(id)] for id in ids]
    command = get_command(app)  # typer's own runner makes it anew for each
    answers = [CliRunner().invoke(command, each) for each in asked]
    assert {answer.exit_code for answer in answers} == {0}
    return "\n".join(answer.output for answer in answers)


def shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# --- the search finds what is there

NUMBER, PHONE, RESERVE = "191212121212", "+46701740699", "98240301AA06"
MAIL, NAME, STREET, TEXT = "åsa@example.org", "Öfverström-Ek", "Åkervägen 14 B", "Ärende om sömnen"
SECRET = "dGVzdHMgYW5kIG5vdGhpbmc="
ALL = {NUMBER, PHONE, RESERVE, MAIL, NAME, STREET, TEXT, SECRET}
HUNT = Hunt({NUMBER, RESERVE}, {PHONE}, {MAIL, NAME, STREET, TEXT, SECRET})
WRITTEN = {
    NUMBER: (NUMBER, "1212121212", "121212-1212", "121212+1212", "19121212-1212", "19121212 1212", "x191212121212y"),
    PHONE: (PHONE, "0701740699", "070-174 06 99", "070-1740699", "+46 70 174 06 99", "0046701740699", "+46 (0)70-1740699"),
    RESERVE: (RESERVE, RESERVE.lower()),
    MAIL: (MAIL, MAIL.upper()),
    NAME: (NAME, NAME.upper()),
    STREET: (STREET,),
    TEXT: (TEXT,),
    SECRET: (SECRET,),
}  # fmt: skip
HIDDEN: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in JSON": json.dumps,
    "in JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "in an address": quote_plus,
    "in XML": lambda text: text.encode("ascii", "xmlcharrefreplace").decode(),
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64 of JSON": lambda text: base64.b64encode(json.dumps({"a": text}).encode()).decode(),
    "in base64 for addresses": lambda text: base64.urlsafe_b64encode(f"ab{text}".encode()).decode(),
    "in bytes": lambda text: "\\x" + text.encode().hex(),
    "packed": lambda text: "\\x" + zlib.compress(text.encode()).hex(),
}


@pytest.mark.parametrize("how", HIDDEN)
@pytest.mark.parametrize(
    "value", WRITTEN, ids=["number", "phone", "reserve", "mail", "name", "street", "text", "secret"]
)
def test_a_value_is_found_however_it_is_written_and_hidden(value: str, how: str) -> None:
    for written in WRITTEN[value]:
        hidden = f"before {HIDDEN[how](f'så {written} här')} after"
        assert HUNT.searched(hidden) == {value}, written


def test_what_is_only_alike_is_not_found() -> None:
    alike = (
        "2026-11-23T04:09:35.198411+00:00 1212121213 1070174069 a3f2-98240301 1234567890123456 "
        + uuid.uuid4().hex
    )
    assert HUNT.searched(alike) == set()


MARK = "planted"


def planted() -> str:
    return json.dumps([MARK, *(written for each in WRITTEN.values() for written in each)])


def post(path: str, body: Any) -> Any:
    user, _, password = os.environ["PREFECT_API_AUTH_STRING"].partition(":")
    address = f"{os.environ['PREFECT_API_URL']}/{path}"
    answer = httpx.post(address, json=body, auth=(user, password), trust_env=False)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def a_flow_run(**fields: Any) -> None:
    flow = post("flows/", {"name": "planted"})
    post("flow_runs/", {"flow_id": flow["id"]} | fields)


def a_log_line() -> None:
    post(
        "logs/", [{"name": "planted", "level": 20, "message": planted(), "timestamp": "2026-11-23T04:00:00Z"}]
    )


def a_task_run() -> None:
    task = {"task_key": "planted", "dynamic_key": uuid.uuid4().hex, "name": planted()[:2000]}
    post("task_runs/", task)


def an_artifact() -> None:
    post("artifacts/", {"key": "planted", "type": "table", "data": planted()})


def an_event() -> None:
    of = {"prefect.resource.id": "planted"}
    event = {"event": "planted", "occurred": "2026-11-23T04:00:00Z", "resource": of, "id": str(uuid.uuid4())}
    post("events", [event | {"payload": {"reason": planted()}}])


PLANT: dict[str, Callable[[], None]] = {
    "a flow run's name": lambda: a_flow_run(name=planted()),
    "a flow run's parameter": lambda: a_flow_run(parameters={"of": planted()}),
    "a task run's name": a_task_run,
    "a log line": a_log_line,
    "an artifact": an_artifact,
    "an event's payload": an_event,
}
GROWN = ("log", "flow_run", "task_run", "artifact", "artifact_collection", "events")


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.parametrize("where", PLANT)
def test_what_is_planted_in_prefect_is_found(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    mark = (
        f"planted-{uuid.uuid4().hex}"  # Prefect itself tells of what was planted before, some seconds later
    )
    monkeypatch.setitem(globals(), "MARK", mark)
    found: set[str] = set()
    end = time.monotonic() + 60
    PLANT[where]()
    while not found and time.monotonic() < end:
        rows = tables(database.PREFECT).split("\n")
        found = HUNT.searched("\n".join(row for row in rows if mark in row))
    for table in GROWN:
        in_prefect(f"DELETE FROM {table} AS t WHERE t::text LIKE '%{mark}%'")
    assert found == ALL


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("how", ["clear", "bytes"])
def test_what_is_planted_in_our_tables_is_found(how: str) -> None:
    put = text(
        "INSERT INTO refused_event (source, webhook_id, paths, refused_at, taken_in)"
        " VALUES ('vas', 'x', :told, now(), false)"
        if how == "clear"
        else "INSERT INTO resident (patient_hash, deceased, at, said_at, received_at)"
        " VALUES (convert_to(:told, 'UTF8'), false, now(), now(), now())"
    )
    with transaction() as connection:
        connection.execute(put, {"told": planted()})
    assert HUNT.searched(tables(database.VAXEL)) == ALL
    with transaction() as connection:
        connection.execute(text("TRUNCATE refused_event, resident"))


def test_what_is_planted_in_a_log_of_ours_is_found(capfd: pytest.CaptureFixture[str]) -> None:
    with everything_is_logged() as heard:
        structlog.get_logger().error("planted", told=planted())
        try:
            raise ValueError(planted())
        except ValueError:
            logging.getLogger("prefect.flow_runs").debug(
                "planted", exc_info=True, extra={"flow_run_id": None}
            )
    assert HUNT.searched("".join(capfd.readouterr())) == ALL
    assert HUNT.searched("\n".join(heard.lines)) == ALL


def test_what_is_planted_in_an_address_is_found(town: Town) -> None:
    from tasks import clients

    with pytest.raises(Exception):  # noqa: B017, PT011 (what comes of it is all one)
        clients.vas().post_letter(planted().encode("ascii").decode()[:200], patient={})
    httpx.get(f"{town.http.base_url}/sms/a1/sms", params={"to": planted()}, trust_env=False)
    calls = town.holds("calls", limit="50000")["calls"]
    assert HUNT.searched(shown([{**call, "body": ""} for call in calls])) == ALL
