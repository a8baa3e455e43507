"""Which way of contact is used on a day (val-1, policy-barn-1, policy-barn-2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from routine_cases import ADULT, EMAIL, MAIL, MOBILE, REGION, SMS, resident

from routine.addresses import first_usable, holding, may_be_used, phone_for_reminder
from routine.facts import Contact, ContactKind
from routine.reasons import Reason

DAY = timedelta(days=1)
TODAY = date(2026, 12, 1)
AT_13 = date(2013, 12, 1)
OTHER = "+46701740606"
LAND_LINE = "+4635131000"


def phone(
    value: str = MOBILE, *, rank: int | None = None, since: date | None = None, until: date | None = None
) -> Contact:
    return Contact(kind=ContactKind.PHONE, value=value, rank=rank, since=since, until=until)


def mail(value: str = MAIL) -> Contact:
    return Contact(kind=ContactKind.EMAIL, value=value)


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [
        (None, None, True),
        (TODAY, None, True),
        (TODAY + DAY, None, False),
        (None, TODAY, True),
        (None, TODAY - DAY, False),
        (TODAY, TODAY, True),
        (TODAY - DAY, TODAY - DAY, False),
        (TODAY + DAY, TODAY + DAY, False),
    ],
)
def test_a_contact_holds_from_its_first_day_to_its_last(
    since: date | None, until: date | None, holds: bool
) -> None:
    contact = phone(since=since, until=until)
    assert holding(resident(contacts=(contact,)), TODAY) == ([contact] if holds else [])


def test_the_lowest_rank_is_first_one_without_is_last_and_equals_keep_their_order() -> None:
    none, second, zero, first, equal = (phone(rank=rank) for rank in (None, 2, 0, 1, 1))
    first, equal = replace(first, value=OTHER), replace(equal, value=LAND_LINE)
    held = holding(resident(contacts=(none, second, zero, first, equal)), TODAY)
    assert held == [zero, first, equal, second, none]


@pytest.mark.parametrize("contacts", [None, ()])
def test_nothing_is_held_where_nothing_is_known_or_given(contacts: tuple[Contact, ...] | None) -> None:
    assert holding(resident(contacts=contacts), TODAY) == []


ADDRESSES = [
    # what it is, contact, is it an address
    ("a mobile number", phone("+46701740605"), True),
    ("another mobile number", phone("+46761740605"), True),
    ("a land line", phone(LAND_LINE), False),
    ("a mobile number one figure short", phone("+4670174060"), False),
    ("a mobile number one figure long", phone("+467017406055"), False),
    ("a number without its country", phone("0701740605"), False),
    ("a number with blanks", phone("+46 70 174 06 05"), False),
    ("a number and a line break", phone("+46701740605\n"), False),
    ("a number in other figures", phone("+4670174060\u0665"), False),
    ("a Norwegian mobile number", phone("+4791234567"), True),
    ("a Danish mobile number", phone("+4520123456"), True),
    ("a Finnish mobile number", phone("+358401234567"), True),
    ("a Finnish land line", phone("+358912345678"), False),
    ("a mobile number of a country that is not listed", phone("+33612345678"), False),
    ("no number", phone(""), False),
    ("an e-mail address as a phone number", phone(MAIL), False),
    ("an e-mail address", mail(), True),
    ("a Swedish domain", mail("asa@räksmörgås.se"), True),
    ("a Swedish name, which needs SMTPUTF8", mail("åsa@example.se"), False),
    ("an e-mail address with a plus", mail("tolvan+vard@mail.example.se"), True),
    ("the longest name", mail("a" * 64 + "@example.se"), True),
    ("a name that is too long", mail("a" * 65 + "@example.se"), False),
    ("no name", mail("@example.se"), False),
    ("no place", mail("tolvan@"), False),
    ("a place without a dot", mail("tolvan@example"), False),
    ("the shortest end", mail("tolvan@example.se"), True),
    ("an end of one letter", mail("tolvan@example.s"), False),
    ("two signs", mail("tolvan@tolvan@example.se"), False),
    ("two addresses", mail("tolvan@example.se,a@example.se"), False),
    ("two addresses by semicolon", mail("tolvan@example.se;a@example.se"), False),
    ("a name before the address", mail("Tolvan <tolvan@example.se>"), False),
    ("a header put in", mail("tolvan@example.se\r\nBcc: a@example.se"), False),
    ("a blank", mail("tol van@example.se"), False),
    ("a mobile number as an e-mail address", mail(MOBILE), False),
]


@pytest.mark.parametrize(("what", "contact", "is_one"), ADDRESSES, ids=[what for what, *_ in ADDRESSES])
def test_what_is_an_address(what: str, contact: Contact, is_one: bool) -> None:
    decision = may_be_used(contact, ADULT, TODAY, REGION)
    expected = (
        (True, Reason.FOR_THEMSELVES, "barn-2") if is_one else (False, Reason.CONTACT_UNUSABLE, "val-1")
    )
    assert (decision.answer, decision.reason, decision.clause) == expected


NO_ADDRESS = [
    ("a shared-cost number, 0771", phone("+46771177100")),
    ("a pager, 0740", phone("+46740123456")),
    ("a link", mail("mailto:tolvan@example.se")),
    ("an empty part", mail("tolvan@..se")),
    ("a mark that turns the text round", mail("tolvan\u202e@example.se")),
    ("a delete", mail("tolvan\x7f@example.se")),
]


@pytest.mark.parametrize(("what", "contact"), NO_ADDRESS, ids=[what for what, _ in NO_ADDRESS])
def test_what_is_no_address_of_a_patients(what: str, contact: Contact) -> None:
    assert not may_be_used(contact, ADULT, TODAY, REGION).allowed


def test_what_is_no_address_is_told_before_whose_it_is() -> None:
    decision = may_be_used(phone(LAND_LINE, since=date(2020, 1, 1)), AT_13, TODAY, REGION)
    assert decision.reason is Reason.CONTACT_UNUSABLE


@pytest.mark.parametrize(
    ("birth", "since", "answer", "reason", "clause"),
    [
        (date(2013, 12, 2), None, True, Reason.GUARDIAN_AS_PROXY, "barn-1"),
        (AT_13, None, False, Reason.CONTACT_OWNER_UNKNOWN, "policy-barn-1"),
        (AT_13, TODAY - DAY, False, Reason.GUARDIAN_CONTACT_LAPSED, "policy-barn-2"),
        (AT_13, TODAY, True, Reason.FOR_THEMSELVES, "barn-2"),
        (None, TODAY, False, Reason.AGE_UNKNOWN, "policy-barn-1"),
    ],
)
def test_whose_it_is_decides_then(
    birth: date | None, since: date | None, answer: bool, reason: Reason, clause: str
) -> None:
    decision = may_be_used(phone(since=since), birth, TODAY, REGION)
    assert (decision.answer, decision.reason, decision.clause) == (answer, reason, clause)


def test_the_first_that_may_be_used_is_taken() -> None:
    lapsed, own = phone(OTHER, since=TODAY - DAY), phone(since=TODAY)
    taken, why = first_usable([lapsed, own, phone(since=TODAY)], resident(birth=AT_13), TODAY, REGION)
    assert taken is own
    assert (why.reason, why.clause) == (Reason.FOR_THEMSELVES, "barn-2")


def test_where_none_may_be_used_it_is_said_why_not_the_first() -> None:
    contacts = [phone(since=TODAY - DAY), phone(LAND_LINE), phone()]
    taken, why = first_usable(contacts, resident(birth=AT_13), TODAY, REGION)
    assert taken is None
    assert (why.answer, why.reason, why.clause) == (False, Reason.GUARDIAN_CONTACT_LAPSED, "policy-barn-2")


def test_of_no_contacts_there_is_no_first() -> None:
    with pytest.raises(IndexError):
        first_usable([], resident(), TODAY, REGION)


def test_a_reminder_goes_to_the_first_mobile_number_whatever_comes_before_it() -> None:
    person = resident(contacts=(phone(OTHER, rank=3), EMAIL, phone(LAND_LINE, rank=0), SMS))
    taken, why = phone_for_reminder(person, TODAY, REGION)
    assert taken == SMS
    assert (why.answer, why.reason, why.clause) == (True, Reason.FOR_THEMSELVES, "barn-2")


NO_PHONE = [
    ("not known", None),
    ("none given", ()),
    ("e-mail only", (EMAIL,)),
    ("a land line only", (phone(LAND_LINE),)),
    ("a number that no longer holds", (phone(until=TODAY - DAY),)),
]


@pytest.mark.parametrize(("case", "contacts"), NO_PHONE, ids=[case for case, _ in NO_PHONE])
def test_without_a_mobile_number_there_is_none_for_a_reminder(
    case: str, contacts: tuple[Contact, ...] | None
) -> None:
    taken, why = phone_for_reminder(resident(contacts=contacts), TODAY, REGION)
    assert taken is None
    assert (why.answer, why.reason, why.clause) == (False, Reason.CONTACT_UNUSABLE, "val-1")


@pytest.mark.parametrize(
    ("day", "to", "reason"),
    [
        (TODAY - DAY, MOBILE, Reason.GUARDIAN_AS_PROXY),
        (TODAY, None, Reason.GUARDIAN_CONTACT_LAPSED),
    ],
)
def test_planned_before_the_13th_birthday_a_reminder_that_day_has_no_number(
    day: date, to: str | None, reason: Reason
) -> None:
    child = resident(birth=AT_13, contacts=(phone(since=date(2020, 1, 1)),))
    taken, why = phone_for_reminder(child, day, REGION)
    assert (taken and taken.value, why.reason) == (to, reason)


@pytest.mark.parametrize(("until", "holds"), [(TODAY - DAY, False), (TODAY, True), (TODAY + DAY, True)])
def test_a_way_of_contact_holds_to_its_last_day(until: date, holds: bool) -> None:
    known = resident(contacts=(phone(MOBILE, until=until),))
    assert bool(holding(known, TODAY)) is holds
