"""A link to a patient: its token is random, and the table knows it by its hash only (policy-identitet-1, byte-3)."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

from sqlalchemy import text

from engine.base.database import engine
from engine.tables.events import EventContext
from models.booking import Booking
from models.booking_publication import BookingPublication
from models.case import Event
from models.channel_switch import ChannelSwitch
from models.processes import EVENTS as EXAMPLES
from models.routes import token_hash
from tasks.booking_publication import join_link
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


def _visit(**fields: object) -> tuple[BookingPublication, Booking]:
    example = EXAMPLES["booking.created"].example["booking"]
    case = BookingPublication(key="vas:1", state="received", created_at=NOW, updated_at=NOW)
    return case, Booking.model_validate(example | fields)


def test_a_digital_visit_has_one_link_and_keeps_it_whatever_becomes_of_it() -> None:
    """system-2: random, so that who has the keys and the booking's id has not the link; found by its hash."""
    case, booking = _visit(form="video", platform="platform24")
    join_link.make(case, booking)
    assert case.link is not None
    assert (len(case.link), case.link_hash) == (22, token_hash(case.link))
    first = case.link
    for form in ("on_site", "chat", "video"):
        join_link.make(case, _visit(form=form)[1])
        assert case.link == first
    assert join_link.address(case, _visit(form="on_site")[1]) is None
    assert str(join_link.address(case, booking)).endswith(f"/v/{first}")


def test_no_two_visits_have_the_same_and_one_that_nobody_joins_has_none() -> None:
    links = set()
    for _ in range(50):
        case, booking = _visit(form="video")
        join_link.make(case, booking)
        links.add(case.link)
    assert len(links) == 50
    case, booking = _visit(form="phone")
    join_link.make(case, booking)
    assert (case.link, case.link_hash, join_link.address(case, booking)) == (None, None, None)
