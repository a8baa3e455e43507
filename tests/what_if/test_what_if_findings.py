"""What is told in all of what would differ."""

from __future__ import annotations

import uuid

from tasks.what_if.findings import Difference, Findings, Side

SENT = Side("send_sms", "booked", "besok-2")


def test_policy_tystnad_1_what_would_only_wait_is_no_fewer() -> None:
    """It goes when quiet hours are over; it stands among what differs."""
    found = Findings()
    for would in (Side("wait", "quiet_hours", "policy-tystnad-1"), Side("no_notice", "passed", "besok-2")):
        found.differs(uuid.uuid4(), Difference("notice", "SE2321000115-E000000000001", SENT, would))
    told = found.as_json()
    assert (told["differ"], told["done"]) == (2, [{"rule": "notice", "more": 0, "fewer": 1}])
