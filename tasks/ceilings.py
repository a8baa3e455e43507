"""How many messages have followed from what a source tells, in the last hour (policy-kalla-1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, text

from engine import clock
from tasks import clients


@dataclass(frozen=True)
class Step:
    """A step that sends, and where its cases keep the source. Each has a count, and a ceiling, of its own.

    By name it stands in the condition of the index `effect_notices`.
    """

    name: str
    table: str
    source: str


NOTICE = Step("give_notice", "booking_publication", "source")
REFERRAL = Step("reply_to_patient", "inbound_contact", "channel")


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
        connection.execute(text(f"SELECT pg_advisory_xact_lock(hashtext('vaxel_ceiling_{step.name}'))"))
        sent = _sent_by_source(connection, step)
    return sent


def _sent_by_source(connection: Connection, step: Step) -> Counter[str]:
    query = text(
        f"""
        SELECT c.{step.source}, count(*) FROM effect e JOIN {step.table} c ON c.id = e.case_id
        WHERE e.step = '{step.name}' AND e.system IN ('sms', 'mail') AND e.sending_at > :since
        AND e.state <> 'not_sent' GROUP BY c.{step.source}"""
    )
    rows = connection.execute(query, {"since": clock.now() - timedelta(hours=1)})
    return Counter({source: number for source, number in rows})
