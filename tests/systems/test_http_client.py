"""What each failure of one HTTP call means."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from engine.base.errors import Incident, NotSent, SystemDown, UnknownOutcome, VaxelError
from systems import connection, http
from systems.deadline import Deadline


def post(url: str, seconds: float = 2.0, **how: Any) -> http.Answer:
    return http.call("POST", url, deadline=Deadline(seconds), body=b"<body/>", **how)


SOON = 5.0
"""Seconds: long after a deadline of 0.4, and long before a slow drip has ended (25)."""


def failure(url: str, seconds: float = 2.0, **how: Any) -> VaxelError:
    with pytest.raises(VaxelError) as caught:
        post(url, seconds, **how)
    return caught.value


def test_an_answer_has_status_body_and_headers(peer: Any, acts: Any) -> None:
    got = post(peer(acts.answer(200, "hej", X_Name="value")).url)
    assert (got.status, got.body, got.headers["x-name"]) == (200, b"hej", "value")


@pytest.mark.parametrize("status", [201, 204, 301, 400, 404, 409, 500, 502, 504])
def test_statuses_are_left_to_the_caller(peer: Any, acts: Any, status: int) -> None:
    assert post(peer(acts.answer(status)).url).status == status


def test_a_redirect_is_not_followed(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(302, Location="/elsewhere"))
    assert post(server.url).status == 302
    assert len(server.got) == 1


def test_proxies_of_the_environment_are_not_used(
    peer: Any, acts: Any, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", nobody)
    monkeypatch.setenv("no_proxy", "")
    assert post(peer(acts.answer()).url).status == 200


def test_refused_is_system_down(nobody: str) -> None:
    error = failure(nobody)
    assert isinstance(error, SystemDown)
    assert error.reason == "unreachable"


def test_a_name_that_nobody_knows_is_system_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert isinstance(failure("http://index.example"), SystemDown)


def test_a_connection_that_nobody_takes_is_not_sent(deaf: int) -> None:
    error = failure(f"http://127.0.0.1:{deaf}", 0.3)
    assert type(error) is NotSent
    assert error.reason == "connect_timeout"


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/", "http://"])
def test_an_address_that_is_none_is_an_incident(url: str) -> None:
    assert isinstance(failure(url), Incident)


@pytest.mark.parametrize("how", ["hang_up", "reset"])
@pytest.mark.parametrize("idempotent", [True, False])
def test_lost_after_sending_is_unknown_and_not_repeated(
    peer: Any, acts: Any, how: str, idempotent: bool
) -> None:
    server = peer(getattr(acts, how))
    error = failure(server.url, idempotent=idempotent)
    assert isinstance(error, UnknownOutcome)
    assert (error.reason, error.detail) == ("answer_lost", "connection_lost")
    assert len(server.got) == 1


def test_a_late_answer_is_unknown(peer: Any, acts: Any) -> None:
    server = peer(acts.silence)
    error = failure(server.url, 0.2, idempotent=True)
    assert isinstance(error, UnknownOutcome)
    assert error.detail == "timeout"
    assert len(server.got) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b"x" * 500,
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 500,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100,
    ],
    ids=["body", "headers", "chunks"],
)
def test_a_slow_drip_ends_at_the_deadline(peer: Any, acts: Any, content: bytes) -> None:
    started = time.monotonic()
    error = failure(peer(acts.drip(content)).url, 0.4)
    assert isinstance(error, UnknownOutcome)
    assert time.monotonic() - started < SOON


def test_a_server_that_reads_slowly_does_not_hold_us_beyond_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        started = time.monotonic()
        with pytest.raises(UnknownOutcome):
            http.call(
                "POST",
                f"http://127.0.0.1:{listener.getsockname()[1]}",
                deadline=Deadline(0.4),
                body=b"x" * 20_000_000,
            )
        assert time.monotonic() - started < SOON


@pytest.mark.parametrize(
    "content",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
        b"garbage that is no HTTP\r\n\r\n",
    ],
    ids=["body", "chunk", "garbage"],
)
def test_an_answer_cut_short_is_unknown(peer: Any, acts: Any, content: bytes) -> None:
    assert isinstance(failure(peer(acts.raw(content)).url), UnknownOutcome)


def test_an_answer_of_eight_mebibytes_is_read(peer: Any, acts: Any) -> None:
    assert len(post(peer(acts.answer(200, b"x" * http.MAX_ANSWER)).url, 5).body) == http.MAX_ANSWER


def test_a_larger_answer_is_unknown(peer: Any, acts: Any) -> None:
    error = failure(peer(acts.answer(200, b"x" * (http.MAX_ANSWER + 1))).url, 5)
    assert isinstance(error, UnknownOutcome)
    assert (error.reason, error.detail) == ("malformed_answer", "too_large")


def test_an_answer_that_grows_when_unpacked_is_stopped(peer: Any, acts: Any) -> None:
    bomb = gzip.compress(b"x" * (4 * http.MAX_ANSWER))
    assert failure(peer(acts.answer(200, bomb, Content_Encoding="gzip")).url, 5).detail == "too_large"


@pytest.mark.parametrize("status", [429, 503])
def test_overload_is_system_down(peer: Any, acts: Any, status: int) -> None:
    error = failure(peer(acts.answer(status)).url)
    assert isinstance(error, SystemDown)
    assert (error.reason, error.detail) == ("overloaded", f"http_{status}")


def test_a_connection_is_kept_for_the_next_call(peer: Any, acts: Any) -> None:
    server = peer(acts.answer())
    post(server.url)
    post(server.url)
    assert server.connections == 1


def test_a_connection_that_was_idle_too_long_is_not_trusted(
    peer: Any, acts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = peer(acts.answer())
    post(server.url)
    monkeypatch.setattr(connection, "MAX_IDLE", 0)
    post(server.url)
    assert server.connections == 2


def test_threads_do_not_share_connections(peer: Any, acts: Any) -> None:
    server = peer(acts.answer())
    post(server.url)
    thread = threading.Thread(target=post, args=(server.url,))
    thread.start()
    thread.join()
    assert server.connections == 2


@pytest.mark.parametrize("how", ["hang_up", "reset"])
def test_a_stale_connection_is_replaced_once_for_an_idempotent_call(peer: Any, acts: Any, how: str) -> None:
    server = peer(acts.answer(), getattr(acts, how), acts.answer(201))
    post(server.url)
    assert post(server.url, idempotent=True).status == 201
    assert [each.connection for each in server.got] == [1, 1, 2]


@pytest.mark.parametrize("how", ["hang_up", "reset"])
def test_a_stale_connection_is_unknown_for_any_other_call(peer: Any, acts: Any, how: str) -> None:
    server = peer(acts.answer(), getattr(acts, how), acts.answer(201))
    post(server.url)
    assert type(failure(server.url)) is UnknownOutcome
    assert len(server.got) == 2


def test_a_kept_connection_that_is_lost_after_a_while_was_not_stale(
    peer: Any, acts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "STALE_WITHIN", 0)
    server = peer(acts.answer(), acts.hang_up)
    post(server.url)
    assert isinstance(failure(server.url, idempotent=True), UnknownOutcome)
    assert len(server.got) == 2


def test_a_kept_connection_that_stays_silent_was_not_stale(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(), acts.silence)
    post(server.url)
    error = failure(server.url, 0.2, idempotent=True)
    assert (type(error), error.detail) == (UnknownOutcome, "timeout")
    assert len(server.got) == 2


def test_a_stale_connection_stays_unknown_when_nobody_is_there_for_the_second_try(
    peer: Any, acts: Any
) -> None:
    def leave(sock: socket.socket) -> bool:
        server.close()
        return False

    server = peer(acts.answer(), leave)
    post(server.url)
    assert type(failure(server.url, idempotent=True)) is UnknownOutcome


def test_a_stale_connection_stays_unknown_when_the_second_try_finds_overload(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(), acts.hang_up, acts.answer(503))
    post(server.url)
    assert type(failure(server.url, idempotent=True)) is UnknownOutcome


def test_a_kept_connection_lost_in_the_middle_of_an_answer_is_not_replaced(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(), acts.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"))
    post(server.url)
    assert isinstance(failure(server.url, idempotent=True), UnknownOutcome)
    assert len(server.got) == 2


def test_a_replaced_connection_that_fails_too_is_given_up(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(), acts.hang_up)
    post(server.url)
    assert isinstance(failure(server.url, idempotent=True), UnknownOutcome)
    assert len(server.got) == 3


def test_no_call_is_begun_after_the_deadline(peer: Any, acts: Any) -> None:
    server = peer(acts.answer())
    error = failure(server.url, 0)
    assert (type(error), error.reason) == (NotSent, "deadline")
    assert server.got == []


def test_an_error_shows_nothing_but_codes(peer: Any, acts: Any) -> None:
    with pytest.raises(VaxelError) as caught:
        http.call("POST", peer(acts.reset).url + "/path", deadline=Deadline(1), form={"to": "+46701740605"})
    assert str(caught.value) == "answer_lost (connection_lost)"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_an_outer_timeout_that_is_being_handled_is_not_taken_for_ours(nobody: str) -> None:
    try:
        raise TimeoutError
    except TimeoutError:
        assert isinstance(failure(nobody), SystemDown)


def test_a_read_whose_answer_is_lost_was_not_sent(peer: Any, acts: Any) -> None:
    with pytest.raises(NotSent) as caught, http.harmless():
        post(peer(acts.hang_up).url)
    assert caught.value.reason == "answer_lost"


def localhost(server: Any) -> str:
    return str(server.url).replace("127.0.0.1", "localhost")


def test_tls_with_an_authority_that_we_trust_works(
    peer: Any, acts: Any, certificate: Path, context: ssl.SSLContext
) -> None:
    server = peer(acts.answer(), tls=context)
    tls = http.Tls(authority=str(certificate))
    assert post(localhost(server), tls=tls).status == 200
    assert post(localhost(server), tls=tls).status == 200
    assert server.connections == 1


def test_a_certificate_that_we_do_not_trust_is_an_incident(
    peer: Any, acts: Any, context: ssl.SSLContext
) -> None:
    server = peer(acts.answer(), tls=context)
    error = failure(localhost(server))
    assert (type(error), error.reason) == (Incident, "tls_failed")
    assert server.got == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_refusal_of_our_own_certificate_is_an_incident(
    peer: Any, acts: Any, certificate: Path, context: ssl.SSLContext, version: ssl.TLSVersion
) -> None:
    context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificate)
    error = failure(localhost(peer(acts.answer(), tls=context)), tls=http.Tls(authority=str(certificate)))
    assert (type(error), error.reason) == (Incident, "tls_failed")


def test_our_own_certificate_is_shown(
    peer: Any, acts: Any, certificate: Path, context: ssl.SSLContext
) -> None:
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificate)
    ours = http.Tls(certificate=str(certificate), authority=str(certificate))
    assert post(localhost(peer(acts.answer(), tls=context)), tls=ours).status == 200


def test_a_slow_drip_over_tls_ends_at_the_deadline_too(
    peer: Any, acts: Any, certificate: Path, context: ssl.SSLContext
) -> None:
    server = peer(acts.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b"x" * 500), tls=context)
    started = time.monotonic()
    assert isinstance(
        failure(localhost(server), 0.4, tls=http.Tls(authority=str(certificate))), UnknownOutcome
    )
    assert time.monotonic() - started < SOON
