"""The task to call the patient is taken back (byte-1)."""

from __future__ import annotations

from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Done, Go, Verdict
from models.channel_switch import ChannelSwitch, State
from tasks import journal_system
from tasks.channel_switch.withdrawal import (
    BACKOFF,
    HandedOver,
    Withdrawal,
    handed_over,
    take_back,
    withdraw_from_vas,
)


def judge_task_withdrawal(case: ChannelSwitch, known: HandedOver) -> Verdict[Withdrawal]:
    """Then the task to call."""
    return take_back(case, "staff_task", known, Go(State.TASK_WITHDRAWN))


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_tables(handed_over),
    gate=judge_task_withdrawal,
    ask=journal_system.ask_of_posting,
)
def withdraw_task(what: Withdrawal) -> Done:
    """Take the task to call the patient back."""
    return withdraw_from_vas(what)
