"""An everyday booking that its patient may change on 1177, and what they ask for; each test says what differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from routine_cases import ADULT, NOW, REGION, START, UNIT, VISIT, visit

from routine.children import Role, WhoActs
from routine.decision import Decision
from routine.facts import CallLetterKind
from routine.region import Region, UnitPolicy
from routine.self_service import (
    Service,
    ToChange,
    Wanted,
    may_be_asked_of_journal_system,
    may_be_done_there,
)

BOOKING = ToChange(
    visit=VISIT,
    cancellable=True,
    rebookable=True,
    unit=UNIT,
    patient_is=True,
    birth=ADULT,
    reservnummer=False,
    deceased=False,
    elsewhere=False,
)
OPEN_VISIT = visit(start=None, end=None, call_letter=CallLetterKind.OPEN, valid_until=date(2026, 11, 30))
LETTER = replace(BOOKING, visit=OPEN_VISIT, cancellable=None, rebookable=None)
THEMSELVES = WhoActs(role=Role.SELF, birth=ADULT)
CHILD, TEENAGER = date(2019, 5, 3), date(2013, 11, 24)
"""Under 13, and 13 on the very day of `NOW`."""
GUARDIAN = WhoActs(role=Role.GUARDIAN, birth=CHILD, protected=False)
LATER = START + timedelta(days=3)

CANCEL = Wanted(service=Service.CANCEL, who=THEMSELVES, by_agent=False)
REBOOK = replace(CANCEL, service=Service.REBOOK, start=LATER, end=LATER + timedelta(minutes=30))
BOOK = replace(REBOOK, service=Service.BOOK)
FROM_LETTER = replace(BOOK, from_letter=True)
ASKED = {
    "cancel": (CANCEL, BOOKING),
    "rebook": (REBOOK, BOOKING),
    "book from a letter": (FROM_LETTER, LETTER),
}
"""What is asked for of a booking, and one for which it is done."""


def booking(of: ToChange = BOOKING, **differs: Any) -> ToChange:
    """The booking, with what differs; `visit` by its own parts."""
    parts = {name: differs.pop(name) for name in [*differs] if hasattr(VISIT, name)}
    return replace(of, visit=replace(of.visit, **parts), **differs)


def open_there(service: Service, of: ToChange, now: datetime = NOW) -> Decision[bool]:
    """What the flag says, in a region where everything is carried out."""
    return may_be_done_there(service, of, now, REGION)


def asked(
    wanted: Wanted, of: ToChange | None, now: datetime = NOW, unit: UnitPolicy | None = UNIT
) -> Decision[bool]:
    """What becomes of the request, where everything is carried out."""
    return may_be_asked_of_journal_system(wanted, of, unit, now, REGION)


def only(*services: Service) -> Region:
    """The region, where the journal system carries out these alone."""
    figures = REGION.self_service.model_copy(update={"carries_out": frozenset(services)})
    return REGION.model_copy(update={"self_service": figures})
