"""`Idempotency-Key`: the same call again gives the same answer and does nothing."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.wire.web import BadRequest, Reply, Request

LONGEST = 255


class Once:
    """One system's keys, with what came under each and what was answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[str, Reply]] = {}

    def answer(self, request: Request, act: Callable[[str], Reply]) -> Reply:
        """What `act` answers to the key, or answered before, whatever has happened since.

        No key, or one that is too long: 400. The key with another path or body: 409. A call that `act`
        refuses leaves its key free.
        """
        key = request.headers.get("idempotency-key", "")
        if not key.strip() or len(key) > LONGEST:
            raise BadRequest(400, f"Idempotency-Key is missing, or longer than {LONGEST} characters")
        seen = f"{request.path} {hashlib.sha256(request.body).hexdigest()}"
        with self._lock:
            if key not in self._answers:
                self._answers[key] = seen, act(key)
            before, answer = self._answers[key]
        if before != seen:
            raise BadRequest(
                409, "this Idempotency-Key came with another call before", code="idempotency_conflict"
            )
        return answer


def entry(body: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    """What came, with an id, the key and the time; `at` is the body's own where it has one."""
    now = datetime.now(UTC).isoformat()
    return {"id": uuid.uuid4().hex, "at": now, "received_at": now, "idempotency_key": key} | body
