"""Calls to a unit, as 46elks asks what to do with them: a choice by a key, and always a way to a human.

Nobody is left on the line: whatever hangs or fails behind us, a key is answered within `PATIENCE`, by a human.

Source: 46elks' call actions (`ivr`, `play`, `connect`, `hangup`), interfaces.md §3.2.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from engine.base import clock
from gateway import openapi
from gateway.problems import problem
from gateway.telephone.elks import Form, form_of, is_id
from gateway.telephone.ports import HookLogin, PhoneMenus
from models.messages import Problem
from tasks.channel_switch.phone_menu import Called

log = structlog.get_logger(__name__)

Action = dict[str, Any]
Act = Callable[[Form], Awaitable[Action | None]]
WAIT_SECONDS, REPEATS = 10, 3
PATIENCE = 5.0
"""Seconds that a caller waits for their link before a human answers."""
AT_ONCE = 16
"""Keys that are seen to at once; while so many hang, a human answers at once."""
NO_SUCH_NUMBER: Action = {"hangup": "404"}


def routes(menus: PhoneMenus, login: HookLogin) -> APIRouter:
    """`POST /46elks/voice` and `POST /46elks/ivr/{unit}`."""
    router, keys = APIRouter(tags=["46elks"]), _Keys(menus)

    @router.post("/46elks/voice", **openapi.CALL)
    async def receive_call(request: Request) -> Response:
        """A call comes in: the unit's menu, or a human where there is nothing to choose (byte-2, syfte-3)."""
        form = await form_of(request, login)
        return form if isinstance(form, Response) else await _answered(partial(_menu, menus), form)

    @router.post("/46elks/ivr/{unit}", **openapi.CALL)
    async def receive_key(unit: str, request: Request) -> Response:
        """A key was pressed, or none: the link is on its way, or a human answers (byte-2, syfte-3)."""
        form = await form_of(request, login)
        return form if isinstance(form, Response) else await _answered(keys.pressed, form | {"unit": unit})

    return router


async def _answered(act: Act, form: Form) -> Response:
    if not is_id(form.get("callid", "")):
        errors: list[Problem] = [{"path": "callid", "message": "must be 1 to 100 letters and digits"}]
        return problem(422, "The call is not valid.", errors)
    action = await act(form)
    return JSONResponse(action) if action else problem(404, "The unit has no telephone.")


async def _menu(menus: PhoneMenus, form: Form) -> Action:
    unit = menus.called(form.get("to", ""))
    if unit is None:
        return NO_SUCH_NUMBER
    if not unit.keys:
        return {"connect": unit.telephone.queue}
    pressed = menus.key_url(unit.unit)
    return {
        "ivr": unit.telephone.menu, "digits": 1, "timeout": WAIT_SECONDS, "repeat": REPEATS, "next": pressed
    }  # fmt: skip


class _Keys:
    """The keys that are being seen to, each in a thread: one that hangs is left there, and its caller is not."""

    def __init__(self, menus: PhoneMenus) -> None:
        self._menus = menus
        self._busy = 0
        self._threads = CapacityLimiter(AT_ONCE)

    async def pressed(self, form: Form) -> Action | None:
        unit = self._menus.at(form["unit"])
        if unit is None:
            return None
        is_sent = await self._in_time(form, unit) if self._busy < AT_ONCE else False
        return {"play": unit.telephone.sent} if is_sent else {"connect": unit.telephone.queue}

    async def _in_time(self, form: Form, unit: Called) -> bool:
        """Whether the link has been handed over, and that is known in time."""
        given = (form["callid"], unit, form.get("result", ""), form.get("from", ""), clock.now())
        self._busy += 1
        working = asyncio.create_task(to_thread.run_sync(self._menus.press, *given, limiter=self._threads))
        working.add_done_callback(self._is_done)
        done, _ = await asyncio.wait({working}, timeout=PATIENCE)
        return bool(done) and working.exception() is None and working.result()

    def _is_done(self, working: asyncio.Task[bool]) -> None:
        self._busy -= 1
        if not working.cancelled() and (error := working.exception()):
            log.error("key_not_stored", error=type(error).__name__)
