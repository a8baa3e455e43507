"""Calls to a unit, as 46elks asks what to do with them: a choice by a key, and always a way to a human.

Source: 46elks' call actions (`ivr`, `play`, `connect`, `hangup`), interfaces.md §3.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from gateway import openapi
from gateway.elks import Form, form_of, is_id
from gateway.ports import Login, Switchboard
from gateway.problems import problem
from models.messages import Problem

log = structlog.get_logger(__name__)

Action = dict[str, Any]
Act = Callable[[Switchboard, Form], Action | None]
WAIT_SECONDS, REPEATS = 10, 3
NO_SUCH_NUMBER: Action = {"hangup": "404"}


def routes(board: Switchboard, login: Login) -> APIRouter:
    """`POST /46elks/voice` and `POST /46elks/ivr/{unit}`."""
    router = APIRouter(tags=["46elks"])

    @router.post("/46elks/voice", **openapi.CALL)
    async def receive_call(request: Request) -> Response:
        """A call comes in: the unit's menu, or a human where there is nothing to choose (byte-2, syfte-3)."""
        form = await form_of(request, login)
        return form if isinstance(form, Response) else await _answered(_menu, board, form)

    @router.post("/46elks/ivr/{unit}", **openapi.CALL)
    async def receive_key(unit: str, request: Request) -> Response:
        """A key was pressed, or none: the link is on its way, or a human answers (byte-2, syfte-3)."""
        form = await form_of(request, login)
        return form if isinstance(form, Response) else await _answered(_pressed, board, form | {"unit": unit})

    return router


async def _answered(act: Act, board: Switchboard, form: Form) -> Response:
    if not is_id(form.get("callid", "")):
        errors: list[Problem] = [{"path": "callid", "message": "must be 1 to 100 letters and digits"}]
        return problem(422, "The call is not valid.", errors)
    action = await to_thread.run_sync(act, board, form)
    return JSONResponse(action) if action else problem(404, "The unit has no telephone.")


def _menu(board: Switchboard, form: Form) -> Action:
    unit = board.called(form.get("to", ""))
    if unit is None:
        return NO_SUCH_NUMBER
    if not unit.keys:
        return {"connect": unit.telephone.queue}
    pressed = board.key_url(unit.unit)
    return {
        "ivr": unit.telephone.menu, "digits": 1, "timeout": WAIT_SECONDS, "repeat": REPEATS, "next": pressed
    }  # fmt: skip


def _pressed(board: Switchboard, form: Form) -> Action | None:
    unit = board.at(form["unit"])
    if unit is None:
        return None
    try:
        is_sent = board.press(form["callid"], unit, form.get("result", ""), form.get("from", ""))
    except Exception as error:  # noqa: BLE001  # whatever it was, somebody is on the line
        log.error("key_not_stored", error=type(error).__name__)
        is_sent = False
    return {"play": unit.telephone.sent} if is_sent else {"connect": unit.telephone.queue}
