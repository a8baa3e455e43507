"""What the programs of `vaxel up` are started with, and which outer systems the sandbox stands in for."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from cli.up.children import NotUp
from cli.up.trust import one_certificate
from engine.base import database
from engine.base.database_url import UnknownToAsyncpg, for_asyncpg
from engine.base.private_files import private_folder
from engine.base.settings import ROOT, SANDBOXED, SOURCES, settings
from models.identity import LOCAL
from routine.region_file import load_region

SANDBOX_1177 = "SE165565594230-1000"
"""As whom the sandbox's 1177 calls us."""


def has_own_prefect() -> bool:
    """Whether we run Prefect's server ourselves."""
    return "PREFECT_API_URL" not in os.environ


def sandboxed() -> list[str]:
    """The outer systems for which the sandbox stands in: those without a URL."""
    given = settings().systems
    return [name for name in SANDBOXED if name not in given or not given[name].url]


def sandboxed_solutions() -> list[str]:
    """The units' own solutions without an address (system-4), where the sandbox stands in for the others too."""
    listed = load_region(region_files()).systems if uses_sandbox() else ()
    return [id for id in listed if id.startswith(LOCAL) and id not in settings().own_solutions]


def unlisted_solutions() -> list[str]:
    """The units' own solutions that have an address and that no region file lists: misspelt, most likely."""
    own = settings().own_solutions
    listed = load_region(region_files()).systems if own else ()
    return [id for id in own if id not in listed]


def uses_sandbox() -> bool:
    """Whether the sandbox stands in for all of them. For some only is refused: real bookings would go astray.

    Raises:
        NotUp: some have a URL and others have none.
    """
    missing = sandboxed()
    if missing and len(missing) < len(SANDBOXED):
        names = ", ".join(f"VAXEL_SYSTEMS__{name.upper()}__URL" for name in missing)
        raise NotUp(f"Some outer systems have a URL and these have none: set {names} too.")
    return bool(missing)


def prefect_api() -> str:
    """Prefect's API, ours or the given one."""
    return os.environ.get("PREFECT_API_URL") or f"http://127.0.0.1:{settings().prefect.port}/api"


def environment() -> dict[str, str]:
    """What the programs are started with: our settings, spelt out, so that all see the same."""
    at = settings()
    home = at.home.resolve()
    own = sandboxed_solutions()
    named = (*own, *_sandboxed_log())
    secrets = {source: at.secret_of(source) for source in (*SOURCES, *own)} | at.webhook_secrets
    quick = {"PREFECT_API_SSL_CERT_FILE": str(one_certificate(home))}
    return (quick if prefect_api().startswith("http://") else {}) | dict(os.environ) | PREFECT | own_prefect() | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "VAXEL_HOME": str(home),
        "VAXEL_DATABASE_URL": database.url_of(database.VAXEL),
        "VAXEL_WEBHOOK_SECRETS": json.dumps(secrets),
        "VAXEL_FORTYSIXELKS__HOOK_USER": at.fortysixelks.hook_user,
        "VAXEL_FORTYSIXELKS__HOOK_PASSWORD": at.hook_password(),
        "VAXEL_RIVTA__PROXY_SECRET": at.proxy_secret(),
        "VAXEL_RIVTA__ALLOWED_CALLERS": json.dumps(allowed_callers()),
        "VAXEL_GATEWAY__PORT": str(at.gateway.port),
        "VAXEL_SANDBOX__PORT": str(at.sandbox.port),
        "VAXEL_REGION_FILES": json.dumps([str(path) for path in region_files()]),
        "PREFECT_API_URL": prefect_api(),
        "PREFECT_HOME": str(private_folder(home / "prefect")),
    } | {
        f"VAXEL_SYSTEMS__{id.upper()}__URL": f"http://127.0.0.1:{at.sandbox.port}/{id}" for id in named
    } | prefect_database()  # fmt: skip


def _sandboxed_log() -> list[str]:
    """The log service too, which has no stand-in by itself: without an address nothing is sent."""
    given = settings().systems.get("log")
    return [] if (given and given.url) or not uses_sandbox() else ["log"]


def prefect_database() -> dict[str, str]:
    """Where our own Prefect keeps what it knows, as its driver wants to be told.

    Raises:
        NotUp: something in the URL is not to be told to it.
    """
    if not has_own_prefect():
        return {}
    try:
        url, beside = for_asyncpg(database.url_of(database.PREFECT))
    except UnknownToAsyncpg as unknown:
        raise NotUp(
            f"Prefect's driver has no word for this of VAXEL_DATABASE_URL: {unknown}. Leave it out, or run Prefect "
            "yourself (PREFECT_API_URL)."
        ) from None
    return {**beside, "PREFECT_SERVER_DATABASE_CONNECTION_URL": url}


def own_prefect() -> dict[str, str]:
    """How our own Prefect is closed: a login made at the first start, and no page but its own may call it.

    Without a login it takes orders from every user of this machine, and from every page in their browsers.
    """
    if not has_own_prefect():
        return {}
    at, login = settings().prefect.port, prefect_login()
    return {
        "PREFECT_SERVER_API_AUTH_STRING": login,
        "PREFECT_API_AUTH_STRING": login,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{at},http://localhost:{at}",
    }


def prefect_login() -> str:
    """What the UI of our own Prefect asks for, and its clients send: user and password with a colon between."""
    return f"vaxel:{settings().secret('prefect_login')}"


def allowed_callers() -> list[str]:
    """Who may call our producer: the sandbox's 1177 too, where the sandbox stands in."""
    return [*settings().rivta.allowed_callers, *([SANDBOX_1177] if uses_sandbox() else [])]


PREFECT = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_WORKER_QUERY_SECONDS": "5",
    "PREFECT_WORKER_PREFETCH_SECONDS": "0",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "2592000",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "30",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "15",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "DO_NOT_TRACK": "1",
}
"""How Prefect is run: polled seldom, since PostgreSQL tells workers of a run (ADR 0027), and looking seldom itself
for what we have little of (late, paused and cancelled runs, limits of how many at once); old runs swept out after
30 days, nothing told to anyone."""


def region_files() -> list[Path]:
    """The region's files, with the sandbox's units over them where the sandbox stands in."""
    sandbox = ROOT / "sandbox" / "region.toml"
    given = [path.resolve() for path in settings().region_files]
    return [*given, sandbox] if uses_sandbox() and sandbox not in given else given
