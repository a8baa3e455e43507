"""What residents do with their bookings by themselves on 1177.se (besok-3, besok-4, policy-sjalvservice-1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from routine_cases import ADULT, NOW, REGION, SHADOW_UNIT, START, UNIT
from self_service_cases import (
    ASKED,
    BOOK,
    BOOKING,
    CANCEL,
    CHILD,
    FROM_LETTER,
    GUARDIAN,
    LATER,
    LETTER,
    REBOOK,
    TEENAGER,
    THEMSELVES,
    asked,
    booking,
    only,
    open_there,
)

from models.times import STOCKHOLM
from routine.children import Role, WhoActs
from routine.decision import Decision
from routine.facts import CallLetterKind
from routine.reasons import Reason
from routine.region import Region, UnitPolicy
from routine.self_service import (
    CLAUSES,
    Service,
    ToChange,
    Wanted,
    by_code,
    carried_out,
    is_left_to_staff,
    may_be_asked_of_journal_system,
    may_be_done_there,
    may_times_be_shown,
)

OURS = "policy-sjalvservice-1"
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
CHANGES = [Service.CANCEL, Service.REBOOK]
Differs = Mapping[str, Any]

# what 1177 shows its buttons by

BESOK_3: list[tuple[str, Differs, datetime, Reason]] = [
    ("the unit allows it", {}, NOW, Reason.ALLOWED_BY_UNIT),
    ("the unit does not", {"cancellable": False, "rebookable": False}, NOW, Reason.NOT_ALLOWED_BY_UNIT),
    ("the unit has not said", {"cancellable": None, "rebookable": None}, NOW, Reason.NOT_ALLOWED_BY_UNIT),
    ("with a timed call letter", {"call_letter": CallLetterKind.TIMED}, NOW, Reason.ALLOWED_BY_UNIT),
    ("while it goes on", {}, START + SECOND, Reason.PASSED),
    ("as it begins", {}, START, Reason.PASSED),
    ("cancelled", {"cancelled": True}, NOW, Reason.CANCELLED),
    ("cancelled and over", {"cancelled": True}, START, Reason.CANCELLED),
    ("cancelled, and not allowed", {"cancelled": True, "cancellable": False}, NOW, Reason.CANCELLED),
    ("over, and not allowed", {"cancellable": False, "rebookable": False}, START, Reason.PASSED),
    ("without a time", {"start": None, "end": None}, NOW, Reason.ALLOWED_BY_UNIT),
]


@pytest.mark.parametrize("service", CHANGES)
@pytest.mark.parametrize(
    ("differs", "now", "reason"), [case[1:] for case in BESOK_3], ids=[case[0] for case in BESOK_3]
)
def test_besok_3_a_visit_to_come_is_cancelled_and_rebooked_on_1177(
    service: Service, differs: Differs, now: datetime, reason: Reason
) -> None:
    may = reason is Reason.ALLOWED_BY_UNIT
    assert open_there(service, booking(**differs), now) == Decision(may, reason, "besok-3")


def test_besok_3_what_the_unit_allows_of_the_one_says_nothing_of_the_other() -> None:
    only_cancelled, only_rebooked = booking(rebookable=False), booking(cancellable=False)
    assert [open_there(service, only_cancelled).allowed for service in CHANGES] == [True, False]
    assert [open_there(service, only_rebooked).allowed for service in CHANGES] == [False, True]


def test_besok_3_an_open_call_letter_is_cancelled_and_has_no_time_to_change() -> None:
    letter = booking(LETTER, cancellable=True, rebookable=True)
    assert open_there(Service.CANCEL, letter).allowed
    assert open_there(Service.REBOOK, letter) == Decision(False, Reason.NO_TIME_YET, "besok-3")


LAST_NIGHT = datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
BESOK_4: list[tuple[str, Differs, datetime, Reason]] = [
    ("an open call letter", {}, NOW, Reason.ALLOWED_BY_UNIT),
    ("whatever the unit says of changes", {"cancellable": False, "rebookable": False}, NOW, Reason.ALLOWED_BY_UNIT),
    ("on its last day in Sweden", {}, LAST_NIGHT, Reason.ALLOWED_BY_UNIT),
    ("the day after", {}, MIDNIGHT, Reason.LETTER_EXPIRED),
    ("one that holds for ever", {"valid_until": None}, NOW, Reason.ALLOWED_BY_UNIT),
    ("just before the moment that it holds to", {"valid_until": START}, START - SECOND, Reason.ALLOWED_BY_UNIT),
    ("at the moment that it holds to", {"valid_until": START}, START, Reason.LETTER_EXPIRED),
    ("a cancelled one", {"cancelled": True}, NOW, Reason.CANCELLED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("differs", "now", "reason"), [case[1:] for case in BESOK_4], ids=[case[0] for case in BESOK_4]
)
def test_besok_4_a_time_is_chosen_from_an_open_call_letter_that_still_holds(
    differs: Differs, now: datetime, reason: Reason
) -> None:
    may = reason is Reason.ALLOWED_BY_UNIT
    assert open_there(Service.BOOK, booking(LETTER, **differs), now) == Decision(may, reason, "besok-4")


@pytest.mark.parametrize("kind", [CallLetterKind.TIMED, CallLetterKind.NONE, None])
def test_besok_4_and_policy_sjalvservice_1_an_open_call_letter_is_used_once(
    kind: CallLetterKind | None,
) -> None:
    used = booking(call_letter=kind)
    assert open_there(Service.BOOK, used) == Decision(False, Reason.LETTER_USED, OURS)
    assert asked(FROM_LETTER, used) == Decision(False, Reason.LETTER_USED, OURS)


LAST = START - DAY


@pytest.mark.parametrize("service", CHANGES)
def test_policy_sjalvservice_1_and_distans_3_a_visit_is_changed_until_a_day_before(service: Service) -> None:
    too_late = Decision(False, Reason.TOO_LATE, OURS)
    assert open_there(service, BOOKING, LAST).allowed
    assert open_there(service, BOOKING, LAST + SECOND) == too_late
    assert open_there(service, BOOKING, START - SECOND) == too_late


@pytest.mark.parametrize("service", CHANGES)
def test_policy_sjalvservice_1_a_unit_may_say_until_when(service: Service) -> None:
    until_begun = booking(unit=UNIT.model_copy(update={"last_change_hours": 0}))
    two_days = booking(unit=UNIT.model_copy(update={"last_change_hours": 48}))
    assert open_there(service, until_begun, START - SECOND).allowed
    assert open_there(service, until_begun, START).reason is Reason.PASSED
    assert open_there(service, two_days, START - 2 * DAY).allowed
    assert open_there(service, two_days, START - 2 * DAY + SECOND).reason is Reason.TOO_LATE


@pytest.mark.parametrize("service", CHANGES)
def test_policy_sjalvservice_1_what_the_unit_does_not_allow_is_not_called_too_late(service: Service) -> None:
    case = booking(cancellable=False, rebookable=False)
    assert open_there(service, case, LAST + SECOND).reason is Reason.NOT_ALLOWED_BY_UNIT


def test_policy_sjalvservice_1_a_day_is_24_hours_also_when_the_clock_is_turned_back() -> None:
    """25 October 2026, 03.00 becomes 02.00: a visit at 10 is changed until 11 the day before, by the clock."""
    case = booking(start=datetime(2026, 10, 25, 10, 0, tzinfo=STOCKHOLM))
    last = datetime(2026, 10, 24, 11, 0, tzinfo=STOCKHOLM)
    assert open_there(Service.CANCEL, case, last).allowed
    assert open_there(Service.CANCEL, case, last + SECOND).reason is Reason.TOO_LATE


def test_policy_sjalvservice_1_the_last_hour_is_of_changes_and_not_of_an_open_call_letter() -> None:
    soon = booking(LETTER, valid_until=NOW + SECOND)
    assert open_there(Service.BOOK, soon).allowed


STANDS_IN_THE_WAY: list[tuple[Differs, Reason, str]] = [
    ({"deceased": True}, Reason.DECEASED, "policy-avliden-1"),
    ({"reservnummer": True}, Reason.RESERVNUMMER, "policy-reserv-1"),
    ({"birth": None}, Reason.AGE_UNKNOWN, "barn-2"),
    ({"unit": None}, Reason.UNIT_UNKNOWN, "policy-okand-1"),
    ({"unit": SHADOW_UNIT}, Reason.UNIT_IN_SHADOW, "policy-skugga-1"),
    ({"elsewhere": True}, Reason.OTHER_SYSTEM, OURS),
]


@pytest.mark.parametrize(("wanted", "of"), ASKED.values(), ids=ASKED)
@pytest.mark.parametrize(("differs", "reason", "clause"), STANDS_IN_THE_WAY)
def test_what_stands_in_the_way_of_every_service_is_neither_offered_nor_done(
    wanted: Wanted, of: ToChange, differs: Differs, reason: Reason, clause: str
) -> None:
    refused = Decision(False, reason, clause)
    assert open_there(wanted.service, booking(of, **differs)) == refused
    assert asked(wanted, booking(of, **differs)) == refused


@pytest.mark.parametrize(("wanted", "of"), ASKED.values(), ids=ASKED)
def test_besok_3_what_we_do_not_carry_out_is_offered_nowhere(wanted: Wanted, of: ToChange) -> None:
    not_carried_out = Decision(False, Reason.NOT_CARRIED_OUT, CLAUSES[wanted.service])
    for region in (only(), only(*set(Service) - {wanted.service})):
        assert may_be_done_there(wanted.service, of, NOW, region) == not_carried_out
        assert may_be_asked_of_journal_system(wanted, of, UNIT, NOW, region) == not_carried_out
    without = only(Service.CANCEL, Service.REBOOK)
    assert may_be_asked_of_journal_system(BOOK, None, UNIT, NOW, without) == Decision(
        False, Reason.NOT_CARRIED_OUT, "besok-4"
    )
    assert may_be_done_there(wanted.service, of, NOW, only(wanted.service)).allowed


def test_besok_3_of_another_systems_booking_nothing_is_carried_out() -> None:
    assert carried_out(REGION) == set(Service)
    assert carried_out(only(Service.BOOK)) == {Service.BOOK}
    assert carried_out(REGION, elsewhere=True) == set()


def test_syfte_3_what_nobody_can_tell_the_outcome_of_is_left_to_a_human() -> None:
    assert is_left_to_staff() == Decision(True, Reason.NOT_SETTLED, OURS)


def test_nothing_of_the_patients_shows_in_a_repr() -> None:
    assert "1980" not in repr(BOOKING)


# what becomes of a press

DONE = [*ASKED.values(), (BOOK, None)]


@pytest.mark.parametrize(("wanted", "of"), DONE)
def test_besok_3_and_besok_4_what_may_be_done_is_asked_of_the_journal_system(
    wanted: Wanted, of: ToChange | None
) -> None:
    assert asked(wanted, of) == Decision(True, Reason.ALLOWED_BY_UNIT, CLAUSES[wanted.service])


BY_WHOM: list[tuple[WhoActs, Reason, str]] = [
    (replace(THEMSELVES, birth=TEENAGER), Reason.ALLOWED_BY_UNIT, ""),
    (replace(THEMSELVES, protected=True), Reason.ALLOWED_BY_UNIT, ""),
    (replace(THEMSELVES, protected=None), Reason.ALLOWED_BY_UNIT, ""),
    (GUARDIAN, Reason.ALLOWED_BY_UNIT, ""),
    (replace(THEMSELVES, birth=CHILD), Reason.TOO_YOUNG, "barn-2"),
    (replace(THEMSELVES, birth=None), Reason.AGE_UNKNOWN, "barn-2"),
    (replace(GUARDIAN, birth=TEENAGER), Reason.CHILD_ACTS_ALONE, "barn-2"),
    (replace(GUARDIAN, birth=ADULT), Reason.CHILD_ACTS_ALONE, "barn-2"),
    (replace(GUARDIAN, birth=None), Reason.AGE_UNKNOWN, "policy-barn-1"),
    (replace(GUARDIAN, protected=True), Reason.MANUAL_HANDLING, "policy-skydd-1"),
    (replace(GUARDIAN, protected=None), Reason.PERSON_UNKNOWN, "policy-skydd-1"),
    (replace(GUARDIAN, role=Role.OTHER), Reason.NOT_A_GUARDIAN, "barn-1"),
    (replace(GUARDIAN, role=None), Reason.ROLE_UNKNOWN, "barn-1"),
]


@pytest.mark.parametrize(("wanted", "of"), DONE)
@pytest.mark.parametrize(("who", "reason", "clause"), BY_WHOM)
def test_barn_1_barn_2_and_skyddade_2_who_handles_times_for_whom(
    wanted: Wanted, of: ToChange | None, who: WhoActs, reason: Reason, clause: str
) -> None:
    may = reason is Reason.ALLOWED_BY_UNIT
    clause = CLAUSES[wanted.service] if may else clause
    assert asked(replace(wanted, who=who), of) == Decision(may, reason, clause)


def test_barn_2_from_midnight_of_the_13th_birthday_the_child_acts_alone() -> None:
    """Born on 24 November 2013; 23.00 UTC is midnight in Sweden."""
    midnight = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    guardian = replace(CANCEL, who=replace(GUARDIAN, birth=TEENAGER))
    child = replace(CANCEL, who=replace(THEMSELVES, birth=TEENAGER))
    assert [asked(each, BOOKING, midnight - SECOND).allowed for each in (guardian, child)] == [True, False]
    assert [asked(each, BOOKING, midnight).allowed for each in (guardian, child)] == [False, True]


@pytest.mark.parametrize(("wanted", "of"), [(BOOK, None), (FROM_LETTER, LETTER)])
@pytest.mark.parametrize("who", [who for who, *_ in BY_WHOM])
def test_policy_sjalvservice_1_an_agent_books_for_whoever_asks(
    wanted: Wanted, of: ToChange | None, who: WhoActs
) -> None:
    assert asked(replace(wanted, who=who, by_agent=True), of).allowed


@pytest.mark.parametrize("wanted", [CANCEL, REBOOK])
@pytest.mark.parametrize("of", [BOOKING, None, booking(patient_is=False)])
def test_policy_sjalvservice_1_an_agent_changes_nothing_that_is_booked(
    wanted: Wanted, of: ToChange | None
) -> None:
    no = Decision(False, Reason.NOT_BY_STAFF_OF_1177, OURS)
    assert asked(replace(wanted, by_agent=True), of) == no


@pytest.mark.parametrize(
    ("wanted", "of"),
    [*ASKED.values(), (replace(FROM_LETTER, by_agent=True), LETTER)],
    ids=[*ASKED, "by an agent"],
)
@pytest.mark.parametrize(
    "differs", [{}, {"cancelled": True}, {"deceased": True}, {"elsewhere": True}, {"unit": None}]
)
def test_policy_sjalvservice_1_of_anothers_booking_nothing_shows(
    wanted: Wanted, of: ToChange, differs: Differs
) -> None:
    """It is as though there were none."""
    none = Decision(False, Reason.NO_SUCH_BOOKING, OURS)
    assert asked(wanted, booking(of, patient_is=False, **differs)) == asked(wanted, None) == none


@pytest.mark.parametrize("wanted", [CANCEL, REBOOK, FROM_LETTER])
def test_barn_1_who_may_not_act_hears_that_and_nothing_of_the_booking(wanted: Wanted) -> None:
    stranger = replace(wanted, who=replace(GUARDIAN, role=Role.OTHER))
    for of in (None, BOOKING, LETTER, booking(patient_is=False), booking(deceased=True)):
        assert asked(stranger, of).reason is Reason.NOT_A_GUARDIAN


@pytest.mark.parametrize("wanted", [REBOOK, BOOK])
def test_policy_okand_1_and_policy_skugga_1_no_time_is_wanted_where_we_do_not_publish(wanted: Wanted) -> None:
    unknown, shadow = (asked(wanted, BOOKING, unit=unit) for unit in (None, SHADOW_UNIT))
    assert unknown == Decision(False, Reason.UNIT_UNKNOWN, "policy-okand-1")
    assert shadow == Decision(False, Reason.UNIT_IN_SHADOW, "policy-skugga-1")


@pytest.mark.parametrize(
    ("differs", "reason", "clause"),
    [
        ({"deceased": True}, Reason.DECEASED, "policy-avliden-1"),
        ({"reservnummer": True}, Reason.RESERVNUMMER, "policy-reserv-1"),
    ],
)
@pytest.mark.parametrize("by_agent", [False, True])
def test_policy_avliden_1_and_policy_reserv_1_no_new_time_is_booked_for_them(
    differs: Differs, reason: Reason, clause: str, by_agent: bool
) -> None:
    wanted = replace(BOOK, by_agent=by_agent, **differs)
    assert asked(wanted, None) == Decision(False, reason, clause)


HALF_AN_HOUR = timedelta(minutes=30)
TIMES: list[tuple[datetime | None, datetime | None, Reason]] = [
    (LATER, LATER + SECOND, Reason.ALLOWED_BY_UNIT),
    (NOW + SECOND, NOW + HALF_AN_HOUR, Reason.ALLOWED_BY_UNIT),
    (NOW, NOW + HALF_AN_HOUR, Reason.TIME_PASSED),
    (NOW - DAY, NOW - DAY + HALF_AN_HOUR, Reason.TIME_PASSED),
    (NOW - SECOND, NOW + HALF_AN_HOUR, Reason.TIME_PASSED),
    (LATER, LATER, Reason.TIME_UNCLEAR),
    (LATER, LATER - SECOND, Reason.TIME_UNCLEAR),
    (NOW - DAY, NOW - 2 * DAY, Reason.TIME_UNCLEAR),
    (None, LATER, Reason.TIME_UNCLEAR),
    (LATER, None, Reason.TIME_UNCLEAR),
    (None, None, Reason.TIME_UNCLEAR),
]


@pytest.mark.parametrize(("wanted", "of"), [(REBOOK, BOOKING), (FROM_LETTER, LETTER), (BOOK, None)])
@pytest.mark.parametrize(("start", "end", "reason"), TIMES)
def test_policy_sjalvservice_1_a_time_is_one_to_come_that_ends_after_it_begins(
    wanted: Wanted, of: ToChange | None, start: datetime | None, end: datetime | None, reason: Reason
) -> None:
    decision = asked(replace(wanted, start=start, end=end), of)
    assert (decision.allowed, decision.reason) == (reason is Reason.ALLOWED_BY_UNIT, reason)


@pytest.mark.parametrize(("start", "end"), [times[:2] for times in TIMES])
def test_besok_3_to_cancel_takes_no_time(start: datetime | None, end: datetime | None) -> None:
    assert asked(replace(CANCEL, start=start, end=end), BOOKING).allowed


def test_besok_4_a_time_is_booked_directly_whatever_else_the_patient_has() -> None:
    for of in (None, BOOKING, LETTER, booking(cancelled=True), booking(patient_is=False)):
        assert asked(BOOK, of).allowed


@pytest.mark.parametrize(("wanted", "of"), DONE)
def test_policy_sjalvservice_1_what_was_asked_once_is_asked_again_whatever_came_of_it(
    wanted: Wanted, of: ToChange | None
) -> None:
    """Our own tables may have its echo already: else what was done would be answered by a no."""
    again, lost = replace(wanted, asked_before=True), Decision(True, Reason.ASKED_BEFORE, OURS)
    cancelled = booking(of or LETTER, cancelled=True)
    for known in (of, None, cancelled, booking(of or LETTER, call_letter=CallLetterKind.TIMED)):
        assert asked(again, known, LATER + DAY) == lost


# the times that are shown


def shown(
    who: WhoActs = THEMSELVES,
    of: ToChange | None = None,
    unit: UnitPolicy | None = UNIT,
    *,
    by_agent: bool = False,
    by_booking: bool = False,
    made_here: bool = False,
    region: Region = REGION,
) -> Decision[bool]:
    asked = {"by_agent": by_agent, "by_booking": by_booking, "made_here": made_here}
    return may_times_be_shown(who, of, unit, NOW, region, **asked)


ALLOWED = Decision(True, Reason.ALLOWED_BY_UNIT, "besok-4")


@pytest.mark.parametrize(("who", "reason", "clause"), BY_WHOM)
def test_barn_1_and_barn_2_times_are_shown_to_whoever_may_choose_one(
    who: WhoActs, reason: Reason, clause: str
) -> None:
    may = reason is Reason.ALLOWED_BY_UNIT
    assert shown(who) == (ALLOWED if may else Decision(False, reason, clause))
    assert shown(who, by_agent=True) == ALLOWED


@pytest.mark.parametrize("of", [None, BOOKING, LETTER])
def test_policy_sjalvservice_1_an_agent_is_shown_no_times_that_the_patient_chooses(
    of: ToChange | None,
) -> None:
    assert shown(of=of, by_agent=True, by_booking=True) == Decision(False, Reason.NOT_BY_PATIENT, OURS)


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (BOOKING, Reason.ALLOWED_BY_UNIT),
        (LETTER, Reason.ALLOWED_BY_UNIT),
        (None, Reason.NO_SUCH_BOOKING),
        (booking(patient_is=False), Reason.NO_SUCH_BOOKING),
        (booking(LETTER, patient_is=False), Reason.NO_SUCH_BOOKING),
        (booking(rebookable=False), Reason.NOT_ALLOWED_BY_UNIT),
        (booking(cancelled=True), Reason.CANCELLED),
        (booking(start=NOW + DAY - SECOND), Reason.TOO_LATE),
        (booking(LETTER, valid_until=NOW), Reason.LETTER_EXPIRED),
        (booking(elsewhere=True), Reason.OTHER_SYSTEM),
    ],
)
def test_besok_3_by_a_booking_times_are_shown_where_it_may_be_exchanged(
    of: ToChange | None, reason: Reason
) -> None:
    decision = shown(of=of, by_booking=True)
    assert (decision.allowed, decision.reason) == (reason is Reason.ALLOWED_BY_UNIT, reason)


def test_besok_3_of_what_was_booked_here_just_now_the_journal_system_knows_what_it_may_be_exchanged_for() -> (
    None
):
    known = partial(shown, by_booking=True, made_here=True)
    assert known() == ALLOWED
    assert known(of=booking(rebookable=False)).reason is Reason.NOT_ALLOWED_BY_UNIT
    assert known(of=booking(patient_is=False)).reason is Reason.NO_SUCH_BOOKING
    assert known(replace(GUARDIAN, role=Role.OTHER)).reason is Reason.NOT_A_GUARDIAN
    assert known(by_agent=True).reason is Reason.NOT_BY_PATIENT
    assert known(unit=None).reason is Reason.UNIT_UNKNOWN
    assert known(region=only(Service.BOOK)) == Decision(False, Reason.NOT_CARRIED_OUT, "besok-3")


def test_policy_okand_1_no_times_are_shown_where_we_do_not_publish() -> None:
    for by_agent in (False, True):
        assert shown(unit=None, by_agent=by_agent).reason is Reason.UNIT_UNKNOWN
        assert shown(unit=SHADOW_UNIT, by_agent=by_agent).reason is Reason.UNIT_IN_SHADOW
    assert shown(of=BOOKING, unit=None, by_booking=True).reason is Reason.UNIT_UNKNOWN


def test_besok_4_times_are_shown_once_any_of_them_can_be_chosen() -> None:
    none = Decision(False, Reason.NOT_CARRIED_OUT, "besok-4")
    assert shown(region=only()) == shown(region=only(Service.CANCEL)) == none
    assert shown(region=only(Service.BOOK)) == ALLOWED
    assert shown(region=only(Service.REBOOK)) == ALLOWED
    only_booked = shown(of=BOOKING, by_booking=True, region=only(Service.BOOK))
    assert only_booked == Decision(False, Reason.NOT_CARRIED_OUT, "besok-3")


# the journal system's own words


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("no_such_booking", Reason.NO_SUCH_BOOKING),
        ("another_patient", Reason.NO_SUCH_BOOKING),
        ("another_unit", Reason.NO_SUCH_BOOKING),
        ("time_taken", Reason.TIME_TAKEN),
        ("time_not_offered", Reason.TIME_NOT_OFFERED),
        ("too_late", Reason.TOO_LATE),
        ("already_cancelled", Reason.CANCELLED),
        ("not_allowed", Reason.NOT_ALLOWED_BY_UNIT),
        ("already_booked", Reason.LETTER_USED),
        ("letter_expired", Reason.LETTER_EXPIRED),
        ("has_begun", Reason.PASSED),
        ("no_such_performer", Reason.NO_SUCH_PERFORMER),
        ("vas_refused", None),
        ("TOO_LATE", None),
        ("", None),
    ],
)
def test_policy_sjalvservice_1_the_journal_systems_no_has_a_reason_of_ours_or_is_not_understood(
    code: str, reason: Reason | None
) -> None:
    assert by_code(code) is reason
