"""What a resident asks for by themselves on 1177: to book, to move or to cancel a visit (besok-3, besok-4)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from models.booking import Text
from models.identity import HsaId, Id, Known, Line, PatientId
from models.times import Time

ActorId = Annotated[str, StringConstraints(min_length=1, max_length=31, pattern=r"^[0-9A-Za-z-]+$")]


class ServiceRequest(Known):
    """One thing that somebody asks for, for a patient, at a unit.

    Args:
        actor: who asks, a number of 12 figures; an HSA-id where `by_agent`: staff of 1177.
        booking: that which is to be moved or cancelled, or the open call letter that is answered.
        start, end: the time that is wanted, aware.
        time_type, care_type, performer, resource: their ids in the journal system's own catalogue.
    """

    service: Literal["book", "rebook", "cancel"]
    unit: HsaId
    patient: PatientId
    actor: ActorId = Field(repr=False)
    by_agent: bool
    booking: Id | None = None
    start: Time | None = None
    end: Time | None = None
    time_type: Line | None = None
    care_type: Line | None = None
    performer: Line | None = None
    resource: Line | None = None
    phone: Line | None = Field(default=None, repr=False)
    email: Line | None = Field(default=None, repr=False)
    message: Text | None = Field(default=None, repr=False)
