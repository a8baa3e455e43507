"""How logins go, for ops: counted by how they ended, and the provider is down when they all fail.

What a person does, to cancel say, is nobody's fault. What the provider does wrong, or we, counts as a failure; a
login that comes about wipes the slate.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge
from sqlalchemy.exc import SQLAlchemyError

from engine.base.errors import Incident, NotSent, Refused, VaxelError
from engine.base.settings import SystemName
from engine.ops.alarms import MOST_IN_A_ROW
from engine.outer import breaker, incidents

log = structlog.get_logger(__name__)

CANCELLED = "access_denied"
"""What the provider says of a person who did not go through with it (OIDC Sweden 1.0, §2.3): nobody's fault."""


class LoginCounts:
    """What `/metrics` tells of logins, of all providers in one: a scrape has each name once."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        said = "How logins ended at the identity provider, since this gateway's start."
        self.ends = Counter("vaxel_logins", said, ("provider", "outcome"), registry=self.registry)
        said = "Logins that failed one after another, up to now; one that comes about makes it 0."
        self.in_a_row = Gauge("vaxel_logins_failed_in_a_row", said, ("provider",), registry=self.registry)


class LoginWatch:
    """`gateway.login.ports.Logins` at one provider, told by `/metrics` (`counted`); all gateways share `system_down`.

    Args:
        provider: whose logins these are.
        down, up: note that the provider is down, and that it is not.
        incident: notes what somebody has to mend.
        counts: where it is counted, with other providers; None: by itself.
    """

    def __init__(
        self,
        provider: SystemName,
        down: Callable[[str], object] = breaker.trip,
        up: Callable[[str], object] = breaker.close,
        incident: Callable[[str, str], object] = incidents.note,
        counts: LoginCounts | None = None,
    ) -> None:
        self._provider, self._row, self._lock = provider, 0, threading.Lock()
        self._down, self._up, self._incident = down, up, incident
        counts = counts or LoginCounts()
        self.counted, self._ends, self._in_a_row = (
            counts.registry,
            counts.ends,
            counts.in_a_row.labels(provider),
        )
        self._ends.labels(provider, "logged_in")

    def well(self) -> None:
        """As the port has it."""
        self._count("logged_in", failed=False)
        self._note(self._up, self._provider)

    def ended(self, code: str) -> None:
        """As the port has it."""
        if code == CANCELLED:
            self._ends.labels(self._provider, code).inc()
            return
        log.warning("eid_failed", provider=self._provider, reason=code)
        self._fail(code, away=False)

    def failed(self, error: VaxelError) -> None:
        """As the port has it."""
        said = "login_refused" if isinstance(error, Refused) else "eid_failed"
        log.warning(said, provider=self._provider, reason=error.reason, detail=error.detail)
        if isinstance(error, Incident):
            self._note(self._incident, self._provider, error.reason)
        self._fail(error.reason, away=isinstance(error, NotSent))

    def _fail(self, code: str, *, away: bool) -> None:
        in_a_row = self._count(code, failed=True)
        if away or in_a_row >= MOST_IN_A_ROW:
            self._note(self._down, self._provider)

    def _count(self, outcome: str, *, failed: bool) -> int:
        """How many have now failed in a row."""
        self._ends.labels(self._provider, outcome).inc()
        with self._lock:
            self._row = self._row + 1 if failed else 0
            self._in_a_row.set(self._row)
            return self._row

    def _note(self, write: Callable[..., object], *said: str) -> None:
        """A login does not fail because the database can't be told how it went."""
        try:
            write(*said)
        except SQLAlchemyError as error:
            log.warning("login_not_counted", error=type(error).__name__)
