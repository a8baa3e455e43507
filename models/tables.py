"""Every table that there is, whatever a program has imported of them before."""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from importlib import import_module

from sqlalchemy import Table
from sqlmodel import SQLModel

import models


def all_tables() -> Sequence[Table]:
    """Those that the modules of this folder declare, each after those that it refers to."""
    for each in pkgutil.iter_modules(models.__path__):
        import_module(f"models.{each.name}")
    return SQLModel.metadata.sorted_tables
