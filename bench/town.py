"""What the benches share: ports, a resident, bookings, and a folder of their own."""

from __future__ import annotations

import os
import socket
import time
from datetime import UTC, datetime, timedelta
from typing import Any

RESIDENT = "198411142394"  # an official test number
UNIT = {"hsa_id": "SE2321000115-E000000000001", "name": "Vårdcentralen Halmstad"}


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def booking(number: int) -> dict[str, Any]:
    """A booking that nobody has sent before."""
    start = datetime.now(UTC) + timedelta(days=7, hours=number)
    return {
        "id": f"BENCH-{number}-{time.time_ns()}",
        "version": 1,
        "patient": {"id": RESIDENT, "type": "personnummer"},
        "unit": UNIT,
        "start": start.isoformat(),
        "end": (start + timedelta(minutes=30)).isoformat(),
        "call_letter": {"kind": "none"},
    }


def person() -> dict[str, Any]:
    """The resident, on 1177 without its notices."""
    return {"personnummer": RESIDENT, "name": "Test", "active_on_1177": True, "notified_by_1177": False}


def settle_in(home: str) -> None:
    """Let everything run in this folder and on ports that nobody has. Before any settings are read."""
    ports = {f"VAXEL_{name}__PORT": str(free_port()) for name in ("GATEWAY", "SANDBOX", "PREFECT")}
    os.environ |= {"VAXEL_HOME": home} | ports
