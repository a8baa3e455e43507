"""Whom Prefect's clients trust where Prefect's API has no TLS: it is read for each run all the same."""

from __future__ import annotations

from pathlib import Path

import certifi

from engine.base.private_files import home_folder

END = "-----END CERTIFICATE-----\n"


def one_certificate(folder: Path) -> Path:
    """A file with one authority in it, for `PREFECT_API_SSL_CERT_FILE`.

    Prefect makes three TLS contexts for each flow run, also to speak plain HTTP. With all the authorities of the
    world that costs 0.15 s each time, and holds the interpreter; with one, 0.002 s. It trusts no more than before.
    """
    path = folder / "one-authority.pem"
    if not path.exists():
        first, _, _ = Path(certifi.where()).read_text("utf-8").partition(END)
        (home_folder(folder) / path.name).write_text(first + END, "utf-8")
    return path
