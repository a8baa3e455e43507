"""The task to call the patient is taken back (byte-1)."""

from __future__ import annotations

from engine.flow import step
from engine.verdicts import Done, Go, Verdict
from models.channel_switch import ChannelSwitch, State
from tasks import journal_system
from tasks.channel_switch.withdrawal import BACKOFF, Known, Withdrawal, read, take_back, withdraw


def task_gate(case: ChannelSwitch, known: Known) -> Verdict:
    """Then the task to call."""
    return take_back(case, "staff_task", known, Go(State.TASK_WITHDRAWN))


@step(system="vas", backoff=BACKOFF, read=read, gate=task_gate, ask=journal_system.ask)
def withdraw_task(what: Withdrawal) -> Done:
    """Take the task to call the patient back."""
    return withdraw(what)
