"""What 1177's catalogue offers, and whether a patient may be led to a service of it (byte-5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.base.errors import Refused
from engine.outer.questions import Kind
from routine.decision import Decision
from routine.printable import is_led_to
from routine.reasons import Reason
from routine.services import is_for_age
from systems.catalogue import Service
from tasks import clients, people, resident_lookup


@dataclass(frozen=True)
class Seen:
    """What the register says of one who may be led to a service, and what the unit offers (None: not known)."""

    heard: people.Heard
    offered: Sequence[Service] | None = None


def _offered(units: Sequence[str]) -> Mapping[str, Sequence[Service]]:
    """Nothing is known of a unit that is not connected to the catalogue."""
    try:
        return clients.catalogue().offered(units)
    except Refused:
        return {}


OFFERED: Kind[str, Sequence[Service]] = Kind("offered", "e1177", resident_lookup.HOLD, _offered)
"""What a unit offers in 1177's catalogue."""


def may_be_led_to(service: Service | None, birth: date | None, day: date) -> Decision[bool]:
    """Is the service there, at a host that the region has listed, and for someone of that age (byte-5)?"""
    region = clients.region()
    if service is None or service.link is None:
        return Decision(False, Reason.NO_SUCH_SERVICE, "byte-5")
    if not is_led_to(service.link, region.login.hosts | region.services.hosts):
        return Decision(False, Reason.FOREIGN_LINK, "byte-5")
    limits = service.restrictions
    return is_for_age(limits.age_min, limits.age_max, birth, day)
