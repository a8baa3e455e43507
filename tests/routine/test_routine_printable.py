"""Names and links that others have written, as they may stand before a patient (avisering-2, byte-5)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import REGION

from routine.conversation import acknowledgement, continued, question, referral, sms_link
from routine.printable import as_name, may_lead_to, may_reach_patient
from routine.reasons import Reason
from routine.text import Text

OURS = "https://vaxel.example.org/l/"
TYPED = st.text(max_size=120) | st.sampled_from(["http://a.se", "a.se", "\u202eanna", "A\nB", "x" * 300])


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Anna Test", "Anna Test"),
        ("Anna-Lena O'Hara", "Anna-Lena O'Hara"),
        ("A.Karlsson", "A. Karlsson"),
        ("dipl. ssk (natt)", "dipl. ssk (natt)"),
        ("Anna\nKlicka på https://evil.example/x", "Anna Klicka på https evil. example x"),
        ("Anna evil.example", "Anna evil. example"),
        ("\u202eanna\u2066\u200b", "anna"),
        ("Anna\u2028\u2029\x00\x07Test", "Anna Test"),
        ("😀", ""),
        ("x" * 300, "x" * 80),
    ],
)
def test_a_name_is_one_printable_line_without_an_address(given: str, name: str) -> None:
    assert as_name(given) == name


@given(TYPED, TYPED, TYPED)
def test_whatever_stands_in_a_directory_the_question_is_seen_as_it_stands_and_leads_nowhere(
    name: str, title: str, unit: str
) -> None:
    said = question("e1177", "platform24", name, title, unit)
    decision = may_reach_patient(said, [("Logga in", f"{OURS}abc")], OURS, REGION)
    assert decision.allowed, decision.reason
    assert all(unicodedata.category(char) not in ("Cf", "Cc") for char in said.body.replace("\n", ""))


@pytest.mark.parametrize(
    "said",
    [acknowledgement(), continued("Vårdcentralen St.Olof"), referral(("e1177", "platform24", "phone"), REGION),
     sms_link(f"{OURS}abc", REGION), sms_link(REGION.login.link, REGION)],
    ids=lambda said: said.template,
)  # fmt: skip
def test_our_own_texts_may_reach_patients(said: Text) -> None:
    assert may_reach_patient(said, (), OURS, REGION).allowed


@pytest.mark.parametrize(
    ("body", "link", "reason"),
    [
        ("Se bit.ly/x", f"{OURS}a", Reason.FOREIGN_LINK),
        ("Se https://evil.example/", f"{OURS}a", Reason.FOREIGN_LINK),
        ("Se https://vaxel.example.org.evil.example/l/", f"{OURS}a", Reason.FOREIGN_LINK),
        ("Hej", "https://evil.example/", Reason.FOREIGN_LINK),
        ("Hej", "http://www.1177.se/", Reason.FOREIGN_LINK),
        ("Hej", "https://www.1177.se:444/", Reason.FOREIGN_LINK),
        ("Hej", "https://www.1177.se@evil.example/", Reason.FOREIGN_LINK),
        ("Hej", "https://[", Reason.FOREIGN_LINK),
        ("Hej\u202e", f"{OURS}a", Reason.NOT_PRINTABLE),
        ("Hej\x07", f"{OURS}a", Reason.NOT_PRINTABLE),
    ],
)
def test_a_text_that_leads_elsewhere_or_is_not_seen_as_it_stands_reaches_nobody(
    body: str, link: str, reason: Reason
) -> None:
    decision = may_reach_patient(Text("t", 1, body), [("Länk", link)], OURS, REGION)
    assert (decision.allowed, decision.reason) == (False, reason)


def test_a_services_listed_hosts_and_the_systems_entries_may_be_led_to() -> None:
    assert {"e-tjanster.1177.se", "www.1177.se", "mitt.regionhalland.se"} <= may_lead_to(REGION)
