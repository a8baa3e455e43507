"""Every test here has an empty database with the errands' table in it, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from errands import Errand, Movable

from engine import clock
from engine.database import engine, transaction
from engine.settings import Settings, settings


@pytest.fixture
def errands(database: None) -> Iterator[None]:
    """The errands' table, empty, beside the product's."""
    Errand.metadata.create_all(engine())
    with transaction() as connection:
        connection.execute(Errand.__table__.delete())
    yield


@pytest.fixture
def moving(errands: None) -> Iterator[Movable]:
    """The one clock, standing still until the test moves it."""
    movable = Movable()
    before = clock.use(movable)
    yield movable
    clock.use(before)


@pytest.fixture
def configured() -> Iterator[Settings]:
    """The process's settings, put back as they were afterwards."""
    found = settings()
    before = {name: getattr(found, name) for name in type(found).model_fields}
    found.systems = {name: system.model_copy() for name, system in found.systems.items()}
    yield found
    for name, value in before.items():
        setattr(found, name, value)
