"""Days are summed as they were counted by hand, once, and stay when their cases are gone (uppfoljning-1)."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest
from follow_up_driver import (
    HALMSTAD,
    MONDAY,
    VARBERG,
    at,
    case_of,
    did,
    it_is,
    says,
    shown,
    summed,
    totals,
)
from sqlalchemy import text

from engine.base.database import transaction
from models.booking_publication import BookingPublication
from models.case import EffectState
from models.channel_switch import ChannelSwitch
from models.check_in import CheckIn
from models.image_transfer import ImageTransfer
from models.inbound_contact import InboundContact
from models.participation import Participation
from models.preferences import PatientPreferences
from models.requested_notice import RequestedNotice
from models.risk_alert import RiskAlert
from models.self_service import SelfService
from models.visit_reminder import VisitReminder
from tasks.follow_up.sum_days import between, sum_day, sum_days

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
AFTERWARDS = at(MONDAY + 14 * DAY)
"""When all that is played here is closed."""


def play_bookings() -> None:
    """3 visits shown at once, 1 in half an hour, 1 after a day; paper, notices and what came of them."""
    for n in range(3):
        visit = shown(MONDAY + n * DAY)
        says(visit, at(MONDAY + n * DAY), "paper", "reached_on_1177", "onskemal-3")
        says(visit, at(MONDAY + n * DAY), "notice", "visit_booked", "besok-2")
        did(visit, at(MONDAY + n * DAY), "give_notice", "sms", "delivered")
    again = shown(MONDAY + 4 * DAY, after=30 * MINUTE)
    says(again, at(MONDAY + 5 * DAY), "index_shows", "visit", "besok-1", found=1)  # it has been shown before
    says(again, at(MONDAY + 5 * DAY), "paper", "not_active_on_1177", "policy-papper-1")
    says(again, at(MONDAY + 5 * DAY), "notice", "notified_by_1177", "policy-avisering-1")
    late = shown(MONDAY + 6 * DAY, VARBERG, after=DAY)
    says(late, at(MONDAY + 7 * DAY), "index_shows", "cancelled", "besok-1", found=0)
    says(late, at(MONDAY + 7 * DAY), "paper", "manual_handling", "policy-skydd-1")
    says(late, at(MONDAY + 7 * DAY), "notice", "manual_handling", "policy-skydd-1")
    did(late, at(MONDAY + 7 * DAY), "give_notice", "vas")
    did(late, at(MONDAY + 8 * DAY), "give_notice", "sms", "failed")
    did(late, at(MONDAY + 8 * DAY), "give_notice", "mail")
    did(late, at(MONDAY + 8 * DAY), "give_notice", "sms", state=EffectState.NOT_SENT)
    says(late, at(MONDAY + 8 * DAY), "visit_form", "no_e_id", "vard-2")
    says(late, at(MONDAY + 8 * DAY), "visit_form", "manual_handling", "policy-anslutning-1")
    says(late, at(MONDAY + 8 * DAY), "joined", "nothing_in_the_way", "barn-2")
    says(late, at(MONDAY + 9 * DAY), "parked", "unit_unknown", "policy-okand-1")
    shadowed = case_of(BookingPublication, at(MONDAY))
    says(shadowed, at(MONDAY), "notice_worked_out", "unit_in_shadow", "policy-skugga-1")


BOOKINGS = {
    ("visit_shown", "within_minute"): 3,
    ("visit_shown", "within_hour"): 1,
    ("visit_shown", "later"): 1,
    ("digital_instead_of_paper", ""): 3,
    ("paper_posted", "not_active_on_1177"): 1,
    ("paper_by_staff", ""): 1,
    ("notice_arrived", ""): 3,
    ("notice_skipped", "notified_by_1177"): 1,
    ("notice_by_staff", ""): 1,
    ("notice_not_arrived", ""): 1,
    ("notice_unconfirmed", ""): 1,
    ("handed_over_by_hand", ""): 2,
    ("visit_form_asked", "no_e_id"): 1,
    ("visit_form_asked", "other"): 1,
    ("visit_joined", ""): 1,
    ("parked", "booking_publication"): 1,
}


def play_messages() -> None:
    """Reminders, notices that were asked for, what residents did on 1177, check-ins, wishes."""
    visit = case_of(VisitReminder, at(MONDAY))
    says(visit, at(MONDAY), "reminder", "reminder", "besok-5")
    did(visit, at(MONDAY), "remind_of_visit", "sms", "delivered")
    did(visit, at(MONDAY), "remind_of_visit", "sms", "sent")
    for reason, clause in (
        ("consent_unknown", "paminnelse-1"),
        ("too_young", "barn-2"),
        ("cancelled", "paminnelse-1"),
        ("pointless", "policy-tystnad-1"),
    ):
        says(visit, at(MONDAY), "reminder", reason, clause)
    asked = case_of(RequestedNotice, at(MONDAY))
    says(asked, at(MONDAY), "notice", "notice_not_wished", "val-1")
    did(asked, at(MONDAY), "give_requested_notice", "sms", "delivered")
    for service, reason, clause in (
        ("book", "done", "besok-4"),
        ("cancel", "done", "besok-3"),
        ("cancel", "too_late", "policy-sjalvservice-1"),
        ("book", "too_young", "barn-2"),
    ):
        request = case_of(SelfService, at(MONDAY), service=service)
        says(request, at(MONDAY), "self_service", reason, clause)
    here = case_of(CheckIn, at(MONDAY))
    says(here, at(MONDAY), "arrival", "checked_in", "policy-incheckning-1")
    says(here, at(MONDAY), "arrival", "arrival_refused", "policy-incheckning-1")
    wishes = case_of(PatientPreferences, at(MONDAY), None)
    says(wishes, at(MONDAY), "preferences_carried", "applied", "onskemal-1")
    says(wishes, at(MONDAY), "preferences", "guardian_consent_lapsed", "policy-barn-2")


MESSAGES = {
    ("reminder_arrived", ""): 1,
    ("reminder_unconfirmed", ""): 1,
    ("reminder_skipped", "consent_unknown"): 1,
    ("reminder_skipped", "pointless"): 1,
    ("reminder_skipped", "other"): 1,
    ("requested_skipped", "notice_not_wished"): 1,
    ("requested_arrived", ""): 1,
    ("self_service_done", "book"): 1,
    ("self_service_done", "cancel"): 1,
    ("self_service_not_done", "too_late"): 1,
    ("self_service_not_done", "other"): 1,
    ("checked_in", ""): 1,
    ("check_in_at_desk", ""): 1,
    ("preferences_carried", ""): 1,
    ("guardian_consent_lapsed", ""): 1,
}


def play_contacts() -> None:
    """Answers, referrals, guidance, changes of channel, handing over, images, alerts."""
    contact = case_of(InboundContact, at(MONDAY))
    for reason, clause, how in (
        ("same_channel", "patient-1", "as_routine"),
        ("asked_to_call", "patient-2", "departs"),
        ("channel_not_approved", "patient-4", "departs"),
        ("channel_not_approved", "patient-4", "as_routine"),
        ("calling_unknown", "patient-2", "unknown"),
    ):
        says(contact, at(MONDAY), "answer", reason, clause, adherence=how)
    says(contact, at(MONDAY), "contact", "unanswered", "policy-svarstid-1")
    says(contact, at(MONDAY), "referral", "channel_not_approved", "policy-hanvisning-1")
    did(contact, at(MONDAY), "reply_to_patient", "sms", "delivered")
    did(contact, at(MONDAY), "reply_to_patient", "platform24")
    says(contact, at(MONDAY), "referral", "referral_off", "policy-hanvisning-1")
    did(contact, at(MONDAY), "guide_to_service", "e1177")
    says(contact, at(MONDAY), "registration", "is_a_visit", "distans-1")
    says(contact, at(MONDAY), "registration", "visit_unknown", "distans-1")
    to_phone = case_of(ChannelSwitch, at(MONDAY), from_channel="platform24", to_channel="phone")
    says(to_phone, at(MONDAY), "switch", "safer_assessment", "byte-1")
    says(to_phone, at(MONDAY), "reply", "answered_with_number", "byte-1")
    says(to_phone, at(MONDAY), "consent", "consent_withdrawn", "byte-1")
    digital = case_of(ChannelSwitch, at(MONDAY), from_channel="platform24", to_channel="e1177")
    for what, reason, clause in (
        ("login", "logged_in", "byte-3"),
        ("login", "login_by_another", "byte-3"),
        ("switch", "consent_refused", "byte-6"),
        ("switch", "stays", "byte-6"),
        ("switch", "no_added_value", "byte-4"),
        ("switch", "manual_handling", "policy-skydd-1"),
        ("override", "overridden", "policy-fara-1"),
    ):
        says(digital, at(MONDAY), what, reason, clause)
    joining = case_of(Participation, at(MONDAY), what="handover")
    says(joining, at(MONDAY), "consent", "consent_given", "samtycke-1")
    says(joining, at(MONDAY), "consent", "consent_refused", "samtycke-1")
    image = case_of(ImageTransfer, at(MONDAY))
    for what, reason, clause in (
        ("file_ended", "file_journalled", "policy-bild-5"),
        ("file_ended", "file_discarded", "bilder-2"),
        ("file_removed", "file_deleted", "bilder-3"),
        ("file_removed", "file_discarded", "bilder-2"),
        ("file_refused", "kind_not_kept", "policy-bild-1"),
        ("file_refused", "contact_of_other", "policy-bild-4"),
        ("file_lost", "attachment_gone", "bilder-4"),
    ):
        says(image, at(MONDAY), what, reason, clause)
    alert = case_of(RiskAlert, at(MONDAY))
    says(alert, at(MONDAY), "risk_flagged", "risk_of_suicide", "suicid-1")
    says(alert, at(MONDAY) + MINUTE, "risk_flagged", "risk_of_suicide", "suicid-1")  # it stands already
    says(alert, at(MONDAY) + 4 * MINUTE, "risk_acknowledged", "acknowledged", "policy-suicid-1")
    says(alert, at(MONDAY) + 9 * MINUTE, "risk_flagged", "risk_of_suicide", "suicid-1")
    says(alert, at(MONDAY + DAY), "risk_acknowledged", "acknowledged", "policy-suicid-1")
    says(case_of(RiskAlert, at(MONDAY)), at(MONDAY), "risk_flagged", "risk_of_suicide", "suicid-1")


CONTACTS = {
    ("answer_as_routine", "same_channel"): 1,
    ("answer_as_routine", "channel_not_approved"): 1,
    ("answer_departs", "asked_to_call"): 1,
    ("answer_departs", "channel_not_approved"): 1,
    ("answer_unclear", ""): 1,
    ("answer_late", ""): 1,
    ("referral_sent", ""): 1,
    ("referral_not_sent", "referral_off"): 1,
    ("guided", ""): 1,
    ("registered_as_visit", ""): 1,
    ("registered_as_contact", ""): 1,
    ("consent_given", "to_phone"): 1,
    ("consent_given", "to_digital"): 1,
    ("consent_withdrawn", ""): 1,
    ("consent_declined", "to_digital"): 1,
    ("switch_lapsed", "to_digital"): 1,
    ("switch_refused", "no_added_value"): 1,
    ("switch_refused", "other"): 1,
    ("gate_overridden", ""): 1,
    ("participation_consented", "handover"): 1,
    ("participation_declined", "handover"): 1,
    ("image_journalled", ""): 1,
    ("image_discarded", ""): 1,
    ("image_lapsed", ""): 1,
    ("image_refused", "kind_not_kept"): 1,
    ("image_refused", "other"): 1,
    ("image_lost", ""): 1,
    ("alert_acknowledged", "within_5_minutes"): 1,
    ("alert_acknowledged", "later"): 1,
    ("alert_not_acknowledged", ""): 1,
}


def test_a_month_is_summed_as_it_was_counted_by_hand() -> None:
    play_bookings()
    play_messages()
    play_contacts()
    with it_is(AFTERWARDS):
        sum_days()
    assert dict(totals()) == BOOKINGS | MESSAGES | CONTACTS


def test_what_is_counted_of_the_region_alone_has_no_unit_and_all_else_its_own() -> None:
    play_bookings()
    play_contacts()
    with it_is(AFTERWARDS):
        sum_days()
    units = {(each.measure, each.unit) for each in summed()}
    assert ("handed_over_by_hand", "") in units
    assert ("alert_acknowledged", "") in units
    assert {unit for measure, unit in units if measure == "visit_shown"} == {HALMSTAD, VARBERG}
    assert {each.clause for each in summed() if each.measure == "visit_shown"} == {"besok-1"}


# --- when


def test_what_happened_at_midnight_is_the_day_s_that_begins_in_sweden() -> None:
    summer, winter = between(date(2026, 3, 29)), between(date(2026, 10, 25))
    hours = [
        (each.end.astimezone(UTC) - each.first.astimezone(UTC)) / timedelta(hours=1)
        for each in (summer, winter)
    ]
    assert hours == [23, 25]
    visit = case_of(BookingPublication, at(MONDAY))
    says(visit, at(MONDAY, 0), "joined", "nothing_in_the_way", "barn-2")
    says(visit, at(MONDAY + DAY, 0), "joined", "nothing_in_the_way", "barn-2")
    with it_is(at(MONDAY + 2 * DAY)):
        sum_days()
    assert {each.day: each.number for each in summed()} == {MONDAY: 1, MONDAY + DAY: 1}


def test_a_day_that_can_still_change_is_summed_anew_and_twice_is_once() -> None:
    visit = shown(MONDAY)
    did(visit, at(MONDAY), "give_notice", "sms", "sent")
    with it_is(at(MONDAY, 23)):
        sum_days()
        sum_days()
    assert totals() == {("visit_shown", "within_minute"): 1, ("notice_unconfirmed", ""): 1}
    with transaction() as connection:
        connection.execute(text("UPDATE effect SET receipt = 'delivered'"))
    with it_is(at(MONDAY + 3 * DAY)):
        assert sum_days() == {"days": 4}
    assert totals() == {("visit_shown", "within_minute"): 1, ("notice_arrived", ""): 1}


def test_a_closed_day_stays_as_it_was_when_its_cases_are_deleted() -> None:
    shown(MONDAY)
    with it_is(at(MONDAY + 4 * DAY)):
        sum_days()
        with transaction() as connection:
            connection.execute(text("DELETE FROM timeline"))
            connection.execute(text("DELETE FROM booking_publication"))
        assert sum_day(MONDAY)
        sum_days()
    assert totals() == {("visit_shown", "within_minute"): 1}


def test_days_that_were_missed_are_caught_up_and_no_day_is_left_out() -> None:
    shown(MONDAY)
    with it_is(at(MONDAY)):
        sum_days()
    shown(MONDAY + 2 * DAY)
    told: list[date] = []
    with it_is(at(MONDAY + 6 * DAY)):
        sum_days(told.append)
    assert told == [MONDAY + n * DAY for n in range(7)]
    assert totals() == {("visit_shown", "within_minute"): 2}


def test_where_nothing_has_happened_there_is_today() -> None:
    with it_is(at(MONDAY)):
        assert sum_days() == {"days": 1}
    assert summed() == []
