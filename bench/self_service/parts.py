"""What is measured, everything as `vaxel up` starts it."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice, product
from pathlib import Path
from typing import Any

import httpx

from bench.journey import measures, mix
from bench.journey.house import ROOT, House
from bench.processes import WrongWork, cpu_of, cpu_of_all, peak_mib
from bench.self_service import calls
from bench.self_service.asker import UNIT, at_the_unit
from bench.town import free_port

Json = dict[str, Any]
OPENS, CLOSES, MINUTES = 8, 17, 15
DAYS = 28
PERFORMERS = tuple(f"SE2321000115-P00000000{number:04}" for number in range(20))


@dataclass(frozen=True)
class Size:
    """How much of it."""

    residents: int = 1000
    rate: float = 200.0
    seconds: float = 15.0
    cancelled: int = 20
    times: int = 5000


QUICK = Size(residents=60, seconds=2.0, cancelled=3, times=500)


def schedules(house: House, size: Size) -> Json:
    """Residents ask for their times at a fixed rate, while nothing else goes on; then the same calls to the echo."""
    measures.begin(house, "s", 0, warm=False)
    _booked(house, "s", at_the_unit(size.residents))
    house.programs.halt_worker()
    count = int(size.rate * size.seconds)
    options = ("--residents", size.residents, "--count", count, "--rate", size.rate)
    gateway = house.programs.pid("gateway")
    postgres = house.programs.pid("postgresql")
    before = cpu_of(gateway) + cpu_of_all(postgres)
    asked = _ask(house, house.gateway_port, options)
    ours = (cpu_of(gateway) + cpu_of_all(postgres) - before) * 1000 / count
    if asked["statuses"] != {"200": count} or asked["least_bytes"] < len(calls.schedule(UNIT, "0" * 12)):
        raise WrongWork(f"of {count} schedules: {asked['statuses']}")
    with _echo() as (port, pid):
        _ask(house, port, (*options[:2], "--count", 20, "--rate", 20))
        before = cpu_of(pid)
        echoed = _ask(house, port, options)
        floor = (cpu_of(pid) - before) * 1000 / count
    return {
        "schedule_p99_ms": asked["answer_ms"]["p99"],
        "schedule_cpu_over_echo": ours / floor,
        "schedule_cpu_ms": ours,
        "echo_cpu_ms": floor,
        "schedule_answer_ms": asked["answer_ms"],
        "echo_answer_ms": echoed["answer_ms"],
    }


def cancellations(house: House, size: Size) -> Json:
    """One resident at a time cancels, at rest: from 1177's call until VAS has it, and until 1177 is answered."""
    measures.begin(house, "c", 0, warm=False)
    numbers = at_the_unit(size.cancelled)
    _booked(house, "c", numbers)
    people, with_vas, answered = mix.identities(), [], []
    with _client(house) as client:
        for number in numbers:
            time.sleep(1 + random.random())
            began = time.time()
            said = client.post(calls.PATH, content=calls.cancellation(UNIT, people[number], f"c-{number}"))
            answered.append(time.time() - began)
            if ">OK<" not in said.text:
                raise WrongWork("1177 was not told that it is cancelled")
            with_vas.append(_when_cancelled(house, f"c-{number}") - began)
    return {
        "cancelled_at_vas_seconds": statistics.median(with_vas),
        "cancelled_answer_seconds": statistics.median(answered),
        "slowest_at_vas_seconds": max(with_vas),
    }


def free_times(house: House, size: Size) -> Json:
    """All free times of four weeks at one unit, in one answer: its seconds, and what the gateway grows by."""
    measures.begin(house, "f", 0, warm=False)
    first = house.today + timedelta(days=1)
    house.town.post("/timetables", json=_timetable(first, size.times)).raise_for_status()
    asked = calls.free_times(UNIT, mix.identities()[0], first, first + timedelta(days=DAYS))
    gateway = house.programs.pid("gateway")
    taken = []
    with _client(house) as client:
        held = _resident_mib(gateway)
        for _ in range(5):
            began = time.monotonic()
            said = client.post(calls.PATH, content=asked)
            taken.append(time.monotonic() - began)
            if said.text.count("startTimeInclusive>") != 2 * size.times:
                raise WrongWork("not every free time was answered")
    return {
        "free_times_ms": 1000 * statistics.median(taken),
        "free_times_mib": peak_mib(gateway) - held,
        "free_times_bytes": len(said.content),
    }


PARTS: Mapping[str, Callable[[House, Size], Json]] = {
    "schedules": schedules,
    "cancellations": cancellations,
    "free_times": free_times,
}


# --- the town


def _booked(house: House, tag: str, numbers: list[int]) -> None:
    """VAS books them, to be cancelled by whoever wants to, and tells us; all is at rest when this returns."""
    people = mix.identities()
    made = (
        mix.booking(tag, number, people, house.today + timedelta(days=7)) | {"cancellable": True}
        for number in numbers
    )
    while some := list(islice(made, 200)):
        events = [{"type": "booking.created", "data": {"booking": one}} for one in some]
        house.town.post("/act/vas", json={"events": events}).raise_for_status()
    house.programs.start_worker()
    house.wait(lambda: measures.is_over(house, len(numbers)), 300, 0.5)


def _timetable(first: date, count: int) -> Json:
    """So many times in four weeks, each with somebody who gives care."""
    quarters = range((CLOSES - OPENS) * 60 // MINUTES)
    times = []
    for day, quarter, performer in islice(product(range(DAYS), quarters, PERFORMERS), count):
        start = datetime.combine(first, datetime.min.time(), mix.STOCKHOLM) + timedelta(days=day)
        start = start.replace(hour=OPENS) + timedelta(minutes=quarter * MINUTES)
        end = start + timedelta(minutes=MINUTES)
        given = {
            "start": start.isoformat(),
            "end": end.isoformat(),
            "time_type": "NY",
            "performer": performer,
        }
        times.append(given)
    who = [{"id": each, "first_name": "Anna", "last_name": "Test"} for each in PERFORMERS]
    named = {"hsa_id": UNIT, "name": mix.NAMES["1"]}
    kinds = [{"id": "NY", "name": "Nybesök"}]
    return {"unit": named, "time_types": kinds, "performers": who, "times": times}


def _when_cancelled(house: House, booking: str) -> float:
    (call,) = [each for each in house.calls() if each["path"].endswith(f"/bookings/{booking}/cancel")]
    return datetime.fromisoformat(call["at"]).timestamp()


@contextmanager
def _client(house: House) -> Iterator[httpx.Client]:
    given = calls.headers(house.programs.setting("VAXEL_RIVTA__PROXY_SECRET"))
    base = f"http://127.0.0.1:{house.gateway_port}"
    with httpx.Client(base_url=base, headers=given, timeout=30, trust_env=False) as client:
        yield client


def _ask(house: House, port: int, options: tuple[object, ...]) -> Json:
    return house.run_as("bench.self_service.asker", "--port", port, *options)


@contextmanager
def _echo() -> Iterator[tuple[int, int]]:
    """The echo, up: its port and process."""
    port = free_port()
    program = subprocess.Popen([sys.executable, "-m", "bench.self_service.echo", str(port)], cwd=ROOT)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
                break
            except httpx.ConnectError:
                time.sleep(0.2)
        yield port, program.pid
    finally:
        program.terminate()
        program.wait(30)


def _resident_mib(pid: int) -> float:
    """What a process holds now; its peak counts from here on."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024
