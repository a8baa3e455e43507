"""`vaxel up`: the whole of Växel on one machine, with the sandbox where no real system is named."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from cli.up.children import Children, NotUp, stay_until, told_to_end, vaxel
from cli.up.environment import environment, has_own_prefect, prefect_api, uses_sandbox
from cli.up.prefect_setup import deploy
from engine.base import database, sealing
from engine.base.databases import create_databases
from engine.base.settings import settings

Say = Callable[[str], None]
OF_THE_GATEWAY = ("VAXEL_WEBHOOK_SECRETS", "VAXEL_RIVTA__PROXY_SECRET")
"""By what others show themselves to it: no business of a worker's."""
GIVES_WAY = 10
"""Of the worker and of Prefect: who waits for an answer of the gateway's waits for neither (ADR 0027)."""
ALERT_WORKERS = ("risk-worker", "risk-worker-2")
"""Two, since one that dies takes seconds to be back, and an alert does not wait for it (policy-suicid-1)."""


def ports_are_free() -> None:
    """See that nobody listens where we are to: another copy, most likely, which would answer for us.

    Raises:
        NotUp: somebody does.
    """
    wanted = {"GATEWAY": settings().gateway.port}
    wanted |= {"SANDBOX": settings().sandbox.port} if uses_sandbox() else {}
    wanted |= {"PREFECT": settings().prefect.port} if has_own_prefect() else {}
    for name, port in wanted.items():
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                raise NotUp(
                    f"Port {port} is taken: another copy? Stop it, or set VAXEL_{name}__PORT and VAXEL_HOME."
                )


@contextmanager
def everything(
    say: Say, workers: int = 1, alert_workers: Sequence[str] = ALERT_WORKERS, nice: int = GIVES_WAY
) -> Iterator[Children]:
    """Start it all, with so many workers; stop it all at the end, whatever happens.

    Args:
        alert_workers: the names of those of the alerts.
        nice: by so much the worker and Prefect give way.

    Raises:
        NotUp: a port is taken, or a program did not come up.
    """
    ports_are_free()
    say("PostgreSQL")
    create_databases((database.VAXEL, database.PREFECT) if has_own_prefect() else (database.VAXEL,))
    database.migrate()
    sealing.check_keys()
    children = Children(environment(), settings().home.resolve() / "logs")
    try:
        if has_own_prefect():
            say("Prefect's server")
            port = str(settings().prefect.port)
            children.start(
                "prefect",
                "prefect",
                "server",
                "start",
                "--host",
                "127.0.0.1",
                "--port",
                port,
                without="VAXEL_",
                nice=nice,
            )
        if uses_sandbox():
            say("the sandbox")
            children.start("sandbox", sys.executable, "-m", "sandbox")
            children.wait_for("sandbox", f"http://127.0.0.1:{settings().sandbox.port}/healthz")
        say("the gateway")
        children.start("gateway", *vaxel("gateway"))
        children.wait_for("prefect", f"{prefect_api()}/health")
        say("deployments")
        deploy(children.environment)
        if alert_workers:
            say("two workers of the alerts")
        for name in alert_workers:
            children.start(name, *vaxel("worker", "--queue", "risk"), without=OF_THE_GATEWAY)
        say("the worker" if workers == 1 else f"{workers} workers")
        for _ in range(workers):
            children.start("worker", *vaxel("worker"), without=OF_THE_GATEWAY, nice=nice)
        children.wait_for("gateway", f"{settings().gateway_url}/readyz")
        yield children
    finally:
        children.stop_all()
        database.engine().dispose()


def wait_for_ctrl_c() -> None:
    """Stay until SIGINT or SIGTERM."""
    stay_until(told_to_end())
