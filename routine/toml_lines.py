"""On which line a TOML file sets a key: for telling someone where their file is wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path


def place_of(texts: Sequence[tuple[Path, str]], keys: Sequence[str]) -> tuple[Path, int]:
    """File and line that set the key, or else the nearest table above it; the last file that has it."""
    wanted = [key.upper() for key in keys]
    for length in range(len(wanted), 0, -1):
        for path, text in reversed(texts):
            for line, found in _keys(text):
                if [key.upper() for key in found] == wanted[:length]:
                    return path, line
    return texts[0][0], 1


def _keys(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that opens a table or sets a key, with the key's whole path."""
    table: list[str] = []
    for line, content in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", content):
            table = _path(header[1])
            yield line, table
        elif key := re.match(r"\s*([^#=]+?)\s*=", content):
            yield line, table + _path(key[1])


def _path(dotted: str) -> list[str]:
    """The parts of a TOML key, such as `units."SE1-A".name`; nothing for what is no key."""
    try:
        found: object = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return []
    parts = []
    while isinstance(found, dict):
        part, found = next(iter(found.items()))
        parts.append(part)
    return parts
