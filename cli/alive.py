"""`vaxel alive`: a death that was registered in error is taken back by hand, where the journal system can't tell it.

The number is asked for, or read from standard input: on a command line it would stand in the shell's history, in the
list of processes and in logs. It is not shown, and not repeated in any answer.
"""

from __future__ import annotations

import uuid
from typing import Annotated, Any

import typer

from cli.terminal import fail, say
from cli.typed_number import patient_of, typed
from engine.base import clock
from engine.base.database import transaction
from engine.tables.inbox import Inbox
from gateway.events import arrival_of
from models.encryption import ring
from models.identity import PatientId
from routine.identity import Life
from tasks import identities

SOURCE = "ops"
"""The source of what is told by hand; the types are the journal system's."""
AS = "vas"


def alive(
    reservnummer: Annotated[bool, typer.Option(help="The number is a reservnummer.")] = False,
) -> None:
    """Take back a death that was registered in error: asks for the number, or reads it from standard input."""
    patient = patient_of(typed("The number of the one who lives"), reservnummer=reservnummer)
    with transaction() as connection:
        digest = ring().digest(patient.id)
        if identities.lives(connection, [digest]).get(digest) is not Life.DECEASED:
            fail("No death is known of that number: there is nothing to take back.")
    (event,) = Inbox().store(SOURCE, [arrival_of(AS, str(uuid.uuid4()), _event(patient))])
    say(f"Taken in as {event} (policy-avliden-2). At the workers' next run, within a minute where one is up:")
    say("- bookings whose visit is still to come are shown on 1177 again, and told of where they were not;")
    say("- while the person register still says deceased, they are parked as death_disputed instead.")
    say("What else the death ended, such as a change of channel, stays ended: it has to be proposed anew.")


def _event(patient: PatientId) -> Any:
    now = clock.now().isoformat()
    data = {"patient": {"id": patient.id, "type": str(patient.type)}, "at": now}
    return {"type": "patient.alive", "timestamp": now, "data": data}
