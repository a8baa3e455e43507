"""The draft in the journal is taken back, if nobody has signed it (byte-1)."""

from __future__ import annotations

from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Done, Go, Verdict
from engine.tables.timeline import Entry
from models.channel_switch import ChannelSwitch, State
from routine.consent import is_taken_back
from tasks import journal_system
from tasks.channel_switch.withdrawal import (
    BACKOFF,
    HandedOver,
    handed_over,
    take_back,
)


def judge_draft_withdrawal(case: ChannelSwitch, known: HandedOver) -> Verdict[journal_system.Withdrawal]:
    """The draft first: it says what is not so any more."""
    gone = is_taken_back(gone=True)
    entry = Entry("withdrawal", gone.reason, gone.clause)
    return take_back(case, "journal_note", known, Go(State.DRAFT_WITHDRAWN, (entry,)))


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_tables(handed_over),
    gate=judge_draft_withdrawal,
    ask=journal_system.ask_of_posting,
)
def withdraw_draft(what: journal_system.Withdrawal) -> Done:
    """Take the draft in the journal back, if its author has not signed it (byte-1)."""
    return journal_system.withdraw(what)
