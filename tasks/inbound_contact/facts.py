"""What is known of a contact, where it is answered, and whether its writer is referred."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection

from engine.base import clock
from engine.tables import effects
from models.inbound_contact import InboundContact
from routine.ages import swedish_day
from routine.asked import AskedChannel, AskedReferral
from routine.channels import may_dialogue_be_held
from routine.contact import Unapproved, is_referral_sent, where_to_answer
from routine.decision import Decision
from routine.gate import Addressee
from routine.protected import Passage
from routine.reasons import Reason
from routine.region import UnitPolicy
from routine.senders import address_of, is_read_by_a_human
from tasks import clients, people
from tasks.inbound_contact import effect_keys

BACKOFF = [2, 10, 60, 300, 1800]


@dataclass(frozen=True)
class ContactFacts:
    """What is known of a contact when a step is taken with it.

    Args:
        sent: referrals that followed from its channel in the last hour, where that matters.
    """

    to: Addressee
    referred_today: int
    sent: int = 0


def contact_facts(
    connection: Connection, cases: Sequence[InboundContact], answers: people.Answers = MappingProxyType({})
) -> Mapping[uuid.UUID, ContactFacts]:
    """To whom we would write, and how often their address has been referred today."""
    found = people.addressees(connection, cases, answers)
    referred = _referred(connection, cases)
    return {
        case.id: ContactFacts(found[case.id], int(effect_keys.referral(case) in referred)) for case in cases
    }


def _referred(connection: Connection, cases: Sequence[InboundContact]) -> set[str]:
    """The referrals of today that another contact from the same address has had, or is having."""
    keys = {effect_keys.referral(case): case.id for case in cases if case.reply_hash}
    return {key for key, case_id in effects.cases_with(connection, keys).items() if case_id != keys[key]}


def unit_of(case: InboundContact) -> UnitPolicy | None:
    """What the region has settled for the contact's unit; None: not known."""
    return clients.region().unit(case.unit)


def where(case: InboundContact) -> Decision[object]:
    """Where the contact is answered."""
    return where_to_answer(case.channel, case.unit, swedish_day(clock.now()), clients.region())


def approval(case: InboundContact) -> Decision[bool]:
    """Whether its channel is approved for that, and why not."""
    return may_dialogue_be_held(case.channel, case.unit, swedish_day(clock.now()), clients.region())


def asked_of_channel(case: InboundContact) -> AskedChannel:
    """What is asked of its channel, where it is answered."""
    return AskedChannel(channel=case.channel, unit_id=case.unit, day=swedish_day(clock.now()))


def asked_of_referral(case: InboundContact, unit: UnitPolicy, known: ContactFacts) -> AskedReferral:
    """What is known of its writer, where they may be referred."""
    read = is_read_by_a_human(case.channel, address(case), case.automatic, clients.region())
    contact = Unapproved(
        channel=case.channel,
        reply_address=read.reason is not Reason.NO_REPLY_ADDRESS,
        automatic=read.reason is Reason.AUTOMATIC_SENDER,
        answered=case.answered_at is not None,
        says_stop=case.says_stop,
        is_patient_known=case.patient is not None,
        deceased=known.to.deceased,
        protected=known.to.protected,
        referred_today=known.referred_today,
        human_first=known.to.human_first,
    )
    return AskedReferral(contact=contact, unit=unit, unit_id=case.unit, day=swedish_day(clock.now()))


def referral_by(asked: AskedReferral) -> Decision[Passage]:
    """Whether the writer is referred."""
    return is_referral_sent(asked.contact, asked.unit, asked.unit_id, asked.day, clients.region())


def address(case: InboundContact) -> str | None:
    """The number or mailbox that it came from."""
    return address_of(case.channel, case.reply_address)
