"""An upgrade binds everything that lies sealed to its place, and everything is found as it was before."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Engine, create_engine, text
from sqlmodel import col, select

from engine.base import database, sealing
from engine.base.database import load
from engine.base.settings import settings
from engine.ops import reseal
from engine.tables import timeline
from models import encryption, risk_alert
from models.booking_publication import BookingPublication, Engagement
from models.case import Effect, Event, TimelineEntry
from models.channel_switch import ChannelSwitch
from models.encryption import BOUND, Keyring
from models.resident import Resident
from models.risk_alert import RiskAlert
from models.routes import token_hash
from tasks.booking_publication import effect_keys

NAME = "vaxel_upgraded"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PATIENT = "191212121212"
SNAPSHOT = json.dumps({"id": "b", "patient": {"id": PATIENT, "type": "personnummer"}, "series": "S"})
SMS = {"to": "+46701740605", "text": "Hej"}
BOOKING, BROKEN, SWITCH = (uuid.UUID(int=n) for n in (1, 2, 3))


@pytest.fixture(scope="module")
def old(postgres: None) -> Iterator[Engine]:
    """A database as the version before 0006 has left it."""
    maintenance = create_engine(
        database.with_driver(database.url_of("postgres"), "psycopg"), isolation_level="AUTOCOMMIT"
    )
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {NAME}"))
    made = create_engine(_url(), connect_args={"options": "-c timezone=UTC"})
    command.upgrade(_config(), "0005")
    database.engine()
    with made.begin() as connection:
        _fill(connection)
    yield made
    made.dispose()
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE {NAME} WITH (FORCE)"))
    maintenance.dispose()


def _url() -> str:
    return database.with_driver(database.url_of(NAME), "psycopg")


def _config() -> Config:
    config = database.alembic()
    config.set_main_option("sqlalchemy.url", _url().replace("%", "%%"))
    return config


def _ring() -> Keyring:
    return settings().keyring()


def _closed(said: str) -> bytes:
    """As the version before sealed: bound to nothing."""
    number, nonce = max(_ring().keys), secrets.token_bytes(12)
    return bytes([number]) + nonce + AESGCM(_ring().keys[number]).encrypt(nonce, said.encode(), None)


def _old_series() -> str:
    return _ring().digest(f"{PATIENT}\nS").hex()


def _old_token() -> str:
    return base64.urlsafe_b64encode(_ring().digest(f"link\n{SWITCH}")).decode().rstrip("=")


def _put(connection: Any, table: str, **row: Any) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


def _fill(connection: Any) -> None:
    case = {"tries": 0, "created_at": NOW, "updated_at": NOW}
    booking = {"source": "vas", "booking_id": "b", "unit": "u", "cancelled": False, "told": False}
    booking |= {"echo": False, "replayed": False, "letter_failed": False, "state": "settled"} | case
    patient = {"patient_hash": _ring().digest(PATIENT), "snapshot": _closed(SNAPSHOT)}
    for id in (BOOKING, BROKEN):
        entries, last = _chain(connection, id, 2)
        _put(connection, "booking_publication", id=id, key=f"vas:{id}", series=_old_series(),
             entries=entries, last_hash=last, **booking, **patient)  # fmt: skip
    connection.execute(text("UPDATE timeline SET reason = 'forged' WHERE case_id = :id"), {"id": BROKEN})
    _effects(connection)
    _put(connection, "resident", patient_hash=_ring().digest("dead"), deceased_at=NOW)
    _put(connection, "engagement", id=uuid.uuid4(), case_id=BOOKING, resident=_closed(PATIENT), unit="u",
         resident_hash=_ring().digest(PATIENT), categorization="c", booking_id="b", wanted=True,
         accepted=True, asked_at=NOW)  # fmt: skip
    switch = {"from_channel": "phone", "to_channel": "platform24", "unit": "u", "has_why": False}
    _put(connection, "channel_switch", id=SWITCH, key="s", contact_id="c", state="asked", overridden=False,
         number=_closed("+46701740605"), caller_hash=_ring().digest("+46701740605"), entries=0,
         **switch, **case)  # fmt: skip
    _put(connection, "link", token_hash=_old_hash(), case_id=SWITCH, made_at=NOW)
    for key, state in (("up", "climbed"), ("standing", "alerted")):
        _put(connection, "risk_alert", id=uuid.uuid4(), key=key, entries=0, step=1, repeats=0,
             **case | {"state": state})  # fmt: skip
    event = {"id": uuid.uuid4(), "source": "hope", "webhook_id": "w", "type": "link.login_completed"}
    event |= {"process": "channel_switch", "key": "", "occurred_at": NOW, "received_at": NOW}
    data = _closed(json.dumps({"link": _old_hash(), "loa": 3}))
    _put(connection, "event", via_batch=False, taken=False, data=data, **event)


def _old_hash() -> str:
    return hashlib.sha256(_old_token().encode()).hexdigest()


def _effects(connection: Any) -> None:
    shared = {"process": "booking_publication", "case_id": BOOKING, "step": "give_notice", "system": "sms"}
    shared |= {"state": "done", "sending_at": datetime.now(UTC), "deadline_at": NOW, "tries": 1}
    for key in (f"notice:series:{_old_series()}", "notice:one"):
        likeness = _ring().digest(f"{SMS['to']}\n{SMS['text']}")
        _put(connection, "effect", id=uuid.uuid4(), key=key, request=_closed(json.dumps(SMS)),
             likeness=likeness, **shared)  # fmt: skip


def _chain(connection: Any, case: uuid.UUID, number: int) -> tuple[int, bytes]:
    """As the version before chained: with no key."""
    last = b""
    for n in range(number):
        said = ["booking_publication", str(case), n, NOW.isoformat(), "notice", "booked", "besok-2", {"n": n}]
        last = hashlib.sha256(last + json.dumps(said, sort_keys=True).encode()).digest()
        _put(connection, "timeline", case_id=case, number=n, process=said[0], at=NOW, what=said[4],
             reason=said[5], clause=said[6], detail=json.dumps(said[7]), hash=last)  # fmt: skip
    return number, last


@pytest.fixture(scope="module")
def upgraded(old: Engine) -> Engine:
    """The same after the upgrade, which was broken off once in the middle."""
    write, ring = reseal._write_rows, encryption.ring()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reseal, "_write_rows", _breaks_at("event", write))
        with pytest.raises(InterruptedError):
            command.upgrade(_config(), "head")
    assert encryption.ring() is ring
    command.upgrade(_config(), "head")
    return old


def _breaks_at(table: str, write: Any) -> Any:
    def broken(connection: Any, of: Any, rows: Any) -> None:
        if of.name == table:
            raise InterruptedError
        write(connection, of, rows)

    return broken


def found(at: Engine, model: Any, where: str, **given: Any) -> Any:
    with at.connect() as connection:
        (one,) = load(connection, select(model).where(text(where)), given)
        return one


def test_everything_lies_bound_and_opens_in_its_place(upgraded: Engine) -> None:
    with upgraded.connect() as connection:
        for table, column in (("booking_publication", "snapshot"), ("effect", "request"), ("event", "data")):
            for value in connection.execute(text(f"SELECT {column} FROM {table}")).scalars():
                assert bytes(value).startswith(BOUND)
    assert found(upgraded, BookingPublication, "id = :id", id=BOOKING).snapshot == SNAPSHOT
    assert found(upgraded, Engagement, "true").resident == PATIENT
    assert found(upgraded, ChannelSwitch, "true").number == "+46701740605"


def test_everybody_is_found_as_before_the_dead_too(upgraded: Engine) -> None:
    now = encryption.ring()
    assert found(upgraded, Resident, "patient_hash = :hash", hash=now.digest("dead")).deceased
    assert found(upgraded, ChannelSwitch, "caller_hash = :hash", hash=now.digest("+46701740605"))


def test_a_series_that_was_told_of_is_not_told_of_again(upgraded: Engine) -> None:
    """besok-2"""
    series = effect_keys.series(PATIENT, "S")
    assert found(upgraded, BookingPublication, "id = :id", id=BOOKING).series == series
    assert json.loads(found(upgraded, Effect, "key = :key", key=f"notice:series:{series}").request) == SMS


def test_a_twin_is_known_as_one(upgraded: Engine) -> None:
    like = encryption.ring().keyed(encryption.Use.LIKENESS, f"{SMS['to']}\n{SMS['text']}")
    assert found(upgraded, Effect, "key = 'notice:one'").likeness == like


def test_policy_kalla_1_what_was_sent_within_the_hour_counts_for_its_source(upgraded: Engine) -> None:
    assert found(upgraded, Effect, "key = 'notice:one'").counted_for == "vas"


def test_a_link_that_is_out_leads_where_it_did_and_is_sent_again_as_it_was(upgraded: Engine) -> None:
    with upgraded.connect() as connection:
        links = connection.execute(text("SELECT token_hash FROM link")).scalars().all()
    assert links == [token_hash(_old_token())]
    assert found(upgraded, ChannelSwitch, "true").link == _old_token()
    assert json.loads(found(upgraded, Event, "true").data)["link"] == token_hash(_old_token())


def test_a_timeline_is_keyed_and_one_that_was_forged_is_not_made_whole(upgraded: Engine) -> None:
    def is_whole(id: uuid.UUID) -> bool:
        case = found(upgraded, BookingPublication, "id = :id", id=id)
        with upgraded.connect() as connection:
            query = select(TimelineEntry).where(TimelineEntry.case_id == id)
            entries = load(connection, query.order_by(col(TimelineEntry.number)))
        return timeline.is_whole(entries, case.entries, case.last_hash)

    assert is_whole(BOOKING)
    assert not is_whole(BROKEN)


def test_policy_suicid_1_an_alert_that_had_climbed_stands_as_escalated(upgraded: Engine) -> None:
    assert found(upgraded, RiskAlert, "contact_id = 'up'").state == risk_alert.State.ESCALATED
    assert found(upgraded, RiskAlert, "contact_id = 'standing'").state == risk_alert.State.ALERTED


def test_what_a_gateway_of_before_still_seals_opens_for_a_week(upgraded: Engine) -> None:
    with upgraded.connect() as connection:
        known = sealing._opened(connection)
    until = datetime.fromisoformat(known[sealing.UNBOUND_UNTIL])
    assert abs(until - datetime.now(UTC) - sealing.UPGRADE).total_seconds() < 60
    assert set(known) == {sealing.UNBOUND_UNTIL, f"key {max(_ring().keys)}"}
