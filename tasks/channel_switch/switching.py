"""The first steps of a change of channel: find the contact, may it be asked, wait for an answer (byte-1, 3, 4, 6)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from engine import clock
from engine.database import columns, load, transaction
from engine.flow import decides
from engine.looks import Looks
from engine.timeline import Entry
from engine.verdicts import Go, Park, Rest, Verdict, Wait
from models.channel_switch import ChannelSwitch, State
from models.identity import IdentityType
from models.inbound_contact import InboundContact
from models.times import later
from routine.ages import swedish_day
from routine.approved import PHONE
from routine.channel_switch import (
    Proposal,
    after_refusal,
    may_be_overridden,
    may_be_proposed,
)
from routine.children import Role
from routine.decision import Decision
from routine.gate import Addressee
from routine.proposal import is_contact_found, is_contact_open
from routine.protected import Passage
from routine.reasons import Reason
from systems.catalogue import Service
from tasks import clients, identities, people
from tasks.contacts_by_id import Found, contacts_of, place_of

BACKOFF = [2, 10, 60, 300, 1800]
GRACE = timedelta(minutes=10)
"""How long a proposal may be ahead of the contact that it is about."""
LOOK_AGAIN = timedelta(seconds=2)
Contacts = Mapping[uuid.UUID, InboundContact]


# --- the contact


@decides(read=contacts_of)
def find_contact(case: ChannelSwitch, contacts: Found) -> Verdict:
    """Find the contact that staff name, by its id in its own channel; its answers reach us from now on."""
    if case.proposed_at is None:
        return Park("proposal_unknown", "policy-okand-1")
    found = is_contact_found(len(contacts))
    if not contacts and clock.now() < later(case.proposed_at, GRACE):
        return Wait(clock.now() + max(LOOK_AGAIN, clock.now() - case.proposed_at), for_answer=False)
    if not found.allowed:
        return no(found)
    contact = contacts[0]
    found_in = {"contact_case": contact.key, "from_channel": contact.channel}
    return Go(State.FOUND, changes=found_in | place_of(contact))


def no(decision: Decision[Any]) -> Go:
    """The patient is not asked, and staff hear why."""
    told = Entry("switch", decision.reason, decision.clause)
    return Go(State.REFUSED, (told,), changes={"outcome": str(decision.reason)})


# --- the question


@dataclass(frozen=True)
class Known:
    """The contact as it now stands, and whom a message in it goes to; what the unit offers, where a service is named
    (None: the catalogue has not answered)."""

    contact: InboundContact
    to: Addressee
    offered: Sequence[Service] | None = None


def look(cases: Sequence[ChannelSwitch], looks: Looks) -> people.Answers:
    """Ask the register about those who are in the contacts."""
    contacts = looks.drafts(cases, draft)
    return looks.each(
        [case for case in cases if case.id in contacts], lambda case, ask: people.hear(contacts[case.id], ask)
    )


def draft(cases: Sequence[ChannelSwitch]) -> dict[uuid.UUID, InboundContact]:
    """The contact of each, as it now stands."""
    with transaction() as connection:
        return _contact_of(connection, cases)


def _contact_of(connection: Connection, cases: Sequence[ChannelSwitch]) -> dict[uuid.UUID, InboundContact]:
    contacts = _contacts(connection, cases)
    return {case.id: contact for case in cases if (contact := contacts.get(case.contact_case or ""))}


def _contacts(connection: Connection, cases: Sequence[ChannelSwitch]) -> dict[str, InboundContact]:
    """By key; a call is one of its own, with whoever has logged in for its patient (byte-2)."""
    calls = {case.key: _call(case) for case in cases if case.from_channel == PHONE}
    query = f"SELECT {columns(InboundContact)} FROM inbound_contact WHERE key = ANY(:keys)"
    keys = [case.contact_case for case in cases if case.contact_case]
    contacts = load(connection, InboundContact, query, {"keys": keys})
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


def read(
    connection: Connection, cases: Sequence[ChannelSwitch], answers: people.Answers | None
) -> dict[uuid.UUID, Known]:
    """The contacts anew, with what the register said."""
    contacts = _contact_of(connection, cases)
    heard = {contact.id: answers[id] for id, contact in contacts.items() if answers and id in answers}
    to = people.read(connection, list({each.id: each for each in contacts.values()}.values()), heard)
    return {id: Known(contact, to[contact.id]) for id, contact in contacts.items()}


def may_ask(case: ChannelSwitch, known: Known) -> Decision[Passage]:
    """May the question be put, by the routine or past it (byte-1, byte-4, policy-fara-1)?"""
    region, day = clients.region(), swedish_day(clock.now())
    unit, patient = region.unit(case.unit), people.patient_of(known.contact)
    assert unit is not None
    still = is_contact_open(known.contact.closed_at)
    if not still.allowed:
        return Decision(Passage.NONE, still.reason, still.clause)
    proposal = Proposal(
        from_=case.from_channel,
        to=case.to_channel,
        unit=unit,
        unit_id=case.unit,
        safer_assessment=case.has_why,
        adds_value=case.has_why,
        e_id=False if patient and patient.type is IdentityType.RESERVNUMMER else None,
        role=known.to.role,
        birth=known.to.birth,
        deceased=known.to.deceased,
        protected=known.to.protected,
        human_first=known.to.human_first,
    )
    if case.overridden:
        return may_be_overridden(proposal, "given", day, region)
    return may_be_proposed(proposal, day, region)


def by_hand() -> Decision[Passage]:
    return Decision(Passage.STAFF, Reason.MANUAL_HANDLING, "policy-skydd-1")


def expires(asked_at: datetime) -> datetime:
    """When an answer no longer counts (policy-lank-1)."""
    return later(asked_at, timedelta(hours=clients.region().links.life_hours))


def begin_life(connection: Connection, asked: Sequence[tuple[ChannelSwitch, Any]]) -> None:
    """The link's life begins when the question has been put."""
    begun = text("UPDATE link SET made_at = :now WHERE case_id = ANY(:cases) AND used_at IS NULL")
    connection.execute(begun, {"now": clock.now(), "cases": [case.id for case, _ in asked]})


# --- no answer


@decides()
def let_lapse(case: ChannelSwitch, known: None) -> Verdict:
    """Without an answer in time the contact stays where it is (byte-6)."""
    until = expires(case.asked_at or case.proposed_at or clock.now())
    if clock.now() < until:
        return Wait(until, for_answer=False)
    stays = after_refusal(case.from_channel, case.unit, swedish_day(clock.now()), clients.region())
    return Rest(
        State.STAYS,
        (Entry("switch", stays.reason, stays.clause),),
        changes={"outcome": str(Reason.LINK_EXPIRED)},
    )
