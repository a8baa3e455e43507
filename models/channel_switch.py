"""The case of a change of channel that staff have proposed to a patient, or that a caller has asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field

from models.case import MOMENT, Case
from models.sealed import PATIENT, Sealed

NUMBER: Any = Sealed("caller_hash")


class State(StrEnum):
    """Where a change of channel stands."""

    PRESSED = "pressed"
    """A caller has pressed the key for it; the link by SMS is next."""
    PROPOSED = "proposed"
    """Staff have proposed it; the contact is looked for."""
    FOUND = "found"
    """The contact is known, and its answers reach us; may the patient be asked?"""
    ASKED = "asked"
    """The question stands in the patient's own channel."""
    UNCLEAR = "unclear"
    """The patient has answered, and not surely yes: staff read it and settle it."""
    CONSENTED = "consented"
    """The patient has consented; the journal (to phone) or the new contact (digital) is next."""
    DOCUMENTED = "documented"
    """The journal's draft is there, or the new contact is open; staff hear of it next."""
    CHANGED = "changed"
    """Done."""
    WITHDRAWN = "withdrawn"
    """The patient has taken a consent to be called back; the journal's draft goes next."""
    DRAFT_WITHDRAWN = "draft_withdrawn"
    """The draft is gone, or signed and left; the task to call goes next."""
    TASK_WITHDRAWN = "task_withdrawn"
    """Staff hear of it next."""
    REFUSED = "refused"
    """The routine says no to the proposal, or a caller's link did not reach them; staff hear of it next."""
    STAYS = "stays"
    """The contact stays where it is: declined, lapsed, withdrawn, replaced or refused."""


TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.PRESSED: frozenset({State.PRESSED, State.ASKED, State.REFUSED, State.STAYS}),
    State.PROPOSED: frozenset({State.FOUND, State.REFUSED}),
    State.FOUND: frozenset({State.ASKED, State.REFUSED}),
    State.ASKED: frozenset({State.STAYS}),
    State.UNCLEAR: frozenset({State.ASKED}),
    State.CONSENTED: frozenset({State.DOCUMENTED, State.REFUSED}),
    State.DOCUMENTED: frozenset({State.CHANGED}),
    State.WITHDRAWN: frozenset({State.DRAFT_WITHDRAWN}),
    State.DRAFT_WITHDRAWN: frozenset({State.TASK_WITHDRAWN}),
    State.TASK_WITHDRAWN: frozenset({State.STAYS}),
    State.REFUSED: frozenset({State.STAYS}),
    State.CHANGED: frozenset(),
    State.STAYS: frozenset(),
}
"""What a step may make of a state."""
EVENT_TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.PRESSED: frozenset({State.CONSENTED, State.STAYS}),
    State.PROPOSED: frozenset({State.PRESSED, State.CONSENTED, State.STAYS}),
    State.FOUND: frozenset({State.PROPOSED, State.CONSENTED, State.STAYS}),
    State.ASKED: frozenset({State.UNCLEAR, State.CONSENTED, State.STAYS}),
    State.UNCLEAR: frozenset({State.CONSENTED, State.STAYS}),
    State.CONSENTED: frozenset({State.WITHDRAWN}),
    State.DOCUMENTED: frozenset({State.WITHDRAWN}),
    State.CHANGED: frozenset({State.WITHDRAWN}),
    State.WITHDRAWN: frozenset(),
    State.DRAFT_WITHDRAWN: frozenset(),
    State.TASK_WITHDRAWN: frozenset(),
    State.REFUSED: frozenset({State.PRESSED, State.PROPOSED, State.CONSENTED, State.STAYS}),
    State.STAYS: frozenset({State.PRESSED, State.PROPOSED, State.CONSENTED}),
}
"""What an event may make of one: a key press, an answer, a consent taken back, an end, staff going past the gates."""

AT_REST = frozenset({State.CHANGED, State.STAYS})


OPEN = frozenset({State.PRESSED, State.PROPOSED, State.FOUND, State.ASKED, State.UNCLEAR})
ASKED = frozenset({State.ASKED, State.UNCLEAR})
"""Where the patient's answer is still to come, and where the question has been put."""
CONSENTED = frozenset({State.CONSENTED, State.DOCUMENTED, State.CHANGED})
"""Where the patient has said yes, and can still take it back."""


class ChannelSwitch(Case, table=True):
    """One proposal, under the id that the sender gave it; or one key press, under its call's."""

    __tablename__ = "channel_switch"
    __table_args__ = (
        Index("channel_switch_due", "due_at", "id", postgresql_where="due_at IS NOT NULL"),
        Index("channel_switch_held", "lease_until", postgresql_where="owner IS NOT NULL"),
        Index("channel_switch_standing", "parked", "state"),
        Index("channel_switch_contact", "contact_case"),
        Index("channel_switch_patient", "patient_hash"),
        Index("channel_switch_caller", "caller_hash", "proposed_at"),
        Index("channel_switch_named", "contact_id"),
    )
    PROCESS: ClassVar[str] = "channel_switch"
    INITIAL: ClassVar[str] = State.PROPOSED
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = TRANSITIONS
    EVENT_TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = EVENT_TRANSITIONS

    contact_id: str = Field(default="", sa_type=Text)
    contact_case: str | None = Field(default=None, sa_type=Text)
    """The key of the contact's case, where the patient and whoever writes for them stand; None: not found so far."""
    from_channel: str = Field(default="", sa_type=Text)
    to_channel: str = Field(default="", sa_type=Text)
    service: str | None = Field(default=None, sa_type=Text)
    service_id: str | None = Field(default=None, sa_type=Text)
    unit: str = Field(default="", sa_type=Text)
    patient_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_unit: str | None = Field(default=None, sa_type=Text)
    """Under whom, and at which unit, it came, where that is now known as another (`tasks.identities`)."""
    staff: str | None = Field(default=None, sa_type=Sealed, repr=False)
    """`models.identity.Staff` of the one who proposes, as JSON."""
    has_why: bool = False
    overridden: bool = False
    """Staff have gone past the gates, with a reason (policy-fara-1)."""
    withdrawn_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """When the patient took the consent back."""
    entry: str | None = Field(default=None, sa_type=Text)
    """Where the link leads, where it is a service of 1177's catalogue; None: to the channel's own entry."""
    proposed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    asked_at: datetime | None = Field(default=None, sa_type=MOMENT)
    template: str | None = Field(default=None, sa_type=Text)
    template_version: int | None = None
    answer: str | None = Field(default=None, sa_type=Text)
    """Of the newest answer that staff have to read, the event's id."""
    answered_at: datetime | None = Field(default=None, sa_type=MOMENT)
    number: str | None = Field(default=None, sa_type=NUMBER, repr=False)
    """The phone number that the patient has consented to be called on, or called from."""
    caller_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    """Of a caller's number."""
    patient: str | None = Field(default=None, sa_type=PATIENT, repr=False)
    """`models.identity.PatientId` of a caller who has logged in, as JSON; of others the contact's case knows it."""
    link: str | None = Field(default=None, sa_type=Sealed, repr=False)
    """The token of its link, random: every try to send it carries the same. Until there is an answer."""
    outcome: str | None = Field(default=None, sa_type=Text)
    """Why it ended as it did (`routine.reasons.Reason`)."""
    opened_contact: str | None = Field(default=None, sa_type=Text)
    """The new contact's id in the channel that it went on in."""

    def walks_again_from(self) -> str:
        """One who has consented, or taken it back, is not asked again."""
        if self.withdrawn_at:
            return State.WITHDRAWN
        if self.answered_at:
            return State.CONSENTED
        return State.PRESSED if self.caller_hash else State.PROPOSED
