"""Is a digital contact a visit, and by which codes is it registered (distans-1, distans-2)?"""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path

import pytest
from pydantic import ValidationError

from routine.facts import Form
from routine.reasons import Reason
from routine.registration import Code, Held, how_is_it_registered, is_visit, read_codes

VISIT = is_visit(Held(replaces_clinic_visit=True, booked_or_agreed=True, fee_informed=True))
NO_VISIT = is_visit(Held(replaces_clinic_visit=False))
UNKNOWN = is_visit(Held())
DAY = date(2026, 11, 24)
CODES = read_codes()

# replaces and matches a clinic visit, booked or agreed, knew of the fee
HELD = [
    ("all three are known", (True, True, True), Reason.IS_A_VISIT),
    ("it replaces no visit", (False, True, True), Reason.REPLACES_NO_VISIT),
    ("it was not booked or agreed", (True, False, True), Reason.NOT_BOOKED_OR_AGREED),
    ("the fee was not known to the patient", (True, True, False), Reason.FEE_NOT_KNOWN),
    ("whether it replaces one is not known", (None, True, True), Reason.VISIT_UNKNOWN),
    ("whether it was agreed is not known", (True, None, True), Reason.VISIT_UNKNOWN),
    ("whether the fee was known is not known", (True, True, None), Reason.VISIT_UNKNOWN),
    ("nothing is known", (None, None, None), Reason.VISIT_UNKNOWN),
    ("a known no says more than an unknown before it", (None, False, True), Reason.NOT_BOOKED_OR_AGREED),
    ("a known no says more than two unknowns", (None, None, False), Reason.FEE_NOT_KNOWN),
    ("a known no says more than an unknown after it", (False, None, None), Reason.REPLACES_NO_VISIT),
    ("of two the first is said", (False, False, True), Reason.REPLACES_NO_VISIT),
    ("of the last two the former is said", (True, False, False), Reason.NOT_BOOKED_OR_AGREED),
    ("of all three the first is said", (False, False, False), Reason.REPLACES_NO_VISIT),
]


@pytest.mark.parametrize(("name", "known", "reason"), HELD, ids=[row[0] for row in HELD])
def test_a_contact_is_a_visit_only_if_all_three_hold(
    name: str, known: tuple[bool | None, bool | None, bool | None], reason: Reason
) -> None:
    replaces, agreed, informed = known
    decision = is_visit(Held(replaces_clinic_visit=replaces, booked_or_agreed=agreed, fee_informed=informed))
    assert (decision.answer, decision.reason, decision.clause) == (
        reason is Reason.IS_A_VISIT,
        reason,
        "distans-1",
    )


def test_of_all_that_can_be_known_one_case_alone_is_a_visit() -> None:
    every = [
        is_visit(Held(replaces_clinic_visit=one, booked_or_agreed=two, fee_informed=three)).answer
        for one, two, three in product((True, False, None), repeat=3)
    ]
    assert (len(every), sum(every)) == (27, 1)


REGISTERED = [
    ("a video visit", Form.VIDEO, VISIT, {"DiVL", "ZV051"}, Reason.IS_A_VISIT, "distans-2"),
    ("a video contact", Form.VIDEO, NO_VISIT, set(), Reason.REPLACES_NO_VISIT, "distans-1"),
    ("a video contact of which too little is known", Form.VIDEO, UNKNOWN, set(), Reason.VISIT_UNKNOWN, "distans-1"),
    ("a visit by chat", Form.CHAT, VISIT, {"ZV051"}, Reason.IS_A_VISIT, "distans-1"),
    ("a contact by chat", Form.CHAT, NO_VISIT, {"XS003"}, Reason.REPLACES_NO_VISIT, "distans-1"),
    ("a visit by phone", Form.PHONE, VISIT, {"ZV051"}, Reason.IS_A_VISIT, "distans-1"),
    ("a contact by phone", Form.PHONE, NO_VISIT, {"XS012"}, Reason.REPLACES_NO_VISIT, "distans-1"),
    ("a visit on site, which is no digital contact", Form.ON_SITE, VISIT, set(), Reason.IS_A_VISIT, "distans-1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "form", "visit", "codes", "reason", "clause"), REGISTERED, ids=[row[0] for row in REGISTERED]
)
def test_the_codes_that_are_proposed_for(
    name: str, form: Form, visit: object, codes: set[str], reason: Reason, clause: str
) -> None:
    decision = how_is_it_registered(form, visit, DAY, CODES)  # type: ignore[arg-type]
    assert {code.code for code in decision.answer} == codes
    assert (decision.reason, decision.clause) == (reason, clause)


def test_the_fee_code_of_a_visit_is_never_proposed_for_what_is_not_surely_one() -> None:
    for form, visit in product(Form, (NO_VISIT, UNKNOWN)):
        assert not any(code.visits for code in how_is_it_registered(form, visit, DAY, CODES).answer)


CODE = Code(
    code="X", system="KVÅ", meaning="-", forms=frozenset({Form.CHAT}), source="-", verified=True, since=DAY
)


def test_a_code_holds_from_its_first_day() -> None:
    assert how_is_it_registered(Form.CHAT, VISIT, DAY, [CODE]).answer == (CODE,)
    assert how_is_it_registered(Form.CHAT, VISIT, date(2026, 11, 23), [CODE]).answer == ()
    assert how_is_it_registered(Form.CHAT, VISIT, date(2026, 11, 25), [CODE]).answer == (CODE,)


def test_a_code_for_both_is_proposed_for_both() -> None:
    for visit in (VISIT, NO_VISIT, UNKNOWN):
        assert how_is_it_registered(Form.CHAT, visit, DAY, [CODE]).answer == (CODE,)


def test_several_codes_come_as_the_file_lists_them() -> None:
    codes = [CODE.model_copy(update={"code": name}) for name in "BAC"]
    assert [code.code for code in how_is_it_registered(Form.CHAT, VISIT, DAY, codes).answer] == [
        "B",
        "A",
        "C",
    ]


def test_what_no_source_bears_out_is_said_to_be_unverified() -> None:
    assert {code.code: code.verified for code in CODES} == {
        "DiVL": True,
        "ZV051": True,
        "XS003": False,
        "XS012": False,
    }
    assert all(code.source for code in CODES)


def test_a_video_visit_has_its_contact_type_from_vas() -> None:
    divl = CODES[0]
    assert (divl.code, divl.system, list(divl.forms), divl.visits) == (
        "DiVL",
        "VAS kontakttyp",
        [Form.VIDEO],
        True,
    )


ENTRY = """[[codes]]
code = "A"
system = "KVÅ"
meaning = "-"
forms = ["chat"]
source = "-"
verified = true
"""


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (ENTRY.replace('source = "-"\n', ""), "source"),
        (ENTRY.replace("verified = true\n", ""), "verified"),
        (ENTRY.replace("chat", "telepathy"), "forms"),
        (ENTRY + 'colour = "red"\n', "colour"),
    ],
)
def test_an_entry_that_lacks_something_or_has_too_much_is_refused(
    tmp_path: Path, text: str, wrong: str
) -> None:
    path = tmp_path / "codes.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValidationError, match=wrong):
        read_codes(path)


def test_an_entry_may_say_since_when_it_holds_and_leave_out_what_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "codes.toml"
    path.write_text(ENTRY + "since = 2027-01-01\n" + ENTRY, "utf-8")
    first, second = read_codes(path)
    assert (first.since, second.since, second.visits) == (date(2027, 1, 1), None, None)


def test_a_code_is_not_changed_afterwards() -> None:
    with pytest.raises(ValidationError):
        read_codes()[0].code = "X"  # type: ignore[misc]


@pytest.mark.parametrize("form", Form)
def test_of_what_is_not_known_to_be_a_visit_or_none_only_codes_for_both_are_proposed(form: Form) -> None:
    both = Code(code="B", system="S", meaning="m", forms=frozenset(Form), source="s", verified=True)
    found = how_is_it_registered(form, is_visit(Held()), date(2026, 12, 1), (*read_codes(), both))
    assert found.answer == (both,)
