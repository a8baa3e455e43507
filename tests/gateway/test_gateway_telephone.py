"""Calls of 46elks: what it is told to do with them, and that nobody is left on the line (byte-2, syfte-3)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
import requests
import structlog
from gateway_driver import LOGIN, Gateway, is_problem, served

from engine.inbox import Inbox
from gateway import telephone
from gateway.app import create_app
from gateway.children import wait_until
from gateway.ports import Login
from routine.figures import Telephone
from tasks.switchboard import Called

UNIT, NUMBER, QUEUE, PATIENT = "SE2321000115-E000000000001", "+46313900611", "+46313900601", "+46701740605"
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


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def url(board: Board) -> Iterator[str]:
    waker = Gateway()
    given = {"switchboard": board, "receipt_store": waker.receipt, "receipt_login": Login(*LOGIN)}
    with served(create_app(Inbox(), {}.get, lambda: True, waker.wake, **given)) as url:  # type: ignore[arg-type]
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
