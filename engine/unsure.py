"""Effects whose answer was lost: what became of them, asked of the system, when enough time has gone by."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any, cast

import structlog

from engine import breaker, clock, effects, incidents
from engine.claims import later
from engine.database import OUTAGES, transaction
from engine.errors import Incident, Refused, VaxelError
from engine.settings import SystemName, settings
from engine.steps import Step, threads
from engine.verdicts import Arrived, CannotTell, Finding, NotArrived
from models.case import Effect, EffectState

Asked = tuple[Effect, Finding | datetime]
"""An effect with the finding, or with when to ask again."""
STATES: dict[type[Finding], EffectState] = {
    Arrived: EffectState.DONE,
    NotArrived: EffectState.NOT_SENT,
    CannotTell: EffectState.PARKED,
}
log = structlog.get_logger()


def findings(step: Step[Any], cases: Sequence[uuid.UUID]) -> dict[uuid.UUID, Asked]:
    """By case, what became of its effect at this step; nobody judges before the settling time is over."""
    if not cases:
        return {}
    with transaction() as connection:
        open_ones = effects.still_open(connection, step.name, cases)
        heeded = () if step.urgent else step.systems
        was_down, now = breaker.states(connection, heeded), clock.now()
    asked: dict[uuid.UUID, tuple[Effect, datetime | Future[Finding | datetime]]] = {}
    for case_id, effect in open_ones.items():
        at = max(was_down.get(effect.system, now), now if step.keyed else _judged_at(effect))
        asked[case_id] = effect, at if at > now else threads(_of(effect)).submit(_ask, step, effect)
    return {
        id: (effect, each.result() if isinstance(each, Future) else each)
        for id, (effect, each) in asked.items()
    }


def _ask(step: Step[Any], effect: Effect) -> Finding | datetime:
    if step.ask is None:
        return CannotTell()
    try:
        return step.ask(effect)
    except Refused:
        return CannotTell()
    except VaxelError as error:
        if isinstance(error, Incident):  # our password, say: mended, it can be asked again
            incidents.note(effect.system, error.reason)
        return later(clock.now(), step.backoff[0])
    except OUTAGES:
        raise
    except Exception as error:  # noqa: BLE001 (a bug in one case must not hold up the others)
        log.error("not_to_be_asked", step=step.name, error=type(error).__name__)
        return CannotTell()


def _of(effect: Effect) -> SystemName:
    return cast(SystemName, effect.system)


def _judged_at(effect: Effect) -> datetime:
    return effect.deadline_at + timedelta(seconds=settings().system(_of(effect)).settling)
