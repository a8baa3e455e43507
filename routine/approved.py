"""The systems that a region has approved: for what, where, and from when to when (system-1 to 5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import Field, model_validator

from models import identity
from models.booking import VideoFor
from routine.figures import Figures, Text

HsaId = identity.HsaId

E1177 = "e1177"
"""1177 as a channel: its inbox, with Stöd och behandling."""
PHONE = "phone"
"""The phone, which needs no approval: it is one of the ways (val-2)."""
SMS, MAIL = "sms", "mail"


Host = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=253)]
"""A host as an address of it has it: small letters, no port."""


class Use(StrEnum):
    """What a channel is used for (system-1 to 3)."""

    TEXT = "text"
    VIDEO = "video"
    REMINDER = "reminder"
    NOTICE = "notice"
    LINK = "link"
    """The link that a caller asks for by a key press (byte-2)."""


INSECURE: Mapping[str, frozenset[Use]] = MappingProxyType(
    {SMS: frozenset({Use.REMINDER, Use.NOTICE, Use.LINK}), MAIL: frozenset({Use.NOTICE})}
)
"""What a way that is not secure may be used for at most (system-3, avisering-1)."""


class System(Figures):
    """A system that the region has approved (system-1, 2, 4, 5).

    Args:
        name: as patients and staff know it.
        uses: what it is approved for.
        check: where the security check is on record; left out: it is not approved.
        since, until: the first and the last day of the approval.
        only_for: the purposes that it is approved for; left out: any.
        video_for: what video visits by it may be for; left out: as `only_for`.
        units: the units that it is approved for; left out: all.
        protected: its own routine lets it handle persons with protected identity (skyddade-1).
        entry: where a patient's browser is led who goes on there, https; with `{contact}` in it where the system can
            open a conversation by its id, and what stands before it is where one finds one's conversations.
        join_hosts: the hosts at which its video visits are joined (system-2); none: no such address is followed.
        login: `theirs`: it logs the patient in by itself, and tells us (`link.login_completed`).
    """

    name: Text
    uses: frozenset[Use] = Field(min_length=1)
    check: Text | None = None
    since: date | None = None
    until: date | None = None
    only_for: frozenset[Text] | None = Field(default=None, min_length=1)
    video_for: frozenset[VideoFor] | None = Field(default=None, min_length=1)
    units: frozenset[HsaId] | None = Field(default=None, min_length=1)
    protected: bool = False
    entry: Text | None = None
    join_hosts: frozenset[Host] = frozenset()
    login: Literal["ours", "theirs"] = "ours"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if (self.video_for or self.join_hosts) and Use.VIDEO not in self.uses:
            raise ValueError("video_for and join_hosts for a system that is used for video")
        if self.since and self.until and self.until < self.since:
            raise ValueError("until on or after since")
        if self.entry is not None and not _is_entry(self.entry):
            raise ValueError(
                "entry an https address, with no placeholder but {contact}, in its path or query"
            )
        if self.login == "theirs" and self.entry is None:
            raise ValueError("entry, for a system with a login of its own")
        return self


def _is_entry(entry: str) -> bool:
    parts = urlsplit(entry.replace(CONTACT, "x"))
    host = urlsplit(entry).netloc
    return (
        parts.scheme == "https"
        and bool(parts.netloc)
        and not set(entry.replace(CONTACT, "")) & set("{} ")
        and (CONTACT not in host)
    )


CONTACT = "{contact}"
"""In an entry: the id of the conversation that goes on there."""


def entry_to(entry: str, contact: str | None) -> str:
    """The address with the conversation's id as one segment; what stands before it where there is none."""
    if contact is None or contact in (".", ".."):
        return entry.partition(CONTACT)[0]
    return entry.replace(CONTACT, quote(contact, safe=""))


def wrong_with(id: str, system: System) -> str | None:
    """What would have to stand there, for a system that is what its kind cannot be."""
    if id == PHONE:
        return "no such system: the phone needs no approval (val-2)"
    if not system.uses <= INSECURE.get(id, frozenset({Use.TEXT, Use.VIDEO})):
        return "no use that the routine rules out (system-1 to 3)"
    if id.startswith(identity.LOCAL) and not re.fullmatch(identity.LOCAL_ID, id):
        return "local- and small letters a to z, digits or hyphens, at most 60 in all (system-4)"
    if id.startswith(identity.LOCAL) and not (system.only_for and system.units):
        return "only_for and units, for a unit's own solution (system-4)"
    return None
