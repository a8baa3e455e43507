"""Platform24, HOPE and LifeCare: what is asked of them, what they refuse, and what they then hold."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from sandbox_driver import ADULT, UNIT, Driver

PLATFORMS = ("platform24", "hope", "lifecare", "stodbehandling", "local-hjarta")
CONVERSATION: dict[str, Any] = {
    "patient": {"id": ADULT, "type": "personnummer"},
    "unit": {"hsa_id": UNIT, "name": "Vårdcentralen"},
    "text": "Vi fortsätter här.",
    "after": {"channel": "e1177", "contact": "c-1"},
    "links": [],
}
MESSAGE = {"text": "Får vi ringa dig?", "links": [{"text": "Logga in", "url": "https://vaxel.example/l/t"}]}
ALERT = {"reason": "suicide_risk", "text": "Läs meddelandet nu.", "level": 0}


def opened(town: Driver, platform: str = "platform24", **changed: Any) -> str:
    path = f"/{platform}/conversations"
    answer = town.post(path, CONVERSATION | changed, idempotency_key=f"open-{platform}")
    assert answer.status_code == 201
    return str(answer.json()["id"])


def add(town: Driver, contact: str, what: str, body: Any, key: str = "k") -> requests.Response:
    return town.post(f"/platform24/conversations/{contact}/{what}", body, idempotency_key=key)


def held(town: Driver, query: str = "", platform: str = "platform24") -> list[dict[str, Any]]:
    conversations: list[dict[str, Any]] = town.get(f"/inspect/{platform}{query}")["conversations"]
    return conversations


def paths(answer: requests.Response) -> list[str]:
    assert answer.status_code == 422
    return [one["path"] for one in answer.json()["errors"]]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_we_open_a_conversation_that_says_what_it_follows(town: Driver, platform: str) -> None:
    contact = opened(town, platform)
    (conversation,) = held(town, platform=platform)
    assert (conversation["id"], conversation["opened_by"]) == (contact, "us")
    assert conversation["idempotency_key"] == f"open-{platform}"
    assert {name: conversation[name] for name in ("patient", "unit", "after")} == {
        name: CONVERSATION[name] for name in ("patient", "unit", "after")
    }
    assert [(one["from"], one["text"]) for one in conversation["messages"]] == [("us", CONVERSATION["text"])]


def test_each_platform_has_conversations_of_its_own(town: Driver) -> None:
    contact = opened(town, "hope")
    assert held(town) == []
    assert add(town, contact, "messages", MESSAGE).status_code == 404


def test_a_message_and_an_alert_are_kept_with_key_and_time(town: Driver) -> None:
    contact = opened(town)
    assert add(town, contact, "messages", MESSAGE, "k-1").status_code == 201
    assert add(town, contact, "alerts", ALERT, "k-2").status_code == 201
    (conversation,) = held(town)
    message, (alert,) = conversation["messages"][-1], conversation["alerts"]
    assert (message["from"], message["idempotency_key"], message["links"]) == ("us", "k-1", MESSAGE["links"])
    assert (alert["level"], alert["idempotency_key"], alert["reason"]) == (0, "k-2", "suicide_risk")
    assert message["at"] <= alert["at"]


@pytest.mark.parametrize(("what", "body"), [("messages", MESSAGE), ("alerts", ALERT)])
def test_the_same_key_again_does_nothing_twice(town: Driver, what: str, body: Any) -> None:
    contact = opened(town)
    answers = [add(town, contact, what, body) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len([one for one in held(town)[0][what] if one["idempotency_key"] == "k"]) == 1


def test_the_same_conversation_opened_twice_under_one_key_is_one(town: Driver) -> None:
    assert opened(town) == opened(town)
    assert len(held(town)) == 1


def test_a_key_that_came_with_something_else_is_a_conflict(town: Driver) -> None:
    contact = opened(town)
    add(town, contact, "messages", MESSAGE)
    for answer in (
        add(town, contact, "messages", MESSAGE | {"text": "Hej"}),
        add(town, contact, "alerts", ALERT),
        add(town, "another", "messages", MESSAGE),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")


def test_a_call_without_a_key_is_refused(town: Driver) -> None:
    contact = opened(town)
    assert town.post("/platform24/conversations", CONVERSATION).status_code == 400
    assert town.post(f"/platform24/conversations/{contact}/messages", MESSAGE).status_code == 400


@pytest.mark.parametrize(("what", "body"), [("messages", MESSAGE), ("alerts", ALERT)])
def test_an_unknown_conversation_is_not_found_and_the_key_stays_free(
    town: Driver, what: str, body: Any
) -> None:
    answer = add(town, "nobody", what, body)
    assert (answer.status_code, answer.json()["code"]) == (404, "conversation_unknown")
    assert add(town, opened(town), what, body).status_code == 201


@pytest.mark.parametrize(("what", "body"), [("messages", MESSAGE), ("alerts", ALERT)])
def test_a_closed_conversation_says_that_it_is_closed(town: Driver, what: str, body: Any) -> None:
    contact = opened(town)
    town.post("/act/close", {"channel": "platform24", "contact": contact})
    answer = add(town, contact, what, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "conversation_closed")


def test_what_was_done_before_the_closing_is_still_answered_so(town: Driver) -> None:
    contact = opened(town)
    first = add(town, contact, "messages", MESSAGE)
    town.post("/act/close", {"channel": "platform24", "contact": contact})
    again = add(town, contact, "messages", MESSAGE)
    assert (again.status_code, again.json()) == (201, first.json())


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"patient": None}, "patient"),
        ({"patient": {"id": ADULT, "type": "passport"}}, "patient.type"),
        ({"unit": {"name": "Vårdcentralen"}}, "unit.hsa_id"),
        ({"text": " "}, "text"),
        ({"text": "a" * 10_001}, "text"),
        ({"after": {"channel": "e1177"}}, "after.contact"),
        ({"links": [{"text": "Logga in", "url": "javascript:alert(1)"}]}, "links.0.url"),
        ({"links": [MESSAGE["links"][0], {"url": "https://example.org"}]}, "links.1.text"),
        ({"links": None}, "links"),
        ({"note": "x"}, "note"),
    ],
)
def test_a_conversation_with_a_wrong_field_is_refused_by_its_path(
    town: Driver, changed: dict[str, Any], path: str
) -> None:
    answer = town.post("/platform24/conversations", CONVERSATION | changed, idempotency_key="k")
    assert paths(answer) == [path]
    assert ADULT not in answer.text
    assert held(town) == []


@pytest.mark.parametrize(
    ("what", "body", "path"),
    [
        ("messages", {"text": "Hej"}, "links"),
        ("messages", {"text": "a" * 10_001, "links": []}, "text"),
        ("alerts", ALERT | {"level": -1}, "level"),
        ("alerts", ALERT | {"level": True}, "level"),
        ("alerts", ALERT | {"reason": ""}, "reason"),
        ("alerts", ALERT | {"text": "a" * 10_001}, "text"),
        ("alerts", ALERT | {"links": []}, "links"),
    ],
)
def test_what_is_added_with_a_wrong_field_is_refused_by_its_path(
    town: Driver, what: str, body: Any, path: str
) -> None:
    assert paths(add(town, opened(town), what, body)) == [path]


def test_ten_thousand_characters_are_taken(town: Driver) -> None:
    text = "å" * 10_000
    assert add(town, opened(town), "messages", {"text": text, "links": []}).status_code == 201


def test_several_wrong_fields_are_all_named(town: Driver) -> None:
    answer = town.post("/platform24/conversations", {"text": "", "links": [1]}, idempotency_key="k")
    assert paths(answer) == ["patient", "unit", "text", "after", "links.0"]


@pytest.mark.parametrize("path", ["/platform24/nothing", "/platform24/conversations/c/notes"])
def test_there_is_nothing_else_there(town: Driver, path: str) -> None:
    assert town.post(path, MESSAGE, idempotency_key="k").status_code == 404


def test_patient_and_contact_choose_what_is_shown(town: Driver) -> None:
    contact = opened(town)
    town.post(
        "/act/contact",
        {"channel": "platform24", "personnummer": None, "unit": {"hsa_id": UNIT}, "text": "Hej"},
    )
    assert len(held(town)) == 2
    assert [one["id"] for one in held(town, f"?patient={ADULT}")] == [contact]
    assert [one["id"] for one in held(town, f"?contact={contact}")] == [contact]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_faults_work_for_a_platform_too(town: Driver, platform: str) -> None:
    town.fault(platform, "timeout_after", times=1, seconds=0.05, operation="POST /conversations")
    with pytest.raises(requests.ConnectionError):
        opened(town, platform)
    assert opened(town, platform) == held(town, platform=platform)[0]["id"]


def test_a_fault_can_be_for_one_operation_whatever_the_contact(town: Driver) -> None:
    contact = opened(town)
    town.fault("platform24", "down", operation="POST /conversations/{id}/alerts")
    assert add(town, contact, "messages", MESSAGE, "k-1").status_code == 201
    assert add(town, contact, "alerts", ALERT, "k-2").status_code == 503
    assert town.get("/inspect/calls?count")["by_system"]["platform24"] == {
        "POST /conversations": {"201": 1},
        "POST /conversations/{id}/messages": {"201": 1},
        "POST /conversations/{id}/alerts": {"down": 1},
    }


def test_the_counts_know_of_the_conversations_and_forgetting_takes_them(town: Driver) -> None:
    opened(town)
    opened(town, "hope")
    assert town.get("/inspect/counts")["conversations"] == 2
    town.delete("/state")
    assert held(town) == held(town, platform="hope") == []
