"""The gateway: verifies, stores, answers. It decides nothing, and holds nothing of its own."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry

from gateway import (
    case_page,
    front,
    health,
    metrics,
    openapi,
    pages,
    receipts,
    webhooks,
)
from gateway.bodies import MIB, BodyRoom
from gateway.callers import Callers, Networks
from gateway.checks import Checks
from gateway.guard import Guard
from gateway.head import Head
from gateway.intake import Intake
from gateway.ports import Figures, Readiness, Receipts, Secrets, Store, Stories, Wake
from gateway.problems import answer_in_problems
from gateway.scheduling.ports import NoSchedule, Schedule, SelfService
from gateway.scheduling.routes import routes as scheduling_routes
from gateway.telephone import incoming_sms
from gateway.telephone.ports import HookLogin, PhoneMenus
from gateway.telephone.routes import routes as telephone_routes
from gateway.wake import Waker

NOBODY = Callers()
DESCRIPTION = "Takes in what the outer systems tell Växel, and answers 1177's questions. See /docs."


def create_app(
    store: Store,
    secrets: Secrets,
    readiness: Readiness,
    wake: Wake,
    *,
    schedule: Schedule | None = None,
    self_service: SelfService | None = None,
    receipt_store: Receipts | None = None,
    receipt_login: HookLogin | None = None,
    stories: Stories | None = None,
    runs_at: str | None = None,
    callers: Callers = NOBODY,
    figures: Figures | None = None,
    metrics_allowed: Networks = (),
    counted: Collection[CollectorRegistry] = (),
    login: APIRouter | None = None,
    staff: APIRouter | None = None,
    hosts: Collection[str] = (),
    most_in_bodies: int = 64 * MIB,
    phone_menus: PhoneMenus | None = None,
) -> FastAPI:
    """The ASGI app.

    Args:
        store: where events go (`engine.tables.inbox.Inbox`).
        secrets: a source's signing secrets; None for an unknown source.
        readiness: True when migrations are current; raises when the database is not reached.
        wake: asks for a run of a process; awaited in the background, after the commit.
        schedule: what we publish on 1177; None publishes nothing.
        self_service: what residents do there by themselves; None: no such operations.
        receipt_store: where SMS receipts go (`gateway.kept_receipts.KeptReceipts`).
        receipt_login: what the provider of SMS and calls logs in with; without both there are no such paths.
        stories: a case's story (`engine.ops.by_hand.story`), shown to this machine only; None: no such path.
        runs_at: Prefect's UI, where a case's runs are; None: its page only names them.
        callers: who may call our producer.
        figures: what `/metrics` counts (`engine.ops.metrics.figures_now`); None: no such path.
        metrics_allowed: who may read `/metrics` beside this machine.
        counted: what else it tells.
        phone_menus: what becomes of calls and of SMS that come in, with `receipt_login`; None: no such paths.
        hosts: names that we are reached by, beside those of this machine.
        most_in_bodies: bytes that bodies in flight may take in all.
        login: the links to patients (`gateway.login.routes.routes`); None: no such paths.
        staff: staff's pages (`gateway.staff.routes.routes`); None: no such paths.
    """
    app = FastAPI(title="Växel", version=_version(), description=DESCRIPTION, docs_url=None, redoc_url=None)
    app.add_middleware(Head)
    app.add_middleware(BodyRoom, most=most_in_bodies)
    app.add_middleware(Checks, hosts=hosts)
    app.add_middleware(Guard)
    answer_in_problems(app)
    if figures:
        metrics.install(app, figures, metrics_allowed, counted)
    intake = Intake(store, Waker(wake))
    app.include_router(webhooks.routes(intake, secrets))
    if receipt_store and receipt_login:
        app.include_router(receipts.routes(receipt_store, receipt_login))
    if phone_menus and receipt_login:
        app.include_router(telephone_routes(phone_menus, receipt_login))
        app.include_router(incoming_sms.routes(phone_menus, intake, receipt_login))
    app.include_router(scheduling_routes(schedule or NoSchedule(), callers, self_service))
    for pages_behind_login in filter(None, (login, staff)):
        app.include_router(pages_behind_login)
    if stories:
        app.include_router(case_page.routes(stories, runs_at))
    app.include_router(health.routes(readiness))
    app.include_router(front.routes(staff=staff is not None))
    app.include_router(pages.routes())
    app.openapi = partial(openapi.describe, app)  # type: ignore[method-assign]
    return app


def _version() -> str:
    try:
        return version("vaxel")
    except PackageNotFoundError:
        return "0"
