"""An everyday proposal to change channel, from which each test says only what differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from routine_cases import ADULT, REGION, UNIT

from routine.approved import System, Use
from routine.channel_switch import Proposal
from routine.region import Region

DAY = date(2026, 11, 24)
UNIT_ID = "SE2321000115-E000000000001"
CHATTING_UNIT = UNIT.model_copy(update={"offers": frozenset({"e1177", "platform24"}), "refers": True})
TWELVE, THIRTEEN, FIFTEEN, SIXTEEN = (date(DAY.year - age, 11, 24) for age in (12, 13, 15, 16))

TO_CHAT = Proposal(
    from_="e1177",
    to="platform24",
    unit=CHATTING_UNIT,
    unit_id=UNIT_ID,
    adds_value=True,
    e_id=True,
    birth=ADULT,
    deceased=False,
    protected=False,
)
TO_PHONE = replace(TO_CHAT, to="phone", adds_value=None, safer_assessment=True)
FROM_PHONE = replace(TO_CHAT, from_="phone", adds_value=None, key_pressed=True)


def to_chat(**differs: Any) -> Proposal:
    return replace(TO_CHAT, **differs)


def to_phone(**differs: Any) -> Proposal:
    return replace(TO_PHONE, **differs)


def from_phone(**differs: Any) -> Proposal:
    return replace(FROM_PHONE, **differs)


def with_system(id: str, **differs: Any) -> Region:
    """The region with one more system, or with one of its systems otherwise."""
    known = REGION.systems.get(
        id, System(name="Egen lösning", uses=frozenset({Use.TEXT}), check="Diarienummer")
    )
    return REGION.model_copy(update={"systems": {**REGION.systems, id: known.model_copy(update=differs)}})


OWN_SOLUTION = with_system(
    "local-hjarta", only_for=frozenset({"heart_failure_monitoring"}), units=frozenset({UNIT_ID})
)
