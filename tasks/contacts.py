"""The steps of a contact: staff first, then the patient, a ready service, the watch over its answer, the register."""

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
from routine.approved import SMS, Use
from routine.contact import Refer, Unapproved, is_referral_sent, is_unanswered, where_to_answer
from routine.conversation import acknowledgement
from routine.decision import Decision
from routine.gate import Addressee, may_leave
from routine.protected import Passage
from routine.reasons import Reason
from routine.region import UnitPolicy
from routine.senders import address_of, is_read_by_a_human
from tasks import clients, occasions, people, posting, saying
from tasks.referrals import Referral, ask, refer

BACKOFF = [2, 10, 60, 300, 1800]


@dataclass(frozen=True)
class Known:
    """What is known of a contact when a step is taken with it."""

    to: Addressee
    referred_today: int


def read(
    connection: Connection, cases: Sequence[InboundContact], answers: people.Answers | None
) -> Mapping[uuid.UUID, Known]:
    """To whom we would write, and how often their address has been referred today."""
    found = people.read(connection, cases, answers or {})
    referred = _referred(connection, cases)
    return {case.id: Known(found[case.id], int(occasions.referral(case) in referred)) for case in cases}


def _referred(connection: Connection, cases: Sequence[InboundContact]) -> set[str]:
    """The referrals of today that another contact from the same address has had, or is having."""
    keys = {occasions.referral(case): case.id for case in cases if case.reply_hash}
    query = text("SELECT key, case_id FROM effect WHERE key = ANY(:keys) AND state <> 'not_sent'")
    return {key for key, case_id in connection.execute(query, {"keys": list(keys)}) if case_id != keys[key]}


def unit_of(case: InboundContact) -> UnitPolicy | None:
    """What the region has settled for the contact's unit; None: not known."""
    return clients.region().unit(case.unit)


def _where(case: InboundContact) -> Decision[object]:
    return where_to_answer(case.channel, case.unit, swedish_day(clock.now()), clients.region())


def _referral(case: InboundContact, unit: UnitPolicy, known: Known) -> Decision[Passage]:
    read = is_read_by_a_human(case.channel, _address(case), case.automatic, clients.region())
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


def _address(case: InboundContact) -> str | None:
    return address_of(case.channel, case.reply_address)


# --- staff first


def hand_over(case: InboundContact, known: Known) -> Verdict:
    """Where the channel is not approved, a human reads the original at once; else nothing is needed."""
    unit = unit_of(case)
    if case.received_at is None:
        return Park("contact_unknown", "policy-okand-1")
    if unit is None:
        return Park("unit_unknown", "policy-okand-1")
    where = _where(case)
    then = Go(State.HANDED, (Entry("contact", where.reason, where.clause),))
    if not isinstance(where.answer, Refer):
        return then
    if unit.in_shadow:
        return Go(State.HANDED, (Entry("contact_worked_out", where.reason, where.clause),))
    if case.awaits_since is None:
        return Go(State.HANDED, (Entry("contact", Reason.ALREADY_ANSWERED, "patient-4"),))
    referral = _referral(case, unit, known)
    number = _address(case) if case.channel == SMS else None
    said = staff_text.read_original(case.channel, referral.reason, number)
    return posting.staff_task(
        occasions.read_original(case),
        patient=people.patient_of(case),
        unit=case.unit,
        unit_name=case.unit_name,
        contact=case.contact_id,
        reason=str(Reason.SAYS_STOP if case.says_stop else where.reason),
        said=said,
        then=then,
        urgent=True,
    )


@step(system="vas", backoff=BACKOFF, read=read, gate=hand_over, ask=posting.ask)
def tell_staff(task: posting.Posting) -> Done:
    """Have staff read at once what came by a way that is not approved (patient-4)."""
    return posting.post(task)


# --- then the patient


def reply(case: InboundContact, known: Known) -> Verdict:
    """An acknowledgement where the patient is answered, the referral where they are not."""
    unit = unit_of(case)
    if unit is None:
        return Park("unit_unknown", "policy-okand-1")
    if isinstance(_where(case).answer, Refer):
        return _refer(case, unit, known)
    return _acknowledge(case, unit, known)


def _acknowledge(case: InboundContact, unit: UnitPolicy, known: Known) -> Verdict:
    decision = _may_acknowledge(case, known)
    then = _after_reply("acknowledgement", decision)
    patient, channel = people.patient_of(case), case.channel
    if unit.in_shadow:
        return _after_reply("acknowledgement", _shadow())
    if patient is None or not saying.can_write_in(channel):
        return then
    if decision.answer is Passage.WAIT:
        return people.wait_for_answer(case) or then
    if decision.answer is not Passage.SEND:
        return then
    return saying.send(
        saying.Saying(
            occasions.acknowledgement(case),
            channel,
            case.contact_id,
            patient,
            case.unit,
            acknowledgement(),
            then,
        )
    )


def _may_acknowledge(case: InboundContact, known: Known) -> Decision[Passage]:
    """Nothing goes by itself after staff have answered, nor to a machine (patient-1)."""
    if case.answered_at is not None:
        return Decision(Passage.NONE, Reason.ALREADY_ANSWERED, "patient-1")
    if case.automatic:
        return Decision(Passage.NONE, Reason.AUTOMATIC_SENDER, "policy-hanvisning-1")
    day = swedish_day(clock.now())
    return may_leave(known.to, case.channel, Use.TEXT, case.unit, day, clients.region())


def _refer(case: InboundContact, unit: UnitPolicy, known: Known) -> Verdict:
    decision = _referral(case, unit, known)
    then = _after_reply("referral", decision)
    if decision.answer is Passage.WAIT:
        return people.wait_for_answer(case) or then
    to = _address(case)
    if decision.answer is not Passage.SEND or to is None:
        return then
    where = _where(case)
    assert isinstance(where.answer, Refer)
    return refer(case, to, where.answer.ways, then)


def _after_reply(what: str, decision: Decision[Passage]) -> Go:
    return Go(State.REPLIED, (Entry(what, decision.reason, decision.clause),))


def _shadow() -> Decision[Passage]:
    return Decision(Passage.NONE, Reason.UNIT_IN_SHADOW, "policy-skugga-1")


@step(
    system="e1177",
    others=(*saying.PLATFORMS, "sms", "mail"),
    backoff=BACKOFF,
    size=16,
    blind=(*saying.BLIND, "mail"),
    look=people.look,
    read=read,
    gate=reply,
    ask=ask,
)
def reply_to_patient(what: saying.Saying | Referral) -> Done:
    """Tell the patient that it has come and is answered there, or where to turn instead (patient-1, patient-4)."""
    return saying.say(what) if isinstance(what, saying.Saying) else what.send()


def offer_another(case: InboundContact, known: None) -> Verdict:
    """The referral was turned away: staff offer the phone or a visit."""
    return posting.staff_task(
        occasions.referral_declined(case),
        patient=people.patient_of(case),
        unit=case.unit,
        unit_name=case.unit_name,
        contact=case.contact_id,
        reason="referral_declined",
        said=staff_text.referral_declined(),
        then=Go(State.REPLIED),
        urgent=True,
    )


@step(system="vas", backoff=BACKOFF, gate=offer_another, ask=posting.ask)
def tell_staff_of_decline(task: posting.Posting) -> Done:
    """Have staff offer another way to one whom the referral did not reach (policy-hanvisning-1)."""
    return posting.post(task)


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
