"""The client of the national log service."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.base.errors import Incident, NotSent, Refused, SystemDown, UnknownOutcome
from systems import soap
from systems.log_store import LogStore, StoredAccess
from systems.rivta import log_store as riv

UNIT, ANNA = "SE2321000115-E000000000001", "SE2321000115-P000000000001"
AT = datetime(2026, 11, 30, 8, 30, 15, 250_000, UTC)
SCHEMA = "StoreLogResponder_1.0.xsd"


def client(url: str) -> LogStore:
    return LogStore(url, "SE2321000115-VAXEL", "SE2321000115", 1.0)


def entry(**changes: Any) -> StoredAccess:
    given: dict[str, Any] = {
        "id": str(uuid.UUID(int=7)),
        "at": AT,
        "activity": "Läsa",
        "purpose": "Vård och behandling",
        "user": ANNA,
        "name": "Anna Åberg",
        "assignment": "SE2321000115-U000000000001",
        "unit": UNIT,
        "resource": "Bild från patient",
        "patient": "191212121212",
        "args": str(uuid.UUID(int=2)),
    }
    return StoredAccess(**(given | changes))


def said(code: Any, text: str = "") -> bytes:
    return soap.wrap(riv.StoreLogResponse(result=riv.Result(code=code, text=text)))


def sent(server: Any) -> Any:
    return soap.unwrap(server.got[0].body)


def test_an_entry_says_all_that_the_service_wants_in_the_schemas_order(
    peer: Any, acts: Any, is_valid: Any
) -> None:
    server = peer(acts.answer(200, said("OK")))
    client(server.url).deliver([entry(), entry(id=str(uuid.uuid4()), name=None, assignment=None, args=None)])
    message = sent(server)
    assert message.logical_address == "SE165565594230-1000"
    assert is_valid(SCHEMA, message.body)
    told = [(each.tag.split("}")[1], each.text) for each in message.body[0].iter() if len(each) == 0]
    assert told == [
        ("LogId", str(uuid.UUID(int=7))),
        ("SystemId", "SE2321000115-VAXEL"),
        ("SystemName", "Växel"),
        ("ActivityType", "Läsa"),
        ("ActivityArgs", str(uuid.UUID(int=2))),
        ("StartDate", "2026-11-30T08:30:15.250+00:00"),
        ("Purpose", "Vård och behandling"),
        ("UserId", ANNA),
        ("Name", "Anna Åberg"),
        ("Assignment", "SE2321000115-U000000000001"),
        ("CareProviderId", "SE2321000115"),
        ("CareUnitId", UNIT),
        ("ResourceType", "Bild från patient"),
        ("PatientId", "191212121212"),
        ("CareProviderId", "SE2321000115"),
        ("CareUnitId", UNIT),
    ]


def test_the_action_is_the_operations_though_the_element_has_another_name(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, said("OK")))
    client(server.url).deliver([entry()])
    headers = {name.lower(): value for name, value in server.got[0].headers.items()}
    assert headers["soapaction"] == '"urn:riv:ehr:log:store:StoreLogResponder:1:StoreLog"'


@pytest.mark.parametrize("code", ["OK", "INFO"])
def test_what_is_stored_is_stored_with_a_word_or_without(peer: Any, acts: Any, code: str) -> None:
    client(peer(acts.answer(200, said(code, "something"))).url).deliver([entry()])


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        ("ERROR", Refused, "log_refused"),
        ("VALIDATION_ERROR", Refused, "log_refused"),
        ("ACCESSDENIED", Incident, "not_authorised"),
        ("REPORT_NOT_FOUND", NotSent, "technical_error"),
    ],
)
def test_every_other_answer_means_that_nothing_was_stored(
    peer: Any, acts: Any, code: str, kind: type[Exception], reason: str
) -> None:
    with pytest.raises(kind) as caught:
        client(peer(acts.answer(200, said(code, "191212121212"))).url).deliver([entry()])
    assert str(caught.value) == f"{reason} ({code})"


def test_a_lost_answer_is_unknown_and_nobody_there_is_system_down(peer: Any, acts: Any, nobody: str) -> None:
    with pytest.raises(UnknownOutcome):
        client(peer(acts.hang_up).url).deliver([entry()])
    with pytest.raises(SystemDown):
        client(nobody).deliver([entry()])


def test_a_character_that_xml_has_no_room_for_is_refused_before_anything_is_sent(nobody: str) -> None:
    with pytest.raises(Refused, match="unsendable_text"):
        client(nobody).deliver([entry(name="a\x00b")])


@pytest.mark.parametrize("count", [0, 1001])
def test_a_call_has_one_to_a_thousand_entries(nobody: str, count: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        client(nobody).deliver([entry()] * count)
