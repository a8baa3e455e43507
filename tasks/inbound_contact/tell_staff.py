"""Staff read at once what came by a way that is not approved (patient-4)."""

from __future__ import annotations

from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Done, Go, Park, Verdict
from engine.tables.timeline import Entry
from models.identity import LOCAL
from models.inbound_contact import InboundContact, State
from routine import staff_text
from routine.approved import SMS
from routine.contact import Refer
from routine.reasons import Reason
from tasks import clients, journal_system, people
from tasks.decided import decided, entry_of
from tasks.inbound_contact import effect_keys
from tasks.inbound_contact.facts import (
    BACKOFF,
    ContactFacts,
    address,
    approval,
    asked_of_channel,
    asked_of_referral,
    contact_facts,
    referral_by,
    unit_of,
    where,
)


def judge_first_reading(case: InboundContact, known: ContactFacts) -> Verdict[journal_system.Posting]:
    """Where the channel is not approved, a human reads the original at once; else nothing is needed."""
    unit = unit_of(case)
    if case.received_at is None:
        return Park("contact_unknown", "policy-okand-1")
    if unit is None:
        return Park("unit_unknown", "policy-okand-1")
    way, asked = where(case), asked_of_channel(case)
    by = decided("contact", asked, case.unit, way)
    if not isinstance(way.answer, Refer):
        return Go(State.HANDED, (entry_of("contact", way, by),))
    why = approval(case)
    told = (entry_of("channel", why, decided("channel", asked, case.unit, why)), entry_of("contact", way, by))
    if unit.in_shadow:
        return Go(State.HANDED, (entry_of("contact_worked_out", way, by),))
    if case.awaits_since is None:
        return Go(State.HANDED, (Entry("contact", Reason.ALREADY_ANSWERED, "patient-4"),))
    referral = referral_by(asked_of_referral(case, unit, known))
    number = address(case) if case.channel == SMS else None
    said = staff_text.read_original(_as_staff_call(case.channel), referral.reason, number)
    return journal_system.staff_task(
        effect_keys.read_original(case),
        patient=people.patient_of(case),
        unit=case.unit,
        unit_name=case.unit_name,
        contact=case.contact_id,
        reason=str(Reason.SAYS_STOP if case.says_stop else way.reason),
        said=said,
        then=Go(State.HANDED, told),
        urgent=True,
    )


def _as_staff_call(channel: str) -> str:
    """A unit's own solution by its name, where the region's file has one."""
    own = clients.region().systems.get(channel) if channel.startswith(LOCAL) else None
    return own.name if own else channel


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_tables(contact_facts),
    gate=judge_first_reading,
    ask=journal_system.ask_of_posting,
)
def tell_staff(task: journal_system.Posting) -> Done:
    """Have staff read at once what came by a way that is not approved (patient-4)."""
    return journal_system.post(task)
