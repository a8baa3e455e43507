"""The house as it stands: read once for all that is counted in it."""

from __future__ import annotations

import pytest
from counted import House, house_at


@pytest.fixture(scope="package")
def house() -> House:
    return house_at()
