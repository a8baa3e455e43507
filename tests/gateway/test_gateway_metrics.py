"""`/metrics` tells how things stand, to whom it may, in codes and numbers only, also when the database is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from gateway_driver import SECRET, Gateway, event, is_problem
from metrics_driver import (
    PROCESS,
    REAL,
    counting,
    lacks,
    put_case,
    put_effect,
    put_schedule_run,
    scraped,
    told,
)
from sqlalchemy import text
from starlette.testclient import TestClient

from engine.base.database import transaction
from engine.base.settings import SYSTEMS, settings
from engine.ops.metrics import FiguresNow
from engine.tables.inbox import Inbox
from flows.registry import EACH_MINUTE, HOURLY, NIGHTLY, PROCESSES, SCHEDULES
from gateway import metrics
from gateway.app import create_app
from models.case import EffectState

NOTHING = {(process,): 0.0 for process in PROCESSES}


@pytest.fixture
def gateway(database: None) -> Iterator[Gateway]:
    with counting() as gateway:
        yield gateway


def _away() -> FiguresNow:
    raise ConnectionError("secret of the database")


# --- how things stand


def test_cases_are_counted_by_process_and_state(gateway: Gateway) -> None:
    put_case("settled")
    put_case("settled")
    put_case("received")
    counted = told(gateway, "vaxel_cases")
    assert counted[PROCESS, "settled"] == 2
    assert counted[PROCESS, "received"] == 1
    assert counted[PROCESS, "closed"] == 0


def test_every_state_is_told_of_though_nothing_stands_there(gateway: Gateway) -> None:
    assert told(gateway, "vaxel_cases") == {
        (process, str(state)): 0 for process, model in PROCESSES.items() for state in model.TRANSITIONS
    }


def test_parked_cases_are_counted_by_reason_and_by_state(gateway: Gateway) -> None:
    for reason in ("unit_unknown", "unit_unknown", "tls_failed", None):
        put_case("received", parked=reason)
    assert told(gateway, "vaxel_cases_parked") == {(PROCESS, "unit_unknown"): 2, (PROCESS, "tls_failed"): 1}
    assert told(gateway, "vaxel_cases")[PROCESS, "received"] == 4


def test_the_oldest_due_case_is_told_in_seconds(gateway: Gateway) -> None:
    now = datetime.now(UTC)
    for ago in (30, 900, -900):
        put_case("received", due_at=now - timedelta(seconds=ago))
    assert 900 <= told(gateway, "vaxel_oldest_due_seconds")[(PROCESS,)] < 960


def test_a_case_that_is_due_later_is_not_late(gateway: Gateway) -> None:
    put_case("settled", due_at=datetime.now(UTC) + timedelta(hours=1))
    assert told(gateway, "vaxel_oldest_due_seconds") == NOTHING


def test_effects_are_counted_by_system_and_outcome(gateway: Gateway) -> None:
    for key, system, state in (("1", "sms", "done"), ("2", "sms", "done"), ("3", "e1177", "unknown")):
        put_effect(key, system, state)
    counted = told(gateway, "vaxel_effects")
    systems = settings().names
    assert set(systems) > set(SYSTEMS), "units' own solutions too"
    assert set(counted) == {(str(state), system) for system in systems for state in EffectState}
    assert {key: number for key, number in counted.items() if number} == {
        ("done", "sms"): 2,
        ("unknown", "e1177"): 1,
    }


def test_parked_cases_and_effects_wait_for_ops_or_for_staff(gateway: Gateway) -> None:
    nothing = {(*process, whose): 0 for process in NOTHING for whose in ("ops", "staff")}
    assert told(gateway, "vaxel_waiting_for_human") == nothing
    put_case("received", parked="unit_unknown")
    put_case("lettered", parked="not_checked")
    put_effect("1", "e1177", "parked")
    put_effect("2", "e1177", "done")
    waiting = {(PROCESS, "ops"): 2, (PROCESS, "staff"): 1}
    assert told(gateway, "vaxel_waiting_for_human") == nothing | waiting


def test_what_was_stored_waits_and_what_was_refused_is_told(gateway: Gateway) -> None:
    gateway.post(event())
    gateway.post(event(start="no time"))
    assert told(gateway, "vaxel_events_waiting") == NOTHING | {(PROCESS,): 1, ("visit_reminder",): 1}
    assert told(gateway, "vaxel_refused_events") == {("vas",): 1}


def test_a_system_is_down_while_it_is_left_alone_and_no_longer_when_nobody_has_tried(
    gateway: Gateway,
) -> None:
    query = text("INSERT INTO system_state (system, failures, open_until) VALUES (:system, 1, :until)")
    now = datetime.now(UTC)
    with transaction() as connection:
        for system, until in (("sms", now + timedelta(seconds=60)), ("mail", now - timedelta(hours=1))):
            connection.execute(query, {"system": system, "until": until})
    assert [key for key, down in told(gateway, "vaxel_system_down").items() if down] == [("sms",)]


def test_a_schedule_tells_when_it_last_ran_and_how_often_it_runs(gateway: Gateway) -> None:
    at = put_schedule_run("sweep", timedelta(hours=1))
    assert told(gateway, "vaxel_schedule_last_run_timestamp_seconds")[("sweep",)] == at.timestamp()
    sweeps = {(process,): 60 for process in EACH_MINUTE} | {(name,): 3600 for name in HOURLY}
    assert told(gateway, "vaxel_schedule_interval_seconds") == sweeps | {("log_delivery",): 300} | {
        (name,): 86400 for name in NIGHTLY
    }


def test_a_schedule_that_never_ran_counts_from_the_gateway_s_start(database: None) -> None:
    before = time.time()
    with counting() as gateway:
        started = time.time()
        time.sleep(0.1)
        last = told(gateway, "vaxel_schedule_last_run_timestamp_seconds")
    assert all(before <= at <= started for at in last.values())
    assert len(last) == len(SCHEDULES)


# --- webhooks


def test_webhooks_are_timed_by_source_and_status(gateway: Gateway) -> None:
    for sent in (event(), event(), event(start="no time")):
        gateway.post(sent)
    gateway.post(event(), webhook_signature="v1,wrong")
    gateway.batch(event())
    assert told(gateway, "vaxel_webhook_seconds_count") == {
        ("vas", "202"): 2,
        ("vas", "422"): 1,
        ("vas", "401"): 1,
    }
    assert told(gateway, "vaxel_webhook_batch_seconds_count") == {("vas", "202"): 1}


def test_a_webhook_s_time_is_what_it_took(database: None) -> None:
    class Slow(Inbox):
        def store(self, *given: Any) -> Any:
            time.sleep(0.3)
            return super().store(*given)

    gateway = Gateway()
    app = create_app(Slow(), {"vas": SECRET}.get, lambda: True, gateway.wake, figures=REAL)
    client = TestClient(app, client=("127.0.0.1", 1))
    gateway.http, gateway.url = client, ""  # type: ignore[assignment]
    assert gateway.post(event()).status_code == 202
    buckets = [line for line in client.get("/metrics").text.splitlines() if "_bucket" in line]
    counted = {line.split('le="')[1].split('"')[0]: line.rsplit(" ", 1)[1] for line in buckets}
    assert counted["0.05"] == counted["0.2"] == "0.0"
    assert counted["10.0"] == "1.0"


def test_unknown_sources_and_methods_make_no_labels(gateway: Gateway) -> None:
    for source in ("nobody", "201312012386", "local-x", "%00"):
        gateway.post(event(), source=source)
    gateway.http.get(f"{gateway.url}/webhooks/anna", timeout=5)
    gateway.http.get(f"{gateway.url}/webhooks/anna/bella/cilla", timeout=5)
    counted = told(gateway, "vaxel_webhook_seconds_count")
    assert counted == {("other", "404"): 5, ("other", "405"): 1}
    assert "201312012386" not in scraped(gateway)


def test_a_webhook_that_breaks_is_timed_as_500(database: None) -> None:
    def broken(source: str) -> str:
        raise RuntimeError(source)

    client = TestClient(
        create_app(Inbox(), broken, lambda: True, Gateway().wake, figures=REAL), client=("127.0.0.1", 1)
    )
    client.post("/webhooks/vas", json={})
    assert 'vaxel_webhook_seconds_count{source="other",status="500"} 1.0' in client.get("/metrics").text


def test_each_gateway_counts_its_own(gateway: Gateway) -> None:
    gateway.post(event())
    with counting() as another:
        assert told(another, "vaxel_webhook_seconds_count") == {}


# --- the database is away


def test_without_the_database_the_rest_is_told(database: None) -> None:
    with counting(_away) as gateway:
        gateway.post(event())
        said = scraped(gateway)
        assert told(gateway, "vaxel_up") == {(): 0}
        assert told(gateway, "vaxel_webhook_seconds_count") == {("vas", "202"): 1}
    assert "vaxel_cases" not in said
    assert "secret" not in said


def test_a_database_that_does_not_answer_in_time_is_away(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow() -> FiguresNow:
        time.sleep(1)
        return REAL()

    monkeypatch.setattr(metrics, "PATIENCE", 0.1)
    with counting(slow) as gateway:
        assert told(gateway, "vaxel_up") == {(): 0}


def test_where_a_table_cannot_be_read_and_nobody_waits_any_more_no_other_is_asked(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.ops.metrics.LEFT_SECONDS", 0.0)
    with lacks("preferences", "due_at"), pytest.raises(TimeoutError):
        REAL()


def test_with_the_database_it_is_up(gateway: Gateway) -> None:
    assert told(gateway, "vaxel_up") == {(): 1}


# --- who may read


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("::1", 200),
        ("192.0.2.7", 200),
        ("::ffff:192.0.2.7", 200),
        ("2001:db8::5", 200),
        ("192.0.3.1", 404),
        ("2001:db9::1", 404),
        ("", 404),
        ("town", 404),
    ],
)
def test_this_machine_and_the_named_ones_may_read(database: None, host: str, status: int) -> None:
    allowed = [ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")]
    app = create_app(Inbox(), {}.get, lambda: True, Gateway().wake, figures=REAL, metrics_allowed=allowed)
    answer = TestClient(app, client=(host, 5000)).get("/metrics")
    assert answer.status_code == status
    assert ("vaxel_cases" in answer.text) == (status == 200)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_whoever_comes_through_a_proxy_is_told_the_same_as_of_an_unknown_path(
    gateway: Gateway, header: str
) -> None:
    answer = gateway.http.get(f"{gateway.url}/metrics", headers={header: "127.0.0.1"}, timeout=5)
    assert is_problem(answer, 404)
    assert answer.json() == gateway.http.get(f"{gateway.url}/nowhere", timeout=5).json()


def test_a_gateway_without_figures_has_no_such_path(database: None) -> None:
    client = TestClient(create_app(Inbox(), {}.get, lambda: True, Gateway().wake), client=("127.0.0.1", 1))
    assert client.get("/metrics").status_code == 404
