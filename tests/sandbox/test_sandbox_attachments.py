"""Attachments: what a source gives out, how fast, how often, and what it says of it (bilder-4)."""

from __future__ import annotations

import base64
import hashlib
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from sandbox_driver import Driver

SOURCES = ("platform24", "hope", "lifecare", "e1177")


def attach(town: Driver, system: str = "platform24", **fields: Any) -> dict[str, Any]:
    body = {"system": system, "ref": "bild-1", "contact": "c-1"} | fields
    if "base64" not in body:
        body = {"sample": "jpeg"} | body
    answer = town.post("/attachments", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["attachments"][0])


def fetch(town: Driver, system: str = "platform24", ref: str = "bild-1", **more: Any) -> requests.Response:
    return town.session.get(f"{town.sandbox.url}/{system}/attachments/{ref}", timeout=5, **more)


def held(town: Driver, system: str = "platform24") -> dict[str, Any]:
    return dict(town.get(f"/inspect/{system}")["attachments"][0])


@pytest.mark.parametrize("system", SOURCES)
def test_each_source_gives_the_same_bytes_each_time_and_counts(town: Driver, system: str) -> None:
    told = attach(town, system)
    for _ in range(2):
        given = fetch(town, system)
        assert hashlib.sha256(given.content).hexdigest() == told["sha256"]
        assert given.headers["content-length"] == str(told["bytes"]) == str(len(given.content))
        assert given.headers["content-type"] == "image/jpeg"
    shown = held(town, system)
    assert (shown["asked"], shown["fetched"], shown["vanished"]) == (2, 2, False)
    others = [town.get(f"/inspect/{other}")["attachments"] for other in SOURCES if other != system]
    assert others == [[], [], []]
    assert town.get("/inspect/calls?count")["by_system"][system] == {"GET /attachments/{id}": {"200": 2}}


def test_what_is_not_there_and_what_is_gone_say_which(town: Driver) -> None:
    """bilder-4: what the source has lost is told from what it never had."""
    attach(town, vanishes_after=1)
    answers = [fetch(town), fetch(town), fetch(town, ref="bild-2")]
    assert [one.status_code for one in answers] == [200, 410, 404]
    assert [one.json()["code"] for one in answers[1:]] == ["attachment_gone", "attachment_unknown"]
    assert (held(town)["asked"], held(town)["fetched"]) == (2, 1)
    attach(town)
    assert fetch(town).status_code == 200


def test_a_token_lets_in_only_who_shows_it(town: Driver) -> None:
    attach(town, token="t-1")
    shown = [
        {},
        {"authorization": "Bearer t-2"},
        {"authorization": "Basic t-1"},
        {"authorization": "Bearer t-1"},
    ]
    assert [fetch(town, headers=one).status_code for one in shown] == [401, 401, 401, 200]
    assert "t-1" not in str(held(town))


def test_name_and_type_are_what_the_source_says_right_or_wrong(town: Driver) -> None:
    name = '../\u202egpj."å"\r\nx-evil: 1' + "n" * 500
    attach(town, filename=name, content_type="text/plain", base64="")
    given = fetch(town)
    assert (given.content, given.headers["content-length"]) == (b"", "0")
    assert given.headers["content-type"] == "text/plain"
    assert "x-evil" not in given.headers
    named = given.headers["content-disposition"]
    assert requests.utils.unquote(named.partition("filename*=UTF-8''")[2]) == name
    attach(town, filename=None)
    assert "content-disposition" not in fetch(town).headers


def test_a_ref_may_be_anything_that_an_address_can_hold(town: Driver) -> None:
    attach(town, ref="a/b ?c#d%2e/")
    assert fetch(town, ref="a%2Fb%20%3Fc%23d%252e%2F").status_code == 200


def test_what_is_no_attachment_is_refused(town: Driver) -> None:
    right = {"system": "hope", "ref": "r", "contact": "c", "sample": "jpeg"}
    wrong: tuple[dict[str, Any], ...] = (
        {"system": "vas"}, {"ref": ""}, {"sample": "no such"}, {"base64": "aGVq"}, {"vanishes_after": -1},
        {"bytes_per_second": 0}, {"content_type": "a\r\nb: c"}, {"colour": "red"},
    )  # fmt: skip
    assert [town.post("/attachments", right | one).status_code for one in wrong] == [422] * len(wrong)
    assert town.post("/attachments", {**right, "sample": None}).status_code == 422
    assert town.post("/hope/attachments/r", {}).status_code == 405


def test_a_source_that_drips_takes_its_time_and_holds_nobody_up(town: Driver) -> None:
    attach(town, base64=base64.b64encode(bytes(1000)).decode(), bytes_per_second=4000)
    begun = time.monotonic()
    with fetch(town, stream=True) as dripping:
        other = requests.get(f"{town.sandbox.url}/healthz", timeout=5)
        assert other.ok
        assert time.monotonic() - begun < 0.2
        assert len(dripping.content) == 1000
    assert 0.2 < time.monotonic() - begun < 1


def test_faults_stand_before_an_attachment_as_before_all_else(town: Driver) -> None:
    """Cut short in the middle it is said to be as long as it is, and was not fetched."""
    attach(town)
    town.fault("platform24", "error_500", operation="GET /attachments/{id}", times=1)
    assert fetch(town).status_code == 500
    town.fault("platform24", "timeout_before", times=1, seconds=0.05)
    with pytest.raises(requests.ConnectionError):
        fetch(town)
    town.fault("platform24", "malformed", times=1)
    with fetch(town, stream=True) as cut:
        came: list[bytes] = []
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            came.extend(cut.iter_content(1000))
        assert int(cut.headers["content-length"]) == held(town)["bytes"] > len(b"".join(came)) > 0
    assert held(town)["fetched"] == 0
    town.fault("platform24", "slow", times=1, seconds=0.1)
    begun = time.monotonic()
    assert fetch(town).status_code == 200
    assert time.monotonic() - begun > 0.1


def test_a_source_need_not_say_how_long_it_is(town: Driver) -> None:
    """RFC 9112 §7.1: in chunks, cut short or not; an empty one too."""
    told = attach(town, chunked=True)
    given = fetch(town)
    assert hashlib.sha256(given.content).hexdigest() == told["sha256"]
    assert (given.headers["transfer-encoding"], given.headers.get("content-length")) == ("chunked", None)
    town.fault("platform24", "malformed", times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        fetch(town)
    attach(town, chunked=True, base64="")
    assert [fetch(town).content for _ in range(2)] == [b"", b""]
    assert held(town)["fetched"] == 2


def test_a_film_of_150_mb_is_made_on_the_fly(town: Driver) -> None:
    """It is never whole in memory, and its bytes are those that were told of."""
    told = attach(town, sample="video_of_150_mb")
    assert 150_000_000 < told["bytes"] < 150_100_000
    before, digest, length = resident(), hashlib.sha256(), 0
    with fetch(town, stream=True) as film:
        for piece in film.iter_content(2**20):
            digest.update(piece)
            length += len(piece)
    assert (length, digest.hexdigest()) == (told["bytes"], told["sha256"])
    assert resident() - before < 30 * 2**20


def resident() -> int:
    """Bytes of memory of this process; the sandbox runs in it."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
