"""What the benches share: ports, and a folder of their own."""

from __future__ import annotations

import os
import socket


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settle_in(home: str) -> None:
    """Let everything run in this folder and on ports that nobody has. Before any settings are read."""
    ports = {f"VAXEL_{name}__PORT": str(free_port()) for name in ("GATEWAY", "SANDBOX", "PREFECT")}
    os.environ |= {"VAXEL_HOME": home} | ports
