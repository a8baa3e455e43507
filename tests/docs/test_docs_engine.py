"""docs/engine.md shows the states, transitions and tables as models/ declares them."""

from __future__ import annotations

import re
from pathlib import Path

from models.booking_publication import TRANSITIONS
from models.tables import all_tables

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "engine.md").read_text("utf-8")


def test_every_state_stands_in_the_table_with_what_it_may_become() -> None:
    rows = re.findall(r"^\| `([a-z]+)` \|((?: `[a-z]+`)*) \|$", PAGE, re.MULTILINE)
    told = {state: frozenset(re.findall(r"`([a-z]+)`", after)) for state, after in rows}
    assert told == {str(state): frozenset(map(str, after)) for state, after in TRANSITIONS.items()}


def test_every_table_of_the_database_stands_there_and_no_other() -> None:
    part = PAGE.split("\n## Tables\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", part, re.MULTILINE)
    told = [name for row in rows for name in re.findall("`([a-z_]+)`", row)]
    assert sorted(told) == sorted(table.name for table in all_tables())
