"""What is read of an SMS before its text is forgotten: STOPP, in any spelling (paminnelse-1)."""

from __future__ import annotations

import pytest

from models.contact import is_stop
from models.messages import parse

SAYS_STOP = [
    "STOPP", "stop", "Stopp!", "  stopp  ", "\nSTOP\n", "s t o p p", "S.T.O.P", "STOPPA", "Stoppa alla sms tack",
    "stop 1177", "ＳＴＯＰ", "Stoppp", "Ståpp", "Sluta skicka", "Avregistrera mig", "unsubscribe",
]  # fmt: skip
SAYS_ELSE = [None, "", "Hej", "Det är stopp i avloppet", "stoppad näsa", "Stopplikt?", "non stop", "1177"]


@pytest.mark.parametrize("said", SAYS_STOP)
def test_an_sms_that_begins_with_stopp_says_it_in_any_spelling(said: str) -> None:
    assert is_stop(said)


@pytest.mark.parametrize("said", SAYS_ELSE)
def test_what_only_has_the_word_in_it_does_not(said: str | None) -> None:
    assert not is_stop(said)


@pytest.mark.parametrize(("source", "kept"), [("sms", True), ("mail", None), ("platform24", None)])
def test_policy_hanvisning_1_that_it_says_so_is_kept_of_an_sms_and_its_text_is_not(
    source: str, kept: bool | None
) -> None:
    contact = {"id": "c", "unit": {"hsa_id": "SE2321000115-E000000000001"}, "text": "Stopp, jag mår dåligt"}
    event = parse(
        source,
        {"type": "contact.received", "timestamp": "2026-11-30T08:00:00Z", "data": {"contact": contact}},
    )
    assert isinstance(event.data["contact"], dict)
    assert event.data["contact"].get("says_stop") is kept
    assert "mår" not in str(event.data)
