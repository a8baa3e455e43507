"""docs/engine.md shows the tables as models/ declares them; those of cases stand in docs/states.md."""

from __future__ import annotations

import re
from pathlib import Path

from flows.registry import PROCESSES
from models.tables import all_tables

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "engine.md").read_text("utf-8")


def test_every_table_of_the_database_stands_there_and_no_other() -> None:
    part = PAGE.split("\n## Tables\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", part, re.MULTILINE)
    told = [name for row in rows for name in re.findall("`([a-z_]+)`", row)]
    assert sorted([*told, *PROCESSES]) == sorted(table.name for table in all_tables())
