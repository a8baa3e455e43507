"""What no one caught leaves a flow or a task redacted: its words may quote a patient's values."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from engine.base.errors import SystemDown

FRAMES = 4
log = structlog.get_logger()


class Failed(Exception):
    """A bug, or an outage of the database: its kind and where it arose. Prefect keeps an exception's words, in
    logs, states and files, and shows them to everyone."""


@contextmanager
def redact(what: str) -> Iterator[None]:
    """Around all that Prefect runs; `what` names it.

    Raises:
        Failed: in place of any exception but SystemDown, which has a reason code only.
    """
    try:
        yield
    except (SystemDown, Failed):
        raise
    except Exception as error:  # noqa: BLE001 (whatever it was)
        kind, at = type(error).__name__, place(error)
        log.error("run_failed", what=what, error=kind, at=at)
        raise Failed(f"{kind} at {at}") from None


def place(error: BaseException) -> str:
    """Where an error arose: names of functions and lines, the innermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-FRAMES:]))
