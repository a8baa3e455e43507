"""How many messages have followed from what a source tells, in the last hour (policy-kalla-1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Connection, func, select

from engine.base import clock
from engine.steps.verdicts import Park, Send
from engine.tables.effects import count_sent
from routine.source import may_notify
from tasks import clients

P = TypeVar("P")
NOTICE, REQUESTED_NOTICE, REFERRAL = "give_notice", "give_requested_notice", "reply_to_patient"
REMINDER = "remind_of_visit"
"""The steps that send, by name: each has a count, and a ceiling, of its own."""


def sent_this_hour(connection: Connection, step: str, sources: Collection[str], more: int) -> Counter[str]:
    """How many SMS and mails a step has sent in the last hour, by the source that they followed from.

    Near a ceiling one transaction counts after another: what is judged by this one is in the next one's count.

    Args:
        more: how many may follow now.
    """
    if not sources:
        return Counter()
    sent = _sent_by_source(connection, step)
    if any(sent[source] + more > clients.region().notices_an_hour(source) for source in sources):
        lock = func.pg_advisory_xact_lock(func.hashtext(f"vaxel_ceiling_{step}"))
        connection.execute(select(lock))
        sent = _sent_by_source(connection, step)
    return sent


def under_ceiling(message: Send[P], source: str, sent: int) -> Send[P] | Park:
    """The message, which counts for its source; above that one's ceiling a human looks first (policy-kalla-1).

    Args:
        sent: how many have followed from the source in the last hour.
    """
    ceiling = may_notify(sent, clients.region().notices_an_hour(source))
    if not ceiling.allowed:
        return Park(str(ceiling.reason), ceiling.clause)
    return replace(message, counted_for=source)


def _sent_by_source(connection: Connection, step: str) -> Counter[str]:
    return Counter(count_sent(connection, step, clock.now() - timedelta(hours=1)))
