"""Staff's files: their owner sees them and nobody else does (bilder-2 to bilder-4, policy-personal-1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from staff_driver import ANNA, StaffTown, staff_town


@pytest.fixture(scope="module")
def running(postgres: None) -> Iterator[StaffTown]:
    with staff_town() as town:
        yield town


@pytest.fixture
def town(running: StaffTown, database: Any) -> StaffTown:
    running.fresh()
    return running


def test_smoke(town: StaffTown) -> None:
    id = town.file(sample="jpeg_turned", filename="Sår på fot å.jpg")
    anna = town.logged_in(ANNA)
    page = anna.ask("GET", "/staff/storage")
    print(page.text)
    assert page.status_code == 200
    print(anna.json("GET", "/staff/storage").json())
    given = anna.ask("GET", f"/staff/storage/{id}")
    print(given.headers, len(given.content))
    p = anna.ask("GET", f"/staff/storage/{id}/preview")
    print(p.status_code, p.headers, len(p.content), p.text[:300] if p.status_code!=200 else "")
    assert 0
