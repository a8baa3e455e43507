"""The commands that report: units in shadow, how contacts are dealt with, and how reminders are planned."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import AsJson
from cli.terminal import fail, show


def shadow(as_json: AsJson = False) -> None:
    """Report the units in shadow: how the index compares, and what would have been done."""
    from tasks.booking_publication.shadow_report import report

    show(report(), ["unit", "what", "answer", "because", "cases"], as_json)


def contacts(as_json: AsJson = False) -> None:
    """Report how contacts are dealt with: who waits too long, how answers depart from the routine. Counts only."""
    from tasks.inbound_contact.contacts_report import report

    show(report(), ["unit", "what", "clause", "contacts"], as_json)


def reminders(
    plan: Annotated[
        bool, typer.Option("--plan", help="Tell how visits are planned by the leads, and stop.")
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Plan them so.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell how many visits each lead reminds of, and plan them anew if the leads have changed. Counts only."""
    from tasks.visit_reminder.new_leads import plan_anew

    if plan == apply:
        fail("Look first with --plan; then --apply makes it so.")
    show(plan_anew(apply=apply), ["unit", "lead", "visits", "changed"], as_json)
