"""Effects whose answer was lost: what became of them, asked of the system, when enough time has gone by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

import structlog

from engine.base import clock
from engine.base.database import OUTAGES
from engine.base.errors import Incident, Refused, VaxelError
from engine.base.settings import SystemName, settings
from engine.outer import incidents, threads
from engine.steps.step import Step
from engine.steps.verdicts import Arrived, CannotTell, Finding, NotArrived
from engine.tables.claims import later
from models.case import Effect, EffectState

EffectFinding = tuple[Effect, Finding | datetime]
"""An effect with the finding, or with when to ask again."""
STATES: dict[type[Finding], EffectState] = {
    Arrived: EffectState.DONE,
    NotArrived: EffectState.NOT_SENT,
    CannotTell: EffectState.PARKED,
}
log = structlog.get_logger()


def find_out(
    step: Step[Any],
    effect: Effect,
    down_until: datetime | None,
    found: Callable[[EffectFinding | Exception], None],
) -> None:
    """Ask what became of an effect, in the system's threads; nobody judges before the settling time is over.

    Args:
        down_until: until when the system is left alone.
        found: called with what is known of it: at once, or in the thread.
    """
    now = clock.now()
    at = max(down_until or now, now if step.idempotent else _judged_at(effect))
    if at > now:
        found((effect, at))
        return

    def asked() -> None:
        try:
            found((effect, _finding(step, effect)))
        except Exception as error:  # noqa: BLE001 (whoever waits for it raises it)
            found(error)

    threads.of(_system_of(effect)).submit(asked)


def _finding(step: Step[Any], effect: Effect) -> Finding | datetime:
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


def _system_of(effect: Effect) -> SystemName:
    return cast(SystemName, effect.system)


def _judged_at(effect: Effect) -> datetime:
    return effect.deadline_at + timedelta(seconds=settings().system(_system_of(effect)).settling)
