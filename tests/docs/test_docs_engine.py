"""docs/engine.md shows the states and transitions as models/ declares them."""

from __future__ import annotations

import re
from pathlib import Path

from models.booking_publication import TRANSITIONS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "engine.md").read_text("utf-8")


def test_every_state_stands_in_the_table_with_what_it_may_become() -> None:
    rows = re.findall(r"^\| `([a-z]+)` \|((?: `[a-z]+`)*) \|$", PAGE, re.MULTILINE)
    told = {state: frozenset(re.findall(r"`([a-z]+)`", after)) for state, after in rows}
    assert told == {str(state): frozenset(map(str, after)) for state, after in TRANSITIONS.items()}
