"""An entry of our access log in the words of the national log service (ehr:log:store 1.0).

ActivityType and Purpose are of the lists in its schema; what stands under Resource is free there, and ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.base.errors import Refused
from models.access_log import Act, LoggedAccess
from models.identity import PatientId
from routine.staff import CARE
from systems.log_store import LONGEST_PATIENT, StoredAccess

READ, WRITTEN, REMOVED = "Läsa", "Skriva", "Radera"
ACTIVITY: Mapping[Act, str] = {
    Act.PUT: WRITTEN,
    Act.LOOK: READ,
    Act.DOWNLOAD: READ,
    Act.PREVIEW: READ,
    Act.DELETE: REMOVED,
    Act.EXPIRE: REMOVED,
    Act.FETCH_AGAIN: WRITTEN,
    Act.JOURNALLED: WRITTEN,
    Act.SEARCH: READ,
    Act.READ: READ,
    Act.CHECK: READ,
    Act.SEND_AGAIN: WRITTEN,
    Act.LET_GO: WRITTEN,
}
"""What was put, or journalled, was added to what there is of the patient."""
RESOURCE: Mapping[str, str] = {
    "image_transfer": "Bild från patient",
    "booking_publication": "Bokat besök",
    "visit_reminder": "Bokat besök",
    "self_service": "Bokat besök",
    "check_in": "Bokat besök",
}
CASE = "Ärende"
"""The resource of any other process."""


def as_stored(entry: LoggedAccess) -> StoredAccess:
    """The entry as the service takes it; its LogId is ours, the same at every try.

    Raises:
        Refused: 'log_without_unit': nobody knows where they worked; 'log_number_too_long': a reservnummer of 13
            characters, for which the service has no room.
    """
    patient = PatientId.model_validate_json(entry.patient or "")
    if entry.unit is None:
        raise Refused("log_without_unit")
    if len(patient.id) > LONGEST_PATIENT:
        raise Refused("log_number_too_long")
    return StoredAccess(
        id=str(entry.id),
        at=entry.at,
        activity=ACTIVITY[Act(entry.act)],
        purpose=_purpose_of(entry),
        user=entry.who,
        name=entry.name,
        assignment=entry.commission,
        unit=entry.unit,
        resource=RESOURCE.get(entry.process, CASE),
        patient=patient.id,
        args=str(entry.subject) if entry.subject else None,
    )


def _purpose_of(entry: LoggedAccess) -> str:
    """As the service's list spells it, though HSA may spell it otherwise. What staff did in their own system is for
    care: it lets nobody in without such a commission, and does not tell us of it."""
    purpose = entry.purpose or CARE
    return CARE if purpose.casefold() == CARE.casefold() else purpose
