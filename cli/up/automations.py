"""What Prefect does by itself: a run without a worker is ended, and someone is called where a block says whom."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from prefect.automations import Automation
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import BlockDocument, StateType
from prefect.events.actions import CallWebhook, ChangeFlowRunState, SendNotification
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.exceptions import ObjectNotFound

from cli.up.children import NotUp
from engine.prefect.events_for_ops import CASE, INCIDENT, PARKED, SYSTEM, WHOSE

HEARTBEATS_MISSED = timedelta(seconds=100)
BEAT = "prefect.flow-run.heartbeat"
ENDS = [f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Crashed", "Cancelled")]
CALLED_FOR = {
    "vaxel: call for an incident": (INCIDENT, SYSTEM),
    "vaxel: call for a parked case": (PARKED, CASE),
}
"""By name: the event, and what it is about. Nobody is called for what staff see to."""
PAYLOAD = (
    '{"event": "{{ event.event }}", "about": "{{ event.resource.id }}", "reason": "{{ event.payload.reason }}", '
    '"at": "{{ event.occurred }}"}'
)
"""Of a webhook: a reason code, and the UUID of a case or the name of a system."""
SUBJECT = "Växel: {{ event.payload.reason }}"
BODY = "{{ event.event }}: {{ event.resource.id }}, {{ event.payload.reason }}. docs/operations.md says what to do."


def lost_runs() -> Automation:
    """A run whose worker was killed stays Running for ever: after three missed heartbeats it is crashed.

    Its cases are not waiting for that: their leases run out within a minute, and the next sweep has them.
    """
    return Automation(
        name="vaxel: crash runs without heartbeats",
        description="A worker that was killed can't tell that its runs have ended.",
        trigger=EventTrigger(
            after={BEAT},
            expect={BEAT, *ENDS},
            match={"prefect.resource.id": ["prefect.flow-run.*"]},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=HEARTBEATS_MISSED,
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message="Its worker is gone.")],
    )


async def automate(calls: str | None) -> None:
    """Make the automations that are wanted; done again, it changes nothing.

    Args:
        calls: the block that calls someone, `<type>/<name>`; None: nobody is called, and what did is taken away.

    Raises:
        NotUp: Prefect has no such block.
    """
    await _have(lost_runs())
    if calls is None:
        for name in CALLED_FOR:
            with suppress(ValueError):  # there is none
                await (await Automation.aread(name=name)).adelete()
        return
    block = await _block(calls)
    for name, (event, about) in CALLED_FOR.items():
        await _have(_call(name, event, about, block))


def _call(name: str, event: str, about: str, block: BlockDocument) -> Automation:
    return Automation(
        name=name,
        description=f"By the block {block.name}: VAXEL_PREFECT__CALLS, `vaxel deploy`.",
        trigger=EventTrigger(
            expect={event},
            match={"prefect.resource.id": [f"{about}.*"], WHOSE: ["ops"]},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=_actions(block),
    )


def _actions(block: BlockDocument) -> Sequence[Any]:
    assert block.block_type is not None
    if block.block_type.slug == "webhook":
        return [CallWebhook(block_document_id=block.id, payload=PAYLOAD)]
    return [SendNotification(block_document_id=block.id, subject=SUBJECT, body=BODY)]


async def _block(calls: str) -> BlockDocument:
    type, name = calls.split("/")
    async with get_client() as client:
        try:
            return await client.read_block_document_by_name(name, type)
        except ObjectNotFound:
            raise NotUp(
                f"VAXEL_PREFECT__CALLS: Prefect has no block {calls}. Make it there first (Blocks), or leave it out."
            ) from None


async def _have(wanted: Automation) -> None:
    """Make it, or make one of that name what is wanted."""
    try:
        there = await Automation.aread(name=wanted.name)
    except ValueError:
        await wanted.acreate()
        return
    if _said(there) != _said(wanted):
        wanted.id = there.id
        await wanted.aupdate()


def _said(automation: Automation) -> Any:
    """What makes it do what it does."""
    actions = [action.model_dump(mode="json") for action in automation.actions]
    return automation.description, automation.trigger.model_dump(mode="json").get("match"), actions
