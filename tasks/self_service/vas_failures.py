"""What ops have to mend at the journal system is tried again for hours: a resident waits for what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.base.errors import Incident, NotSent
from engine.outer import incidents


@contextmanager
def tried_until_mended() -> Iterator[None]:
    """Around a call to the journal system: a wrong password, say, parks no request.

    Ops are called, and the step's ladder goes on: once it is mended the request goes by itself.

    Raises:
        NotSent: in place of an incident; nothing was done.
    """
    try:
        yield
    except Incident as incident:
        incidents.note("vas", incident.reason)
        raise NotSent(incident.reason, incident.detail) from None
