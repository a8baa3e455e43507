"""When the patient contacts care: a table by clause (patient-1, 2, 4, byte-5, syfte-3, onskemal-2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from routine_cases import ADULT, NOW, REGION
from switch_cases import (
    CHATTING_UNIT,
    DAY,
    FIFTEEN,
    OWN_SOLUTION,
    SIXTEEN,
    THIRTEEN,
    TWELVE,
    UNIT_ID,
    with_system,
)

from routine.children import Role
from routine.contact import (
    Adherence,
    AnswerThere,
    Guide,
    NoGuide,
    Refer,
    StaffAnswer,
    Topic,
    Unapproved,
    can_be_acknowledged_by_us,
    is_answer_as_routine,
    is_guided_to_service,
    is_referral_sent,
    is_unanswered,
    where_to_answer,
)
from routine.decision import Decision
from routine.protected import Passage
from routine.reasons import Reason
from routine.region import Publish, Region, UnitPolicy

ELSEWHERE = "SE2321000115-E000000000002"
LISTED = REGION.model_copy(update={"units": {UNIT_ID: CHATTING_UNIT}})


@pytest.mark.parametrize("channel", ["e1177", "platform24", "hope", "lifecare", "stodbehandling"])
def test_patient_1_and_onskemal_2_the_answer_is_given_in_the_same_channel(channel: str) -> None:
    assert where_to_answer(channel, UNIT_ID, DAY, REGION) == Decision(
        AnswerThere(channel), Reason.SAME_CHANNEL, "onskemal-2"
    )


def test_val_2_a_call_is_answered_by_phone() -> None:
    assert where_to_answer("phone", UNIT_ID, DAY, REGION) == Decision(
        AnswerThere("phone"), Reason.SAME_CHANNEL, "val-2"
    )


@pytest.mark.parametrize("channel", ["mail", "sms", "facetime", "", "teams", "E1177", "local-hjarta"])
def test_patient_4_a_way_that_is_not_approved_is_referred(channel: str) -> None:
    assert where_to_answer(channel, UNIT_ID, DAY, LISTED) == Decision(
        Refer(("e1177", "platform24", "phone")), Reason.CHANNEL_NOT_APPROVED, "patient-4"
    )


def test_patient_4_a_unit_that_nobody_has_listed_is_reached_by_1177_and_phone() -> None:
    assert where_to_answer("mail", ELSEWHERE, DAY, LISTED).answer == Refer(("e1177", "phone"))


@pytest.mark.parametrize(
    ("region", "unit", "answered"),
    [
        pytest.param(OWN_SOLUTION, UNIT_ID, True, id="its own solution, of whatever purpose"),
        pytest.param(OWN_SOLUTION, ELSEWHERE, False, id="another unit's own solution"),
        pytest.param(with_system("platform24", since=DAY), UNIT_ID, True, id="approved from today"),
        pytest.param(with_system("platform24", until=DAY), UNIT_ID, True, id="approved to today"),
        pytest.param(
            with_system("platform24", since=DAY + timedelta(days=1)), UNIT_ID, False, id="from tomorrow"
        ),
        pytest.param(
            with_system("platform24", until=DAY - timedelta(days=1)), UNIT_ID, False, id="to yesterday"
        ),
        pytest.param(with_system("platform24", check=None), UNIT_ID, False, id="no check on record"),
    ],
)
def test_a_channel_is_answered_in_while_it_is_approved_there(
    region: Region, unit: str, answered: bool
) -> None:
    channel = "local-hjarta" if region is OWN_SOLUTION else "platform24"
    decision = where_to_answer(channel, unit, DAY, region)
    assert isinstance(decision.answer, AnswerThere) is answered
    assert decision.clause == ("onskemal-2" if answered else "patient-4")


def test_what_cannot_be_acknowledged_by_us_staff_answer_themselves() -> None:
    """patient-1: a unit's own solution whose address nobody has set."""
    assert can_be_acknowledged_by_us(True).allowed
    ours = can_be_acknowledged_by_us(False)
    assert (ours.allowed, ours.reason, ours.clause) == (False, "no_way_of_ours", "patient-1")


MAIL = Unapproved(channel="mail", reply_address=True, is_patient_known=True, deceased=False, protected=False)
STRANGER = Unapproved(channel="mail", reply_address=True, is_patient_known=False)
REFERS_NOT = CHATTING_UNIT.model_copy(update={"refers": False})
IN_SHADOW = CHATTING_UNIT.model_copy(update={"publish": Publish.SHADOW})


def mail(**differs: Any) -> Unapproved:
    return replace(MAIL, **differs)


def referral(
    contact: Unapproved, unit: UnitPolicy = CHATTING_UNIT, region: Region = REGION
) -> Decision[Passage]:
    return is_referral_sent(contact, unit, UNIT_ID, DAY, region)


@pytest.mark.parametrize(
    ("contact", "passage", "reason", "clause"),
    [
        pytest.param(MAIL, Passage.SEND, Reason.CHANNEL_NOT_APPROVED, "policy-hanvisning-1", id="by e-mail"),
        pytest.param(
            mail(channel="sms"), Passage.SEND, Reason.CHANNEL_NOT_APPROVED, "policy-hanvisning-1", id="by SMS"
        ),
        pytest.param(
            STRANGER, Passage.SEND, Reason.CHANNEL_NOT_APPROVED, "policy-hanvisning-1", id="by nobody we know"
        ),
        pytest.param(mail(channel="facetime"), Passage.NONE, Reason.NOT_LISTED, "system-3", id="by FaceTime"),
        pytest.param(
            mail(channel="platform24"), Passage.NONE, Reason.SAME_CHANNEL, "patient-1", id="in the chat"
        ),
        pytest.param(
            mail(reply_address=False),
            Passage.NONE,
            Reason.NO_REPLY_ADDRESS,
            "policy-hanvisning-1",
            id="nowhere to answer",
        ),
        pytest.param(
            mail(referred_today=1),
            Passage.NONE,
            Reason.REFERRED_TODAY,
            "policy-hanvisning-1",
            id="once today",
        ),
        pytest.param(
            mail(referred_today=7),
            Passage.NONE,
            Reason.REFERRED_TODAY,
            "policy-hanvisning-1",
            id="often today",
        ),
        pytest.param(
            mail(protected=True), Passage.STAFF, Reason.MANUAL_HANDLING, "policy-skydd-1", id="protected"
        ),
        pytest.param(
            mail(protected=None),
            Passage.WAIT,
            Reason.PERSON_UNKNOWN,
            "policy-skydd-1",
            id="not known for now",
        ),
        pytest.param(
            mail(deceased=True), Passage.NONE, Reason.DECEASED, "policy-avliden-1", id="the deceased"
        ),
        pytest.param(
            mail(deceased=True, protected=True),
            Passage.NONE,
            Reason.DECEASED,
            "policy-avliden-1",
            id="the deceased, protected",
        ),
        pytest.param(
            mail(deceased=True, protected=None),
            Passage.NONE,
            Reason.DECEASED,
            "policy-avliden-1",
            id="the deceased, not known",
        ),
    ],
)
def test_policy_hanvisning_1_the_referral_goes_by_the_way_the_contact_came(
    contact: Unapproved, passage: Passage, reason: Reason, clause: str
) -> None:
    assert referral(contact) == Decision(passage, reason, clause)


@pytest.mark.parametrize(
    ("unit", "reason", "clause"),
    [
        pytest.param(REFERS_NOT, Reason.REFERRAL_OFF, "policy-hanvisning-1", id="refers patients itself"),
        pytest.param(IN_SHADOW, Reason.UNIT_IN_SHADOW, "policy-skugga-1", id="in shadow"),
        pytest.param(
            IN_SHADOW.model_copy(update={"refers": False}),
            Reason.REFERRAL_OFF,
            "policy-hanvisning-1",
            id="refers itself, in shadow",
        ),
    ],
)
def test_policy_hanvisning_1_only_where_the_unit_has_switched_it_on(
    unit: UnitPolicy, reason: Reason, clause: str
) -> None:
    assert referral(MAIL, unit) == Decision(Passage.NONE, reason, clause)


@pytest.mark.parametrize(
    ("contact", "unit", "reason"),
    [
        (mail(reply_address=False), IN_SHADOW, Reason.UNIT_IN_SHADOW),
        (mail(reply_address=False, referred_today=1), CHATTING_UNIT, Reason.NO_REPLY_ADDRESS),
        (mail(referred_today=1, channel="facetime"), CHATTING_UNIT, Reason.REFERRED_TODAY),
        (mail(channel="facetime", deceased=True), CHATTING_UNIT, Reason.NOT_LISTED),
        (mail(referred_today=1, protected=True), CHATTING_UNIT, Reason.REFERRED_TODAY),
    ],
)
def test_of_two_hindrances_the_one_that_tells_least_of_the_patient_is_said(
    contact: Unapproved, unit: UnitPolicy, reason: Reason
) -> None:
    assert referral(contact, unit) == replace(referral(contact, unit), answer=Passage.NONE, reason=reason)


def test_a_channel_whose_approval_for_notices_has_ended_sends_no_referral() -> None:
    ended = with_system("mail", until=DAY - timedelta(days=1))
    assert referral(MAIL, region=ended) == Decision(Passage.NONE, Reason.NO_LONGER_APPROVED, "avisering-1")
    unchecked = with_system("mail", check=None)
    assert referral(MAIL, region=unchecked) == Decision(Passage.NONE, Reason.NOT_CHECKED, "system-5")


def test_no_protection_shows_in_a_repr() -> None:
    assert "protected" not in repr(mail(protected=True))


def test_no_referral_goes_while_nobody_knows_whether_the_patient_lives() -> None:
    assert referral(mail(deceased=None)) == Decision(Passage.WAIT, Reason.PERSON_UNKNOWN, "policy-skydd-1")


def test_no_referral_goes_to_a_protected_person_though_the_mail_does_not_say_who_it_is() -> None:
    assert referral(mail(is_patient_known=False, protected=True)).answer is not Passage.SEND


def answer(channel: str = "e1177", **differs: Any) -> StaffAnswer:
    return StaffAnswer(**{"channel": channel, "suggests_calling": False, **differs})


@pytest.mark.parametrize(
    ("given", "adherence", "reason", "clause"),
    [
        pytest.param(answer(), Adherence.AS_ROUTINE, Reason.SAME_CHANNEL, "patient-1", id="in the channel"),
        pytest.param(
            answer(has_special_reason=True),
            Adherence.AS_ROUTINE,
            Reason.SPECIAL_REASON,
            "patient-2",
            id="in the channel, a special reason for nothing",
        ),
        pytest.param(answer("phone"), Adherence.DEPARTS, Reason.OTHER_CHANNEL, "patient-1", id="by phone"),
        pytest.param(
            answer("platform24"), Adherence.DEPARTS, Reason.OTHER_CHANNEL, "patient-1", id="elsewhere"
        ),
        pytest.param(
            answer("phone", suggests_calling=None),
            Adherence.DEPARTS,
            Reason.OTHER_CHANNEL,
            "patient-1",
            id="by phone, its content not known",
        ),
        pytest.param(
            answer(suggests_calling=True),
            Adherence.DEPARTS,
            Reason.ASKED_TO_CALL,
            "patient-2",
            id="please call us",
        ),
        pytest.param(
            answer(suggests_calling=True, has_special_reason=True),
            Adherence.AS_ROUTINE,
            Reason.SPECIAL_REASON,
            "patient-2",
            id="please call us at once",
        ),
        pytest.param(
            answer("phone", suggests_calling=True, has_special_reason=True),
            Adherence.AS_ROUTINE,
            Reason.SPECIAL_REASON,
            "patient-2",
            id="elsewhere, please call us at once",
        ),
        pytest.param(
            answer("platform24", after_consent=True, suggests_calling=True),
            Adherence.DEPARTS,
            Reason.ASKED_TO_CALL,
            "patient-2",
            id="please call us, after a consented change",
        ),
        pytest.param(
            answer(suggests_calling=None),
            Adherence.UNKNOWN,
            Reason.CALLING_UNKNOWN,
            "patient-2",
            id="its content not known",
        ),
    ],
)
def test_patient_1_and_2_answers_stand_to_the_routine(
    given: StaffAnswer, adherence: Adherence, reason: Reason, clause: str
) -> None:
    assert is_answer_as_routine(given, "e1177", UNIT_ID, DAY, LISTED) == Decision(adherence, reason, clause)


def test_patient_3_an_answer_elsewhere_is_as_the_routine_once_the_patient_consented() -> None:
    assert (
        is_answer_as_routine(answer("phone", after_consent=True), "e1177", UNIT_ID, DAY, LISTED).answer
        is Adherence.AS_ROUTINE
    )


def test_patient_3_a_consented_change_is_not_called_the_same_channel() -> None:
    decision = is_answer_as_routine(answer("phone", after_consent=True), "e1177", UNIT_ID, DAY, LISTED)
    assert (decision.reason, decision.clause) == (Reason.CONSENT_GIVEN, "patient-3")


def test_patient_4_staff_who_answer_an_e_mail_on_1177_follow_the_routine() -> None:
    assert is_answer_as_routine(answer("e1177"), "mail", UNIT_ID, DAY, LISTED).answer is Adherence.AS_ROUTINE


def test_patient_4_staff_who_answer_an_e_mail_by_e_mail_do_not() -> None:
    assert is_answer_as_routine(answer("mail"), "mail", UNIT_ID, DAY, LISTED).answer is Adherence.DEPARTS


GUIDED = [
    ("rebooking", Topic.REBOOK, Role.SELF, ADULT),
    ("the journal", Topic.JOURNAL, Role.SELF, ADULT),
    ("a form", Topic.FORM, Role.SELF, ADULT),
    ("rebooking by one of 13", Topic.REBOOK, Role.SELF, THIRTEEN),
    ("a form by one of 13", Topic.FORM, Role.SELF, THIRTEEN),
    ("the journal of one of 16", Topic.JOURNAL, Role.SELF, SIXTEEN),
    ("rebooking for a child of 12", Topic.REBOOK, Role.GUARDIAN, TWELVE),
    ("the journal of a child of 12", Topic.JOURNAL, Role.GUARDIAN, TWELVE),
    ("a form for a child of 12", Topic.FORM, Role.GUARDIAN, TWELVE),
]


@pytest.mark.parametrize(
    ("topic", "role", "birth"), [case[1:] for case in GUIDED], ids=[c[0] for c in GUIDED]
)
def test_byte_5_whoever_has_an_errand_with_a_ready_service_is_guided_there(
    topic: Topic, role: Role, birth: date
) -> None:
    decision = is_guided_to_service(topic, role, birth, DAY, REGION, is_there=True, protected=False)
    assert decision == Decision(Guide(topic), Reason.READY_SERVICE, "byte-5")


@pytest.mark.parametrize("topic", [None, Topic.DIALOGUE])
@pytest.mark.parametrize("is_there", [None, False, True])
@pytest.mark.parametrize("role", [None, Role.SELF])
def test_syfte_3_dialogue_is_never_closed(
    topic: Topic | None, is_there: bool | None, role: Role | None
) -> None:
    decision = is_guided_to_service(topic, role, ADULT, DAY, REGION, is_there=is_there)
    assert decision == Decision(NoGuide(), Reason.DIALOGUE_WISHED, "syfte-3")


@pytest.mark.parametrize("topic", [Topic.REBOOK, Topic.JOURNAL, Topic.FORM])
@pytest.mark.parametrize(
    ("is_there", "reason"), [(None, Reason.SERVICE_UNKNOWN), (False, Reason.NO_SUCH_SERVICE)]
)
def test_byte_5_nobody_is_guided_to_what_may_not_be_there(
    topic: Topic, is_there: bool | None, reason: Reason
) -> None:
    decision = is_guided_to_service(topic, Role.SELF, ADULT, DAY, REGION, is_there=is_there)
    assert decision == Decision(NoGuide(), reason, "byte-5")


NOT_OPEN = [
    ("the journal of one of 13", Topic.JOURNAL, Role.SELF, THIRTEEN, Reason.TOO_YOUNG_FOR_JOURNAL, "barn-4"),
    ("the journal of one of 15", Topic.JOURNAL, Role.SELF, FIFTEEN, Reason.TOO_YOUNG_FOR_JOURNAL, "barn-4"),
    ("a child of 12 alone", Topic.REBOOK, Role.SELF, TWELVE, Reason.TOO_YOUNG, "barn-2"),
    ("a guardian of one of 13", Topic.REBOOK, Role.GUARDIAN, THIRTEEN, Reason.CHILD_ACTS_ALONE, "barn-2"),
    ("a guardian, the journal", Topic.JOURNAL, Role.GUARDIAN, THIRTEEN, Reason.CHILD_ACTS_ALONE, "barn-4"),
    ("a guardian, a form", Topic.FORM, Role.GUARDIAN, THIRTEEN, Reason.CHILD_ACTS_ALONE, "barn-2"),
    ("another", Topic.FORM, Role.OTHER, ADULT, Reason.NOT_A_GUARDIAN, "barn-1"),
    ("nobody knows who", Topic.FORM, None, ADULT, Reason.ROLE_UNKNOWN, "barn-1"),
    ("of unknown age", Topic.FORM, Role.SELF, None, Reason.AGE_UNKNOWN, "barn-2"),
]


@pytest.mark.parametrize("is_there", [None, False, True])
@pytest.mark.parametrize(
    ("topic", "role", "birth", "reason", "clause"),
    [case[1:] for case in NOT_OPEN],
    ids=[case[0] for case in NOT_OPEN],
)
def test_byte_5_nobody_is_guided_to_what_is_closed_to_them(
    topic: Topic,
    role: Role | None,
    birth: date | None,
    reason: Reason,
    clause: str,
    is_there: bool | None,
) -> None:
    decision = is_guided_to_service(topic, role, birth, DAY, REGION, is_there=is_there, protected=False)
    assert decision == Decision(NoGuide(), reason, clause)


@pytest.mark.parametrize(
    ("protected", "reason"), [(None, Reason.PERSON_UNKNOWN), (True, Reason.MANUAL_HANDLING)]
)
def test_a_guardian_is_guided_only_where_nobody_is_protected(protected: bool | None, reason: Reason) -> None:
    decision = is_guided_to_service(
        Topic.REBOOK, Role.GUARDIAN, TWELVE, DAY, REGION, is_there=True, protected=protected
    )
    assert decision == Decision(NoGuide(), reason, "policy-skydd-1")


SECOND = timedelta(microseconds=1)
STRICT_UNIT = CHATTING_UNIT.model_copy(update={"answer_within_hours": 24})


@pytest.mark.parametrize(
    ("unit", "waited", "late"),
    [
        pytest.param(CHATTING_UNIT, timedelta(), False, id="just come"),
        pytest.param(CHATTING_UNIT, timedelta(hours=72) - SECOND, False, id="just before the region's limit"),
        pytest.param(CHATTING_UNIT, timedelta(hours=72), True, id="at the region's limit"),
        pytest.param(STRICT_UNIT, timedelta(hours=24) - SECOND, False, id="just before the unit's limit"),
        pytest.param(STRICT_UNIT, timedelta(hours=24), True, id="at the unit's limit"),
        pytest.param(STRICT_UNIT, timedelta(days=30), True, id="long after"),
    ],
)
def test_policy_svarstid_1_a_contact_waits_no_longer_than_the_unit_allows(
    unit: UnitPolicy, waited: timedelta, late: bool
) -> None:
    received: datetime = NOW - waited
    reason = Reason.UNANSWERED if late else Reason.ANSWERED_IN_TIME
    assert is_unanswered(received, False, unit, NOW, REGION) == Decision(late, reason, "policy-svarstid-1")
    answered = Decision(False, Reason.ANSWERED_IN_TIME, "policy-svarstid-1")
    assert is_unanswered(received, True, unit, NOW, REGION) == answered


@pytest.mark.parametrize(("answered", "chosen"), [("e1177", "platform24"), ("platform24", "e1177")])
def test_patient_1_another_channel_is_another_whichever_it_is(answered: str, chosen: str) -> None:
    decision = is_answer_as_routine(answer(answered), chosen, UNIT_ID, DAY, LISTED)
    assert decision == Decision(Adherence.DEPARTS, Reason.OTHER_CHANNEL, "patient-1")


def test_patient_3_no_special_reason_moves_a_dialogue_to_another_digital_channel() -> None:
    moved = answer("platform24", has_special_reason=True)
    decision = is_answer_as_routine(moved, "e1177", UNIT_ID, DAY, LISTED)
    assert decision == Decision(Adherence.DEPARTS, Reason.OTHER_CHANNEL, "patient-1")
