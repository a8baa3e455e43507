"""Errors as `application/problem+json` (RFC 9457): what is wrong and where, never a value that was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from gateway.bodies import NoRoom
from models.messages import Problem

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = {"Retry-After": "5"}


def problem(
    status: int,
    detail: str,
    errors: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """An answer in problem+json.

    Args:
        status: of HTTP; names the title too.
        detail: a sentence of ours.
        errors: the wrong fields by their path.
    """
    content: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    content["detail"] = detail
    if errors:
        content["errors"] = list(errors)
    return JSONResponse(content, status, headers, MEDIA_TYPE)


def no_such_path() -> JSONResponse:
    """404, as of a path that is not there."""
    return problem(404, HTTPStatus(404).description)


def unavailable() -> JSONResponse:
    """503: nothing was kept, and nothing is lost, because the sender sends it again."""
    return problem(503, "Nothing was stored. Send it again.", headers=RETRY_AFTER)


def answer_in_problems(app: FastAPI) -> None:
    """Make the app's own errors (no such path, wrong method) problem+json too."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(NoRoom, _no_room)
    app.add_exception_handler(ClientDisconnect, _nobody_listens)


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, HTTPStatus(error.status_code).description, headers=error.headers)


async def _no_room(_request: Request, _error: Exception) -> Response:
    return problem(503, "Too much is being sent here now. Send it again.", headers=RETRY_AFTER)


async def _nobody_listens(_request: Request, _error: Exception) -> Response:
    return problem(400, "The body ended before its end.")
