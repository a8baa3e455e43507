"""`vaxel worker --processes`: each worker takes work, one that is killed comes back, SIGTERM drains them all.

Those who are told to end have been at work by then: the two that the tests before have had, and not one that comes back.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from forked import Forked
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from town import Town
from worker_driver import Start, backlog, comes, held, one, run, settled

from cli.up.children import wait_until

COMES_UP = 180
"""Seconds that programs may take to come up on a busy machine."""


def _workers_of(parent: Forked) -> set[int]:
    threads = Path(f"/proc/{parent.pid}/task").glob("*/children")
    return {int(pid) for children in threads for pid in children.read_text("ascii").split()}


def _is_up(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def started(workers_of_all: Start) -> Iterator[list[Forked]]:
    """The programs that have begun two workers each; none of them outlives the file."""
    seen: list[Forked] = []
    yield seen
    for parent in seen:
        begun = _workers_of(parent)
        parent.kill()
        for pid in begun:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def two(town: Town, workers_of_all: Start, started: list[Forked]) -> Forked:
    """Two workers under one program: those of the test before, while both are there."""
    if not started or len(_workers_of(started[-1])) < 2:
        started.append(workers_of_all("--processes", "2", VAXEL_LEASE_SECONDS="4"))
        wait_until(lambda: len(_workers_of(started[-1])) == 2, COMES_UP, "there are no two")
    return started[-1]


@contextmanager
def _frozen(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_each_takes_work_while_the_other_stands_still(town: Town, two: Forked) -> None:
    first, second = _workers_of(two)
    for done, still in ((5, first), (10, second)):
        with _frozen(still):
            await asyncio.to_thread(backlog, town, 5, done - 5)
            await comes(lambda done=done: settled() == done, f"{done} were not done by one alone")  # type: ignore[misc]


async def test_of_a_backlog_that_one_run_has_no_room_for_both_have_their_part(
    town: Town, two: Forked
) -> None:
    backlog(town, 330)
    town.has_fault("sms", "slow", probability=1, seconds=0.2)
    await run()
    await asyncio.to_thread(
        wait_until, lambda: _holders() == 2, COMES_UP, "one has all, the other nothing to do"
    )
    town.is_well_again()
    await comes(lambda: settled() == 330, "the backlog was not done")
    await asyncio.to_thread(
        wait_until, lambda: asyncio.run(_waiting_runs()) == 0, COMES_UP, "a run was left to nobody"
    )


def _holders() -> int:
    return one("SELECT count(DISTINCT owner) FROM booking_publication WHERE owner IS NOT NULL")


async def _waiting_runs() -> int:
    """Runs of the bookings that have been asked for and that no worker has taken."""
    states = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED, StateType.PENDING]))
    async with get_client() as client:
        waiting = await client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=["booking-publication"])),
            flow_run_filter=FlowRunFilter(state=states),
        )
    return len(waiting)


async def test_sigterm_drains_both_and_ends_with_0(town: Town, two: Forked) -> None:
    both = _workers_of(two)
    backlog(town, 40)
    town.has_fault("sms", "slow", probability=1, seconds=0.4)
    await run()
    await asyncio.to_thread(wait_until, lambda: len(town.sms()) > 2, COMES_UP, "it did not begin")
    two.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(two.wait, 60) == 0
    assert not any(_is_up(pid) for pid in both)
    assert held() == 0
    assert one("SELECT count(*) FROM effect WHERE state = 'sending'") == 0
    assert settled() < 40


async def test_one_that_is_killed_comes_back_and_nothing_is_lost_or_done_twice(
    town: Town, two: Forked
) -> None:
    backlog(town, 30)
    town.has_fault("sms", "slow", probability=1, seconds=0.2)
    await run()
    await run()
    await asyncio.to_thread(wait_until, lambda: len(town.sms()) > 2, COMES_UP, "it did not begin")
    killed = min(_workers_of(two))
    os.kill(killed, signal.SIGKILL)
    await asyncio.to_thread(
        wait_until, lambda: len(_workers_of(two) - {killed}) == 2, 30, "the killed one did not come back"
    )
    town.is_well_again()
    await comes(lambda: settled() == 30, "the backlog was not done")
    assert len({message["to"] for message in town.sms()}) == len(town.sms()) == 30


def test_where_their_program_is_killed_both_end(two: Forked) -> None:
    both = _workers_of(two)
    two.kill()
    wait_until(
        lambda: not any(_is_up(pid) for pid in both), 60, "a worker has outlived the program that began it"
    )
