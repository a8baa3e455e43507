"""Handing over, and inviting more people (samtycke-1, samtycke-2, policy-fara-1)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from routine.decision import Decision
from routine.override import is_reason_given
from routine.reasons import Reason


class Joining(StrEnum):
    """What is proposed."""

    HANDOVER = "handover"
    PARTICIPANT = "participant"


class How(StrEnum):
    """How consent was given: either is enough."""

    ORAL = "oral"
    WRITTEN = "written"


_CLAUSES: Mapping[Joining, str] = MappingProxyType(
    {Joining.HANDOVER: "samtycke-1", Joining.PARTICIPANT: "samtycke-2"}
)


def may_be_carried_out(
    what: Joining, given: bool | None, how: How | None, override_reason: str | None = None
) -> Decision[bool]:
    """May it be done: did the patient consent before, orally or in writing?

    Args:
        given: the answer; `None`: not asked, or no answer yet.
        how: `None`: not known, and a consent that nobody can say how it was given is none yet.
        override_reason: staff go past the consent for danger to life (policy-fara-1).
    """
    clause = _CLAUSES[what]
    if given and how is not None:
        return Decision(True, Reason.CONSENT_GIVEN, clause)
    if is_reason_given(override_reason):
        return Decision(True, Reason.OVERRIDDEN, "policy-fara-1")
    if given is False:
        return Decision(False, Reason.CONSENT_REFUSED, clause)
    return Decision(False, Reason.CONSENT_UNKNOWN, clause)


def may_it_stand(
    what: Joining, given: bool | None, how: How | None, override_reason: str | None = None
) -> Decision[bool]:
    """It was carried out: may it stand, or has the patient said no since?

    Only a no takes a consent back. What staff went past the consent for does not rest on one.
    """
    now = may_be_carried_out(what, given, how, override_reason)
    if now.reason is Reason.CONSENT_REFUSED:
        return Decision(False, Reason.CONSENT_WITHDRAWN, now.clause)
    return Decision(True, now.reason, now.clause)


def is_documented(what: Joining) -> Decision[bool]:
    """Do we write the consent in the journal? No: it need not be; staff may (samtycke-1, samtycke-2)."""
    return Decision(False, Reason.NOT_DOCUMENTED, _CLAUSES[what])
