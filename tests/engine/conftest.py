"""Every test here has an empty database with the errands' table in it, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from errands import Errand, Movable

from engine.base import clock
from engine.base.database import engine, transaction
from engine.running import work


@pytest.fixture(scope="module")
def _table(postgres: None) -> Iterator[None]:
    """The errands' table, gone again afterwards: whoever compares the schema with the models finds no other."""
    Errand.metadata.create_all(engine())
    yield
    Errand.metadata.drop_all(engine())


@pytest.fixture
def errands(_table: None, database: None) -> None:
    """The errands' table beside the product's, all of them empty."""
    with transaction() as connection:
        connection.execute(Errand.__table__.delete())


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run does not sleep until the next case is due: on a clock that stands still it never would be."""
    monkeypatch.setattr(work, "LINGER", 0.0)


@pytest.fixture
def moving(errands: None) -> Iterator[Movable]:
    """The one clock, standing still until the test moves it."""
    movable = Movable()
    before = clock.use(movable)
    yield movable
    clock.use(before)
