"""Connections to PostgreSQL are kept: one that it has ended meanwhile is replaced, and one just used is not asked."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from engine.base import database
from engine.base.database import OUTAGES, RESTED_SECONDS, transaction

WHO, END = text("SELECT pg_backend_pid()"), text("SELECT pg_terminate_backend(:pid)")


@pytest.fixture
def other(postgres: None) -> Iterator[Engine]:
    """Whoever ends our connections: by one that is not ours."""
    made = create_engine(database.with_driver(database.url_of(database.VAXEL), "psycopg"))
    yield made
    made.dispose()


@pytest.fixture(autouse=True)
def only_ours(postgres: None) -> None:
    """No connection is left of the tests before."""
    database.engine().dispose()


def _used() -> int:
    with transaction() as connection:
        pid: int = connection.execute(WHO).scalar_one()
        return pid


def _end(other: Engine, pid: int) -> None:
    with other.begin() as connection:
        connection.execute(END, {"pid": pid})
    time.sleep(0.05)


def test_one_that_has_rested_and_was_ended_meanwhile_is_replaced_and_nobody_notices(other: Engine) -> None:
    first = _used()
    _end(other, first)
    time.sleep(RESTED_SECONDS)
    assert _used() != first


def test_one_that_was_ended_at_once_is_an_outage_for_one_call_and_for_no_other(other: Engine) -> None:
    first = _used()
    _end(other, first)
    with pytest.raises(OUTAGES):
        _used()
    assert _used() != first


def test_one_that_is_in_use_all_the_time_is_the_same_one(postgres: None) -> None:
    assert len({_used() for _ in range(20)}) == 1
