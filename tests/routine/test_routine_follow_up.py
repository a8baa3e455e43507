"""What is counted of how the routine is followed, and of which clause (uppfoljning-1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine.clauses import CLAUSES
from routine.follow_up import (
    BY_CODE,
    BY_STAFF,
    MEASURES,
    NOTHING_TO_COUNT,
    OTHER,
    Cell,
    Group,
    Measure,
    cells_of,
    following_up,
)
from routine.follow_up_counting import (
    COUNTED_STEPS,
    LINES,
    Line,
    ToldBy,
    change_between,
    counted_whats,
    of_alert,
    of_effect,
    of_line,
)
from routine.follow_up_text import GROUPS, heading_of, words_for
from routine.follow_up_text import MEASURES as SAID
from routine.reasons import Reason

TELLING = {
    Reason.MANUAL_HANDLING, Reason.TOO_YOUNG, Reason.NOT_BY_PROXY, Reason.GUARDIAN_AS_PROXY, Reason.GUARDIAN_UNKNOWN,
    Reason.GUARDIAN_CONSENT_LAPSED, Reason.GUARDIAN_CONSENT_NOT_COUNTED, Reason.GUARDIAN_CONTACT_LAPSED,
    Reason.NOT_A_GUARDIAN, Reason.CHILD_ACTS_ALONE, Reason.AGE_UNKNOWN, Reason.PERSON_UNKNOWN, Reason.HUMAN_FIRST,
    Reason.DECEASED, Reason.RESERVNUMMER, Reason.DIGITAL_ONLY_UNREACHABLE, Reason.E_ID_UNKNOWN,
}  # fmt: skip
"""Reasons by which somebody could be told: a child, a protected person, one at risk, one who has died. Of
e-identification that nobody has made sure of, a region may have staff asked about children alone."""
KINDS = (
    "",
    "to_phone",
    "from_phone",
    "to_digital",
    "handover",
    "participant",
    "book",
    "as_routine",
    "departs",
    "unknown",
)


def lines_of(reasons: Iterable[str]) -> st.SearchStrategy[Line]:
    return st.builds(
        Line,
        process=st.sampled_from(sorted({each.process for each in LINES if each.process} | {"risk_alert"})),
        what=st.sampled_from(sorted(counted_whats())),
        reason=st.sampled_from(sorted(map(str, reasons))),
        clause=st.sampled_from(sorted(CLAUSES)),
        kind=st.sampled_from(KINDS),
    )


lines = lines_of([*Reason, "done", "applied", "internal_error"])


def test_uppfoljning_1_every_clause_has_a_measure_or_a_reason_why_it_has_none() -> None:
    followed = {clause for each in MEASURES for clause in each.clauses}
    assert followed | NOTHING_TO_COUNT.keys() == CLAUSES
    assert followed & NOTHING_TO_COUNT.keys() == set()


def test_every_measure_counts_something_and_counts_by_what_there_is() -> None:
    by_lines = {each.measure for each in LINES}
    by_effects = {
        cell.measure
        for step in COUNTED_STEPS
        for system in ("sms", "mail", "vas")
        for receipt in (None, "delivered", "failed", "sent")
        if (cell := of_effect(step, system, receipt))
    }
    assert by_lines | by_effects | {"visit_shown", "alert_acknowledged", "alert_not_acknowledged"} == set(
        BY_CODE
    )
    assert len(BY_CODE) == len(MEASURES)


@given(lines)
def test_nothing_is_counted_twice_but_what_is_left_by_hand_in_its_sum(line: Line) -> None:
    """Else a difference of two measures would tell of the few that are in one only (policy-uppfoljning-1)."""
    cells = [cell for cell in of_line(line) if cell.measure != "handed_over_by_hand"]
    assert len(cells) <= 1
    assert all(cell in cells_of(MEASURES) for cell in of_line(line) if BY_CODE[cell.measure].reasons == ())


@given(lines_of(TELLING))
def test_policy_skydd_2_no_cell_of_a_unit_is_of_a_reason_that_tells_of_somebody(line: Line) -> None:
    for cell in of_line(line):
        assert cell.reason in ("", OTHER, line.kind, line.process)


def test_policy_skydd_2_no_measure_has_such_a_reason() -> None:
    assert {reason for each in MEASURES for reason in each.reasons} & TELLING == set()


@pytest.mark.parametrize("measure", [each for each in MEASURES if each.reasons], ids=lambda each: each.code)
def test_a_reason_that_is_not_told_apart_is_among_the_others_or_cannot_be(measure: Measure) -> None:
    """Where there are no others, every reason that there can be is told."""
    by = {each.by for each in LINES if each.measure == measure.code}
    assert OTHER in measure.reasons or by <= {ToldBy.KIND} or measure.code in (
        "answer_as_routine", "answer_departs", "visit_shown", "alert_acknowledged",
    )  # fmt: skip


def test_every_group_measure_and_reason_has_words_of_its_own() -> None:
    assert GROUPS.keys() == set(Group) == {each.group for each in MEASURES}
    assert SAID.keys() == BY_CODE.keys()
    for language in ("sv", "en"):
        said = [words_for(cell, language) for cell in cells_of(MEASURES)]
        within = Counter(
            (BY_CODE[cell.measure].group, words_for(cell, language)) for cell in cells_of(MEASURES)
        )
        assert all(said)
        assert max(within.values()) == 1
    assert heading_of(Group.ALERTS, "en") == "Alerts of a risk of suicide"


def test_what_is_handed_over_to_staff_is_all_that_can_be_a_part_of_it() -> None:
    assert {each.code for each in MEASURES if each.code.endswith("_by_staff")} == set(BY_STAFF)


@pytest.mark.parametrize(
    ("line", "cell"),
    [
        (Line("booking_publication", "notice", "notified_by_1177", "policy-avisering-1"), Cell("notice_skipped", "notified_by_1177")),
        (Line("booking_publication", "notice", "reservnummer", "policy-reserv-1"), Cell("notice_skipped", OTHER)),
        (Line("booking_publication", "paper", "reached_on_1177", "onskemal-3"), Cell("digital_instead_of_paper")),
        (Line("booking_publication", "paper", "reservnummer", "policy-reserv-1"), Cell("paper_posted", OTHER)),
        (Line("visit_reminder", "reminder", "too_young", "barn-2"), Cell("reminder_skipped", OTHER)),
        (Line("inbound_contact", "answer", "channel_not_approved", "patient-4", "departs"), Cell("answer_departs", "channel_not_approved")),
        (Line("inbound_contact", "answer", "channel_not_approved", "patient-4", "as_routine"), Cell("answer_as_routine", "channel_not_approved")),
        (Line("channel_switch", "switch", "stays", "byte-6", "to_digital"), Cell("switch_lapsed", "to_digital")),
        (Line("image_transfer", "file_removed", "file_deleted", "bilder-3"), Cell("image_lapsed")),
        (Line("risk_alert", "parked", "internal_error", ""), Cell("parked", OTHER)),
        (Line("self_service", "self_service", "done", "besok-4", "book"), Cell("self_service_done", "book")),
        (Line("self_service", "settled_by_hand", "done", "", "book"), Cell("self_service_done", "book")),
        (Line("self_service", "settled_by_hand", "declined", "", "book"), Cell("self_service_not_done", OTHER)),
    ],
)  # fmt: skip
def test_a_line_is_counted_where_it_belongs(line: Line, cell: Cell) -> None:
    assert of_line(line) == [cell]


@pytest.mark.parametrize(
    ("process", "what", "reason"),
    [
        ("booking_publication", "notice", "visit_booked"),
        ("booking_publication", "notice", "not_reached"),
        ("visit_reminder", "reminder", "reminder"),
        ("requested_notice", "notice", "reservnummer"),
        ("booking_publication", "notice_worked_out", "unit_in_shadow"),
        ("booking_publication", "notice", "deceased"),
        ("check_in", "arrival", "unit_in_shadow"),
        ("channel_switch", "switch", "added_value"),
        ("inbound_contact", "message", "from_patient"),
    ],
)
def test_what_is_sent_or_goes_on_is_not_counted_by_its_line(process: str, what: str, reason: str) -> None:
    assert of_line(Line(process, what, reason, "besok-2")) == []


def test_a_message_is_counted_by_how_far_it_came() -> None:
    assert of_effect("give_notice", "sms", "delivered") == Cell("notice_arrived")
    assert of_effect("give_notice", "sms", "failed") == Cell("notice_not_arrived")
    assert of_effect("remind_of_visit", "mail", None) == Cell("reminder_unconfirmed")
    assert of_effect("give_requested_notice", "vas", None) == Cell("requested_by_staff")
    assert of_effect("reply_to_patient", "platform24", None) is None
    assert of_effect("alert_staff", "vas", None) is None


def test_suicid_1_an_alert_is_counted_by_how_soon_a_human_had_it() -> None:
    assert of_alert(timedelta(minutes=5)) == Cell("alert_acknowledged", "within_5_minutes")
    assert of_alert(timedelta(minutes=61)) == Cell("alert_acknowledged", "later")
    assert of_alert(None) == Cell("alert_not_acknowledged")


def test_a_change_of_channel_has_its_kind() -> None:
    assert change_between("platform24 phone") == "to_phone"
    assert change_between("phone platform24") == "from_phone"
    assert change_between("platform24 e1177") == "to_digital"


def test_the_measures_of_a_clause_are_found() -> None:
    assert {each.code for each in following_up("patient-2")} == {
        "answer_as_routine",
        "answer_departs",
        "answer_unclear",
    }
    assert following_up("skyddade-2") == []
