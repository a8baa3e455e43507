"""What stands in the access log of what 1177 reads of a resident (HSLF-FS 2016:40, 4 kap. 9 §).

The log says who: the agent by HSA-id, or 1177 by the HSA-id of its certificate, with the resident's number sealed
beside it: theirs, or their guardian's. When it stands there, says `reading`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree
from pydantic_xml import BaseXmlModel

from engine.base import clock
from engine.base.database import transaction
from engine.ops import access_log
from engine.ops.access_log import Access, Act
from gateway.soap import Call, Fault
from models.booking_publication import BookingPublication
from models.identity import PatientId, is_hsa_id

Answered = BaseXmlModel | etree._Element
WHY = "besok-3"


@dataclass(frozen=True)
class Seen:
    """An answer that tells of a patient.

    Args:
        booking: the one that was asked about.
    """

    answer: Answered
    patient: PatientId
    booking: str | None = field(default=None, repr=False)


def read_by(asked: Call, patient: PatientId, booking: str | None = None) -> Access:
    """The entry of a read.

    Args:
        booking: the one that is asked about; None: all at the unit.

    Raises:
        Fault: an agent without an HSA-id: the log could not say who.
    """
    told = [WHY, etree.QName(asked.content).localname, *([booking] if booking else ())]
    by_agent = asked.actor.type == "subject_of_care_agent"
    if by_agent and not is_hsa_id(asked.actor.id):
        raise Fault("The header Actor names no agent by an HSA-id")
    return Access(
        who=asked.actor.id.upper() if by_agent else asked.caller,
        name=None if by_agent else asked.actor.id,
        act=Act.READ,
        process=BookingPublication.PROCESS,
        unit=asked.logical_address,
        patient=patient,
        why=" ".join([*told, f"by {asked.caller}"] if by_agent else told),
    )


def log_reads(reads: Sequence[Access]) -> None:
    """Returns once they stand in the log, committed."""
    if reads:
        with transaction() as connection:
            access_log.write(connection, reads, clock.now())
