"""What is wrong in the settings is said at the start, by the setting's name and never with its value."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import ValidationError
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from engine.base import database, database_url, databases
from engine.base.database_url import UnknownToAsyncpg, for_asyncpg
from engine.base.private_files import private_append, private_folder
from engine.base.settings import Settings
from engine.ops.readiness import is_ready

HIDDEN = "hidden-word"
WRONG: list[tuple[str, Any]] = [
    ("VAXEL_SYSTEMS__SMS__URL", {"systems": {"sms": {"url": "http://sms.example", "password": HIDDEN}}}),
    ("VAXEL_SYSTEMS__VAS__URL", {"systems": {"vas": {"url": "http://10.0.0.1/vas", "password": HIDDEN}}}),
    (
        "VAXEL_SYSTEMS__PERSON__URL",
        {"systems": {"person": {"url": "http://pu.example", "certificate": HIDDEN}}},
    ),
    ("VAXEL_SYSTEMS__EID__URL", {"systems": {"eid": {"url": "http://127.0.0.1.example", "user": HIDDEN}}}),
    ("VAXEL_SYSTEMS__MAIL__URL", {"systems": {"mail": {"url": f"https://{HIDDEN}.example"}}}),
    ("VAXEL_SYSTEMS__MAIL__URL", {"systems": {"mail": {"url": f"smtp://u:{HIDDEN}@mail.example"}}}),
    ("VAXEL_SYSTEMS__SMS__URL", {"systems": {"sms": {"url": f"https://u:{HIDDEN}@sms.example"}}}),
    ("VAXEL_SYSTEMS__VAS__URL", {"systems": {"vas": {"url": HIDDEN}}}),
    ("VAXEL_SYSTEMS__VAS__URL", {"systems": {"vas": {"url": f"https://{HIDDEN}:port"}}}),
    ("VAXEL_SYSTEMS__CLAMD__URL", {"systems": {"clamd": {"url": f"http://{HIDDEN}:3310"}}}),
    ("VAXEL_SYSTEMS__CLAMD__URL", {"systems": {"clamd": {"url": f"tcp://{HIDDEN}"}}}),
    ("VAXEL_SYSTEMS__CLAMD__URL", {"systems": {"clamd": {"url": f"unix://{HIDDEN}"}}}),
    ("VAXEL_SYSTEMS__STORAGE__URL", {"systems": {"storage": {"url": f"s3://{HIDDEN}"}}}),
    (
        "VAXEL_SYSTEMS__STAFF_EID__URL",
        {"systems": {"staff_eid": {"url": "http://x.example", "user": HIDDEN}}},
    ),
    (
        "VAXEL_SYSTEMS__LOCAL_MIN_DAGBOK__URL",
        {"systems": {"local-min-dagbok": {"url": "http://x.example", "password": HIDDEN}}},
    ),
    ("VAXEL_STORAGE__URL", {"storage": {"url": f"/{HIDDEN}"}}),
    ("VAXEL_STORAGE__URL", {"storage": {"url": f"file://{HIDDEN}/x"}}),
    ("VAXEL_STORAGE__URL", {"storage": {"url": f"s3://user:{HIDDEN}@bucket"}}),
    ("VAXEL_STORAGE__URL", {"storage": {"url": f"s3://bucket/x?{HIDDEN}"}}),
    ("VAXEL_STORAGE__ENDPOINT", {"storage": {"endpoint": f"http://{HIDDEN}.example"}}),
    ("VAXEL_STORAGE__SECRET_KEY", {"storage": {"access_key": HIDDEN}}),
    ("VAXEL_GATEWAY__PUBLIC_URL", {"gateway": {"public_url": f"http://{HIDDEN}.example"}}),
    ("VAXEL_WEBHOOK_SECRETS of vas", {"webhook_secrets": {"vas": f"whsec_{HIDDEN}"}}),
    ("VAXEL_WEBHOOK_SECRETS of vas", {"webhook_secrets": {"vas": "whsec_"}}),
    ("VAXEL_WEBHOOK_SECRETS of vas", {"webhook_secrets": {"vas": ""}}),
    ("VAXEL_WEBHOOK_SECRETS of hope", {"webhook_secrets": {"hope": f"whsec_{'A' * 44} whsec_{HIDDEN}-_-_"}}),
    ("VAXEL_COLUMN_KEYS 1", {"column_keys": {"1": "aGlkZGVuLXdvcmQ="}}),
    ("VAXEL_LOOKUP_KEY", {"lookup_key": HIDDEN}),
    ("database_url", {"database_url": f"mysql://u:{HIDDEN}@h/x"}),
    ("database_url", {"database_url": f"postgresql://u:p@{HIDDEN}@h/x"}),
    ("database_url", {"database_url": f"postgresql://u:p@h:{HIDDEN}/x"}),
    ("database_url", {"database_url": HIDDEN}),
]


@pytest.mark.parametrize(("setting", "given"), WRONG, ids=lambda each: each if isinstance(each, str) else "")
def test_a_setting_that_cannot_be_right_is_named_and_its_value_is_not(setting: str, given: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**given)
    (error,) = refused.value.errors()
    assert setting in f"{error['loc']} {error['msg']}"
    assert HIDDEN not in error["msg"]
    assert HIDDEN not in str(refused.value)


@pytest.mark.parametrize(
    "given",
    [
        {
            "systems": {
                "sms": {"url": "https://sms.example", "password": "x"},
                "vas": {"url": "http://vas.example"},
            }
        },
        {"systems": {"sms": {"url": "http://127.0.0.1:9", "password": "x"}}},
        {"systems": {"vas": {"url": "http://[::1]:9/vas", "password": "x"}}},
        {"systems": {"mail": {"url": "smtp://mail.example:587", "user": "u", "password": "x"}}},
        {"systems": {"mail": {"url": "smtps://mail.example"}}},
        {"systems": {"clamd": {"url": "tcp://10.0.0.2:3310"}}},
        {"systems": {"clamd": {"url": "unix:///run/clamd.ctl"}}},
        {"storage": {"url": "file:///srv/vaxel"}},
        {"storage": {"url": "s3://bucket/a/prefix", "endpoint": "https://s3.example"}},
        {"gateway": {"public_url": "https://vaxel.example.org"}},
        {"database_url": "postgresql://u:a b%40%2F@h/x?sslmode=require"},
    ],
    ids=str,
)
def test_a_setting_that_is_right_is_taken(given: Any) -> None:
    assert Settings(**given)


# --- the database's address


@pytest.mark.parametrize("password", ["a b", "a+b", "å:/?#[]@!$&'()*,;=%", "%20", "p'\"\\ "])
def test_every_driver_reads_the_same_password(password: str) -> None:
    url = make_url("postgresql://h/x").set(username="u", password=password)
    spelt = database_url.spelt(url)
    assert conninfo_to_dict(spelt)["password"] == password
    assert make_url(spelt).password == password
    assert " " not in spelt


def test_prefects_driver_is_told_of_tls_in_its_own_words() -> None:
    given = "postgresql://u:a b@h:1/x?sslmode=verify-full&sslrootcert=/etc/ca.pem&connect_timeout=3"
    url, beside = for_asyncpg(given)
    assert url == "postgresql+asyncpg://u:a%20b@h:1/x?ssl=verify-full"
    assert beside == {"PGSSLROOTCERT": "/etc/ca.pem"}
    assert for_asyncpg("postgresql://u@/x?host=/tmp/s")[0] == "postgresql+asyncpg://u@/x?host=%2Ftmp%2Fs"
    with pytest.raises(UnknownToAsyncpg, match="channel_binding, gssencmode"):
        for_asyncpg("postgresql://h/x?gssencmode=require&channel_binding=require")


async def test_asyncpg_takes_what_it_is_told(postgres: None) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    at = database.url_of(database.VAXEL)
    url, _ = for_asyncpg(f"{at}{'&' if '?' in at else '?'}sslmode=prefer&application_name=x")
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar() == 1
    await engine.dispose()


# --- making the databases


@pytest.fixture
def poor_user(postgres: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A user that may make no database; its name is that of a database of its own."""
    name = "poor"
    ours = make_url(database.url_of(database.VAXEL))
    with psycopg.connect(database_url.spelt(ours), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN")
        yield database_url.spelt(ours.set(username=name, database=name))
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"DROP ROLE {name}")


def _create(url: str, monkeypatch: pytest.MonkeyPatch, *needed: str) -> None:
    given = Settings(database_url=url)
    monkeypatch.setattr(database, "settings", lambda: given)
    databases.create_databases(needed or (database.VAXEL,))


def test_without_the_right_to_make_databases_one_that_is_there_will_do(
    poor_user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(databases.NoDatabase, match="The database poor is missing"):
        _create(poor_user, monkeypatch)
    monkeypatch.undo()
    with psycopg.connect(database.url_of(database.VAXEL), autocommit=True) as connection:
        connection.execute("CREATE DATABASE poor OWNER poor")
    _create(poor_user, monkeypatch)
    with pytest.raises(databases.NoDatabase, match="The database poor_prefect is missing"):
        _create(poor_user, monkeypatch, database.VAXEL, database.PREFECT)


# --- readiness


def test_a_database_that_can_only_be_read_is_not_ready(database: None) -> None:
    from engine.base.database import engine, transaction

    assert is_ready()
    (name,) = [engine().url.database]
    try:
        with transaction() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
        engine().dispose()
        with pytest.raises(DBAPIError):
            is_ready()
    finally:
        with engine().connect() as connection:
            connection.execute(text("SET TRANSACTION READ WRITE"))
            connection.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'))
            connection.commit()
        engine().dispose()
    assert is_ready()


# --- files


def test_what_was_open_to_others_is_closed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    log = home / "gateway.log"
    log.write_text("before\n")
    log.chmod(0o644)
    private_folder(home)
    with private_append(log) as file:
        file.write(b"after\n")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (home, log)] == [0o700, 0o600]
    assert log.read_text() == "before\nafter\n"


def test_a_programs_log_and_its_folder_are_ours_alone(tmp_path: Path) -> None:
    from cli.up.children import Children

    before = os.umask(0)
    try:
        children = Children(dict(os.environ), tmp_path / "home" / "logs")
        children.start("a", "true")
        children.stop_all()
    finally:
        os.umask(before)
    assert stat.S_IMODE(children.logs.stat().st_mode) == 0o700
    assert stat.S_IMODE((children.logs / "a.log").stat().st_mode) == 0o600
