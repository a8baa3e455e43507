"""The draft in the journal is taken back, if nobody has signed it (byte-1)."""

from __future__ import annotations

from engine.flow import step
from engine.timeline import Entry
from engine.verdicts import Done, Go, Verdict
from models.channel_switch import ChannelSwitch, State
from routine.consent import is_taken_back
from tasks import journal_system
from tasks.channel_switch.withdrawal import BACKOFF, Known, Withdrawal, read, take_back, withdraw


def draft_gate(case: ChannelSwitch, known: Known) -> Verdict:
    """The draft first: it says what is not so any more."""
    gone = is_taken_back(gone=True)
    told = Entry("withdrawal", gone.reason, gone.clause)
    return take_back(case, "journal_note", known, Go(State.DRAFT_WITHDRAWN, (told,)))


@step(system="vas", backoff=BACKOFF, read=read, gate=draft_gate, ask=journal_system.ask)
def withdraw_draft(what: Withdrawal) -> Done:
    """Take the draft in the journal back, if its author has not signed it (byte-1)."""
    return withdraw(what)
