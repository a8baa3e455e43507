"""What a proposal is about, and whether it still stands (patient-3, byte-6, policy-okand-1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from routine.proposal import (
    can_be_asked_by_us,
    does_it_stand,
    is_contact_found,
    is_contact_open,
    may_it_go_on,
)

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("contacts", "found", "reason"),
    [(0, False, "contact_not_known"), (1, True, "approved"), (2, False, "several_contacts")],
)
def test_policy_okand_1_a_proposal_is_about_the_one_contact_that_it_names(
    contacts: int, found: bool, reason: str
) -> None:
    decision = is_contact_found(contacts)
    assert (decision.allowed, decision.reason) == (found, reason)


def test_byte_6_of_a_contact_that_is_over_nothing_is_asked() -> None:
    assert is_contact_open(None).allowed
    assert is_contact_open(NOW).reason == "contact_over"


def test_patient_3_where_we_have_no_way_staff_ask_by_themselves() -> None:
    assert can_be_asked_by_us(True).allowed
    assert can_be_asked_by_us(False).reason == "no_way_of_ours"


def test_patient_3_of_two_proposals_the_later_stands() -> None:
    earlier = NOW - timedelta(seconds=1)
    assert does_it_stand(NOW, earlier).allowed
    assert does_it_stand(earlier, NOW).reason == "replaced"


@pytest.mark.parametrize(
    ("in_shadow", "deceased", "allowed", "reason", "clause"),
    [
        (False, None, True, "consent_given", "patient-3"),
        (False, False, True, "consent_given", "patient-3"),
        (False, True, False, "deceased", "policy-avliden-1"),
        (True, False, False, "unit_in_shadow", "policy-skugga-1"),
        (True, True, False, "unit_in_shadow", "policy-skugga-1"),
    ],
)
def test_policy_avliden_1_policy_skugga_1_a_change_goes_on_only_while_nothing_has_come_between(
    in_shadow: bool, deceased: bool | None, allowed: bool, reason: str, clause: str
) -> None:
    decision = may_it_go_on(in_shadow=in_shadow, deceased=deceased)
    assert (decision.allowed, decision.reason, decision.clause) == (allowed, reason, clause)
