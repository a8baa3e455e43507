"""Killed at every step of a file, and in every act of its owner's: no bytes without a row, no row without its file, nothing told twice (bilder-1 to 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from image_town import ANNA, ImageTown, by_anna, bytes_of, lying, read, unfinished, versions
from killed import (
    AFTER,
    APART,
    BEFORE,
    COMMITTED,
    DURING,
    MIDWAY,
    OWNERS,
    RECORDED,
    RECORDING,
    UNCOMMITTED,
    Death,
    kill,
)

from bench.clamd import MARKER
from engine.base.settings import System, settings
from engine.ops.access_log import Act
from tasks.image_transfer import owner_acts
from tasks.image_transfer.cleaning import clean
from tasks.image_transfer.files import OwnFile

JPEG = bytes_of("jpeg")
LARGE, BYTES_PER_SECOND = 8_000_000, 4_000_000
"""Of a file that is on its way for a while: more than what a bucket is sent in one part."""


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
    points: tuple[str, ...] = APART


ALL = ["put", "expire"]
STORIES = {
    "it is fetched": Story(
        "fetch_into_storage", "storage", points=(BEFORE, DURING, MIDWAY, AFTER, RECORDING, RECORDED)
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
IN_BUCKET = [
    *(("it is fetched", point) for point in (DURING, MIDWAY, AFTER)),
    *(("its time is over", point) for point in (BEFORE, AFTER)),
]
"""Where a store is between its bytes and their row: over a bucket too."""


def test_every_step_of_theirs_that_calls_somebody_is_killed() -> None:
    ours = {name for name, (owner, _) in OWNERS.items() if owner == "image_transfer"}
    assert {story.step for story in STORIES.values()} | SCANNED == ours


@pytest.mark.parametrize(
    ("what", "point", "bucket"),
    [(what, point, "folder") for what, story in STORIES.items() for point in story.points]
    + [(*each, "s3") for each in IN_BUCKET],
    indirect=["bucket"],
)
async def test_bilder_1_to_4_what_a_killed_worker_leaves_is_a_file_of_its_owners_or_nothing(
    image_town: ImageTown, bucket: Any, what: str, point: str
) -> None:
    """design.md, Effects happen once."""
    town, story = image_town, STORIES[what]
    contact = town.writes(town.resident(), story.source)
    await town.comes_to_rest()
    plain = JPEG.ljust(LARGE, b"\0") if point == MIDWAY else JPEG
    refs = town.attaches_bytes(contact, plain, story.source, bytes_per_second=BYTES_PER_SECOND)
    transfer = town.asks_for(contact, refs, system=story.source)
    if story.after:
        await town.comes_to_rest()
        town.waits(**story.after)
    kill(Death(story.step, story.system, point), town.clock)
    assert unfinished() == (point == MIDWAY)
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
    assert len(rows) == len(versions(bucket)) == (0 if story.ends == "deleted" else 1)
    assert all(row.wrapped_key for row in rows)
    assert unfinished() == 0
    assert [read(file) for file in town.files() if file.place] == [plain] * len(rows)


@pytest.mark.parametrize("point", APART)
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
    plain = JPEG + (MARKER if infected else b"")
    transfer = town.asks_for(contact, town.attaches_bytes(contact, plain))
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


@dataclass(frozen=True)
class Ended:
    """How a file has ended by an act on our pages, and what the access log says of it."""

    state: str
    reason: str
    logged: tuple[str, str]


ANNAS = ANNA["hsa_id"]
ACTS = {
    "deleted": Ended("deleted", "file_discarded", (ANNAS, "delete")),
    "journalled": Ended("journalled", "file_journalled", (ANNAS, "journalled")),
    "opens no more": Ended("deleted", "file_not_opened", ("vaxel", "delete")),
}
"""All that is done with a file's bytes while somebody waits."""


def act(what: str, file: OwnFile) -> Callable[[], None]:
    match what:
        case "deleted":
            return partial(owner_acts.delete, file, by_anna(Act.DELETE, file))
        case "journalled":
            return partial(owner_acts.journalled, file, by_anna(Act.JOURNALLED, file))
        case "wished again":
            return partial(owner_acts.fetch_again, file, by_anna(Act.FETCH_AGAIN, file))
    return partial(owner_acts.cannot_be_opened, file, "file_changed")


def done_with(town: ImageTown) -> list[tuple[str, str]]:
    """What the access log says was done with files; who looked is left out, for the tests do."""
    return [each for each in town.accesses() if each[1] not in ("look", "download")]


FLOW, SWEEP = "its flow", "the sweep"
FEW = [(UNCOMMITTED, FLOW), (COMMITTED, FLOW), (COMMITTED, SWEEP)]
MORE = [(AFTER, SWEEP), *((point, FLOW) for point in (BEFORE, AFTER, RECORDING, RECORDED))]
WAYS = [
    *((store, "deleted", *way) for store in ("folder", "s3") for way in FEW + MORE),
    *(("folder", what, *way) for what in ACTS if what != "deleted" for way in FEW),
]
"""What is done with the bytes is one and the same in all acts, and known of each store by one of them."""


@pytest.mark.parametrize(("bucket", "what", "point", "taken_by"), WAYS, indirect=["bucket"])
@pytest.mark.usefixtures("bucket")
async def test_bilder_2_to_4_a_gateway_killed_in_an_act_of_its_owners_has_done_it_once_or_not_at_all(
    image_town: ImageTown, what: str, point: str, taken_by: str
) -> None:
    """Once it is committed nobody has the file; its bytes are taken by its flow, or by the sweep if that stands still."""
    town, ended = image_town, ACTS[what]
    contact, transfer = town.gets("jpeg")
    await town.comes_to_rest()
    file = town.file(transfer)
    kill(Death("remove_from_storage", "storage", point), town.clock, act(what, file))
    if point == UNCOMMITTED:
        assert (town.downloads(file), done_with(town)) == (200, [(ANNAS, "put")])
        act(what, file)()
    assert (town.downloads(file), town.file(transfer).place) == (410, None)
    if taken_by == SWEEP:
        town.waits(minutes=10)
        clean()
        assert (lying(), town.rows()) == (set(), [])
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    assert (lying(), town.rows(), town.downloads(file)) == (set(), [], 410)
    town.waits(hours=25)
    clean()
    await town.comes_to_rest()
    assert (town.stands(transfer), town.file(transfer).reason) == ([ended.state], ended.reason)
    assert done_with(town) == [(ANNAS, "put"), ended.logged], "and it has not lapsed as well"
    assert town.alerts(contact) == ["image_ready"]
    assert town.times(transfer, "file_ended") == 1


@pytest.mark.parametrize("what", ACTS)
@pytest.mark.parametrize("point", [UNCOMMITTED, COMMITTED])
async def test_bilder_4_what_a_killed_gateway_left_half_done_may_be_wished_again_and_that_survives_a_death_too(
    image_town: ImageTown, what: str, point: str
) -> None:
    """Its owner wishes it anew while the bytes of before still lie there, and the gateway dies in that as well."""
    town = image_town
    contact, transfer = town.gets("jpeg")
    await town.comes_to_rest()
    file = town.file(transfer)
    kill(Death("remove_from_storage", "storage", COMMITTED), town.clock, act(what, file))
    gone = town.file(transfer)
    kill(Death("remove_from_storage", "storage", point), town.clock, act("wished again", gone))
    if point == UNCOMMITTED:
        act("wished again", gone)()
    await town.comes_to_rest()
    new = town.file(transfer)
    assert (town.stands(transfer), read(new)) == (["told"], JPEG)
    town.waits(minutes=10)
    clean()
    assert lying() == {row.name for row in town.rows()} == {new.place.name if new.place else None}
    assert [who for who, _ in done_with(town)][1] == ACTS[what].logged[0]
    assert [done for _, done in done_with(town)] == ["put", ACTS[what].logged[1], "fetch_again", "put"]
    assert town.alerts(contact) == ["image_ready"] * 2
