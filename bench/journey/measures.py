"""What is measured of a journey, each from an empty start: storm, backlog, their floors, steady, idle."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bench import memory
from bench.journey import mix
from bench.journey.house import AT_REST, CASES, NOT_TAKEN_IN, OTHERS_TAKEN, STORED, House, Json
from bench.journey.possible import needed, possible
from bench.processes import WrongWork, peak_mib

LOOK_SECONDS = 0.5
WARM = 12
WAVE = 2000
"""Two runs, each with as many cases as it claims at once, which settle together at its end: whole waves are like."""


def patience(house: House, cases: int) -> float:
    """Seconds after which a measurement of so many cases is given up."""
    return 180 + cases * (0.25 + house.delay_ms / 250)


def begin(house: House, tag: str, cases: int, *, warm: bool) -> None:
    """Empty tables and an empty sandbox, with what VAS has; the worker started anew, and warm, or halted."""
    if house.programs.is_at_work:
        house.programs.halt_worker()
    house.empty()
    if warm:
        house.empty_sandbox()
        house.programs.start_worker()
        house.send_bookings(f"{tag}-warm", WARM)
        house.wait(lambda: bool(house.one(AT_REST)), 120, LOOK_SECONDS)
        house.empty()
    house.empty_sandbox()
    house.put_in_vas(tag, cases)


def is_over(house: House, cases: int) -> bool:
    """Whether so many cases are there and all is at rest."""
    return bool(house.one(AT_REST)) and house.one(CASES) == cases


def are_settled(house: House, cases: int) -> None:
    """Every case is settled, and has led to what it should.

    Raises:
        WrongWork: it is not so.
    """
    if (standing := house.standing()) != {"settled": cases}:
        raise WrongWork(f"of {cases} cases: {standing}")
    house.has_led_to(range(cases))


def cpu_ms(before: Json, after: Json, cases: int) -> Json:
    """Milliseconds of the cores that each program used for a case."""
    return {name: 1000 * (after[name] - before[name]) / cases for name in before}


def storm(house: House, tag: str, cases: int) -> Json:
    """Webhooks as fast as the gateway takes them while the worker works: the first sent to the last settled."""
    begin(house, tag, cases, warm=True)
    before = house.programs.cpu()
    sent = house.send_bookings(tag, cases)
    house.wait(lambda: is_over(house, cases), patience(house, cases), LOOK_SECONDS)
    after = house.programs.cpu()
    are_settled(house, cases)
    return {
        "cases": cases,
        "seconds": house.moments("notice")[-1] - sent["began"],
        "sending_seconds": sent["seconds"],
        "answer_ms": sent["answer_ms"],
        "cpu_ms_a_case": cpu_ms(before, after, cases),
        "worker_peak_mib": peak_mib(house.programs.pid("worker")),
    }


@dataclass(frozen=True)
class Look:
    """What a look at a backlog saw."""

    at: float
    others_taken: bool
    settled: int
    cpu: Json


def backlog(house: House, tag: str, cases: int, first: int, processes: int = 1) -> Json:
    """So many webhooks stored while the worker is halted; then it is started, and `first` of them are waited for.

    Args:
        processes: of the worker.
    """
    begin(house, tag, cases, warm=False)
    sent = house.send_bookings(tag, cases)
    began = time.time()
    house.programs.start_worker(processes)
    looks, most = watched(house, cases, first)
    peak = peak_mib(house.programs.pid("worker"))
    if first == cases:
        house.wait(lambda: is_over(house, cases), 60, LOOK_SECONDS)
        are_settled(house, cases)
    else:
        house.programs.halt_worker()
        none_is_parked(house, cases)
    effects, settled = house.moments("index_updated"), house.moments("notice")
    return {
        "cases": cases,
        "settled": first,
        "storing_seconds": sent["seconds"],
        "start_to_first_effect_seconds": effects[0] - began,
        "seconds": settled[first - 1] - effects[0],
        "steady": steady(looks, first),
        "worker_peak_mib": peak,
        "worker_and_children_mib": most,
    }


def watched(house: House, cases: int, first: int) -> tuple[list[Look], float]:
    """Look now and then, until so many are settled, and as many as `steady` wants; and the most that the worker and
    its children held, MiB."""
    looks: list[Look] = []
    held: list[float] = []

    def are_there() -> bool:
        looks.append(Look(time.time(), bool(house.one(OTHERS_TAKEN)), house.settled(), house.programs.cpu()))
        held.append(memory.held_without_sharing(house.programs.pid("worker")))
        return looks[-1].settled >= first and is_enough(looks, first)

    house.wait(are_there, patience(house, first) + cases / 100, max(LOOK_SECONDS, cases / 50_000))
    return looks, max(held)


def steady(looks: Sequence[Look], first: int) -> Json:
    """What a case costs until all are settled; of more than one wave, once the first is settled and the reminders of
    all are planned, which would count as a cost of these."""
    begun, over = _begun(looks, first), looks[-1]
    assert begun is not None
    cases = over.settled - begun.settled
    return {
        "cases": cases,
        "ms_a_case": 1000 * (over.at - begun.at) / cases,
        "cpu_ms_a_case": cpu_ms(begun.cpu, over.cpu, cases),
    }


def is_enough(looks: Sequence[Look], first: int) -> bool:
    """Whether as many have settled since it became steady as settle after the first wave of `first`."""
    begun = _begun(looks, first)
    return begun is not None and (first <= WAVE or looks[-1].settled - begun.settled >= first - WAVE)


def _begun(looks: Sequence[Look], first: int) -> Look | None:
    if first <= WAVE:
        return next((look for look in reversed(looks) if not look.settled), None)
    return next((look for look in looks if look.settled >= WAVE and look.others_taken), None)


def none_is_parked(house: House, cases: int) -> None:
    """Every case is there, or its event is not taken in yet; none waits for a human.

    Raises:
        WrongWork: it is not so.
    """
    standing = house.standing()
    there = sum(standing.values()) + (house.one(NOT_TAKEN_IN) or 0)
    if there != cases or any(state.startswith("parked") for state in standing):
        raise WrongWork(f"of {cases} cases: {standing}")


def floor(house: House, cases: int, connections: int) -> Json:
    """The calls of the journey just measured, again, against a sandbox that is as it was before it."""
    calls = house.calls()
    recorded = house.programs.home / "recorded.json"
    recorded.write_text(json.dumps({"calls": calls, "residents": whom()}))
    house.empty_sandbox()
    before = house.programs.cpu()
    with house.programs.standing_still():
        options = ("--recorded", recorded, "--sandbox", house.town.base_url, "--connections", connections)
        made = house.run_program("floor", *options, "--smtp-port", house.sandbox_port + 1)
        after = house.programs.cpu()
    if made["wrong"]:
        raise WrongWork(f"the floor was answered otherwise: {made['wrong']}")
    house.has_led_to(range(cases))
    return {
        "cases": cases,
        "seconds": made["seconds"],
        "calls": made["calls"],
        "possible": possible(
            needed(calls, set(mix.identities())), made["seconds_a_call"], connections, cases
        ),
        "sandbox_cpu_ms_a_case": cpu_ms(before, after, cases)["sandbox"],
    }


def whom() -> dict[str, list[str]]:
    """Whom a number or an address in a call may mean."""
    found: dict[str, list[str]] = {}
    for one in mix.residents():
        for name in (one["personnummer"], one["phone"], one["email"]):
            found.setdefault(name, []).append(one["personnummer"])
    return found


def accepted(house: House, tag: str, rate: float, seconds: float, *, worker: bool) -> Json:
    """So many webhooks a second, each at its time; how soon they are answered, with the worker at work or halted."""
    count = int(rate * seconds)
    begin(house, tag, 0, warm=worker)
    sent = house.send_bookings(tag, count, rate)
    stored = house.one(STORED)
    if stored != count:
        raise WrongWork(f"{stored} of {count} events are stored")
    return {"rate": rate, "seconds": sent["seconds"], "webhooks": count, "answer_ms": sent["answer_ms"]}


def idle(house: House, tag: str, count: int, pause: float) -> list[float]:
    """Seconds from one webhook, when nothing else goes on, until the index has its booking."""
    begin(house, tag, 0, warm=True)
    return [_single(house, f"{tag}-{at}", pause) for at in range(count)]


def _single(house: House, tag: str, pause: float) -> float:
    """By the index's own note of when it came: nobody asks it meanwhile."""
    time.sleep(pause + random.random())
    sent = house.send_bookings(tag, 1)
    house.wait(lambda: bool(house.one(AT_REST)), 60, LOOK_SECONDS)
    found = house.town.get("/inspect/engagement_index", params={"booking": f"{tag}-0"}).json()["engagements"]
    return datetime.fromisoformat(found[0]["received"]).timestamp() - float(sent["began"])
