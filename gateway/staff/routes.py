"""All paths under `/staff`."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import APIRouter

from gateway.login.ports import Logins
from gateway.login.round_trip import IdentityProvider
from gateway.staff import cases as case_pages
from gateway.staff import login, report, routine_page, start, storage
from gateway.staff.door import Door
from gateway.staff.ports import Cases, Files
from routine.region import Region
from systems.staff_eid import StaffLoggedIn


def routes(
    provider: IdentityProvider[StaffLoggedIn],
    key: bytes,
    watch: Logins,
    files: Files,
    cases: Cases,
    region: Callable[[], Region],
) -> APIRouter:
    """The paths.

    Args:
        provider: of staff's logins.
        key: 32 bytes, the same at every gateway (`Settings.staff_login_key`).
        watch: who keeps count of how logins end.
        files: of the intermediate storage.
        cases: of all processes.
        region: its figures.
    """
    ours = urlsplit(provider.redirect_uri)
    door = Door(f"{ours.scheme}://{ours.netloc}")
    router = APIRouter()
    router.include_router(login.routes(provider, key, watch, door))
    router.include_router(start.routes(door, cases, files))
    router.include_router(storage.routes(door, files, region))
    router.include_router(case_pages.routes(door, cases, region))
    router.include_router(routine_page.routes(door))
    router.include_router(report.routes(door))
    return router
