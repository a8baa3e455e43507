"""Events that do not name a change of channel by its key: each is made into one for the case that it means."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection
from sqlmodel import col, or_, select

from engine.tables import inbox
from engine.tables.events import EventContext, for_case
from engine.tables.inbox import Refusal
from models.case import Outcome
from models.channel_switch import ChannelSwitch
from models.participation import Participation
from models.stored_events import GatePassed, LoginReported
from routine.reasons import Reason
from systems.eid import LoggedIn
from tasks.channel_switch import logins


def overridden_by_id(said: GatePassed, context: EventContext[None]) -> Outcome:
    """An override names a proposal or a case of ours, be it a handing-over.

    Raises:
        LookupError: there is none.
    """
    process, key = _meant(context.connection, said.override.case)
    context.put(for_case(context.event, key, said, process))
    return Outcome.SPREAD


def login_reported(said: LoginReported, context: EventContext[None]) -> Outcome:
    """A channel says that a patient has logged in there; ops are shown what it could not vouch for."""
    who, event = LoggedIn(said.patient.id, said.loa, said.at), context.event
    try:
        decision, _ = logins.judge(context.connection, said.link, who, str(event.id), by=event.source)
    except LookupError:
        wrong = "data.link: no such link"
    else:
        wrong = "" if decision.reason != Reason.LOGIN_NOT_VOUCHED else f"data.link: {decision.reason}"
    if wrong:
        refusal = Refusal(event.webhook_id, event.type, (wrong,))
        inbox.refuse(context.connection, event.source, [refusal])
    return Outcome.SPREAD


def _meant(connection: Connection, id: str) -> tuple[str, str]:
    """The process and the key of the case that staff name: by the sender's id, or by ours."""
    ours = _as_ours(id)
    for model in (ChannelSwitch, Participation):
        named = or_(col(model.key) == id, col(model.id) == ours)
        if key := connection.execute(select(model.key).where(named)).scalar():
            return model.PROCESS, key
    raise LookupError("case")


def _as_ours(id: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(id)
    except ValueError:
        return None
