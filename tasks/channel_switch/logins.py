"""A link that was sent to a patient, and whether a login by it is their consent (byte-3, policy-lank-1)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlmodel import select

from engine.base import clock
from engine.base.database import load, transaction
from engine.base.errors import NotSent
from engine.outer.looks import answered
from engine.outer.questions import Questions
from engine.tables import inbox
from models.channel_switch import OPEN, ChannelSwitch
from models.consent import Link
from models.encryption import ring
from models.events import DERIVED, Arrival
from models.identity import PatientId
from models.inbound_contact import InboundContact
from routine.ages import swedish_day
from routine.approved import PHONE
from routine.channel_switch import kind_of_change
from routine.children import Role
from routine.consent import OURS, Login, is_link_alive, is_login_consent, may_vouch
from routine.decision import Decision
from routine.reasons import Reason, reason_of
from systems.eid import LoggedIn
from tasks import clients, identities, people
from tasks.channel_switch import link_life
from tasks.identities import Known
from tasks.inbound_contact.stored import with_keys


@dataclass(frozen=True)
class LinkStatus:
    """What a link is good for, and where it leads.

    Args:
        alive: whether it may still lead to a login; the reason says why not.
        entry: where the browser goes in the end; with `{contact}` for the conversation where one goes on.
        straight: the target logs in by itself.
        switch: the key of the change of channel that it belongs to.
    """

    alive: Decision[bool]
    entry: str
    straight: bool
    switch: str


Judged = tuple[Decision[bool], LinkStatus]
"""Whether a login is a consent, and how its link stood before it."""


@dataclass(frozen=True)
class Found:
    """A link with its case and its contact."""

    link: Link = field(repr=False)
    case: ChannelSwitch = field(repr=False)
    contact: InboundContact | None = field(repr=False)
    who: Known = field(repr=False)

    def is_same(self, who: LoggedIn, other: str | None) -> bool:
        """Whether that is a number of theirs: merged with it (policy-identitet-1), or the one they had before."""
        theirs = self.who.person(ring().digest(other or ""))
        numbers = [number for number in (who.number, who.previous) if number]
        return theirs in [self.who.person(ring().digest(number)) for number in numbers]


def look_up_link(token_hash: str) -> LinkStatus | None:
    """How a link stands; None: there is no such."""
    with transaction() as connection:
        found = _find(connection, token_hash)
    return _status(found) if found else None


def complete(token_hash: str, who: LoggedIn) -> Judged:
    """Somebody has logged in at our provider: judge whether it is the consent, and tell the change of channel.

    Returns: the decision, and how the link stood before it.

    Raises:
        LookupError: there is no such link.
        NotSent: the person register does not answer, and has to be asked; nothing was kept.
    """
    with transaction() as connection:
        found = _find(connection, token_hash)
    if found is None:
        raise LookupError("link")
    heard = _heard(found, who)
    with transaction() as connection:
        return judge(connection, token_hash, who, str(uuid.uuid4()), heard=heard)


def judge(
    connection: Connection,
    token_hash: str,
    who: LoggedIn,
    event: str,
    *,
    by: str = OURS,
    heard: people.Heard | None = None,
) -> Judged:
    """As `complete`, within a transaction.

    Args:
        event: names what is told to the change of channel, once.
        by: who says so: our provider, or the source of a webhook.
        heard: what the register says, where a guardian has logged in.

    Raises:
        LookupError: there is no such link.
    """
    found = _find(connection, token_hash, lock=True)
    if found is None:
        raise LookupError("link")
    before = _status(found)
    vouched = may_vouch(by, found.case.to_channel, clients.region())
    decision = _judge(found, who, heard) if vouched.allowed else vouched
    if decision.allowed:
        link_life.use(connection, found.link)
    inbox.put(connection, DERIVED, [_login_event(event, found.case, decision, who, by)])
    return decision, before


def _find(connection: Connection, token_hash: str, *, lock: bool = False) -> Found | None:
    link = link_life.find(connection, token_hash, lock=lock)
    if link is None:
        return None
    (case,) = load(connection, select(ChannelSwitch).where(ChannelSwitch.id == link.case_id))
    (contact,) = with_keys(connection, [case.contact_case or ""]) or (None,)
    cases: list[ChannelSwitch | InboundContact] = [case, contact] if contact else [case]
    identities.re_key(connection, cases)
    proxies = [ring().digest(contact.proxy)] if contact and contact.proxy else []
    who = identities.known(connection, [*(each.patient_hash for each in cases), *proxies])
    return Found(link, case, contact, who)


def _status(found: Found) -> LinkStatus:
    region = clients.region()
    system = region.systems.get(found.case.to_channel)
    entry = found.case.entry or (system.entry if system else None) or region.login.link
    straight = found.case.entry is None and system is not None and system.login == "theirs"
    return LinkStatus(_alive(found), entry, straight, found.case.key)


def _alive(found: Found) -> Decision[bool]:
    link = Login(made_at=found.link.made_at, used=found.link.used_at is not None)
    alive = is_link_alive(link, clock.now(), clients.region())
    if alive.allowed and found.case.state not in OPEN:
        return Decision(False, reason_of(found.case.outcome or Reason.STAYS), "byte-6")
    unit = clients.region().unit(found.case.unit)
    if alive.allowed and unit and unit.in_shadow:
        return Decision(False, Reason.UNIT_IN_SHADOW, "policy-skugga-1")
    return alive


def _judge(found: Found, who: LoggedIn, heard: people.Heard | None) -> Decision[bool]:
    alive = _alive(found)
    if not alive.allowed:
        return alive
    patient = _patient(found, who)
    login = Login(
        made_at=found.link.made_at,
        followed=True,
        level=who.level,
        confirmed=who.confirmed,
        role=Role.OTHER if heard and heard.guardian is False else _role(found, who),
        birth=patient.birth_date if patient else None,
        protected=heard.protected if heard else None,
    )
    change = kind_of_change(found.case.from_channel, found.case.to_channel)
    now = clock.now()
    return is_login_consent(login, change, now, swedish_day(now), clients.region())


def _patient(found: Found, who: LoggedIn) -> PatientId | None:
    """Of the contact; a caller is whoever logs in by the link that was sent to them (byte-2)."""
    if found.case.from_channel == PHONE:
        return people.identity_of(who.number)
    return people.patient_of(found.contact) if found.contact else None


def _role(found: Found, who: LoggedIn) -> Role | None:
    """In whose right the one who logged in acts: the patient's, or the guardian's who wrote in the contact."""
    patient, contact = _patient(found, who), found.contact
    if patient is not None and found.is_same(who, patient.id):
        return Role.SELF
    if contact is None or contact.role != Role.GUARDIAN or not found.is_same(who, contact.proxy):
        return None
    return Role.GUARDIAN


def _heard(found: Found, who: LoggedIn) -> people.Heard | None:
    """What the register says of the patient and the guardian just now; asked only where a guardian logs in."""
    contact = found.contact
    if contact is None or _role(found, who) is not Role.GUARDIAN:
        return None
    heard = answered(people.ask_register, [contact], Questions())[contact.id]
    if heard.protected is None:
        raise NotSent("person_unknown")
    return heard


def _login_event(
    event: str, case: ChannelSwitch, decision: Decision[bool], who: LoggedIn, by: str
) -> Arrival:
    data: dict[str, Any] = {"consented": decision.allowed, "loa": who.level, "vouched_by": by}
    data |= {"reason": str(decision.reason), "clause": decision.clause}
    if case.from_channel == PHONE and decision.allowed and (patient := people.identity_of(who.number)):
        data["patient"] = patient.model_dump(mode="json")
    return Arrival(event, "link.login_completed", ChannelSwitch.PROCESS, case.key, None, who.at, data)
