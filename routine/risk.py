"""Risk of suicide: a human at once (suicid-1, policy-suicid-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.times import later
from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region, UnitPolicy


@dataclass(frozen=True, slots=True)
class Risk:
    """A risk of suicide that was flagged, on receipt or later; `acknowledged_at`: a human has the alert."""

    flagged_at: datetime
    acknowledged_at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Has no human acted on it yet? An acknowledgement of an earlier flag is none of this one."""
        return self.acknowledged_at is None or self.acknowledged_at < self.flagged_at


def is_human_needed(risk: Risk | None) -> Decision[bool]:
    """Is a human alerted at once, before and apart from everything else (suicid-1)?

    `None`: none was flagged. Nothing of ours looks for one in the text: that is a human's to judge.
    """
    if risk is None:
        return Decision(False, Reason.NO_RISK_KNOWN, "suicid-1")
    if not risk.stands:
        return Decision(False, Reason.ACKNOWLEDGED, "policy-suicid-1")
    return Decision(True, Reason.RISK_OF_SUICIDE, "suicid-1")


def may_go_by_itself(risk: Risk | None) -> Decision[bool]:
    """May automatic messages and proposals go to the patient, or does a human come first (policy-suicid-1)?"""
    if risk is not None and risk.stands:
        return Decision(False, Reason.HUMAN_FIRST, "policy-suicid-1")
    return Decision(True, Reason.NO_RISK_KNOWN if risk is None else Reason.ACKNOWLEDGED, "policy-suicid-1")


@dataclass(frozen=True, slots=True)
class Alert:
    """How far the alert has escalated, and when it escalates again.

    Args:
        step: 0 is the platform alone, 1 the first on the unit's list, and so on to the top.
        repeats: how often it has been repeated at the top, where it never stops.
    """

    step: int
    next_at: datetime
    repeats: int = 0


def who_is_called(step: int, repeats: int, unit: UnitPolicy | None, region: Region) -> Decision[str | None]:
    """Whom the alert has escalated to, by SMS and a call (policy-suicid-1); `None`: the platform's staff alone.

    The first on the list at step 1, and so on; past the last one, and at the top, the list begins anew, so that
    everybody on it is called in the end.
    """
    if step <= 0:
        return Decision(None, Reason.RISK_OF_SUICIDE, "suicid-1")
    numbers = region.on_call(unit)
    if not numbers:
        return Decision(None, Reason.NOBODY_ON_CALL, "policy-suicid-1")
    return Decision(numbers[(step - 1 + repeats) % len(numbers)], Reason.ON_CALL, "policy-suicid-1")


def how_high(risk: Risk, now: datetime, region: Region, *, has_staff: bool = True) -> Decision[Alert | None]:
    """How high the alert stands now; `None`: a human has acknowledged it (policy-suicid-1).

    Args:
        has_staff: whether it is known who has the contact. Nobody: it begins with whoever is on call.
    """
    if not risk.stands:
        return Decision(None, Reason.ACKNOWLEDGED, "policy-suicid-1")
    ladder = [timedelta(seconds=seconds) for seconds in region.contacts.escalation_seconds]
    waited = max(now.astimezone(UTC) - risk.flagged_at.astimezone(UTC), timedelta())
    step = max(sum(after <= waited for after in ladder), 0 if has_staff else 1)
    if step < len(ladder):
        alert = Alert(step, later(risk.flagged_at, ladder[step]))
    else:
        rounds = waited // ladder[-1]
        alert = Alert(step, later(risk.flagged_at, ladder[-1] * (rounds + 1)), max(rounds - 1, 0))
    return Decision(alert, Reason.RISK_OF_SUICIDE, "policy-suicid-1")
