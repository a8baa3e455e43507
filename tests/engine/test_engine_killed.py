"""Killed at every step: a worker dies at each named point, another takes over, and nothing is done twice."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator

import pytest
from errands import (
    Errand,
    Movable,
    a_process,
    all_stored,
    effect_of,
    occasion,
    put_cases,
    run,
    said,
    sql,
    whole,
)
from killed_worker import POINTS, step_to, work_and_die
from outer_system import OuterSystem, running

from engine.base import clock
from engine.base.database import VAXEL, url_of
from engine.ops import by_hand

START = multiprocessing.get_context("forkserver")
START.set_forkserver_preload(["engine.ops.by_hand", "engine.running.work"])


@pytest.fixture
def system(request: pytest.FixtureRequest) -> Iterator[OuterSystem]:
    with running(by_key=getattr(request, "param", "") == "takes a key") as system:
        yield system


def kill(kind: str, system: OuterSystem, point: str) -> None:
    """A worker in a process of its own, killed at the point."""
    worker = START.Process(target=work_and_die, args=(kind, system.port, point, url_of(VAXEL)))
    worker.start()
    worker.join(20)
    assert worker.exitcode == 9


def recover(kind: str, system: OuterSystem, moving: Movable) -> None:
    """Another worker, when the lease and the settling time are over."""
    for _ in range(3):
        moving.move(70)
        run(a_process(step_to(kind, system.port)))


def test_the_step_does_it_once_when_nobody_dies(moving: Movable, system: OuterSystem) -> None:
    put_cases(5)
    run(a_process(step_to("can be asked", system.port)))
    assert set(system.effects().values()) == {1}
    assert len(system.effects()) == 5


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(
    ("system", "kind"),
    [("can be asked",) * 2, ("takes a key",) * 2],
    ids=["asked", "key"],
    indirect=["system"],
)
def test_exactly_one_effect_where_it_can_be_known(
    moving: Movable, system: OuterSystem, kind: str, point: str
) -> None:
    (id,) = put_cases(1)
    kill(kind, system, point)
    recover(kind, system, moving)
    assert list(system.effects().values()) == [1]
    (case,) = all_stored()
    assert (case.state, case.parked, case.owner) == ("done", None, None)
    assert whole(id)


@pytest.mark.parametrize("point", POINTS[:2])
def test_a_blind_system_never_has_two_and_the_unknown_is_parked(
    moving: Movable, system: OuterSystem, point: str
) -> None:
    (id,) = put_cases(1)
    kill("cannot_be_asked", system, point)
    recover("cannot_be_asked", system, moving)
    effect = effect_of("errand:case-00000")
    assert effect is not None
    assert effect.state == "parked"
    assert sum(system.effects().values()) == (0 if point == "before the call" else 1)
    assert ("effect_unknown", "unknown_effect") in said(id)


@pytest.mark.parametrize("point", POINTS[2:])
def test_a_blind_system_has_one_when_it_was_recorded(
    moving: Movable, system: OuterSystem, point: str
) -> None:
    put_cases(1)
    kill("cannot_be_asked", system, point)
    recover("cannot_be_asked", system, moving)
    assert sum(system.effects().values()) == 1
    assert sql("SELECT state FROM effect") == [("done",)]


@pytest.mark.parametrize(("point", "arrived"), [("before the call", False), ("after the call", True)])
def test_a_human_settles_the_unknown_and_there_is_one(
    moving: Movable, system: OuterSystem, point: str, arrived: bool
) -> None:
    put_cases(1)
    kill("cannot_be_asked", system, point)
    recover("cannot_be_asked", system, moving)
    effect = effect_of("errand:case-00000")
    assert effect is not None
    by_hand.resolve({"errand": Errand}, effect.id, arrived=arrived)
    recover("cannot_be_asked", system, moving)
    assert list(system.effects().values()) == [1]


@pytest.mark.parametrize("point", POINTS)
def test_twins_with_one_number_and_one_text_get_one_each(
    moving: Movable, system: OuterSystem, point: str
) -> None:
    put_cases(2)
    kill("twins", system, point)
    recover("twins", system, moving)
    assert system.effects() == {"alike": 2}
    owned = sql("SELECT provider_id FROM effect WHERE state = 'done' ORDER BY 1")
    assert owned == [("m0",), ("m1",)]


def test_a_system_that_was_away_gets_each_once(moving: Movable) -> None:
    put_cases(6)
    with running() as gone:
        port = gone.port
    run(a_process(step_to("can be asked", port)))
    assert sql("SELECT count(*) FROM effect WHERE state <> 'not_sent'") == [(0,)]
    with running() as back:
        moving.move(20)
        run(a_process(step_to("can be asked", back.port)))
        moving.move(20)
        run(a_process(step_to("can be asked", back.port)))
        assert sorted(back.effects()) == sorted(occasion(case) for case in all_stored())
    assert clock.now() == moving.at
