"""Consent as evidence: what was asked, where and in which words, what was answered and how (byte-1 to byte-3)."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, text

from models.case import Event
from models.channel_switch import ChannelSwitch
from models.encryption import ring
from routine.approved import PHONE
from routine.channel_switch import kind_of_change
from routine.consent import journal_sentence
from routine.reasons import Reason


def keep(
    connection: Connection,
    case: ChannelSwitch,
    event: Event,
    *,
    given: bool,
    how: str,
    reason: Reason,
    **evidence: Any,
) -> None:
    """Keep the answer to a proposal, under the id of the event that brought it."""
    documented = journal_sentence(kind_of_change(case.from_channel, case.to_channel))
    row = {
        "id": event.id,
        "process": case.PROCESS,
        "case_id": case.id,
        "kind": "switch_to_phone" if case.to_channel == PHONE else "switch_to_digital",
        "patient_hash": case.patient_hash,
        "unit": case.unit,
        "asked_in": case.from_channel,
        "asked_at": case.asked_at,
        "template": case.template,
        "template_version": case.template_version,
        "given": given,
        "how": how,
        "answered_at": event.occurred_at,
        "evidence": json.dumps({"event": str(event.id), "reason": str(reason)} | evidence),
        "documented": given and documented.answer is not None,
        "why": documented.clause,
    }
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    put = text(f"INSERT INTO consent ({names}) VALUES ({values}) ON CONFLICT (id) DO NOTHING")
    connection.execute(put, row)


def unsealed(column: bytes | None) -> str | None:
    """A sealed column that was read without its model."""
    return None if column is None else ring().unseal(bytes(column))
