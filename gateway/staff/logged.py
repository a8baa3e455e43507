"""What the access log has of a member of staff: who, with which commission, did what with whose data, and why."""

from __future__ import annotations

from uuid import UUID

from engine.ops.access_log import Access, Act
from models.identity import PatientId
from routine.staff import Member


def access_by(
    member: Member,
    act: Act,
    process: str,
    why: str,
    *,
    subject: UUID | None = None,
    patient: PatientId | None = None,
) -> Access:
    """An entry of theirs.

    Args:
        process: whose data it is, such as `image_transfer`; of a search `cases`.
        why: a clause of the routine, or their own words.
        subject: the file or case.
        patient: whose it is.
    """
    commission = member.commission
    return Access(
        who=member.hsa_id,
        name=member.name,
        commission=commission.hsa_id if commission else None,
        purpose=commission.purpose if commission else None,
        unit=commission.unit if commission else None,
        act=act,
        subject=subject,
        process=process,
        patient=patient,
        why=why,
    )
