"""One gateway on a real socket, with the real inbox on the real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gateway_driver import LOGIN, OLD_SECRET, PROXY, SECRET, Gateway, Shown, served
from sqlalchemy import text

from engine.base.database import transaction
from engine.tables.inbox import Inbox
from gateway.app import create_app
from gateway.callers import Callers
from gateway.telephone.ports import HookLogin

CHROMIUM = Path("/usr/bin/chromium")
SECRETS = {
    "vas": SECRET,
    "hope": f"{OLD_SECRET} {SECRET}",
    "e1177": SECRET,
    "staff": SECRET,
    "local-hjartat": SECRET,
}


@pytest.fixture(scope="session")
def _running() -> Iterator[Gateway]:
    running = Gateway()
    app = create_app(
        Inbox(),
        SECRETS.get,
        running.readiness,
        running.wake,
        schedule=running.shown,
        receipt_store=running.receipt,
        receipt_login=HookLogin(*LOGIN),
        callers=Callers([PROXY["x-vp-sender-id"]], PROXY["x-vaxel-proxy"]),
    )
    with served(app) as running.url:
        yield running


@pytest.fixture
def gateway(_running: Gateway, database: Any) -> Gateway:
    """The gateway, on an empty database."""
    _running.wakes.clear()
    _running.receipts.clear()
    _running.ready = True
    _running.shown.__dict__ |= Shown().__dict__
    return _running


@pytest.fixture
def rows(database: Any) -> Callable[[str], list[Any]]:
    """What a query finds in the database."""

    def find(query: str) -> list[Any]:
        with transaction() as connection:
            return list(connection.execute(text(query)))

    return find


@pytest.fixture(scope="module")
def chromium(running: Any) -> Iterator[Any]:
    """For a module's pages, after all its servers (`running`): while it is there no other event loop can be begun."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not there: pages were not looked at in a browser")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()
