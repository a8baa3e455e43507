"""The follow-up of a year: how soon its page begins and ends, and what the gateway grows by."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from lxml import html
from sqlalchemy import insert

from bench.follow.size import Json, Size, Wanted
from bench.journey.house import House, everything
from bench.processes import WrongWork, peak_mib
from models.follow_up import DaySum, SummedDay
from routine.follow_up import BY_CODE, MEASURES, cells_of
from routine.follow_up_period import WEEK, monday_of
from routine.staff import CARE

ANNA, COMMISSION = "SE2321000115-P000000000001", "SE2321000115-U000000000001"
ROWS = 20_000
WANTED: Wanted = {
    "report_first_byte_ms": ("the report of a year of all units: first byte, ms", 300.0, True),
    "report_mib": ("what the gateway grows by meanwhile, MiB", 100.0, True),
}


def measured_report(size: Size) -> Json:
    """A year of every unit, asked for by a member of staff; then the same of one unit."""
    with everything(lambda said: print(said, flush=True)) as house:
        first = monday_of(house.today - size.weeks * WEEK - timedelta(days=14))
        rows = _fill(house, size, first)
        client = _logged_in(house)
        gateway = house.programs.pid("gateway")
        with client:
            client.get("/staff/storage").raise_for_status()
            held = peak_mib(gateway)
            asked = {
                "from": first.isoformat(),
                "to": (first + size.weeks * WEEK - timedelta(days=1)).isoformat(),
            }
            region = [_timed(client, asked, size.weeks) for _ in range(size.asked)]
            unit = [_timed(client, asked | {"unit": _unit(0)}, size.weeks) for _ in range(size.asked)]
        return {
            "report_first_byte_ms": 1000 * statistics.median(first for first, _, _ in region),
            "report_mib": peak_mib(gateway) - held,
            "report_first_time_ms": 1000 * region[0][0],
            "report_whole_ms": 1000 * statistics.median(whole for _, whole, _ in region),
            "report_bytes": region[0][2],
            "report_of_a_unit_ms": 1000 * statistics.median(whole for _, whole, _ in unit),
            "report_sums": rows,
        }


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


def _fill(house: House, size: Size, first: date) -> int:
    """Sums of days of so many cases, as the flow would have made them; gives how many rows."""
    days = [first + timedelta(days=n) for n in range(7 * size.weeks)]
    now = datetime.now(UTC)
    with house.transaction() as connection:
        closed = [{"day": day, "summed_at": now, "closed": True} for day in days]
        connection.execute(insert(SummedDay), closed)
    rows, written = list[Json](), 0
    for row in _sums(size, days):
        rows.append(row)
        if len(rows) == ROWS:
            written += _write(house, rows)
    return written + _write(house, rows)


def _write(house: House, rows: list[Json]) -> int:
    count = len(rows)
    if rows:
        with house.transaction() as connection:
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


# --- who asks


def _logged_in(house: House) -> httpx.Client:
    """Anna has logged in by SITHS, at the first unit."""
    unit = {"hsa_id": _unit(0), "name": "Vårdcentralen Halmstad"}
    works = {"hsa_id": COMMISSION, "purpose": CARE, "right": "Läsa;VoB;SJF", "unit": unit}
    member = {"hsa_id": ANNA, "name": "Anna Test", "title": "sjuksköterska", "commissions": [works]}
    house.town.post("/staff", json=member).raise_for_status()
    base = f"http://127.0.0.1:{house.gateway_port}"
    client = httpx.Client(base_url=base, timeout=120, trust_env=False)
    way = client.get("/staff/login").headers["location"]
    login: Any = html.fromstring(client.get(way).text).xpath("//input[@name='login']/@value")
    chosen = {"commission": f"{ANNA} {COMMISSION}", "loa": "3", "wrong": "", "do": "login"}
    filled = {"login": login[0], **chosen}
    back = urlsplit(client.post(way.partition("?")[0], data=filled).headers["location"])
    client.get(f"{back.path}?{back.query}")
    return client
