"""Killed at every step of a file: no bytes without a row, no row without its file, nothing told twice (bilder-1 to 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from image_town import ImageTown, lying
from killed import AFTER, BEFORE, DURING, OWNERS, RECORDED, RECORDING, Death, kill

from tasks.image_transfer.cleaning import clean

Begins = Callable[[ImageTown], None]


@dataclass(frozen=True)
class Story:
    """What is under way when the worker dies, and what there is in the end, whatever it left."""

    step: str
    system: str
    after: dict[str, float] | None = None
    """So much time after it had come to rest; None: at once."""
    source: str = "platform24"
    region: str = ""
    ends: str = "told"
    alerts: list[str] = field(default_factory=lambda: ["image_ready"])
    acts: list[str] = field(default_factory=lambda: ["put"])
    points: tuple[str, ...] = (BEFORE, AFTER, RECORDED)


ALL = ["put", "expire"]
STORIES = {
    "it is fetched": Story(
        "fetch_into_storage", "storage", points=(BEFORE, DURING, AFTER, RECORDING, RECORDED)
    ),
    "its owner is told": Story("tell_owner", "platform24"),
    "its owner is told by a task": Story("tell_owner", "vas", source="e1177"),
    "its owner is reminded": Story(
        "remind_owner",
        "platform24",
        {"hours": 20, "minutes": 1},
        ends="reminded",
        alerts=["image_ready", "image_lapses"],
    ),
    "its owner is reminded by a task": Story(
        "remind_owner",
        "vas",
        {"hours": 20, "minutes": 1},
        source="e1177",
        ends="reminded",
        alerts=["image_ready", "image_lapses"],
    ),
    "its time is over": Story("remove_from_storage", "storage", {"hours": 25}, ends="deleted", acts=ALL),
}
UNKILLED = {"scan_held_file"}
"""To look twice is to look. Where it died between the bytes of what it refuses and their row, that is held to its end."""


def test_every_step_of_theirs_that_calls_somebody_is_killed() -> None:
    ours = {name for name, (owner, _) in OWNERS.items() if owner == "image_transfer"}
    assert {story.step for story in STORIES.values()} | UNKILLED == ours


@pytest.mark.parametrize(
    ("what", "point"), [(what, point) for what, story in STORIES.items() for point in story.points]
)
async def test_bilder_1_to_4_what_a_killed_worker_leaves_is_a_file_of_its_owners_or_nothing(
    image_town: ImageTown, what: str, point: str
) -> None:
    """design.md, Effects happen once."""
    town, story = image_town, STORIES[what]
    contact = town.writes(town.resident(), story.source)
    await town.comes_to_rest()
    transfer = town.asks_for(
        contact, town.attaches(contact, "jpeg", system=story.source), system=story.source
    )
    if story.after:
        await town.comes_to_rest()
        town.waits(**story.after)
    kill(Death(story.step, story.system, point), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    assert town.stands(transfer) == [story.ends]
    told = [task["reason"] for task in town.tasks()] if story.source == "e1177" else town.alerts(contact)
    assert told == (story.alerts if story.ends != "deleted" else told)
    assert len(set(told)) == len(told), "nothing is told twice"
    assert [act for _, act in town.accesses()] == story.acts
    town.waits(minutes=10)
    clean()
    rows = town.rows()
    assert {row.name for row in rows} == lying()
    assert len(rows) == (0 if story.ends == "deleted" else 1)
    assert all(row.wrapped_key for row in rows)
