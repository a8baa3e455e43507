"""Every test here has an empty database with the errands' table in it, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from errands import Errand, Movable

from engine import clock, process
from engine.database import engine, transaction


@pytest.fixture
def errands(database: None) -> None:
    """The errands' table, empty, beside the product's."""
    Errand.metadata.create_all(engine())
    with transaction() as connection:
        connection.execute(Errand.__table__.delete())


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run does not sleep until the next case is due: on a clock that stands still it never would be."""
    monkeypatch.setattr(process, "LINGER", 0.0)


@pytest.fixture
def moving(errands: None) -> Iterator[Movable]:
    """The one clock, standing still until the test moves it."""
    movable = Movable()
    before = clock.use(movable)
    yield movable
    clock.use(before)
