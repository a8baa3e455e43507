"""What the stand-ins have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from sandbox.wire.forgetful import Forgetful
from sandbox.wire.web import Reply, Request


class StandIn(Forgetful):
    """Stands in for an outer system, and can be looked into."""

    @abstractmethod
    def inspect(self, query: dict[str, str]) -> dict[str, Any]:
        """What it received and now holds, as `GET /inspect` answers; the query chooses."""


class System(StandIn):
    """A stand-in that is called over HTTP."""

    @abstractmethod
    def respond(self, request: Request) -> Reply:
        """One call, answered at once: it never blocks.

        Raises:
            BadRequest: what is refused.
        """
