"""A patient has written: staff have it, and they are answered where they wrote, or referred (patient-1 to 4)."""

from __future__ import annotations

from engine.prefect.flow import process
from engine.steps.stage import Cases
from models.inbound_contact import InboundContact, State
from tasks.inbound_contact.events import EVENTS
from tasks.inbound_contact.guide_to_service import guide_to_service
from tasks.inbound_contact.keep_watch import keep_watch
from tasks.inbound_contact.register_contact import register_contact
from tasks.inbound_contact.reply_to_patient import reply_to_patient
from tasks.inbound_contact.tell_staff import tell_staff
from tasks.inbound_contact.tell_staff_of_decline import tell_staff_of_decline


@process(InboundContact, events=EVENTS)
def inbound_contact(cases: Cases[InboundContact]) -> None:
    """A contact is answered in the channel that the patient chose, if it is approved; else the patient is referred.

    1. staff read at once what came by a way that is not approved (patient-4)
    2. an acknowledgement, or the referral (patient-1, policy-hanvisning-1)
    3. a direct link to a ready service, where there is one (byte-5)
    4. an answer that is overdue is shown to ops (policy-svarstid-1)
    5. its registration is proposed to the journal system (distans-1)
    """
    tell_staff(cases.at(State.RECEIVED))
    reply_to_patient(cases.at(State.HANDED))
    tell_staff_of_decline(cases.at(State.DECLINED))
    guide_to_service(cases.at(State.REPLIED))
    keep_watch(cases.at(State.OPEN, State.UNANSWERED, State.ANSWERED))
    register_contact(cases.at(State.CLOSED))
