"""The client of a mail server: what a loss means depends on whether the text had left."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from engine.base.errors import Incident, NotSent, Refused, SystemDown, UnknownOutcome, VaxelError
from engine.base.settings import Settings
from systems import smtp
from systems.http import Tls
from systems.mail import Mail
from tasks import clients

TO = "tolvan@example.se"
TEXT = "Du har en ny tid.\n.\n..två punkter – och åäö\nLogga in på 1177.se"


class Postbox:
    """Takes mail as it is told to."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.rcpt = "250 OK"
        self.mail = "250 OK"
        self.data = "250 OK"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        return self.mail

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append(envelope)
        return self.data


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


def serve(postbox: Postbox, **how: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    controller = Controller(postbox, hostname="127.0.0.1", port=port, **how)
    controller.start()
    yield port
    controller.stop()


def is_right(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=data.password == b"right", handled=False)


@pytest.fixture
def port(postbox: Postbox) -> Iterator[int]:
    yield from serve(postbox, authenticator=is_right, auth_require_tls=False)


def client(port: int, **how: Any) -> Mail:
    return Mail(
        "127.0.0.1", port, "Region Halland <no-reply@regionhalland.example>", **{"deadline": 5.0, **how}
    )


def send(port: int, **how: Any) -> str:
    return client(port, **how).send(TO, "Du har en ny tid på 1177", TEXT, "token-1")


def failure(port: int, **how: Any) -> VaxelError:
    with pytest.raises(VaxelError) as caught:
        send(port, **how)
    assert TO not in str(caught.value)
    return caught.value


def taken(postbox: Postbox) -> EmailMessage:
    (envelope,) = postbox.taken
    parsed = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_a_mail_arrives_with_its_headers(postbox: Postbox, port: int) -> None:
    assert send(port) == "<token-1@regionhalland.example>"
    message = taken(postbox)
    assert message["To"] == TO
    assert message["From"] == "Region Halland <no-reply@regionhalland.example>"
    assert message["Subject"] == "Du har en ny tid på 1177"
    assert message["Message-ID"] == "<token-1@regionhalland.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime.tzinfo is not None
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"


def test_a_mail_arrives_with_its_text(postbox: Postbox, port: int) -> None:
    send(port)
    assert taken(postbox).get_content().replace("\r\n", "\n").rstrip("\n") == TEXT
    assert postbox.taken[0].original_content.isascii()


def test_nothing_personal_stands_in_a_header_but_to(postbox: Postbox, port: int) -> None:
    send(port)
    headers = {name: value for name, value in taken(postbox).items() if name != "To"}
    assert "tolvan" not in str(headers).lower()
    assert (postbox.taken[0].mail_from, postbox.taken[0].rcpt_tos) == ("no-reply@regionhalland.example", [TO])


def test_without_a_token_each_mail_has_an_id_of_its_own(port: int) -> None:
    assert len({client(port).send(TO, "Ämne", "Text") for _ in range(2)}) == 2


@pytest.mark.parametrize(
    "to",
    [
        "",
        "tolvan",
        "a b@example.se",
        "a@example.se, b@example.se",
        "å@example.se",
        "<a@example.se>",
        "a@example.se\r\nBcc: b@example.se",
        "a@example.se\n",
    ],
)
def test_what_is_no_address_is_refused(postbox: Postbox, port: int, to: str) -> None:
    with pytest.raises(Refused) as caught:
        client(port).send(to, "Ämne", "Text")
    assert str(caught.value) == "mail_refused (address)"
    assert postbox.taken == []


def test_a_domain_with_a_ring_and_dots_goes_as_its_a_label(postbox: Postbox, port: int) -> None:
    client(port).send("tolvan@Räksmörgås.se", "Ämne", "Text")
    assert postbox.taken[0].rcpt_tos == ["tolvan@xn--rksmrgs-5wao1o.se"]
    assert taken(postbox)["To"] == "tolvan@xn--rksmrgs-5wao1o.se"


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_a_reply_of_four_hundred_is_not_sent(postbox: Postbox, port: int, stage: str) -> None:
    setattr(postbox, stage, "451 try later tolvan@example.se")
    error = failure(port)
    assert (type(error), str(error)) == (NotSent, "mail_deferred (smtp_451)")


@pytest.mark.parametrize(
    ("stage", "kind", "reason"),
    [
        ("mail", Incident, "mail_sender_refused"),
        ("rcpt", Refused, "mail_refused"),
        ("data", Refused, "mail_refused"),
    ],
)
def test_a_reply_of_five_hundred_is_for_good(
    postbox: Postbox, port: int, stage: str, kind: type[VaxelError], reason: str
) -> None:
    setattr(postbox, stage, "550 no such user")
    error = failure(port)
    assert (type(error), str(error)) == (kind, f"{reason} (smtp_550)")


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
@pytest.mark.parametrize(
    "reply", ["530 5.7.0 Must issue a STARTTLS command first", "530 5.7.0 Authentication required"]
)
def test_starttls_first_or_log_in_first_is_for_us_to_mend(
    postbox: Postbox, port: int, stage: str, reply: str
) -> None:
    setattr(postbox, stage, reply)
    error = failure(port)
    assert (type(error), str(error)) == (Incident, "not_authorised (smtp_530)")


def test_a_server_that_wants_a_login_is_for_us_to_mend(postbox: Postbox) -> None:
    for at in serve(postbox, authenticator=is_right, auth_require_tls=False, auth_required=True):
        assert str(failure(at)) == "not_authorised (smtp_530)"


def test_a_right_password_is_accepted(postbox: Postbox, port: int) -> None:
    send(port, login=("user", "right"))
    assert len(postbox.taken) == 1


def test_a_wrong_password_is_an_incident(port: int) -> None:
    assert failure(port, login=("user", "wrong")).reason == "not_authorised"


def test_a_server_without_tls_is_an_incident_where_tls_is_demanded(postbox: Postbox, port: int) -> None:
    error = failure(port, tls=Tls())
    assert (type(error), error.reason) == (Incident, "protocol_refused")
    assert postbox.taken == []


@pytest.fixture
def tls_port(postbox: Postbox, context: ssl.SSLContext) -> Iterator[int]:
    yield from serve(postbox, tls_context=context, require_starttls=True)


def test_a_mail_goes_over_tls_to_a_server_that_we_trust(
    postbox: Postbox, tls_port: int, certificate: Path
) -> None:
    mail = Mail("localhost", tls_port, "no-reply@regionhalland.example", tls=Tls(authority=str(certificate)))
    mail.send(TO, "Ämne", TEXT)
    assert len(postbox.taken) == 1


@pytest.fixture
def smtps_port(postbox: Postbox, context: ssl.SSLContext) -> Iterator[int]:
    yield from serve(postbox, ssl_context=context)


def test_smtps_is_tls_from_the_first_byte(
    monkeypatch: pytest.MonkeyPatch, postbox: Postbox, smtps_port: int, certificate: Path
) -> None:
    """RFC 8314 §3.3, by the settings: an address that says smtps is never spoken to in clear."""
    at = {"url": f"smtps://localhost:{smtps_port}", "authority": certificate, "deadline": 5}
    given = Settings(systems={"mail": at})  # type: ignore[dict-item]
    monkeypatch.setattr(clients, "settings", lambda: given)
    clients.mail.__wrapped__().send(TO, "Ämne", TEXT)
    assert len(postbox.taken) == 1
    error = failure(smtps_port, tls=Tls(), tls_from_start=True)
    assert (type(error), error.reason) == (Incident, "tls_failed")


def test_smtps_to_a_server_that_speaks_in_clear_sends_nothing(postbox: Postbox, port: int) -> None:
    error = failure(port, tls=Tls(), tls_from_start=True)
    assert (type(error), error.reason) == (Incident, "tls_failed")
    assert postbox.taken == []


def test_a_certificate_that_we_do_not_trust_is_an_incident(postbox: Postbox, tls_port: int) -> None:
    error = failure(tls_port, tls=Tls())
    assert (type(error), error.reason) == (Incident, "tls_failed")
    assert postbox.taken == []


def test_refused_is_system_down(nobody: str) -> None:
    error = failure(int(nobody.rpartition(":")[2]))
    assert (type(error), error.reason) == (SystemDown, "unreachable")


def test_a_connection_that_nobody_takes_is_not_sent(deaf: int) -> None:
    error = failure(deaf, deadline=0.3)
    assert (type(error), error.reason) == (NotSent, "connect_timeout")


# Losses, against a server that follows a script

Act = Callable[[socket.socket], None]


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def hang_up(sock: socket.socket) -> None:
    sock.shutdown(socket.SHUT_RDWR)
    sock.close()


FOREVER, SOON = 10.0, 5.0
"""Seconds: how long the server goes on; and what is long after a deadline of 0.15, and long before that."""


def silence(sock: socket.socket) -> None:
    time.sleep(FOREVER)
    sock.close()


def drip(sock: socket.socket) -> None:
    for _ in range(int(FOREVER / 0.05)):
        sock.sendall(b"2")
        time.sleep(0.05)


def garbage(sock: socket.socket) -> None:
    sock.sendall(b"what?\r\n")


@pytest.fixture
def script() -> Iterator[Callable[..., int]]:
    """A server that greets, then answers each line by the next reply; an act in place of a reply ends it."""
    listeners: list[socket.socket] = []

    def start(*replies: str | Act) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(target=_follow, args=(listener, replies), daemon=True).start()
        return int(listener.getsockname()[1])

    yield start
    for each in listeners:
        each.close()


def _follow(listener: socket.socket, replies: tuple[str | Act, ...]) -> None:
    sock, _ = listener.accept()
    lines = sock.makefile("rb")
    try:
        for number, reply in enumerate(replies):
            if number:
                in_text = replies[number - 1] == "354 go on"
                while (line := lines.readline()) and in_text and line != b".\r\n":
                    pass
            if callable(reply):
                reply(sock)
                return
            sock.sendall(reply.encode() + b"\r\n")
    except OSError:
        pass


UNTIL_TEXT = ["220 hello", "250 hello", "250 ok", "250 ok", "354 go on"]


@pytest.mark.parametrize("loss", [hang_up, reset, silence, drip])
@pytest.mark.parametrize("stage", range(5))
def test_a_loss_before_the_text_is_not_sent(script: Any, stage: int, loss: Act) -> None:
    started = time.monotonic()
    error = failure(script(*UNTIL_TEXT[:stage], loss), deadline=0.15)
    assert isinstance(error, NotSent)
    assert error.reason in ("connection_lost", "unreachable")  # a reset may come before the first read
    assert time.monotonic() - started < SOON


@pytest.mark.parametrize("loss", [hang_up, reset, silence, drip])
def test_a_loss_after_the_text_is_unknown(script: Any, loss: Act) -> None:
    started = time.monotonic()
    error = failure(script(*UNTIL_TEXT, loss), deadline=0.15)
    assert (type(error), error.reason) == (UnknownOutcome, "answer_lost")
    assert time.monotonic() - started < SOON


def test_a_word_after_the_text_that_is_none_is_unknown(script: Any) -> None:
    error = failure(script(*UNTIL_TEXT, garbage))
    assert (type(error), error.reason) == (UnknownOutcome, "malformed_answer")


@pytest.mark.parametrize("loss", [hang_up, reset, silence])
def test_what_becomes_of_the_farewell_does_not_matter(script: Any, loss: Act) -> None:
    started = time.monotonic()
    assert send(script(*UNTIL_TEXT, "250 taken", loss))
    assert time.monotonic() - started < 2.5


@pytest.mark.parametrize(
    ("greeting", "kind", "reason"),
    [
        ("421 too busy", SystemDown, "overloaded"),
        ("454 later", SystemDown, "overloaded"),
        ("554 no mail here", Incident, "protocol_refused"),
    ],
)
def test_a_greeting_may_turn_us_away(script: Any, greeting: str, kind: type[VaxelError], reason: str) -> None:
    error = failure(script(greeting))
    assert (type(error), str(error)) == (kind, f"{reason} (smtp_{greeting[:3]})")


def test_a_late_421_is_not_sent(script: Any) -> None:
    assert str(failure(script("220 hello", "250 hello", "421 closing"))) == "mail_deferred (smtp_421)"


def test_a_handshake_that_fails_is_an_incident(script: Any) -> None:
    def plain_instead_of_tls(sock: socket.socket) -> None:
        sock.sendall(b"no handshake of mine\r\n")
        time.sleep(0.2)

    port = script("220 hello", "250-hello\r\n250 STARTTLS", "220 go on", plain_instead_of_tls)
    error = failure(port, tls=Tls())
    assert (type(error), error.reason) == (Incident, "tls_failed")


# A connection that is kept for the next mail


class Greeter:
    """A server that follows a script at each connection in turn; `mails`, texts that it has taken, and by which."""

    def __init__(self, *scripts: tuple[str | Act, ...]) -> None:
        self.connections = 0
        self.texts: list[int] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._serve, args=(scripts,), daemon=True).start()

    def _serve(self, scripts: tuple[tuple[str | Act, ...], ...]) -> None:
        for script in scripts:
            sock, _ = self.listener.accept()
            self.connections += 1
            with suppress(OSError), sock, sock.makefile("rb") as lines:
                self._play(sock, lines, script)

    def _play(self, sock: socket.socket, lines: Any, script: tuple[str | Act, ...]) -> None:
        for number, reply in enumerate(script):
            if number:
                in_text = script[number - 1] == "354 go on"
                while (line := lines.readline()) and in_text and line != b".\r\n":
                    pass
                if in_text and line:
                    self.texts.append(self.connections)
            if callable(reply):
                reply(sock)
                return
            sock.sendall(reply.encode() + b"\r\n")


NEXT = ["250 ok", "250 ok", "354 go on", "250 taken"]
FIRST = [*UNTIL_TEXT, "250 taken"]


def three(port: int, pause: float = 0.0) -> list[str]:
    """Three mails by one client, one after another."""
    made, ids = client(port, deadline=2.0), []
    for number in range(3):
        ids.append(made.send(TO, "Du har en ny tid på 1177", TEXT, f"token-{number}"))
        time.sleep(pause)
    return ids


def test_a_connection_is_kept_for_the_next_mail_of_its_thread() -> None:
    greeter = Greeter((*FIRST, *NEXT, *NEXT, "221 bye"))
    three(greeter.port)
    assert greeter.texts == [1, 1, 1]


def test_all_mails_of_one_connection_arrive_whole(postbox: Postbox, port: int) -> None:
    ids = three(port)
    assert [email.message_from_bytes(each.original_content)["Message-ID"] for each in postbox.taken] == ids
    assert [each.rcpt_tos for each in postbox.taken] == [[TO]] * 3


def test_threads_share_no_connection() -> None:
    greeter = Greeter((*FIRST, "221 bye"), (*FIRST, "221 bye"))
    made = client(greeter.port)
    for _ in range(2):
        sender = threading.Thread(target=made.send, args=(TO, "Du har en ny tid", TEXT))
        sender.start()
        sender.join()
    assert greeter.connections == 2


@pytest.mark.parametrize("loss", [hang_up, reset, "421 idle for too long"])
@pytest.mark.parametrize("stage", range(3))
def test_a_kept_connection_that_is_closed_before_the_text_is_replaced_and_nothing_goes_twice(
    stage: int, loss: Any
) -> None:
    greeter = Greeter((*FIRST, *NEXT[:stage], loss), (*FIRST, *NEXT, "221 bye"))
    three(greeter.port)
    assert greeter.texts == [1, 2, 2]


def test_a_connection_that_the_server_closes_between_two_mails_is_replaced() -> None:
    greeter = Greeter(tuple(FIRST), (*FIRST, *NEXT, "221 bye"))
    three(greeter.port, pause=0.1)
    assert greeter.texts == [1, 2, 2]


@pytest.mark.parametrize("loss", [hang_up, reset])
def test_a_kept_connection_that_is_lost_in_the_text_is_unknown_and_nothing_is_repeated(loss: Act) -> None:
    greeter = Greeter((*FIRST, *NEXT[:3], loss), (*FIRST, "221 bye"))
    made = client(greeter.port)
    made.send(TO, "Du har en ny tid", TEXT)
    with pytest.raises(UnknownOutcome, match="answer_lost"):
        made.send(TO, "Du har en ny tid", TEXT)
    assert (greeter.connections, len(greeter.texts)) == (1, 2)


def test_a_421_in_answer_to_the_text_says_that_it_was_not_taken_and_is_not_repeated_by_us() -> None:
    greeter = Greeter((*FIRST, *NEXT[:3], "421 closing"), (*FIRST, "221 bye"))
    made = client(greeter.port)
    made.send(TO, "Du har en ny tid", TEXT)
    with pytest.raises(NotSent, match="mail_deferred"):
        made.send(TO, "Du har en ny tid", TEXT)
    assert greeter.connections == 1


def test_a_recipient_who_is_refused_on_a_kept_connection_is_refused() -> None:
    greeter = Greeter((*FIRST, "250 ok", "550 nobody here", "221 bye"), (*FIRST, "221 bye"))
    made = client(greeter.port)
    made.send(TO, "Du har en ny tid", TEXT)
    with pytest.raises(Refused):
        made.send(TO, "Du har en ny tid", TEXT)
    made.send(TO, "Du har en ny tid", TEXT)
    assert greeter.texts == [1, 2]


@pytest.mark.parametrize("limit", ["KEPT_SECONDS", "MOST_MAILS"])
def test_a_connection_that_is_old_or_has_had_many_mails_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(smtp, limit, 0)
    greeter = Greeter(*[(*FIRST, "221 bye")] * 3)
    three(greeter.port)
    assert greeter.texts == [1, 2, 3]


def test_each_mail_on_a_kept_connection_has_its_own_deadline() -> None:
    greeter = Greeter((*FIRST, *NEXT[:3], silence))
    made = client(greeter.port, deadline=0.3)
    made.send(TO, "Du har en ny tid", TEXT)
    time.sleep(0.5)
    started = time.monotonic()
    with pytest.raises(UnknownOutcome):
        made.send(TO, "Du har en ny tid", TEXT)
    assert 0.2 < time.monotonic() - started < SOON
