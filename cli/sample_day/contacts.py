"""The contacts of the sample day: what became of each, held against what should have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx
from sqlmodel import select

from cli.terminal import show
from engine.base.database import transaction
from engine.base.settings import settings
from engine.ops.by_hand import where_it_stands
from flows.registry import PROCESSES
from tasks.inbound_contact.departures import totals

PLATFORMS = ("platform24", "hope", "lifecare", "stodbehandling", "local-hjarta", "local-sar")
LISTS = ("tasks", "registered", "opened")
COUNTS = ("journal", "alerts", "forms")
Json = dict[str, Any]
Departures = Counter[tuple[str, str]]


def departures() -> Departures:
    """How many answers have departed from the routine until now, by unit and reason."""
    found: Departures = Counter()
    with transaction() as connection:
        for unit, _, reason, answers in totals(connection):
            found[unit, reason] += answers
    return found


def what_became_of_contacts(town: httpx.Client, contacts: Json) -> Json:
    """By contact, from our cases and from what the outer systems hold."""
    look = {name: town.get(f"/inspect/{name}").json() for name in (*PLATFORMS, "e1177", "vas")}
    cases = _cases()
    return {contact: _of_contact(contact, said, look, cases) for contact, said in contacts.items()}


def _cases() -> dict[tuple[str, str], tuple[str, str]]:
    """By process and key the case's id, and where it stands."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    with transaction() as connection:
        for process, model in PROCESSES.items():
            query = select(model.key, model.id, where_it_stands(model))
            for key, id, state in connection.execute(query):
                found[process, key] = str(id), state
    return found


def _of_contact(
    contact: str, said: Json, look: Json, cases: Mapping[tuple[str, str], tuple[str, str]]
) -> Json:
    conversations = [one for name in PLATFORMS for one in look[name]["conversations"]]
    mine = [one for one in conversations if one["id"] == contact]
    vas = {name: [one for one in held if one.get("contact") == contact] for name, held in look["vas"].items()}
    inbox = [message["text"] for message in look["e1177"]["inbox"] if message["thread"] == contact]
    ours = [message["text"] for one in mine for message in one["messages"] if message["from"] == "us"]
    return {
        "cases": {
            _name(part): cases.get((part["process"], part["key"]), (None, None)) for part in said["parts"]
        },
        "heard": [*inbox, *ours],
        "tasks": sorted(task["reason"] for task in vas["staff_tasks"]),
        "registered": [registered["visit"] for registered in vas["contacts"]],
        "opened": [
            name
            for name in PLATFORMS
            for one in look[name]["conversations"]
            if (one["after"] or {}).get("contact") == contact
        ],
        "journal": len(vas["journal"]),
        "alerts": sum(len(one["alerts"]) for one in mine),
        "forms": sum(form["patient"] == said["patient"] for form in look["e1177"]["forms"]),
    }


def _name(part: Json) -> str:
    """A case of the contact: several processes may know it by the same key."""
    return f"{part['process']} {part['key']}"


def parts_there(said: Json) -> list[Json]:
    """Of how a contact should end, what belongs to the processes that there are."""
    return [part for part in said["parts"] if part["process"] in PROCESSES]


def contacts_unlike(contacts: Json, became: Json, departed: Departures) -> Json:
    """What is not as the day says, by contact and by unit; empty when all is well."""
    found: Json = {
        contact: wrong for contact, said in contacts.items() if (wrong := _unlike(said, became[contact]))
    }
    wanted: Departures = Counter(
        (said["unit"], reason)
        for said in contacts.values()
        for part in parts_there(said)
        for reason in part["departs"]
    )
    if wanted != departed:
        found["departures"] = f"{dict(departed)} instead of {dict(wanted)}"
    return found


def _unlike(said: Json, was: Json) -> Json:
    parts = parts_there(said)
    wrong: Json = {
        _name(part): f"{was['cases'][_name(part)][1]} instead of {part['state']}"
        for part in parts
        if was["cases"][_name(part)][1] != part["state"]
    }
    phrases = [phrase for part in parts for phrase in part["heard"]]
    if not _says(was["heard"], phrases):
        wrong["heard"] = f"{len(was['heard'])} messages instead of {phrases}"
    wanted: Json = {name: sorted((each for part in parts for each in part[name]), key=str) for name in LISTS}
    wanted["opened"] = [each for each in wanted["opened"] if each in PLATFORMS]
    wanted |= {name: sum(part[name] for part in parts) for name in COUNTS}
    return wrong | {
        name: f"{was[name]} instead of {value}" for name, value in wanted.items() if was[name] != value
    }


def _says(heard: list[str], phrases: list[str]) -> bool:
    """Every message of ours says what it should, in that order, and there is no other."""
    return len(heard) == len(phrases) and all(
        phrase in message for phrase, message in zip(phrases, heard, strict=True)
    )


def messages(contacts: Json) -> dict[str, Counter[str]]:
    """What of the contacts should have reached each inbox and address."""
    wanted: dict[str, Counter[str]] = {"inbox": Counter(), "sms": Counter(), "mail": Counter()}
    for said in contacts.values():
        for part in parts_there(said):
            at_1177 = len(part["heard"]) if said["channel"] == "e1177" else 0
            wanted["inbox"][said["patient"]] += at_1177 + part["opened"].count("e1177")
            for notice in part["notices"]:
                wanted[notice["by"]][notice["to"]] += 1
    return {way: +counter for way, counter in wanted.items()}


def tell_contacts(contacts: Json, became: Json) -> None:
    """Every contact in a line, with a link to its case and how each of its cases ended."""
    rows = []
    for contact, said in contacts.items():
        cases = became[contact]["cases"]
        ids = [cases[_name(part)][0] for part in said["parts"]]
        first = next((id for id in ids if id), None)
        ends = ", ".join(_ends(said, cases))
        rows.append(
            {"contact": said["title"], "case": link(first) or contact, "ends": ends, "why": said["why"]}
        )
    show(rows, ["contact", "case", "ends", "why"])


def _ends(said: Json, cases: Json) -> list[str]:
    return [
        str(cases[_name(part)][1]) if part["process"] in PROCESSES else f"{part['process']} is not there yet"
        for part in said["parts"]
    ]


def link(id: str | None) -> str | None:
    """The case's page, which is shown to this machine only."""
    return id and f"http://127.0.0.1:{settings().gateway.port}/cases/{id}"
