"""Consent as evidence: what was asked, where and in which words, what was answered and how (byte-1 to byte-3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from models.case import Event
from models.channel_switch import ChannelSwitch
from models.consent import Consent
from routine.channel_switch import Change, kind_of_change, where_is_it_asked
from routine.consent import journal_sentence
from routine.reasons import Reason
from tasks import kept_consents

KINDS: Mapping[Change, str] = {
    Change.TO_PHONE: "switch_to_phone",
    Change.FROM_PHONE: "switch_from_phone",
    Change.DIGITAL: "switch_to_digital",
}


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
    change = kind_of_change(case.from_channel, case.to_channel)
    documented = journal_sentence(change)
    answer = Consent(
        id=event.id,
        process=case.PROCESS,
        case_id=case.id,
        kind=KINDS[change],
        patient_hash=case.patient_hash,
        unit=case.unit,
        asked_in=where_is_it_asked(case.from_channel, case.to_channel).answer,
        asked_at=case.asked_at,
        template=case.template,
        template_version=case.template_version,
        given=given,
        how=how,
        answered_at=event.occurred_at,
        evidence=json.dumps({"event": str(event.id), "reason": str(reason)} | evidence),
        documented=given and documented.answer is not None,
        why=documented.clause,
    )
    kept_consents.keep_answers(connection, [answer])
