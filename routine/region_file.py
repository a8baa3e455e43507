"""The region's files: TOML, merged in order, and checked before anything starts."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from routine.region import Region
from routine.texts_checked import wrong_with_texts
from routine.toml_lines import place_of

HALLAND = Path(__file__).with_name("halland.toml")


class RegionError(Exception):
    """A region file is wrong.

    Args:
        file, line: where (line from 1).
        expected: what should have stood there.
    """

    def __init__(self, file: Path, line: int, expected: str) -> None:
        super().__init__(f"{file}, line {line}: {expected}")
        self.file, self.line, self.expected = file, line, expected


def load_region(paths: Sequence[Path] = (HALLAND,)) -> Region:
    """Read and merge region files, the later over the earlier, table by table.

    Raises:
        RegionError: a file cannot be read, is no TOML, or has a wrong, missing or unknown key.
    """
    if not paths:
        raise RegionError(HALLAND, 1, "at least one region file")
    texts = [(path, _text_of(path)) for path in paths]
    merged: dict[str, object] = {}
    for path, text in texts:
        merged = _merge(merged, _with_upper_units(_parse(path, text)))
    try:
        region = Region.model_validate_json(json.dumps(merged, default=str))
    except ValidationError as wrong:
        error = wrong.errors()[0]
        keys = [str(part) for part in error["loc"] if part != "[key]"]
        file, line = place_of(texts, keys)
        raise RegionError(
            file, line, f"{'.'.join(keys) or 'region'}: {_expected(error['type'], error['msg'])}"
        ) from None
    if found := wrong_with_texts(region):
        raise RegionError(*place_of(texts, ["name"]), f"name, login.link: {found}")
    return region


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise RegionError(path, 1, "there is no such file") from None
    except (OSError, UnicodeDecodeError):
        raise RegionError(path, 1, "a readable TOML file in UTF-8") from None


def _parse(path: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        found = re.search(r"\(at line (\d+)", str(wrong))
        line = int(found[1]) if found else text.count("\n") + 1
        raise RegionError(path, line, f"valid TOML ({str(wrong).split(' (at')[0]})") from None


def _with_upper_units(data: dict[str, object]) -> dict[str, object]:
    units = data.get("units")
    if not isinstance(units, dict):
        return data
    return {**data, "units": {str(hsa_id).upper(): unit for hsa_id, unit in units.items()}}


def _merge(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        merged[key] = _merge(below, value) if both else value  # type: ignore[arg-type]
    return merged


def _expected(kind: str, message: str) -> str:
    plain = {"missing": "required, but left out", "extra_forbidden": "no such key"}
    return plain.get(kind) or message.removeprefix("Value error, expected ").removeprefix("Value error, ")
