"""46elks' calls, as the sandbox stands in for them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from sandbox_driver import Driver

from systems.voice import Voice

TO, CALLER, SOUND = "+46701740605", "+46766861004", "https://example.org/larm.mp3"
FORM = {"from": CALLER, "to": TO, "voice_start": json.dumps({"play": SOUND}), "timeout": "45"}


def post(town: Driver, form: dict[str, Any], login: tuple[str, str] | None = ("u", "p")) -> requests.Response:
    with requests.Session() as http:
        http.trust_env = False
        return http.post(f"{town.sandbox.url}/voice/a1/calls", data=form, auth=login, timeout=10)


def made(town: Driver) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = town.get("/inspect/voice")["calls"]
    return calls


def test_whoever_is_called_hears_what_is_played(town: Driver) -> None:
    client = Voice(f"{town.sandbox.url}/voice", "u", "p")
    id = client.call(TO, CALLER, SOUND)
    (call,) = made(town)
    assert (call["id"], call["to"], call["from"]) == (id, TO, CALLER)
    assert json.loads(call["heard"]) == {"play": SOUND}


def test_the_provider_lists_its_calls_page_by_page(town: Driver) -> None:
    client = Voice(f"{town.sandbox.url}/voice", "u", "p")
    ids = [client.call(TO, CALLER, SOUND) for _ in range(101)]
    now = datetime.now(UTC)
    listing = client.called_between(now - timedelta(minutes=1), now + timedelta(minutes=1), TO)
    assert (sorted(listing.ids), listing.complete) == (sorted(ids), True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "RegHalland"},
        {"to": "0701740605"},
        {"voice_start": "hello"},
        {"voice_start": '{"say": "hej"}'},
        {"voice_start": '{"play": "larm.mp3"}'},
        {"timeout": "soon"},
        {"message": "hej"},
    ],
)
def test_what_46elks_would_refuse_is_refused(town: Driver, wrong: dict[str, str]) -> None:
    assert post(town, FORM | wrong).status_code == 400
    assert made(town) == []


def test_without_a_login_nobody_is_called(town: Driver) -> None:
    assert post(town, FORM, login=None).status_code == 401
    assert made(town) == []


def test_a_lost_answer_is_a_call_all_the_same(town: Driver) -> None:
    town.fault("voice", "timeout_after", times=1, seconds=0.1)
    with pytest.raises(requests.RequestException):
        post(town, FORM)
    assert len(made(town)) == 1
