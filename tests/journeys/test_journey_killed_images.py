"""Killed at every step of a file: no bytes without a row, no row without its file, nothing told twice (bilder-1 to 4)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from image_town import ImageTown, lying
from killed import AFTER, BEFORE, DURING, OWNERS, RECORDED, RECORDING, Death, kill

from bench.clamd import MARKER
from engine.settings import System, settings
from sandbox.files.samples import sample
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
SCANNED = {"scan_held_file"}
"""Killed too, with a real scanner."""


def test_every_step_of_theirs_that_calls_somebody_is_killed() -> None:
    ours = {name for name, (owner, _) in OWNERS.items() if owner == "image_transfer"}
    assert {story.step for story in STORIES.values()} | SCANNED == ours


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


@pytest.mark.parametrize("point", [BEFORE, AFTER, RECORDING, RECORDED])
@pytest.mark.parametrize("infected", [False, True], ids=["clean", "infected"])
async def test_policy_bild_2_what_a_killed_worker_was_looking_at_is_looked_at_again(
    image_town: ImageTown,
    real_clamd: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    point: str,
    infected: bool,
) -> None:
    """Held until a scanner has looked at it: it is given out or refused once, and nothing of what is refused is left."""
    town = image_town
    town.region_learns('[storage]\nappointed = true\nnot_scanned = "hold"\n')
    monkeypatch.setitem(settings().systems, "clamd", System(url="unix:///no/such/socket"))
    contact = town.writes(town.resident())
    plain = b"".join(sample("jpeg").chunks()) + (MARKER if infected else b"")
    there = {"system": "platform24", "ref": "ref-held", "contact": contact}
    town.http.post(
        "/attachments", json=there | {"base64": base64.b64encode(plain).decode()}
    ).raise_for_status()
    transfer = town.asks_for(contact, ["ref-held"])
    await town.comes_to_rest()
    assert town.stands(transfer) == ["held"]
    monkeypatch.setitem(settings().systems, "clamd", System(url=real_clamd[0]))
    town.waits(minutes=30)
    kill(Death("scan_held_file", "storage", point), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=3600)
    ended = ("refused", "image_refused") if infected else ("told", "image_ready")
    assert (town.stands(transfer), town.alerts(contact)) == ([ended[0]], [ended[1]])
    town.waits(minutes=10)
    clean()
    assert {row.name for row in town.rows()} == lying()
    assert len(lying()) == (0 if infected else 1)
    assert sorted(act for _, act in town.accesses()) == (["delete", "put"] if infected else ["put"])
