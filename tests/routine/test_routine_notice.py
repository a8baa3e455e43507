"""Who is told, by whom and how: a table by clause (besok-2, avisering-1, policy-avisering-1, policy-barn)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from routine_cases import (
    BOOKED,
    CANCELLED,
    EMAIL,
    INBOX_UNIT,
    MAIL,
    MOBILE,
    MOVED,
    NOT_ON_1177,
    NOW,
    ON_1177_WITH_NOTICES,
    ON_1177_WITHOUT_NOTICES,
    REGION,
    SHADOW_UNIT,
    SMS,
    START,
    UNIT,
    event,
    facts,
    resident,
    visit,
)

from routine.approved import Use
from routine.decision import Decision, StaffTask, Wait
from routine.facts import Actor, CallLetterKind, Contact, ContactKind, Facts, Portal
from routine.figures import Quiet
from routine.notice import (
    NoticeKind,
    SendMail,
    SendSms,
    Skip,
    is_notice_owed,
    notice,
    will_1177_notify,
    worked_out,
)
from routine.occasion import Occasion
from routine.reasons import Reason
from routine.region import Region

OPEN = visit(start=None, end=None, call_letter=CallLetterKind.OPEN, valid_until=date(2027, 1, 31))
CANCELLED_VISIT = visit(cancelled=True)

TOLD = [
    ("a new visit is told", facts(), NoticeKind.BOOKED, Reason.VISIT_BOOKED, "besok-2"),
    ("a moved time is told", facts(MOVED), NoticeKind.CHANGED, Reason.TIME_CHANGED, "besok-2"),
    (
        "a change with an unknown past is told",
        facts(event(MOVED, moved=None)),
        NoticeKind.CHANGED,
        Reason.TIME_MAY_HAVE_CHANGED,
        "besok-2",
    ),
    (
        "a cancelled visit is told",
        facts(CANCELLED, CANCELLED_VISIT),
        NoticeKind.CANCELLED,
        Reason.VISIT_CANCELLED,
        "avisering-1",
    ),
    (
        "a visit cancelled by the system is told",
        facts(event(CANCELLED, cancelled_by=Actor.SYSTEM), CANCELLED_VISIT),
        NoticeKind.CANCELLED,
        Reason.VISIT_CANCELLED,
        "avisering-1",
    ),
    (
        "an open call letter is told",
        facts(BOOKED, OPEN),
        NoticeKind.OPEN_CALL_LETTER,
        Reason.OPEN_CALL_LETTER,
        "avisering-1",
    ),
    (
        "a rebooking is told once, with the new time",
        facts(event(paired=True)),
        NoticeKind.CHANGED,
        Reason.VISIT_REBOOKED,
        "besok-2",
    ),
]

SKIPPED = [
    ("the deceased", facts(resident=resident(deceased=True)), Reason.DECEASED, "policy-avliden-1"),
    ("a replay", facts(event(replay=True)), Reason.REPLAY, "policy-avisering-2"),
    ("an echo of our own change", facts(event(MOVED, echo=True)), Reason.ECHO, "policy-avisering-2"),
    (
        "a visit that the patient cancelled",
        facts(event(CANCELLED, cancelled_by=Actor.PATIENT), CANCELLED_VISIT),
        Reason.CANCELLED_BY_PATIENT,
        "policy-avisering-2",
    ),
    (
        "a new visit that is cancelled by now",
        facts(BOOKED, CANCELLED_VISIT),
        Reason.CANCELLED,
        "policy-avisering-2",
    ),
    ("a corrected typo", facts(event(MOVED, moved=False)), Reason.SAME_TIME, "besok-2"),
    (
        "the cancelled half of a rebooking",
        facts(event(CANCELLED, paired=True), CANCELLED_VISIT),
        Reason.PART_OF_REBOOKING,
        "policy-avisering-1",
    ),
    ("the rest of a series", facts(event(series_told=True)), Reason.SAME_SERIES, "policy-avisering-1"),
    ("a visit that has begun", facts(now=START), Reason.PASSED, "policy-avisering-2"),
    (
        "an open call letter that ran out",
        facts(BOOKED, visit(start=None, end=None, valid_until=date(2026, 11, 23))),
        Reason.PASSED,
        "policy-avisering-2",
    ),
    (
        "a reservnummer",
        facts(resident=resident(reservnummer=True, birth=None)),
        Reason.RESERVNUMMER,
        "policy-reserv-1",
    ),
    (
        "one whom 1177 notifies",
        facts(resident=resident(portal=ON_1177_WITH_NOTICES)),
        Reason.NOTIFIED_BY_1177,
        "policy-avisering-1",
    ),
    (
        "one whom the 1177 inbox notifies",
        facts(resident=resident(portal=ON_1177_WITH_NOTICES), unit=INBOX_UNIT),
        Reason.NOTIFIED_BY_1177,
        "policy-avisering-1",
    ),
    (
        "one without contact data",
        facts(resident=resident(contacts=())),
        Reason.NOTICE_NOT_WISHED,
        "val-1",
    ),
    ("a unit in shadow", facts(unit=SHADOW_UNIT), Reason.UNIT_IN_SHADOW, "policy-skugga-1"),
]


@pytest.mark.parametrize(("name", "case", "kind", "reason", "clause"), TOLD, ids=[row[0] for row in TOLD])
def test_the_resident_is_told(name: str, case: Facts, kind: NoticeKind, reason: Reason, clause: str) -> None:
    decision = notice(case, REGION)
    assert (decision.answer, decision.reason, decision.clause) == (SendSms(kind, MOBILE), reason, clause)


@pytest.mark.parametrize(("name", "case", "reason", "clause"), SKIPPED, ids=[row[0] for row in SKIPPED])
def test_no_notice_of_ours_goes_to(name: str, case: Facts, reason: Reason, clause: str) -> None:
    decision = notice(case, REGION)
    assert (decision.answer, decision.reason, decision.clause) == (Skip(), reason, clause)


def test_what_would_have_gone_is_known_in_shadow() -> None:
    assert worked_out(facts(unit=SHADOW_UNIT), REGION).answer == SendSms(NoticeKind.BOOKED, MOBILE)


def test_in_shadow_staff_get_no_task_and_nothing_waits() -> None:
    protected = facts(resident=resident(protected=True), unit=SHADOW_UNIT)
    unknown = facts(resident=resident(protected=None), unit=SHADOW_UNIT)
    assert notice(protected, REGION).reason is notice(unknown, REGION).reason is Reason.UNIT_IN_SHADOW


def test_a_skip_in_shadow_keeps_its_own_reason() -> None:
    assert notice(facts(event(replay=True), unit=SHADOW_UNIT), REGION).reason is Reason.REPLAY


# 1177 or we


@pytest.mark.parametrize("portal", [ON_1177_WITHOUT_NOTICES, NOT_ON_1177])
def test_ours_goes_where_1177_does_not_notify(portal: Portal) -> None:
    assert isinstance(notice(facts(resident=resident(portal=portal)), REGION).answer, SendSms)


def test_1177_says_nothing_of_a_cancelled_visit_so_ours_goes_and_1177_is_not_asked() -> None:
    for portal in (ON_1177_WITH_NOTICES, None):
        case = facts(CANCELLED, CANCELLED_VISIT, resident(portal=portal))
        assert isinstance(notice(case, REGION).answer, SendSms)


def test_a_region_may_say_of_what_1177_notifies() -> None:
    region = REGION.model_copy(
        update={
            "notices": REGION.notices.model_copy(update={"portal_notifies_of": frozenset({Occasion.CHANGED})})
        }
    )
    portal = resident(portal=ON_1177_WITH_NOTICES)
    assert isinstance(notice(facts(resident=portal), region).answer, SendSms)
    assert notice(facts(MOVED, resident=portal), region).reason is Reason.NOTIFIED_BY_1177


def test_1177_that_does_not_answer_is_waited_for_and_then_staff_tell() -> None:
    case = facts(resident=resident(portal=None), waiting_since=NOW - timedelta(minutes=29))
    decision = notice(case, REGION)
    assert decision.answer == Wait(NOW + timedelta(minutes=1))
    assert (decision.reason, decision.clause) == (Reason.PORTAL_UNKNOWN, "policy-avisering-1")
    later = facts(resident=resident(portal=None), waiting_since=NOW - timedelta(minutes=30))
    assert notice(later, REGION).answer == StaffTask()


def test_one_whom_1177_notifies_needs_no_answer_from_the_person_register() -> None:
    case = facts(resident=resident(portal=ON_1177_WITH_NOTICES, protected=None, contacts=None))
    assert notice(case, REGION).reason is Reason.NOTIFIED_BY_1177


def test_an_inbox_that_could_not_be_reached_has_notified_nobody() -> None:
    case = facts(resident=resident(portal=ON_1177_WITH_NOTICES, inbox_exhausted=True), unit=INBOX_UNIT)
    assert will_1177_notify(case, REGION) is False
    assert isinstance(notice(case, REGION).answer, SendSms)


def test_a_connected_unit_is_told_of_by_1177_though_its_inbox_could_not_be_reached() -> None:
    unit = INBOX_UNIT.model_copy(update={"connected": True})
    case = facts(resident=resident(portal=ON_1177_WITH_NOTICES, inbox_exhausted=True), unit=unit)
    assert will_1177_notify(case, REGION) is True


def test_a_unit_that_is_not_connected_is_told_of_by_us() -> None:
    unit = UNIT.model_copy(update={"connected": False})
    case = facts(resident=resident(portal=ON_1177_WITH_NOTICES), unit=unit)
    assert isinstance(notice(case, REGION).answer, SendSms)


# protected identity (policy-skydd-1, policy-skydd-2)


def test_staff_tell_a_protected_person_of_a_cancelled_visit() -> None:
    decision = notice(facts(CANCELLED, CANCELLED_VISIT, resident(protected=True)), REGION)
    assert (decision.answer, decision.reason) == (StaffTask(), Reason.MANUAL_HANDLING)


def test_a_protected_person_with_notices_on_1177_looks_like_anyone_else() -> None:
    portal = {"portal": ON_1177_WITH_NOTICES}
    ordinary, protected = resident(**portal), resident(**portal, protected=True, contacts=None)
    assert notice(facts(resident=protected), REGION) == notice(facts(resident=ordinary), REGION)


@pytest.mark.parametrize("unknown", [{"protected": None}, {"deceased": None}])
def test_a_person_register_that_does_not_answer_is_waited_for(unknown: dict[str, Any]) -> None:
    decision = notice(facts(resident=resident(**unknown)), REGION)
    assert decision.answer == Wait(NOW + timedelta(minutes=30))
    assert (decision.reason, decision.clause) == (Reason.PERSON_UNKNOWN, "policy-skydd-1")


def test_contact_data_that_was_not_had_is_waited_for() -> None:
    decision = notice(facts(resident=resident(contacts=None)), REGION)
    assert isinstance(decision.answer, Wait)
    assert (decision.reason, decision.clause) == (Reason.CONTACT_UNKNOWN, "val-1")


@pytest.mark.parametrize("unknown", [{"protected": None}, {"portal": None}, {"contacts": None}])
def test_staff_get_the_same_task_whether_protected_or_not_known(unknown: dict[str, Any]) -> None:
    waited = facts(resident=resident(**unknown), waiting_since=NOW - timedelta(minutes=30))
    protected = facts(resident=resident(protected=True))
    assert notice(waited, REGION) == notice(protected, REGION)


def test_a_visit_that_comes_before_the_wait_is_over_goes_to_staff_once_asked_in_vain() -> None:
    soon = visit(start=NOW + timedelta(minutes=20), end=None)
    asked = facts(BOOKED, soon, resident(protected=None), waiting_since=NOW)
    not_asked = facts(BOOKED, soon, resident(protected=None))
    assert notice(asked, REGION).answer == StaffTask()
    assert isinstance(notice(not_asked, REGION).answer, Wait)


# the window for rebookings


def test_a_cancelled_visit_waits_for_the_one_in_its_place() -> None:
    decision = notice(facts(event(CANCELLED, at=NOW), CANCELLED_VISIT), REGION)
    assert decision.answer == Wait(NOW + timedelta(minutes=10))
    assert (decision.reason, decision.clause) == (Reason.REBOOKING_POSSIBLE, "policy-avisering-1")


def test_after_the_window_the_cancelled_visit_is_told() -> None:
    case = facts(event(CANCELLED, at=NOW - timedelta(minutes=10)), CANCELLED_VISIT)
    assert isinstance(notice(case, REGION).answer, SendSms)


def test_a_cancelled_open_call_letter_waits_too() -> None:
    case = facts(event(CANCELLED, at=NOW), visit(start=None, end=None, cancelled=True))
    assert notice(case, REGION).reason is Reason.REBOOKING_POSSIBLE


def test_a_visit_cancelled_just_before_its_time_is_told_at_once() -> None:
    soon = visit(start=NOW + timedelta(minutes=10), end=None, cancelled=True)
    assert isinstance(notice(facts(event(CANCELLED, at=NOW), soon), REGION).answer, SendSms)


# the means (val-1, avisering-1)


def contact(value: str = MOBILE, **differs: Any) -> Contact:
    kind = ContactKind.EMAIL if "@" in value else ContactKind.PHONE
    return Contact(**{"kind": kind, "value": value, "wished": True, **differs})


def sent_to(*contacts: Contact, birth: date = date(1980, 5, 5), now: datetime = NOW) -> object:
    case = facts(resident=resident(contacts=contacts, birth=birth), now=now)
    decision = notice(case, REGION)
    return getattr(decision.answer, "to", decision.reason)


def test_e_mail_goes_to_one_who_wishes_e_mail() -> None:
    assert notice(facts(resident=resident(contacts=(EMAIL,))), REGION).answer == SendMail(
        NoticeKind.BOOKED, MAIL
    )


def test_the_lowest_rank_comes_first_and_no_rank_last() -> None:
    assert sent_to(contact(MAIL, rank=2), contact(rank=1)) == MOBILE
    assert sent_to(contact(MAIL), contact(rank=9)) == MOBILE
    assert sent_to(contact(MAIL, rank=0), contact(rank=1)) == MAIL
    assert sent_to(contact(MAIL), contact()) == MAIL


@pytest.mark.parametrize("wished", [False, None])
def test_only_a_contact_with_notices_switched_on_is_used(wished: bool | None) -> None:
    assert sent_to(contact(wished=wished)) is Reason.NOTICE_NOT_WISHED
    assert sent_to(contact(wished=wished, rank=1), contact(MAIL, rank=2)) == MAIL


@pytest.mark.parametrize(
    "number", ["+4635131000", "+46701740605 ", "0701740605", "+4670174060", "+467017406055", "+33612345678"]
)
def test_an_sms_goes_to_a_mobile_number_of_a_listed_country_only(number: str) -> None:
    assert sent_to(contact(number)) is Reason.CONTACT_UNUSABLE
    assert sent_to(contact(number, rank=1), contact(MAIL, rank=2)) == MAIL


@pytest.mark.parametrize(
    "address", ["a@b", "a b@c.se", "a@b.se\nBcc: x@y.se", "a@b@c.se", "<a@b.se>", "@b.se"]
)
def test_what_is_no_address_gets_no_e_mail(address: str) -> None:
    assert sent_to(contact(address)) is Reason.CONTACT_UNUSABLE


def test_a_contact_holds_from_its_first_day_to_its_last() -> None:
    today = NOW.date()
    assert sent_to(contact(since=today, until=today)) == MOBILE
    assert sent_to(contact(since=today + timedelta(days=1))) is Reason.NOTICE_NOT_WISHED
    assert sent_to(contact(until=today - timedelta(days=1))) is Reason.NOTICE_NOT_WISHED


# children (barn-1, policy-barn-1, policy-barn-2)

BIRTH = date(2013, 12, 1)
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def with_quiet(begin: time, end: time) -> Region:
    return REGION.model_copy(update={"quiet": Quiet(**{"from": begin, "to": end, "urgent_hours": 2})})


NO_QUIET = with_quiet(time(0), time(0))


def at_13(hour: int, minute: int, day: int = 1) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=STOCKHOLM)


def case_of(now: datetime, *contacts: Contact) -> Decision[Any]:
    later = visit(start=at_13(9, 0, day=10), end=None)
    return notice(facts(BOOKED, later, resident(contacts=contacts, birth=BIRTH), now=now), NO_QUIET)


def test_a_guardian_is_told_for_a_child_until_the_13th_birthday() -> None:
    eve = datetime(2026, 11, 30, 23, 59, tzinfo=STOCKHOLM)
    assert isinstance(case_of(eve, contact()).answer, SendSms)
    assert isinstance(case_of(eve, contact(since=date(2020, 1, 1))).answer, SendSms)


def test_from_midnight_of_the_13th_birthday_the_guardians_contact_has_lapsed() -> None:
    decision = case_of(at_13(0, 0), contact(since=date(2026, 11, 30)))
    assert (decision.reason, decision.clause) == (Reason.GUARDIAN_CONTACT_LAPSED, "policy-barn-2")


def test_a_contact_given_on_the_13th_birthday_is_the_childs_own() -> None:
    assert isinstance(case_of(at_13(0, 1), contact(since=BIRTH.replace(year=2026))).answer, SendSms)


def test_a_contact_without_a_date_may_be_a_guardians() -> None:
    decision = case_of(at_13(0, 0), contact())
    assert (decision.reason, decision.clause) == (Reason.CONTACT_OWNER_UNKNOWN, "policy-barn-1")


def test_the_childs_own_contact_is_used_though_a_guardians_ranks_first() -> None:
    guardian = contact(rank=1, since=date(2020, 1, 1))
    own = contact(MAIL, rank=2, since=date(2026, 12, 2))
    assert case_of(at_13(9, 0, day=2), guardian, own).answer == SendMail(NoticeKind.BOOKED, MAIL)


def test_a_contact_without_a_date_is_the_adults_own_from_18() -> None:
    assert sent_to(contact(), birth=date(2008, 11, 24)) == MOBILE
    assert sent_to(contact(), birth=date(2008, 11, 25)) is Reason.CONTACT_OWNER_UNKNOWN


def test_a_guardians_contact_does_not_come_back_at_18() -> None:
    old = contact(since=date(2015, 1, 1))
    assert sent_to(old, birth=date(2005, 6, 1)) is Reason.GUARDIAN_CONTACT_LAPSED


def test_a_notice_held_over_the_night_to_the_13th_birthday_does_not_reach_the_guardian() -> None:
    later = visit(start=at_13(9, 0, day=10), end=None)
    guardians = resident(contacts=(contact(since=date(2020, 1, 1)),), birth=BIRTH)
    held = facts(BOOKED, later, guardians, now=datetime(2026, 11, 30, 22, 0, tzinfo=STOCKHOLM))
    released = facts(BOOKED, later, guardians, now=at_13(8, 0))
    assert notice(held, REGION).answer == Wait(at_13(8, 0))
    assert notice(released, REGION).reason is Reason.GUARDIAN_CONTACT_LAPSED


def test_where_the_age_is_not_known_staff_tell_of_what_is_near_or_cancelled() -> None:
    """policy-barn-1, policy-avisering-3: the contact may be a guardian's; the patient may be grown, and have wished it."""
    unknown = resident(birth=None)
    far, near = (
        visit(start=NOW + timedelta(days=60), end=None),
        visit(start=NOW + timedelta(days=1), end=None),
    )
    assert notice(facts(BOOKED, far, unknown), REGION).reason is Reason.AGE_UNKNOWN
    assert notice(facts(BOOKED, near, unknown), REGION).answer == StaffTask()


# quiet hours (policy-tystnad-1)


def swedish(text: str) -> datetime:
    """A time in Sweden, such as `2026-11-24 21:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


QUIET = [
    ("the last moment before them", "2026-11-24 20:59:59.999999", None),
    ("their first moment", "2026-11-24 21:00", "2026-11-25 08:00"),
    ("after midnight", "2026-11-25 00:30", "2026-11-25 08:00"),
    ("their last moment", "2026-11-25 07:59:59.999999", "2026-11-25 08:00"),
    ("the first moment after them", "2026-11-25 08:00", None),
]


@pytest.mark.parametrize(("name", "now", "until"), QUIET, ids=[row[0] for row in QUIET])
def test_a_notice_in_quiet_hours_is_held_until_they_are_over(name: str, now: str, until: str | None) -> None:
    decision = notice(facts(now=swedish(now)), REGION)
    if until is None:
        assert isinstance(decision.answer, SendSms)
    else:
        assert (decision.answer, decision.reason) == (Wait(swedish(until)), Reason.QUIET_HOURS)
        assert decision.clause == "policy-tystnad-1"


@pytest.mark.parametrize(
    ("evening", "morning"),
    [("2026-03-28 21:00", "2026-03-29 08:00"), ("2026-10-24 21:00", "2026-10-25 08:00")],
)
def test_a_notice_is_held_over_the_night_in_which_the_clock_changes(evening: str, morning: str) -> None:
    later = visit(start=swedish(morning) + timedelta(days=2), end=None)
    assert notice(facts(visit=later, now=swedish(evening)), REGION).answer == Wait(swedish(morning))
    assert isinstance(notice(facts(visit=later, now=swedish(morning)), REGION).answer, SendSms)


NIGHT = swedish("2026-11-24 23:00")


def at_night(of: Any = BOOKED, start: str = "2026-12-01 09:00", **differs: Any) -> Decision[Any]:
    later = visit(start=swedish(start), end=None, cancelled=of.occasion is Occasion.CANCELLED)
    return notice(facts(of, later, resident(**differs), now=NIGHT), REGION)


@pytest.mark.parametrize("start", ["2026-11-25 00:00", "2026-11-25 08:00", "2026-11-25 10:00"])
def test_a_notice_goes_at_night_where_the_visit_begins_before_they_are_over_or_soon_after(start: str) -> None:
    assert isinstance(at_night(start=start).answer, SendSms)
    assert isinstance(at_night(event(CANCELLED, at=NIGHT - timedelta(hours=1)), start=start).answer, SendSms)


def test_a_notice_is_held_where_the_visit_begins_more_than_two_hours_after_them() -> None:
    assert at_night(start="2026-11-25 10:00:00.000001").reason is Reason.QUIET_HOURS


def test_in_shadow_nothing_is_held_at_night_so_that_it_shows_what_would_be_sent() -> None:
    later = visit(start=swedish("2026-12-01 09:00"), end=None)
    asked = facts(BOOKED, later, unit=SHADOW_UNIT, now=NIGHT)
    assert isinstance(worked_out(asked, REGION).answer, SendSms)
    assert notice(asked, REGION).reason is Reason.UNIT_IN_SHADOW


@pytest.mark.parametrize("of", [BOOKED, MOVED, event(CANCELLED, at=NIGHT - timedelta(hours=1))])
def test_booked_moved_or_cancelled_it_is_held(of: Any) -> None:
    assert at_night(of).reason is Reason.QUIET_HOURS


def test_an_open_call_letter_is_held_too_unless_it_runs_out_before_they_are_over() -> None:
    today = visit(start=None, end=None, call_letter=CallLetterKind.OPEN, valid_until=NIGHT.date())
    assert notice(facts(BOOKED, OPEN, now=NIGHT), REGION).reason is Reason.QUIET_HOURS
    assert isinstance(notice(facts(BOOKED, today, now=NIGHT), REGION).answer, SendSms)


BEFORE_QUIET: list[tuple[str, dict[str, Any], Reason]] = [
    ("the deceased", {"deceased": True}, Reason.DECEASED),
    ("a reservnummer", {"reservnummer": True}, Reason.RESERVNUMMER),
]
AFTER_QUIET: list[tuple[str, dict[str, Any]]] = [
    ("one whom 1177 notifies", {"portal": ON_1177_WITH_NOTICES}),
    ("1177 that does not answer", {"portal": None}),
    ("a person who is not known", {"protected": None}),
    ("a protected person, whom staff tell", {"protected": True}),
    ("contact data that was not had", {"contacts": None}),
]


@pytest.mark.parametrize(("name", "differs"), AFTER_QUIET, ids=[row[0] for row in AFTER_QUIET])
def test_after_quiet_hours_comes_what_is_asked_of_others(name: str, differs: dict[str, Any]) -> None:
    assert at_night(**differs).reason is Reason.QUIET_HOURS


@pytest.mark.parametrize(("name", "differs", "reason"), BEFORE_QUIET, ids=[row[0] for row in BEFORE_QUIET])
def test_before_quiet_hours_comes(name: str, differs: dict[str, Any], reason: Reason) -> None:
    assert at_night(**differs).reason is reason


def test_the_window_for_rebookings_comes_before_quiet_hours() -> None:
    assert at_night(event(CANCELLED, at=NIGHT)).answer == Wait(NIGHT + timedelta(minutes=10))


def test_quiet_hours_come_before_the_means() -> None:
    assert at_night(contacts=()).reason is Reason.QUIET_HOURS


def test_without_quiet_hours_a_notice_goes_at_night() -> None:
    assert isinstance(notice(facts(now=NIGHT), NO_QUIET).answer, SendSms)
    assert isinstance(notice(facts(now=NIGHT), with_quiet(time(12), time(13))).answer, SendSms)


@pytest.mark.parametrize(
    ("of", "kind", "reason"),
    [
        (facts(event(MOVED, echo=True, untold=True)), NoticeKind.CHANGED, Reason.TIME_CHANGED),
        (
            facts(event(MOVED, echo=True, untold=True, by_patient=True)),
            NoticeKind.CHANGED,
            Reason.TIME_CHANGED,
        ),
        (facts(event(BOOKED, echo=True, untold=True)), NoticeKind.BOOKED, Reason.VISIT_BOOKED),
        (
            facts(
                event(
                    CANCELLED, echo=True, untold=True, cancelled_by=Actor.PATIENT, at=NOW - timedelta(days=1)
                ),
                CANCELLED_VISIT,
            ),
            NoticeKind.CANCELLED,
            Reason.VISIT_CANCELLED,
        ),
    ],
)
def test_avisering_1_what_a_resident_asked_for_and_was_not_told_of_at_once_is_told(
    of: Facts, kind: NoticeKind, reason: Reason
) -> None:
    decision = notice(of, REGION)
    assert (getattr(decision.answer, "kind", None), decision.reason) == (kind, reason)


def test_policy_avisering_2_while_they_wait_at_1177_no_notice_goes() -> None:
    until = NOW + timedelta(seconds=10)
    waiting = facts(event(MOVED, echo=True, untold=True, told_until=until))
    assert notice(waiting, REGION) == Decision(Wait(until), Reason.WAITED_FOR_AT_1177, "policy-avisering-2")
    over = facts(event(MOVED, echo=True, untold=True, told_until=NOW))
    assert notice(over, REGION).reason is Reason.TIME_CHANGED
    anothers = facts(event(MOVED, told_until=until))
    assert notice(anothers, REGION).reason is Reason.TIME_CHANGED


def test_being_owed_does_not_depend_on_who_tells() -> None:
    assert is_notice_owed(facts(resident=resident(portal=ON_1177_WITH_NOTICES))).allowed
    assert not is_notice_owed(facts(event(echo=True))).allowed


def test_no_number_or_address_shows_in_a_repr() -> None:
    text = repr(notice(facts(), REGION)) + repr(facts(resident=resident(contacts=(SMS, EMAIL))))
    text += repr(notice(facts(resident=resident(contacts=(EMAIL,))), REGION))
    assert MOBILE not in text
    assert MAIL not in text
    assert "protected" not in text


def with_system(channel: str, **differs: Any) -> Any:
    systems = {**REGION.systems, channel: REGION.systems[channel].model_copy(update=differs)}
    return REGION.model_copy(update={"systems": systems})


@pytest.mark.parametrize(
    ("differs", "reason", "clause"),
    [
        ({"check": None}, Reason.NOT_CHECKED, "system-5"),
        ({"until": date(2026, 11, 23)}, Reason.NO_LONGER_APPROVED, "system-3"),
        ({"units": frozenset({"SE2321000115-E000000000009"})}, Reason.NOT_AT_THIS_UNIT, "system-3"),
        ({"uses": frozenset({Use.REMINDER})}, Reason.NOT_FOR_THIS_USE, "system-3"),
    ],
)
def test_system_3_and_5_no_notice_goes_by_an_sms_that_is_not_approved(
    differs: dict[str, Any], reason: Reason, clause: str
) -> None:
    only_sms = facts(resident=resident(contacts=(SMS,)))
    decision = notice(only_sms, with_system("sms", **differs))
    assert (decision.answer, decision.reason, decision.clause) == (Skip(), reason, clause)


def test_an_approved_e_mail_takes_the_place_of_an_sms_that_is_not() -> None:
    assert isinstance(notice(facts(), with_system("sms", check=None)).answer, SendMail)
    assert isinstance(notice(facts(), with_system("mail", check=None)).answer, SendSms)


# what does not arrive (policy-avisering-3)

FAR, NEAR = NOW + timedelta(days=6), NOW + timedelta(days=4)


@pytest.mark.parametrize(
    ("unreached", "start", "cancelled", "answer"),
    [
        ((), FAR, False, MOBILE),
        ((MOBILE,), FAR, False, MAIL),
        ((MAIL,), FAR, False, MOBILE),
        ((MOBILE, MAIL), FAR, False, Skip()),
        ((MOBILE, MAIL), NEAR, False, StaffTask()),
        ((MOBILE, MAIL), FAR, True, StaffTask()),
    ],
)
def test_what_does_not_arrive_goes_on_by_the_next_wished_way_and_then_to_staff(
    unreached: tuple[str, ...], start: datetime, cancelled: bool, answer: object
) -> None:
    told = event(CANCELLED if cancelled else BOOKED, unreached=frozenset(unreached))
    decision = notice(facts(told, visit(start=start, end=None, cancelled=cancelled)), REGION)
    assert getattr(decision.answer, "to", decision.answer) == answer
    is_last = not isinstance(decision.answer, SendSms | SendMail)
    assert not is_last or (decision.reason, decision.clause) == (Reason.NOT_REACHED, "policy-avisering-3")


@pytest.mark.parametrize(("start", "reason"), [(NEAR, Reason.NOT_REACHED), (FAR, Reason.CONTACT_UNUSABLE)])
def test_wished_ways_of_which_none_can_be_used_are_as_such_that_fail(start: datetime, reason: Reason) -> None:
    case = facts(visit=visit(start=start, end=None), resident=resident(contacts=(contact("+46313900620"),)))
    assert notice(case, REGION).reason is reason


CHILD = date(2018, 1, 1)


@pytest.mark.parametrize(
    ("guardians", "waited", "answer"),
    [
        ((False,), 0, MOBILE),
        ((False, True), 0, StaffTask()),
        ((), 0, StaffTask()),
        (None, 0, Wait(NOW + timedelta(minutes=30))),
        (None, 30, StaffTask()),
        ((False, None), 30, StaffTask()),
    ],
)
def test_policy_skydd_1_the_number_of_a_guardian_is_used_only_where_every_guardian_may_be_sent_to(
    guardians: tuple[bool | None, ...] | None, waited: int, answer: object
) -> None:
    who = resident(birth=CHILD, guardians=guardians)
    since = NOW - timedelta(minutes=waited) if waited else None
    decision = notice(facts(resident=who, waiting_since=since), REGION)
    assert getattr(decision.answer, "to", decision.answer) == answer
    if isinstance(answer, StaffTask):
        assert (decision.reason, decision.clause) == (Reason.MANUAL_HANDLING, "policy-skydd-1")
