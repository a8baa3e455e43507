"""docs/operations.md tells of every setting, and of every figure of a unit and of a system, and of no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from engine.base.settings import SYSTEMS, Settings, System
from routine.approved import System as ApprovedSystem
from routine.region import UnitPolicy

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text("utf-8")


def _names(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if name == "systems":
            yield from _names(System, f"{prefix}SYSTEMS__<NAME>__")
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _names(kind, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}"


def test_every_setting_stands_in_the_table_and_no_other() -> None:
    told = re.findall(r"^\| `(VAXEL_[A-Z0-9_<>]+)` \|", PAGE, re.MULTILINE)
    assert sorted(told) == sorted(_names(Settings, "VAXEL_"))


@pytest.mark.parametrize("name", sorted(SYSTEMS))
def test_every_outer_system_is_named(name: str) -> None:
    assert f"`{name.upper()}`" in PAGE


@pytest.mark.parametrize(
    ("table", "model"), [('[units."<HSA-id>"]', UnitPolicy), ("[systems.<id>]", ApprovedSystem)]
)
def test_every_figure_of_a_unit_and_of_a_system_stands_in_its_table_and_no_other(
    table: str, model: type[BaseModel]
) -> None:
    rows = PAGE.split(f"| `{table}` | left out | |\n")[1].split("\n\n")[0]
    assert re.findall(r"^\| `([a-z_]+)` \|", rows, re.MULTILINE) == list(model.model_fields)
