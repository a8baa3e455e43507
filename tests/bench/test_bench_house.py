"""The bench side by side tells the truth: ratios within a round, what a hung call holds up, what is kept of a run."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.house import report, rows
from bench.house.parts import gaps
from bench.journey import mix
from bench.journey.programs import Programs
from bench.processes import WrongWork, arguments_of
from cli.up.children import RESTART_SECONDS, wait_until

Json = dict[str, Any]
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def _backlog(now: float, before: float) -> Json:
    possible = {"possible": {"cases_a_second": 33.0}}
    return {
        "before": {"cases_a_second": before},
        "now": {"cases_a_second": now, "floor": possible},
    }


# --- what is told


def test_a_value_is_the_median_of_the_rounds_ratios_and_no_ratio_of_medians() -> None:
    rounds = [_backlog(20.0, 10.0), _backlog(40.0, 10.0), _backlog(60.0, 30.0)]
    told = rows.told({"backlog_100": {"rounds": rounds}})
    assert told["backlog_100_over_before"]["rounds"] == [2.0, 4.0, 2.0]
    assert told["backlog_100_over_before"]["value"] == 2.0
    assert not told["backlog_100_over_before"]["reached"]
    assert told["backlog_100_of_possible"]["value"] == pytest.approx(40 / 33)
    assert told["backlog_100_of_possible"]["reached"]


def test_one_version_alone_has_no_row_that_needs_the_other() -> None:
    alone = [{"now": _backlog(30.0, 1.0)["now"]}]
    assert list(rows.told({"backlog_100": {"rounds": alone}})) == ["backlog_100_of_possible"]


def test_at_most_so_much_is_reached_by_less() -> None:
    rested = {"before": {"cores": 0.2}, "now": {"cores": 0.1}}
    assert rows.told({"rest": {"rounds": [rested]}})["rest_cpu_over_before"]["reached"]
    assert not rows.told({"hung_call": {"rounds": [{"now": {"late_seconds": 11.0}}]}})[
        "hung_call_late_seconds"
    ]["reached"]


def test_the_page_has_each_row_and_both_sides() -> None:
    one = {"at": "2027-03-01", "version": "abc", "against": "def", "rounds": [_backlog(30.0, 6.0)]}
    on = {
        "cores": 2,
        "cpu": "A",
        "memory_gib": 24.0,
        "system": "Linux",
        "python": "3.11",
        "load_before": [0.5],
    }
    page = report.page({"at": "2027-03-01", "machine": on, "parts": {"backlog_300": one}})
    assert (
        "| a backlog, 300 ms a call: bookings a second over the other's | 5 | at least 4.3 | yes | 5 |"
        in page
    )
    assert "| a backlog, 300 ms a call: bookings a second | 30 | 6 |" in page
    assert "`abc` over `def`" in page


# --- a call that hangs


def _call(seconds: float, operation: str, *about: str, fault: str | None = None) -> Json:
    at = (NOON + timedelta(seconds=seconds)).isoformat()
    return {"operation": operation, "body": " ".join(about), "at": at, "fault": fault}


def test_the_others_wait_for_each_of_their_own_calls_after_the_like_question() -> None:
    anna, bertil, cecilia = mix.identities()[:3]
    phone = mix.residents()[2]["phone"].replace("+", "%2B")
    calls = [
        _call(-9.0, "Update", anna, bertil, cecilia),
        _call(0.0, "IsActiveUser", anna, fault="timeout_before"),
        _call(0.1, "IsActiveUser", bertil),
        _call(0.2, "IsActiveUser", cecilia),
        _call(0.3, "GetPersonsForProfile", bertil, cecilia),  # asked beside it
        _call(0.7, "POST /letters", bertil),
        _call(2.3, "POST /a1/sms", f"to={phone}"),
        _call(12.0, "IsActiveUser", anna),
        _call(13.0, "GetPersonsForProfile", anna),
    ]
    assert sorted(gaps(calls, 3, "IsActiveUser")) == pytest.approx([0.4, 2.0])


def test_where_nobody_else_goes_on_there_is_no_figure() -> None:
    anna, bertil = mix.identities()[:2]
    calls = [_call(0.0, "IsActiveUser", anna, fault="timeout_before"), _call(0.1, "IsActiveUser", bertil)]
    with pytest.raises(WrongWork):
        gaps(calls, 2, "IsActiveUser")


def test_figures_are_json() -> None:
    assert json.loads(json.dumps(rows.told({"backlog_1": {"rounds": [_backlog(2.0, 1.0)]}})))


# --- a version of Växel, handled from outside

UP = f"""#!{sys.executable}
import os, signal, sys
from pathlib import Path
from cli.up.children import Children, stay_until, told_to_end

if "worker" in sys.argv:
    signal.pause()
children = Children(dict(os.environ), Path(os.environ["VAXEL_HOME"]) / "logs")
lives = "import time\\nwhile True: time.sleep(0.01)"
for name, arguments in (
    ("prefect", ("server", "start")), ("sandbox", ("sandbox",)), ("gateway", ("gateway",)),
    ("risk-worker", ("worker", "--queue", "risk")), ("worker", ("worker",)),
):
    children.start(name, sys.executable, "-c", lives, *arguments)
over = told_to_end()
print("Up. Ctrl-C stops everything.", flush=True)
stay_until(over)
children.stop_all()
"""
"""`vaxel up` with its own watch over its programs, which do nothing."""


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    vaxel = tmp_path / ".venv" / "bin" / "vaxel"
    vaxel.parent.mkdir(parents=True)
    vaxel.write_text(UP)
    vaxel.chmod(0o755)
    given = Programs(tmp_path, tmp_path, os.environ | {"VAXEL_HOME": str(tmp_path), "VAXEL_SEEN": "a=b"})
    try:
        given.come_up()
        yield given
    finally:
        given.stop()


def is_stopped(pid: int) -> bool:
    """Whether it stands still."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"


def test_programs_are_known_by_what_they_were_started_as(programs: Programs) -> None:
    pids = {programs.pid(name) for name in ("worker", "gateway", "sandbox", "prefect")}
    assert len(pids) == 4
    assert arguments_of(programs.pid("worker"))[-1] == "worker"
    assert programs.setting("VAXEL_SEEN") == "a=b"


def test_a_halted_worker_stays_away_until_it_is_started_again(programs: Programs) -> None:
    first = programs.pid("worker")
    programs.halt_worker()
    time.sleep(2 * RESTART_SECONDS)
    assert not programs.is_at_work
    programs.start_worker()
    assert programs.is_at_work
    assert programs.pid("worker") != first


def test_a_worker_that_was_started_by_hand_is_at_work_and_is_halted_as_any_other(programs: Programs) -> None:
    """Left alone it would do a part of all that is measured after it."""
    programs.halt_worker()
    programs.start_worker(processes=2)
    first = programs.pid("worker")
    assert programs.is_at_work
    with pytest.raises(WrongWork):
        programs.start_worker(processes=2)
    programs.halt_worker()
    assert not programs.is_at_work
    programs.start_worker(processes=2)
    assert programs.pid("worker") != first
    assert not arguments_of(first)


def test_a_version_that_waits_stands_still_and_goes_on_as_it_was(programs: Programs) -> None:
    programs.halt_worker()
    gateway = programs.pid("gateway")
    programs.freeze()
    wait_until(lambda: is_stopped(gateway), 10, "it goes on")
    programs.thaw()
    wait_until(lambda: not is_stopped(gateway), 10, "it stands still")
    time.sleep(2 * RESTART_SECONDS)
    assert not programs.is_at_work  # it was halted, and is


def test_nothing_is_left_of_a_version_that_is_stopped_while_it_stands_still(programs: Programs) -> None:
    gateway, worker = programs.pid("gateway"), programs.pid("worker")
    programs.freeze()
    programs.stop()
    assert not arguments_of(gateway)
    assert not arguments_of(worker)


def test_what_is_no_checkout_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongWork, match="is not there"):
        Programs(tmp_path, tmp_path, {})
