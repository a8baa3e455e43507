"""Handing over, and inviting more people (samtycke-1, samtycke-2, policy-fara-1)."""

from __future__ import annotations

import pytest

from routine.decision import Decision
from routine.participation import How, Joining, is_documented, may_be_carried_out, may_it_stand
from routine.reasons import Reason

BOTH = [(Joining.HANDOVER, "samtycke-1"), (Joining.PARTICIPANT, "samtycke-2")]


@pytest.mark.parametrize(("what", "clause"), BOTH)
@pytest.mark.parametrize(
    ("given", "how", "may", "reason"),
    [
        pytest.param(True, How.ORAL, True, Reason.CONSENT_GIVEN, id="a yes by mouth"),
        pytest.param(True, How.WRITTEN, True, Reason.CONSENT_GIVEN, id="a yes in writing"),
        pytest.param(True, None, False, Reason.CONSENT_UNKNOWN, id="a yes that nobody can say how"),
        pytest.param(False, How.ORAL, False, Reason.CONSENT_REFUSED, id="a no by mouth"),
        pytest.param(False, How.WRITTEN, False, Reason.CONSENT_REFUSED, id="a no in writing"),
        pytest.param(False, None, False, Reason.CONSENT_REFUSED, id="a no"),
        pytest.param(None, None, False, Reason.CONSENT_UNKNOWN, id="not asked"),
        pytest.param(None, How.ORAL, False, Reason.CONSENT_UNKNOWN, id="no answer yet"),
    ],
)
@pytest.mark.parametrize("override", [None, "", "  "])
def test_samtycke_1_and_2_consent_comes_first(
    what: Joining,
    clause: str,
    given: bool | None,
    how: How | None,
    may: bool,
    reason: Reason,
    override: str | None,
) -> None:
    assert may_be_carried_out(what, given, how, override) == Decision(may, reason, clause)


@pytest.mark.parametrize("what", Joining)
@pytest.mark.parametrize(("given", "how"), [(None, None), (False, How.ORAL), (False, None), (True, None)])
def test_policy_fara_1_staff_go_past_for_danger_to_life(
    what: Joining, given: bool | None, how: How | None
) -> None:
    assert may_be_carried_out(what, given, how, "livsfara") == Decision(
        True, Reason.OVERRIDDEN, "policy-fara-1"
    )


@pytest.mark.parametrize(("what", "clause"), BOTH)
def test_a_consent_that_was_given_needs_no_reason_to_go_past_it(what: Joining, clause: str) -> None:
    assert may_be_carried_out(what, True, How.ORAL, "livsfara") == Decision(
        True, Reason.CONSENT_GIVEN, clause
    )


@pytest.mark.parametrize(("what", "clause"), BOTH)
def test_samtycke_1_and_2_nothing_is_written_in_the_journal(what: Joining, clause: str) -> None:
    assert is_documented(what) == Decision(False, Reason.NOT_DOCUMENTED, clause)


@pytest.mark.parametrize(("what", "clause"), BOTH)
def test_samtycke_1_and_2_only_a_no_takes_back_what_was_carried_out(what: Joining, clause: str) -> None:
    withdrawn = Decision(False, Reason.CONSENT_WITHDRAWN, clause)
    assert may_it_stand(what, False, None) == may_it_stand(what, False, How.ORAL) == withdrawn
    assert may_it_stand(what, True, How.ORAL) == Decision(True, Reason.CONSENT_GIVEN, clause)
    assert may_it_stand(what, True, None) == Decision(True, Reason.CONSENT_UNKNOWN, clause)
    assert may_it_stand(what, None, None) == Decision(True, Reason.CONSENT_UNKNOWN, clause)


@pytest.mark.parametrize("what", Joining)
def test_policy_fara_1_what_staff_went_past_the_consent_for_does_not_rest_on_one(what: Joining) -> None:
    stands = Decision(True, Reason.OVERRIDDEN, "policy-fara-1")
    assert may_it_stand(what, False, How.ORAL, "livsfara") == stands
