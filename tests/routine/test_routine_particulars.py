"""What a resident acts on: where, how, when, by which platform (besok-2, policy-andring-1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from routine_cases import NOW, START

from routine.facts import Form
from routine.particulars import Particulars, has_changed, is_held_otherwise

VISIT = Particulars(start=START, unit="SE2321000115-E000000000001", form=Form.VIDEO, platform="platform24")
NO_FORM = replace(VISIT, form=None, platform=None)
OPEN = Particulars(unit=VISIT.unit, valid_until=date(2027, 1, 31))

# what it was, what differs now, whether the time is another, and whether it is held otherwise
CHANGES = [
    ("nothing", VISIT, {}, False, False),
    ("the time", VISIT, {"start": START + timedelta(minutes=15)}, True, False),
    ("the unit", VISIT, {"unit": "SE2321000115-E000000000002"}, False, True),
    ("the form", VISIT, {"form": Form.PHONE}, False, True),
    ("the platform", VISIT, {"platform": "hope"}, False, True),
    ("on site, then video: distans-2", replace(VISIT, form=Form.ON_SITE), {"form": Form.VIDEO}, False, True),
    ("no form, then video", NO_FORM, {"form": Form.VIDEO}, False, True),
    ("no form, then on site: where the unit is", NO_FORM, {"form": Form.ON_SITE}, False, False),
    ("a form that is not known any more", VISIT, {"form": None}, False, False),
    ("a platform that is not known any more", VISIT, {"platform": None}, False, False),
    ("a platform that nobody had said", NO_FORM, {"platform": "hope"}, False, False),
    ("the last day of an open call letter", OPEN, {"valid_until": date(2027, 2, 28)}, True, False),
    ("the last day of a timed one", VISIT, {"valid_until": date(2027, 2, 28)}, False, False),
    ("a time from an open call letter", OPEN, {"start": START}, True, False),
]


@pytest.mark.parametrize(
    ("was", "differs", "time", "otherwise"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES]
)
def test_policy_andring_1_what_is_a_change(
    was: Particulars, differs: dict[str, Any], time: bool, otherwise: bool
) -> None:
    now = replace(was, **differs)
    assert (was.time != now.time, is_held_otherwise(was, now)) == (time, otherwise)
    assert has_changed(was, now) is (time or otherwise)


def test_what_is_not_known_now_is_what_was_known() -> None:
    assert replace(NO_FORM, start=NOW).filled_from(VISIT) == replace(VISIT, start=NOW)
    assert replace(VISIT, form=Form.PHONE, platform="hope").filled_from(VISIT).form is Form.PHONE
