"""What can be made to go wrong, by system: `down`, `error_500`, `timeout_before` and the others.

A fault fires `times` times, or with a `probability` from its own generator (`seed`), or always.
Several may stand on one system: all that stand are rolled at each call, the first that fires is played,
and `slow` is played beside it.
"""

from __future__ import annotations

import itertools
import random
import threading
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from sandbox.wire.forgetful import Forgetful
from sandbox.wire.outbox import Mishap
from sandbox.wire.shown import Shown

SYSTEMS = (
    "engagement_index", "e1177", "person", "sms", "voice", "mail", "vas", "eid", "staff_eid", "platform24", "hope",
    "lifecare", "stodbehandling", "log",
)  # fmt: skip
LOSING = ("timeout_before", "timeout_after")
RECEIPTS = ("duplicate_receipts", "late_receipts")
WEBHOOKS = ("lost_webhooks", "duplicate_webhooks", "late_webhooks")
OF_A_CALL = ("down", "error_500", "not_authorised", *LOSING, "slow", "malformed")
KINDS = (*OF_A_CALL, *RECEIPTS, *WEBHOOKS)
SECONDS = {
    "timeout_before": 15.0,
    "timeout_after": 15.0,
    "slow": 2.0,
    "late_receipts": 5.0,
    "late_webhooks": 5.0,
}
FIELDS = {"system", "kind", "times", "probability", "seconds", "seed", "operation"}

_ids = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Played:
    """What a call gets: the fault's kind (none: all is well), its seconds, and how late the answer is."""

    kind: str | None = None
    seconds: float = 0.0
    slow: float = 0.0

    @property
    def loses_answer(self) -> bool:
        """The connection is closed without an answer."""
        return self.kind in LOSING


WELL = Played()


@dataclass(slots=True)
class Fault(Shown):
    """One standing fault."""

    system: str
    kind: str
    times: int | None
    probability: float | None
    seconds: float
    operation: str | None
    dice: random.Random
    id: int = field(default_factory=lambda: next(_ids))
    fired: int = 0

    def fires(self, operation: str) -> bool:
        """Rolled once for a call, so that the same seed and the same calls give the same faults."""
        if self.operation and self.operation != operation:
            return False
        if self.times is not None and self.fired >= self.times:
            return False
        return self.probability is None or self.dice.random() < self.probability

    def shown(self) -> dict[str, Any]:
        """As `GET /faults` lists it."""
        names = ("id", "system", "kind", "times", "probability", "seconds", "operation", "fired")
        return {name: getattr(self, name) for name in names}


def _is_system(name: Any) -> TypeGuard[str]:
    """One of those, or a unit's own solution."""
    return isinstance(name, str) and (name in SYSTEMS or name.startswith("local-"))


def fault(given: Any) -> Fault:
    """A fault from JSON; ValueError names the field that is wrong."""
    if not isinstance(given, dict) or not set(given) <= FIELDS:
        raise ValueError(f"a fault is an object with some of {', '.join(sorted(FIELDS))}")
    system, kind = given.get("system"), given.get("kind")
    if not _is_system(system) or kind not in KINDS:
        raise ValueError(f"system is one of {', '.join(SYSTEMS)} or local-…; kind one of {', '.join(KINDS)}")
    if kind in RECEIPTS and system != "sms":
        raise ValueError("only sms has receipts")
    if kind in WEBHOOKS and system != "vas":
        raise ValueError("only vas sends webhooks by itself")
    times, probability = given.get("times"), given.get("probability")
    if times is not None and (isinstance(times, bool) or not isinstance(times, int)):
        raise ValueError("times is a whole number")
    if probability is not None and not 0 <= probability <= 1:
        raise ValueError("probability is from 0 to 1")
    return Fault(
        system=system,
        kind=kind,
        times=times,
        probability=probability,
        seconds=float(given.get("seconds", SECONDS.get(kind, 0.0))),
        operation=given.get("operation"),
        dice=random.Random(given.get("seed")),  # noqa: S311 -- a die, no secret
    )


class Faults(Forgetful):
    """All that stand."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._standing: list[Fault] = []

    def add(self, given: Any) -> list[dict[str, Any]]:
        """One fault or a list of them."""
        new = [fault(one) for one in (given if isinstance(given, list) else [given])]
        with self._lock:
            self._standing += new
        return [one.shown() for one in new]

    def clear(self) -> None:
        """Everything works again."""
        with self._lock:
            self._standing = []

    def standing_faults(self) -> list[dict[str, Any]]:
        """In the order in which they were set."""
        with self._lock:
            return [one.shown() for one in self._standing]

    def roll(self, system: str, operation: str, kinds: tuple[str, ...] = OF_A_CALL) -> Played:
        """Rolls the system's faults for one call."""
        if not self._standing:
            return WELL
        with self._lock:
            ours = [one for one in self._standing if one.system == system and one.kind in kinds]
            fired = [one for one in ours if one.fires(operation)]
            slow = next((one for one in fired if one.kind == "slow"), None)
            first = next((one for one in fired if one.kind != "slow"), None)
            for one in (slow, first):
                if one:
                    one.fired += 1
        if not fired:
            return WELL
        return Played(
            kind=first.kind if first else None,
            seconds=first.seconds if first else 0.0,
            slow=slow.seconds if slow else 0.0,
        )

    def receipts(self) -> tuple[bool, float]:
        """For one SMS: whether its receipts come twice, and how late in seconds."""
        twice = self.roll("sms", "receipt", ("duplicate_receipts",)).kind is not None
        return twice, self.roll("sms", "receipt", ("late_receipts",)).seconds

    def mishap(self) -> Mishap:
        """For one webhook that VAS sends by itself: whether it is lost, comes twice, and how late in seconds."""
        lost, twice, late = (self.roll("vas", "webhook", (kind,)) for kind in WEBHOOKS)
        return Mishap(lost.kind is not None, twice.kind is not None, late.seconds)
