"""May this form of visit be booked (vard-1 to vard-3, policy-barn-3)?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from models.times import later
from routine.ages import AgeBand, age_band
from routine.approved import Use
from routine.channels import is_channel_approved
from routine.children import Role
from routine.decision import Decision
from routine.facts import Form
from routine.figures import Unknown
from routine.protected import can_system_handle_protected
from routine.reasons import Reason
from routine.region import Region
from routine.reminder import first_lead_at
from routine.way_in import platform_of, way_in

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
        join: the address that its system says it is joined at; `None`: none.
        by_patient: the patient has booked it, in the form that it has.
        e_id: staff have made sure of it (of a child under 13, that of a guardian); False: there is none; `None`: not
            known.
        said_at: since when `e_id` is said to be so; `None`: not known.
        logged_in_at: when whoever is to join it last logged in, surely enough; `None`: never, as far as we know.
        protected: the patient has protected identity; `None`: not known.
    """

    form: Form | None
    unit: str
    day: date
    platform: str | None = None
    video_for: str | None = None
    agreed: bool | None = None
    by_patient: bool = False
    e_id: bool | None = None
    said_at: datetime | None = None
    logged_in_at: datetime | None = None
    birth: date | None = field(default=None, repr=False)
    join: str | None = field(default=None, repr=False)
    protected: bool | None = field(default=None, repr=False)


def what_is_amiss(visit: Booked, region: Region) -> tuple[Decision[bool], ...]:
    """What staff have to see to before the visit, each with its reason: platform, e-identification, agreement, link.

    Of a digital visit staff are also asked about what is not known, as far as the region has it asked
    (`[digital_visits] ask_about`); always about the e-identification of a patient of 13 to 17, who often has none.
    Whether care judges it fit is not asked: no system tells of that, and whoever books a visit in a form, or offers
    its time, has judged so (vard-1).
    """
    held = may_be_held_on(visit, region)
    asked = [held, _can_join(visit, region), _is_agreed(visit, region)]
    if held.allowed:
        way = _has_way_in(visit, region)
        asked.append(_is_let_in(visit, region) if way.allowed else way)
    return tuple(decision for decision in asked if not decision.allowed)


def depends_on_protection(visit: Booked, region: Region) -> bool:
    """Is there something amiss with the visit if its patient turns out to have protected identity?"""
    protected = what_is_amiss(replace(visit, protected=True), region)
    return any(each.reason is Reason.MANUAL_HANDLING for each in protected)


def is_login_an_answer(found: Sequence[Decision[bool]]) -> bool:
    """Would a login of whoever is to join the visit answer any of what is amiss (vard-2)?"""
    return any(each.reason in (Reason.E_ID_UNKNOWN, Reason.NO_E_ID) for each in found)


def who_joins(birth: date | None, day: date, region: Region) -> Decision[Role]:
    """Whose e-identification a digital visit takes: the guardian's of a child under 13, else the patient's own."""
    if birth is not None and age_band(birth, day, region.ages) is AgeBand.CHILD:
        return Decision(Role.GUARDIAN, Reason.GUARDIAN_AS_PROXY, "barn-1")
    return Decision(Role.SELF, Reason.FOR_THEMSELVES, "barn-2")


def has_e_id(visit: Booked) -> Decision[bool | None]:
    """Has whoever is to join it e-identification; `None`: not known (vard-2)?

    One who has logged in has it, whatever nobody knew; what staff have said since then is newer.
    """
    at, said_at = visit.logged_in_at, visit.said_at
    if at is not None and (visit.e_id is not False or said_at is None or at >= said_at):
        return Decision(True, Reason.LOGGED_IN, "vard-2")
    if visit.e_id is None:
        return Decision(None, Reason.E_ID_UNKNOWN, "vard-2")
    return Decision(visit.e_id, Reason.NOTHING_IN_THE_WAY if visit.e_id else Reason.NO_E_ID, "vard-2")


def asked_again_at(start: datetime, region: Region) -> datetime:
    """When staff are asked once more about what is still amiss: before the patient is first reminded of the visit."""
    return later(first_lead_at(start, region), -timedelta(hours=region.digital_visits.ask_again_hours))


def is_task_over(
    visit: Booked,
    left: Sequence[Decision[bool]],
    *,
    cancelled: bool,
    elsewhere: bool = False,
    deceased: bool = False,
) -> Decision[bool]:
    """A task of staff's is not as the visit now stands: why it is taken back.

    Args:
        left: what is amiss now: a new task says that.
        elsewhere: another system's booking stands for the visit, and staff are asked of that one.
        deceased: the patient has died: nobody is to phone about it.
    """
    if deceased:
        return Decision(True, Reason.DECEASED, "policy-avliden-1")
    if cancelled:
        return Decision(True, Reason.CANCELLED, "vard-1")
    if elsewhere:
        return Decision(True, Reason.SAME_VISIT, "policy-dubblett-1")
    if left:
        return Decision(True, Reason.ASKED_ANEW, "vard-1")
    if visit.form in NEEDS_E_ID and (known := has_e_id(visit)).answer:
        return Decision(True, known.reason, known.clause)
    return Decision(True, Reason.NOTHING_IN_THE_WAY, "vard-1")


USES: Mapping[Form, Use] = MappingProxyType({Form.VIDEO: Use.VIDEO, Form.CHAT: Use.TEXT})


def may_be_held_on(visit: Booked, region: Region) -> Decision[bool]:
    """May a visit of this form, for this purpose, be held on its platform (system-1, system-2)?"""
    platform = platform_of(visit, region)
    if platform is None:
        return Decision(True, Reason.NOTHING_IN_THE_WAY, "system-2")
    if platform not in region.systems:
        return Decision(False, Reason.PLATFORM_UNKNOWN, "policy-okand-1")
    use = USES.get(visit.form) if visit.form else None
    if use is None:  # on site or by phone no platform carries it
        return Decision(True, Reason.NOTHING_IN_THE_WAY, "system-2")
    purpose = visit.video_for if use is Use.VIDEO else None
    return is_channel_approved(platform, use, visit.unit, visit.day, region, purpose)


def where_joined(visit: Booked, region: Region) -> Decision[str | None]:
    """The address of its platform, where that is approved for it (system-2); `None`: its link leads nowhere."""
    held = may_be_held_on(visit, region)
    return way_in(visit, region) if held.allowed else Decision(None, held.reason, held.clause)


def _has_way_in(visit: Booked, region: Region) -> Decision[bool]:
    """Whoever is to join a digital visit has to come somewhere by its link (policy-anslutning-1, system-2)."""
    if visit.form not in NEEDS_E_ID:
        return Decision(True, Reason.NOTHING_IN_THE_WAY, "system-2")
    way = way_in(visit, region)
    return Decision(way.answer is not None, way.reason, way.clause)


def _is_let_in(visit: Booked, region: Region) -> Decision[bool]:
    """At the link nobody is led on for a protected child, nor to where the protected can't be handled (skyddade-1,
    policy-skydd-1): staff arrange it beforehand. The reason and the clause are such that they tell nothing
    (policy-skydd-2)."""
    if visit.form not in NEEDS_E_ID or not visit.protected:
        return Decision(True, Reason.NOTHING_IN_THE_WAY, "skyddade-1")
    handled = can_system_handle_protected(platform_of(visit, region) or "", region)
    if handled.allowed and who_joins(visit.birth, visit.day, region).answer is Role.SELF:
        return handled
    return Decision(False, Reason.MANUAL_HANDLING, "policy-anslutning-1")


def _can_join(visit: Booked, region: Region) -> Decision[bool]:
    known = has_e_id(visit)
    if visit.form not in NEEDS_E_ID or known.answer:
        return Decision(True, known.reason, "vard-2")
    is_asked = Unknown.E_ID in region.digital_visits.ask_about or _is_young(visit.birth, visit.day, region)
    if known.answer is None and not is_asked:
        return Decision(True, Reason.E_ID_UNKNOWN, "vard-2")
    wished = Wished(form=visit.form, day=visit.day, e_id=known.answer, birth=visit.birth)
    return _without_e_id(wished, region)


def _is_agreed(visit: Booked, region: Region) -> Decision[bool]:
    """Whoever has booked it themselves has chosen its form."""
    if visit.agreed or (visit.agreed is None and visit.by_patient):
        return Decision(True, Reason.AGREED, "vard-1")
    if visit.agreed is False:
        return Decision(False, Reason.NOT_AGREED, "vard-1")
    is_asked = visit.form in NEEDS_E_ID and Unknown.AGREEMENT in region.digital_visits.ask_about
    return Decision(not is_asked, Reason.AGREEMENT_UNKNOWN, "vard-1")


def is_form_by_care(was: Form | None, now: Form | None, *, by_care: bool, is_patients: bool) -> bool:
    """Has care given a visit that the patient booked another form since: one that nobody has asked them of (vard-1)?

    Args:
        was, now: the form; `None`: not known, which is no change.
        by_care: care had done so before.
        is_patients: what is told now is what the patient chose: they have booked it just now, or have changed it.
    """
    if is_patients:
        return False
    return by_care or (now is not None and now is not (was or Form.ON_SITE))


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
