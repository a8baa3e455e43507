"""The processes there are: name to the table of its cases and its states; and how often each schedule runs."""

from __future__ import annotations

from collections.abc import Mapping

from models.case import Case
from models.processes import MODELS

PROCESSES: Mapping[str, type[Case]] = {model.PROCESS: model for model in MODELS}
NIGHTLY = ("index_reconciliation", "timeline_check")
HOURLY = ("follow_up",)
EACH_MINUTE = ("sweep", "watch", "risk_alert", "storage_cleaning")
"""A process has no schedule of its own: the sweep asks for its runs. The alerts have one, on a queue and with workers
of their own, whose silence has to show (ADR 0037)."""
SCHEDULES: Mapping[str, float] = (
    dict.fromkeys(EACH_MINUTE, 60.0)
    | {"log_delivery": 300.0}
    | dict.fromkeys(HOURLY, 3600.0)
    | dict.fromkeys(NIGHTLY, 24 * 3600.0)
)
"""Seconds between two runs, as `prefect.yaml` has them, by the flow's name. One that is silent alarms."""
