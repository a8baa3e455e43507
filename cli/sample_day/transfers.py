"""The transfers of the sample day: what became of each file, and whether staff could do with theirs what they may."""

from __future__ import annotations

from typing import Any

import httpx

from cli.sample_day.contacts import link, parts_there
from cli.terminal import show

SOURCES = ("platform24", "hope", "lifecare", "e1177")
PROCESS = "image_transfer"
Json = dict[str, Any]


def fetched(town: httpx.Client) -> dict[str, int]:
    """By attachment, how often its source has given the whole of it."""
    held = [one for name in SOURCES for one in town.get(f"/inspect/{name}").json()["attachments"]]
    return {one["ref"]: one["fetched"] for one in held}


def files_of(contacts: Json) -> dict[str, list[Json]]:
    """By contact, how each of its files should end; none where the process is not there."""
    of = {
        contact: [part for part in parts_there(said) if part["process"] == PROCESS]
        for contact, said in contacts.items()
    }
    return {contact: files for contact, files in of.items() if files}


def transfers(contacts: Json) -> set[str]:
    """The ids of all that were asked for."""
    return {part["transfer"] for files in files_of(contacts).values() for part in files}


def files_unlike(contacts: Json, given: dict[str, int], acts: list[Json]) -> Json:
    """What is not as the day says, by transfer; empty when all is well.

    A source may have given a file more often than it should: a try that was lost half-way is made again. But not one
    that should never have been had.
    """
    found: Json = {}
    for files in files_of(contacts).values():
        for part in files:
            was, wanted = given.get(part["ref"], 0), part["fetched"]
            if was < wanted or (was and not wanted):
                found[f"{part['transfer']}: fetched"] = f"{was} times instead of {wanted}"
    known = transfers(contacts)
    for act in acts:
        if act["wrong"] and act.get("transfer") in known:
            found[f"{act['transfer']}: {act['does']}"] = ", ".join(map(str, act["wrong"]))
    return found


def tell_transfers(contacts: Json, became: Json) -> None:
    """Every file in a line, with a link to its case."""
    rows = []
    for contact, files in files_of(contacts).items():
        cases = became[contact]["cases"]
        for part in files:
            id, state = cases[f"{PROCESS} {part['key']}"]
            title = contacts[contact]["title"]
            rows.append(
                {
                    "transfer": title,
                    "case": link(id) or part["transfer"],
                    "ends": str(state),
                    "why": part["says"],
                }
            )
    if rows:
        show(rows, ["transfer", "case", "ends", "why"])
