"""policy-suicid-1: a risk of suicide is taken in whatever else is wrong, and one that can't be is an alarm."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from gateway_driver import Gateway, event
from metrics_driver import counting
from sqlalchemy import text
from typer.testing import CliRunner

from cli.app import app
from engine.base.database import transaction
from engine.ops import by_hand
from engine.ops.alarms import UNDELIVERED, alarms_raised

Rows = Callable[[str], list[Any]]
FLAGS = "SELECT key FROM event WHERE process = 'risk_alert' ORDER BY number"
TOLD = "SELECT taken_in, risk, paths FROM refused_event ORDER BY id"


def _writes(**changes: Any) -> dict[str, Any]:
    written = event("contact.received")
    written["data"]["contact"] |= {"id": "A", "risk": "suicide"} | changes
    return written


def _raw(**changes: Any) -> bytes:
    return json.dumps(_writes(**changes)).encode()


@pytest.mark.parametrize(
    ("body", "headers", "paths"),
    [
        (_writes(topic="sömn", urgent="yes"), {}, "data.contact.topic\ndata.contact.urgent"),
        (_writes(unit={"name": "x"}), {}, "data.contact.unit.hsa_id"),
        (_writes() | {"type": "kontakt"}, {}, "type"),
        (_raw().replace(b'"urgent"', b'"urgent": null, "urgent"'), {}, ""),
        (_raw(), {"content_type": "text/plain"}, ""),
        (_raw().replace(b'"unit"', b'"said": "\xe5", "unit"'), {}, ""),
        (_raw().replace(b'"unit"', b'"pad": "%s", "unit"' % (b"x" * 300_000)), {}, ""),
        (_writes(), {"webhook_id": "x" * 101}, ""),
    ],
)
def test_it_is_stored_and_ops_see_what_was_dropped(
    gateway: Gateway, rows: Rows, body: Any, headers: Any, paths: str
) -> None:
    assert gateway.post(body, source="hope", **headers).status_code == 202
    assert [row.key for row in rows(FLAGS)] == ["hope:A"]
    assert rows(TOLD) == [(True, "alerted", paths)]


def test_a_batch_gives_every_risk_that_is_in_it(gateway: Gateway, rows: Rows) -> None:
    good, odd, nobody = _writes(), _writes(id="B", unit=None), _writes(id=None)
    answer = gateway.batch({"id": "1"} | good, {"id": "2"} | odd, odd, {"id": "4"} | nobody, source="hope")
    assert [result["status"] for result in answer.json()["results"]] == [202, 202, 202, 422]
    assert {row.key for row in rows(FLAGS)} == {"hope:A", "hope:B"}
    assert [(row.taken_in, row.risk) for row in rows(TOLD)] == [
        (True, "alerted"), (True, "alerted"), (False, "unheard")
    ]  # fmt: skip


def test_so_does_one_that_is_refused_as_a_whole(gateway: Gateway, rows: Rows) -> None:
    many = [{"id": str(number), "type": "x"} for number in range(1000)]
    assert gateway.batch(*many, {"id": "last"} | _writes(), source="hope").status_code == 422
    assert [row.key for row in rows(FLAGS)] == ["hope:A"]
    assert rows(TOLD) == [(True, "alerted", ""), (False, "alerted", "events")]


@pytest.mark.parametrize(("body", "status"), [(_writes(id=None), 422), (_raw()[:-9], 415)])
def test_a_refusal_that_held_a_risk_alarms_until_somebody_has_seen_it(
    database: None, rows: Rows, body: Any, status: int
) -> None:
    with counting() as gateway:
        assert gateway.post(body, source="vas").status_code == status
        assert [alarm.name for alarm in alarms_raised(f"{gateway.url}/metrics")] == ["VaxelRiskUnheard"]
        (line,) = by_hand.refused()
        assert (line.taken_in, line.risk) == (False, "unheard")
        (shown,) = _refused()
        assert (shown["number"], shown["outcome"], shown["risk"], shown["seen_at"]) == (
            line.id, "refused", "unheard", None
        )  # fmt: skip
        assert CliRunner().invoke(app, ["refused", "--seen", f"{(line.id or 0) + 1}"]).exit_code == 1
        assert [alarm.name for alarm in alarms_raised(f"{gateway.url}/metrics")] == ["VaxelRiskUnheard"]
        done = CliRunner().invoke(app, ["refused", "--seen", f"{line.id}"])
        assert done.stdout.startswith(f"The risk in {line.id} has been seen to. No more alarms.\n")
        (shown,) = _refused("--seen", f"{line.id}")
        assert (shown["risk"], shown["seen_at"] is None) == ("unheard", False)
        assert alarms_raised(f"{gateway.url}/metrics") == []


def _refused(*options: str) -> list[dict[str, Any]]:
    """What `vaxel refused` shows."""
    done = CliRunner().invoke(app, ["refused", *options, "--json"])
    assert done.exit_code == 0, done.output
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def test_a_flag_without_a_delivered_alert_alarms_after_thirty_seconds(database: None) -> None:
    with counting() as gateway:
        gateway.post(_writes(), source="vas")
        for seconds, alarms in ((UNDELIVERED - 2, []), (UNDELIVERED + 1, ["VaxelAlertUndelivered"])):
            with transaction() as connection:
                moved = text("UPDATE event SET received_at = :at")
                connection.execute(moved, {"at": datetime.now(UTC) - timedelta(seconds=seconds)})
            assert [alarm.name for alarm in alarms_raised(f"{gateway.url}/metrics")] == alarms
