"""`make chaos` in its short form: the same program, a few bookings, a few kills."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.base.settings import ROOT

SMALL = ("--short", "--bookings", "16", "--kills", "1", "--away", "2", "--minutes", "5")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the program said of each part."""
    folder = tmp_path_factory.mktemp("chaos")
    command = [sys.executable, "-m", "bench.chaos", "--only", "together,between", *SMALL]
    ours = ("VAXEL_", "PREFECT_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    with Path(folder, "said").open("w+") as said:
        ran = subprocess.run(
            [*command, "--output", str(folder), "--json"], cwd=ROOT, env=environment, stdout=subprocess.PIPE,
            stderr=said, text=True, check=False,
        )  # fmt: skip
        said.seek(0)
        assert ran.stdout, said.read()
    parts: dict[str, dict[str, Any]] = {part["part"]: part for part in json.loads(ran.stdout)["parts"]}
    assert ran.returncode == int(any(part["findings"] for part in parts.values()))
    return parts


@pytest.mark.timeout(900)
def test_all_comes_right_when_programs_are_killed_and_servers_and_systems_fail(told: Any) -> None:
    part = told["together"]
    assert part["findings"] == []
    assert part["bookings"] >= 16
    assert part["did"]["kills (workers)"] >= 2
    assert part["did"]["kills (gateway)"] >= 1
    assert part["did"]["restarts (postgres)"] >= 1
    assert part["did"]["crashes (postgres)"] >= 1
    assert part["did"]["seconds away (prefect)"] >= 2
    assert part["did"]["faults played (systems)"] >= 3


@pytest.mark.timeout(900)
def test_nothing_goes_out_that_was_withdrawn_cancelled_or_protected_before_it_was_sent(told: Any) -> None:
    part = told["between"]
    assert part["findings"] == []
    assert min(part["did"].values()) >= 1
