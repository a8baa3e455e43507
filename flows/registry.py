"""The processes there are: name to the table of its cases and its states."""

from __future__ import annotations

from collections.abc import Mapping

from models.booking_publication import BookingPublication
from models.case import Case

PROCESSES: Mapping[str, type[Case]] = {model.PROCESS: model for model in (BookingPublication,)}
