"""What a member of staff does with a file of their own on our pages, carried out while they wait (bilder-2, -4).

The access log's row, the event and the end of what opens the file are one transaction: whoever holds its case, the
file is read by nobody after that. Then its bytes go, here and now; if another has the case just then, or the storage
does not let them go, its flow takes them.
"""

from __future__ import annotations

import uuid

import structlog
from sqlalchemy import Connection
from sqlmodel import select

from engine.base import clock
from engine.base.database import transaction
from engine.ops import access_log
from engine.ops.access_log import VAXEL, Access, Act
from engine.outer import incidents
from engine.running.at_once import take_through
from engine.steps.process import Process
from engine.tables import inbox
from models.events import Arrival, in_json
from models.image_transfer import ImageTransfer, State
from models.stored_events import FileJournalled
from models.transfer import DELETED, JOURNALLED, UNREADABLE, WISHED_AGAIN
from tasks.image_transfer import stored
from tasks.image_transfer.events import EVENTS
from tasks.image_transfer.files import OwnFile
from tasks.image_transfer.remove_from_storage import remove_from_storage

SOURCE = "staff"
log = structlog.get_logger()
AT_ONCE = Process(
    ImageTransfer,
    EVENTS,
    dict.fromkeys((State.DISCARDED, State.JOURNALLED), remove_from_storage.step),
)


def delete(own: OwnFile, access: Access) -> None:
    """Their file goes at once; nobody opens it from now on."""
    _leaves(own, DELETED, access)


def journalled(own: OwnFile, access: Access) -> None:
    """It is in the journal: what lies of it in the storage goes at once (policy-bild-5)."""
    _leaves(own, JOURNALLED, access)


def cannot_be_opened(own: OwnFile, reason: str) -> None:
    """Its key is gone, or its bytes have changed: it is over, may be fetched anew, and ops see it.

    One that was removed while it was being opened, by its owner or because its time was over, is no incident.

    Args:
        reason: of the error that said so, such as `keys_gone`.
    """
    if not _still_lies_there(own):
        return
    incidents.note("storage", reason)
    gone = Access(
        who=VAXEL,
        act=Act.DELETE,
        process=ImageTransfer.PROCESS,
        why="bilder-4",
        subject=own.id,
        patient=own.patient,
    )
    _leaves(own, UNREADABLE, gone)


def fetch_again(own: OwnFile, access: Access) -> None:
    """It is fetched anew from its source (bilder-4), by its flow: whoever calls asks for a run of that."""
    with transaction() as connection:
        access_log.write(connection, [access], clock.now())
        _put(connection, own, WISHED_AGAIN)


def _still_lies_there(own: OwnFile) -> bool:
    """Can the bytes that were to be opened still be opened, by what the database says?"""
    with transaction() as connection:
        place = stored.places(connection, [own.id]).get(own.id)
    return place is not None and own.place is not None and place.name == own.place.name


def _leaves(own: OwnFile, what: str, access: Access) -> None:
    with transaction() as connection:
        access_log.write(connection, [access], clock.now())
        key = _put(connection, own, what)
        stored.drop_keys(connection, [own.id])
    try:
        take_through(AT_ONCE, key)
    except Exception as error:  # noqa: BLE001 (nobody reads it any more; its flow takes the bytes)
        log.warning("left_to_its_flow", error=type(error).__name__)


def _put(connection: Connection, own: OwnFile, what: str) -> str:
    """Leave the event for the file's case, of which the access log says who and when; gives the case's key."""
    key = connection.execute(select(ImageTransfer.key).where(ImageTransfer.id == own.id)).scalar_one()
    logged = in_json(FileJournalled(logged=True))
    arrival = Arrival(f"page:{uuid.uuid4()}", what, ImageTransfer.PROCESS, key, None, clock.now(), logged)
    inbox.put(connection, SOURCE, [arrival])
    return key
