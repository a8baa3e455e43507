"""The contact that a change of channel is about, as it now stands, and whom a message in it goes to."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection

from engine.outer.looks import Looks
from models.channel_switch import ChannelSwitch
from models.inbound_contact import InboundContact
from routine.approved import PHONE
from routine.children import Role
from routine.gate import Addressee
from systems.catalogue import Service
from tasks import identities, people
from tasks.inbound_contact.stored import with_keys

BACKOFF = [2, 10, 60, 300, 1800]
Contacts = Mapping[uuid.UUID, InboundContact]


@dataclass(frozen=True)
class SwitchFacts:
    """The contact as it now stands, and whom a message in it goes to; what the unit offers, where a service is named
    (None: the catalogue has not answered)."""

    contact: InboundContact
    to: Addressee
    offered: Sequence[Service] | None = None


def ask_register(cases: Sequence[ChannelSwitch], looks: Looks) -> people.Answers:
    """Ask the register about those who are in the contacts."""
    contacts = looks.drafts.read_once(cases, contacts_of_switches)
    return looks.each(
        [case for case in cases if case.id in contacts], lambda case, ask: people.hear(contacts[case.id], ask)
    )


def contacts_of_switches(
    connection: Connection, cases: Sequence[ChannelSwitch]
) -> dict[uuid.UUID, InboundContact]:
    """The contact of each, as it now stands."""
    contacts = _contacts(connection, cases)
    return {case.id: contact for case in cases if (contact := contacts.get(case.contact_case or ""))}


def _contacts(connection: Connection, cases: Sequence[ChannelSwitch]) -> dict[str, InboundContact]:
    """By key; a call is one of its own, with whoever has logged in for its patient (byte-2)."""
    calls = {case.key: _call(case) for case in cases if case.from_channel == PHONE}
    keys = [case.contact_case for case in cases if case.contact_case]
    contacts = with_keys(connection, keys)
    identities.re_key(connection, contacts)
    return calls | {each.key: each for each in contacts}


def _call(case: ChannelSwitch) -> InboundContact:
    return InboundContact(
        id=case.id,
        key=case.key,
        channel=PHONE,
        contact_id=case.contact_id,
        unit=case.unit,
        patient=case.patient,
        patient_hash=case.patient_hash,
        role=Role.SELF,
        state=case.state,
        created_at=case.created_at,
        updated_at=case.updated_at,
    )


def switch_facts(
    connection: Connection, cases: Sequence[ChannelSwitch], answers: people.Answers = MappingProxyType({})
) -> dict[uuid.UUID, SwitchFacts | None]:
    """The contacts anew, with what the register said; None: there is none."""
    contacts = contacts_of_switches(connection, cases)
    heard = {contact.id: answers[id] for id, contact in contacts.items() if id in answers}
    to = people.addressees(connection, list({each.id: each for each in contacts.values()}.values()), heard)
    known = {id: SwitchFacts(contact, to[contact.id]) for id, contact in contacts.items()}
    return {case.id: known.get(case.id) for case in cases}
