"""A region may install a wheel of ours: all that lies in the programs' folders is in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FOLDERS = [name.removesuffix("*") for name in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]]
BUILD = "from setuptools import build_meta; build_meta.build_wheel('out')"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The wheel unpacked, and what was said while it was built; from a copy, since a build leaves much behind."""
    copy, there = (tmp_path_factory.mktemp(name) for name in ("copy", "there"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "prefect.yaml"):
        shutil.copy(ROOT / name, copy)
    for name in FOLDERS:
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=leave)
    done = subprocess.run(
        [sys.executable, "-c", BUILD], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = (copy / "out").glob("*.whl")
    ZipFile(wheel).extractall(there)
    return there, done.stdout + done.stderr


def test_a_wheel_has_every_file_of_the_programs_folders(built: tuple[Path, str]) -> None:
    """Pages, styles, figures, migrations, and what Prefect is told, as the checkout has them."""
    there, _ = built
    ours = [path for name in FOLDERS for path in (ROOT / name).rglob("*") if path.is_file()]
    wanted = [path.relative_to(ROOT) for path in ours if "__pycache__" not in path.parts]
    missing = [str(path) for path in wanted if not (there / path).is_file()]
    assert not missing
    assert {path.suffix for path in wanted} >= {".py", ".html", ".css", ".toml", ".yaml", ".mako"}
    changed = [str(path) for path in wanted if (there / path).read_bytes() != (ROOT / path).read_bytes()]
    assert not changed


def test_nothing_is_left_out_of_a_wheel_with_a_warning(built: tuple[Path, str]) -> None:
    assert "would be ignored" not in built[1]
