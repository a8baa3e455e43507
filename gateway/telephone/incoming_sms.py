"""An SMS from a patient, as 46elks tells of it: a contact by a way that is not approved (patient-4).

Source: 46elks' webhook of incoming messages (`id, from, to, message, created`), interfaces.md §3.1. Whatever text a
webhook is answered with is sent back as an SMS, so it is answered with none.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.base import clock
from engine.tables.inbox import Refusal
from gateway import openapi
from gateway.events import arrival_of
from gateway.intake import Intake
from gateway.problems import problem, unavailable
from gateway.telephone.elks import Form, form_of, is_id
from gateway.telephone.ports import HookLogin, PhoneMenus
from gateway.together import NotStored
from models.events import Arrival
from models.messages import JSON, Problem

SOURCE, CHANNEL = "46elks", "sms"


def routes(menus: PhoneMenus, intake: Intake, login: HookLogin) -> APIRouter:
    """`POST /46elks/sms`."""
    router = APIRouter(tags=["46elks"])

    @router.post("/46elks/sms", status_code=204, **openapi.SMS)
    async def receive_sms(request: Request) -> Response:
        """A patient has sent an SMS to a unit: staff read it at once, and the sender is referred (patient-4)."""
        form = await form_of(request, login)
        try:
            return form if isinstance(form, Response) else await _keep_sms(menus, intake, form)
        except NotStored:
            return unavailable()

    return router


async def _keep_sms(menus: PhoneMenus, intake: Intake, form: Form) -> Response:
    if not is_id(form.get("id", "")):
        errors: list[Problem] = [{"path": "id", "message": "must be 1 to 100 letters and digits"}]
        return problem(422, "The message is not valid.", errors)
    called = menus.called(form.get("to", ""))
    if called is None:  # ops see that somebody has written to nobody
        await intake.refuse(SOURCE, [Refusal(form["id"], "sms", ("to",))])
        return problem(404, "The number is no unit's.")
    await intake.accept(CHANNEL, _arrival(form, called.unit))
    return Response(status_code=204)


def _arrival(form: Form, unit: str) -> Arrival:
    """As the channel itself would tell of it; the text is not kept (policy-hanvisning-1)."""
    contact: dict[str, JSON] = {
        "id": form["id"],
        "reply_address": form.get("from"),
        "unit": {"hsa_id": unit},
        "text": form.get("message"),
    }
    content: JSON = {
        "type": "contact.received",
        "timestamp": clock.now().isoformat(),
        "data": {"contact": contact},
    }
    return arrival_of(CHANNEL, form["id"], content)
