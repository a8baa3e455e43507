"""Every call that came in, as it came in: for tests that count, and for a bench that sends them again."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sandbox.wire.forgetful import Forgetful
from sandbox.wire.shown import Shown
from sandbox.wire.web import Request

KEPT_HEADERS = ("content-type", "soapaction", "idempotency-key", "x-skltp-correlation-id",
                "x-rivta-original-serviceconsumer-hsaid")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call(Shown):
    """`status` is None where no answer was given; `fault` the kind that was played, if any."""

    system: str
    operation: str
    method: str
    path: str = ""
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    number: int = 0
    status: int | None = None
    fault: str | None = None

    def shown(self) -> dict[str, Any]:
        """As JSON; `body` is text, and where it is no UTF-8 it is hex in `body_hex`."""
        names = ("number", "system", "operation", "method", "path", "query", "headers", "status", "fault")
        shown = {name: getattr(self, name) for name in names} | {"at": self.at.isoformat()}
        try:
            return shown | {"body": self.body.decode()}
        except UnicodeDecodeError:
            return shown | {"body_hex": self.body.hex()}


class Calls(Forgetful):
    """The latest calls, bounded by number and by bytes; the counts know of all."""

    def __init__(self, most: int = 200_000, most_bytes: int = 128 * 2**20) -> None:
        self._lock = threading.Lock()
        self._most, self._most_bytes = most, most_bytes
        self.clear()

    def clear(self) -> None:
        """Forgets all."""
        with self._lock:
            self._kept: deque[Call] = deque()
            self._bytes = 0
            self._number = 0
            self._counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, request: Request, status: int | None, fault: str | None) -> None:
        """Keeps one HTTP call."""
        headers = {name: request.headers[name] for name in KEPT_HEADERS if name in request.headers}
        place = (request.first, request.operation, request.method, f"/{request.path}", request.query)
        call = Call(*place, headers, request.body)
        self.keep_call(call, status, fault)

    def keep_call(self, call: Call, status: int | None, fault: str | None) -> None:
        """Keeps one call of any protocol, with what became of it."""
        outcome = fault or ("lost" if status is None else str(status))
        with self._lock:
            self._number += 1
            self._kept.append(replace(call, number=self._number, status=status, fault=fault))
            self._bytes += len(call.body)
            self._counts[call.system, _cut_short(call.operation), outcome] += 1
            while len(self._kept) > self._most or self._bytes > self._most_bytes:
                self._bytes -= len(self._kept.popleft().body)

    def chosen(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """In order. `system`, `operation`, `after` (a number) and `limit` choose."""
        after, limit = int(query.get("after", 0)), int(query.get("limit", 1000))
        with self._lock:
            known = max(0, after - (self._number - len(self._kept)))
            kept = list(islice(self._kept, known, None))
        chosen = (
            call
            for call in kept
            if query.get("system", call.system) == call.system
            and query.get("operation", call.operation) == call.operation
        )
        return [call.shown() for call in islice(chosen, limit)]

    def counted(self) -> dict[str, Any]:
        """Calls by system, operation and outcome: a status, a fault's kind, or `lost`."""
        counted: dict[str, dict[str, dict[str, int]]] = {}
        with self._lock:
            for (system, operation, outcome), number in sorted(self._counts.items()):
                counted.setdefault(system, {}).setdefault(operation, {})[outcome] = number
            return {"all": self._number, "kept": len(self._kept), "by_system": counted}


def _cut_short(operation: str) -> str:
    """An operation, however long a path that nobody knows, so that counts stay few."""
    return "/".join(operation.split("/")[:4])
