"""`vaxel alive`: a death that was registered in error is taken back by hand, where the journal system can't tell it.

The number is asked for, or read from standard input: on a command line it would stand in the shell's history, in the
list of processes and in logs. It is not shown, and not repeated in any answer.
"""

from __future__ import annotations

import sys
import uuid
from typing import Annotated, Any

import typer

from engine import clock
from engine.database import transaction
from engine.inbox import Inbox
from gateway.events import arrival_of
from gateway.terminal import fail, say
from models.encryption import ring
from models.identity import IdentityType, kind_of
from models.reading import Invalid
from routine.identity import Life
from tasks import identities

SOURCE = "ops"
"""The source of what is told by hand; the types are the journal system's."""
AS = "vas"


def alive(
    reservnummer: Annotated[bool, typer.Option(help="The number is a reservnummer.")] = False,
) -> None:
    """Take back a death that was registered in error: asks for the number, or reads it from standard input."""
    number = _number().replace("-", "").replace(" ", "")
    kind = IdentityType.RESERVNUMMER if reservnummer else kind_of(number)
    if kind is None:
        fail("That is no personnummer or samordningsnummer of 12 figures.")
    with transaction() as connection:
        digest = ring().digest(number)
        if identities.lives(connection, [digest]).get(digest) is not Life.DECEASED:
            fail("No death is known of that number: there is nothing to take back.")
    try:
        (event,) = Inbox().store(SOURCE, [arrival_of(AS, str(uuid.uuid4()), _event(number, kind))])
    except Invalid:
        fail("That is no reservnummer: 10 to 13 letters and figures.")
    say(f"Taken in as {event}: what the death has closed comes back within a minute (policy-avliden-2).")
    say("While the person register still says deceased, the bookings are parked as death_disputed.")


def _number() -> str:
    """Typed without being shown, or from a pipe."""
    if sys.stdin.isatty():
        number: str = typer.prompt("The number of the one who lives (not shown)", hide_input=True)
        return number.strip()
    return sys.stdin.readline().strip()


def _event(number: str, kind: IdentityType) -> Any:
    now = clock.now().isoformat()
    data = {"patient": {"id": number, "type": str(kind)}, "at": now}
    return {"type": "patient.alive", "timestamp": now, "data": data}
