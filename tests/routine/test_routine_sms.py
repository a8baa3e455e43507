"""How dear an SMS is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine.sms import Encoding, Parts, sms_parts

MATERIAL = Path(os.environ.get("VAXEL_MATERIAL", Path(__file__).parents[3] / "shared" / "material"))
VECTORS = MATERIAL / "samples" / "test_vectors.json"


@pytest.mark.skipif(not VECTORS.exists(), reason="no test_vectors.json under VAXEL_MATERIAL")
def test_parts_agree_with_the_vectors() -> None:
    vectors = json.loads(VECTORS.read_text("utf-8"))["sms_segments"]
    assert vectors
    for vector in vectors:
        char, times = vector["text"].split("*")
        parts = sms_parts(char * int(times))
        assert (parts.encoding, parts.parts) == (vector["encoding"], vector["parts"]), vector


@pytest.mark.parametrize(
    ("text", "encoding", "parts", "dearest"),
    [
        ("", Encoding.GSM7, 0, None),
        ("åäöÅÄÖéÉüÜñÑàèìòù§£$@_¿¡", Encoding.GSM7, 1, None),
        ("Pris 5 €", Encoding.GSM7, 1, "€"),
        ("[{^~\\|}]\f", Encoding.GSM7, 1, "["),
        ("kl. 9–10 och 5 €", Encoding.UCS2, 1, "–"),
        ("5 € – hej", Encoding.UCS2, 1, "–"),
        ("a\tb", Encoding.UCS2, 1, "\t"),
        ("ç", Encoding.UCS2, 1, "ç"),
        ("a" * 160, Encoding.GSM7, 1, None),
        ("a" * 161, Encoding.GSM7, 2, None),
        ("😀" * 35, Encoding.UCS2, 1, "😀"),
        ("😀" * 36, Encoding.UCS2, 2, "😀"),
        ("😀" * 66, Encoding.UCS2, 2, "😀"),
        ("😀" * 67, Encoding.UCS2, 3, "😀"),
        ("a" * 152 + "€" + "a" * 152, Encoding.GSM7, 3, "€"),
        ("a" * 151 + "€" + "a" * 153, Encoding.GSM7, 2, "€"),
    ],
)
def test_parts(text: str, encoding: Encoding, parts: int, dearest: str | None) -> None:
    assert sms_parts(text) == Parts(encoding, parts, dearest)


@pytest.mark.parametrize("char", "–—”“’…•´`°áíóôëç\u00a0\t😀")
def test_what_word_processors_put_in_makes_the_whole_text_dearer(char: str) -> None:
    assert sms_parts("a" * 100 + char) == Parts(Encoding.UCS2, 2, char)


@given(st.text(max_size=500))
def test_more_text_never_costs_less(text: str) -> None:
    assert sms_parts(text).parts <= sms_parts(text + "a").parts


@given(st.text(min_size=1, max_size=500))
def test_no_part_holds_more_than_it_can(text: str) -> None:
    parts = sms_parts(text)
    units = len(text.encode("utf-16-be", "surrogatepass")) // 2
    room = 67 if parts.encoding is Encoding.UCS2 else 153
    if parts.parts > 1:
        assert parts.parts * room >= units
