"""The keys of what the journal system is asked for, and of the task for staff: one for one request, for ever."""

from __future__ import annotations

from uuid import UUID

from models.self_service import SelfService

ASKED = "self_service:"


def asked(case: SelfService) -> str:
    """The key, by which the journal system tells of what came of it (`caused_by`)."""
    return f"{ASKED}{case.id}"


def case_of(key: str) -> UUID | None:
    """Whose request a key is of; None: of none."""
    if not key.startswith(ASKED):
        return None
    try:
        return UUID(key.removeprefix(ASKED))
    except ValueError:
        return None


def task(case: SelfService) -> str:
    """One task for staff for each request."""
    return f"staff_task:self_service:{case.id}"
