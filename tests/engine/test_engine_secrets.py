"""What is personal lies sealed, keys rotate, secrets are kept to ourselves, and no error tells a value."""

from __future__ import annotations

import base64
import os
import stat
import threading
import traceback
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from errands import DONE, Errand, Movable, put_cases, sql, stored
from sqlalchemy.exc import DBAPIError

from engine.base import clock, errors
from engine.base.database import session
from engine.base.settings import SYSTEMS, Local, Settings, System, settings
from engine.steps.verdicts import Send
from models.booking_publication import BookingPublication
from models.case import Effect, Event
from models.encryption import Keyring

PERSONAL = "19121212-1212"


# --- settings


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No VAXEL_ settings in the environment, and an empty home."""
    for name in [name for name in os.environ if name.startswith("VAXEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def test_secrets_are_kept_for_ourselves_alone(bare: Path) -> None:
    Settings(home=bare).secret("a")
    assert stat.S_IMODE((bare / "secrets.json").stat().st_mode) == 0o600


def test_a_secret_is_made_once(bare: Path) -> None:
    assert Settings(home=bare).secret("a") == Settings(home=bare).secret("a")


def test_two_homes_have_different_secrets(bare: Path) -> None:
    assert Settings(home=bare).secret("a") != Settings(home=bare / "other").secret("a")
    assert Settings(home=bare).keyring().lookup != Settings(home=bare / "other").keyring().lookup


def test_everybody_who_starts_at_once_has_the_same_keys(bare: Path) -> None:
    ready = threading.Barrier(8)

    def start(_: int) -> tuple[Any, ...]:
        ready.wait()
        found = Settings(home=bare)
        return (found.keyring().keys[1], found.keyring().lookup, found.secret_of("vas"))

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, range(8)))) == 1


def test_all_column_keys_that_are_kept_are_on_the_ring(bare: Path) -> None:
    here = Settings(home=bare)
    here.keyring()
    here.secret("column_key_2")
    assert set(here.keyring().keys) == {1, 2}


def test_nested_settings_come_from_the_environment(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAXEL_GATEWAY__PORT", "9090")
    monkeypatch.setenv("VAXEL_SYSTEMS__SMS__URL", "https://sms.example.org")
    monkeypatch.setenv("VAXEL_SYSTEMS__SMS__DEADLINE", "3")
    here = Settings(home=bare)
    assert here.gateway_url == "http://127.0.0.1:9090"
    assert (here.system("sms").url, here.system("sms").deadline) == ("https://sms.example.org", 3.0)


def test_a_units_own_solution_is_named_without_hyphens_in_the_environment(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """system-4: it is what the region's file calls it, is there once it has an address, and gets no other's name."""
    monkeypatch.setenv("VAXEL_SYSTEMS", '{"local-min-dagbok": {"threads": 2}, "local-utan": {"deadline": 3}}')
    monkeypatch.setenv("VAXEL_SYSTEMS__LOCAL_MIN_DAGBOK__URL", "https://dagbok.example.org")
    here = Settings(home=bare)
    assert here.own_solutions == ("local-min-dagbok",)
    at = here.system(here.own_solutions[0])
    assert (at.url, at.threads) == ("https://dagbok.example.org", 2)
    assert here.system(Local("local-utan")).url is None
    assert here.names == (*SYSTEMS, "local-min-dagbok")


def test_the_alerts_worker_makes_short_calls_to_a_units_own_solution_too(bare: Path) -> None:
    """policy-suicid-1: a call that did not fit the lease would never be made."""
    here = Settings(home=bare, systems={Local("local-hjarta"): System(url="https://hjarta.example.org")})
    here.hurry()
    assert 2 * here.system(Local("local-hjarta")).deadline <= here.lease_seconds


def test_a_system_without_a_url_is_at_the_sandbox(bare: Path) -> None:
    here = Settings(home=bare)
    assert here.system("sms").url == "http://127.0.0.1:8090/sms"
    assert here.system("mail").url == "smtp://127.0.0.1:8091"


def test_a_given_secret_wins_over_a_made_one(bare: Path) -> None:
    given = "whsec_" + "A" * 44
    assert Settings(home=bare, webhook_secrets={"vas": given}).secret_of("vas") == given


def test_a_made_signing_secret_is_one_that_the_library_takes(bare: Path) -> None:
    made = Settings(home=bare).secret_of("vas")
    assert len(base64.b64decode(made.removeprefix("whsec_"))) == 32


def test_an_unknown_system_is_refused(bare: Path) -> None:
    with pytest.raises(ValueError, match="systems"):
        Settings(home=bare, systems={"fax": {}})  # type: ignore[dict-item]


# --- nothing is told


def test_the_settings_do_not_show_their_secrets(bare: Path) -> None:
    here = Settings(
        home=bare,
        webhook_secrets={"vas": "whsec_topsecrettopsecrettopsecretA"},
        systems={"sms": {"password": "topsecret"}},  # type: ignore[dict-item]
        fortysixelks={"hook_password": "topsecret"},  # type: ignore[arg-type]
        database_url="postgresql://u:topsecret@h/d",
    )
    assert "topsecret" not in repr(here) + str(here)


def test_a_keyring_does_not_show_its_keys() -> None:
    assert "00000001" not in repr(Keyring({1: b"%032d" % 1}, b"l" * 32))


@pytest.mark.parametrize(
    "kind", [errors.NotSent, errors.SystemDown, errors.UnknownOutcome, errors.Refused, errors.Incident]
)
def test_an_error_shows_its_reason_and_the_protocols_code(kind: type[errors.VaxelError]) -> None:
    assert str(kind("answer_lost", "http_503")) == "answer_lost (http_503)"
    assert str(kind("answer_lost")) == "answer_lost"


def rows() -> list[Any]:
    now, case = clock.now(), uuid.uuid4()
    shared = {"process": "errand", "key": "k"}
    return [
        Event(
            source="vas", webhook_id="w", type="t", occurred_at=now, received_at=now, data=PERSONAL, **shared
        ),
        Effect(
            case_id=case,
            step="s",
            system="sms",
            state="done",
            sending_at=now,
            deadline_at=now,
            request=PERSONAL,
            **shared,
        ),
        BookingPublication(key="k", state="received", snapshot=PERSONAL, created_at=now, updated_at=now),
        Send("k", DONE, PERSONAL, request=PERSONAL),
    ]


@pytest.mark.parametrize("number", range(4), ids=["event", "effect", "case", "send"])
def test_what_is_printed_of_a_row_holds_nothing_personal(number: int) -> None:
    assert PERSONAL not in repr(rows()[number]) + str(rows()[number])


def broken(statement: str, **given: Any) -> DBAPIError:
    with pytest.raises(DBAPIError) as found:
        sql(statement, **given)
    return found.value


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO wake (process, asked_at) VALUES (:value, now()), (:value, now())",
        "INSERT INTO wake (process) VALUES (:value)",
        "SELECT CAST(:value AS integer)",
        "SELECT CAST(:value AS timestamptz)",
        "SELECT CAST(:value AS uuid)",
    ],
    ids=["unique", "not_null", "integer", "time", "uuid"],
)
def test_an_error_of_the_database_tells_no_value(errands: None, statement: str) -> None:
    error = broken(statement, value=f"person {PERSONAL}")
    told = "".join(traceback.format_exception(error)) + str(error) + repr(error) + repr(error.orig)
    assert PERSONAL not in told.replace(f'value=f"person {PERSONAL}"', "")


def test_a_bulk_insert_that_fails_tells_no_value(errands: None) -> None:
    put_cases(1, prefix=PERSONAL)
    with pytest.raises(DBAPIError) as found:
        put_cases(1, prefix=PERSONAL)
    assert PERSONAL not in "".join(traceback.format_exception(found.value))


# --- the clock


def test_the_clock_tells_aware_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_another_clock_can_be_put_in_and_taken_out() -> None:
    movable = Movable()
    before = clock.use(movable)
    try:
        movable.move(3600)
        assert clock.now() == movable.at
    finally:
        assert clock.use(before) is movable


def test_what_is_stored_comes_back_in_utc(moving: Movable) -> None:
    (id,) = put_cases(1)
    assert stored(id).created_at == clock.now()
    assert stored(id).created_at.utcoffset() == UTC.utcoffset(None)
    with session() as db:
        assert db.get(Errand, id)
    assert settings() is settings()
