"""Changes of channel as our table has them: what other processes may ask of them, and of those for one contact."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection
from sqlmodel import and_, col, or_, select

from engine.base.database import among
from models.channel_switch import AT_REST, CONSENTED, OPEN, ChannelSwitch, State
from routine.approved import PHONE

_contact_case, _state = col(ChannelSwitch.contact_case), col(ChannelSwitch.state)


def that_hear(connection: Connection, contacts: Collection[str]) -> Sequence[tuple[str, str, bool]]:
    """The contact, the key, and whether it is done, of each change that hears what happens in these contacts.

    One to the phone that is done hears what the patient writes: they may take their consent back.
    """
    is_called = (_state == State.CHANGED) & (col(ChannelSwitch.to_channel) == PHONE)
    query = select(_contact_case, col(ChannelSwitch.key), _state)
    query = query.where(among(_contact_case, contacts), _state.not_in(AT_REST) | is_called)
    return [(contact or "", key, state in AT_REST) for contact, key, state in connection.execute(query)]


def under_way(
    connection: Connection, contact_id: str, channel: str | None, patients: Collection[bytes]
) -> Sequence[str]:
    """The keys of what is under way in a contact, or with its patient.

    Args:
        channel: of the contact; None: whatever channel has one of that id.
        patients: all the numbers that the patient has had.
    """
    in_it = col(ChannelSwitch.contact_id) == contact_id
    if channel:
        in_it = or_(_contact_case == f"{channel}:{contact_id}", and_(in_it, _contact_case.is_(None)))
    theirs = among(col(ChannelSwitch.patient_hash), patients)
    query = select(ChannelSwitch.key).where(_state.not_in(AT_REST), in_it | theirs)
    return connection.execute(query).scalars().all()


def has_consent(connection: Connection, contact: str) -> bool:
    """Whether the patient has consented to go on elsewhere than in the contact with this key."""
    query = select(ChannelSwitch.id).where(_contact_case == contact, _state.in_(CONSENTED))
    return connection.execute(query).first() is not None


def open_besides(connection: Connection, contact_id: str, but: UUID) -> Sequence[tuple[str, datetime]]:
    """Key and moment of each other proposal for the same contact that still waits for its answer."""
    proposed_at = col(ChannelSwitch.proposed_at)
    query = select(col(ChannelSwitch.key), proposed_at).where(
        col(ChannelSwitch.contact_id) == contact_id, col(ChannelSwitch.id) != but, _state.in_(OPEN)
    )
    return [(key, at) for key, at in connection.execute(query) if at is not None]
