"""What alarms, with Prometheus (`docs/alerts.yml`) and without (`vaxel health`)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
import yaml
from gateway_driver import Gateway, event
from metrics_driver import PROCESS, counting, lacks, put_case, put_effect, put_schedule_run, scraped
from prometheus_client import generate_latest
from sqlalchemy import text

from engine.base import clock
from engine.base.database import session, transaction
from engine.base.setting_sections import Watch
from engine.base.settings import System, settings
from engine.ops.access_log import Access, Act, write
from engine.ops.alarms import (
    GRACE,
    INCIDENTS,
    LATELY,
    MOST_IN_A_ROW,
    UNACKNOWLEDGED,
    UNDELIVERED,
    UNTOLD,
    Alarm,
    alarms,
    alarms_raised,
)
from engine.outer import incidents
from engine.tables.inbox import Inbox
from flows.registry import SCHEDULES
from gateway.login.watch import LoginWatch
from models.case import Effect
from models.events import Arrival
from models.identity import IdentityType, PatientId
from models.risk_alert import RiskAlert
from routine.staff import reasons_for_staff

DOCS = Path(__file__).resolve().parents[2] / "docs"
RULES: list[dict[str, Any]] = yaml.safe_load((DOCS / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
EXPRESSIONS = {rule["alert"]: rule["expr"] for rule in RULES}
STAFFS = reasons_for_staff(PROCESS)
SWEEP, NIGHTLY = "sweep", "index_reconciliation"
LIMITS = Watch()


@pytest.fixture
def gateway(database: None) -> Iterator[Gateway]:
    with counting() as gateway:
        yield gateway


def _names(found: list[Alarm]) -> list[str]:
    return [alarm.name for alarm in found]


def _away() -> Any:
    raise ConnectionError


def test_a_gateway_that_has_just_started_alarms_nobody(gateway: Gateway) -> None:
    assert alarms_raised(f"{gateway.url}/metrics") == []


@pytest.mark.parametrize(
    ("process", "ago", "silent"),
    [
        (SWEEP, timedelta(seconds=150), False),
        (SWEEP, timedelta(seconds=190), True),
        (NIGHTLY, timedelta(hours=25, minutes=50), False),
        (NIGHTLY, timedelta(hours=26, minutes=10), True),
    ],
)
def test_a_schedule_is_silent_after_two_missed_runs_or_two_hours(
    gateway: Gateway, process: str, ago: timedelta, silent: bool
) -> None:
    put_schedule_run(process, ago)
    found = alarms_raised(f"{gateway.url}/metrics")
    assert [(alarm.name, process in alarm.said) for alarm in found] == [
        ("VaxelScheduleSilent", True)
    ] * silent


def test_a_schedule_that_is_silent_from_the_start_alarms_too(gateway: Gateway) -> None:
    now = (datetime.now(UTC) + timedelta(hours=27)).timestamp()
    assert _names(list(alarms(scraped(gateway), now, LIMITS))) == ["VaxelScheduleSilent"] * len(SCHEDULES)


def test_a_case_that_is_long_overdue_alarms(gateway: Gateway) -> None:
    put_case("received", due_at=datetime.now(UTC) - timedelta(seconds=LIMITS.overdue_seconds - 60))
    assert alarms_raised(f"{gateway.url}/metrics") == []
    put_case("received", due_at=datetime.now(UTC) - timedelta(seconds=LIMITS.overdue_seconds + 1))
    assert _names(alarms_raised(f"{gateway.url}/metrics")) == ["VaxelCasesOverdue"]


def test_an_incident_alarms_beside_what_waits_for_a_human(gateway: Gateway) -> None:
    put_case("received", parked="unit_unknown")
    assert _names(alarms_raised(f"{gateway.url}/metrics")) == ["VaxelParked"]
    put_case("received", parked="tls_failed")
    found = alarms_raised(f"{gateway.url}/metrics")
    assert _names(found) == ["VaxelIncident", "VaxelParked"]
    assert found[1].said == "2 cases wait for a human"


def test_so_many_may_wait_for_a_human_as_the_setting_says(gateway: Gateway) -> None:
    put_case("received", parked="unit_unknown")
    put_effect("1", "sms", "parked")
    said = scraped(gateway)
    assert [_names(list(alarms(said, 0, Watch(parked=most)))) for most in (1, 2)] == [["VaxelParked"], []]


@pytest.mark.parametrize("reason", sorted(STAFFS))
def test_what_staff_see_to_alarms_only_where_it_seems_that_nobody_does(gateway: Gateway, reason: str) -> None:
    put_case("lettered", parked=reason)
    said = scraped(gateway)
    assert _names(alarms_raised(f"{gateway.url}/metrics")) == []
    (found,) = alarms(said, 0, Watch(parked_for_staff=0))
    assert (found.name, found.said) == ("VaxelParkedForStaff", "1 case waits for staff of their units")


@pytest.mark.parametrize("reason", ["internal_error", "contact_unknown", "death_disputed", "of_tomorrow"])
def test_what_is_parked_for_any_other_reason_is_for_ops_at_once(gateway: Gateway, reason: str) -> None:
    put_case("lettered", parked=reason)
    assert _names(alarms_raised(f"{gateway.url}/metrics")) == ["VaxelParked"]


@pytest.mark.parametrize(
    ("acknowledged", "seconds", "alarm"),
    [(False, 110, []), (False, 130, ["VaxelAlertUnacknowledged"]), (True, 130, [])],
)
def test_an_alert_that_nobody_has_acknowledged_alarms_until_somebody_has(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, acknowledged: bool, seconds: int, alarm: list[str]
) -> None:
    """policy-suicid-1: the incident that is noted of it each minute outlives it by ten, and does not count."""
    monkeypatch.setattr(incidents, "_written", {})
    incidents.note("risk_alert", UNACKNOWLEDGED)
    now = datetime.now(UTC)
    at = now - timedelta(seconds=seconds)
    alert = RiskAlert(key="hope:A", state="alerted", flagged_at=at, created_at=at, updated_at=at)
    alert.acknowledged_at = now if acknowledged else None
    delivered = {"step": "alert_staff", "system": "hope", "state": "done", "process": alert.PROCESS}
    effect = Effect(key="a", case_id=alert.id, sending_at=at, deadline_at=at, **delivered)
    with session() as db:
        db.add_all([alert, effect])
        db.commit()
    assert _names(alarms_raised(f"{gateway.url}/metrics")) == alarm


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("preferences", "due_at"),
        ("effect", "state"),
        ("risk_alert", "acknowledged_at"),
        ("schedule_run", "at"),
    ],
)
def test_a_table_that_cannot_be_read_alarms_and_the_others_are_told_all_the_same(
    gateway: Gateway, table: str, column: str
) -> None:
    put_case("received", parked="unit_unknown")
    put_case("received", due_at=datetime.now(UTC) - timedelta(seconds=LIMITS.overdue_seconds + 1))
    with lacks(table, column):
        found = alarms_raised(f"{gateway.url}/metrics")
    assert _names(found) == ["VaxelTableUnreadable", "VaxelCasesOverdue", "VaxelParked"]
    assert found[0].said == f"{table} cannot be read: UndefinedColumn"


def test_a_table_that_somebody_has_locked_holds_up_no_other(gateway: Gateway) -> None:
    put_case("received", parked="unit_unknown")
    with transaction() as other:
        other.execute(text("LOCK TABLE preferences, check_in IN ACCESS EXCLUSIVE MODE"))
        found = alarms_raised(f"{gateway.url}/metrics")
    assert [each.said for each in found[:2]] == [
        "check_in cannot be read: LockNotAvailable",
        "preferences cannot be read: LockNotAvailable",
    ]
    assert _names(found[2:]) == ["VaxelParked"]
    assert _names(alarms_raised(f"{gateway.url}/metrics")) == ["VaxelParked"]


def test_a_timeline_that_is_not_as_it_was_written_alarms(gateway: Gateway) -> None:
    with transaction() as connection:
        connection.execute(
            text("INSERT INTO broken_timeline VALUES (gen_random_uuid(), :process, now())"),
            {"process": PROCESS},
        )
    (found,) = alarms_raised(f"{gateway.url}/metrics")
    assert (found.name, PROCESS in found.said) == ("VaxelTimelineBroken", True)


def test_an_access_log_that_is_not_as_it_was_written_alarms(gateway: Gateway) -> None:
    with transaction() as connection:
        connection.execute(text("INSERT INTO broken_access VALUES (7, now()), (0, now())"))
    (found,) = alarms_raised(f"{gateway.url}/metrics")
    assert (found.name, found.said[:9]) == ("VaxelAccessLogBroken", "2 entries")


def test_what_the_log_service_does_not_have_for_hours_alarms_where_there_is_one(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    whose = PatientId(type=IdentityType.PERSONNUMMER, id="191212121212")
    looked = Access(
        who="SE2321000115-P1", act=Act.LOOK, process="image_transfer", why="bilder-2", patient=whose
    )
    with transaction() as connection:
        write(connection, [looked], clock.now() - timedelta(seconds=UNTOLD + 60))
        connection.execute(text("INSERT INTO refused_access VALUES (1, 'log_refused', now(), false)"))
    assert alarms_raised(f"{gateway.url}/metrics") == []
    monkeypatch.setitem(settings().systems, "log", System(url="http://127.0.0.1:1/log"))
    assert _names(alarms_raised(f"{gateway.url}/metrics")) == ["VaxelLogNotDelivered", "VaxelLogRefused"]


@pytest.mark.parametrize(
    ("ago", "alarm"), [(0.0, ["VaxelIncidentNow"]), (590.0, ["VaxelIncidentNow"]), (610.0, [])]
)
def test_a_system_that_does_not_let_us_ask_alarms_for_ten_minutes(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, ago: float, alarm: list[str]
) -> None:
    """An expired certificate at PU: nothing is parked, every decision is handed to staff, and nobody would hear."""
    monkeypatch.setattr(incidents, "_written", {})
    incidents.note("person", "tls_failed")
    with transaction() as connection:
        connection.execute(text("UPDATE incident SET at = at - make_interval(secs => :ago)"), {"ago": ago})
    found = alarms_raised(f"{gateway.url}/metrics")
    assert _names(found) == alarm
    assert all("person says tls_failed" in each.said for each in found)


@pytest.mark.parametrize(
    ("reason", "what", "do"),
    [
        ("no_way_in", "a visit that vas has told of has no address", "give its platform an `entry`"),
        ("joined_elsewhere", "a visit that vas has told of is joined at a host", "add it to `join_hosts`"),
        ("not_swept", "the sweep could not ask the table vas", "the worker's log says why"),
    ],
)
def test_an_incident_that_the_system_has_not_told_us_of_says_what_it_is_and_what_to_do(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, reason: str, what: str, do: str
) -> None:
    monkeypatch.setattr(incidents, "_written", {})
    incidents.note("vas", reason)
    (alarm,) = alarms_raised(f"{gateway.url}/metrics")
    assert alarm.said.startswith(what)
    assert do in alarm.said


def test_an_incident_that_lasts_is_written_down_twice_a_minute(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incidents, "_written", {})
    with time_machine.travel(datetime(2026, 11, 30, 8, tzinfo=UTC), tick=False) as at:
        for _ in range(5):
            incidents.note("e1177", "not_authorised")
            at.shift(10)
    with transaction() as connection:
        (last,) = connection.execute(text("SELECT at FROM incident")).scalars()
    assert last == datetime(2026, 11, 30, 8, 0, 30, tzinfo=UTC)


def test_a_database_that_is_away_alarms(database: None) -> None:
    with counting(_away) as gateway:
        assert _names(alarms_raised(f"{gateway.url}/metrics")) == ["VaxelDown"]


@pytest.mark.parametrize("path", ["/nowhere", "/healthz"])
def test_a_gateway_that_does_not_tell_alarms(gateway: Gateway, path: str) -> None:
    assert _names(alarms_raised(gateway.url + path)) == ["VaxelDown"]


def test_a_gateway_that_is_not_there_alarms() -> None:
    assert _names(alarms_raised("http://127.0.0.1:9/metrics")) == ["VaxelDown"]


@pytest.mark.parametrize(("ago", "code"), [(timedelta(seconds=5), 0), (timedelta(hours=1), 1)])
def test_the_command_exits_1_and_says_which_schedule_is_silent(
    gateway: Gateway, ago: timedelta, code: int
) -> None:
    put_schedule_run(SWEEP, ago)
    environment = os.environ | {"VAXEL_GATEWAY__PORT": gateway.url.rsplit(":", 1)[1]}
    command = [sys.executable, "-m", "cli", "health", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == code, done.stderr
    found = json.loads(done.stdout)
    assert [SWEEP in alarm["said"] for alarm in found] == [True] * code


def test_the_command_tells_of_logins_that_fail_and_of_a_system_that_is_down() -> None:
    """A patient meets it at once: nothing tries again in their place."""
    watch = LoginWatch("eid", *[lambda *said: None] * 3)
    for number in range(MOST_IN_A_ROW):
        before = generate_latest(watch.counted).decode()
        watch.ended("server_error")
        assert "VaxelLoginsFail" not in _names(list(alarms(before, 0, LIMITS))), number
    now = generate_latest(watch.counted).decode() + 'vaxel_system_down{system="eid"} 1.0\n'
    assert set(_names(list(alarms(now, 0, LIMITS)))) >= {"VaxelLoginsFail", "VaxelSystemDown"}


# --- the rules file, held against what is told


def test_every_metric_of_a_rule_is_told(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings().systems, "log", System(url="http://127.0.0.1:1/log"))
    monkeypatch.setattr(incidents, "_written", {})
    incidents.note("person", "tls_failed")
    put_case("received", parked="unit_unknown")
    put_effect("1", "sms", "done")
    gateway.post(event())
    hold = Inbox(lambda source, arrival: "unit_not_for_source")
    hold.store("hope", [Arrival("w", "booking.created", PROCESS, "k", 1, datetime.now(UTC), {})])
    with lacks("preferences", "due_at"):
        said = scraped(gateway) + generate_latest(LoginWatch("eid").counted).decode()
    asked = {name for expression in EXPRESSIONS.values() for name in re.findall(r"\bvaxel_\w+", expression)}
    assert asked
    assert {name for name in asked if not re.search(rf"^{name}[ {{]", said, re.MULTILINE)} == set()


def test_the_command_and_the_rules_name_the_same_alarms(gateway: Gateway) -> None:
    source = Path(sys.modules[alarms_raised.__module__].__file__ or "").read_text("utf-8")
    assert set(re.findall(r'Alarm\("(\w+)"', source)) <= set(EXPRESSIONS)
    assert f"< {LATELY:.0f}" in EXPRESSIONS["VaxelIncidentNow"]
    assert EXPRESSIONS["VaxelLoginsFail"].endswith(f">= {MOST_IN_A_ROW}")
    assert f"> {UNDELIVERED:.0f}" in EXPRESSIONS["VaxelAlertUndelivered"]
    assert f"> {LIMITS.unacknowledged_seconds:.0f}" in EXPRESSIONS["VaxelAlertUnacknowledged"]
    assert EXPRESSIONS["VaxelParked"].endswith(f'whose="ops"}})) > {LIMITS.parked}')
    assert EXPRESSIONS["VaxelParkedForStaff"].endswith(f'whose="staff"}})) > {LIMITS.parked_for_staff}')
    assert f'reason!="{UNACKNOWLEDGED}"' in EXPRESSIONS["VaxelIncidentNow"]
    assert f"> {LIMITS.overdue_seconds:.0f}" in EXPRESSIONS["VaxelCasesOverdue"]
    assert f"> {UNTOLD:.0f}" in EXPRESSIONS["VaxelLogNotDelivered"]
    assert f"2 * vaxel_schedule_interval_seconds, {GRACE:.0f})" in EXPRESSIONS["VaxelScheduleSilent"]


def test_the_same_reasons_are_incidents_everywhere() -> None:
    page = (DOCS / "reasons.md").read_text("utf-8")
    named = re.search(r'reason=~"([a-z_|]+)"', EXPRESSIONS["VaxelIncident"])
    assert named
    assert set(named[1].split("|")) == INCIDENTS
    assert set(re.findall(r"^\| `(\w+)` \| .+ Incident\. \|$", page, re.MULTILINE)) == INCIDENTS


def test_operations_says_what_is_staff_s_and_that_is_every_way_in_which_a_platform_is_not_approved() -> None:
    page = (DOCS / "operations.md").read_text("utf-8").split("\n## When something is parked\n")[1]
    (row,) = re.findall(r"^\| (.+) \| staff's: ", page, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", row)) == STAFFS


def test_operations_says_what_to_do_for_each_alarm() -> None:
    page = (DOCS / "operations.md").read_text("utf-8").split("\n## Watching it\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(Vaxel\w+)` \|", page, re.MULTILINE) == list(EXPRESSIONS)
