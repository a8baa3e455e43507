"""How many messages have followed from what a source tells, in the last hour (policy-kalla-1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Mapped
from sqlmodel import col

from engine.base import clock
from engine.tables.effects import count_sent
from models.booking_publication import BookingPublication
from models.inbound_contact import InboundContact
from models.requested_notice import RequestedNotice
from tasks import clients


@dataclass(frozen=True)
class Step:
    """A step that sends, and where its cases keep the source. Each has a count, and a ceiling, of its own.

    By name it stands in the condition of the index `effect_notices`.
    """

    name: str
    case_id: Mapped[UUID]
    source: Mapped[str]


NOTICE = Step("give_notice", col(BookingPublication.id), col(BookingPublication.source))
REQUESTED_NOTICE = Step("give_requested_notice", col(RequestedNotice.id), col(RequestedNotice.source))
REFERRAL = Step("reply_to_patient", col(InboundContact.id), col(InboundContact.channel))


def sent_this_hour(connection: Connection, step: Step, sources: Collection[str], more: int) -> Counter[str]:
    """How many SMS and mails a step has sent in the last hour, by the source that they followed from.

    Near a ceiling one transaction counts after another: what is judged by this one is in the next one's count.

    Args:
        more: how many may follow now.
    """
    if not sources:
        return Counter()
    sent = _sent_by_source(connection, step)
    if any(sent[source] + more > clients.region().notices_an_hour(source) for source in sources):
        lock = func.pg_advisory_xact_lock(func.hashtext(f"vaxel_ceiling_{step.name}"))
        connection.execute(select(lock))
        sent = _sent_by_source(connection, step)
    return sent


def _sent_by_source(connection: Connection, step: Step) -> Counter[str]:
    since = clock.now() - timedelta(hours=1)
    by_message = ("sms", "mail")
    return Counter(count_sent(connection, step.name, by_message, since, step.source, step.case_id))
