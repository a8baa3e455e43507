"""A transfer is made into an event for each of its attachments; what staff say of a file, into one of its case."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from engine import inbox
from engine.inbox import Refusal
from models.case import Event, Outcome
from models.events import DERIVED, Arrival
from models.image_transfer import ImageTransfer
from models.transfer import JOURNALLED, TransferJournalled
from tasks import identity_events
from tasks.image_transfer.events import REQUESTED

_spread_over_all = identity_events.spread_all_over(ImageTransfer)


def spread(connection: Connection, events: Sequence[Event]) -> None:
    """What is told of persons and units, of transfers, and of files by their ids."""
    _spread_over_all(connection, [event for event in events if identity_events.is_of_many(event)])
    others = [event for event in events if not identity_events.is_of_many(event)]
    for event in others:
        _SPREAD[event.type](connection, event)
    numbers = [event.number or 0 for event in others]
    inbox.close(connection, dict.fromkeys(numbers, Outcome.SPREAD), forget=numbers)


def case_key(source: str, transfer: dict[str, Any], ref: str) -> str:
    """Of one attachment: the same transfer told twice, or the same attachment twice in one, is one case.

    A transfer that another member of staff asks for under the same id is another: each has a file of their own
    (bilder-2). So is the same reference in another platform.
    """
    of = f"{transfer['by']['hsa_id'].upper()}\n{transfer['from']}\n{ref}"
    return f"{source}:{transfer['id']}:{hashlib.sha256(of.encode()).hexdigest()[:16]}"


def _requested(connection: Connection, event: Event) -> None:
    transfer = json.loads(event.data)["transfer"]
    arrivals: dict[str, Arrival] = {}
    for attachment in transfer["attachments"]:
        key = case_key(event.source, transfer, attachment["ref"])
        data = {"transfer": transfer | {"attachments": [attachment]}}
        arrivals.setdefault(key, _of(event, key, data))
    inbox.put(connection, DERIVED, list(arrivals.values()))


def _journalled(connection: Connection, event: Event) -> None:
    """Only of a file of their own, in that transfer; any other is shown to ops, and not told to whoever asks."""
    said = TransferJournalled.model_validate(json.loads(event.data))
    key = _own(connection, said.file, said.transfer, said.by.hsa_id.upper())
    if key is None:
        inbox.refuse(
            connection, event.source, [Refusal(event.webhook_id, event.type, ("data.file: no such file",))]
        )
        return
    inbox.put(connection, DERIVED, [_of(event, key, json.loads(event.data))])


def _own(connection: Connection, file: uuid.UUID, transfer: str, owner: str) -> str | None:
    query = text(
        "SELECT key FROM image_transfer WHERE id = :file AND transfer = :transfer AND owner_id = :owner"
    )
    key: str | None = connection.execute(query, {"file": file, "transfer": transfer, "owner": owner}).scalar()
    return key


def _of(event: Event, key: str, data: dict[str, object]) -> Arrival:
    return Arrival(f"{event.id}:{key}", event.type, event.process, key, None, event.occurred_at, data)


_SPREAD = {REQUESTED: _requested, JOURNALLED: _journalled}
