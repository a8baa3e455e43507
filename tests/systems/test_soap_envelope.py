"""Envelopes, and what a fault or a strange answer means."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from engine.base.errors import Incident, NotSent, Refused, SystemDown, UnknownOutcome, VaxelError
from systems import soap
from systems.deadline import Deadline
from systems.rivta.patientportal import ACTIVE, IsActiveUser, IsActiveUserResponse

ACTIVE_ANSWER = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    f'<IsActiveUserResponse xmlns="{ACTIVE}"><status>true</status></IsActiveUserResponse>'
    "</s:Body></s:Envelope>"
)


def ask(url: str, resident: str = "191212121212") -> IsActiveUserResponse:
    message = IsActiveUser(resident=resident)
    return soap.call(
        url, message, IsActiveUserResponse, logical_address="SE1", deadline=Deadline(1), idempotent=True
    )


def failure(peer: Any, act: Any) -> VaxelError:
    with pytest.raises(VaxelError) as caught:
        ask(peer(act).url)
    return caught.value


def test_a_call_carries_action_and_logical_address(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, ACTIVE_ANSWER))
    assert ask(server.url).status is True
    (got,) = server.got
    assert got.headers["soapaction"] == f'"{ACTIVE}:IsActiveUser"'
    assert got.headers["content-type"] == "text/xml; charset=utf-8"
    assert soap.unwrap(got.body).logical_address == "SE1"


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        ("VP001", Incident, "version_not_supported"),
        ("VP002", Incident, "certificate_refused"),
        ("VP003", Incident, "logical_address_missing"),
        ("VP004", Refused, "unit_not_connected"),
        ("VP005", Incident, "version_not_supported"),
        ("VP006", Incident, "platform_misconfigured"),
        ("VP007", Incident, "not_authorised"),
        ("VP008", NotSent, "technical_error"),
        ("VP009", UnknownOutcome, "answer_lost"),
        ("VP010", Incident, "platform_misconfigured"),
        ("VP011", Incident, "certificate_refused"),
        ("VP012", Incident, "platform_misconfigured"),
        ("VP013", Incident, "protocol_refused"),
        ("VP014", Incident, "platform_misconfigured"),
        ("VP015", Incident, "protocol_refused"),
        ("VP099", NotSent, "technical_error"),
    ],
)
def test_every_code_of_the_platform_has_its_meaning(
    peer: Any, acts: Any, code: str, kind: type[VaxelError], reason: str
) -> None:
    error = failure(peer, acts.answer(500, soap.fault("Server", f"{code} of 191212121212")))
    assert (type(error), error.reason, error.detail) == (kind, reason, code)


def test_any_other_fault_is_a_technical_error(peer: Any, acts: Any) -> None:
    error = failure(peer, acts.answer(500, soap.fault("Server", "database of 191212121212 is down")))
    assert (type(error), str(error)) == (NotSent, "technical_error (fault)")


def test_a_fault_with_status_200_is_a_fault_too(peer: Any, acts: Any) -> None:
    assert failure(peer, acts.answer(200, soap.fault("Server", "VP007"))).reason == "not_authorised"


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (200, UnknownOutcome, "malformed_answer"),
        (202, UnknownOutcome, "malformed_answer"),
        (302, Incident, "protocol_refused"),
        (400, Incident, "protocol_refused"),
        (401, Incident, "not_authorised"),
        (403, Incident, "not_authorised"),
        (404, Incident, "protocol_refused"),
        (429, SystemDown, "overloaded"),
        (500, NotSent, "technical_error"),
        (502, UnknownOutcome, "answer_lost"),
        (503, SystemDown, "overloaded"),
        (504, UnknownOutcome, "answer_lost"),
    ],
)
def test_a_status_without_an_envelope_has_its_meaning(
    peer: Any, acts: Any, status: int, kind: type[VaxelError], reason: str
) -> None:
    error = failure(peer, acts.answer(status, "<html>Something else</html>"))
    assert (type(error), error.reason, error.detail) == (kind, reason, f"http_{status}")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "garbage",
        "<a/>",
        ACTIVE_ANSWER[:-5],
        ACTIVE_ANSWER.replace("true", "perhaps"),
        ACTIVE_ANSWER.replace("<status>true</status>", ""),
        ACTIVE_ANSWER.replace("IsActiveUserResponse", "SomethingElse"),
        ACTIVE_ANSWER.replace(ACTIVE, "urn:another"),
        ACTIVE_ANSWER.replace("<s:Body>", "<s:Body/><s:Body>"),
        '<!DOCTYPE s [<!ENTITY x "true">]>' + ACTIVE_ANSWER.replace("true", "&x;"),
        '<!DOCTYPE s SYSTEM "http://127.0.0.1/x.dtd">' + ACTIVE_ANSWER,
    ],
    ids=range(11),
)
def test_an_answer_that_cannot_be_read_is_unknown(peer: Any, acts: Any, body: str) -> None:
    error = failure(peer, acts.answer(200, body))
    assert (type(error), error.reason) == (UnknownOutcome, "malformed_answer")


def test_what_an_answer_has_more_is_skipped(peer: Any, acts: Any) -> None:
    body = ACTIVE_ANSWER.replace("</status>", '</status><!-- ? --><more xmlns="urn:x"><deep/></more><?pi ?>')
    assert ask(peer(acts.answer(200, body)).url).status is True


@pytest.mark.parametrize("text", ["a\x00b", "\x1b", "\ud800", "\ufffe"])
def test_text_that_xml_has_no_room_for_is_refused_before_anything_is_sent(nobody: str, text: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(nobody, text)
    assert str(caught.value) == "unsendable_text"


def test_an_envelope_is_taken_apart_with_its_headers() -> None:
    raw = b"""<?xml version="1.0" encoding="ISO-8859-1"?>
    <e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>
    <LogicalAddress xmlns="urn:riv:itintegration:registry:1"> SE2321000115-E1 </LogicalAddress>
    <h:Actor xmlns:h="urn:riv:interoperability:headers:1"><h:actorId>191212121212</h:actorId>
    <h:actorType>subject_of_care</h:actorType></h:Actor></e:Header>
    <e:Body><x xmlns="urn:x">\xe5</x></e:Body></e:Envelope>"""
    got = soap.unwrap(raw.strip())
    assert (got.logical_address, got.actor_id) == ("SE2321000115-E1", "191212121212")
    assert (got.actor_type, got.body.text) == ("subject_of_care", "å")


def test_an_envelope_without_headers_has_none() -> None:
    got = soap.unwrap(soap.wrap(IsActiveUser(resident="1")))
    assert (got.logical_address, got.actor_id, got.actor_type) == (None, None, None)


def test_a_bomb_of_entities_is_not_soap() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE b [<!ENTITY l0 "x">{levels}]><b>&l11;</b>'
    with pytest.raises(soap.NotSoap):
        soap.unwrap(bomb.encode())


def test_a_file_is_never_read_for_an_entity(tmp_path: Any) -> None:
    (tmp_path / "secret").write_text("secret")
    body = ACTIVE_ANSWER.replace("true", "&s;")
    with pytest.raises(soap.NotSoap) as caught:
        soap.unwrap(f'<!DOCTYPE b [<!ENTITY s SYSTEM "file://{tmp_path}/secret">]>{body}'.encode())
    assert "secret" not in str(caught.value)


def test_more_than_eight_mebibytes_is_not_soap() -> None:
    with pytest.raises(soap.NotSoap):
        soap.unwrap(b"<a>" + b" " * soap.MAX_MESSAGE + b"</a>")


def test_a_fault_of_ours_is_a_fault() -> None:
    body = soap.unwrap(soap.fault("Client", "unknown_unit")).body
    assert etree.QName(body).localname == "Fault"
    assert [child.text for child in body] == ["soap:Client", "unknown_unit"]
