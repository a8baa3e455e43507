"""What can go wrong, by what is to be done about it.

An error carries a *reason code*, never a value: the code goes to the timeline, to ops and to Prefect,
where nothing personal may stand. `detail` is for a protocol's own code (`VP009`, `http_503`), not for text.
"""

from __future__ import annotations


class VaxelError(Exception):
    """A failure with a reason code.

    Args:
        reason: snake_case code, documented in `docs/reasons.md`.
        detail: the outer system's own code, such as `VP004`; never its free text.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} ({detail})" if detail else reason)
        self.reason = reason
        self.detail = detail


class NotSent(VaxelError):
    """For now: the call surely had no effect. The case tries again by its ladder."""


class AnswerLost(NotSent):
    """For now: it may have had its effect, and the same again does no harm. As `NotSent`, but nobody is sure."""


class SystemDown(NotSent):
    """For now: nobody answers there at all (connection refused). Every case waits, none counts a try."""


class UnknownOutcome(VaxelError):
    """For now: the call may have had its effect. Ask the system before anything is sent again."""


class Refused(VaxelError):
    """For good: the system understood and said no. The case is parked with the reason."""


class Incident(VaxelError):
    """Wake someone: our own certificate, route or configuration is wrong; no case can succeed."""
