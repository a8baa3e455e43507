"""How a contact that is over is registered: proposed to the journal system, for staff to confirm (distans-1)."""

from __future__ import annotations

import json

from engine.steps.stage import from_case, step
from engine.steps.verdicts import Done, Rest, Verdict
from engine.tables.timeline import Entry
from models.inbound_contact import InboundContact, State
from routine.ages import swedish_day
from routine.facts import Form
from routine.reasons import Reason
from routine.registration import Held, how_is_it_registered, is_visit, read_codes
from tasks import journal_system, people
from tasks.inbound_contact import effect_keys
from tasks.inbound_contact.facts import BACKOFF, unit_of

CODES = read_codes()


def judge_registration(case: InboundContact, known: None) -> Verdict[journal_system.Posting]:
    """How it is registered is proposed for staff to confirm (distans-1); unknown is never a visit."""
    told = json.loads(case.visit) if case.visit else {}
    known_of = {name: told.get(name) for name in Held.__dataclass_fields__}
    visit = is_visit(Held(**known_of))
    then = Rest(State.REGISTERED, (Entry("registration", visit.reason, visit.clause),))
    patient, unit = people.patient_of(case), unit_of(case)
    if patient is None or unit is None or case.closed_at is None:
        return Rest(State.REGISTERED, (Entry("registration", "patient_not_named", "distans-1"),))
    if unit.in_shadow:
        return Rest(State.REGISTERED, (Entry("registration_worked_out", visit.reason, visit.clause),))
    day = swedish_day(case.closed_at)
    registered = how_is_it_registered(Form.CHAT, visit, day, CODES)
    body = {
        "patient": patient.model_dump(mode="json"),
        "unit": journal_system.unit_in(case.unit, case.unit_name),
        "contact": case.contact_id,
        "channel": case.channel,
        "form": str(Form.CHAT),
        "visit": None if visit.reason is Reason.VISIT_UNKNOWN else visit.allowed,
        "codes": [{"code": code.code, "system": code.system} for code in registered.answer],
        "at": case.closed_at,
    }
    return journal_system.submit("contact", effect_keys.registration(case), body, then)


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_case(InboundContact),
    gate=judge_registration,
    ask=journal_system.ask_of_posting,
)
def register_contact(contact: journal_system.Posting) -> Done:
    """Propose to the journal system whether it was a visit, and its codes; staff confirm it (distans-1)."""
    return journal_system.post(contact)
