"""The processes: one that runs the tests on the code as it is, and one for each change.

Each is a fork of this one, which imports what the tests need but nothing of the project, and works in a copy of the
project: the tests may read a module as a text too.
"""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path

import pytest

from bench.mutants.changes import Change
from bench.mutants.same_program import is_same
from bench.mutants.watch import OUT_OF_TIME, Watch, allow

FORK = multiprocessing.get_context("fork")
PYTEST = ("-x", "-qq", "--tb=short", "-p", "no:cacheprovider")
SAME, UNFIT = 40, 41
ENDS = {0: "alive", 1: "killed", 2: "killed", 5: "alive", OUT_OF_TIME: "timed out"}  # pytest's, and ours
ENDS |= {SAME: "same program", UNFIT: "cannot be imported"}


def move_to(copy: Path, output: int) -> None:
    """Here the project is this copy of it."""
    os.dup2(output, 1)
    os.chdir(copy)
    sys.path.insert(0, str(copy))


def learn(copy: Path, to: Connection, but: list[str]) -> None:
    """In a process of its own: run the tests on the code as it is; send what was learned, and what they import."""
    move_to(copy, output=2)
    sys.dont_write_bytecode = False  # the tests are compiled once for all
    watch = Watch()
    sys.setprofile(watch.profile)
    if pytest.main([*PYTEST, *but, "tests/routine"], plugins=[watch]):
        sys.exit(1)
    sys.setprofile(None)
    modules = sys.modules.items()
    to.send((watch, [name for name, one in modules if str(copy) not in str(getattr(one, "__file__", None))]))


def attempt(change: Change, watch: Watch, copy: Path) -> None:
    """In a process of its own: make the change, run the tests that reach it, and end with what came of it."""
    sys.dont_write_bytecode = True  # or the next change, made in the same second, would be taken for this one
    os.dup2(nothing := os.open(os.devnull, os.O_WRONLY), 2)
    move_to(copy, output=nothing)
    allow(30)
    file = copy / "routine" / change.file
    code = file.read_text("utf-8")
    file.write_text(changed := change.made(code), "utf-8")
    module = None
    with suppress(Exception):
        module = importlib.import_module(f"routine.{file.stem}".removesuffix(".__init__"))
    if module is None:
        sys.exit(UNFIT)
    if is_same(code, changed, vars(module)):
        sys.exit(SAME)
    where = {test.partition("::")[0] for test in watch.pick(change)}
    sys.exit(pytest.main([*PYTEST, *sorted(where)], plugins=[watch]) if where else 0)


def attempts(todo: list[Change], watch: Watch, pristine: Path, jobs: int) -> Iterator[tuple[Change, str]]:
    """So many at a time, each in a copy of its own; gives each with what came of it."""
    free = [shutil.copytree(pristine, pristine.with_name(f"copy{job}")) for job in range(jobs)]
    todo = todo[::-1]  # taken from its end
    running: dict[int, tuple[ForkProcess, Change, Path]] = {}
    while todo or running:
        while todo and free:
            change, copy = todo.pop(), free.pop()
            process = FORK.Process(target=attempt, args=(change, watch, copy))
            process.start()
            running[process.sentinel] = process, change, copy
        for sentinel in wait(list(running)):
            process, change, copy = running.pop(int(str(sentinel)))
            process.join()
            shutil.copy2(pristine / "routine" / change.file, copy / "routine" / change.file)
            free.append(copy)
            yield change, ENDS.get(process.exitcode or 0, "crashed")


def learned(pristine: Path, but: list[str]) -> Watch:
    """What one run of all tests tells, `but` for those that an option leaves out; imports what they need."""
    receive, send = FORK.Pipe(duplex=False)
    FORK.Process(target=learn, args=(pristine, send, but)).start()
    send.close()
    watch: Watch
    try:
        watch, imported = receive.recv()
    except EOFError:
        sys.exit("The tests fail on the code as it is.")
    for name in imported:
        with suppress(Exception):
            importlib.import_module(name)
    gc.freeze()
    shutil.rmtree(pristine / "routine" / "__pycache__", ignore_errors=True)
    return watch
