"""Where a browser is led once a login is kept: it leads somewhere, whatever becomes of the conversation."""

from __future__ import annotations

from routine.approved import CONTACT, entry_to
from tasks.channel_switch import landing

ENTRY = f"https://chatt.example.se/samtal/{CONTACT}"
UNWRITABLE = "\ud800"
"""A key that no driver can send: in place of a bug of any kind."""


def test_one_whose_conversation_cannot_be_opened_is_led_to_the_channels_entry(database: None) -> None:
    """The login is the consent, and is kept by then: a page that asks for another would be wrong (byte-3)."""
    assert landing.address(ENTRY, UNWRITABLE) == entry_to(ENTRY, None)
