"""A link to a patient: its token is random, and the table knows it by its hash only (policy-identitet-1, byte-3)."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

from sqlalchemy import text

from engine.base.database import engine
from engine.tables.events import EventContext
from models.case import Event
from models.channel_switch import ChannelSwitch
from models.routes import token_hash
from tasks.channel_switch.events import EVENTS

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
STAFF = {"hsa_id": "SE2321000115-P000000000001", "name": "Anna Test", "title": "sjuksköterska"}
PROPOSED = {"switch": {"id": "S-1", "contact": "K-1", "to": "platform24", "why": "x", "by": STAFF}}


def _proposed(id: uuid.UUID) -> tuple[str, str]:
    """The token that the proposal has, and all that the table of links then holds; nothing of it stays."""
    case = ChannelSwitch(id=id, key="S-1", state="proposed", created_at=NOW, changed_at=NOW)
    event = Event(
        number=1, id=id, source="staff", webhook_id="w", type="switch.proposed", process="channel_switch",
        key="S-1", occurred_at=NOW, received_at=NOW, data=json.dumps(PROPOSED),
    )  # fmt: skip
    with engine().connect() as connection:
        how = EVENTS.handling(event.type)
        said = how.stored.model_validate_json(event.data)
        how.handler(case, said, EventContext(connection, None, event=event))
        (row,) = connection.execute(text("SELECT * FROM link"))
        connection.rollback()
    assert case.link is not None
    assert row.token_hash == token_hash(case.link)
    return case.link, str(tuple(row))


def test_the_same_proposal_twice_under_the_same_keys_has_two_tokens(database: None) -> None:
    """byte-3: who has the keys and the proposal's id has not the link, nor has one who reads the table."""
    id = uuid.uuid4()
    (first, held), (second, _) = _proposed(id), _proposed(id)
    assert first != second
    assert min(len(first), len(second)) >= 43  # 256 bits
    assert first not in held
