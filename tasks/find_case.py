"""Find cases, of whichever process: by booking, contact, patient, phone number or id, and those that wait for staff.

Who looks for them, and whether they may see what is found, is for whoever asks (`routine.staff.may_see_case`); so is
the access log. Nothing here is written.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Connection, and_, exists, true, union
from sqlmodel import col, select

from engine.base.database import among, load_each, table_of
from models.booking_publication import BookingPublication
from models.case import Case
from models.channel_switch import ChannelSwitch
from models.check_in import CheckIn
from models.encryption import ring
from models.identity import PatientId, patient_in
from models.image_transfer import ImageTransfer
from models.inbound_contact import InboundContact
from models.participation import Participation
from models.processes import MODELS
from models.risk_alert import RiskAlert
from models.self_service import SelfService
from models.visit_reminder import VisitReminder
from routine.approved import SMS
from routine.staff import reasons_for_staff, states_that_wait, units_that_see
from tasks import identities, people
from tasks.identities import Known
from tasks.inbound_contact.stored import writer_hash

MOST = 200
"""Cases of one process at most: the newest changes, or those that have waited longest. `FoundCases.cut` says of which
there are more."""
VAS = "vas"
ANY_CHANNEL = "staff"
"""In the key of an alert that staff have raised without its channel."""
Wanted = Sequence[tuple[type[Case], ColumnElement[bool]]]


@dataclass(frozen=True)
class FoundCase:
    """A case, as far as it is told of in a list.

    Args:
        parked: why it waits for a human; None: it does not.
        due_at: when it goes on by itself; None: only an event, or a human, brings it back.
        unit: HSA-id of where it is now; None: not known, or it is of all care.
        units: HSA-ids of all units that this one is, or was: who may see it goes by them.
        owner: whose file it is, by HSA-id; None: it is no file.
        patient: whose it is; None: not known.
        of: the system, and the id there, of what it is about, such as `("vas", "B-1")`; None: it is about no such.
        start: of the visit.
        since: when it came to stand as it does; an alert, when it was raised.
    """

    id: uuid.UUID
    process: str
    state: str
    parked: str | None
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    unit: str | None
    units: frozenset[str]
    owner: str | None
    patient: PatientId | None = field(repr=False)
    of: tuple[str, str] | None
    start: datetime | None
    since: datetime


@dataclass(frozen=True)
class FoundCases:
    """What a search has found.

    Args:
        cases: at most `MOST` of each process.
        cut: the processes that have more.
    """

    cases: Sequence[FoundCase] = ()
    cut: Sequence[str] = ()


@dataclass(frozen=True)
class Within:
    """Which of the cases are wanted; of each argument None: whichever.

    Args:
        unit: HSA-id in upper case, of where they are, or were; what is of all care is there as well.
        owner: HSA-id in upper case: of files, only theirs.
        since, until: they last changed from then on, and before then.
    """

    unit: str | None = None
    owner: str | None = None
    since: datetime | None = None
    until: datetime | None = None


ANY = Within()


def by_booking(connection: Connection, source: str, booking: str, within: Within = ANY) -> FoundCases:
    """All cases of a booking of one system: the visit, its reminders, what was asked for on 1177, who has come.

    One that was made for the wrong patient has two; each is its own patient's. What was made or changed on 1177 is
    found before the system has told of it.
    """
    key, there = f"{source}:{booking}", col(BookingPublication.key)
    visits, _ = _load(connection, [(BookingPublication, there == key)])
    asked_for = (col(SelfService.booking_id) == booking) | (col(SelfService.led_to) == booking)
    if not visits:
        return _found(connection, [(SelfService, asked_for)] if source == VAS else [], within)
    (visit,) = visits
    same = (col(BookingPublication.unit) == visit.unit) & (col(BookingPublication.booking_id) == booking)
    wanted: list[tuple[type[Case], ColumnElement[bool]]] = [
        (BookingPublication, same & (col(BookingPublication.source) == source)),
        (VisitReminder, col(VisitReminder.key) == key),
    ]
    if source == VAS:
        numbers = _all_numbers(connection, visit.patient_hash)
        theirs = among(col(CheckIn.patient_hash), numbers) & (col(CheckIn.booking_id) == booking)
        wanted += [(CheckIn, theirs), (SelfService, asked_for)]
    return _found(connection, wanted, within)


def by_contact(connection: Connection, channel: str, contact: str, within: Within = ANY) -> FoundCases:
    """All cases of a contact in one channel: itself, its alert, changes of channel, those to take part, files."""
    key, unnamed = f"{channel}:{contact}", f"{ANY_CHANNEL}:{contact}"
    contacts, _ = _load(connection, [(InboundContact, col(InboundContact.key) == key)])
    hashes = {each.patient_hash for each in contacts}
    numbers = {number for each in hashes if each for number in _all_numbers(connection, each)}
    files = among(col(ImageTransfer.patient_hash), numbers) & (col(ImageTransfer.system) == channel)
    units = {each.unit for each in contacts}
    whose = col(Participation.patient_hash)  # the index that there is
    joins = (among(whose, numbers) | whose.is_(None)) & among(col(Participation.unit), units)
    return _found(
        connection,
        [
            (InboundContact, col(InboundContact.key) == key),
            (RiskAlert, among(col(RiskAlert.key), [key, unnamed])),
            (ChannelSwitch, col(ChannelSwitch.contact_case) == key),
            (Participation, joins & (col(Participation.contact_id) == contact)),
            (ImageTransfer, files & (col(ImageTransfer.contact_id) == contact)),
        ],
        within,
    )


def by_patient(connection: Connection, digest: bytes, within: Within = ANY) -> FoundCases:
    """All cases of a patient, whichever of their numbers they came under.

    Args:
        digest: keyed hash of a number that they have, or had (`people.digest`).
    """
    numbers = _all_numbers(connection, digest)
    theirs = [(model, among(table_of(model).c.patient_hash, numbers)) for model in MODELS]
    return _found(connection, theirs, within)


def by_phone(connection: Connection, number: str, within: Within = ANY) -> FoundCases:
    """The cases of whoever has called, or written by SMS, from a number.

    Args:
        number: in E.164.
    """
    wrote = (col(InboundContact.reply_hash) == writer_hash(number)) & (col(InboundContact.channel) == SMS)
    called = col(ChannelSwitch.caller_hash) == ring().digest(number)
    return _found(connection, [(ChannelSwitch, called), (InboundContact, wrote)], within)


def by_id(connection: Connection, id: uuid.UUID) -> FoundCase | None:
    """One case; None: no process has it, or not any more."""
    loaded, _ = _load(connection, [(model, col(model.id) == id) for model in MODELS])
    return _as_found(connection, loaded)[0] if loaded else None


def that_wait(connection: Connection, unit: str) -> FoundCases:
    """The cases at a unit that wait for somebody there, those that have waited longest first; no files.

    Args:
        unit: HSA-id in upper case; one that is now another finds that one's.
    """
    at_units = [model for model in MODELS if "unit" in table_of(model).c and model is not ImageTransfer]
    wanted = [(model, _waits(model)) for model in at_units]
    found = _found(connection, wanted, Within(unit=unit), oldest=True)
    return replace(found, cases=sorted(found.cases, key=lambda each: each.since))


def _waits(model: type[Case]) -> ColumnElement[bool]:
    """At a state that waits, or parked for staff: the rest of what is parked is for ops to see to. An alert of which
    no flag has come is none."""
    parked, state = col(model.parked), col(model.state)
    states = state.in_(sorted(states_that_wait(model.PROCESS)))
    # each with `parked`, so that the index has it
    there = (parked.is_(None) & states) | (parked.is_not(None) & states)
    waits = there | parked.in_(sorted(reasons_for_staff(model.PROCESS)))
    return waits & col(RiskAlert.flagged_at).is_not(None) if model is RiskAlert else waits


def _all_numbers(connection: Connection, digest: bytes | None) -> frozenset[bytes]:
    return identities.known(connection, [digest]).numbers(digest) if digest else frozenset()


def _found(connection: Connection, wanted: Wanted, within: Within, *, oldest: bool = False) -> FoundCases:
    loaded, cut = _load(connection, _narrowed(connection, wanted, within), oldest=oldest)
    return FoundCases(_as_found(connection, loaded), cut)


def _narrowed(connection: Connection, wanted: Wanted, within: Within) -> Wanted:
    unit = within.unit
    units = None if unit is None else identities.known(connection, units=[unit]).units(unit)
    return [(model, where & _is_within(model, within, units)) for model, where in wanted]


def _is_within(model: type[Case], within: Within, units: frozenset[str] | None) -> ColumnElement[bool]:
    columns, changed = table_of(model).c, col(model.updated_at)
    conditions: list[ColumnElement[bool]] = [true()]
    if units is not None and "unit" in columns:
        conditions.append(among(columns.unit, units))
    if within.owner is not None and "owner_id" in columns:
        conditions.append(columns.owner_id == within.owner)
    if within.since:
        conditions.append(changed >= within.since)
    if within.until:
        conditions.append(changed < within.until)
    return and_(*conditions)


def _load(connection: Connection, wanted: Wanted, *, oldest: bool = False) -> tuple[list[Any], list[str]]:
    """What does not open is there all the same, without what it says. And the processes that have more."""
    all_loaded: list[Any] = []
    cut: list[str] = []
    for model, where in _that_have_any(connection, wanted):
        changed = col(model.updated_at)
        first = select(model).where(where).order_by(changed if oldest else changed.desc()).limit(MOST + 1)
        opened, unopened = load_each(connection, first)
        loaded = sorted([*opened, *unopened], key=lambda each: each.updated_at, reverse=not oldest)
        all_loaded += loaded[:MOST]
        if len(loaded) > MOST:
            cut.append(model.PROCESS)
    return all_loaded, cut


def _that_have_any(connection: Connection, wanted: Wanted) -> Wanted:
    """One question for all tables: most have nothing of what is looked for."""
    if len(wanted) == 1:
        return wanted
    there = [exists(select(model.id).where(where)) for model, where in wanted]
    row = connection.execute(sqlalchemy.select(*there)).one()
    return [each for each, has_any in zip(wanted, row, strict=True) if has_any]


def _as_found(connection: Connection, cases: Sequence[Any]) -> list[FoundCase]:
    known = identities.re_key(connection, cases)
    patients = _patients(connection, cases, known)
    elsewhere = _where_patients_are(
        connection, [each.patient_hash for each in cases if _is_of_all_care(each)]
    )
    return [_case(each, _units(each, known, elsewhere), patients.get(each.patient_hash)) for each in cases]


def _case(case: Any, units: frozenset[str], patient: PatientId | None) -> FoundCase:
    return FoundCase(
        id=case.id,
        process=case.PROCESS,
        state=case.state,
        parked=case.parked,
        due_at=case.due_at,
        created_at=case.created_at,
        updated_at=case.updated_at,
        unit=getattr(case, "unit", None) or None,
        units=units,
        owner=case.owner_id if isinstance(case, ImageTransfer) else None,
        patient=patient,
        of=_what_it_is_of(case),
        start=getattr(case, "start", None),
        since=(case.flagged_at if isinstance(case, RiskAlert) else None) or case.updated_at,
    )


def _is_of_all_care(case: Any) -> bool:
    return not hasattr(case, "unit")


def _units(case: Any, known: Known, elsewhere: Mapping[bytes, Sequence[frozenset[str]]]) -> frozenset[str]:
    if _is_of_all_care(case):
        return units_that_see(None, elsewhere.get(case.patient_hash, ()))
    return units_that_see(known.units(case.unit) if case.unit else (), ())


def _where_patients_are(
    connection: Connection, patients: Iterable[bytes | None]
) -> dict[bytes, list[frozenset[str]]]:
    """The units of all cases of each patient, whichever of their numbers they came under."""
    asked = {each for each in patients if each}
    if not asked:
        return {}
    who = identities.known(connection, asked)
    numbers = {each: who.numbers(each) for each in asked}
    every = {number for each in numbers.values() for number in each}
    tables = [table_of(model).c for model in MODELS if "unit" in table_of(model).c]
    rows = connection.execute(
        union(
            *(
                sqlalchemy.select(of.patient_hash, of.unit).where(among(of.patient_hash, every))
                for of in tables
            )
        )
    ).all()
    known = identities.known(connection, units=[unit for _, unit in rows])
    return {
        each: [known.units(unit) for digest, unit in rows if unit and digest in theirs]
        for each, theirs in numbers.items()
    }


def _what_it_is_of(case: Any) -> tuple[str, str] | None:
    match case:
        case BookingPublication():
            return case.source, case.booking_id
        case VisitReminder():
            source, _, booking = case.key.partition(":")
            return source, booking
        case CheckIn() | SelfService():
            return (VAS, case.booking_id) if case.booking_id else None
        case InboundContact() | RiskAlert():
            return case.channel or "", case.contact_id
        case ChannelSwitch():
            return case.from_channel, case.contact_id
        case ImageTransfer():
            return case.system, case.contact_id
        case Participation():
            return "", case.contact_id
    return None


# --- whose they are


def _patients(connection: Connection, cases: Sequence[Any], known: Known) -> dict[bytes, PatientId]:
    """By the hash of each case's patient; one that a case knows by its hash only has their number in a contact."""
    told = {each.patient_hash: patient for each in cases if (patient := _patient_in(each))}
    lacking = {each.patient_hash for each in cases if each.patient_hash} - told.keys()
    if lacking:
        theirs = select(InboundContact).where(among(col(InboundContact.patient_hash), lacking)).limit(MOST)
        opened, _ = load_each(connection, theirs)
        told |= {each.patient_hash: patient for each in opened if (patient := people.patient_of(each))}
    return {bytes(digest): known.patient(patient) for digest, patient in told.items() if digest}


def _patient_in(case: Any) -> PatientId | None:
    """As the case itself has it, where that opens."""
    at = ("patient",) if isinstance(case, BookingPublication) else ()
    said = case.snapshot if at else getattr(case, "patient", None)
    return patient_in(said, at) if isinstance(said, str) else None
