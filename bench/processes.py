"""What the processes of a bench have used of the machine, as Linux tells it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path


class WrongWork(Exception):
    """What was measured did not do what it was to do: its figures are worth nothing."""


def cpu_of(pid: int) -> float:
    """Seconds of the cores that a process and its ended children have used."""
    return sum(int(field) for field in _stat(pid)[11:15]) / os.sysconf("SC_CLK_TCK")


def cpu_of_all(pid: int) -> float:
    """Seconds of the cores that a process, all that it has started, and those that have ended have used."""
    return sum(cpu_of(one) for one in family(pid))


def peak_mib(pid: int) -> float:
    """The largest resident memory that a process has had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def family(pid: int) -> set[int]:
    """A process and all its descendants."""
    parents = dict(_parents())
    found = {pid}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def children_of(pid: int) -> list[int]:
    """What a process has started itself, the oldest first."""
    return sorted(one for one, parent in _parents() if parent == pid)


def arguments_of(pid: int) -> list[str]:
    """Its command line; empty for one that has ended."""
    return [part.decode() for part in _strings(pid, "cmdline")]


def environment_of(pid: int) -> dict[str, str]:
    """What a process was started with."""
    return dict(part.decode().split("=", 1) for part in _strings(pid, "environ"))


def _strings(pid: int, name: str) -> list[bytes]:
    try:
        return [part for part in Path(f"/proc/{pid}/{name}").read_bytes().split(b"\0") if part]
    except (FileNotFoundError, ProcessLookupError):
        return []


def memory(pid: int) -> Iterator[bytes]:
    """All that a process may write to, a mapping at a time; it stands still meanwhile, so that none goes away."""
    os.kill(pid, signal.SIGSTOP)
    try:
        with Path(f"/proc/{pid}/mem").open("rb", 0) as held:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                place, rights, *_ = line.split()
                start, end = (int(each, 16) for each in place.split("-"))
                if rights.startswith("rw") and "[v" not in line:
                    held.seek(start)
                    yield held.read(end - start)
    finally:
        os.kill(pid, signal.SIGCONT)


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            yield int(entry.name), int(fields[1])


def _stat(pid: int) -> list[str]:
    """The fields after the name; all zero for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["0"] * 50
