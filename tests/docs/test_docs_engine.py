"""docs/engine.md shows the states, transitions and tables as models/ declares them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.booking_publication import BookingPublication
from models.case import Case
from models.image_transfer import ImageTransfer
from models.tables import all_tables

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "engine.md").read_text("utf-8")


@pytest.mark.parametrize("process", [BookingPublication, ImageTransfer])
def test_every_state_stands_in_the_table_with_what_it_may_become(process: type[Case]) -> None:
    part = PAGE.split(f"\n## The states of {process.PROCESS}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z]+)` \|((?: `[a-z]+`)*) \|$", part, re.MULTILINE)
    told = {state: frozenset(re.findall(r"`([a-z]+)`", after)) for state, after in rows}
    assert told == {str(state): frozenset(map(str, after)) for state, after in process.TRANSITIONS.items()}


def test_every_table_of_the_database_stands_there_and_no_other() -> None:
    part = PAGE.split("\n## Tables\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", part, re.MULTILINE)
    told = [name for row in rows for name in re.findall("`([a-z_]+)`", row)]
    assert sorted(told) == sorted(table.name for table in all_tables())
