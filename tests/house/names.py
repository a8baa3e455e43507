"""How many names of our own a reader meets in one process: those that its files have from elsewhere.

The files of a process are `flows/<process>.py`, `models/<process>.py` and all in `tasks/<process>/`. What is counted of
them is each name once, however many of them have it:

- what is imported from one of our rooms (`routine.notice.may_notify` is one);
- of a module that is imported as a whole, each part that is used (`clock.now` and `clock.today` are two);
- what one of the process's files has from another of them.

Not counted: what a file defines and uses itself, since it is read where it stands; methods and fields of what is met;
Python's own names and those of other people's libraries.

Beside that of the whole process stands the number of that file of it in which most are met: what one has to know at a
time.

`python tests/house/names.py` prints both numbers of each process, `python tests/house/names.py PROCESS` its names.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from statistics import median

from counted import House, house_at

OURS = ("engine", "flows", "models", "routine", "systems", "tasks")


def processes(house: House) -> list[str]:
    """Those that have a flow and a folder of steps."""
    folders = {
        name.split(".")[1] for name in house.modules if name.startswith("tasks.") and name.count(".") == 2
    }
    return sorted(name for name in folders if f"flows.{name}" in house.modules)


def names_of(house: House, process: str) -> set[str]:
    """The names that are met in a process, with where each is defined."""
    return {name for module in _files(house, process) for name in _met(house, module)}


def in_all(house: House) -> dict[str, int]:
    """How many they are, by process."""
    return {process: len(names_of(house, process)) for process in processes(house)}


def in_one_file(house: House) -> dict[str, int]:
    """How many of them are met in the file that has most, by process."""
    return {
        process: max(len(set(_met(house, file))) for file in _files(house, process))
        for process in processes(house)
    }


def _files(house: House, process: str) -> Iterator[str]:
    alone = (f"flows.{process}", f"models.{process}")
    yield from (name for name in house.modules if name in alone or name.startswith(f"tasks.{process}."))


def _met(house: House, module: str) -> Iterator[str]:
    nodes = list(ast.walk(house.modules[module]))
    wholes: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in OURS:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if name in house.modules:
                    wholes[alias.asname or alias.name] = name
                else:
                    yield name
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in wholes:
            yield f"{wholes[node.value.id]}.{node.attr}"


def run() -> None:
    """Prints them."""
    house = house_at()
    for process in sys.argv[1:]:
        sys.stdout.write("\n".join(sorted(names_of(house, process))) + "\n")
    if not sys.argv[1:]:
        every, one = in_all(house), in_one_file(house)
        lines = [(every[process], one[process], process) for process in every]
        lines.append((int(median(every.values())), int(median(one.values())), "in the middle"))
        sys.stdout.write("".join(f"{all:4} {file:4}  {name}\n" for all, file, name in lines))


if __name__ == "__main__":
    run()
