"""How a journey of images is told: a patient attaches them, staff ask for them, they lie in the storage, and go."""

from __future__ import annotations

import secrets
import uuid
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from contact_town import ANNA, ContactTown
from sqlalchemy import text
from town import HALMSTAD, Json, identity

from engine.base import clock
from engine.base.database import transaction
from engine.ops import by_hand
from engine.ops.access_log import Access, Act
from flows.image_transfer import image_transfer
from flows.inbound_contact import inbound_contact
from flows.registry import PROCESSES
from routine.staff import CARE
from sandbox.files.samples import sample
from sandbox.people.numbers import ADULTS
from systems.storage import files as storage
from tasks.image_transfer import files as own
from tasks.image_transfer.files import OwnFile

BERTIL = {"hsa_id": "SE2321000115-P000000000002", "name": "Bertil Test", "title": "läkare"}
COMMISSION = {"hsa_id": "SE2321000115-U000000000001", "purpose": CARE, "unit": HALMSTAD}


class ImageTown(ContactTown):
    """The town, where patients attach images and staff want to journal them."""

    flows: Mapping[str, Any] = {"inbound_contact": inbound_contact, "image_transfer": image_transfer}

    def attaches(self, contact: str, *samples: str, system: str = "platform24", **fields: Any) -> list[str]:
        """A patient attaches files to a contact; gives their refs."""
        refs = [f"ref-{secrets.token_hex(6)}" for _ in samples]
        given = [
            {"system": system, "ref": ref, "contact": contact, "sample": sample} | fields
            for ref, sample in zip(refs, samples, strict=True)
        ]
        self._post("/attachments", given)
        return refs

    def attaches_bytes(
        self, contact: str, content: bytes, system: str = "platform24", **fields: Any
    ) -> list[str]:
        """A patient attaches a file of these bytes."""
        ref = f"ref-{secrets.token_hex(6)}"
        given = {"system": system, "ref": ref, "contact": contact, "base64": b64encode(content).decode()}
        self._post("/attachments", given | fields)
        return [ref]

    def attached(self, ref: str, system: str = "platform24") -> Json:
        """How an attachment stands in its platform."""
        (found,) = [each for each in self.holds(system)["attachments"] if each["ref"] == ref]
        attachment: Json = found
        return attachment

    def asks_for(
        self,
        contact: str,
        refs: Sequence[str],
        patient: str = ADULTS[0],
        system: str = "platform24",
        **fields: Any,
    ) -> str:
        """Anna asks for attachments; gives the transfer's id."""
        transfer = self.asked(contact, refs, patient, system) | fields
        assert self.staff_tell("transfer.requested", {"transfer": transfer})["status"] == 202
        return str(transfer["id"])

    def asked(
        self, contact: str, refs: Sequence[str], patient: str = ADULTS[0], system: str = "platform24"
    ) -> Json:
        """As Anna's own system tells of it."""
        return {
            "id": f"T-{secrets.token_hex(5)}",
            "contact": contact,
            "from": system,
            "attachments": [{"ref": ref, "filename": f"{ref}.jpg"} for ref in refs],
            "by": ANNA,
            "patient": identity(patient),
            "unit": HALMSTAD,
        }

    def gets(self, *samples: str, system: str = "platform24", **fields: Any) -> tuple[str, str]:
        """A patient writes with attachments, and Anna asks for them; gives the contact and the transfer."""
        contact = self.writes(self.resident(), system)
        refs = self.attaches(contact, *samples, system=system, **fields)
        return contact, self.asks_for(contact, refs, system=system)

    def downloads(self, file: OwnFile, owner: Json = ANNA) -> int:
        """What the gateway answers when a member of staff logs in for care and downloads a file of theirs."""
        self._post("/staff", owner | {"commissions": [COMMISSION]})
        self.http.post("/provider/staff_eid", json={"clock": int(self.clock.ahead.total_seconds())})
        asked = {"staff": owner["hsa_id"], "does": "downloads", "file": str(file.id)}
        (one,) = self._post("/act/storage", asked)["files"]
        return int(one["status"])

    def files(self, owner: Json = ANNA) -> list[OwnFile]:
        """A member of staff's files, as their page has them."""
        with transaction() as connection:
            return own.files_of(connection, owner["hsa_id"])

    def file(self, transfer: str) -> OwnFile:
        """The only file of a transfer."""
        (found,) = [each for each in self.files() if each.transfer == transfer]
        return found

    def cases(self, transfer: str) -> list[Any]:
        """The rows of a transfer's files, in the order they were made."""
        query = text("SELECT * FROM image_transfer WHERE transfer = :transfer ORDER BY created_at, key")
        with transaction() as connection:
            return list(connection.execute(query, {"transfer": transfer}))

    def stands(self, transfer: str) -> list[str]:
        """Where a transfer's files stand, sorted: states, or `parked:` and why."""
        return sorted(f"parked:{case.parked}" if case.parked else case.state for case in self.cases(transfer))

    def reason_of(self, transfer: str, what: str) -> tuple[str, str]:
        """The reason and clause of the last such entry of a transfer's only file."""
        (case,) = self.cases(transfer)
        timeline = by_hand.story(PROCESSES, case.id).timeline
        return [(each["reason"], each["clause"]) for each in timeline if each["what"] == what][-1]

    def times(self, transfer: str, what: str) -> int:
        """How often there is such an entry of a transfer's only file."""
        (case,) = self.cases(transfer)
        return [each["what"] for each in by_hand.story(PROCESSES, case.id).timeline].count(what)

    def alerts(self, contact: str, system: str = "platform24") -> list[str]:
        """What staff were told in a conversation, by code."""
        return [each["reason"] for each in self.conversation(contact, system)["alerts"]]

    def accesses(self) -> list[tuple[str, str]]:
        """The access log: who did what."""
        query = text("SELECT who, act FROM access_log ORDER BY number")
        with transaction() as connection:
            return [(row.who, row.act) for row in connection.execute(query)]

    def refused(self) -> list[str]:
        """What ops are shown of webhooks that were refused, by path."""
        with transaction() as connection:
            return list(connection.execute(text("SELECT paths FROM refused_event ORDER BY id")).scalars())

    def rows(self) -> list[Any]:
        """Of all that lies in the storage, or may."""
        with transaction() as connection:
            return list(connection.execute(text("SELECT * FROM stored_file ORDER BY begun_at")))


def incidents() -> set[tuple[str, str]]:
    """What ops were called for: system and reason."""
    with transaction() as connection:
        return {(row.system, row.reason) for row in connection.execute(text("SELECT * FROM incident"))}


def by_anna(act: Act, file: OwnFile) -> Access:
    """As the pages log what she does."""
    return Access(who=ANNA["hsa_id"], act=act, process="image_transfer", why="bilder-2", subject=file.id)


def read(file: OwnFile) -> bytes:
    """A file's bytes, as its owner has them."""
    assert file.place
    return b"".join(storage.give(file.place.name, file.id, file.place.hour, file.place.wrapped_key))


def bytes_of(name: str) -> bytes:
    """A sample of the sandbox's, whole."""
    return b"".join(sample(name).chunks())


def lying() -> set[uuid.UUID]:
    """The names of all bytes that lie in the storage."""
    return set(storage.names(clock.now() + timedelta(days=999)))


def versions(bucket: Any) -> Collection[object]:
    """All that a store with versions keeps of files, also of what was deleted; of a folder what lies there."""
    return lying() if bucket is None else list(bucket.object_versions.all())


def unfinished() -> int:
    """How many files are begun in the storage, and not whole."""
    place = storage._place_in_settings()
    if not place.is_s3():
        return len(list(place.folder().glob(".*")))
    from systems.storage.s3 import S3Store  # not before: it loads boto3

    store = S3Store(place)
    return len(store._uploads(store._prefix))


__all__ = [
    "ANNA",
    "BERTIL",
    "ImageTown",
    "by_anna",
    "bytes_of",
    "incidents",
    "lying",
    "read",
    "unfinished",
    "versions",
]
