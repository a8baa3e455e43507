"""What is measured of each side, once a round."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.house.sides import NOW, Sides
from bench.journey import measures, mix
from bench.journey.floor import ABOUT
from bench.journey.house import AT_REST, House
from bench.processes import WrongWork

Json = dict[str, Any]
HUNG_SECONDS = 12.0
HUNG = (("e1177", "IsActiveUser"), ("engagement_index", "FindContent"))
"""Calls about one resident each, which another step follows."""
SETTLING_SECONDS = 5.0


class CannotYet(Exception):
    """This version has not what is to be measured."""


@dataclass(frozen=True)
class Size:
    """How much of it."""

    bookings: int = 1000
    hung_among: int = 24
    rate: float = 200.0
    rate_seconds: float = 10.0
    singles: int = 10
    rest_seconds: float = 30.0
    large: int = 100_000
    large_first: int = 6000
    connections: int = 4


QUICK = Size(bookings=120, rate_seconds=2.0, singles=2, rest_seconds=5.0, large=3000, large_first=2000)


def backlog(delay_ms: int, processes: int = 1) -> Callable[[Sides, str, Size], Json]:
    """A backlog with so late answers, and its floor after ours where they are late.

    Args:
        processes: of our worker; the other side's has one.
    """

    def measure(sides: Sides, tag: str, size: Size) -> Json:
        told: Json = {}
        if processes > 1 and not sides.houses[NOW].programs.can("worker", "--processes"):
            raise CannotYet("`vaxel worker` has no --processes")
        for side in sides.houses:
            with sides.turn(side) as house:
                house.delay_ms = delay_ms
                one = measures.backlog(
                    house, tag, size.bookings, size.bookings, processes if side == NOW else 1
                )
                one["cases_a_second"] = size.bookings / one["seconds"]
                if delay_ms and side == NOW:
                    one["floor"] = measures.floor(house, size.bookings, size.connections)
                house.delay_ms = 0
                told[side] = one
        return told

    return measure


def each(measure: Callable[[House, str, Size], Json]) -> Callable[[Sides, str, Size], Json]:
    """The same of every side in turn."""

    def measured(sides: Sides, tag: str, size: Size) -> Json:
        told = {}
        for side in sides.houses:
            with sides.turn(side) as house:
                told[side] = measure(house, tag, size)
        return told

    return measured


def hung(house: House, tag: str, size: Size) -> Json:
    """One call is never answered: how much later the others' next step begins than where all are."""
    cases = size.hung_among
    plain = _calls(house, f"{tag}p", cases, {})
    late = {}
    for number, (system, operation) in enumerate(HUNG):
        fault = {"system": system, "operation": operation, "kind": "timeout_before", "times": 1}
        hanging = _calls(house, f"{tag}h{number}", cases, fault | {"seconds": HUNG_SECONDS + 3})
        late[operation] = max(gaps(hanging, cases, operation)) - max(gaps(plain, cases, operation))
    return {"late_seconds": max(late.values()), "by_operation": late}


def _calls(house: House, tag: str, cases: int, fault: Json) -> list[Json]:
    """What the outer systems were asked of so many bookings, all at once, with such a fault."""
    measures.begin(house, tag, cases, warm=True)
    if fault:
        house.town.post("/faults", json=fault).raise_for_status()
    house.send_bookings(tag, cases)
    house.wait(lambda: measures.is_over(house, cases), measures.patience(house, cases), 0.5)
    measures.are_settled(house, cases)
    return house.calls()


def gaps(calls: list[Json], cases: int, operation: str) -> list[float]:
    """The longest that each resident waited for the next call, from the first of this kind on; without those hung.

    Args:
        calls: as the sandbox recorded them, in their order.
        cases: bookings, of as many residents.
    """
    residents, whom = set(mix.identities()[:cases]), measures.whom()
    latest: dict[str, float] = {}
    longest: dict[str, float] = {}
    hung_ones: set[str] = set()
    for call in calls:
        names = {name.replace("%2B", "+") for name in ABOUT.findall(call["body"])}
        about = residents.intersection(who for name in names for who in whom.get(name, ()))
        at = datetime.fromisoformat(call["at"]).timestamp()
        hung_ones |= about if call["fault"] else set()
        for one in about:
            if one in latest:
                longest[one] = max(longest.get(one, 0.0), at - latest[one])
            if one in latest or call["operation"] == operation:
                latest[one] = at
    others = [seconds for one, seconds in longest.items() if one not in hung_ones]
    if not others:
        raise WrongWork(f"no {operation} of another resident was followed by anything")
    return others


def cpu(house: House, tag: str, size: Size) -> Json:
    """A storm: what a booking costs all programs, from its webhook until it is settled."""
    taken = measures.storm(house, tag, size.bookings)
    return taken | {
        "cpu_ms_in_all": sum(taken["cpu_ms_a_case"].values()),
        "cases_a_second": size.bookings / taken["seconds"],
    }


def door(house: House, tag: str, size: Size) -> Json:
    """Webhooks at a fixed rate."""
    return {
        name: measures.accepted(house, f"{tag}{name}", size.rate, size.rate_seconds, worker=worker)[
            "answer_ms"
        ]
        for name, worker in (("halted", False), ("at_work", True))
    }


def first_effect(house: House, tag: str, size: Size) -> Json:
    """Single webhooks at rest."""
    return {"seconds": measures.idle(house, tag, size.singles, 2.0)}


def rest(house: House, tag: str, size: Size) -> Json:
    """Nothing goes on: of how many cores all programs have need then."""
    measures.begin(house, tag, 0, warm=True)
    house.wait(lambda: bool(house.one(AT_REST)), 60, 0.5)
    time.sleep(SETTLING_SECONDS)
    before, began = house.programs.cpu_in_all(), time.monotonic()
    time.sleep(size.rest_seconds)
    return {"cores": (house.programs.cpu_in_all() - before) / (time.monotonic() - began)}


def memory(sides: Sides, tag: str, size: Size) -> Json:
    """What the worker and its children hold while a large backlog lies there; only of this version."""
    with sides.turn(NOW) as house:
        taken = measures.backlog(house, tag, size.large, size.large_first)
    return {NOW: taken | {"megabytes": taken["worker_and_children_mib"] * 2**20 / 1e6}}


PARTS: Mapping[str, Callable[[Sides, str, Size], Json]] = {
    "backlog_1": backlog(0),
    "backlog_1_two_processes": backlog(0, processes=2),
    "backlog_100": backlog(100),
    "backlog_300": backlog(300),
    "hung_call": each(hung),
    "cpu": each(cpu),
    "door": each(door),
    "first_effect": each(first_effect),
    "rest": each(rest),
    "memory": memory,
}
