"""What stands on staff's pages and in a download's header, whatever a file is called and whenever it is."""

from __future__ import annotations

import re
from asyncio import Event, sleep
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.staff.asked import WORDS
from gateway.staff.filename import attachment
from gateway.staff.given import Given
from gateway.staff.moments import left_of, size_of, when
from gateway.staff.texts import Words
from gateway.staff.texts_en import ENGLISH
from gateway.staff.texts_sv import SWEDISH
from routine.filenames import shown
from systems.found import MARKS

HEADER = re.compile(
    r"attachment; filename=\"([A-Za-z0-9 ._()-]+)\"; filename\*=UTF-8''([!#$&+.^_`|~A-Za-z0-9%-]+)"
)
NOON = datetime(2026, 11, 28, 11, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("fot.jpg", "fot.jpg"),
        ("Sår på fot.jpg", "Sar pa fot.jpg"),
        ('"; filename=evil.exe', "__ filename_evil.exe"),
        ("100%25.png", "100_25.png"),
        ("Рана.jpg", "____.jpg"),
        ("日本", "__"),
    ],
)
def test_a_download_has_a_name_for_every_browser(name: str, plain: str) -> None:
    found = HEADER.fullmatch(attachment(name))
    assert found
    assert (found[1], unquote(found[2])) == (plain, name)


@given(st.text(max_size=600))
def test_whatever_a_file_is_called_the_header_is_one_line_and_says_its_shown_name(given_name: str) -> None:
    name = shown(given_name)
    header = attachment(name)
    found = HEADER.fullmatch(header)
    assert found
    assert unquote(found[2]) == name
    assert header.isascii()
    assert not set('/\\"') & set(found[1])


@pytest.mark.parametrize(
    ("lapse", "swedish", "english"),
    [
        (timedelta(seconds=59), "mindre än en minut", "less than a minute"),
        (MINUTE, "1 minut", "1 minute"),
        (59 * MINUTE, "59 minuter", "59 minutes"),
        (HOUR, "1 timme", "1 hour"),
        (2 * HOUR - MINUTE, "1 timme", "1 hour"),
        (47 * HOUR, "47 timmar", "47 hours"),
        (48 * HOUR, "2 dygn", "2 days"),
        (timedelta(days=30, hours=23), "30 dygn", "30 days"),
    ],
)
def test_what_is_left_is_never_more_than_it_is(lapse: timedelta, swedish: str, english: str) -> None:
    assert (left_of(lapse, SWEDISH), left_of(lapse, ENGLISH)) == (swedish, english)


@pytest.mark.parametrize(
    ("hours", "swedish", "english"),
    [
        (2, "i dag kl. 14.00", "today at 14:00"),
        (13, "i morgon kl. 01.00", "tomorrow at 01:00"),
        (40, "måndag 30 november kl. 04.00", "Monday 30 November at 04:00"),
        (-20, "fredag 27 november kl. 16.00", "Friday 27 November at 16:00"),
    ],
)
def test_a_moment_is_told_as_on_the_clock_of_the_ward(hours: int, swedish: str, english: str) -> None:
    at = NOON + hours * HOUR
    told = [when(at, words, NOON).replace("\u00a0", " ") for words in (SWEDISH, ENGLISH)]
    assert told == [swedish, english]


@pytest.mark.parametrize(
    ("bytes", "swedish", "english"),
    [
        (1, "1 byte", "1 byte"),
        (999, "999 byte", "999 bytes"),
        (16_507, "17 kB", "17 kB"),
        (3_210_000, "3,2 MB", "3.2 MB"),
        (150_000_000, "150 MB", "150 MB"),
    ],
)
def test_a_size_is_as_a_ward_s_pc_tells_it(bytes: int, swedish: str, english: str) -> None:
    assert [size_of(bytes, code).replace("\u00a0", " ") for code in WORDS] == [swedish, english]


@pytest.mark.parametrize("words", [SWEDISH, ENGLISH])
def test_policy_bild_3_staff_are_told_of_everything_that_may_be_found_in_a_file(words: Words) -> None:
    assert words.marks.keys() == MARKS


async def test_whoever_goes_away_midway_leaves_nothing_open() -> None:
    told: list[str] = []
    sent = Event()

    def pieces() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 1000
        finally:
            told.append("closed")

    async def gone() -> dict[str, str]:
        await sent.wait()
        return {"type": "http.disconnect"}

    async def slow(message: Any) -> None:
        if message.get("body"):
            sent.set()
        await sleep(0.01)

    await Given(pieces(), {}, lambda: told.append("over"))({"type": "http"}, gone, slow)
    assert sorted(told) == ["closed", "over"]
