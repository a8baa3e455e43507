"""A real clamd with a signature of our own, for tests and measurements (Debian: `clamav-daemon`)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.town import free_port
from cli.up.children import wait_until

MARKER = b"VAXEL-TESTS-HARMLESS-MARKER"
"""A file with this in it is found infected: by our signature, and harmless."""


def is_there() -> bool:
    """Is clamd installed on this machine?"""
    return clamd_program() is not None


def clamd_program() -> str | None:
    """Where the program is; Debian keeps it where users' PATHs do not look."""
    return shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def running(folder: Path, **configuration: str) -> Iterator[tuple[str, str]]:
    """A clamd that keeps everything in the folder.

    Args:
        configuration: further lines of clamd.conf(5).

    Yields:
        its addresses, by TCP and by its socket, as `VAXEL_SYSTEMS__CLAMD__URL` has them.
    """
    program = clamd_program()
    assert program
    (folder / "db").mkdir()
    (folder / "db" / "ours.ndb").write_text(f"Vaxel.Marker:0:*:{MARKER.hex()}\n")
    socket, port = folder / "clamd.sock", free_port()
    given = {
        "DatabaseDirectory": folder / "db",
        "LocalSocket": socket,
        "TCPSocket": port,
        "TCPAddr": "127.0.0.1",
        "Foreground": "yes",
        **configuration,
    }
    config = folder / "clamd.conf"
    config.write_text("".join(f"{key} {value}\n" for key, value in given.items()))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "-c", str(config)], stdout=log, stderr=log)
    try:
        wait_until(socket.exists, 30, "clamd did not come up")
        yield f"tcp://127.0.0.1:{port}", f"unix://{socket}"
    finally:
        process.kill()
        process.wait()
