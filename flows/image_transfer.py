"""What a patient has sent comes to the journal by way of the storage, and is forgotten in time (bilder-1 to 4)."""

from __future__ import annotations

from engine.prefect.flow import process
from engine.steps.stage import Cases
from models.image_transfer import ImageTransfer, State
from tasks.image_transfer.events import EVENTS
from tasks.image_transfer.fetch_into_storage import fetch_into_storage
from tasks.image_transfer.find_contact_of_file import find_contact_of_file
from tasks.image_transfer.let_life_end import let_life_end
from tasks.image_transfer.remind_owner import remind_owner
from tasks.image_transfer.remove_from_storage import remove_from_storage
from tasks.image_transfer.scan_held_file import scan_held_file
from tasks.image_transfer.tell_owner import tell_owner


@process(ImageTransfer, events=EVENTS)
def image_transfer(cases: Cases[ImageTransfer]) -> None:
    """Each attachment that a member of staff asks for lies in the storage for them only, and for a set time.

    1. it came in a contact of the patient's, and the storage is the appointed one (bilder-1)
    2. it is fetched, judged and sealed in one pass; one that no scanner has looked at may have to wait for that
    3. its owner hears that it is there, or why not (bilder-2); and again before its time is over
    4. its time is over, its owner has deleted it, or it is in the journal: nothing of it is left (bilder-3);
       wished again, it is fetched anew (bilder-4)
    """
    find_contact_of_file(cases.at(State.REQUESTED))
    fetch_into_storage(cases.at(State.FOUND))
    scan_held_file(cases.at(State.HELD))
    tell_owner(cases.at(State.STORED, State.REFUSED, State.LOST))
    remind_owner(cases.at(State.TOLD))
    let_life_end(cases.at(State.REMINDED))
    remove_from_storage(cases.at(State.LAPSED, State.DISCARDED, State.JOURNALLED))
