"""Every clause has one sentence in each language, so that no page cites a name that it cannot explain."""

from __future__ import annotations

import re

import pytest

from routine.clause_text import ENGLISH, POLICY, SECTIONS, SWEDISH, by_section, section_of, sentence
from routine.clauses import CLAUSES, OWN_POLICIES, ROUTINE


def test_every_clause_has_a_swedish_and_an_english_sentence_and_no_other_has() -> None:
    assert SWEDISH.keys() == CLAUSES
    assert ENGLISH.keys() == ROUTINE
    assert not ENGLISH.keys() & OWN_POLICIES.keys()


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("clause", sorted(CLAUSES))
def test_a_sentence_begins_and_ends_as_one_and_fits_a_line_or_two(clause: str, language: str) -> None:
    said = sentence(clause, language)
    assert said[0].isupper() or said[0].isdigit()
    assert said.endswith(".")
    assert len(said) < (200 if language == "sv" else 420)


def test_no_two_clauses_say_the_same() -> None:
    assert len(set(SWEDISH.values())) == len(SWEDISH)


def test_every_clause_stands_in_one_section_in_the_order_of_the_routine() -> None:
    listed = by_section()
    assert list(listed) == list(SECTIONS)
    assert sorted(clause for of in listed.values() for clause in of) == sorted(CLAUSES)
    assert all(listed.values())
    assert section_of("besok-2") == "besok"
    assert section_of("policy-barn-1") == POLICY


def test_policy_skydd_2_no_sentence_of_a_policy_tells_why_somebody_is_handled_by_hand() -> None:
    """Whoever follows a line to `policy-skydd-1` must not read there what the reason hides."""
    for language in ("sv", "en"):
        said = sentence("policy-skydd-1", language) + sentence("policy-skydd-2", language)
        assert not re.search(r"skydda|protected", said, re.IGNORECASE)
