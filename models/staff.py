"""What staff tell us: a change of channel, a handing-over, a consent that they heard, a gate that they go past."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from models.booking import Flag
from models.contact import Words
from models.identity import Id, Known, Line, PatientId, Staff, Unit
from models.times import Time

Channel = Literal["phone", "platform24", "hope", "lifecare", "e1177"]
Address = Annotated[str, StringConstraints(max_length=320)]


class Switch(Known):
    """A change of channel that a member of staff proposes."""

    id: Id
    contact: Id
    to: Channel
    service: Literal["rebook", "journal", "form"] | None = None
    service_id: Id | None = None
    why: Words | None = Field(
        default=None,
        repr=False,
        description="The added value, or why talking makes a safer assessment. Not kept.",
    )
    by: Staff


class Proposal(Known):
    """Someone to hand over to, or to invite."""

    id: Id
    contact: Id
    to: dict[str, Any] | Line = Field(repr=False, description="A role or a name. Not kept.")
    by: Staff


class Consent(Known):
    """What the patient answered, as staff heard or read it."""

    id: Id
    for_: Literal["switch", "handover", "participant"] = Field(alias="for")
    subject: Id = Field(description="The id of the switch or the proposal.")
    given: Flag
    how: Literal["oral", "written"] | None = None
    by: Staff
    at: Time | None = None


class Override(Known):
    """A gate that staff go past, with the reason (policy-fara-1)."""

    id: Id
    case: Id = Field(description="The id of the switch or the proposal, or of our own case.")
    reason: Words | None = Field(default=None, repr=False)
    by: Staff


class SetBy(Known):
    """Who set a preference."""

    role: Literal["self", "guardian", "staff"]
    id: Id | None = Field(default=None, repr=False)


class NoticeBy(StrEnum):
    """A way of notice that the patient has chosen."""

    SMS = "sms"
    EMAIL = "email"


class Preferences(Known):
    """What a patient wishes: only the fields that changed; an explicit null withdraws."""

    patient: PatientId
    unit: Unit | None = Field(
        default=None, description="Holds for this unit; left out or null: for all care."
    )
    digital_only: Flag | None = None
    sms_reminders: Flag | None = None
    notice_by: list[NoticeBy] | None = Field(default=None, max_length=2)
    phone: Address | None = Field(default=None, repr=False)
    email: Address | None = Field(default=None, repr=False)
    at: Time
    set_by: SetBy

    @model_validator(mode="after")
    def _says_something(self) -> Preferences:
        if not self.model_fields_set & WISHES:
            raise PydanticCustomError("nothing_changed", "must change something")
        return self


WISHES = frozenset({"digital_only", "sms_reminders", "notice_by", "phone", "email"})
"""The preferences that there are."""


class SwitchProposed(Known):
    """The data of switch.proposed."""

    switch: Switch


class ProposalMade(Known):
    """The data of handover.proposed and participant.proposed."""

    proposal: Proposal


class ConsentRecorded(Known):
    """The data of consent.recorded."""

    consent: Consent


class GateOverridden(Known):
    """The data of gate.overridden."""

    override: Override


class PreferencesChanged(Known):
    """The data of preferences.changed."""

    preferences: Preferences


class LoginCompleted(Known):
    """The data of link.login_completed: a target with a login of its own says who logged in there, and how surely."""

    link: Annotated[str, StringConstraints(min_length=16, max_length=2000)] = Field(
        repr=False, description="The link that we sent, or its token."
    )
    patient: PatientId
    loa: int = Field(ge=1, le=4)
    at: Time
