"""The work that every side does: a case is three posts to the stand-in, one after another, none batched."""

from __future__ import annotations

import json
import os
import threading

import requests

STEPS = ("index", "letter", "notice")
STAND_IN = "BENCH_STAND_IN"
"""Environment: the stand-in's address, for those that can't be told otherwise (Prefect's subprocesses)."""
SECONDS = 10.0
NOTE = "Besök på Vårdcentralen Halmstad, tid 09:30. " * 4
"""What a case carries along and posts, about 180 characters."""
_thread = threading.local()


def post(key: str, step: str, note: str) -> str:
    """One post, over this thread's kept-alive connection; gives the stand-in's id of what was done.

    Args:
        key: the case's.
        step: one of STEPS.
        note: what the case says.
    """
    if not hasattr(_thread, "session"):
        _thread.session = requests.Session()
        _thread.session.trust_env = False
    body = json.dumps({"case": key, "step": step, "note": note}).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": f"{key}/{step}"}
    answer = _thread.session.post(
        f"{os.environ[STAND_IN]}/do/{key}/{step}", data=body, headers=headers, timeout=SECONDS
    )
    answer.raise_for_status()
    return str(answer.json()["id"])
