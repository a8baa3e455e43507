"""What a source of webhooks may tell of, and how many messages may follow (policy-kalla-1)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pydantic import Field, field_validator

from routine.approved import HsaId
from routine.decision import Decision
from routine.figures import Figures, Text
from routine.reasons import Reason

CLAUSE = "policy-kalla-1"


class Source(Figures):
    """What the region lets a source of webhooks tell of.

    Args:
        types: the event types, such as `booking.created`.
        units: the HSA-ids of the units that it speaks for.
        notices_an_hour: at most so many notices, and so many referrals, and so many reminders that follow at once
            (`routine.reminder.is_at_once`), follow from what it tells in an hour; `None`: as the region.
    """

    types: Literal["all"] | frozenset[Text] = "all"
    units: Literal["all"] | frozenset[HsaId] = "all"
    notices_an_hour: int | None = Field(default=None, gt=0)

    @field_validator("units")
    @classmethod
    def _upper(cls, units: str | frozenset[str]) -> str | frozenset[str]:
        """HSA-ids compare whatever their case."""
        return units if isinstance(units, str) else frozenset(unit.upper() for unit in units)


def may_tell(source: Source, type: str, unit: str | None, *, risk: bool = False) -> Decision[bool]:
    """Is what it tells acted on? What is not is kept, and shown to ops: the region settles it.

    Args:
        type: of the event.
        unit: the HSA-id of the unit that the event names; `None`: it names none.
        risk: the event flags a risk of suicide. Nothing holds that up.
    """
    if risk:
        return Decision(True, Reason.RISK_OF_SUICIDE, "policy-suicid-1")
    if not _is_among(type, source.types):
        return Decision(False, Reason.TYPE_NOT_FOR_SOURCE, CLAUSE)
    if unit is not None and not _is_among(unit.upper(), source.units):
        return Decision(False, Reason.UNIT_NOT_FOR_SOURCE, CLAUSE)
    return Decision(True, Reason.WITHIN_SOURCE, CLAUSE)


def may_notify(given: int, most: int) -> Decision[bool]:
    """May one more notice, referral, or reminder that goes at once, follow from what a source tells?

    Args:
        given: those that followed from it in the last hour.
        most: the ceiling of an hour.
    """
    if given < most:
        return Decision(True, Reason.WITHIN_SOURCE, CLAUSE)
    return Decision(False, Reason.TOO_MANY_NOTICES, CLAUSE)


def _is_among(one: str, those: Collection[str]) -> bool:
    return those == "all" or one in those
