"""All that a program of ours loads, loaded once: processes are forked from the one that has it (`warm.START`)."""

from __future__ import annotations

import gc
import multiprocessing
from importlib import import_module

START = multiprocessing.get_context("forkserver")
START.set_forkserver_preload(["tests.journeys.warm"])

if __name__ == "tests.journeys.warm":  # In the program that is forked from, which knows us by this name.
    from sqlalchemy.orm import configure_mappers

    from engine.base.settings import settings
    from flows.registry import PROCESSES

    for each in (*PROCESSES, "index_reconciliation"):
        import_module(f"flows.{each}")
    for program in ("cli.app", "engine.ops.by_hand", "engine.prefect.worker", "engine.prefect.by_itself"):
        import_module(program)
    configure_mappers()
    settings()
    gc.collect()
    gc.freeze()
