"""May this form of visit be booked (vard-1 to vard-3, policy-barn-3)?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from routine.ages import AgeBand, age_band
from routine.decision import Decision
from routine.facts import Form
from routine.reasons import Reason
from routine.region import Region

NEEDS_E_ID = frozenset({Form.VIDEO, Form.CHAT})
"""The digital visits, which are joined by logging in (vard-2)."""

AT_A_DISTANCE = NEEDS_E_ID | {Form.PHONE}
"""What care judges the fitness of (vard-1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """A visit that is to be booked.

    Args:
        form: how it is to be held.
        day: of the visit, in Sweden: a child is as old as on that day.
        agreed: with the patient; `None`: not known.
        fit: care judges that it can be held so; `None`: not judged. Asked of visits at a distance.
        e_id: the patient has e-identification; for a child under 13, the guardian; `None`: not known.
        birth: the patient's; `None`: not known.
    """

    form: Form
    day: date
    agreed: bool | None = None
    fit: bool | None = None
    e_id: bool | None = None
    birth: date | None = field(default=None, repr=False)


def may_visit_be_booked(visit: Wished, region: Region) -> Decision[bool]:
    """Is it agreed, fit, and open to the patient? What is not known is no leave to book, and has its own reason."""
    if visit.form in NEEDS_E_ID and not visit.e_id:
        return _without_e_id(visit, region)
    if visit.form in AT_A_DISTANCE and not visit.fit:
        unknown = visit.fit is None
        return Decision(False, Reason.FITNESS_UNKNOWN if unknown else Reason.NOT_FIT_FOR_FORM, "vard-1")
    if not visit.agreed:
        unknown = visit.agreed is None
        return Decision(False, Reason.AGREEMENT_UNKNOWN if unknown else Reason.NOT_AGREED, "vard-1")
    return Decision(True, Reason.AGREED, "vard-1")


def _without_e_id(visit: Wished, region: Region) -> Decision[bool]:
    """A child of 13 or older without one has paper and phone, by staff (policy-barn-3)."""
    if visit.e_id is None:
        return Decision(False, Reason.E_ID_UNKNOWN, "vard-2")
    young = (AgeBand.OWN_LOGIN, AgeBand.OWN_JOURNAL)
    is_young = visit.birth is not None and age_band(visit.birth, visit.day, region.ages) in young
    return Decision(False, Reason.NO_E_ID, "policy-barn-3" if is_young else "vard-2")


def needs_documented_consent(form: Form) -> Decision[bool]:
    """Does booking a visit of this form need a documented consent? None does, nor does video (vard-3)."""
    return Decision(False, Reason.NOT_DOCUMENTED, "vard-3")
