"""What a resident reads on 1177.se when they have booked, changed or cancelled by themselves (besok-3, besok-4).

It is read after login, by the patient or a guardian, so the unit is named, and no time is called "yours". Each says
what holds now, why, and what to do; nothing of who is protected, and nothing of a booking that is not theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from routine.reasons import Reason
from routine.region import Region, UnitPolicy
from routine.self_service import Outcome, Service


@dataclass(frozen=True, slots=True)
class Told:
    """What 1177 is answered.

    Args:
        result: RIV-TA's result code. By its description INFO is *done, and the resident reads this*, ERROR is *not
            done*: what is still in hand is an ERROR, since 1177 would confirm an INFO.
        text: that the resident reads; `None`: all is done, and there is nothing to say.
    """

    result: Literal["OK", "INFO", "ERROR"]
    text: str | None = None


_TO_DO: Mapping[Service, str] = MappingProxyType(
    {Service.CANCEL: "avboka", Service.REBOOK: "omboka", Service.BOOK: "boka"}
)
_DONE: Mapping[Service, str] = MappingProxyType(
    {
        Service.CANCEL: "Tiden är avbokad.",
        Service.REBOOK: "Tiden är ombokad.",
        Service.BOOK: "Tiden är bokad.",
    }
)
_NOT_DONE: Mapping[Service, str] = MappingProxyType(
    {
        Service.CANCEL: "Tiden är inte avbokad.",
        Service.REBOOK: "Tiden är inte ombokad.",
        Service.BOOK: "Ingen ny tid är bokad.",
    }
)
_NOTHING_DONE: Mapping[Service, str] = MappingProxyType(
    {
        Service.CANCEL: "Ingen tid är avbokad.",
        Service.REBOOK: "Ingen tid är ombokad.",
        Service.BOOK: "Ingen ny tid är bokad.",
    }
)
"""To one who is told nothing of whether there is such a booking."""

_IN_HAND: Mapping[Service, str] = MappingProxyType(
    {
        Service.CANCEL: "Avbokningen är mottagen och behandlas, men är inte klar än. Du behöver inte avboka igen. "
        "Se om en stund bland de bokade tiderna på 1177.se: tiden är avbokad när den inte finns där längre.",
        Service.REBOOK: "Ombokningen är mottagen och behandlas, men är inte klar än. Du behöver inte omboka igen. "
        "Se om en stund bland de bokade tiderna på 1177.se vilken tid som gäller.",
        Service.BOOK: "Bokningen är mottagen och behandlas, men är inte klar än. Du behöver inte boka igen. "
        "Se om en stund bland de bokade tiderna på 1177.se: tiden är bokad när den finns där.",
    }
)

_UNCLEAR: Mapping[Service, str] = MappingProxyType(
    {
        Service.CANCEL: "Något gick fel. Det går inte att se om tiden är avbokad.",
        Service.REBOOK: "Något gick fel. Det går inte att se om tiden är ombokad.",
        Service.BOOK: "Något gick fel. Det går inte att se om en tid är bokad.",
    }
)

_SAVED: Mapping[str, str] = MappingProxyType(
    {"phone": "telefonnumret", "email": "e-postadressen", "message": "meddelandet"}
)
_OF_THE_REST = "en del uppgifter"

_TURN = "Kontakta {turn}."
_SOON = "Kontakta {turn}, så snart som möjligt."
_NEW_TIME = "Kontakta {turn}, om det behövs en ny tid."
_SEE = "Se de bokade tiderna på 1177.se, eller kontakta {turn}."
_TRY_AGAIN = "Försök igen om en stund, eller kontakta {turn}."
_MANY = "Det gick inte att {to_do} just nu, eftersom många använder tjänsten samtidigt."
_HURRY = "Är det bråttom, kontakta {turn}."
_TO_KNOW = "Kontakta {turn}, om mottagningen behöver få veta det."
_CHOOSE = "Välj en annan tid, eller kontakta {turn}."

_WHO: Mapping[Reason, tuple[str, str]] = MappingProxyType(
    {
        Reason.TOO_YOUNG: ("För den som är under {own_login} år gör en vårdnadshavare det.", _TURN),
        Reason.CHILD_ACTS_ALONE: (
            "Den som har fyllt {own_login} år gör det själv, med egen e-legitimation.",
            _TURN,
        ),
        Reason.PERSON_UNKNOWN: ("En uppgift som behövs går inte att hämta just nu.", _TRY_AGAIN),
        Reason.NO_SUCH_BOOKING: ("Vi hittar inte bokningen: den kan ha ändrats.", _SEE),
    }
)
"""Before anything is said of a booking: why, and what to do."""

_BOOKED: Mapping[Reason, tuple[str, str]] = MappingProxyType(
    {
        Reason.CANCELLED: ("Den är redan avbokad.", _NEW_TIME),
        Reason.PASSED: ("Besöket har redan börjat, eller är över.", _TURN),
        Reason.TOO_LATE: ("Det är för kort tid kvar till besöket för att {to_do} på 1177.se.", _SOON),
        Reason.NOT_ALLOWED_BY_UNIT: ("Den här tiden går inte att {to_do} på 1177.se.", _TURN),
        Reason.LETTER_USED: ("Kallelsen är redan använd för att boka en tid.", _SEE),
        Reason.LETTER_EXPIRED: ("Kallelsen gäller inte längre.", _NEW_TIME),
        Reason.NO_TIME_YET: (
            "Kallelsen har ingen tid att ändra: en tid bokas från den.",
            "Boka en tid från kallelsen, eller kontakta {turn}.",
        ),
    }
)
"""Of a booking that is theirs."""

_CHOSEN: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.TIME_TAKEN: "Den valda tiden är inte ledig längre.",
        Reason.TIME_NOT_OFFERED: "Den valda tiden går inte att boka.",
        Reason.TIME_PASSED: "Den valda tiden har redan passerat.",
        Reason.TIME_UNCLEAR: "Det går inte att se vilken tid som är vald.",
        Reason.NO_SUCH_PERFORMER: "Det går inte att boka en tid hos den som är vald.",
    }
)
"""Of the time that they chose; of what was booked before nothing has changed."""

_STILL_BOOKED = "Den tid som redan är bokad gäller."
_CANCELLED: Mapping[Service, str] = MappingProxyType(
    {
        Service.CANCEL: "Tiden är redan avbokad. Du behöver inte göra något mer.",
        Service.BOOK: f"{_NOT_DONE[Service.BOOK]} Kallelsen är redan använd, eller gäller inte längre. {_SEE}",
    }
)
_NOT_THERE = "Det går inte att {to_do} på 1177.se."
"""One for all that has to do with person, unit or system, so that none is known by its words (policy-skydd-2)."""


def is_of_booking(reason: Reason | None) -> bool:
    """Does it tell of a booking of theirs, so that they turn to the unit that has it, though they want another?"""
    return reason in _BOOKED or reason == Reason.OTHER_SYSTEM


def answer_of(
    service: Service,
    outcome: Outcome,
    reason: Reason | None,
    not_saved: Collection[str],
    region: Region,
    unit: UnitPolicy | None,
) -> Told:
    """What 1177 is answered, and the resident reads.

    Args:
        reason: why it was declined; `None`: nobody has said.
        not_saved: of what was sent along (`phone`, `email`, `message`), what the journal system could not save.
        unit: whom the resident turns to; `None`: not known.
    """
    if outcome == Outcome.DONE:
        return Told("OK")
    if outcome == Outcome.PART_DONE:
        return Told("INFO", f"{_DONE[service]} {_lost(not_saved)} {_filled(_TO_KNOW, service, region, unit)}")
    by_outcome = {
        Outcome.IN_HAND: f"{_IN_HAND[service]} {_HURRY}",
        Outcome.UNCLEAR: f"{_UNCLEAR[service]} {_TURN}",
    }
    said = by_outcome.get(outcome) or _declined(service, reason)
    return Told("ERROR", _filled(said, service, region, unit))


def not_taken_in(service: Service, region: Region, unit: UnitPolicy | None) -> Told:
    """What 1177 is answered where too many ask at once: nothing comes of this press. An earlier one may be done.

    Args:
        unit: as of `answer_of`.
    """
    return Told("ERROR", _filled(f"{_MANY} {_TRY_AGAIN}", service, region, unit))


def _declined(service: Service, reason: Reason | None) -> str:
    if reason == Reason.CANCELLED and service in _CANCELLED:
        return _CANCELLED[service]
    if reason is not None and reason in _CHOSEN:
        kept = [_STILL_BOOKED] if service == Service.REBOOK else []
        return " ".join([_NOT_DONE[service], _CHOSEN[reason], *kept, _CHOOSE])
    if reason is not None and reason in _BOOKED:
        return " ".join([_NOT_DONE[service], *_BOOKED[reason]])
    said = _WHO[reason] if reason is not None and reason in _WHO else (_NOT_THERE, _TURN)
    return " ".join([_NOTHING_DONE[service], *said])


def _lost(not_saved: Collection[str]) -> str:
    """In one order, whatever order they came in; what has no name here is among the rest."""
    names = [name for code, name in _SAVED.items() if code in not_saved]
    if not names or not _SAVED.keys() >= set(not_saved):
        names.append(_OF_THE_REST)
    *others, last = names
    listed = f"{', '.join(others)} och {last}" if others else last
    return f"{listed[0].upper()}{listed[1:]} kunde inte sparas."


def _filled(said: str, service: Service, region: Region, unit: UnitPolicy | None) -> str:
    turn = f"{unit.name}: {unit.turn_to}" if unit else "mottagningen"
    parts = {"to_do": _TO_DO[service], "own_login": region.ages.own_login, "turn": turn}
    return said.format(**parts)
