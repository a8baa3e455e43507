"""The sample day: played in stages, each when the one before has settled, and what should come of it.

1. Bookings are made. 2. They are changed, cancelled, rebooked; patients and units merge; one patient dies.
3. A unit is connected: a thousand bookings that have been there for long come in one batch.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

from sandbox.people import People
from sandbox.sample_changes import CHANGES
from sandbox.sample_children import CHILDREN
from sandbox.sample_numbers import LOAD
from sandbox.sample_scene import FALKENBERG, HALMSTAD, LAHOLM, UNITS, Day, Json, Scene, Sent
from sandbox.sample_stories import STORIES
from sandbox.vas import Vas
from sandbox.webhooks import Event, Webhooks

STAGES = 3
REGION = "region.toml"
"""The overlay with the day's units, beside this module."""
VISITS_EACH = 10
EVERY_INBOX = 50


def told() -> Day:
    """The day, from this moment on."""
    day = Day()
    for story in (*STORIES, *CHILDREN, *CHANGES):
        story(day)
    bulk_load(day)
    return day


def bulk_load(day: Day) -> None:
    """Ten bookings for each of a hundred residents, not marked as a replay: their number alone must tell."""
    why = "A bulk load publishes and notifies nobody."
    people, batch = day.people.setdefault(3, []), day.batches.setdefault(3, [])
    for index, number in enumerate(LOAD):
        scene = Scene(day, "The bulk load", _of_the_load(index, number))
        people.append(scene.person)
        for visit in range(VISITS_EACH):
            by_inbox = (index * VISITS_EACH + visit) % EVERY_INBOX == 0
            unit = FALKENBERG if by_inbox else (HALMSTAD, LAHOLM)[visit % 2]
            booking = scene.booked(unit, day.at(5 + 9 * visit, 8 + index % 8), stage=3)
            scene.expect(booking, "Booking", why, after=3, inbox=int(by_inbox))
    batch += [sent.event for sent in day.events.pop(3)]


def _of_the_load(index: int, number: str) -> Json:
    return {
        "personnummer": number,
        "name": f"Test Laddning{index:03}",
        "phone": f"+467017406{index % 90 + 5:02}",
        "preferences": {"notice_by": ["sms"]},
    }


def about(day: Day, after: int = STAGES) -> Json:
    """The day as `GET /sample-day` shows it: what should have become of every booking after that stage."""
    outcome = day.outcome(after)
    return {
        "stages": STAGES,
        "region": REGION,
        "run": day.run,
        "residents": len({one["patient"] for one in outcome.values()}),
        "expected": outcome,
        "refused": day.refused,
    }


class Town(Protocol):
    """Where the day is played: `sandbox.region.Region`."""

    people: People
    vas: Vas
    webhooks: Webhooks

    @property
    def day(self) -> Day: ...

    def connect(self, unit: str, connected: bool) -> None: ...


def play(town: Town, stage: int) -> Json:
    """Plays one stage; the same stage again sends the same webhooks with the same ids."""
    day = town.day
    for unit in UNITS:
        town.connect(unit.hsa_id, unit.connected)
    for person in day.people.get(stage, []):
        town.people.put(person)
    answers = [_send(town, sent) for sent in day.events.get(stage, [])]
    batch = [_now(event) for event in day.batches.get(stage, [])]
    for event in batch:
        town.vas.apply(event.type, event.data)
    batches = town.webhooks.send_batch("vas", batch) if batch else []
    return {"stage": stage, "sent": answers, "batches": [_counted(one) for one in batches]}


def _send(town: Town, sent: Sent) -> Json:
    event = sent.event
    if sent.in_vas and event.source == "vas":
        town.vas.apply(event.type, event.data)
    booking = event.data.get("booking", {}).get("id")
    return {"booking": booking} | town.webhooks.send(_now(event))


def _now(event: Event) -> Event:
    return replace(event, timestamp=datetime.now(UTC).isoformat())


def _counted(batch: dict[str, Any]) -> Json:
    """A batch's answer without the thousand single ones."""
    answer = batch["answer"]
    each = answer.get("events") if isinstance(answer, dict) else None
    return {"events": batch["events"], "status": batch["status"], "answered": len(each or [])}
