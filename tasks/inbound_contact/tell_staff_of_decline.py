"""Another way is offered by staff, where the referral was turned away (policy-hanvisning-1)."""

from __future__ import annotations

from engine.steps.stage import from_case, step
from engine.steps.verdicts import Done, Go, Verdict
from models.inbound_contact import InboundContact, State
from routine import staff_text
from tasks import journal_system, people
from tasks.inbound_contact import effect_keys
from tasks.inbound_contact.facts import BACKOFF


def judge_decline_task(case: InboundContact, known: None) -> Verdict[journal_system.Posting]:
    """The referral was turned away: staff offer the phone or a visit."""
    return journal_system.staff_task(
        effect_keys.referral_declined(case),
        patient=people.patient_of(case),
        unit=case.unit,
        unit_name=case.unit_name,
        contact=case.contact_id,
        reason="referral_declined",
        said=staff_text.referral_declined(),
        then=Go(State.REPLIED),
        urgent=True,
    )


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_case(InboundContact),
    gate=judge_decline_task,
    ask=journal_system.ask_of_posting,
)
def tell_staff_of_decline(task: journal_system.Posting) -> Done:
    """Have staff offer another way to one whom the referral did not reach (policy-hanvisning-1)."""
    return journal_system.post(task)
