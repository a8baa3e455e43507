"""The next day of the sample day: what came of each visit, as the outer systems have it, and what should have."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import httpx

from cli.sample_day.contacts import link
from cli.terminal import show

Json = dict[str, Any]
REMINDER = re.compile(r"(?:bokad tid|förra påminnelsen:) (\d+/\d+ kl\. \d\d\.\d\d)")
"""In the text of a reminder, of which time it is."""
NAMES = ("reminders", "tasks", "arrived", "joined")
VIDEO = ("platform24", "hope", "lifecare")


def what_became_of_visits(town: httpx.Client, visits: list[Json]) -> dict[str, Json]:
    """By booking: the times that its resident was reminded of, and when the first came; tasks; who has come."""
    sms = town.get("/inspect/sms").json()["messages"]
    vas = town.get("/inspect/vas").json()
    arrived = {booking["id"] for booking in vas["bookings"] if booking.get("arrived")}
    joined = {
        each["personnummer"]: name for name in VIDEO for each in town.get(f"/inspect/{name}").json()["joined"]
    }
    return {
        said["booking"]: _of_visit(said, sms, vas["staff_tasks"])
        | {
            "arrived": said["booking"] in arrived if said["arrived"] is not None else None,
            "joined": joined.get(said["patient"], "") if said["joined"] is not None else None,
        }
        for said in visits
    }


def _of_visit(said: Json, sms: list[Json], tasks: list[Json]) -> Json:
    sent = [each for each in sms if each["to"] == said["phone"] and REMINDER.search(each["message"])]
    return {
        "reminders": [found for each in sent for found in REMINDER.findall(each["message"])],
        "first": sent[0]["at"] if sent else None,
        "tasks": [task["reason"] for task in tasks if said["phone"] in task["text"]],
    }


def visits_unlike(
    visits: list[Json], became: dict[str, Json], acts: list[Json], ahead: timedelta = timedelta(0)
) -> Json:
    """What is not as the day says; empty when all is well.

    Args:
        acts: what people did, with what was `wrong` about the page that they came to.
        ahead: how far our clock is before the sandbox's.
    """
    found: Json = {}
    for said in visits:
        was = became[said["booking"]]
        wrong = {name: f"{was[name]} instead of {said[name]}" for name in NAMES if was[name] != said[name]}
        if said["due"] and was["first"] and _moment(was["first"]) + ahead < _moment(said["due"]):
            wrong["reminders"] = f"sent at {was['first']}, ahead of {said['due']}"
        if wrong:
            found[f"{said['title']}, {said['booking']}"] = wrong
    for act in acts:
        if act["does"] in ("checks_in", "joins") and act["wrong"]:
            found[act["title"]] = act["wrong"]
    return found


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at)


def tell_visits(visits: list[Json], became: dict[str, Json], bookings: Json) -> None:
    """Every visit of the next day in a line, with a link to its booking's case."""
    rows = [
        {
            "the next day": said["title"],
            "case": link(bookings[said["booking"]]["id"]) or said["booking"],
            "what came": _in_words(became[said["booking"]]),
            "why": said["why"],
        }
        for said in visits
    ]
    show(rows, ["the next day", "case", "what came", "why"])


def _in_words(was: Json) -> str:
    if was["joined"] is not None:
        return f"joined at {was['joined']}" if was["joined"] else "not joined"
    if was["arrived"] is not None:
        return "checked in" if was["arrived"] else "not checked in"
    reminded = [f"reminded of {at}" for at in was["reminders"]] or ["no reminder"]
    return ", ".join([*reminded, *(f"a task for staff: {task}" for task in was["tasks"])])
