"""Changing channel: a table by clause (byte-1 to byte-4, byte-6, patient-3, policy-fara-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from routine_cases import REGION, SHADOW_UNIT, UNIT
from switch_cases import (
    CHATTING_UNIT,
    DAY,
    OWN_SOLUTION,
    THIRTEEN,
    TWELVE,
    UNIT_ID,
    from_phone,
    to_chat,
    to_phone,
    with_system,
)

from routine.approved import Use
from routine.channel_switch import (
    Change,
    Proposal,
    after_refusal,
    kind_of_change,
    may_be_overridden,
    may_be_proposed,
    may_caller_have_link,
    may_key_be_offered,
    where_is_it_asked,
)
from routine.children import Role
from routine.decision import Decision
from routine.protected import Passage
from routine.reasons import Reason
from routine.region import Publish, Region

SEND, WAIT, STAFF, NONE = Passage.SEND, Passage.WAIT, Passage.STAFF, Passage.NONE


def proposed(proposal: Proposal, region: Region = REGION) -> Decision[Passage]:
    return may_be_proposed(proposal, DAY, region)


@pytest.mark.parametrize(
    ("from_", "to", "kind"),
    [
        ("e1177", "phone", Change.TO_PHONE),
        ("platform24", "phone", Change.TO_PHONE),
        ("mail", "phone", Change.TO_PHONE),
        ("phone", "phone", Change.TO_PHONE),
        ("phone", "platform24", Change.FROM_PHONE),
        ("phone", "e1177", Change.FROM_PHONE),
        ("e1177", "platform24", Change.DIGITAL),
        ("platform24", "e1177", Change.DIGITAL),
    ],
)
def test_the_kinds_of_change(from_: str, to: str, kind: Change) -> None:
    assert kind_of_change(from_, to) is kind
    assert to_chat(from_=from_, to=to).change is kind


BYTE_1 = [
    ("talking is safer", to_phone(), SEND, Reason.SAFER_ASSESSMENT),
    ("talking is not safer", to_phone(safer_assessment=False), NONE, Reason.NO_SAFER_ASSESSMENT),
    ("nobody has judged", to_phone(safer_assessment=None), NONE, Reason.NO_SAFER_ASSESSMENT),
    (
        "it adds value, and is not judged safer",
        to_phone(safer_assessment=None, adds_value=True, key_pressed=True),
        NONE,
        Reason.NO_SAFER_ASSESSMENT,
    ),
    ("the patient has no e-identification", to_phone(e_id=False), SEND, Reason.SAFER_ASSESSMENT),
    ("nobody knows of an e-identification", to_phone(e_id=None), SEND, Reason.SAFER_ASSESSMENT),
    ("the unit offers 1177 only", to_phone(unit=UNIT), SEND, Reason.SAFER_ASSESSMENT),
]


@pytest.mark.parametrize(
    ("proposal", "passage", "reason"), [case[1:] for case in BYTE_1], ids=[case[0] for case in BYTE_1]
)
def test_byte_1_to_phone_for_a_safer_assessment(proposal: Proposal, passage: Passage, reason: Reason) -> None:
    assert proposed(proposal) == Decision(passage, reason, "byte-1")


BYTE_2 = [
    ("the caller pressed the key", from_phone(), SEND, Reason.KEY_PRESS, "byte-2"),
    ("the caller pressed none", from_phone(key_pressed=False), NONE, Reason.NO_KEY_PRESS, "byte-2"),
    (
        "staff find that it adds value, and no key",
        from_phone(key_pressed=False, adds_value=True, safer_assessment=True),
        NONE,
        Reason.NO_KEY_PRESS,
        "byte-2",
    ),
    ("the unit does not offer it", from_phone(unit=UNIT), NONE, Reason.NOT_OFFERED, "byte-2"),
    ("no e-identification", from_phone(e_id=False), NONE, Reason.NO_E_ID, "byte-2"),
    ("nobody knows of an e-identification", from_phone(e_id=None), SEND, Reason.KEY_PRESS, "byte-2"),
    ("to SMS", from_phone(to="sms"), NONE, Reason.NOT_FOR_THIS_USE, "system-3"),
]


@pytest.mark.parametrize(
    ("proposal", "passage", "reason", "clause"),
    [case[1:] for case in BYTE_2],
    ids=[case[0] for case in BYTE_2],
)
def test_byte_2_from_phone_by_a_key_press(
    proposal: Proposal, passage: Passage, reason: Reason, clause: str
) -> None:
    assert proposed(proposal) == Decision(passage, reason, clause)


NOBODY = {"birth": None, "deceased": None, "protected": None, "e_id": None, "role": None}
"""Of a caller, who is not known."""
MOBILE = "+46701740605"
BY_KEY = [
    ("the caller pressed the key", from_phone(**NOBODY), SEND, Reason.KEY_PRESS, "byte-2"),
    ("the caller pressed none", from_phone(**NOBODY, key_pressed=False), NONE, Reason.NO_KEY_PRESS, "byte-2"),
    ("the unit does not offer it", from_phone(**NOBODY, unit=UNIT), NONE, Reason.NOT_OFFERED, "byte-2"),
    ("to SMS", from_phone(**NOBODY, to="sms"), NONE, Reason.NOT_FOR_THIS_USE, "system-3"),
    (
        "the unit is in shadow",
        from_phone(**NOBODY, unit=CHATTING_UNIT.model_copy(update={"publish": Publish.SHADOW})),
        NONE,
        Reason.UNIT_IN_SHADOW,
        "policy-skugga-1",
    ),
]


@pytest.mark.parametrize(
    ("proposal", "passage", "reason", "clause"),
    [case[1:] for case in BY_KEY],
    ids=[case[0] for case in BY_KEY],
)
def test_byte_2_a_key_is_offered_and_a_link_sent_by_what_the_unit_is_and_not_by_who_calls(
    proposal: Proposal, passage: Passage, reason: Reason, clause: str
) -> None:
    expected = Decision(passage, reason, clause)
    assert may_key_be_offered(proposal, DAY, REGION) == expected
    assert may_caller_have_link(proposal, MOBILE, 0, DAY, REGION) == expected


def test_byte_2_no_key_is_offered_where_no_link_may_go_by_sms() -> None:
    region = with_system("sms", uses=frozenset({Use.NOTICE}))
    assert may_key_be_offered(from_phone(**NOBODY), DAY, region).answer is not SEND


@pytest.mark.parametrize(
    "number", [None, "", "+46313900611", "0701740605", "+4670174060", "anonymous", "+4746702"]
)
def test_policy_knapp_1_a_link_goes_to_a_mobile_number_only(number: str | None) -> None:
    decision = may_caller_have_link(from_phone(**NOBODY), number, 0, DAY, REGION)
    assert decision == Decision(NONE, Reason.CALLER_UNKNOWN, "policy-knapp-1")


@pytest.mark.parametrize(
    ("texted", "reason"), [(2, Reason.KEY_PRESS), (3, Reason.TEXTED_ENOUGH), (9, Reason.TEXTED_ENOUGH)]
)
def test_policy_knapp_1_one_number_has_three_links_a_day(texted: int, reason: Reason) -> None:
    assert REGION.links.texted_a_day == 3
    assert may_caller_have_link(from_phone(**NOBODY), MOBILE, texted, DAY, REGION).reason is reason


BYTE_3_4 = [
    ("it adds value", to_chat(), SEND, Reason.ADDED_VALUE, "byte-4"),
    ("it adds none", to_chat(adds_value=False), NONE, Reason.NO_ADDED_VALUE, "byte-4"),
    ("nobody has judged", to_chat(adds_value=None), NONE, Reason.NO_ADDED_VALUE, "byte-4"),
    (
        "it is safer, and adds no value",
        to_chat(adds_value=None, safer_assessment=True, key_pressed=True),
        NONE,
        Reason.NO_ADDED_VALUE,
        "byte-4",
    ),
    ("back to 1177", to_chat(from_="platform24", to="e1177"), SEND, Reason.ADDED_VALUE, "byte-4"),
    ("the unit does not offer it", to_chat(unit=UNIT), NONE, Reason.NOT_OFFERED, "byte-3"),
    ("no e-identification", to_chat(e_id=False), NONE, Reason.NO_E_ID, "byte-3"),
    ("nobody knows of an e-identification", to_chat(e_id=None), SEND, Reason.ADDED_VALUE, "byte-4"),
    ("there already", to_chat(from_="platform24"), NONE, Reason.NO_CHANGE, "patient-1"),
    ("to e-mail", to_chat(to="mail"), NONE, Reason.NOT_FOR_THIS_USE, "system-3"),
    ("to FaceTime", to_chat(to="facetime"), NONE, Reason.NOT_LISTED, "system-1"),
    ("to Teams, which is for video", to_chat(to="teams"), NONE, Reason.NOT_FOR_THIS_USE, "system-1"),
]


@pytest.mark.parametrize(
    ("proposal", "passage", "reason", "clause"),
    [case[1:] for case in BYTE_3_4],
    ids=[case[0] for case in BYTE_3_4],
)
def test_byte_3_and_byte_4_between_digital_channels_for_the_patients_good(
    proposal: Proposal, passage: Passage, reason: Reason, clause: str
) -> None:
    assert proposed(proposal) == Decision(passage, reason, clause)


def test_phone_to_phone_is_no_change() -> None:
    assert proposed(to_phone(from_="phone")) == Decision(NONE, Reason.NO_CHANGE, "patient-1")


@pytest.mark.parametrize(
    ("region", "passage", "reason", "clause"),
    [
        pytest.param(
            with_system("platform24", since=DAY), SEND, Reason.ADDED_VALUE, "byte-4", id="from today"
        ),
        pytest.param(with_system("platform24", until=DAY), SEND, Reason.ADDED_VALUE, "byte-4", id="to today"),
        pytest.param(
            with_system("platform24", since=DAY + timedelta(days=1)),
            NONE,
            Reason.NOT_APPROVED_YET,
            "system-1",
            id="from tomorrow",
        ),
        pytest.param(
            with_system("platform24", until=DAY - timedelta(days=1)),
            NONE,
            Reason.NO_LONGER_APPROVED,
            "system-1",
            id="to yesterday",
        ),
        pytest.param(
            with_system("platform24", check=None), NONE, Reason.NOT_CHECKED, "system-5", id="unchecked"
        ),
    ],
)
def test_system_1_and_5_only_an_approved_channel_is_proposed(
    region: Region, passage: Passage, reason: Reason, clause: str
) -> None:
    assert proposed(to_chat(), region) == Decision(passage, reason, clause)


WHO = [
    ("a patient of 13", to_chat(birth=THIRTEEN), SEND, Reason.ADDED_VALUE, "byte-4"),
    ("a child of 12 alone", to_chat(birth=TWELVE), STAFF, Reason.TOO_YOUNG, "barn-2"),
    (
        "a guardian of one of 12",
        to_chat(role=Role.GUARDIAN, birth=TWELVE),
        SEND,
        Reason.ADDED_VALUE,
        "byte-4",
    ),
    (
        "a guardian of one of 13",
        to_chat(role=Role.GUARDIAN, birth=THIRTEEN),
        STAFF,
        Reason.CHILD_ACTS_ALONE,
        "policy-barn-1",
    ),
    (
        "a guardian of one of 13, to phone",
        to_phone(role=Role.GUARDIAN, birth=THIRTEEN),
        STAFF,
        Reason.CHILD_ACTS_ALONE,
        "policy-barn-1",
    ),
    ("age not known", to_chat(birth=None), STAFF, Reason.AGE_UNKNOWN, "barn-2"),
    ("another", to_chat(role=Role.OTHER), STAFF, Reason.NOT_A_GUARDIAN, "barn-1"),
    ("nobody knows who", to_chat(role=None), STAFF, Reason.ROLE_UNKNOWN, "barn-1"),
    ("a protected patient", to_chat(protected=True), STAFF, Reason.MANUAL_HANDLING, "policy-skydd-1"),
    (
        "a protected patient, to phone",
        to_phone(protected=True),
        STAFF,
        Reason.MANUAL_HANDLING,
        "policy-skydd-1",
    ),
    (
        "a protected patient, to 1177",
        to_chat(from_="platform24", to="e1177", protected=True),
        STAFF,
        Reason.MANUAL_HANDLING,
        "policy-skydd-1",
    ),
    ("protection not known", to_chat(protected=None), WAIT, Reason.PERSON_UNKNOWN, "policy-skydd-1"),
    ("not known to live", to_chat(deceased=None), WAIT, Reason.PERSON_UNKNOWN, "policy-skydd-1"),
    (
        "not known to live, and protected",
        to_chat(deceased=None, protected=True),
        WAIT,
        Reason.PERSON_UNKNOWN,
        "policy-skydd-1",
    ),
    (
        "the guardian of a child who is protected",
        to_chat(role=Role.GUARDIAN, birth=TWELVE, protected=True),
        STAFF,
        Reason.MANUAL_HANDLING,
        "policy-skydd-1",
    ),
    (
        "the guardian of a child not known to be",
        to_chat(role=Role.GUARDIAN, birth=TWELVE, protected=None),
        WAIT,
        Reason.PERSON_UNKNOWN,
        "policy-skydd-1",
    ),
    ("the deceased", to_chat(deceased=True), NONE, Reason.DECEASED, "policy-avliden-1"),
    ("a risk stands", to_chat(human_first=True), NONE, Reason.HUMAN_FIRST, "policy-suicid-1"),
    ("a risk stands, to phone", to_phone(human_first=True), NONE, Reason.HUMAN_FIRST, "policy-suicid-1"),
    (
        "a risk stands, a key pressed",
        from_phone(human_first=True),
        NONE,
        Reason.HUMAN_FIRST,
        "policy-suicid-1",
    ),
]


@pytest.mark.parametrize(
    ("proposal", "passage", "reason", "clause"), [case[1:] for case in WHO], ids=[case[0] for case in WHO]
)
def test_who_is_asked_and_who_is_not(
    proposal: Proposal, passage: Passage, reason: Reason, clause: str
) -> None:
    assert proposed(proposal) == Decision(passage, reason, clause)


GATES_IN_ORDER = [
    ("death before a risk", to_chat(deceased=True, human_first=True), Reason.DECEASED),
    ("a risk before no change", to_chat(human_first=True, from_="platform24"), Reason.HUMAN_FIRST),
    ("no change before no approval", to_chat(from_="mail", to="mail"), Reason.NO_CHANGE),
    ("approval before offer", to_chat(to="facetime", unit=UNIT), Reason.NOT_LISTED),
    ("offer before value", to_chat(unit=UNIT, adds_value=False), Reason.NOT_OFFERED),
    ("value before age", to_chat(adds_value=False, birth=None), Reason.NO_ADDED_VALUE),
    (
        "a safer assessment before age",
        to_phone(safer_assessment=None, birth=None),
        Reason.NO_SAFER_ASSESSMENT,
    ),
    ("age before e-identification", to_chat(birth=None, e_id=False), Reason.AGE_UNKNOWN),
    ("protection before e-identification", to_chat(e_id=False, protected=True), Reason.MANUAL_HANDLING),
    ("protection before age", to_chat(birth=None, protected=True), Reason.MANUAL_HANDLING),
    ("value before protection", to_chat(adds_value=False, protected=True), Reason.NO_ADDED_VALUE),
    (
        "protection before the guardian of one of 13",
        to_chat(role=Role.GUARDIAN, birth=THIRTEEN, protected=None),
        Reason.PERSON_UNKNOWN,
    ),
]


@pytest.mark.parametrize(
    ("proposal", "reason"), [case[1:] for case in GATES_IN_ORDER], ids=[case[0] for case in GATES_IN_ORDER]
)
def test_of_two_gates_the_first_decides(proposal: Proposal, reason: Reason) -> None:
    assert proposed(proposal).reason is reason


def test_a_guardian_is_asked_until_the_day_before_the_13th_birthday() -> None:
    proposal = to_chat(role=Role.GUARDIAN, birth=THIRTEEN)
    assert may_be_proposed(proposal, DAY - timedelta(days=1), REGION).answer is SEND
    assert may_be_proposed(proposal, DAY, REGION).answer is STAFF


@pytest.mark.parametrize(
    ("from_", "to", "asked", "reason", "clause"),
    [
        ("e1177", "phone", "e1177", Reason.SAME_CHANNEL, "byte-1"),
        ("platform24", "phone", "platform24", Reason.SAME_CHANNEL, "byte-1"),
        ("e1177", "platform24", "e1177", Reason.SAME_CHANNEL, "byte-3"),
        ("platform24", "e1177", "platform24", Reason.SAME_CHANNEL, "byte-3"),
        ("phone", "platform24", "sms", Reason.KEY_PRESS, "byte-2"),
        ("phone", "e1177", "sms", Reason.KEY_PRESS, "byte-2"),
    ],
)
def test_patient_3_the_question_is_put_where_the_patient_came(
    from_: str, to: str, asked: str, reason: Reason, clause: str
) -> None:
    assert where_is_it_asked(from_, to) == Decision(asked, reason, clause)


@pytest.mark.parametrize(
    ("channel", "region", "stays"),
    [
        pytest.param("e1177", REGION, True, id="1177"),
        pytest.param("platform24", REGION, True, id="the chat"),
        pytest.param("phone", REGION, True, id="the phone"),
        pytest.param("platform24", with_system("platform24", until=DAY), True, id="approved to today"),
        pytest.param("mail", REGION, False, id="e-mail"),
        pytest.param("sms", REGION, False, id="SMS"),
        pytest.param("facetime", REGION, False, id="FaceTime"),
        pytest.param("platform24", with_system("platform24", check=None), False, id="not checked"),
        pytest.param(
            "platform24", with_system("platform24", until=DAY - timedelta(days=1)), False, id="to yesterday"
        ),
    ],
)
def test_byte_6_whoever_declines_stays_where_they_were_unless_it_is_not_approved(
    channel: str, region: Region, stays: bool
) -> None:
    reason = Reason.STAYS if stays else Reason.CHANNEL_NOT_APPROVED
    assert after_refusal(channel, UNIT_ID, DAY, region) == Decision(stays, reason, "byte-6")


OPENED = [
    ("nothing in the way", to_chat()),
    ("a risk stands", to_chat(human_first=True)),
    ("not offered", to_chat(unit=UNIT)),
    ("no value", to_chat(adds_value=None)),
    ("no key pressed", from_phone(key_pressed=False)),
    ("not judged safer", to_phone(safer_assessment=None)),
    ("no e-identification", to_chat(e_id=False)),
]
CLOSED = [
    ("the deceased", to_phone(deceased=True)),
    ("not known to live", to_phone(deceased=None)),
    ("protected", to_phone(protected=True)),
    ("protection not known", to_phone(protected=None)),
    ("age not known", to_phone(birth=None)),
    ("a way that is not approved", to_chat(from_="mail")),
    ("to one that is not approved", to_chat(to="facetime")),
    ("the guardian of one of 13", to_chat(role=Role.GUARDIAN, birth=THIRTEEN)),
    ("a unit in shadow", to_chat(unit=CHATTING_UNIT.model_copy(update={"publish": Publish.SHADOW}))),
    ("the deceased, where there is no change", to_chat(deceased=True, from_="platform24")),
]


@pytest.mark.parametrize("proposal", [case[1] for case in OPENED], ids=[case[0] for case in OPENED])
@pytest.mark.parametrize("why", ["livsfara", " x "])
def test_policy_fara_1_a_reason_opens_every_gate(proposal: Proposal, why: str) -> None:
    assert may_be_overridden(proposal, why, DAY, REGION) == Decision(SEND, Reason.OVERRIDDEN, "policy-fara-1")


@pytest.mark.parametrize("proposal", [case[1] for case in CLOSED], ids=[case[0] for case in CLOSED])
def test_policy_fara_1_but_where_we_never_send_staff_act_by_themselves(proposal: Proposal) -> None:
    assert may_be_overridden(proposal, "livsfara", DAY, REGION) == Decision(
        STAFF, Reason.NOT_TO_OVERRIDE, "policy-fara-1"
    )


@pytest.mark.parametrize("why", [None, "", "  ", "\n\t"])
@pytest.mark.parametrize("proposal", [to_chat(), to_phone(deceased=True), to_phone(protected=True)])
def test_policy_fara_1_nothing_is_overridden_without_a_reason(proposal: Proposal, why: str | None) -> None:
    assert may_be_overridden(proposal, why, DAY, REGION) == Decision(
        NONE, Reason.OVERRIDE_WITHOUT_REASON, "policy-fara-1"
    )


def test_no_birth_and_no_protection_show_in_a_repr() -> None:
    shown = repr(to_chat(protected=True))
    assert "1980" not in shown
    assert "protected" not in shown


@pytest.mark.parametrize("from_", ["mail", "sms", "facetime"])
def test_patient_4_nobody_is_asked_by_a_way_that_is_not_approved(from_: str) -> None:
    assert proposed(to_chat(from_=from_)).answer is not SEND
    assert proposed(to_phone(from_=from_)).answer is not SEND


@pytest.mark.parametrize("proposal", [to_chat, to_phone, from_phone])
def test_policy_skugga_1_nothing_is_proposed_for_a_unit_in_shadow(proposal: Callable[..., Proposal]) -> None:
    unit = SHADOW_UNIT.model_copy(update={"offers": CHATTING_UNIT.offers})
    assert proposed(proposal(unit=unit)) == Decision(NONE, Reason.UNIT_IN_SHADOW, "policy-skugga-1")


@pytest.mark.parametrize(
    "region", [with_system("sms", until=date(2026, 1, 1)), with_system("sms", check=None)]
)
def test_byte_2_the_link_goes_by_an_approved_sms_only(region: Region) -> None:
    assert proposed(from_phone(), region).answer is NONE


def test_byte_6_whoever_declines_stays_in_the_units_own_solution() -> None:
    assert after_refusal("local-hjarta", UNIT_ID, DAY, OWN_SOLUTION).answer


@pytest.mark.parametrize("proposal", [to_chat(from_="platform24"), to_phone(from_="phone")])
def test_no_reason_makes_a_change_of_none(proposal: Proposal) -> None:
    assert may_be_overridden(proposal, "livsfara", DAY, REGION).answer is not SEND


def test_policy_barn_1_no_reason_sends_a_guardian_a_link_for_a_child_of_13() -> None:
    proposal = to_chat(role=Role.GUARDIAN, birth=THIRTEEN)
    assert may_be_overridden(proposal, "livsfara", DAY, REGION).answer is not SEND
