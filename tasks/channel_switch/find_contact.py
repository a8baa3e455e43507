"""The contact that staff propose a change of channel for is found, so that its answers reach us."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from engine.base import clock
from engine.steps.stage import decides, from_tables
from engine.steps.verdicts import Go, Park, Verdict, Wait
from models.channel_switch import ChannelSwitch, State
from models.times import later
from routine.proposal import is_contact_found
from tasks.channel_switch.refusal import no
from tasks.contacts_by_id import Found, contacts_of, place_of

GRACE = timedelta(minutes=10)
"""How long a proposal may be ahead of the contact that it is about."""
LOOK_AGAIN = timedelta(seconds=2)


def contacts_named(connection: Connection, cases: Sequence[ChannelSwitch]) -> Mapping[uuid.UUID, Found]:
    """By case, the contacts with the id that staff named."""
    return contacts_of(connection, cases)


@decides(from_tables(contacts_named))
def find_contact(case: ChannelSwitch, contacts: Found) -> Verdict:
    """Find the contact that staff name, by its id in its own channel; its answers reach us from now on."""
    if case.proposed_at is None:
        return Park("proposal_unknown", "policy-okand-1")
    found = is_contact_found(len(contacts))
    if not contacts and clock.now() < later(case.proposed_at, GRACE):
        return Wait(clock.now() + max(LOOK_AGAIN, clock.now() - case.proposed_at), for_answer=False)
    if not found.allowed:
        return no(found)
    contact = contacts[0]
    found_in = {"contact_case": contact.key, "from_channel": contact.channel}
    return Go(State.FOUND, changes=found_in | place_of(contact))
