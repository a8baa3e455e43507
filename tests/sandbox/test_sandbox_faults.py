"""Faults: each kind, how often, several at once, and that a fault does what it says and no more."""

from __future__ import annotations

import time
from collections import Counter

import pytest
import requests
from sandbox_driver import UPDATE, Driver, engagement, update


def applied(town: Driver) -> int:
    return len(town.get("/inspect/engagement_index")["engagements"])


@pytest.mark.parametrize(("kind", "status"), [("down", 503), ("error_500", 500), ("not_authorised", 401)])
def test_a_system_that_fails_has_done_nothing(town: Driver, kind: str, status: int) -> None:
    town.fault("engagement_index", kind, times=1)
    answer = town.update(engagement())
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/plain; charset=utf-8")
    assert applied(town) == 0
    assert town.update(engagement()).status_code == 200


@pytest.mark.parametrize(("kind", "done"), [("timeout_before", 0), ("timeout_after", 1)])
def test_a_timeout_loses_the_answer_before_or_after_the_deed(town: Driver, kind: str, done: int) -> None:
    town.fault("engagement_index", kind, times=1, seconds=0.05)
    with pytest.raises(requests.ConnectionError):
        town.update(engagement())
    assert applied(town) == done


def test_a_caller_that_gives_up_first_is_not_waited_for(town: Driver) -> None:
    town.fault("engagement_index", "timeout_after", times=1, seconds=30)
    url = f"{town.sandbox.url}/engagement_index"
    with pytest.raises(requests.Timeout):
        requests.post(url, data=b"x", timeout=0.1)
    assert town.update(engagement()).status_code == 200


def test_slow_answers_late(town: Driver) -> None:
    town.fault("engagement_index", "slow", times=1, seconds=0.2)
    begun = time.monotonic()
    assert town.update(engagement()).status_code == 200
    assert time.monotonic() - begun >= 0.2


def test_a_slow_system_does_not_hold_up_another(town: Driver) -> None:
    town.fault("engagement_index", "slow", times=1, seconds=3)
    with pytest.raises(requests.Timeout):
        requests.post(f"{town.sandbox.url}/engagement_index", data=b"x", timeout=0.05)
    begun = time.monotonic()
    town.sms()
    assert time.monotonic() - begun < 2


def test_malformed_has_done_it_and_answers_rubbish(town: Driver) -> None:
    town.fault("engagement_index", "malformed", times=1)
    answer = town.update(engagement())
    assert answer.status_code == 200
    assert b"ResultCode" not in answer.content
    assert applied(town) == 1


def test_a_fault_fires_as_often_as_said(town: Driver) -> None:
    town.fault("sms", "error_500", times=2)
    assert [town.sms().status_code for _ in range(3)] == [500, 500, 200]
    assert town.get("/faults")["faults"][0]["fired"] == 2


def test_the_same_seed_gives_the_same_faults(town: Driver) -> None:
    runs = []
    for _ in range(2):
        town.delete("/faults")
        town.fault("sms", "error_500", probability=0.5, seed=7)
        runs.append([town.sms().status_code for _ in range(20)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 500}


def test_several_faults_stand_on_one_system(town: Driver) -> None:
    standing = [
        {"system": "sms", "kind": "error_500", "probability": 0.33, "seed": 1},
        {"system": "sms", "kind": "malformed", "probability": 0.5, "seed": 2},
        {"system": "sms", "kind": "slow", "seconds": 0.01},
    ]
    assert town.post("/faults", standing).status_code == 201
    for _ in range(60):
        town.sms()
    outcomes = Counter(one["fault"] for one in town.get("/inspect/calls?system=sms")["calls"])
    assert set(outcomes) == {"error_500", "malformed", None}
    assert town.get("/faults")["faults"][2]["fired"] == 60


def test_a_fault_can_be_for_one_operation(town: Driver) -> None:
    town.fault("engagement_index", "error_500", operation="Update")
    assert town.update(engagement()).status_code == 500
    assert town.find() == []


def test_one_system_failing_leaves_the_others_alone(town: Driver) -> None:
    town.fault("engagement_index", "down")
    assert town.sms().status_code == 200


def test_no_faults_any_more(town: Driver) -> None:
    town.fault("sms", "down")
    assert town.delete("/faults") == 204
    assert town.sms().status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"system": "fax", "kind": "down"},
        {"system": "sms", "kind": "explode"},
        {"system": "vas", "kind": "late_receipts"},
        {"system": "sms", "kind": "down", "probability": 2},
        {"system": "sms", "kind": "down", "often": True},
        {"system": "sms", "kind": "down", "times": "2"},
        {"system": "sms", "kind": "down", "probability": "often"},
        "down",
    ],
)
def test_a_fault_that_is_none_is_refused(town: Driver, wrong: object) -> None:
    assert town.post("/faults", wrong).status_code == 422


def test_every_call_is_kept_as_it_came(town: Driver) -> None:
    town.fault("engagement_index", "error_500", times=1)
    town.update(engagement())
    town.update(engagement())
    calls = town.get("/inspect/calls?system=engagement_index&operation=Update")["calls"]
    assert [(one["status"], one["fault"]) for one in calls] == [(500, "error_500"), (200, None)]
    assert update(engagement()) in calls[0]["body"]
    assert calls[0]["headers"]["soapaction"] == f'"{UPDATE}:Update"'


def test_calls_are_counted_by_what_became_of_them(town: Driver) -> None:
    town.fault("sms", "down", times=1)
    for _ in range(3):
        town.sms()
    counted = town.get("/inspect/calls?count")
    assert counted["by_system"] == {"sms": {"POST /a1/sms": {"200": 2, "down": 1}}}


def test_calls_are_listed_from_a_number_on(town: Driver) -> None:
    for _ in range(5):
        town.sms()
    assert [one["number"] for one in town.get("/inspect/calls?after=2&limit=2")["calls"]] == [3, 4]
