"""The sandbox's sample day: played stage by stage, and what became of it held against what should have."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import httpx
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import ColumnElement, func, true, union_all
from sqlmodel import col, select

from cli.sample_day.contacts import (
    contacts_unlike,
    departures,
    link,
    messages,
    tell_contacts,
    what_became_of_contacts,
)
from cli.sample_day.next_day import tell_visits, visits_unlike, what_became_of_visits
from cli.sample_day.self_service import self_service_unlike, tell_self_service, what_stands
from cli.sample_day.transfers import fetched, files_unlike, tell_transfers, transfers
from cli.terminal import console, say, show, warn
from cli.up.children import NotUp, wait_until
from engine.base import clock
from engine.base.database import transaction
from engine.base.settings import settings
from engine.tables.inbox import IS_WAITING
from flows.registry import PROCESSES
from models.booking_publication import BookingPublication
from models.case import Case, Event
from models.risk_alert import RiskAlert, State
from tasks import clients

STAGE_SECONDS = 600.0
SOON = 60.0
"""A case that is due within so many seconds is not at rest yet."""
LOAD = "The bulk load"
Json = dict[str, Any]


def play_sample_day() -> bool:
    """Play the day, print what became of every case; whether all ended as the day says they should."""
    with httpx.Client(
        base_url=f"http://127.0.0.1:{settings().sandbox.port}", timeout=60, trust_env=False
    ) as town:
        stages, before = town.get("/sample-day").json()["stages"], departures()
        acts = [act for stage in range(1, stages + 1) for act in _play(town, stage, stages)]
        day = town.get("/sample-day").json()
        became, given = what_became(town, day), fetched(town)
    contacts = day["contacts"]
    found = differences(day, became) | contacts_unlike(contacts, became["contacts"], departures() - before)
    found |= files_unlike(contacts, given, acts) | visits_unlike(day["next_day"], became["visits"], acts)
    found |= self_service_unlike(day["self_service"], became["stands"], acts)
    _tell_day(day, became, found)
    return not found


def _play(town: httpx.Client, stage: int, stages: int) -> list[Json]:
    """Until it is at rest; gives what staff did with their files, and people at a unit's door."""
    began = time.monotonic()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console(), transient=True) as progress:
        task = progress.add_task(f"stage {stage} of {stages}: webhooks are sent")
        played = town.post("/act/sample-day", json={"stage": stage}).raise_for_status().json()

        def is_at_rest() -> bool:
            waiting, moving, resting = how_it_stands()
            progress.update(
                task,
                description=f"stage {stage} of {stages}: {waiting} events wait, {moving} cases move, {resting} rest",
            )
            return waiting == 0 and moving == 0

        try:
            wait_until(is_at_rest, STAGE_SECONDS, "")
        except NotUp:
            raise NotUp(_not_at_rest(stage)) from None
    say(f"  stage {stage} of {stages} is at rest after {time.monotonic() - began:.0f} s")
    return list(played["acts"])


def _not_at_rest(stage: int) -> str:
    waiting, moving, _ = how_it_stands()
    return (
        f"stage {stage} of the sample day is not at rest after {STAGE_SECONDS:.0f} s: {waiting} events wait, "
        f"{moving} cases move. With `vaxel up` in another terminal they go on, and `vaxel health` tells what is "
        f"wrong; `rm -rf {settings().home}` forgets this day, so that the next begins anew"
    )


def how_it_stands() -> tuple[int, int, int]:
    """How many events wait, how many cases are on their way, how many are at rest."""
    waiting = select(func.count()).where(IS_WAITING, col(Event.process).in_(PROCESSES)).scalar_subquery()
    soon = clock.now() + timedelta(seconds=SOON)
    cases = union_all(
        *(select(model.owner, _is_due(model, soon).label("soon")) for model in PROCESSES.values())
    ).subquery()
    moves = cases.c.owner.is_not(None) | cases.c.soon
    rests = cases.c.owner.is_(None) & cases.c.soon.is_not(true())
    query = select(waiting, func.count().filter(moves), func.count().filter(rests)).select_from(cases)
    with transaction() as connection:
        return connection.execute(query).one().tuple()


def _is_due(model: type[Case], soon: datetime) -> ColumnElement[bool]:
    """Whether something is soon for us to do: an alert that staff have been given escalates until they act."""
    is_due = col(model.due_at) < soon
    return is_due & (col(model.state) != State.ALERTED) if model is RiskAlert else is_due


def what_became(town: httpx.Client, day: Json) -> Json:
    """By booking what became of it, from our cases and from what the outer systems hold; the contacts, the next day's
    visits, and what stands of whoever booked by themselves."""
    contacts = what_became_of_contacts(town, day["contacts"])
    visits = what_became_of_visits(town, day["next_day"])
    stands = what_stands(town, day["self_service"])
    return _of_bookings(town, day["expected"]) | {"contacts": contacts, "visits": visits, "stands": stands}


def _of_bookings(town: httpx.Client, expected: Json) -> Json:
    look = {
        name: town.get(f"/inspect/{name}").json()
        for name in ("engagement_index", "e1177", "sms", "mail", "vas")
    }
    case = BookingPublication
    query = select(case.key, case.id, case.state, case.parked)
    with transaction() as connection:
        cases = {row.key: row for row in connection.execute(query)}
    return {
        booking: _of_booking(booking, cases.get(f"{said['source']}:{booking}"), look)
        for booking, said in expected.items()
    } | {"people": _of_people(look)}


def _of_booking(booking: str, case: Any, look: Json) -> Json:
    engagements = [e for e in look["engagement_index"]["engagements"] if e["booking"] == booking]
    tasks = [task["reason"] for task in look["vas"]["staff_tasks"] if task["booking"] == booking]
    return {
        "id": str(case.id) if case else None,
        "state": None if case is None else f"parked:{case.parked}" if case.parked else case.state,
        "engagement": ",".join(sorted(e["categorization"] for e in engagements)) or None,
        "paper_letters": sum(letter["booking"] == booking for letter in look["vas"]["letters"]),
        "staff_tasks": sorted(tasks),
    }


def _of_people(look: Json) -> Json:
    """What reached each resident, and each address; not the staff to whom an alert escalates on a slow machine."""
    on_call = clients.region().contacts.on_call
    return {
        "inbox": Counter(message["patient"] for message in look["e1177"]["inbox"]),
        "sms": Counter(sms["to"] for sms in look["sms"]["messages"] if sms["to"] not in on_call),
        "mail": Counter(message["to"] for message in look["mail"]["messages"]),
    }


def differences(day: Json, became: Json) -> Json:
    """What is not as the day says, by booking and by address; empty when all is well."""
    found: Json = {}
    for booking, said in day["expected"].items():
        was = became[booking]
        wrong = {
            name: f"{was[name]} instead of {said[name]}"
            for name in ("state", "engagement", "paper_letters")
            if was[name] != said[name]
        }
        if was["staff_tasks"] != sorted(said["staff_tasks"]):
            wrong["staff_tasks"] = f"{was['staff_tasks']} instead of {said['staff_tasks']}"
        if wrong:
            found[booking] = wrong
    return found | _unlike(day, became["people"])


def _unlike(day: Json, people: Json) -> Json:
    wanted = messages(day["contacts"])
    for said in day["expected"].values():
        wanted["inbox"][said["patient"]] += said["inbox_letters"]
        for notice in said["notices"]:
            wanted[notice["by"]][notice["to"]] += 1
    return {
        f"{way}:{number}": f"{people[way][number]} instead of {wanted[way][number]}"
        for way in wanted
        for number in wanted[way].keys() | people[way].keys()
        if wanted[way][number] != people[way][number]
    }


def _tell_day(day: Json, became: Json, found: Json) -> None:
    """Every case in a line (a bulk load's in one), with a link to it; then what is not as it should be."""
    expected, contacts = day["expected"], day["contacts"]
    rows: list[Json] = []
    loads: Counter[tuple[str, str, str]] = Counter()
    for booking, said in expected.items():
        was = became[booking]
        line = (str(was["state"]), was["engagement"] or "-", said["why"])
        if said["title"] == LOAD:
            loads[line] += 1
        else:
            rows.append(_row_of_case(said["title"], link(was["id"]) or booking, line))
    rows += [_row_of_case(f"{LOAD} ({number})", "", line) for line, number in loads.items()]
    show(rows, ["what", "case", "state", "on 1177", "why"])
    say("")
    tell_contacts(contacts, became["contacts"])
    say("")
    tell_transfers(contacts, became["contacts"])
    say("")
    tell_visits(day["next_day"], became["visits"], became)
    say("")
    tell_self_service(day["self_service"], became["stands"])
    for what, wrong in found.items():
        warn(f"not as it should be: {what}: {wrong}")
    sent = {way: sum(counter.values()) for way, counter in became["people"].items()}
    number = len(transfers(contacts))
    said = f"{len(expected)} bookings, {len(contacts)} contacts and {number} transfers"
    said += (
        f"; {len(day['next_day'])} visits of the next day, {len(day['self_service'])} residents by themselves"
    )
    say(f"{said}, {len(found)} not as they should be.")
    say(f"Sent: {sent['inbox']} messages to the 1177 inbox, {sent['sms']} SMS, {sent['mail']} e-mails.")


def _row_of_case(what: str, case: str, line: tuple[str, str, str]) -> Json:
    return {"what": what, "case": case, "state": line[0], "on 1177": line[1], "why": line[2]}
