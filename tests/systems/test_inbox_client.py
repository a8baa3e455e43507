"""The client of the inbox at 1177.se."""

from __future__ import annotations

from typing import Any

import pytest

from engine.base.errors import NotSent, Refused, UnknownOutcome
from systems import soap
from systems.e1177 import Active, Inbox, InboxV1, Sent
from systems.rivta import patientportal as riv

RESIDENT = "191212121212"
MESSAGE: dict[str, Any] = {
    "unit": "SE2321000115-E000000000001",
    "unit_name": "Vårdcentralen Halmstad",
    "heading": "Kallelse",
    "text": "Du har fått en tid.",
    "notify": True,
}


def client(url: str) -> Inbox:
    return InboxV1(url, "vaxel", 1.0)


def added(code: Any, text: str | None = None, **values: Any) -> bytes:
    return soap.wrap(riv.AddMessageResponse(result_code=code, result_text=text, **values))


def test_an_active_resident_is_active_with_methods(peer: Any, acts: Any) -> None:
    body = soap.wrap(riv.IsActiveUserResponse(status=True, methods=["SMS", "Email"]))
    assert client(peer(acts.answer(200, body)).url).is_active(RESIDENT) == Active(True, ("SMS", "Email"))


def test_a_resident_without_methods_has_none(peer: Any, acts: Any) -> None:
    body = soap.wrap(riv.IsActiveUserResponse(status=False))
    assert client(peer(acts.answer(200, body)).url).is_active(RESIDENT) == Active(False, ())


def test_a_lost_question_was_not_sent(peer: Any, acts: Any) -> None:
    with pytest.raises(NotSent):
        client(peer(acts.hang_up).url).is_active(RESIDENT)


def test_a_message_says_who_to_whom_and_what(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, added("OK", thread_id="t-1", notified=["SMS"])))
    sent = client(server.url).add_message(RESIDENT, **MESSAGE, thread_id="t-1", telephone="035-13 10 00")
    assert sent == Sent("t-1", ("SMS",))
    got = soap.read_message(soap.unwrap(server.got[0].body).body, riv.AddMessage)
    assert (got.resident, got.notify, got.source_system) == (RESIDENT, True, "vaxel")
    assert (got.message.description, got.message.text) == ("Kallelse", "Du har fått en tid.")
    assert (got.message.unit.name, got.message.unit.telephone) == ("Vårdcentralen Halmstad", "035-13 10 00")


def test_info_is_a_success(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, added("INFO", "shown to the resident")))
    assert client(server.url).add_message(RESIDENT, **MESSAGE) == Sent(None, ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Target person is not active user", "not_active_on_1177"),
        ("Error: target person is NOT active user.", "not_active_on_1177"),
        (f"Something about {RESIDENT}", "inbox_refused"),
        (None, "inbox_refused"),
    ],
)
def test_error_is_a_refusal_with_its_reason(peer: Any, acts: Any, text: str | None, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        client(peer(acts.answer(200, added("ERROR", text))).url).add_message(RESIDENT, **MESSAGE)
    assert str(caught.value) == reason


@pytest.mark.parametrize("how", ["hang_up", "reset", "silence"])
def test_a_message_whose_answer_is_lost_is_unknown(peer: Any, acts: Any, how: str) -> None:
    server = peer(getattr(acts, how))
    with pytest.raises(UnknownOutcome):
        InboxV1(server.url, "vaxel", 0.3).add_message(RESIDENT, **MESSAGE)
    assert len(server.got) == 1


def test_a_message_is_never_sent_twice_over_a_stale_connection(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, added("OK")), acts.hang_up)
    client(server.url).add_message(RESIDENT, **MESSAGE)
    with pytest.raises(UnknownOutcome):
        client(server.url).add_message(RESIDENT, **MESSAGE)
    assert len(server.got) == 2
