"""Find cases, of whichever process: by booking, contact, patient, phone number or id, and those that wait for staff.

Who looks for them, and whether they may see what is found, is for whoever asks (`routine.staff.may_see_case`); so is
the access log. Nothing here is written.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Connection, exists
from sqlmodel import col, select

from engine.base.database import among, load_each, table_of
from models import channel_switch, inbound_contact, participation, risk_alert, self_service
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
from tasks import identities, people
from tasks.identities import Known
from tasks.inbound_contact.stored import writer_hash

MOST = 200
"""Cases of one process at most: the newest changes, or those that have waited longest."""
VAS = "vas"
ANY_CHANNEL = "staff"
"""In the key of an alert that staff have raised without its channel."""
WAITS_FOR_STAFF: Mapping[type[Case], Collection[str]] = {
    RiskAlert: set(risk_alert.TRANSITIONS) - {risk_alert.State.ACKNOWLEDGED},
    InboundContact: {inbound_contact.State.UNANSWERED},
    ChannelSwitch: {channel_switch.State.UNCLEAR},
    Participation: {participation.State.PROPOSED},
    SelfService: {self_service.State.UNCLEAR},
}
"""Where a case waits for staff of its unit: an alert that nobody has acknowledged, an answer that is late, one that
has to be read, or to be written down, and what a resident asked for on 1177 of which nobody can tell how it ended,
until the journal system has their task. All else waits for them only where it is parked."""
Wanted = Iterable[tuple[type[Case], ColumnElement[bool]]]


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


def by_booking(connection: Connection, source: str, booking: str) -> list[FoundCase]:
    """All cases of a booking of one system: the visit, its reminders, what was asked for on 1177, who has come.

    One that was made for the wrong patient has two; each is its own patient's.
    """
    key, there = f"{source}:{booking}", col(BookingPublication.key)
    visits = _load(connection, [(BookingPublication, there == key)])
    if not visits:
        return []
    (visit,) = visits
    same = (col(BookingPublication.unit) == visit.unit) & (col(BookingPublication.booking_id) == booking)
    wanted: list[tuple[type[Case], ColumnElement[bool]]] = [
        (BookingPublication, same & (col(BookingPublication.source) == source)),
        (VisitReminder, col(VisitReminder.key) == key),
    ]
    if source == VAS:
        numbers = _all_numbers(connection, visit.patient_hash)
        theirs = among(col(CheckIn.patient_hash), numbers) & (col(CheckIn.booking_id) == booking)
        wanted += [(CheckIn, theirs), (SelfService, col(SelfService.booking_id) == booking)]
    return _found(connection, wanted)


def by_contact(connection: Connection, channel: str, contact: str) -> list[FoundCase]:
    """All cases of a contact in one channel: itself, its alert, changes of channel, those to take part, files."""
    key, unnamed = f"{channel}:{contact}", f"{ANY_CHANNEL}:{contact}"
    contacts = _load(connection, [(InboundContact, col(InboundContact.key) == key)])
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
    )


def by_patient(connection: Connection, digest: bytes) -> list[FoundCase]:
    """All cases of a patient, whichever of their numbers they came under.

    Args:
        digest: keyed hash of a number that they have, or had (`people.digest`).
    """
    numbers = _all_numbers(connection, digest)
    theirs = [(model, among(table_of(model).c.patient_hash, numbers)) for model in MODELS]
    return _found(connection, theirs)


def by_phone(connection: Connection, number: str) -> list[FoundCase]:
    """The cases of whoever has called, or written by SMS, from a number.

    Args:
        number: in E.164.
    """
    wrote = (col(InboundContact.reply_hash) == writer_hash(number)) & (col(InboundContact.channel) == SMS)
    called = col(ChannelSwitch.caller_hash) == ring().digest(number)
    return _found(connection, [(ChannelSwitch, called), (InboundContact, wrote)])


def by_id(connection: Connection, id: uuid.UUID) -> FoundCase | None:
    """One case; None: no process has it, or not any more."""
    loaded = _load(connection, [(model, col(model.id) == id) for model in MODELS])
    if loaded and not hasattr(loaded[0], "unit"):
        theirs = by_patient(connection, loaded[0].patient_hash or b"")
        return next((each for each in theirs if each.id == id), None)
    return _as_found(connection, loaded)[0] if loaded else None


def that_wait(connection: Connection, unit: str) -> list[FoundCase]:
    """The cases at a unit that wait for somebody there, those that have waited longest first; no files.

    Args:
        unit: HSA-id in upper case; one that is now another finds that one's.
    """
    units = identities.known(connection, units=[unit]).units(unit)
    wanted: list[tuple[type[Case], ColumnElement[bool]]] = []
    for model in MODELS:
        columns = table_of(model).c
        if "unit" in columns and model is not ImageTransfer:
            wanted.append((model, among(columns.unit, units) & _waits(model)))
    loaded = _load(connection, wanted, oldest=True)
    return sorted(_as_found(connection, loaded), key=lambda each: each.updated_at)


def _waits(model: type[Case]) -> ColumnElement[bool]:
    parked = col(model.parked).is_not(None)
    states = WAITS_FOR_STAFF.get(model)
    there = col(model.parked).is_(None) & col(model.state).in_(
        sorted(states or ())
    )  # so that the index has both
    waits = parked | there if states else parked
    return waits & col(RiskAlert.flagged_at).is_not(None) if model is RiskAlert else waits


def _all_numbers(connection: Connection, digest: bytes | None) -> frozenset[bytes]:
    return identities.known(connection, [digest]).numbers(digest) if digest else frozenset()


def _found(connection: Connection, wanted: Wanted) -> list[FoundCase]:
    return _as_found(connection, _load(connection, wanted))


def _load(connection: Connection, wanted: Wanted, *, oldest: bool = False) -> list[Any]:
    """What does not open is there all the same, without what it says."""
    loaded: list[Any] = []
    for model, where in _that_have_any(connection, list(wanted)):
        changed = col(model.updated_at)
        first = select(model).where(where).order_by(changed if oldest else changed.desc()).limit(MOST)
        opened, unopened = load_each(connection, first)
        loaded += [*opened, *unopened]
    return loaded


def _that_have_any(
    connection: Connection, wanted: Sequence[tuple[type[Case], ColumnElement[bool]]]
) -> Sequence[tuple[type[Case], ColumnElement[bool]]]:
    """One question for all tables: most have nothing of what is looked for."""
    if len(wanted) == 1:
        return wanted
    there = [exists(select(model.id).where(where)) for model, where in wanted]
    row = connection.execute(sqlalchemy.select(*there)).one()
    return [each for each, has_any in zip(wanted, row, strict=True) if has_any]


def _as_found(connection: Connection, cases: Sequence[Any]) -> list[FoundCase]:
    known = identities.re_key(connection, cases)
    patients = _patients(connection, cases, known)
    return [_case(each, known, cases, patients.get(each.patient_hash)) for each in cases]


def _case(case: Any, known: Known, among_these: Sequence[Any], patient: PatientId | None) -> FoundCase:
    return FoundCase(
        id=case.id,
        process=case.PROCESS,
        state=case.state,
        parked=case.parked,
        due_at=case.due_at,
        created_at=case.created_at,
        updated_at=case.updated_at,
        unit=getattr(case, "unit", None) or None,
        units=_units(case, known, among_these),
        owner=case.owner_id if isinstance(case, ImageTransfer) else None,
        patient=patient,
        of=_what_it_is_of(case),
        start=getattr(case, "start", None),
    )


def _units(case: Any, known: Known, among_these: Sequence[Any]) -> frozenset[str]:
    """What is of all care is of each unit where the patient has something else."""
    if hasattr(case, "unit"):
        return known.units(case.unit) if case.unit else frozenset()
    theirs = {getattr(each, "unit", None) for each in among_these if each.patient_hash == case.patient_hash}
    return frozenset(unit for each in theirs if each for unit in known.units(each))


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
