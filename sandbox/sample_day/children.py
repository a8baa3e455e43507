"""The stories of the sample day about children: before, at and after the 13th birthday (barn-1 to barn-5)."""

from __future__ import annotations

from datetime import timedelta

from sandbox.people.numbers import birthday, turning
from sandbox.sample_day.scene import STOCKHOLM, TIMED, Day
from sandbox.sample_day.talk import guardian
from sandbox.sample_day.units import HALMSTAD, LAHOLM, YOUNG_HALMSTAD


def child_of_12(day: Day) -> None:
    child = turning(13, (day.now + timedelta(days=200)).date())
    who = day.resident("A child of 12 with a guardian", child, guardians=[guardian(day)])
    visit = who.booked(YOUNG_HALMSTAD, day.in_days(14), call_letter=TIMED)
    who.expect(visit, "Invitation", "barn-1: the contact on the child's record is the guardian's, as proxy.",
               inbox=1, notices=("sms",))  # fmt: skip


def turns_13_before_the_visit(day: Day) -> None:
    child = turning(13, (day.now + timedelta(days=3)).date())
    registered = (day.now - timedelta(days=300)).date().isoformat()
    who = day.resident("Turns 13 between booking and visit", child, contact_registered=registered,
                       guardians=[guardian(day)])  # fmt: skip
    party = birthday(child, 13)
    start = day.in_days((party - day.now.astimezone(STOCKHOLM).date()).days + 4, 10)
    visit = who.booked(HALMSTAD, start)
    who.expect(visit, "Booking", "barn-1: still 12 on the day of sending, so the guardian's contact holds.",
               notices=("sms",))  # fmt: skip


def guardian_contact_lapsed(day: Day) -> None:
    child = turning(13, (day.now - timedelta(days=240)).date())
    registered = (birthday(child, 13) - timedelta(days=400)).isoformat()
    who = day.resident("13, and the contact is still a guardian's", child, contact_registered=registered)
    visit = who.booked(HALMSTAD, day.in_days(15))
    who.expect(visit, "Booking", "policy-barn-2: the guardian's contact lapsed on the birthday.")


def own_contact_at_13(day: Day) -> None:
    child = turning(13, (day.now - timedelta(days=420)).date())
    registered = (birthday(child, 13) + timedelta(days=30)).isoformat()
    who = day.resident("Past 13, with a contact of their own", child, contact_registered=registered)
    visit = who.booked(HALMSTAD, day.in_days(15, 10))
    who.expect(visit, "Booking", "barn-2: the child's own contact, given after the 13th birthday.",
               notices=("sms",))  # fmt: skip


def contact_owner_unknown(day: Day) -> None:
    who = day.resident("Past 13, and nobody knows whose contact it is",
                       turning(13, (day.now - timedelta(days=600)).date()))  # fmt: skip
    visit = who.booked(HALMSTAD, day.in_days(15, 11))
    who.expect(visit, "Booking", "policy-barn-1: it may be a guardian's, so nothing is sent.")


def digital_only_by_a_guardian(day: Day) -> None:
    child = turning(13, (day.now + timedelta(days=5 * 365)).date())
    who = day.resident("A small child, digital only by a guardian", child, digital_only=True,
                       active_on_1177=False, guardians=[guardian(day)])  # fmt: skip
    visit = who.booked(LAHOLM, day.in_days(16))
    who.expect(visit, "Booking", "barn-5: a guardian cannot wish digital only for a child, so paper goes.",
               paper=1, notices=("sms",))  # fmt: skip


CHILDREN = (
    child_of_12, turns_13_before_the_visit, guardian_contact_lapsed, own_contact_at_13, contact_owner_unknown,
    digital_only_by_a_guardian,
)  # fmt: skip
