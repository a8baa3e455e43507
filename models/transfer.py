"""What staff tell of images on their way to the journal: what to fetch, what is journalled, deleted, wished again."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from models.contact import writable
from models.identity import ONE_LINE, Id, Known, PatientId, Staff, Unit

Source = Literal["platform24", "hope", "lifecare", "e1177"]
"""A platform that patients send attachments in."""
Ref = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=ONE_LINE)]
Filename = Annotated[str, StringConstraints(max_length=1000), BeforeValidator(writable)]
"""What a device calls its file refuses no transfer: a character that cannot be kept becomes U+FFFD."""
MOST_ATTACHMENTS = 500


class Attachment(Known):
    """One attachment, as its platform knows it."""

    ref: Ref = Field(repr=False, description="As the platform calls it in `GET /attachments/{ref}`.")
    filename: Filename | None = Field(
        default=None,
        repr=False,
        description="As the patient's device named it: kept as it is, cleaned where it is shown.",
    )


class Transfer(Known):
    """Attachments of one contact that a member of staff wants to journal."""

    id: Id
    contact: Id
    from_: Source = Field(alias="from", description="The platform that has the originals.")
    attachments: list[Attachment] = Field(min_length=1, max_length=MOST_ATTACHMENTS, repr=False)
    by: Staff = Field(description="Only they can read the files (bilder-2).")
    patient: PatientId
    unit: Unit


class TransferRequested(Known):
    """The data of transfer.requested."""

    transfer: Transfer


class TransferJournalled(Known):
    """The data of transfer.journalled: the file is in the journal now, and its bytes go (bilder-4)."""

    transfer: Id
    file: uuid.UUID = Field(description="The file's id, as in `/staff/storage`.")
    by: Staff


DELETED, WISHED_AGAIN, UNREADABLE = "file.deleted", "file.wished_again", "file.unreadable"
"""What happens to a file on our own pages: no source may send them."""
REQUESTED, JOURNALLED = "transfer.requested", "transfer.journalled"
