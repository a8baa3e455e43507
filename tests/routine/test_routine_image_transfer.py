"""Attachments on their way to the journal: whose they are, when staff hear, when they go (policy-bild-4, -5)."""

from __future__ import annotations

from datetime import timedelta
from string import Formatter

import pytest
from routine_cases import NOW, REGION

from routine import staff_text
from routine.decision import Decision
from routine.image_transfer import (
    LATECOMERS,
    Ending,
    is_offered_again,
    is_owner_told,
    is_removed,
    listed_since,
    may_be_fetched_again,
    may_be_transferred,
    reminded_at,
)
from routine.reasons import Reason

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("contact_of", "deceased", "may", "reason"),
    [
        pytest.param(True, False, True, Reason.CONTACT_OF_PATIENT, id="the patient's own contact"),
        pytest.param(True, True, True, Reason.JOURNALLED_AFTER_DEATH, id="who has died since"),
        pytest.param(False, False, False, Reason.CONTACT_OF_OTHER, id="another's"),
        pytest.param(False, True, False, Reason.CONTACT_OF_OTHER, id="another's, of one who has died"),
        pytest.param(None, False, False, Reason.CONTACT_OF_NOBODY, id="nobody says whose"),
    ],
)
def test_policy_bild_4_a_transfer_is_of_the_patients_own_contact_also_of_one_who_has_died(
    contact_of: bool | None, deceased: bool, may: bool, reason: Reason
) -> None:
    assert may_be_transferred(contact_of, deceased=deceased) == Decision(may, reason, "policy-bild-4")


@pytest.mark.parametrize(
    ("on_their_way", "after", "told"),
    [
        pytest.param(0, timedelta(), True, id="the last is in"),
        pytest.param(1, timedelta(), False, id="one more is on its way"),
        pytest.param(9, LATECOMERS - timedelta(microseconds=1), False, id="not for two minutes yet"),
        pytest.param(9, LATECOMERS, True, id="two minutes after the first"),
    ],
)
def test_policy_bild_5_staff_hear_when_the_last_is_in_or_two_minutes_after_the_first(
    on_their_way: int, after: timedelta, told: bool
) -> None:
    reason = Reason.STORED if told else Reason.FILES_AWAITED
    assert is_owner_told(on_their_way, NOW, NOW + after) == Decision(told, reason, "policy-bild-5")


def test_policy_bild_5_staff_are_reminded_so_long_before_its_time_is_over_as_the_region_says() -> None:
    assert reminded_at(NOW, REGION) == NOW - timedelta(hours=4)


def test_policy_bild_5_the_region_says_how_long_the_list_has_what_is_gone() -> None:
    assert listed_since(NOW, REGION) == NOW - timedelta(days=30)


@pytest.mark.parametrize("ending", Ending)
def test_policy_bild_5_what_was_gone_when_it_was_journalled_stands_as_journalled_all_the_same(
    ending: Ending,
) -> None:
    journalled = ending is Ending.JOURNALLED
    decision = is_removed(ending, lies_there=False, was_there=True)
    assert (decision.allowed, decision.reason) == (
        (True, Reason.FILE_JOURNALLED) if journalled else (False, Reason.FILE_DELETED)
    )


@pytest.mark.parametrize("ending", Ending)
@pytest.mark.parametrize("lies_there", [True, False])
def test_policy_bild_5_what_is_journalled_or_deleted_goes_at_once(ending: Ending, lies_there: bool) -> None:
    decision = is_removed(ending, lies_there=lies_there)
    assert decision.allowed is lies_there
    assert (decision.reason is Reason.FILE_DELETED) is not lies_there


@pytest.mark.parametrize("lies_there", [True, False])
def test_bilder_4_a_file_is_fetched_anew_unless_it_lies_there_or_is_on_its_way(lies_there: bool) -> None:
    reason = Reason.FILE_LIES_THERE if lies_there else Reason.FILE_WISHED_AGAIN
    assert may_be_fetched_again(lies_there=lies_there) == Decision(not lies_there, reason, "bilder-4")


@pytest.mark.parametrize(
    ("reason", "clause"),
    [
        (Reason.KIND_NOT_KEPT, "policy-bild-1"),
        (Reason.EMPTY_FILE, "policy-bild-1"),
        (Reason.FILE_TOO_BIG, "policy-bild-1"),
        (Reason.FILE_INFECTED, "policy-bild-2"),
    ],
)
def test_policy_bild_1_and_2_what_is_refused_for_what_it_is_nobody_is_offered_to_fetch_anew(
    reason: Reason, clause: str
) -> None:
    assert is_offered_again(str(reason), lies_there=False) == Decision(False, reason, clause)


@pytest.mark.parametrize("reason", [None, "file_deleted", "attachment_gone", "file_not_fetched"])
@pytest.mark.parametrize("lies_there", [True, False])
def test_bilder_4_any_other_that_is_not_there_is_offered(reason: str | None, lies_there: bool) -> None:
    assert is_offered_again(reason, lies_there=lies_there) == may_be_fetched_again(lies_there=lies_there)


TOLD = [reason for reason in Reason if reason in staff_text._FILES]


@pytest.mark.parametrize("reason", TOLD)
def test_bilder_2_what_staff_are_told_of_files_says_where_they_are_from_and_nothing_of_them(
    reason: Reason,
) -> None:
    fields = {name for _, name, *_ in Formatter().parse(staff_text._FILES[reason]) if name}
    assert fields == {"where"}
    body = staff_text.files(reason, "Platform24", 4).body
    assert "Platform24" in body
    assert body.endswith("om 4 timmar.")
