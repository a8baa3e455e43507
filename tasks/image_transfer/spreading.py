"""A transfer is made into an event for each of its attachments; what staff say of a file, into one of its case."""

from __future__ import annotations

import hashlib
import uuid

from sqlalchemy import Connection
from sqlmodel import select

from engine.tables import inbox
from engine.tables.events import EventContext, for_case
from engine.tables.inbox import Refusal
from models.case import Outcome
from models.image_transfer import ImageTransfer
from models.stored_events import FileJournalled, FileRequested
from models.transfer import Attachment, Transfer, TransferJournalled, TransferRequested


def to_each_file(said: TransferRequested, context: EventContext[None]) -> Outcome:
    """One event for each attachment."""
    transfer, event = said.transfer, context.event
    attachments: dict[str, Attachment] = {}
    for attachment in transfer.attachments:
        attachments.setdefault(case_key(event.source, transfer, attachment.ref), attachment)
    for key, attachment in attachments.items():
        alone = transfer.model_copy(update={"attachments": [attachment]})
        context.put(for_case(event, key, FileRequested(transfer=alone)))
    return Outcome.SPREAD


def case_key(source: str, transfer: Transfer, ref: str) -> str:
    """Of one attachment: the same transfer told twice, or the same attachment twice in one, is one case.

    A transfer that another member of staff asks for under the same id is another: each has a file of their own
    (bilder-2). So is the same reference in another platform.
    """
    of = f"{transfer.by.hsa_id.upper()}\n{transfer.from_}\n{ref}"
    return f"{source}:{transfer.id}:{hashlib.sha256(of.encode()).hexdigest()[:16]}"


def to_their_own_file(said: TransferJournalled, context: EventContext[None]) -> Outcome:
    """Only of a file of their own, in that transfer; any other is shown to ops, and not told to whoever asks."""
    event = context.event
    key = _own(context.connection, said.file, said.transfer, said.by.hsa_id.upper())
    if key is None:
        refusal = Refusal(event.webhook_id, event.type, ("data.file: no such file",))
        inbox.refuse(context.connection, event.source, [refusal])
    else:
        context.put(for_case(event, key, FileJournalled(by=said.by)))
    return Outcome.SPREAD


def _own(connection: Connection, file: uuid.UUID, transfer: str, owner: str) -> str | None:
    query = select(ImageTransfer.key).where(
        ImageTransfer.id == file, ImageTransfer.transfer == transfer, ImageTransfer.owner_id == owner
    )
    return connection.execute(query).scalar()
