"""What benches and tests share: ports, and a folder of their own."""

from __future__ import annotations

import os
import random
import socket
from contextlib import suppress

PORTS = range(15_000, 32_000)
"""Below those that Linux gives to whoever calls out, so that none of these is taken between asking and listening."""

_held: list[socket.socket] = []


def free_port() -> int:
    """A TCP port that nobody has, nor gets from here in another process as long as this one lives.

    It is held by its UDP namesake, which nobody uses and which the system frees with the process.
    """
    while True:
        port = random.choice(PORTS)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            held = socket.socket(type=socket.SOCK_DGRAM)
            _held.append(held)
            held.bind(("127.0.0.1", port))
            return port


def place(home: str) -> dict[str, str]:
    """The settings for everything to run in this folder and on ports that nobody has."""
    ports = {f"VAXEL_{name}__PORT": str(free_port()) for name in ("GATEWAY", "SANDBOX", "PREFECT")}
    return {"VAXEL_HOME": home} | ports


def settle_in(home: str) -> None:
    """Let everything in this process run so. Before any settings are read."""
    os.environ |= place(home)
