"""bilder-4: an attachment is read from its source as a stream, whole or not at all."""

from __future__ import annotations

import os
from typing import Any

import pytest

from engine.base.errors import AnswerLost, Incident, NotSent, Refused, VaxelError
from systems.storage import source
from systems.storage.source import AttachmentSource

MOST = 1_000_000


def read(url: str, seconds: float = 2.0, **how: Any) -> bytes:
    with source.reading(AttachmentSource(url, **how), seconds, MOST) as coming:
        return b"".join(coming.pieces)


def failure(url: str, seconds: float = 2.0) -> tuple[type[VaxelError], str, str]:
    with pytest.raises(VaxelError) as refused:
        read(url, seconds)
    return type(refused.value), refused.value.reason, refused.value.detail


@pytest.mark.parametrize("size", [0, 1, MOST])
def test_all_of_it_is_read(peer: Any, acts: Any, size: int) -> None:
    content = os.urandom(size)
    assert read(peer(acts.answer(200, content)).url) == content


def test_a_body_in_chunks_is_read(peer: Any, acts: Any) -> None:
    whole = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    assert read(peer(acts.raw(whole)).url) == b"abc"


def test_it_is_asked_for_with_the_platforms_token_and_as_it_is(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, b"x"))
    read(server.url + "/attachments/a%2Fb", headers={"Authorization": "Bearer t"})
    (got,) = server.got
    assert got.line == "GET /attachments/a%2Fb HTTP/1.1"
    assert (got.headers["authorization"], got.headers["accept-encoding"]) == ("Bearer t", "identity")


STATUSES = {
    404: (Refused, "attachment_gone"),
    410: (Refused, "attachment_gone"),
    400: (Refused, "channel_refused"),
    401: (Incident, "not_authorised"),
    403: (Incident, "not_authorised"),
    302: (Incident, "protocol_refused"),
    206: (Incident, "protocol_refused"),
    500: (NotSent, "technical_error"),
    429: (NotSent, "overloaded"),
    503: (NotSent, "overloaded"),
}


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_has_its_meaning(peer: Any, acts: Any, status: int) -> None:
    server = peer(acts.answer(status, b"x", Location="/elsewhere"))
    assert failure(server.url) == (*STATUSES[status], f"http_{status}")
    assert len(server.got) == 1


def test_one_that_is_too_big_is_refused_by_what_it_says_or_by_what_comes(peer: Any, acts: Any) -> None:
    told = acts.raw(b"HTTP/1.1 200 X\r\nContent-Length: 1000001\r\n\r\n", keep=True)
    chunks = b"ffff\r\n" + bytes(0xFFFF) + b"\r\n"
    came = acts.raw(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n" + 20 * chunks, keep=True)
    for act in (told, came):
        assert failure(peer(act).url) == (Refused, "file_too_big", "")


def test_one_that_is_cut_short_is_no_file(peer: Any, acts: Any) -> None:
    cut = acts.raw(b"HTTP/1.1 200 X\r\nContent-Length: 10\r\n\r\nabc")
    chunk = acts.raw(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    for act in (cut, chunk, acts.hang_up, acts.reset):
        assert failure(peer(act).url)[:2] == (AnswerLost, "answer_lost")


def test_one_that_does_not_say_where_it_ends_is_no_file(peer: Any, acts: Any) -> None:
    assert failure(peer(acts.raw(b"HTTP/1.1 200 X\r\n\r\nabc")).url) == (
        NotSent,
        "malformed_answer",
        "no_length",
    )


def test_one_that_was_packed_unasked_is_no_original(peer: Any, acts: Any) -> None:
    packed = peer(acts.answer(200, b"abc", Content_Encoding="gzip"))
    assert failure(packed.url) == (NotSent, "malformed_answer", "content_encoding")


@pytest.mark.parametrize("what", ["the whole is over", "nothing comes", "it drips"])
def test_a_source_that_is_too_slow_is_left(
    peer: Any, acts: Any, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    head = b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n"
    act = acts.silence if what == "nothing comes" else acts.drip(head + bytes(100))
    monkeypatch.setattr(source.Pace, "__init__", _with_window(0.3 if what == "it drips" else 10))
    assert failure(peer(act).url, 5.0 if what == "it drips" else 0.3) == (NotSent, "too_slow", "")


def _with_window(window: float) -> Any:
    made = source.Pace.__init__
    return lambda self, seconds: made(self, seconds, window)


def test_a_source_that_is_down_is_this_files_trouble_and_not_the_storages(nobody: str) -> None:
    assert failure(nobody) == (NotSent, "unreachable", "")


def test_nothing_of_where_it_came_from_is_shown() -> None:
    assert "secret" not in repr(AttachmentSource("http://secret", {"Authorization": "secret"}))
