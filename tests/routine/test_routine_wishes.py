"""Of all that was said of a wish, to 1177, to staff or in the person register, the newest word holds (policy-onskan-1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import CANCELLED, EMAIL, MAIL, MOBILE, NOT_ON_1177, NOW, REGION, SMS, facts, resident

from routine.call_letter import Post, paper
from routine.children import Role
from routine.decision import StaffTask
from routine.facts import Contact, ContactKind, Wish, Wishes
from routine.notice import SendMail, SendSms, Skip, notice
from routine.reasons import Reason
from routine.reminder import Consent, consent_in
from routine.wishes import newest, ways_of_contact, wished_digital_only

OTHER = "+46701740606"
REGISTERED = NOW - timedelta(days=1)
NEWER, OLDER = NOW, NOW - timedelta(days=2)


def said(value: object, at: datetime = NEWER, source: str = "vas", **more: Any) -> Wish:
    return Wish(value, at, source, **more)


def known(registered_at: datetime | None = REGISTERED, **wishes: Wish) -> Any:
    return {"registered_at": registered_at, "wishes": Wishes(**wishes)}


@pytest.mark.parametrize(
    ("registered", "word", "wished"),
    [
        (False, None, False),
        (True, None, True),
        (None, None, None),
        (None, said(True), True),
        (False, said(True), True),
        (True, said(False), False),
        (True, said(None), False),
        (True, said(False, OLDER), True),
        # what is off in the register is no word, but after 1177's own
        (False, said(True, OLDER), True),
        (False, said(True, OLDER, "e1177"), False),
        (False, said(True, NEWER, "e1177"), True),
    ],
)
def test_onskemal_1_digital_only_is_as_the_newest_word_has_it(
    registered: bool | None, word: Wish | None, wished: bool | None
) -> None:
    wishes = {"digital_only": word} if word else {}
    assert wished_digital_only(resident(digital_only=registered, **known(**wishes))) is wished


def test_onskemal_1_no_paper_goes_against_the_newest_word_and_staff_see_to_it() -> None:
    for word, answer in ((said(True), StaffTask()), (said(False), Post()), (said(True, OLDER), StaffTask())):
        case = facts(resident=resident(portal=NOT_ON_1177, **known(digital_only=word)))
        assert paper(case, REGION).answer == answer


NOTICES = {
    "nobody has said anything": ({}, MOBILE),
    "by e-mail": ({"notice_by": said(["email"])}, MAIL),
    "by both, e-mail first": ({"notice_by": said(["email", "sms"])}, MAIL),
    "withdrawn": ({"notice_by": said(None)}, Reason.NOTICE_NOT_WISHED),
    "no notices": ({"notice_by": said([])}, Reason.NOTICE_NOT_WISHED),
    "an older word": ({"notice_by": said(["email"], OLDER)}, MOBILE),
    "the number withdrawn": ({"phone": said(None)}, MAIL),
    "the number and the address withdrawn": (
        {"phone": said(None), "email": said(None)},
        Reason.NOTICE_NOT_WISHED,
    ),
    "another number, as one writes it": ({"phone": said("070-174 06 06 (mobil)")}, OTHER),
    "a number that is none": ({"phone": said("ring mamma"), "email": said(None)}, Reason.CONTACT_UNUSABLE),
    "another address": ({"notice_by": said(["email"]), "email": said("ny@example.se")}, "ny@example.se"),
    "an older number": ({"phone": said(OTHER, OLDER)}, MOBILE),
}


@pytest.mark.parametrize("what", NOTICES)
def test_val_1_a_notice_goes_as_the_newest_word_has_it(what: str) -> None:
    wishes, expected = NOTICES[what]
    case = facts(resident=resident(**known(**wishes)))  # type: ignore[arg-type]
    decision = notice(case, REGION)
    assert getattr(decision.answer, "to", decision.reason) == expected


def test_a_number_in_the_register_is_as_old_as_its_first_day() -> None:
    """The record may have been changed since for something else."""
    long_ago = replace(SMS, since=date(2020, 1, 1))
    asked = resident(contacts=(long_ago, EMAIL), **known(phone=said(OTHER, OLDER)))
    assert [each.value for each in ways_of_contact(asked) or ()] == [EMAIL.value, OTHER]


def test_what_the_register_does_not_have_is_no_word_but_after_1177s_own() -> None:
    for source, found in (("vas", [OTHER]), ("e1177", [])):
        asked = resident(contacts=(), **known(phone=said(OTHER, OLDER, source)))
        assert [each.value for each in ways_of_contact(asked) or ()] == found


def test_ways_of_contact_are_unknown_while_the_register_is_silent() -> None:
    assert ways_of_contact(resident(contacts=None, **known(notice_by=said(["sms"])))) is None


def test_a_units_word_and_one_for_all_care_the_newer_holds() -> None:
    everywhere, here = said(True, OLDER), said(False, NEWER, unit="SE2321000115-E000000000001")
    assert newest([everywhere, here]) is here
    assert newest([replace(everywhere, at=NEWER), here]) is here
    assert newest([replace(everywhere, at=NEWER + timedelta(seconds=1)), here]).value is True  # type: ignore[union-attr]
    assert newest([None, None]) is None


@pytest.mark.parametrize(
    ("word", "consent"),
    [
        (None, None),
        (said(True, by="self", source="e1177"), Consent(given=True, by=Role.SELF, on=NOW.date(), at=NOW)),
        (
            said(True, by="staff", unit="SE1-E1"),
            Consent(given=True, to_staff=True, unit="SE1-E1", on=NOW.date(), at=NOW),
        ),
        (
            said(None, by="guardian"),
            Consent(given=False, by=Role.GUARDIAN, to_staff=True, on=NOW.date(), at=NOW),
        ),
    ],
)
def test_paminnelse_1_and_2_the_newest_word_on_reminders_is_the_consent(
    word: Wish | None, consent: Consent | None
) -> None:
    assert consent_in(Wishes(sms_reminders=word)) == consent


MOMENTS = st.integers(0, 3).map(lambda days: NOW - timedelta(days=days))
WORDS = st.builds(
    Wish,
    st.one_of(st.none(), st.lists(st.sampled_from(["sms", "email"]), max_size=2)),
    MOMENTS,
    st.sampled_from(["vas", "e1177", None]),
)


@given(word=WORDS, registered_at=MOMENTS, wished=st.booleans(), cancelled=st.booleans())
def test_nothing_goes_by_a_way_that_the_newest_word_does_not_have(
    word: Wish, registered_at: datetime, wished: bool, cancelled: bool
) -> None:
    contacts = tuple(
        Contact(kind=kind, value=value, wished=wished)
        for kind, value in ((ContactKind.PHONE, MOBILE), (ContactKind.EMAIL, MAIL))
    )
    who = resident(contacts=contacts, **known(registered_at, notice_by=word))
    answer = notice(facts(CANCELLED if cancelled else facts().event, resident=who), REGION).answer
    if word.at >= registered_at:
        allowed = {"sms": SendSms, "email": SendMail}
        ways = tuple(allowed[each] for each in word.value or ())  # type: ignore[attr-defined]
        assert isinstance(answer, (*ways, Skip))
