"""The commands that report: units in shadow, and how contacts are dealt with."""

from __future__ import annotations

from cli.options import AsJson
from cli.terminal import show


def shadow(as_json: AsJson = False) -> None:
    """Report the units in shadow: how the index compares, and what would have been done."""
    from tasks.booking_publication.shadow_report import report

    show(report(), ["unit", "what", "answer", "because", "cases"], as_json)


def contacts(as_json: AsJson = False) -> None:
    """Report how contacts are dealt with: who waits too long, how answers depart from the routine. Counts only."""
    from tasks.inbound_contact.contacts_report import report

    show(report(), ["unit", "what", "clause", "contacts"], as_json)
