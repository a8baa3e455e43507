"""The task to call the patient is taken back (byte-1)."""

from __future__ import annotations

from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Done, Go, Verdict
from models.channel_switch import ChannelSwitch, State
from tasks import journal_system
from tasks.channel_switch.withdrawal import (
    BACKOFF,
    HandedOver,
    handed_over,
    take_back,
)


def judge_task_withdrawal(case: ChannelSwitch, known: HandedOver) -> Verdict[journal_system.Withdrawal]:
    """Then the task to call."""
    return take_back(case, "staff_task", known, Go(State.TASK_WITHDRAWN))


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_tables(handed_over),
    gate=judge_task_withdrawal,
    ask=journal_system.ask_of_posting,
)
def withdraw_task(what: journal_system.Withdrawal) -> Done:
    """Take the task to call the patient back."""
    return journal_system.withdraw(what)
