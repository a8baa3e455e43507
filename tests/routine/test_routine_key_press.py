"""A caller's link by SMS: while they are on the line, or past the gates by staff (byte-2, syfte-3, policy-fara-1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from routine_cases import MOBILE, NOW, REGION
from switch_cases import CHATTING_UNIT, FROM_PHONE

from routine.ages import swedish_day
from routine.channel_switch import Proposal
from routine.decision import Decision
from routine.key_press import ON_THE_LINE, is_caller_on_the_line, may_link_go
from routine.protected import Passage
from routine.reasons import Reason
from routine.region import Publish

DAY, MOMENT = swedish_day(NOW), timedelta(milliseconds=1)
IN_SHADOW = CHATTING_UNIT.model_copy(update={"publish": Publish.SHADOW})


def link(
    waited: timedelta = MOMENT,
    proposal: Proposal = FROM_PHONE,
    number: str | None = MOBILE,
    texted: int = 0,
    *,
    overridden: bool = False,
) -> Decision[Passage]:
    return may_link_go(proposal, number, texted, NOW, NOW + waited, DAY, REGION, overridden=overridden)


def test_byte_2_a_caller_waits_for_ten_seconds_and_no_longer() -> None:
    assert is_caller_on_the_line(NOW, NOW + ON_THE_LINE).allowed
    late = is_caller_on_the_line(NOW, NOW + ON_THE_LINE + MOMENT)
    assert (late.allowed, late.reason, late.clause) == (False, Reason.CALLER_HAS_NO_LINK, "syfte-3")


@pytest.mark.parametrize(
    ("decision", "passage", "reason"),
    [
        pytest.param(link(), Passage.SEND, Reason.KEY_PRESS, id="in the call"),
        pytest.param(link(timedelta(minutes=1)), Passage.STAFF, Reason.CALLER_HAS_NO_LINK, id="after it"),
        pytest.param(link(texted=99), Passage.NONE, Reason.TEXTED_ENOUGH, id="too many"),
        pytest.param(
            link(timedelta(minutes=1), texted=99), Passage.NONE, Reason.TEXTED_ENOUGH, id="too many, later"
        ),
        pytest.param(link(number=None), Passage.NONE, Reason.CALLER_UNKNOWN, id="hidden"),
        pytest.param(
            link(timedelta(hours=1), texted=99, overridden=True),
            Passage.SEND,
            Reason.OVERRIDDEN,
            id="past the gates",
        ),
        pytest.param(
            link(number=None, overridden=True), Passage.STAFF, Reason.NOT_TO_OVERRIDE, id="past, hidden"
        ),
        pytest.param(
            link(number="+46351310000", overridden=True),
            Passage.STAFF,
            Reason.NOT_TO_OVERRIDE,
            id="past, a land line",
        ),
        pytest.param(
            link(proposal=replace(FROM_PHONE, unit=IN_SHADOW), overridden=True),
            Passage.STAFF,
            Reason.NOT_TO_OVERRIDE,
            id="past, in shadow",
        ),
    ],
)
def test_a_link_goes_in_the_call_or_for_a_reason_of_staffs(
    decision: Decision[Passage], passage: Passage, reason: Reason
) -> None:
    assert (decision.answer, decision.reason) == (passage, reason)
