"""`/healthz`: the process is up. `/readyz`: it can take work in."""

from __future__ import annotations

import structlog
from anyio import fail_after, to_thread
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from engine.base.sealing import WrongKeys
from gateway.ports import Readiness
from gateway.problems import RETRY_AFTER, problem

log = structlog.get_logger(__name__)

NOT_READY = "Database not reached or not to be written to, migrations missing, or a key."
PATIENCE = 5.0
"""Seconds for the database to answer."""


def routes(readiness: Readiness) -> APIRouter:
    """`GET /healthz` and `GET /readyz`."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        """The process is up."""
        return JSONResponse({"status": "up"})

    @router.get("/readyz", responses={503: {"description": NOT_READY}})
    async def readyz() -> JSONResponse:
        """The database is reached, can be written to, every migration is in, and our keys open what lies there."""
        try:
            with fail_after(PATIENCE):
                current = await to_thread.run_sync(readiness, abandon_on_cancel=True)
        except WrongKeys:
            log.warning("not_ready", error="WrongKeys")
            return problem(503, "A key of the personal columns is missing, or another.", headers=RETRY_AFTER)
        except Exception as error:  # noqa: BLE001  # whatever it was, nothing can be stored
            log.warning("not_ready", error=type(error).__name__)
            return problem(503, "The database is not reached, or cannot be written to.", headers=RETRY_AFTER)
        if not current:
            return problem(503, "The database lacks migrations.", headers=RETRY_AFTER)
        return JSONResponse({"status": "ready"})

    return router
