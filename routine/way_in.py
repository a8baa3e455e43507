"""Where a digital visit is joined: the platform, and its address (system-2)."""

from __future__ import annotations

from typing import Protocol

from routine.approved import System, entry_to
from routine.decision import Decision
from routine.printable import is_led_to
from routine.reasons import Reason
from routine.region import Region


class WhereHeld(Protocol):
    """A visit, as far as its system says where it is held.

    Args:
        platform: `None`: not known, or none.
        join: the address that it is joined at; `None`: none.
    """

    @property
    def platform(self) -> str | None: ...
    @property
    def join(self) -> str | None: ...


def platform_of(visit: WhereHeld, region: Region) -> str | None:
    """The platform that it is held on; where its system does not say, the one that is joined at such an address."""
    if visit.platform is not None or visit.join is None:
        return visit.platform
    return next((id for id, system in region.systems.items() if _is_joined_at(visit.join, system)), None)


def way_in(visit: WhereHeld, region: Region) -> Decision[str | None]:
    """The address of the platform at which the visit is joined (system-2); `None`: none that may be followed.

    The one that its system says, if the region has listed the host for the platform: anybody who can tell us of a
    booking could else send its patient anywhere. Where it says none, the platform's `entry`.
    """
    system = region.systems.get(platform_of(visit, region) or "")
    if visit.join is not None:
        if system is None or not _is_joined_at(visit.join, system):
            return Decision(None, Reason.JOINED_ELSEWHERE, "system-2")
        return Decision(visit.join, Reason.NOTHING_IN_THE_WAY, "system-2")
    if system is None or system.entry is None:
        return Decision(None, Reason.NO_WAY_IN, "policy-anslutning-1")
    return Decision(entry_to(system.entry, None), Reason.NOTHING_IN_THE_WAY, "system-2")


def _is_joined_at(address: str, system: System) -> bool:
    return is_led_to(address, system.join_hosts)
