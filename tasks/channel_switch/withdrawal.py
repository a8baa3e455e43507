"""What VAS is to take back, when a consent to be called is: the draft, and the task to call (byte-1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection

from engine.steps.verdicts import Go, Send
from engine.tables import effects
from engine.tables.timeline import Entry
from models.case import EffectState
from models.channel_switch import ChannelSwitch
from routine.consent import is_taken_back
from tasks.channel_switch import effect_keys
from tasks.journal_system import Withdrawal

BACKOFF = [2, 10, 60, 300, 1800, 7200]
Kind = Literal["journal_note", "staff_task"]


@dataclass(frozen=True)
class Posted:
    """What VAS was handed for a consent: its id there; None: nobody knows whether it has it."""

    id: str | None


HandedOver = Mapping[Kind, Posted]
"""What there is to take back; a kind that is not there was never handed over."""


def handed_over(connection: Connection, cases: Sequence[ChannelSwitch]) -> Mapping[uuid.UUID, HandedOver]:
    """By case, what was handed over once the patient had consented."""
    found: dict[uuid.UUID, dict[Kind, Posted]] = {case.id: {} for case in cases}
    for each in effects.gone_of(connection, list(found)):
        if kind := _kind_of_key(each.key):
            found[each.case_id][kind] = Posted(each.provider_id if each.state == EffectState.DONE else None)
    return found


def _kind_of_key(key: str) -> Kind | None:
    if key.startswith(effect_keys.JOURNAL_NOTE):
        return "journal_note"
    return "staff_task" if key.startswith(effect_keys.TASK_TO_CALL) else None


def take_back(case: ChannelSwitch, kind: Kind, known: HandedOver, then: Go) -> Send[Withdrawal] | Go:
    """The verdict that takes back what was handed over; what nobody knows of is left to staff."""
    posted = known.get(kind)
    if posted is None:
        return then
    if posted.id is None:
        return _left(then)
    key = effect_keys.withdrawal(case, kind)
    kept = _left(then) if kind == "journal_note" else then  # of a task that is done nobody needs to hear
    return Send(key, then, Withdrawal(kind, key, posted.id, then, kept), "vas")


def _left(then: Go) -> Go:
    """What may be there still is for staff to see to."""
    left = is_taken_back(gone=False)
    entry = Entry("withdrawal", left.reason, left.clause)
    return replace(then, entries=(entry,), changes={"outcome": str(left.reason)})
