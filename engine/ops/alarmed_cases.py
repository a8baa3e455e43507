"""Which cases an alarm is about, where it is about any."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, false, func, true
from sqlmodel import col, select

from engine.base import clock
from engine.base.settings import settings
from engine.ops.alarms import Alarm
from engine.ops.by_hand import UNKNOWN, CaseLine, Processes, cases_that, waits_for_human
from engine.ops.metrics import STANDS
from engine.steps.verdicts import STAFFS
from models.case import BrokenTimeline, Case
from models.risk_alert import RiskAlert

MOST = 200
"""In all, of each alarm."""
Condition = Callable[[type[Case]], ColumnElement[bool]]


def cases_behind(processes: Processes, found: Sequence[Alarm]) -> list[tuple[str, CaseLine]]:
    """The cases of each alarm that is about any, with its name."""
    names = [name for name in CONDITIONS if name in {alarm.name for alarm in found}]
    return [(name, line) for name in names for line in cases_that(processes, CONDITIONS[name], MOST)][:MOST]


def _stands(model: type[Case]) -> ColumnElement[bool]:
    return STANDS if model is RiskAlert else false()


def _overdue(model: type[Case]) -> ColumnElement[bool]:
    return col(model.due_at) < clock.now() - timedelta(seconds=settings().watch.overdue_seconds)


def _broken(model: type[Case]) -> ColumnElement[bool]:
    return col(model.id).in_(select(BrokenTimeline.case_id))


def _for_staff(model: type[Case]) -> ColumnElement[bool]:
    return col(model.parked).in_(sorted(STAFFS))


def _for_ops(model: type[Case]) -> ColumnElement[bool]:
    """Staff's too, where an effect of it waits for `vaxel resolve`."""
    return waits_for_human(model) & (func.coalesce(~_for_staff(model), true()) | col(model.id).in_(UNKNOWN))


CONDITIONS: Mapping[str, Condition] = {
    "VaxelAlertUndelivered": _stands,
    "VaxelAlertUnacknowledged": _stands,
    "VaxelCasesOverdue": _overdue,
    "VaxelParked": _for_ops,
    "VaxelParkedForStaff": _for_staff,
    "VaxelTimelineBroken": _broken,
}
