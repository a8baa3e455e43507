"""The keys of what is done about a notice that was asked for: our own ids, and nothing of the patient's."""

from __future__ import annotations

from models.requested_notice import RequestedNotice


def message(case: RequestedNotice) -> str:
    """The newest message of a thing: one, and one for each way that it goes on by where that has not arrived."""
    return _nth_message(case, case.unreached)


def unreached_messages(case: RequestedNotice) -> list[str]:
    """Those that have not arrived."""
    return [_nth_message(case, number) for number in range(case.unreached)]


def _nth_message(case: RequestedNotice, number: int) -> str:
    return f"requested_notice:{case.id}:{number}" if number else f"requested_notice:{case.id}"


def task_of_notice(case: RequestedNotice) -> str:
    """One task for staff for each thing."""
    return f"staff_task:requested_notice:{case.id}"
