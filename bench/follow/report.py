"""The follow-up of a year: how soon its page begins and ends, and what the gateway grows by.

The gateway is a program of its own, as `vaxel gateway` starts it, with a PostgreSQL of its own and nothing else:
`python -m bench.follow.report 1000000 40 52 9` prints it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import insert

from bench.follow.size import Json, Size, Wanted
from bench.processes import WrongWork, peak_mib
from bench.town import settle_in
from cli.up.children import wait_until
from engine.base.database import migrate, transaction
from engine.base.databases import create_databases
from gateway.staff import sessions
from models.follow_up import DaySum, SummedDay
from routine.follow_up import BY_CODE, MEASURES, cells_of
from routine.follow_up_period import WEEK, monday_of
from routine.staff import CARE, Commission, Member

ROOT = Path(__file__).resolve().parents[2]
ROWS, UP_SECONDS = 20_000, 120
WANTED: Wanted = {
    "report_first_byte_ms": ("the report of a year of all units: first byte, ms", 300.0, True),
    "report_mib": ("what the gateway grows by meanwhile, MiB", 100.0, True),
}


def measured_report(size: Size) -> Json:
    """A year of every unit, asked for by a member of staff; then the same of one unit."""
    given = (size.cases, size.units, size.weeks, size.asked)
    command = [sys.executable, "-m", "bench.follow.report", *map(str, given)]
    said = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    told: Json = json.loads(said.strip().splitlines()[-1])
    return told


def _reported(size: Size) -> Json:
    create_databases()
    migrate()
    first = monday_of(datetime.now(UTC).date() - size.weeks * WEEK - timedelta(days=14))
    rows = _fill(size, first)
    commission = Commission("SE2321000115-U1", CARE, unit=_unit(0))
    token = sessions.log_in(Member("SE2321000115-P000000000001", "Anna Test", commission), None)
    with _gateway() as (url, pid), httpx.Client(base_url=url, timeout=120, trust_env=False) as client:
        client.cookies.set("vaxel-staff", token)
        client.get("/staff/routine").raise_for_status()
        held = peak_mib(pid)
        asked = {
            "from": first.isoformat(),
            "to": (first + size.weeks * WEEK - timedelta(days=1)).isoformat(),
        }
        region = [_timed(client, asked, size.weeks) for _ in range(size.asked)]
        unit = [_timed(client, asked | {"unit": _unit(0)}, size.weeks) for _ in range(size.asked)]
        grown = peak_mib(pid) - held
    return {
        "report_first_byte_ms": 1000 * statistics.median(begun for begun, _, _ in region),
        "report_mib": grown,
        "report_first_time_ms": 1000 * region[0][0],
        "report_whole_ms": 1000 * statistics.median(whole for _, whole, _ in region),
        "report_bytes": region[0][2],
        "report_of_a_unit_ms": 1000 * statistics.median(whole for _, whole, _ in unit),
        "report_sums": rows,
    }


@contextmanager
def _gateway() -> Iterator[tuple[str, int]]:
    """The gateway; gives its address and its process."""
    url = f"http://127.0.0.1:{os.environ['VAXEL_GATEWAY__PORT']}"
    program = subprocess.Popen([sys.executable, "-m", "cli", "gateway"], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: _answers(url), UP_SECONDS, "the gateway did not come up")
        yield url, program.pid
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", trust_env=False, timeout=2).is_success
    except httpx.HTTPError:
        return False


def _timed(client: httpx.Client, asked: dict[str, str], weeks: int) -> tuple[float, float, int]:
    """Seconds to the first byte and to the last, and the bytes of it."""
    began, first, pieces = time.monotonic(), 0.0, []
    with client.stream("GET", "/staff/report", params=asked, headers={"accept": "text/html"}) as answer:
        for piece in answer.iter_raw():
            first = first or time.monotonic() - began
            pieces.append(piece)
    whole = time.monotonic() - began
    page = b"".join(pieces)
    if answer.status_code != 200 or page.count(b"<svg") < 10 or page.count(b'<th scope="row">') < 10 * weeks:
        raise WrongWork(f"no report: {answer.status_code}")
    return first, whole, len(page)


# --- what there is


def _fill(size: Size, first: date) -> int:
    """Sums of days of so many cases, as the flow would have made them; gives how many rows."""
    days = [first + timedelta(days=n) for n in range(7 * size.weeks)]
    now = datetime.now(UTC)
    with transaction() as connection:
        closed = [{"day": day, "summed_at": now, "closed": True} for day in days]
        connection.execute(insert(SummedDay), closed)
    rows, written = list[Json](), 0
    for row in _sums(size, days):
        rows.append(row)
        if len(rows) == ROWS:
            written += _write(rows)
    return written + _write(rows)


def _write(rows: list[Json]) -> int:
    count = len(rows)
    if rows:
        with transaction() as connection:
            connection.execute(insert(DaySum), rows)
        rows.clear()
    return count


def _sums(size: Size, days: list[date]) -> Iterator[Json]:
    """Each measure at each unit each day, some often and some hardly ever; each case is counted three times or so."""
    chance = random.Random(1)
    cells = cells_of(MEASURES)
    share = {cell: chance.choice((0.3, 0.1, 0.03, 0.01)) for cell in cells}
    a_day = size.cases / size.units / len(days)
    for cell in cells:
        measure = BY_CODE[cell.measure]
        units = [""] if measure.of_region else [_unit(n) for n in range(size.units)]
        for unit in units:
            for day in days:
                number = round(chance.expovariate(1) * a_day * share[cell])
                if number:
                    yield {
                        "measure": cell.measure,
                        "reason": str(cell.reason),
                        "unit": unit,
                        "day": day,
                        "clause": measure.clauses[0],
                        "number": number,
                    }


def _unit(number: int) -> str:
    return f"SE2321000115-E{number + 1:012}"


def main() -> int:
    """Measure, and print it as JSON."""
    cases, units, weeks, asked = map(int, sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="vaxel-report-") as home:
        settle_in(home)
        print(json.dumps(_reported(Size(cases=cases, units=units, weeks=weeks, asked=asked))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
