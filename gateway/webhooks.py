"""Webhooks (Standard Webhooks): verified, read strictly, stored, answered. Nothing is decided here.

The checks come in this order, so that a stranger learns nothing and no signed event is lost from sight:
unknown source 404, headers that no signature of now is in 401, before the body is read; over any limit 413, not
signed 401, over its limit 413, not JSON 415, not valid 422. What was signed and refused is left for ops before the
answer goes out (`vaxel refused`). A risk of suicide in it is taken in all the same.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from engine.tables.inbox import Refusal
from gateway import openapi
from gateway.bodies import KIB, MIB, TooLarge, TooSlow, is_json, read_body
from gateway.events import Bad, arrival_of, check_id, events_of, read_events, risks_in
from gateway.intake import Intake
from gateway.ports import Secrets
from gateway.problems import problem, unavailable
from gateway.signatures import is_signed, may_be_signed
from gateway.together import NotStored
from models.case import Heard
from models.messages import JSON, Invalid, NotJson, read_json

log = structlog.get_logger(__name__)
Result = TypeVar("Result")

EVENT_LIMIT = 256 * KIB
BATCH_LIMIT = 8 * MIB
SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class Answered(Exception):
    """The request is answered here and now; with a refusal, ops are told of it first."""

    def __init__(self, status: int, detail: str, refusal: Refusal | None = None) -> None:
        super().__init__(detail)
        self.response = problem(status, detail)
        self.refusal = refusal


def routes(intake: Intake, secrets: Secrets) -> APIRouter:
    """`POST /webhooks/{source}` and `POST /webhooks/{source}/batch`."""
    router = APIRouter(tags=["webhooks"])

    @router.post("/webhooks/{source}", status_code=202, **openapi.EVENT)
    async def receive_event(source: str, request: Request) -> JSONResponse:
        """One event, stored durably before the answer."""
        return await _answer(intake, source, _event(intake, secrets, source, request))

    @router.post("/webhooks/{source}/batch", status_code=202, **openapi.BATCH)
    async def receive_batch(source: str, request: Request) -> JSONResponse:
        """Up to 1000 events, each with an answer of its own: a bad one does not refuse the others."""
        return await _answer(intake, source, _batch(intake, secrets, source, request))

    return router


async def _answer(intake: Intake, source: str, work: Awaitable[JSONResponse]) -> JSONResponse:
    try:
        try:
            return await work
        except Answered as answered:
            await intake.refuse(source, [answered.refusal] if answered.refusal else [])
            return answered.response
    except NotStored:
        return unavailable()


async def _event(intake: Intake, secrets: Secrets, source: str, request: Request) -> JSONResponse:
    webhook_id = request.headers.get("webhook-id", "")
    body = await _signed_body(secrets, source, request)
    try:
        content = await _json_of(request, body, EVENT_LIMIT)
        arrival = arrival_of(source, check_id(webhook_id, "webhook-id"), content)
    except (Invalid, Answered) as wrong:
        flags, risk = await _at_ease(body, risks_in, source, webhook_id, body)
        ids = await intake.accept_all(source, flags)
        if risk is Heard.ALERTED:
            return _stored(ids[0])
        raise _refused(wrong, "The event is not valid.", webhook_id[:100], risk) from None
    return _stored(await intake.accept(source, arrival))


def _stored(event: uuid.UUID) -> JSONResponse:
    return JSONResponse({"event": str(event)}, 202)


def _refused(wrong: Invalid | Answered, detail: str, webhook_id: str, risk: Heard | None) -> Answered:
    """The answer, with the line for ops that says what becomes of the risk that it held."""
    if isinstance(wrong, Answered):
        wrong.refusal = Refusal(webhook_id, None, ("",), risk)
        return wrong
    answered = Answered(422, detail, Refusal(webhook_id, wrong.event_type, wrong.paths, risk))
    answered.response = problem(422, detail, wrong.errors)
    return answered


async def _batch(intake: Intake, secrets: Secrets, source: str, request: Request) -> JSONResponse:
    batch_id = request.headers.get("webhook-id", "")[:80]
    body = await _signed_body(secrets, source, request)
    try:
        content = await _json_of(request, body, BATCH_LIMIT)
        found = await to_thread.run_sync(read_events, source, batch_id, events_of(content))
    except (Invalid, Answered) as wrong:
        flags, risk = await to_thread.run_sync(risks_in, source, batch_id, body)
        await intake.accept_all(source, flags)
        raise _refused(wrong, "The batch is not valid.", batch_id, risk) from None
    ids = iter(await intake.accept_all(source, [one for one in found if not isinstance(one, Bad)]))
    await intake.refuse(source, [one.refusal for one in found if isinstance(one, Bad)])
    results = [
        {"id": one.id, "status": 422, "errors": one.errors}
        if isinstance(one, Bad)
        else {"id": one.webhook_id, "status": 202, "event": str(next(ids))}
        for one in found
    ]
    return JSONResponse({"results": results}, 202)


async def _json_of(request: Request, body: bytes, limit: int) -> JSON:
    """The JSON that the source has signed.

    Raises:
        Answered: 413, 415.
        Invalid: it is JSON, but not of a kind that can be read safely.
    """
    if len(body) > limit:
        raise Answered(413, f"The body is over {limit // KIB} KiB.")
    if not is_json(request):
        raise Answered(415, "The body must be application/json, UTF-8.")
    try:
        return await _at_ease(body, read_json, body)
    except NotJson:
        raise Answered(415, "The body is not JSON in UTF-8.") from None


async def _signed_body(secrets: Secrets, source: str, request: Request) -> bytes:
    """The body that the source has signed; of an event too it is read up to a batch's limit, for it may hold a risk.

    Raises:
        Answered: 404, 408, 413 or 401.
    """
    known = secrets(source) if SOURCE.fullmatch(source) else None
    if not known:
        raise Answered(404, "There is no such source.")
    request.state.source = source
    if may_be_signed(request.headers):
        body = await _whole_body(request)
        if await _at_ease(body, is_signed, known, request.headers, body):
            return body
    log.info("not_signed", source=source)
    raise Answered(401, "The signature is missing or wrong, or the timestamp is over 5 minutes off.")


async def _at_ease(body: bytes, work: Callable[..., Result], *args: object) -> Result:
    """Does what takes long with a large body in a thread, so that the others are not held up."""
    return work(*args) if len(body) <= EVENT_LIMIT else await to_thread.run_sync(work, *args)


async def _whole_body(request: Request) -> bytes:
    try:
        return await read_body(request, BATCH_LIMIT)
    except TooLarge:
        raise Answered(413, f"The body is over {BATCH_LIMIT // KIB} KiB.") from None
    except TooSlow:
        raise Answered(408, "The body did not arrive in time.") from None
