"""Delivery reports of 46elks: a form, protected by HTTP Basic and by the message's own random token."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.base import clock
from engine.tables.receipts import Receipt
from gateway import openapi
from gateway.ports import Receipts
from gateway.problems import problem, unavailable
from gateway.telephone.elks import Form, form_of, is_id
from gateway.telephone.ports import HookLogin
from gateway.together import NotStored, Together, call
from models.messages import Problem

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,200}")
STATUS = re.compile(r"[a-z_]{1,20}")  # created, sent, delivered, failed; one not known yet proves as much

NONE_SUCH = "There is no such message."


def routes(receipts: Receipts, login: HookLogin) -> APIRouter:
    """`POST /46elks/receipt/{token}`."""
    router = APIRouter(tags=["46elks"])
    together: Together[Receipt, bool] = Together(partial(call, receipts))

    @router.post("/46elks/receipt/{token}", status_code=204, **openapi.RECEIPT)
    async def receive_receipt(token: str, request: Request) -> Response:
        """How far a message has come. Receipts may come twice and out of order."""
        form = await form_of(request, login)
        return form if isinstance(form, Response) else await _keep_receipt(together, token, form)

    return router


async def _keep_receipt(together: Together[Receipt, bool], token: str, form: Form) -> Response:
    provider_id, status = form.get("id", ""), form.get("status", "")
    if errors := _errors(provider_id, status):
        return problem(422, "The receipt is not valid.", errors)
    if not TOKEN.fullmatch(token):
        return problem(404, NONE_SUCH)
    try:
        known = await together.accept(
            Receipt(token, provider_id, status, _delivered_at(form.get("delivered", "")))
        )
    except NotStored:
        return unavailable()
    return Response(status_code=204) if known else problem(404, NONE_SUCH)


def _errors(provider_id: str, status: str) -> list[Problem]:
    errors: list[Problem] = []
    if not is_id(provider_id):
        errors.append({"path": "id", "message": "must be 1 to 100 letters and digits"})
    if not STATUS.fullmatch(status):
        errors.append({"path": "status", "message": "must be a status, such as delivered or failed"})
    return errors


def _delivered_at(delivered: str) -> datetime:
    """The provider's UTC time; the time of receipt where it gives none that can be read or be true."""
    now = clock.now()
    try:
        moment = datetime.fromisoformat(delivered)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return now
    return moment if abs(moment - now) < timedelta(days=7) else now
