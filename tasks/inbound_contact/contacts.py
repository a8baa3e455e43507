"""What is known of a contact; staff who read it first; the watch over its answer. Its reply: `contact_replies`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from engine import clock
from engine.flow import decides, step
from engine.timeline import Entry
from engine.verdicts import Done, Go, Park, Rest, Verdict, Wait
from models.inbound_contact import InboundContact, State
from models.times import later
from routine import staff_text
from routine.ages import swedish_day
from routine.approved import SMS
from routine.contact import Refer, Unapproved, is_referral_sent, is_unanswered, where_to_answer
from routine.decision import Decision
from routine.gate import Addressee
from routine.protected import Passage
from routine.reasons import Reason
from routine.region import UnitPolicy
from routine.senders import address_of, is_read_by_a_human
from tasks import clients, effect_keys, journal_system, people

BACKOFF = [2, 10, 60, 300, 1800]


@dataclass(frozen=True)
class Known:
    """What is known of a contact when a step is taken with it.

    Args:
        sent: referrals that followed from its channel in the last hour, where that matters.
    """

    to: Addressee
    referred_today: int
    sent: int = 0


def read(
    connection: Connection, cases: Sequence[InboundContact], answers: people.Answers | None
) -> Mapping[uuid.UUID, Known]:
    """To whom we would write, and how often their address has been referred today."""
    found = people.read(connection, cases, answers or {})
    referred = _referred(connection, cases)
    return {case.id: Known(found[case.id], int(effect_keys.referral(case) in referred)) for case in cases}


def _referred(connection: Connection, cases: Sequence[InboundContact]) -> set[str]:
    """The referrals of today that another contact from the same address has had, or is having."""
    keys = {effect_keys.referral(case): case.id for case in cases if case.reply_hash}
    query = text("SELECT key, case_id FROM effect WHERE key = ANY(:keys) AND state <> 'not_sent'")
    return {key for key, case_id in connection.execute(query, {"keys": list(keys)}) if case_id != keys[key]}


def unit_of(case: InboundContact) -> UnitPolicy | None:
    """What the region has settled for the contact's unit; None: not known."""
    return clients.region().unit(case.unit)


def where(case: InboundContact) -> Decision[object]:
    """Where the contact is answered."""
    return where_to_answer(case.channel, case.unit, swedish_day(clock.now()), clients.region())


def referral_of(case: InboundContact, unit: UnitPolicy, known: Known) -> Decision[Passage]:
    """Whether its writer is referred."""
    read = is_read_by_a_human(case.channel, address(case), case.automatic, clients.region())
    asked = Unapproved(
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
    return is_referral_sent(asked, unit, case.unit, swedish_day(clock.now()), clients.region())


def address(case: InboundContact) -> str | None:
    """The number or mailbox that it came from."""
    return address_of(case.channel, case.reply_address)


# --- staff first


def hand_over(case: InboundContact, known: Known) -> Verdict:
    """Where the channel is not approved, a human reads the original at once; else nothing is needed."""
    unit = unit_of(case)
    if case.received_at is None:
        return Park("contact_unknown", "policy-okand-1")
    if unit is None:
        return Park("unit_unknown", "policy-okand-1")
    way = where(case)
    then = Go(State.HANDED, (Entry("contact", way.reason, way.clause),))
    if not isinstance(way.answer, Refer):
        return then
    if unit.in_shadow:
        return Go(State.HANDED, (Entry("contact_worked_out", way.reason, way.clause),))
    if case.awaits_since is None:
        return Go(State.HANDED, (Entry("contact", Reason.ALREADY_ANSWERED, "patient-4"),))
    referral = referral_of(case, unit, known)
    number = address(case) if case.channel == SMS else None
    said = staff_text.read_original(case.channel, referral.reason, number)
    return journal_system.staff_task(
        effect_keys.read_original(case),
        patient=people.patient_of(case),
        unit=case.unit,
        unit_name=case.unit_name,
        contact=case.contact_id,
        reason=str(Reason.SAYS_STOP if case.says_stop else way.reason),
        said=said,
        then=then,
        urgent=True,
    )


@step(system="vas", backoff=BACKOFF, read=read, gate=hand_over, ask=journal_system.ask)
def tell_staff(task: journal_system.Posting) -> Done:
    """Have staff read at once what came by a way that is not approved (patient-4)."""
    return journal_system.post(task)


# --- the watch over its answer


def at_rest(case: InboundContact, *entries: Entry) -> Go:
    """Staff have it: it is due again when its answer is overdue."""
    unit = unit_of(case)
    if case.awaits_since is None or unit is None:
        return Rest(State.ANSWERED if case.answered_at else State.OPEN, entries)
    return Rest(State.OPEN, entries, later(case.awaits_since, clients.region().answer_within(unit)))


@decides()
def keep_watch(case: InboundContact, known: None) -> Verdict:
    """Show to ops a contact that has waited longer for its answer than the unit allows (policy-svarstid-1)."""
    unit = unit_of(case)
    if case.awaits_since is None or unit is None:
        return at_rest(case)
    late = is_unanswered(case.awaits_since, False, unit, clock.now(), clients.region())
    if not late.allowed:
        return Wait(later(case.awaits_since, clients.region().answer_within(unit)), for_answer=False)
    return Rest(State.UNANSWERED, (Entry("contact", late.reason, late.clause),))
