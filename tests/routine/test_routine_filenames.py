"""What a patient's device called a file, as staff see it (bilder-2: only they read it; nothing in it leads elsewhere)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine.filenames import LONGEST, NAMELESS, shown


@pytest.mark.parametrize(
    ("given_name", "seen"),
    [
        ("IMG_0042.HEIC", "IMG_0042.HEIC"),
        ("Sår på vänster fot.jpg", "Sår på vänster fot.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\anna\\bild.png", "bild.png"),
        ("/sdcard/DCIM/", "DCIM"),
        ("photo_\u202egpj.exe", "photo_gpj.exe"),
        ("a\u2066b\u2069\u200bc.pdf", "abc.pdf"),
        ('rapport: "mars"?.pdf', "rapport mars .pdf"),
        ("..", NAMELESS),
        ("", NAMELESS),
        (None, NAMELESS),
        ("nul.txt", "_nul.txt"),
        ("två\nrader.jpg", "tvårader.jpg"),
        ("  .gömd. ", "gömd"),
    ],
)
def test_a_filename_is_shown_without_path_unseen_marks_and_what_cannot_be_saved(
    given_name: str | None, seen: str
) -> None:
    assert shown(given_name) == seen


def test_a_long_name_is_cut_and_keeps_its_ending() -> None:
    name = shown("b" * 500 + ".jpeg")
    assert len(name) == LONGEST
    assert name.endswith("….jpeg")


@given(st.text(max_size=700))
def test_whatever_it_is_called_it_is_one_seen_name_that_shown_again_stays_the_same(name: str) -> None:
    seen = shown(name)
    assert 0 < len(seen) <= LONGEST
    assert not set(seen) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") for char in seen)
    assert shown(seen) == seen
