"""bilder-2: a sealed file opens whole, under its name and by its key, or tells that it does not."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.errors import NotSent, Refused
from systems.storage import sealed
from systems.storage.sealed import SEGMENT

KEY, NAME = sealed.new_key(), UUID(int=1)
PLAIN = bytes(range(256)) * (2 * SEGMENT // 256) + b"the last segment"
HEADER = 40


def seal(plain: bytes, name: UUID = NAME, key: bytes = KEY) -> bytes:
    target = io.BytesIO()
    with sealed.sealing(key, name, target) as stream:
        stream.write(plain)
    return target.getvalue()


WHOLE = seal(PLAIN)


def opened(content: bytes, name: UUID = NAME, key: bytes = KEY) -> tuple[bytes, bool]:
    """What was given out, and whether it was said to be all."""
    given, is_all = bytearray(), False
    with suppress(Refused):
        for piece in sealed.opened(key, name, io.BytesIO(content)):
            given += piece
        is_all = True
    return bytes(given), is_all


@pytest.mark.parametrize("size", [0, 1, SEGMENT - HEADER - 16, SEGMENT, len(PLAIN)])
def test_what_was_sealed_opens_as_it_was(size: int) -> None:
    assert opened(seal(PLAIN[:size])) == (PLAIN[:size], True)


def test_no_plain_byte_lies_in_what_is_sealed() -> None:
    assert PLAIN[:64] not in WHOLE
    assert len(WHOLE) < len(PLAIN) + 200


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "cut by a byte": lambda whole: whole[:-1],
    "cut by a segment": lambda whole: whole[: 2 * SEGMENT],
    "cut to nothing": lambda _: b"",
    "a byte longer": lambda whole: whole + b"x",
    "a segment longer": lambda whole: whole + whole[SEGMENT : 2 * SEGMENT],
    "its first two segments swapped": lambda whole: (
        whole[:HEADER] + whole[SEGMENT : 2 * SEGMENT] + whole[HEADER:SEGMENT] + whole[2 * SEGMENT :]
    ),
    "a segment taken out": lambda whole: whole[:SEGMENT] + whole[2 * SEGMENT :],
    "another file's head": lambda whole: seal(PLAIN)[:HEADER] + whole[HEADER:],
    "another file's end": lambda whole: whole[: 2 * SEGMENT] + seal(PLAIN)[2 * SEGMENT :],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_was_changed_is_never_given_out_as_whole(change: Callable[[bytes], bytes]) -> None:
    given, is_all = opened(change(WHOLE))
    assert not is_all
    assert PLAIN.startswith(given)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_byte_that_was_changed_shows_before_its_segment_is_given_out(at: int, by: int) -> None:
    given, is_all = opened(WHOLE[:at] + bytes([WHOLE[at] ^ by]) + WHOLE[at + 1 :])
    assert not is_all
    assert PLAIN.startswith(given)
    assert len(given) <= at // SEGMENT * SEGMENT


def test_it_opens_under_its_own_name_and_by_its_own_key_only() -> None:
    assert opened(WHOLE, name=uuid4()) == (b"", False)
    assert opened(WHOLE, key=sealed.new_key()) == (b"", False)
    with pytest.raises(Refused, match="file_changed"):
        next(sealed.opened(b"no key", NAME, io.BytesIO(WHOLE)))


def test_two_files_with_the_same_bytes_share_nothing() -> None:
    assert seal(PLAIN)[HEADER:][:64] != WHOLE[HEADER:][:64]


def test_what_broke_off_is_not_ended_as_though_it_were_all() -> None:
    target = io.BytesIO()
    with suppress(ZeroDivisionError), sealed.sealing(KEY, NAME, target) as stream:
        stream.write(PLAIN)
        raise ZeroDivisionError
    del stream
    _, is_all = opened(target.getvalue())
    assert not is_all


class Failing(io.BytesIO):
    def write(self, _: object) -> int:
        raise NotSent("storage_full")

    def read(self, _: object = -1) -> bytes:
        raise NotSent("storage_failed")


def test_an_error_of_the_store_is_told_as_it_is() -> None:
    def write() -> None:
        with sealed.sealing(KEY, NAME, Failing()) as stream:
            stream.write(PLAIN)

    with pytest.raises(NotSent, match="storage_full"):
        write()
    with pytest.raises(NotSent, match="storage_failed"):
        list(sealed.opened(KEY, NAME, Failing()))
