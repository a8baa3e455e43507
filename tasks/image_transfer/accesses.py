"""What the access log says of a file: who asked for what, whose it is, and by which clause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from engine.base import clock
from engine.ops import access_log
from engine.ops.access_log import VAXEL, Access, Act
from models.identity import PatientId, Staff
from models.image_transfer import ImageTransfer

WHY = {
    Act.PUT: "bilder-1",
    Act.DELETE: "bilder-2",
    Act.EXPIRE: "bilder-3",
    Act.FETCH_AGAIN: "bilder-4",
    Act.JOURNALLED: "policy-bild-5",
}


def by_owner(case: ImageTransfer, act: Act) -> Access:
    """What was done as the one who asked for the file had wished."""
    return by_staff(case, Staff.model_validate_json(case.staff or ""), act)


def by_staff(case: ImageTransfer, by: Staff, act: Act) -> Access:
    """What a member of staff has done outside our pages: their own system tells of no commission."""
    return replace(by_itself(case, act), who=by.hsa_id.upper(), name=by.name, unit=case.unit)


def by_itself(case: ImageTransfer, act: Act) -> Access:
    """What we have done because it was time."""
    patient = PatientId.model_validate_json(case.patient) if case.patient else None
    return Access(who=VAXEL, act=act, process=case.PROCESS, why=WHY[act], subject=case.id, patient=patient)


def log(connection: Connection, accesses: Sequence[Access]) -> None:
    """Write them with the transaction that they are of."""
    access_log.write(connection, accesses, clock.now())
