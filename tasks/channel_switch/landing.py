"""Where a browser is led after a login that was the consent (byte-2, byte-3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import structlog
from sqlmodel import select

from engine.base.database import transaction
from engine.running.at_once import take_through
from engine.steps.process import Process
from models.channel_switch import ChannelSwitch, State
from routine.approved import CONTACT, entry_to
from tasks.channel_switch.events import EVENTS
from tasks.channel_switch.record_consent import record_consent

log = structlog.get_logger()
PATIENCE = 4.0
"""Seconds that whoever has logged in waits for their conversation to be opened; then they find it among theirs."""
AT_ONCE = Process(ChannelSwitch, EVENTS, {State.CONSENTED: record_consent.step})
THREADS = ThreadPoolExecutor(8, thread_name_prefix="landing")


def address(entry: str, switch: str) -> str:
    """The address, with the conversation that goes on there where the system can open one.

    Args:
        entry: as the region has it (`[systems.<id>] entry`), or a service's own.
        switch: the key of the change of channel.
    """
    if CONTACT not in entry:
        return entry
    try:
        return entry_to(entry, THREADS.submit(_open, switch).result(PATIENCE))
    except Exception as error:  # noqa: BLE001 (the login is kept, and the flow opens it all the same)
        log.warning("not_opened_at_once", error=type(error).__name__)
        return entry_to(entry, None)


def _open(switch: str) -> str | None:
    """Open the contact over there while the patient waits; its id, where it is known."""
    take_through(AT_ONCE, switch)
    query = select(ChannelSwitch.opened_contact).where(ChannelSwitch.key == switch)
    with transaction() as connection:
        return connection.execute(query).scalar()
