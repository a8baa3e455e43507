"""46elks: what it refuses, its list, and receipts that come, come twice, come late, and come again."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from sandbox_driver import Driver, until

from sandbox.systems.elks.sms import parts


def test_an_sms_is_taken_and_kept(town: Driver) -> None:
    answer = town.sms(message="Logga in på 1177.se").json()
    assert answer["from"] == "RegHalland"
    assert answer["cost"] == 3500
    assert [one["message"] for one in town.get("/inspect/sms")["messages"]] == ["Logga in på 1177.se"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("from", "RegionHalland"),
        ("from", "1177"),
        ("from", "Halland!"),
        ("from", "Hälsa"),
        ("from", ""),
        ("to", "0701740605"),
        ("to", "46701740605"),
        ("to", "+46 70 174"),
        ("message", ""),
        ("whendelivered", "ftp://example.com/"),
        ("reply", "yes"),
    ],
)
def test_what_46elks_would_refuse_is_refused(town: Driver, field: str, value: str) -> None:
    assert town.sms(**{field: value}).status_code == 400
    assert town.get("/inspect/sms")["messages"] == []


def test_nobody_sends_without_a_password(town: Driver) -> None:
    url = f"{town.sandbox.url}/sms/a1/sms"
    assert town.session.post(url, data={}, timeout=5).status_code == 401
    assert town.session.post(url, data={}, auth=("user", ""), timeout=5).status_code == 401


def test_the_list_is_newest_first_a_hundred_at_a_time(town: Driver) -> None:
    for number in range(103):
        town.sms(message=str(number))
    url, login = f"{town.sandbox.url}/sms/a1/sms", ("user", "password")
    first = town.session.get(url, auth=login, timeout=5).json()
    rest = town.session.get(url, params={"start": first["next"]}, auth=login, timeout=5).json()
    told = [one["message"] for one in first["data"] + rest["data"]]
    assert told == [str(number) for number in range(102, -1, -1)]
    assert "next" not in rest


def test_one_message_can_be_asked_for(town: Driver) -> None:
    sent = town.sms().json()
    url = f"{town.sandbox.url}/sms/a1/SMS/{sent['id']}"
    assert town.session.get(url, auth=("u", "p"), timeout=5).json() == sent


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("å" * 160, 1),
        ("å" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("–" * 70, 1),
        ("–" * 71, 2),
        ("a" * 459, 3),
    ],
)
def test_parts_are_counted_as_the_operators_do(message: str, number: int) -> None:
    assert parts(message) == number


def receipts(town: Driver, number: int) -> list[dict[str, list[str]]]:
    until(lambda: len(town.gateway.at("/46elks/receipt/abc")) >= number)
    return [parse_qs(body.decode()) for body in town.gateway.at("/46elks/receipt/abc")]


def hook(town: Driver) -> str:
    return town.gateway.url.replace("http://", "http://hook:secret@") + "/46elks/receipt/abc"


def test_a_receipt_comes_with_the_hooks_password(town: Driver) -> None:
    sent = town.sms(whendelivered=hook(town)).json()
    receipt = receipts(town, 1)[0]
    assert receipt["id"] == [sent["id"]]
    assert receipt["status"] == ["delivered"]
    assert town.gateway.calls[0][1]["authorization"] == "Basic aG9vazpzZWNyZXQ="


def test_a_number_that_fails_is_reported_as_failed(town: Driver) -> None:
    town.lives_here(phone="+46701740699", phone_fails=True)
    town.sms(to="+46701740699", whendelivered=hook(town))
    receipt = receipts(town, 1)[0]
    assert receipt["status"] == ["failed"]
    assert "delivered" not in receipt


def test_receipts_can_come_twice(town: Driver) -> None:
    town.fault("sms", "duplicate_receipts")
    town.sms(whendelivered=hook(town))
    assert len(receipts(town, 2)) == 2


def test_receipts_can_come_late_and_in_the_wrong_order(town: Driver) -> None:
    town.fault("sms", "late_receipts", seconds=0.3)
    town.sms(whendelivered=hook(town))
    assert town.gateway.calls == []
    assert [one["status"] for one in receipts(town, 2)] == [["delivered"], ["sent"]]


def test_a_receipt_is_sent_again_until_it_is_taken(town: Driver) -> None:
    answers = iter([500, 404, 204])
    town.gateway.answer = lambda path, body: (next(answers), b"")
    town.sms(whendelivered=hook(town))
    assert len(receipts(town, 3)) == 3
    assert until(lambda: town.get("/inspect/sms")["receipts"] == {"taken": 1, "waiting": 0})


def test_an_sms_whose_answer_was_lost_has_its_receipt_all_the_same(town: Driver) -> None:
    town.fault("sms", "malformed", times=1)
    town.sms(whendelivered=hook(town))
    assert receipts(town, 1)
