"""The flow of the side `prefect`: one flow run a case, three tasks. Prefect loads it in a subprocess a run."""

from __future__ import annotations

from prefect import flow, task

from bench.engine.work import STEPS, post


@task
def step(key: str, name: str, note: str) -> str:
    """One post."""
    return post(key, name, note)


@flow(name="bench-ordinary")
def case(key: str, note: str) -> None:
    """Three tasks, one after another."""
    for name in STEPS:
        step(key, name, note)
