"""What must never be, whatever the facts: hypothesis looks for a case that breaks it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from drawn_cases import mostly, there_is
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from routine_cases import EMAIL, INBOX_UNIT, MAIL, MOBILE, NOW, REGION, SMS, START, UNIT, UNIT_ID

from routine.ages import age_on, swedish_day, turns
from routine.call_letter import ByInbox, ByScheduling, Post, digital_call_letter, paper
from routine.decision import StaffTask, Wait
from routine.facts import (
    Actor,
    CallLetterKind,
    Contact,
    ContactKind,
    Event,
    Facts,
    Form,
    Portal,
    Resident,
    Visit,
)
from routine.notice import SendMail, SendSms, Skip, notice, worked_out
from routine.occasion import Occasion
from routine.publication import is_shown_on_1177
from routine.reasons import Reason
from routine.region import Publish

MAYBE = st.sampled_from([None, True, False])
NEAR = st.timedeltas(timedelta(days=-30), timedelta(days=30)).map(lambda apart: NOW + apart)
BIRTHS = st.dates(date(2005, 1, 1), date(2026, 10, 31)) | st.sampled_from(
    [date(2012, 2, 29), date(1950, 1, 1)]
)

CONTACTS = st.builds(
    Contact,
    kind=st.just(ContactKind.PHONE),
    value=mostly(MOBILE, st.just("+4635131000")),
    wished=mostly(True, MAYBE),
    rank=st.none() | st.integers(1, 3),
    since=st.none() | st.dates(date(2006, 1, 1), date(2026, 12, 31)),
    until=mostly(None, st.dates(date(2026, 11, 1), date(2027, 12, 31))),
) | st.builds(Contact, kind=st.just(ContactKind.EMAIL), value=st.just(MAIL), wished=MAYBE)
RESIDENTS = st.builds(
    Resident,
    reservnummer=mostly(False, st.just(True)),
    birth=mostly(date(1980, 5, 5), st.none()) | BIRTHS,
    deceased=mostly(False, MAYBE),
    protected=mostly(False, MAYBE),
    digital_only=MAYBE,
    contacts=mostly((SMS,), st.none()) | st.just((EMAIL,)) | st.lists(CONTACTS, max_size=3).map(tuple),
    portal=st.none() | st.builds(Portal, st.booleans(), st.booleans()),
    guardians=mostly((False,), st.none() | st.lists(MAYBE, max_size=2).map(tuple)),
    inbox_exhausted=mostly(False, st.just(True)),
)
VISITS = st.builds(
    Visit,
    start=mostly(START, st.none() | NEAR),
    end=st.none() | NEAR,
    valid_until=mostly(None, st.dates(date(2026, 11, 1), date(2027, 1, 31)) | NEAR),
    call_letter=st.none() | st.sampled_from(CallLetterKind),
    form=st.none() | st.sampled_from(Form),
    printed=mostly(None, MAYBE),
    cancelled=mostly(False, st.just(True)),
)
EVENTS = st.builds(
    Event,
    occasion=st.sampled_from(Occasion),
    at=st.timedeltas(timedelta(), timedelta(minutes=20)).map(lambda ago: NOW - ago),
    moved=mostly(True, MAYBE),
    cancelled_by=st.none() | st.sampled_from(Actor),
    echo=mostly(False, st.just(True)),
    replay=mostly(False, st.just(True)),
    paired=mostly(False, st.just(True)),
    series_told=mostly(False, st.just(True)),
)
UNITS = st.builds(
    lambda of, publish, connected, paper: of.model_copy(
        update={"publish": publish, "connected": connected, "paper": paper}
    ),
    st.sampled_from([UNIT, INBOX_UNIT]),
    mostly(Publish.VAXEL, st.just(Publish.SHADOW)),
    MAYBE,
    MAYBE,
)
FACTS = st.builds(
    Facts,
    event=EVENTS,
    visit=VISITS,
    resident=RESIDENTS,
    unit=UNITS,
    unit_id=st.just(UNIT_ID),
    now=mostly(NOW, NEAR),
    waiting_since=st.none() | NEAR,
)

never = settings(max_examples=80)


def outward(facts: Facts) -> list[object]:
    """All that leaves us for the patient: by SMS, e-mail, inbox or post."""
    answers = [
        notice(facts, REGION).answer,
        digital_call_letter(facts, REGION).answer,
        paper(facts, REGION).answer,
    ]
    return [one for one in answers if isinstance(one, SendSms | SendMail | ByInbox | Post)]


@never
@given(FACTS, st.dates(date(2006, 1, 1), date(2013, 1, 1)), st.data())
def test_no_sms_or_e_mail_goes_by_what_was_there_before_the_13th_birthday(
    facts: Facts, birth: date, data: st.DataObject
) -> None:
    birthday = turns(birth, 13)
    day = swedish_day(facts.now)
    assume(birthday <= day)
    before = data.draw(st.dates(birth, birthday - timedelta(days=1)))
    guardian = Contact(kind=ContactKind.PHONE, value=MOBILE, wished=True, since=before)
    child = Resident(
        birth=birth, deceased=False, protected=False, contacts=(guardian,), portal=Portal(False, False)
    )
    case = Facts(
        event=facts.event, visit=facts.visit, resident=child, unit=facts.unit, unit_id=UNIT_ID, now=facts.now
    )
    assert not isinstance(worked_out(case, REGION).answer, SendSms | SendMail)


@never
@given(FACTS)
def test_no_sms_or_e_mail_goes_to_a_child_of_13_by_a_contact_that_is_not_surely_their_own(
    facts: Facts,
) -> None:
    answer = notice(facts, REGION).answer
    if isinstance(answer, SendSms | SendMail):
        birth, day = facts.resident.birth, swedish_day(facts.now)
        assert birth is not None
        if 13 <= age_on(birth, day) < 18:
            own = [one for one in facts.resident.contacts or () if one.value == answer.to and one.since]
            assert any(one.since >= turns(birth, 13) for one in own)


@never
@given(FACTS)
def test_nothing_goes_to_or_about_the_deceased(facts: Facts) -> None:
    if facts.resident.deceased:
        assert outward(facts) == []
        assert notice(facts, REGION).answer == Skip()
        assert is_shown_on_1177(facts.visit, facts.resident, facts.now).answer is None
        assert not isinstance(digital_call_letter(facts, REGION).answer, ByScheduling | StaffTask)
        assert not isinstance(paper(facts, REGION).answer, StaffTask)


@never
@given(FACTS)
def test_nothing_but_the_1177_inbox_goes_to_a_protected_person(facts: Facts) -> None:
    if facts.resident.protected:
        assert all(isinstance(one, ByInbox) for one in outward(facts))


@never
@given(FACTS)
def test_nothing_goes_while_protection_is_not_known(facts: Facts) -> None:
    if facts.resident.protected is None and not facts.resident.reservnummer:
        assert outward(facts) == []


@never
@given(FACTS)
def test_the_reason_for_a_protected_person_is_one_that_others_get_too(facts: Facts) -> None:
    if facts.resident.protected:
        for decide in (notice, paper):
            decision = decide(facts, REGION)
            if isinstance(decision.answer, StaffTask):
                assert decision.reason is Reason.MANUAL_HANDLING


@never
@given(FACTS)
def test_never_two_notices_for_one_event(facts: Facts) -> None:
    ours = isinstance(notice(facts, REGION).answer, SendSms | SendMail)
    portal = facts.resident.portal
    awake = portal is not None and portal.active and portal.notifies
    told_of = facts.event.occasion in REGION.notices.portal_notifies_of and not facts.resident.reservnummer
    by_index = awake and told_of and facts.unit.is_connected
    letter = digital_call_letter(facts, REGION).answer
    by_inbox = awake and isinstance(letter, ByInbox) and letter.notify
    assert ours + by_index + by_inbox <= 1


@never
@given(FACTS)
def test_no_paper_goes_that_was_printed_or_loaded_or_called_off(facts: Facts) -> None:
    if facts.visit.printed or facts.event.replay or facts.visit.cancelled:
        assert not isinstance(paper(facts, REGION).answer, Post | StaffTask)


@never
@given(FACTS)
def test_nothing_goes_for_a_unit_in_shadow(facts: Facts) -> None:
    if facts.unit.publish is Publish.SHADOW:
        assert outward(facts) == []
        assert not isinstance(notice(facts, REGION).answer, StaffTask | Wait)
        assert not isinstance(digital_call_letter(facts, REGION).answer, ByScheduling | StaffTask | Wait)


@never
@given(FACTS)
def test_no_notice_without_a_wish_for_it(facts: Facts) -> None:
    answer = notice(facts, REGION).answer
    if isinstance(answer, SendSms | SendMail):
        assert any(one.value == answer.to and one.wished for one in facts.resident.contacts or ())


@never
@given(FACTS)
def test_loads_and_echoes_notify_nobody(facts: Facts) -> None:
    if facts.event.replay or facts.event.echo:
        assert notice(facts, REGION).answer == Skip()
        letter = digital_call_letter(facts, REGION).answer
        assert not (isinstance(letter, ByInbox) and letter.notify)


@pytest.mark.parametrize("goes", [SendSms, SendMail, ByInbox, Post, StaffTask])
def test_the_cases_tried_here_do_send(goes: type) -> None:
    def does(facts: Facts) -> bool:
        answers = [decide(facts, REGION).answer for decide in (notice, digital_call_letter, paper)]
        return any(isinstance(answer, goes) for answer in answers)

    assert there_is(FACTS, does)


@never
@given(FACTS)
def test_a_wait_ends(facts: Facts) -> None:
    for decide in (notice, digital_call_letter, paper):
        decision = decide(facts, REGION)
        if isinstance(decision.answer, Wait):
            assert decision.answer.until > facts.now


@never
@given(FACTS)
def test_one_without_a_login_is_reached_by_paper_or_by_staff(facts: Facts) -> None:
    if facts.resident.reservnummer:
        assert notice(facts, REGION).answer == Skip()
        assert is_shown_on_1177(facts.visit, facts.resident, facts.now).answer is None
        assert not isinstance(digital_call_letter(facts, REGION).answer, ByScheduling | ByInbox)


@never
@given(asked=FACTS)
def test_nothing_goes_to_a_guardian_who_may_be_protected_or_is_not_known(asked: Facts) -> None:
    """policy-skydd-1: of a child under 13, by SMS or by e-mail."""
    birth = asked.resident.birth
    if (
        birth is not None
        and age_on(birth, swedish_day(asked.now)) < 13
        and set(asked.resident.guardians or ()) != {False}
    ):
        assert not isinstance(notice(asked, REGION).answer, SendSms | SendMail)
