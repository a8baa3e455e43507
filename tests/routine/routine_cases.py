"""An everyday booking, from which each test says only what differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from routine.facts import Contact, ContactKind, Event, Facts, Portal, Resident, Visit
from routine.occasion import Occasion
from routine.region import CallLetterWay, Publish, UnitPolicy
from routine.region_file import load_region

REGION = load_region()
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
START = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
ADULT = date(1980, 5, 5)
MOBILE = "+46701740605"
MAIL = "tolvan@example.se"

ON_1177_WITH_NOTICES = Portal(active=True, notifies=True)
ON_1177_WITHOUT_NOTICES = Portal(active=True, notifies=False)
NOT_ON_1177 = Portal(active=False, notifies=False)

SMS = Contact(kind=ContactKind.PHONE, value=MOBILE, wished=True, rank=1)
EMAIL = Contact(kind=ContactKind.EMAIL, value=MAIL, wished=True, rank=2)

UNIT_ID = "SE2321000115-E000000000001"
UNIT = UnitPolicy(name="Vårdcentralen Halmstad", turn_to="031-390 06 00", publish=Publish.VAXEL)
INBOX_UNIT = UNIT.model_copy(update={"call_letter": CallLetterWay.INBOX})
SHADOW_UNIT = UNIT.model_copy(update={"publish": Publish.SHADOW})

VISIT = Visit(start=START, end=START + timedelta(minutes=30))
BOOKED = Event(occasion=Occasion.BOOKED, at=NOW)
MOVED = Event(occasion=Occasion.CHANGED, at=NOW, moved=True)
CANCELLED = Event(occasion=Occasion.CANCELLED, at=NOW - timedelta(hours=1))
RESIDENT = Resident(
    birth=ADULT,
    deceased=False,
    protected=False,
    digital_only=False,
    contacts=(SMS, EMAIL),
    portal=ON_1177_WITHOUT_NOTICES,
    guardians=(False,),
)


def facts(
    event: Event = BOOKED,
    visit: Visit = VISIT,
    resident: Resident = RESIDENT,
    *,
    unit: UnitPolicy = UNIT,
    now: datetime = NOW,
    waiting_since: datetime | None = None,
) -> Facts:
    return Facts(
        event=event,
        visit=visit,
        resident=resident,
        unit=unit,
        unit_id=UNIT_ID,
        now=now,
        waiting_since=waiting_since,
    )


def resident(**differs: Any) -> Resident:
    return replace(RESIDENT, **differs)


def visit(**differs: Any) -> Visit:
    return replace(VISIT, **differs)


def event(of: Event = BOOKED, **differs: Any) -> Event:
    return replace(of, **differs)
