"""A run of one case, as ops ask for it in Prefect's UI, and what the UI shows of a run's cases."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from typing import Any

import pytest
from forked import Forked
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import Artifact, FlowRun
from sqlalchemy import text
from town import Town
from worker_driver import NAME, Start, backlog, settled

from cli.up.children import wait_until
from cli.up.prefect_setup import prefect
from engine.base.database import transaction
from engine.base.settings import settings
from engine.ops import by_hand
from flows.registry import PROCESSES

UNTIL = 40


def _ids(where: str = "true") -> list[uuid.UUID]:
    with transaction() as connection:
        found = connection.execute(text(f"SELECT id FROM booking_publication WHERE {where} ORDER BY key"))
        return list(found.scalars())


def _park(id: uuid.UUID) -> None:
    parked = text("UPDATE booking_publication SET parked = 'unit_unknown', due_at = NULL WHERE id = :id")
    with transaction() as connection:
        connection.execute(parked, {"id": id})


async def _run(**parameters: Any) -> FlowRun:
    """A run with these parameters, once it is over."""
    async with get_client() as client:
        deployment = await client.read_deployment_by_name(NAME)
        run = await client.create_flow_run_from_deployment(deployment.id, parameters=parameters)
        for _ in range(10 * UNTIL):
            run = await client.read_flow_run(run.id)
            if run.state and run.state.is_final():
                return run
            await asyncio.sleep(0.1)
    raise AssertionError("the run did not end")


async def _artifacts(run: FlowRun) -> list[Artifact]:
    of = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
    async with get_client() as client:
        return await client.read_artifacts(artifact_filter=of)


@pytest.fixture(scope="module")
def worker(workers_of_all: Start) -> Forked:
    """One that is up for all tests here: each run of theirs has ended before the next begins."""
    return workers_of_all()


@pytest.fixture
async def parked(town: Town, worker: Forked) -> list[uuid.UUID]:
    """Three settled bookings, two of them parked by hand."""
    backlog(town, 3)
    await _run()
    await asyncio.to_thread(wait_until, lambda: settled() == 3, UNTIL, "they were not settled")
    ids = _ids()
    for id in ids[:2]:
        _park(id)
    return ids


async def test_a_run_of_one_case_takes_that_case_up_and_no_other(parked: list[uuid.UUID]) -> None:
    run = await _run(case_id=str(parked[0]))
    assert run.state is not None
    assert (run.state.name, run.state.message) == ("Completed", "1 cases")
    assert run.name == f"booking_publication · {parked[0]}"
    assert _ids("parked IS NOT NULL") == [parked[1]]
    story = by_hand.story(PROCESSES, parked[0])
    assert ("taken_up_again", "retry") in [(entry["what"], entry["reason"]) for entry in story.timeline]
    assert story.runs[0]["id"] == str(run.id)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("0d95def2-5b70-40d9-a32f-4260467d049b", "booking_publication has no such case."),
        ("191212121212", "case_id is not the UUID of a case."),
    ],
)
async def test_what_is_no_case_fails_and_says_what_to_do_and_not_what_was_given(
    town: Town, worker: Forked, given: str, said: str
) -> None:
    run = await _run(case_id=given)
    assert run.state is not None
    assert run.state.name == "Failed"
    assert str(run.state.message).startswith(said)
    assert "`vaxel case" in str(run.state.message)
    assert given not in str(run.state.message)


async def test_the_command_line_of_prefect_takes_one_case_up(parked: list[uuid.UUID]) -> None:
    given = ("deployment", "run", NAME, "-p", f"case_id={parked[1]}")
    await asyncio.to_thread(prefect, os.environ, *given)
    await asyncio.to_thread(
        wait_until, lambda: _ids("parked IS NOT NULL") == [parked[0]], UNTIL, "it was not taken up"
    )


async def test_a_run_and_its_steps_show_their_cases_as_links_to_their_pages(
    town: Town, worker: Forked
) -> None:
    backlog(town, 2)
    run = await _run()
    assert (run.name, settled()) == ("booking_publication · 2 cases", 2)
    found = await _artifacts(run)
    of_run = [json.loads(str(each.data)) for each in found if each.task_run_id is None]
    links = {f"[{id}]({settings().gateway_here}/cases/{id})" for id in _ids()}
    assert [{row["case"] for row in rows} for rows in of_run] == [links]
    assert {(row["state"], row["last"], row["clause"]) for row in of_run[0]} == {
        ("settled", "notice", "besok-2")
    }
    of_steps = [json.loads(str(each.data)) for each in found if each.task_run_id]
    assert len(of_steps) >= 4
    assert all({row["case"] for row in rows} <= links for rows in of_steps)


async def test_a_run_says_in_its_log_what_became_of_its_cases_by_reason(town: Town, worker: Forked) -> None:
    backlog(town, 2)
    run = await _run()
    of = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id]))
    said: list[str] = []
    async with get_client() as client:
        for _ in range(10 * UNTIL):
            said = [line.message for line in await client.read_logs(log_filter=of)]
            if said:
                break
            await asyncio.sleep(0.1)
    assert said[0] == "2 cases taken"
    assert all(line.split()[0].isdigit() for line in said)
    assert len(said) < 8
