"""May this form of visit be booked (vard-1 to vard-3, policy-barn-3)?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from routine.ages import AgeBand, age_band
from routine.approved import Use
from routine.channels import is_channel_approved
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A visit that has been booked.

    Args:
        form, agreed, birth: as of `Wished`; `form` None: not known.
        unit, day: where and when.
        platform: that it is held on; `None`: not known, or none.
        video_for: what a video visit is for; `None`: not known.
        e_id: staff have made sure of it; False: there is none; `None`: not known.
    """

    form: Form | None
    unit: str
    day: date
    platform: str | None = None
    video_for: str | None = None
    agreed: bool | None = None
    e_id: bool | None = None
    birth: date | None = field(default=None, repr=False)


def what_is_amiss(visit: Booked, region: Region) -> tuple[Decision[bool], ...]:
    """What staff have to see to before the visit, each with its reason: its platform, e-identification, agreement.

    Only what is known to be wrong: what is not known is no *no*. The one question that is asked is that of the
    e-identification of a patient of 13 to 17 for a digital visit (vard-2), who often has none.
    """
    asked = (
        may_be_held_on(visit, region),
        _can_join(visit, region),
        Decision(visit.agreed is not False, Reason.NOT_AGREED, "vard-1"),
    )
    return tuple(decision for decision in asked if not decision.allowed)


USES: Mapping[Form, Use] = MappingProxyType({Form.VIDEO: Use.VIDEO, Form.CHAT: Use.TEXT})


def may_be_held_on(visit: Booked, region: Region) -> Decision[bool]:
    """May a visit of this form, for this purpose, be held on its platform (system-1, system-2)?"""
    if visit.platform is None:
        return Decision(True, Reason.NOTHING_IN_THE_WAY, "system-2")
    if visit.platform not in region.systems:
        return Decision(False, Reason.PLATFORM_UNKNOWN, "policy-okand-1")
    use = USES.get(visit.form) if visit.form else None
    if use is None:  # on site or by phone no platform carries it
        return Decision(True, Reason.NOTHING_IN_THE_WAY, "system-2")
    purpose = visit.video_for if use is Use.VIDEO else None
    return is_channel_approved(visit.platform, use, visit.unit, visit.day, region, purpose)


def _can_join(visit: Booked, region: Region) -> Decision[bool]:
    if visit.form not in NEEDS_E_ID or visit.e_id:
        return Decision(True, Reason.NOTHING_IN_THE_WAY, "vard-2")
    if visit.e_id is None and not _is_young(visit.birth, visit.day, region):
        return Decision(True, Reason.E_ID_UNKNOWN, "vard-2")
    wished = Wished(form=visit.form, day=visit.day, e_id=visit.e_id, birth=visit.birth)
    return _without_e_id(wished, region)


def _is_young(birth: date | None, day: date, region: Region) -> bool:
    young = (AgeBand.OWN_LOGIN, AgeBand.OWN_JOURNAL)
    return birth is not None and age_band(birth, day, region.ages) in young


def _without_e_id(visit: Wished, region: Region) -> Decision[bool]:
    """A child of 13 or older without one has paper and phone, by staff (policy-barn-3)."""
    if visit.e_id is None:
        return Decision(False, Reason.E_ID_UNKNOWN, "vard-2")
    is_young = _is_young(visit.birth, visit.day, region)
    return Decision(False, Reason.NO_E_ID, "policy-barn-3" if is_young else "vard-2")


def needs_documented_consent(form: Form) -> Decision[bool]:
    """Does booking a visit of this form need a documented consent? None does, nor does video (vard-3)."""
    return Decision(False, Reason.NOT_DOCUMENTED, "vard-3")
