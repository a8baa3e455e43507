"""Calls of 46elks: what it is told to do with them, and that nobody is left on the line (byte-2, syfte-3)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
import requests
import structlog
from gateway_driver import LOGIN, Gateway, is_problem, served

from cli.up.children import wait_until
from engine.tables.inbox import Inbox, Refusal
from gateway.app import create_app
from gateway.telephone import routes as telephone
from gateway.telephone.ports import HookLogin
from models.events import Arrival
from routine.figures import Telephone
from tasks.channel_switch.phone_menu import Called

UNIT, NUMBER, QUEUE, PATIENT = "SE2321000115-E000000000001", "+46313900611", "+46313900601", "+46701740605"
SMS = {
    "id": "s1f2",
    "from": PATIENT,
    "to": NUMBER,
    "message": "En hemlighet",
    "created": "2026-11-28 21:00:00",
}
CALL = {"callid": "c1f2", "from": PATIENT, "to": NUMBER, "direction": "incoming", "result": "newincoming"}
TELEPHONE = Telephone(
    number=NUMBER, queue=QUEUE, menu="https://example.org/val.mp3", sent="https://example.org/sent.mp3",
    keys={"1": "platform24"},
)  # fmt: skip


@dataclass
class Board:
    """Calls in memory: key 1 sends a link."""

    keys: dict[str, str] = field(default_factory=lambda: {"1": "platform24"})
    pressed: list[tuple[str, str, str]] = field(default_factory=list)
    broken: bool = False
    hangs: threading.Event | None = None

    def called(self, number: str, /) -> Called | None:
        return Called(UNIT, TELEPHONE, self.keys) if number == NUMBER else None

    def at(self, unit: str, /) -> Called | None:
        return Called(UNIT, TELEPHONE, self.keys) if unit == UNIT else None

    def key_url(self, unit: str, /) -> str:
        return f"https://hook:secret@example.org/46elks/ivr/{unit}"

    def press(self, call: str, unit: Called, digit: str, number: str, at: datetime, /) -> bool:
        if self.hangs:
            self.hangs.wait(10)
        if self.broken:
            raise ConnectionError(number)
        self.pressed.append((call, digit, number))
        return digit in unit.keys


class Kept(Inbox):
    """The inbox in memory; one that is broken keeps nothing."""

    def __init__(self) -> None:
        self.arrivals: list[tuple[str, Arrival]] = []
        self.refusals: list[tuple[str, Refusal]] = []
        self.broken = False

    def store(self, source: str, arrivals: Sequence[Arrival]) -> list[uuid.UUID]:
        self._line()
        self.arrivals += [(source, each) for each in arrivals]
        return [uuid.uuid4() for _ in arrivals]

    def refuse(self, source: str, refusals: Sequence[Refusal]) -> None:
        self._line()
        self.refusals += [(source, each) for each in refusals]

    def _line(self) -> None:
        if self.broken:
            raise ConnectionError(PATIENT)


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def url(board: Board, kept: Kept) -> Iterator[str]:
    waker = Gateway()
    given = {"phone_menus": board, "receipt_store": waker.receipt, "receipt_login": HookLogin(*LOGIN)}
    with served(create_app(kept, {}.get, lambda: True, waker.wake, **given)) as url:  # type: ignore[arg-type]
        yield url


def _ask(url: str, path: str, form: Any, **more: Any) -> requests.Response:
    return requests.post(f"{url}/46elks/{path}", **{"data": form, "auth": LOGIN, "timeout": 5} | more)


def test_byte_2_a_call_is_answered_with_the_units_menu(url: str) -> None:
    answer = _ask(url, "voice", CALL)
    assert answer.status_code == 200
    assert answer.json() == {
        "ivr": TELEPHONE.menu, "digits": 1, "timeout": 10, "repeat": 3,
        "next": f"https://hook:secret@example.org/46elks/ivr/{UNIT}",
    }  # fmt: skip


def test_syfte_3_with_nothing_to_choose_a_human_answers(url: str, board: Board) -> None:
    board.keys.clear()
    assert _ask(url, "voice", CALL).json() == {"connect": QUEUE}


def test_a_number_that_is_nobodys_is_hung_up(url: str) -> None:
    assert _ask(url, "voice", CALL | {"to": "+46313900699"}).json() == {"hangup": "404"}


@pytest.mark.parametrize(("digit", "action"), [("1", {"play": TELEPHONE.sent}), ("7", {"connect": QUEUE})])
def test_a_key_is_a_link_or_a_human(url: str, board: Board, digit: str, action: Any) -> None:
    assert _ask(url, f"ivr/{UNIT}", CALL | {"result": digit}).json() == action
    assert board.pressed == [("c1f2", digit, PATIENT)]


def test_syfte_3_when_a_key_cannot_be_kept_a_human_answers_and_the_log_has_no_number(
    url: str, board: Board
) -> None:
    board.broken = True
    with structlog.testing.capture_logs() as logs:
        assert _ask(url, f"ivr/{UNIT}", CALL | {"result": "1"}).json() == {"connect": QUEUE}
    assert [each["event"] for each in logs] == ["key_not_stored"]
    assert PATIENT not in str(logs)


def test_syfte_3_while_the_database_hangs_a_human_answers_in_time_and_those_after_at_once(
    url: str, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that hangs holds a thread of its own few; nobody on the line waits for it, nor for a free one."""
    monkeypatch.setattr(telephone, "PATIENCE", 0.1)
    monkeypatch.setattr(telephone, "AT_ONCE", 2)
    board.hangs = threading.Event()
    for _ in range(4):
        assert _ask(url, f"ivr/{UNIT}", CALL | {"result": "1"}).json() == {"connect": QUEUE}
    board.hangs.set()
    wait_until(lambda: len(board.pressed) == 2, 5, "what hung did not end")
    board.hangs = None
    assert _ask(url, f"ivr/{UNIT}", CALL | {"result": "1"}).json() == {"play": TELEPHONE.sent}


def test_a_unit_without_a_telephone_is_404_without_echo(url: str) -> None:
    answer = _ask(url, "ivr/SE2321000115-E000000000009", CALL | {"result": "1"})
    assert is_problem(answer, 404)


@pytest.mark.parametrize("path", ["voice", f"ivr/{UNIT}"])
@pytest.mark.parametrize(
    ("more", "form", "status"),
    [
        ({"auth": None}, CALL, 401),
        ({"auth": ("vaxel", "wrong")}, CALL, 401),
        ({"headers": {"content-type": "application/json"}}, "{}", 415),
        ({}, {"x": "y" * 20_000}, 413),
        ({}, {"x": "y"}, 422),
        ({}, CALL | {"callid": "../../x"}, 422),
        ({}, CALL | {"callid": "é\u0000"}, 422),
        ({}, CALL | {"callid": "c" * 101}, 422),
    ],
)
def test_what_is_no_call_of_the_providers_is_refused(
    url: str, board: Board, path: str, more: Any, form: Any, status: int
) -> None:
    answer = _ask(url, path, form, **more)
    assert is_problem(answer, status)
    assert PATIENT not in answer.text
    assert board.pressed == []


def test_patient_4_an_sms_is_stored_and_answered_with_no_text(url: str, kept: Kept) -> None:
    """A text in the answer would go back as an SMS."""
    answer = _ask(url, "sms", SMS)
    assert (answer.status_code, answer.content) == (204, b"")
    ((source, arrival),) = kept.arrivals
    assert (source, arrival.webhook_id, arrival.type) == ("sms", "s1f2", "contact.received")


@pytest.mark.parametrize(
    ("more", "form", "status"),
    [
        ({"auth": None}, SMS, 401),
        ({"auth": ("vaxel", "wrong")}, SMS, 401),
        ({"auth": ("", "")}, SMS, 401),
        ({"headers": {"content-type": "application/json"}}, "{}", 415),
        ({}, {"x": "y" * 20_000}, 413),
        ({}, {"x": "y"}, 422),
        ({}, SMS | {"id": ""}, 422),
        ({}, SMS | {"id": "../../x"}, 422),
        ({}, SMS | {"id": "é\u0000"}, 422),
        ({}, SMS | {"id": "s" * 101}, 422),
    ],
)
def test_what_is_no_sms_of_the_providers_is_refused_and_nothing_is_kept(
    url: str, kept: Kept, more: Any, form: Any, status: int
) -> None:
    answer = _ask(url, "sms", form, **more)
    assert is_problem(answer, status)
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert (kept.arrivals, kept.refusals) == ([], [])


def test_an_sms_to_a_number_that_is_nobodys_is_404_and_told_to_ops(url: str, kept: Kept) -> None:
    assert is_problem(_ask(url, "sms", SMS | {"to": "+46313900699"}), 404)
    assert (kept.arrivals, kept.refusals) == ([], [("46elks", Refusal("s1f2", "sms", ("to",)))])


@pytest.mark.parametrize("to", [NUMBER, "+46313900699"])
def test_an_sms_that_cannot_be_stored_is_sent_again(url: str, kept: Kept, to: str) -> None:
    """policy-dubblett-1: 503, and nothing of the patient's in it."""
    kept.broken = True
    answer = _ask(url, "sms", SMS | {"to": to})
    assert is_problem(answer, 503)
    assert PATIENT not in answer.text
    kept.broken = False
    assert _ask(url, "sms", SMS).status_code == 204
