"""The gateway with its collaborators: our inbox, our database, our Prefect."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from functools import partial
from uuid import UUID

import httpx
import structlog
import uvicorn
from fastapi import FastAPI
from prefect.client.orchestration import PrefectClient, get_client
from prefect.settings import get_current_settings as prefect_settings

from engine.base.database import engine
from engine.base.settings import SOURCES, settings
from engine.ops import looked_at, metrics
from engine.ops.readiness import is_ready
from engine.prefect import events_for_ops
from engine.running import runs
from engine.tables import wake
from engine.tables.inbox import Inbox
from flows.registry import PROCESSES, SCHEDULES
from gateway.app import create_app
from gateway.bodies import MIB
from gateway.callers import Callers
from gateway.kept_receipts import KeptReceipts
from gateway.listen import configured, tcp_socket, unix_socket
from gateway.login.links import SwitchLinks
from gateway.login.routes import routes as login_routes
from gateway.login.seen import SeenWithEId
from gateway.login.watch import LoginCounts, LoginWatch
from gateway.login.ways import Way
from gateway.scheduling.desk import ServiceDesk
from gateway.scheduling.schedule import PublishedSchedule
from gateway.staff.kept_cases import KeptCases
from gateway.staff.kept_files import KeptFiles
from gateway.staff.routes import routes as staff_routes
from gateway.telephone.phone_menus import UnitPhoneMenus
from gateway.telephone.ports import HookLogin
from gateway.visits.check_in import CheckInWay
from gateway.visits.join import JoinWay
from gateway.wake import Waker
from models.identity import LOCAL
from routine.staff import reasons_for_staff
from systems.storage import files as storage
from tasks import clients, sources

log = structlog.get_logger(__name__)
STARTUP_FAILED = 3
YOUNG = 20_000
"""New objects before the collector looks at them: what a request makes is mostly gone by itself before that."""


class PrefectWake:
    """Asks Prefect for a run of a process."""

    def __init__(self) -> None:
        self._client: PrefectClient | None = None
        self._deployments: dict[str, UUID] = {}

    async def __call__(self, process: str) -> None:
        await wake.ask_for_run(process, self._create)

    async def _create(self, process: str) -> None:
        if self._client is None:
            self._client = await get_client().__aenter__()
        if process not in self._deployments:
            deployment = await self._client.read_deployment_by_name(wake.deployment_of(process))
            self._deployments[process] = deployment.id
        try:
            await self._client.create_flow_run_from_deployment(self._deployments[process], name=process)
        except httpx.HTTPStatusError:
            self._deployments.pop(process, None)
            raise


def secret_of(source: str) -> str | None:
    """The signing secrets of a source that we know; a unit's own solution has to be given one (system-4)."""
    given = settings().webhook_secrets.get(source)
    if source.startswith(LOCAL) and source not in clients.region().systems:
        return None
    return given or (settings().secret_of(source) if source in SOURCES else None)


def make_app() -> FastAPI:
    """The app as it runs: everything from the settings."""
    engine()
    hook, wake = settings().fortysixelks, PrefectWake()
    waker, counts = Waker(wake), LoginCounts()
    logins, staff_logins = LoginWatch("eid", counts=counts), LoginWatch("staff_eid", counts=counts)
    files = KeptFiles(waker)
    return create_app(
        Inbox(sources.why_held),
        secret_of,
        is_ready,
        wake,
        schedule=PublishedSchedule(),
        self_service=ServiceDesk(waker),
        receipt_store=KeptReceipts(waker),
        receipt_login=HookLogin(hook.hook_user, settings().hook_password()),
        stories=partial(looked_at.story_told, PROCESSES),
        runs_at=prefect_settings().ui_url,
        callers=Callers(settings().rivta.allowed_callers, settings().proxy_secret()),
        figures=partial(metrics.figures_now, PROCESSES, reasons_for_staff, SCHEDULES),
        metrics_allowed=settings().metrics.allowed,
        hosts=settings().hosts,
        most_in_bodies=settings().gateway.body_megabytes * MIB,
        counted=[counts.registry],
        login=login_routes(
            SwitchLinks(waker),
            clients.eid(),
            settings().login_key(),
            logins,
            *_at_visits(waker),
            seen=SeenWithEId(waker),
        ),
        staff=staff_routes(
            clients.staff_eid(),
            settings().staff_login_key(),
            staff_logins,
            files,
            KeptCases(),
            clients.region,
        ),
        phone_menus=UnitPhoneMenus(waker),
    )


def _at_visits(waker: Waker) -> tuple[Way, ...]:
    """What residents log in for beside links: to check in, and to join."""
    given = (settings().gateway_url, settings().login_key(), clients.region, waker)
    return CheckInWay(*given), JoinWay(*given)


def keep_still() -> None:
    """What is there by now is there to stay: the collector looks through it no more, which would stop all answers.

    Measured: with the programs' modules alone a full collection took a third of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])


def serve() -> None:
    """Run the gateway until SIGTERM.

    Raises:
        CannotListen: where the settings say.
    """
    at = settings().gateway
    sockets = [tcp_socket(at.host, at.port), *([unix_socket(at.socket)] if at.socket else [])]
    storage.warm()
    if not settings().rivta.allowed_callers:
        log.warning("nobody_may_ask_for_bookings")
    if prefect_settings().api.url:
        events_for_ops.tell_at_once(reasons_for_staff)
    else:
        runs.hear_of_unshown(runs.take_unshown)  # nobody is told, and nothing kept for it
    server = uvicorn.Server(configured(make_app(), at.connections))
    keep_still()
    with suppress(KeyboardInterrupt):
        server.run(sockets)
    if not server.started:
        sys.exit(STARTUP_FAILED)
