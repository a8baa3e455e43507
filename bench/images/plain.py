"""The same bytes and nothing of Växel's about them: `requests` in threads, each file sealed as it comes, and flushed.

Prints as JSON the seconds, and how many bytes came.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from systems.storage.sealed import new_key, sealing

PIECE = 128 * 1024


def fetched(url: str, folder: Path) -> int:
    """Fetch one file into a sealed one; gives its bytes."""
    name, count = uuid.uuid4(), 0
    with requests.Session() as session, (folder / str(name)).open("wb", buffering=0) as file:
        session.trust_env = False
        with session.get(url, stream=True, timeout=60) as answer, sealing(new_key(), name, file) as target:
            answer.raise_for_status()
            for piece in answer.iter_content(PIECE):
                target.write(piece)
                count += len(piece)
        os.fsync(file.fileno())
    return count


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.images.plain", description=__doc__)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="where the files are written, and stay")
    parser.add_argument("urls", nargs="+")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    new_key()  # Tink is loaded before the clock starts
    began = time.monotonic()
    with ThreadPoolExecutor(given.threads) as pool:
        counts = list(pool.map(lambda url: fetched(url, given.folder), given.urls))
    print(json.dumps({"seconds": time.monotonic() - began, "bytes": sum(counts)}))


if __name__ == "__main__":
    main()
