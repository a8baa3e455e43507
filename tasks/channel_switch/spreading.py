"""Events that do not name a change of channel by its key: each is made into one for the case that it means."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from engine import inbox
from engine.inbox import Refusal
from models.case import Event, Outcome
from models.channel_switch import ChannelSwitch
from models.events import Arrival
from models.participation import Participation
from routine.reasons import Reason
from systems.eid import LoggedIn
from tasks import identity_events
from tasks.channel_switch import logins

Case = ChannelSwitch
DERIVED = logins.DERIVED

_spread_over = identity_events.spread_all_over(ChannelSwitch)


def spread(connection: Connection, events: Sequence[Event]) -> Collection[str]:
    """What is told of persons and units, and what staff and targets say without the case's key."""
    of_many = [event for event in events if identity_events.is_of_many(event)]
    _spread_over(connection, of_many)
    return _spread_named(connection, [event for event in events if event not in of_many])


def _spread_named(connection: Connection, events: Sequence[Event]) -> Collection[str]:
    """An override names a proposal or a case of ours, a login a link: made into one for the case that it means.

    Raises:
        LookupError: there is none.
    """
    wakes: set[str] = set()
    for event in events:
        data = json.loads(event.data)
        if event.type == "link.login_completed":
            _reported(connection, event, data)
        else:
            process, key = _meant(connection, data["override"]["case"])
            arrival = Arrival(f"{event.id}:{key}", event.type, process, key, None, event.occurred_at, data)
            inbox.put(connection, DERIVED, [arrival])
            wakes |= {process} - {Case.PROCESS}
    inbox.close(
        connection,
        {event.number or 0: Outcome.SPREAD for event in events},
        forget=[event.number or 0 for event in events],
    )
    return wakes


def _reported(connection: Connection, event: Event, data: dict[str, Any]) -> None:
    """A channel says that a patient has logged in there; ops are shown what it could not vouch for."""
    who = LoggedIn(data["patient"]["id"], data["loa"], datetime.fromisoformat(data["at"]))
    try:
        decision, _ = logins.judge(connection, data["link"], who, str(event.id), by=event.source)
    except LookupError:
        wrong = "data.link: no such link"
    else:
        wrong = "" if decision.reason != Reason.LOGIN_NOT_VOUCHED else f"data.link: {decision.reason}"
    if wrong:
        inbox.refuse(connection, event.source, [Refusal(event.webhook_id, event.type, (wrong,))])


def _meant(connection: Connection, id: str) -> tuple[str, str]:
    """The process and the key of the case that staff name: by the sender's id, or by ours."""
    for process in (Case.PROCESS, Participation.PROCESS):
        query = text(f"SELECT key FROM {process} WHERE key = :id OR CAST(id AS text) = :id")
        if key := connection.execute(query, {"id": id}).scalar():
            return process, key
    raise LookupError("case")
