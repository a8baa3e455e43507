"""The servers that all tests share: one PostgreSQL, one Prefect server, one sandbox. The data is each test's own."""

from __future__ import annotations

import gc
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from bench.town import free_port
from cli.up.trust import one_certificate
from engine.base.settings import SOURCES, SYSTEMS

ROOT = Path(__file__).resolve().parent.parent
UNGUARDED = "SET LOCAL session_replication_role = replica"
"""No trigger of this transaction's fires: the access log lets nobody empty it, but for a superuser who says so."""
HOME = Path(tempfile.mkdtemp(prefix="vaxel-tests-"))
SECRET = "whsec_" + "dGVzdHMgYW5kIG5vdGhpbmcgYnV0IHRlc3RzIGhlcmU="
PROXY_SECRET, AT_1177 = "what-the-proxy-of-the-tests-shows", "SE165565594230-1000"
HOOK = ("vaxel", "a hook's secret: with / and %")
PREFECT_LOGIN = "tests:a login: with / and %"
SYSTEM = {"deadline": 2.0, "settling": 0.2}
OWN_SOLUTIONS = ("local-hjarta", "local-sar")
"""Units' own solutions of the sandbox's region file. It stands in for one more, that of docs/operations.md."""
SANDBOX_PORT = free_port()
os.environ |= {
    "VAXEL_HOME": str(HOME),
    "VAXEL_GATEWAY__PORT": str(free_port()),
    "VAXEL_SANDBOX__PORT": str(SANDBOX_PORT),
    "VAXEL_PREFECT__PORT": str(free_port()),
    "VAXEL_SYSTEMS": json.dumps(
        dict.fromkeys(SYSTEMS, SYSTEM)
        | {id: SYSTEM | {"url": f"http://127.0.0.1:{SANDBOX_PORT}/{id}"} for id in OWN_SOLUTIONS}
    ),
    "VAXEL_WEBHOOK_SECRETS": json.dumps(dict.fromkeys((*SOURCES, *OWN_SOLUTIONS, "local-fotvard"), SECRET)),
    "VAXEL_FORTYSIXELKS__HOOK_PASSWORD": HOOK[1],
    "VAXEL_RIVTA__PROXY_SECRET": PROXY_SECRET,
    "VAXEL_RIVTA__ALLOWED_CALLERS": json.dumps([AT_1177]),
    "VAXEL_REGION_FILES": json.dumps([str(ROOT / "routine/halland.toml"), str(ROOT / "sandbox/region.toml")]),
    "PREFECT_HOME": str(HOME / "prefect"),
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_API_SSL_CERT_FILE": str(one_certificate(HOME)),
    "PREFECT_SERVER_API_AUTH_STRING": PREFECT_LOGIN,
    "PREFECT_API_AUTH_STRING": PREFECT_LOGIN,
    "DO_NOT_TRACK": "1",
}
os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{os.environ['VAXEL_PREFECT__PORT']}/api"
os.environ.pop("VAXEL_DATABASE_URL", None)
os.environ.pop(
    "COLUMNS", None
)  # GNU readline, which pytest loads, tells its workers that they are 80 columns wide

if settings.get_current_profile_name() == "default":  # Not that of `bench.mutants`, nor of a CI run.
    settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile(
        "shared"
    )  # On a machine with much to do, 200 ms for an example say nothing of the code.

LONGEST = (
    "test_chaos_short",
    "test_journey_nothing_personal",
    "test_worker",
    "test_journey_killed",
    "test_journey_sample",
    "test_typed_steps",
    "test_docs_add_a_process",
)
"""How files begin that take minutes, mostly of waiting: run first, so that no process is left with one at the end."""


TOGETHER = {
    "workers": ("tests/worker/",),
    "by Prefect": tuple(
        f"tests/journeys/test_journey_{day}" for day in ("nothing_personal", "reconciliation", "timelines")
    ),
    "by counting": ("tests/house/test_house", "tests/house/test_names"),
    "by mypy": ("tests/house/test_typed_steps", "tests/docs/test_docs_add_a_process"),
}
"""Files that share what is dear to make: a Prefect server, migrated and told of all deployments; what has been read of the
house, by us or by mypy."""


class FilesTogether(LoadFileScheduling):
    """A file goes to one process whole, and so do those that are to be together."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((name for name, files in TOGETHER.items() if file.startswith(files)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesTogether:
    return FilesTogether(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; the others in their order."""

    def place(item: pytest.Item) -> int:
        return next((at for at, name in enumerate(LONGEST) if item.path.stem.startswith(name)), len(LONGEST))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """All tests and what they import stay to the end: they are searched for garbage no more."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def material() -> Path:
    """The official schemas, samples and test persons, which lie beside the project where they lie at all."""
    path = Path(os.environ.get("VAXEL_MATERIAL", ROOT / "../shared/material")).resolve()
    if not path.is_dir():
        pytest.skip("VAXEL_MATERIAL is not there: schemas and official samples were not held against ours")
    return path


@pytest.fixture(scope="session")
def real_clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A real clamd that knows one marker of ours (`bench.clamd.MARKER`): its address by TCP, and by its socket."""
    from bench import clamd

    if not clamd.is_there():
        pytest.skip(
            "clamd is not installed (Debian: clamav-daemon): our client was not held against the real one"
        )
    with clamd.running(
        tmp_path_factory.mktemp("clamd"), StreamMaxLength="3M", MaxFileSize="1M", AlertExceedsMax="yes"
    ) as addresses:
        yield addresses


@pytest.fixture(scope="session")
def postgres() -> Iterator[None]:
    """A real PostgreSQL with our schema; stopped at the end."""
    from engine.base import database
    from engine.base.databases import create_databases

    create_databases()
    database.migrate()
    _write_to_memory()
    yield
    database.engine().dispose()
    _stop(database.embedded(HOME).get_pid())


def _write_to_memory() -> None:
    """What is thrown away at the end need not outlive the machine."""
    from sqlalchemy import text

    from engine.base import database

    with database.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("SELECT pg_reload_conf()"))


def _stop(postmaster: int | None) -> None:
    """PostgreSQL's immediate shutdown: no last checkpoint, which a busy disk draws out, of what is thrown away.

    By its process, since the library's own count of users still has the workers that tests have killed.
    """
    from cli.up.children import wait_until

    if postmaster is not None:
        os.kill(postmaster, signal.SIGQUIT)
        wait_until(lambda: not Path(f"/proc/{postmaster}").exists(), 60, "PostgreSQL did not stop")


@pytest.fixture
def database(postgres: None) -> None:
    """Our database, empty. A gateway of the test before may read just then, and PostgreSQL gives one of the two up."""
    from sqlalchemy.exc import OperationalError

    for tries_left in (2, 1, 0):
        try:
            _empty()
            return
        except OperationalError:
            if not tries_left:
                raise


def _empty() -> None:
    """As TRUNCATE does, waiting for whoever writes: for a test's few rows thirty times sooner."""
    from sqlalchemy import text
    from sqlmodel import SQLModel

    from engine.base.database import transaction

    tables = list(SQLModel.metadata.tables)
    with transaction() as connection:
        connection.execute(text(UNGUARDED))
        connection.execute(text(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE"))
        connection.execute(text("; ".join(f"DELETE FROM {table}" for table in tables)))


@pytest.fixture(scope="session")
def prefect_server(postgres: None) -> Iterator[str]:
    """A real Prefect server on the same PostgreSQL; gives its API's address."""
    with _prefect_on(int(os.environ["VAXEL_PREFECT__PORT"])) as (api, _):
        yield api


@pytest.fixture
def prefect_to_stop(prefect_server: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """One more on the same data: its API's address, and what stops it."""
    with _prefect_on(free_port()) as server:
        yield server


@contextmanager
def _prefect_on(port: int) -> Iterator[tuple[str, Callable[[], None]]]:
    from cli.up.children import wait_until
    from engine.base import database

    url = database.with_driver(database.url_of(database.PREFECT), "asyncpg")
    unneeded = ("SCHEDULER", "LATE_RUNS", "FOREMAN", "PAUSE_EXPIRATIONS", "CANCELLATION_CLEANUP")
    environment = os.environ | {"PREFECT_SERVER_DATABASE_CONNECTION_URL": url}
    environment |= {f"PREFECT_SERVER_SERVICES_{service}_ENABLED": "false" for service in unneeded}
    environment |= {
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "0.5"
    }  # for 5 s they are nowhere
    log = (HOME / "prefect.log").open("ab")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--no-ui"]
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    api = f"http://127.0.0.1:{port}/api"
    wait_until(lambda: _is_healthy(api), 120, "Prefect's server did not come up")

    def stop() -> None:
        server.terminate()
        server.wait(30)

    yield api, stop
    stop()
    log.close()


def _is_healthy(api: str) -> bool:
    import httpx

    try:
        return httpx.get(f"{api}/health", trust_env=False, timeout=2, verify=False).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Any]:
    """The sandbox, on real sockets."""
    from sandbox.server.sandbox import Sandbox

    gateway = f"http://127.0.0.1:{os.environ['VAXEL_GATEWAY__PORT']}"
    given = json.loads(os.environ["VAXEL_WEBHOOK_SECRETS"])
    with Sandbox(
        int(os.environ["VAXEL_SANDBOX__PORT"]), gateway, given, hook=HOOK, proxy_secret=PROXY_SECRET
    ) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def gateway_server(postgres: None) -> Iterator[None]:
    """The gateway, on its port."""
    import uvicorn

    from gateway.serve import make_app

    server = uvicorn.Server(
        uvicorn.Config(make_app(), port=int(os.environ["VAXEL_GATEWAY__PORT"]), log_level="error")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the gateway did not come up"
        time.sleep(0.02)
    yield
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of an S3 store that is empty at first."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def fresh_id() -> str:
    """Something that no other test has."""
    return secrets.token_hex(6)
