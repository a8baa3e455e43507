"""A process that acts by itself, without Prefect: what it parks is shown by the next run that Prefect makes."""

from __future__ import annotations

from errands import Movable, a_process, a_step, always, put_cases, sql

from cli.up.children import wait_until
from engine.prefect.by_itself import ByItself
from engine.running import runs
from engine.steps.verdicts import Park


def test_what_it_parks_is_there_to_be_shown_once(moving: Movable) -> None:
    ids = put_cases(3)
    acting = ByItself(a_process(a_step(always(Park("not_authorised")))))
    acting.start()
    try:
        wait_until(
            lambda: sql("SELECT count(*) FROM errand WHERE parked IS NULL") == [(0,)], 30, "none parked"
        )
    finally:
        acting.stop(30)
    assert sorted(runs.take_unshown("errand")) == sorted((id, "not_authorised") for id in ids)
    assert runs.take_unshown("errand") == []
