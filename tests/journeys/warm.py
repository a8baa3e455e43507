"""All that a program of ours loads, loaded once: processes are forked from the one that has it (`warm.START`)."""

from __future__ import annotations

import gc
import multiprocessing
import sys
from importlib import import_module
from pathlib import Path

START = multiprocessing.get_context("forkserver")
START.set_forkserver_preload(["tests.journeys.warm"])

if __name__ == "tests.journeys.warm":  # In the program that is forked from, which knows us by this name.
    gc.disable()  # what is loaded stays
    from sqlalchemy.orm import configure_mappers

    from engine.base.settings import settings
    from flows.registry import PROCESSES
    from routine.region_file import load_region

    for each in (*PROCESSES, "index_reconciliation"):
        import_module(f"flows.{each}")
    for program in ("cli.app", "engine.ops.by_hand", "engine.prefect.worker", "engine.prefect.by_itself"):
        import_module(program)
    sys.path.append(str(Path(__file__).parent))
    import_module("killed")  # whoever unpickles what a death is begins with it
    configure_mappers()
    settings()
    load_region(settings().region_files)
    gc.collect()
    gc.freeze()
    gc.enable()
