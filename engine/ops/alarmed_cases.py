"""Which cases an alarm is about, where it is about any."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, false, func, true
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import transaction_in_time, why_unreadable
from engine.base.settings import settings
from engine.ops.alarms import Alarm
from engine.ops.by_hand import UNKNOWN, CaseLine, Processes, lines_of, waits_for_human
from engine.ops.metrics import STANDS, StaffReasons
from models.case import BrokenTimeline, Case
from models.risk_alert import RiskAlert

MOST = 200
"""In all, of each alarm."""
Condition = Callable[[type[Case]], ColumnElement[bool]]


def cases_behind(
    processes: Processes, found: Sequence[Alarm], for_staff: StaffReasons
) -> list[tuple[str, CaseLine]]:
    """The cases of each alarm that is about any, with its name."""
    named = {alarm.name for alarm in found}
    those = {name: each for name, each in _conditions(for_staff).items() if name in named}
    return [(name, line) for name, each in those.items() for line in _readable(processes, each)][:MOST]


def _readable(processes: Processes, condition: Condition) -> list[CaseLine]:
    """Of every process whose table can be read; that one cannot is an alarm of its own."""
    found: list[CaseLine] = []
    for name, model in processes.items():
        try:
            with transaction_in_time() as connection:
                found += lines_of(connection, name, model, condition(model), MOST)
        except DBAPIError as error:
            why_unreadable(error)
    return sorted(found, key=lambda line: line.updated_at, reverse=True)[:MOST]


def _conditions(for_staff: StaffReasons) -> Mapping[str, Condition]:
    def is_for_staff(model: type[Case]) -> ColumnElement[bool]:
        return col(model.parked).in_(sorted(for_staff(model.PROCESS)))

    def is_for_ops(model: type[Case]) -> ColumnElement[bool]:
        """Staff's too, where an effect of it waits for `vaxel resolve`."""
        others = func.coalesce(~is_for_staff(model), true())
        return waits_for_human(model) & (others | col(model.id).in_(UNKNOWN))

    return {
        "VaxelAlertUndelivered": _stands,
        "VaxelAlertUnacknowledged": _stands,
        "VaxelCasesOverdue": _overdue,
        "VaxelParked": is_for_ops,
        "VaxelParkedForStaff": is_for_staff,
        "VaxelTimelineBroken": _broken,
    }


def _stands(model: type[Case]) -> ColumnElement[bool]:
    return STANDS if model is RiskAlert else false()


def _overdue(model: type[Case]) -> ColumnElement[bool]:
    return col(model.due_at) < clock.now() - timedelta(seconds=settings().watch.overdue_seconds)


def _broken(model: type[Case]) -> ColumnElement[bool]:
    return col(model.id).in_(select(BrokenTimeline.case_id))
