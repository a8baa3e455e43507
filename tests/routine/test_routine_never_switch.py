"""What must never be when channels change: hypothesis looks for a case that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from drawn_cases import few_differ, there_is
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from routine_cases import ADULT, NOW, REGION
from switch_cases import (
    CHATTING_UNIT,
    DAY,
    SIXTEEN,
    THIRTEEN,
    TWELVE,
    UNIT_ID,
    from_phone,
    to_chat,
    to_phone,
)

from routine.ages import age_on
from routine.approved import Use
from routine.channel_switch import Change, Proposal, may_be_overridden, may_be_proposed, where_is_it_asked
from routine.channels import is_channel_approved
from routine.children import Role
from routine.consent import (
    Login,
    is_login_consent,
    may_answer,
)
from routine.contact import Unapproved, is_referral_sent
from routine.images import OwnedFile, may_read
from routine.override import is_reason_given
from routine.participation import How, Joining, may_be_carried_out
from routine.protected import Passage
from routine.reasons import Reason
from routine.region import Publish
from routine.reply import CallNumber, is_reply_consent
from routine.risk import Risk, how_high, is_human_needed, may_go_by_itself

MAYBE = st.sampled_from([None, True, False])
ROLES = st.sampled_from([None, *Role])
BIRTHS = st.sampled_from([None, ADULT, SIXTEEN, THIRTEEN, TWELVE]) | st.dates(date(2005, 1, 1), DAY)
DIGITAL = ("e1177", "platform24", "hope", "lifecare")
CHANNELS = st.sampled_from((*DIGITAL, "phone", "mail", "sms", "facetime", "teams", "local-hjarta"))
UNITS = st.builds(
    lambda offers, publish, refers: CHATTING_UNIT.model_copy(
        update={"offers": offers, "publish": publish, "refers": refers}
    ),
    st.frozensets(st.sampled_from(DIGITAL)),
    st.sampled_from(Publish),
    st.booleans(),
)
PROPOSALS = few_differ(
    [to_chat(), to_phone(), from_phone(), to_chat(role=Role.GUARDIAN, birth=TWELVE)],
    4,
    {
        "from_": CHANNELS,
        "to": CHANNELS,
        "unit": UNITS,
        "safer_assessment": MAYBE,
        "adds_value": MAYBE,
        "key_pressed": st.booleans(),
        "e_id": MAYBE,
        "role": ROLES,
        "birth": BIRTHS,
        "deceased": MAYBE,
        "protected": MAYBE,
        "human_first": st.booleans(),
    },
)
REASONS = st.sampled_from([None, "", " ", "livsfara", "brådskande"])
OWN_LOGIN = Login(made_at=NOW - timedelta(hours=1), followed=True, level=3, role=Role.SELF, birth=ADULT)
LOGINS = few_differ(
    [OWN_LOGIN, replace(OWN_LOGIN, role=Role.GUARDIAN, birth=TWELVE, protected=False)],
    4,
    {
        "made_at": st.timedeltas(timedelta(hours=-1), timedelta(days=6)).map(lambda ago: NOW - ago),
        "followed": st.booleans(),
        "level": st.none() | st.integers(0, 4),
        "role": ROLES,
        "used": st.booleans(),
        "birth": BIRTHS,
        "protected": MAYBE,
    },
)
BY_LOGIN = st.sampled_from([Change.FROM_PHONE, Change.DIGITAL])
KNOWN = Unapproved(channel="mail", reply_address=True, is_patient_known=True, deceased=False, protected=False)
CONTACTS = few_differ(
    [KNOWN, replace(KNOWN, is_patient_known=False, deceased=None, protected=None)],
    4,
    {
        "channel": CHANNELS,
        "reply_address": st.booleans(),
        "is_patient_known": st.booleans(),
        "deceased": MAYBE,
        "protected": MAYBE,
        "referred_today": st.integers(0, 3),
    },
)
RISKS = st.none() | st.builds(
    Risk,
    flagged_at=st.timedeltas(timedelta(), timedelta(days=2)).map(lambda ago: NOW - ago),
    acknowledged_at=st.none() | st.just(NOW),
)
WORDS = st.sampled_from(
    [
        "ja",
        "ring",
        "tack",
        "gärna",
        "inte",
        "nej",
        "helst",
        "0701740605",
        "070-174 06 05",
        "035-13 10 00",
        "kl 15",
    ]
)
REPLIES = st.lists(WORDS, max_size=5).map(" ".join)
HSA_IDS = st.integers(1, 3).map(lambda number: f"SE2321000115-P{number}") | st.just("se2321000115-p1")
FILES = st.builds(
    OwnedFile,
    owner=HSA_IDS,
    deleted_at=st.timedeltas(timedelta(hours=-24), timedelta(hours=24)).map(lambda left: NOW + left),
)

never = settings(max_examples=80)


def proposed(proposal: Proposal) -> Passage:
    return may_be_proposed(proposal, DAY, REGION).answer


def overridden(proposal: Proposal, reason: str | None) -> Passage:
    return may_be_overridden(proposal, reason, DAY, REGION).answer


def consents(login: Login, change: Change = Change.DIGITAL) -> bool:
    return is_login_consent(login, change, NOW, DAY, REGION).allowed


def refers(contact: Unapproved) -> bool:
    return is_referral_sent(contact, CHATTING_UNIT, UNIT_ID, DAY, REGION).answer is Passage.SEND


def is_called(reply: str, was_asked: bool = True) -> bool:
    return isinstance(is_reply_consent(reply, was_asked, REGION).answer, CallNumber)


@never
@given(LOGINS, BY_LOGIN)
def test_no_consent_without_the_link_clicked_and_a_strong_enough_login(login: Login, change: Change) -> None:
    if consents(login, change):
        assert login.followed
        assert login.level is not None
        assert login.level >= REGION.links.level_of_assurance


@never
@given(LOGINS, BY_LOGIN)
def test_no_consent_by_a_link_that_is_used_or_too_old(login: Login, change: Change) -> None:
    if consents(login, change):
        assert not login.used
        assert login.made_at + timedelta(hours=72) > NOW


@never
@given(LOGINS, BY_LOGIN)
def test_only_the_patient_consents_or_a_guardian_of_a_child_under_13(login: Login, change: Change) -> None:
    if consents(login, change):
        assert login.birth is not None
        is_young = age_on(login.birth, DAY) < 13
        assert login.role is (Role.GUARDIAN if is_young else Role.SELF)


@never
@given(LOGINS, BY_LOGIN)
def test_no_guardian_consents_where_someone_is_protected_or_may_be(login: Login, change: Change) -> None:
    if login.role is Role.GUARDIAN and login.protected is not False:
        assert not consents(login, change)


@never
@given(LOGINS)
def test_no_login_whatever_it_is_consents_to_be_called(login: Login) -> None:
    with pytest.raises(ValueError, match="reply"):
        is_login_consent(login, Change.TO_PHONE, NOW, DAY, REGION)


@never
@given(LOGINS, BY_LOGIN, st.sampled_from(["followed", "level"]))
def test_a_consent_is_lost_with_the_click_or_the_login(login: Login, change: Change, lost: str) -> None:
    bare = replace(login, **{lost: False if lost == "followed" else None})
    assert not consents(bare, change)


@never
@given(st.none() | st.sampled_from(Role), BIRTHS, MAYBE)
def test_nobody_else_answers_for_a_patient(
    role: Role | None, birth: date | None, protected: bool | None
) -> None:
    if may_answer(role, birth, DAY, REGION, protected=protected).allowed:
        assert role in (Role.SELF, Role.GUARDIAN)
        assert birth is not None
        assert (role is Role.GUARDIAN) is (age_on(birth, DAY) < 13)


@pytest.mark.parametrize("change", [Change.FROM_PHONE, Change.DIGITAL])
@pytest.mark.parametrize("role", [Role.SELF, Role.GUARDIAN])
def test_the_logins_tried_here_do_consent(change: Change, role: Role) -> None:
    assert there_is(LOGINS, lambda login: login.role is role and consents(login, change))


@pytest.mark.parametrize(
    "reason",
    [
        Reason.LINK_NOT_FOLLOWED,
        Reason.LINK_USED,
        Reason.LINK_EXPIRED,
        Reason.NOT_LOGGED_IN,
        Reason.LOGIN_TOO_WEAK,
        Reason.LOGIN_BY_ANOTHER,
        Reason.CHILD_ACTS_ALONE,
        Reason.TOO_YOUNG,
        Reason.MANUAL_HANDLING,
    ],
)
def test_the_logins_tried_here_fail_in_every_way(reason: Reason) -> None:
    assert there_is(
        LOGINS, lambda one: is_login_consent(one, Change.DIGITAL, NOW, DAY, REGION).reason is reason
    )


@never
@given(REPLIES)
def test_no_call_without_the_question(reply: str) -> None:
    assert not is_called(reply, was_asked=False)


@never
@given(REPLIES)
def test_no_call_after_a_word_of_refusal_or_to_one_of_two_numbers(reply: str) -> None:
    if is_called(reply):
        assert not {"inte", "nej", "helst"} & set(reply.split())
        assert ("035-13 10 00" in reply) is not ("0701740605" in reply.replace("-", "").replace(" ", ""))


@pytest.mark.parametrize("called", [True, False])
def test_the_replies_tried_here_are_of_both_kinds(called: bool) -> None:
    assert there_is(REPLIES, lambda reply: "070" in reply and is_called(reply) is called)


@never
@given(PROPOSALS, REASONS)
def test_no_proposal_goes_to_a_protected_deceased_or_unknown_person_overridden_or_not(
    proposal: Proposal, reason: str | None
) -> None:
    if proposal.protected is not False or proposal.deceased is not False:
        assert proposed(proposal) is not Passage.SEND
        assert overridden(proposal, reason) is not Passage.SEND


@never
@given(PROPOSALS)
def test_no_proposal_goes_to_a_guardian_of_one_of_13_or_to_a_child_under_13(proposal: Proposal) -> None:
    if proposed(proposal) is Passage.SEND:
        assert proposal.birth is not None
        assert proposal.role is (Role.GUARDIAN if age_on(proposal.birth, DAY) < 13 else Role.SELF)


@never
@given(PROPOSALS)
def test_no_proposal_leads_to_a_channel_that_is_not_approved_and_offered(proposal: Proposal) -> None:
    if proposed(proposal) is Passage.SEND and proposal.to != "phone":
        assert is_channel_approved(proposal.to, Use.TEXT, UNIT_ID, DAY, REGION).allowed
        assert proposal.to in proposal.unit.offers
        assert proposal.e_id is not False


@never
@given(PROPOSALS)
def test_no_proposal_goes_without_what_the_routine_asks_for_it(proposal: Proposal) -> None:
    if proposed(proposal) is Passage.SEND:
        why = {
            Change.TO_PHONE: proposal.safer_assessment,
            Change.FROM_PHONE: proposal.key_pressed,
            Change.DIGITAL: proposal.adds_value,
        }
        assert why[proposal.change] is True
        assert proposal.from_ != proposal.to


@never
@given(PROPOSALS)
def test_nothing_is_proposed_by_itself_while_a_risk_stands(proposal: Proposal) -> None:
    if proposal.human_first:
        assert proposed(proposal) is Passage.NONE


@never
@given(RISKS)
def test_nothing_goes_by_itself_while_a_human_is_needed(risk: Risk | None) -> None:
    assert may_go_by_itself(risk).allowed is not is_human_needed(risk).allowed
    if risk is not None:
        assert (how_high(risk, NOW, REGION).answer is not None) is is_human_needed(risk).allowed


@never
@given(PROPOSALS, st.text(min_size=1).filter(is_reason_given))
def test_staff_with_a_reason_are_never_left_with_nothing(proposal: Proposal, reason: str) -> None:
    assert overridden(proposal, reason) in (Passage.SEND, Passage.STAFF)


@never
@given(PROPOSALS, REASONS)
def test_nothing_is_overridden_without_a_reason(proposal: Proposal, reason: str | None) -> None:
    if not is_reason_given(reason):
        assert overridden(proposal, reason) is Passage.NONE


@never
@given(PROPOSALS)
def test_a_reason_never_closes_what_was_open(proposal: Proposal) -> None:
    if proposed(proposal) is Passage.SEND:
        assert overridden(proposal, "livsfara") is Passage.SEND


@never
@given(PROPOSALS)
def test_the_question_is_put_where_the_patient_came_or_by_sms_to_a_caller(proposal: Proposal) -> None:
    asked = where_is_it_asked(proposal.from_, proposal.to).answer
    assert asked == ("sms" if proposal.change is Change.FROM_PHONE else proposal.from_)


@never
@given(PROPOSALS)
def test_the_reason_for_a_protected_person_is_one_that_others_get_too(proposal: Proposal) -> None:
    decision = may_be_proposed(proposal, DAY, REGION)
    if proposal.protected and decision.clause == "policy-skydd-1":
        assert decision.reason in (Reason.MANUAL_HANDLING, Reason.PERSON_UNKNOWN)


@settings(never, database=None, phases=[Phase.generate])
@given(PROPOSALS)
def test_no_question_is_put_by_a_way_that_is_not_approved(proposal: Proposal) -> None:
    if proposed(proposal) is Passage.SEND and proposal.from_ != "phone":
        assert is_channel_approved(proposal.from_, Use.TEXT, UNIT_ID, DAY, REGION).allowed


@pytest.mark.parametrize("passage", Passage)
@pytest.mark.parametrize("change", Change)
def test_the_proposals_tried_here_have_every_outcome(change: Change, passage: Passage) -> None:
    assert there_is(PROPOSALS, lambda one: one.change is change and proposed(one) is passage)


@pytest.mark.parametrize("passage", [Passage.SEND, Passage.STAFF])
def test_the_proposals_tried_here_are_overridden_both_ways(passage: Passage) -> None:
    def is_opened(proposal: Proposal) -> bool:
        return proposed(proposal) is not Passage.SEND and overridden(proposal, "livsfara") is passage

    assert there_is(PROPOSALS, is_opened)


@pytest.mark.parametrize("role", [Role.SELF, Role.GUARDIAN])
def test_the_proposals_tried_here_go_to_patients_and_to_guardians(role: Role) -> None:
    assert there_is(PROPOSALS, lambda one: one.role is role and proposed(one) is Passage.SEND)


@pytest.mark.parametrize(
    "is_so",
    [
        lambda one: one.protected is True,
        lambda one: one.protected is None,
        lambda one: one.deceased is True,
        lambda one: one.deceased is None,
        lambda one: one.human_first,
    ],
    ids=["protected", "protection unknown", "deceased", "death unknown", "a risk"],
)
def test_the_proposals_tried_here_are_stopped_by_nothing_else(is_so: Callable[[Proposal], bool]) -> None:
    def would_go(proposal: Proposal) -> bool:
        open_ = replace(proposal, protected=False, deceased=False, human_first=False)
        return is_so(proposal) and proposed(open_) is Passage.SEND

    assert there_is(PROPOSALS, would_go)


@never
@given(CONTACTS)
def test_a_referral_never_goes_to_a_known_protected_or_deceased_person(contact: Unapproved) -> None:
    if contact.is_patient_known and (contact.protected is not False or contact.deceased):
        assert not refers(contact)


@never
@given(CONTACTS)
def test_a_referral_never_goes_outside_the_channels_approved_for_notices(contact: Unapproved) -> None:
    if refers(contact):
        assert is_channel_approved(contact.channel, Use.NOTICE, UNIT_ID, DAY, REGION).allowed
        assert contact.channel in ("mail", "sms")


@never
@given(CONTACTS)
def test_a_referral_never_goes_twice_a_day_or_to_no_address(contact: Unapproved) -> None:
    if contact.referred_today or not contact.reply_address:
        assert not refers(contact)


@never
@given(CONTACTS, UNITS)
def test_a_referral_never_goes_for_a_unit_in_shadow_or_one_that_refers_itself(
    contact: Unapproved, unit: Any
) -> None:
    if unit.publish is Publish.SHADOW or not unit.refers:
        assert is_referral_sent(contact, unit, UNIT_ID, DAY, REGION).answer is Passage.NONE


@pytest.mark.parametrize("passage", Passage)
def test_the_contacts_tried_here_have_every_outcome(passage: Passage) -> None:
    assert there_is(
        CONTACTS, lambda one: is_referral_sent(one, CHATTING_UNIT, UNIT_ID, DAY, REGION).answer is passage
    )


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("channel", ["mail", "sms"])
def test_the_contacts_tried_here_are_referred(channel: str, known: bool) -> None:
    assert there_is(
        CONTACTS, lambda one: one.channel == channel and one.is_patient_known is known and refers(one)
    )


@never
@given(st.sampled_from(Joining), MAYBE, st.none() | st.sampled_from(How), REASONS)
def test_nothing_is_handed_over_without_a_yes_or_a_reason(
    what: Joining, given: bool | None, how: How | None, reason: str | None
) -> None:
    if may_be_carried_out(what, given, how, reason).allowed:
        assert (given is True and how is not None) or (reason or "").strip()


@never
@given(HSA_IDS, FILES)
def test_a_file_is_never_read_by_another_than_its_owner_nor_after_its_time(
    reader: str, file: OwnedFile
) -> None:
    if may_read(reader, file, NOW).allowed:
        assert reader.casefold() == file.owner.casefold()
        assert file.deleted_at > NOW


@pytest.mark.parametrize("reason", [Reason.OWN_FILE, Reason.OTHERS_FILE, Reason.FILE_DELETED])
def test_the_files_tried_here_are_read_and_not(reason: Reason) -> None:
    assert there_is(st.tuples(HSA_IDS, FILES), lambda case: may_read(case[0], case[1], NOW).reason is reason)
