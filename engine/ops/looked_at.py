"""Ops look at one case: who does stands in the access log before its story is told."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection
from sqlmodel import select

from engine.base import clock
from engine.base.database import load_each, table_of, transaction
from engine.ops import access_log, by_hand
from engine.ops.access_log import VAXEL, Access, Act
from engine.ops.by_hand import CaseStory, Processes
from models.case import Case
from models.identity import PatientId, patient_in
from models.sealed import seals

WHY = "operations"
"""Where nobody says why."""
AT_THIS_MACHINE = f"{VAXEL}:localhost"
"""Who reads `/cases/…`: nobody logs in there."""


def story_told(
    processes: Processes, id: uuid.UUID, *, who: str = AT_THIS_MACHINE, why: str = WHY
) -> CaseStory:
    """A case's story, once it stands in the log who was told.

    Args:
        who: as the access log names them.

    Raises:
        NotFound: no process has this case.
    """
    story = by_hand.story(processes, id)
    process = story.case.process
    with transaction() as connection:
        patient = _patient_of_case(connection, processes[process], id)
        looked = Access(who=who, act=Act.LOOK, process=process, subject=id, patient=patient, why=why)
        access_log.write(connection, [looked], clock.now())
    return story


def _patient_of_case(connection: Connection, model: type[Case], id: uuid.UUID) -> PatientId | None:
    """Whose a case is, by the column that is held against `patient_hash`; None: nobody's, or it cannot be read."""
    opened, _ = load_each(connection, select(model).where(model.id == id))
    for column in seals(table_of(model)).columns.values():
        said = getattr(opened[0], column.name) if opened and column.hashed_in == "patient_hash" else None
        if said is not None and column.at:
            return patient_in(said, column.at[:-1])
    return None
