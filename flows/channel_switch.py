"""Care proposes another channel, or a caller asks for one: the patient consents first (byte-1 to 3, patient-3)."""

from __future__ import annotations

from engine.prefect.flow import process
from engine.steps.stage import Cases
from models.channel_switch import ChannelSwitch, State
from tasks.channel_switch.ask_patient import ask_patient
from tasks.channel_switch.events import EVENTS
from tasks.channel_switch.find_contact import find_contact
from tasks.channel_switch.let_lapse import let_lapse
from tasks.channel_switch.record_consent import record_consent
from tasks.channel_switch.tell_who_proposed import tell_who_proposed
from tasks.channel_switch.text_link import text_link
from tasks.channel_switch.withdraw_draft import withdraw_draft
from tasks.channel_switch.withdraw_task import withdraw_task


@process(ChannelSwitch, events=EVENTS)
def channel_switch(cases: Cases[ChannelSwitch]) -> None:
    """The patient is asked where they wrote; without a consent the contact stays there.

    0. a caller has pressed a key: the link goes to them by SMS, and the login tells who they are (byte-2)
    1. the contact is found, so that its answers reach us
    2. the question, in the routine's words, or a no with its clause (byte-1, byte-3, byte-4)
    3. no answer in time: the contact stays (byte-6)
    4. a consent: the journal's draft for a call (byte-1), a new contact for another channel (byte-3)
    5. a consent to be called that is taken back: the draft and the task go
    6. staff hear of it
    """
    text_link(cases.at(State.PRESSED))
    find_contact(cases.at(State.PROPOSED))
    ask_patient(cases.at(State.FOUND))
    let_lapse(cases.at(State.ASKED))
    record_consent(cases.at(State.CONSENTED))
    withdraw_draft(cases.at(State.WITHDRAWN))
    withdraw_task(cases.at(State.DRAFT_WITHDRAWN))
    tell_who_proposed(cases.at(State.REFUSED, State.UNCLEAR, State.DOCUMENTED, State.TASK_WITHDRAWN))
