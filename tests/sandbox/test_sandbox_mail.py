"""The mail server: what it takes, what it refuses, and how it fails."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

import pytest
from sandbox_driver import Driver


def message(**headers: str) -> EmailMessage:
    mail = EmailMessage()
    given = {
        "From": "Region Halland <noreply@regionhalland.se>",
        "To": "a@example.com",
        "Subject": "Du har ett meddelande på 1177",
        "Date": "Tue, 01 Dec 2026 09:00:00 +0100",
        "Message-ID": "<1@regionhalland.se>",
    } | headers
    for name, value in given.items():
        if value:
            mail[name] = value
    mail.set_content("Logga in på https://www.1177.se/")
    return mail


def send(town: Driver, mail: EmailMessage, to: str | list[str] = "a@example.com") -> None:
    with smtplib.SMTP("127.0.0.1", town.sandbox.smtp_port, timeout=5) as client:
        client.send_message(mail, to_addrs=to)


def held(town: Driver) -> list[dict[str, str]]:
    messages: list[dict[str, str]] = town.get("/inspect/mail")["messages"]
    return messages


def test_a_message_is_kept_with_its_subject_and_text(town: Driver) -> None:
    send(town, message())
    assert [(one["to"], one["subject"]) for one in held(town)] == [
        ("a@example.com", "Du har ett meddelande på 1177")
    ]
    assert held(town)[0]["text"].strip() == "Logga in på https://www.1177.se/"


@pytest.mark.parametrize("missing", ["Date", "Message-ID", "Subject", "To"])
def test_a_message_without_its_headers_is_refused(town: Driver, missing: str) -> None:
    content = message(**{missing: ""}).as_bytes()
    with (
        smtplib.SMTP("127.0.0.1", town.sandbox.smtp_port, timeout=5) as client,
        pytest.raises(smtplib.SMTPDataError) as refused,
    ):
        client.sendmail("noreply@regionhalland.se", "a@example.com", content)
    assert refused.value.smtp_code == 554


def test_an_address_that_is_none_is_refused(town: Driver) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(town, message(), "nobody@nowhere")


def test_a_second_recipient_is_refused(town: Driver) -> None:
    send(town, message(), ["a@example.com", "b@example.com"])
    assert [one["to"] for one in held(town)] == ["a@example.com"]


def test_down_is_421_at_the_greeting(town: Driver) -> None:
    town.fault("mail", "down", times=1)
    with pytest.raises(smtplib.SMTPConnectError) as down:
        send(town, message())
    assert down.value.smtp_code == 421
    send(town, message())
    assert len(held(town)) == 1


def test_error_500_is_451_and_nothing_is_kept(town: Driver) -> None:
    town.fault("mail", "error_500", times=1)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(town, message())
    assert refused.value.recipients["a@example.com"][0] == 451
    assert held(town) == []


@pytest.mark.parametrize(("kind", "kept"), [("timeout_after", 1), ("timeout_before", 0)])
def test_a_lost_answer_leaves_it_open_whether_it_was_taken(town: Driver, kind: str, kept: int) -> None:
    town.fault("mail", kind, times=1, seconds=0.05)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(town, message())
    assert len(held(town)) == kept


def test_a_garbled_answer_comes_after_the_message_is_kept(town: Driver) -> None:
    town.fault("mail", "malformed", times=1)
    with pytest.raises(smtplib.SMTPException):
        send(town, message())
    assert len(held(town)) == 1
