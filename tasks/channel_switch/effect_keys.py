"""The keys of what is done for a change of channel: each names its occasion, and holds nothing of the patient's."""

from __future__ import annotations

from models.channel_switch import ChannelSwitch
from models.channel_switch import State as SwitchState


def question(case: ChannelSwitch) -> str:
    """One question for a proposal."""
    return f"question:{case.id}"


JOURNAL_NOTE = "journal_note:"


TASK_TO_CALL = f"staff_task:switch:{SwitchState.DOCUMENTED}:"
"""How the keys begin of what a consent to be called leaves in VAS."""


def journal_note(case: ChannelSwitch) -> str:
    """One draft for a consent."""
    return f"{JOURNAL_NOTE}{case.id}"


def withdrawal(case: ChannelSwitch, kind: str) -> str:
    """A draft or a task is taken back once: to whoever has taken a consent back it is not put again."""
    return f"withdrawal:{kind}:{case.id}"


def opened_contact(case: ChannelSwitch) -> str:
    """One new contact for a consent."""
    return f"opened_contact:{case.id}"


def switch_task(case: ChannelSwitch, answer: str) -> str:
    """One task for staff for each thing that they have to hear of a proposal.

    Args:
        answer: which answer of the patient's, where there may be several.
    """
    return f"staff_task:switch:{case.state}:{case.outcome}:{case.id}:{answer}"
