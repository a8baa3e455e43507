"""Patients and staff write: the signed webhooks, and the conversations that then are there."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_driver import ADULT, SECRET, UNIT, Driver
from standardwebhooks import Webhook

HERE = {"hsa_id": UNIT, "name": "Vårdcentralen"}
CONTACT: dict[str, Any] = {
    "channel": "platform24",
    "personnummer": ADULT,
    "unit": HERE,
    "text": "Jag har ont.",
}
STAFF = {"hsa_id": "SE2321000115-P000000000001", "name": "Anna Test", "title": "sjuksköterska"}
VISIT = {"booked_or_agreed": True, "replaces_clinic_visit": None, "fee_informed": False, "documented": True}


def act(town: Driver, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = town.post(f"/act/{path}", body)
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    assert [one["status"] for one in done["sent"]] == [202]
    return done


def told(town: Driver) -> tuple[str, dict[str, Any]]:
    """Where the latest webhook went, and what its signature stands for."""
    path, headers, body = town.gateway.calls[-1]
    event: dict[str, Any] = Webhook(SECRET).verify(body, headers)
    assert set(event) == {"type", "timestamp", "data"}
    return path, event


def conversation(town: Driver, channel: str = "platform24") -> dict[str, Any]:
    (only,) = town.get(f"/inspect/{channel}")["conversations"]
    found: dict[str, Any] = only
    return found


def test_a_patient_writes_and_the_channel_tells_of_it(town: Driver) -> None:
    done = act(town, "contact", CONTACT)
    path, event = told(town)
    assert (path, event["type"]) == ("/webhooks/platform24", "contact.received")
    assert event["data"] == {
        "contact": {
            "id": done["contact"],
            "patient": {"id": ADULT, "type": "personnummer"},
            "reply_address": None,
            "unit": HERE,
            "text": "Jag har ont.",
            "topic": None,
            "service": None,
            "urgent": False,
            "risk": None,
            "by": None,
            "by_role": None,
            "automatic": None,
        }
    }


def test_all_that_can_be_said_of_a_contact_is_told(town: Driver) -> None:
    more = {
        "topic": "form",
        "service": "s-1",
        "urgent": True,
        "risk": "suicide",
        "by": "p-1",
        "by_role": "guardian",
    }
    act(town, "contact", CONTACT | more | {"contact": "c-1", "reply_address": "+46701740605"})
    _, event = told(town)
    given = more | {"id": "c-1", "reply_address": "+46701740605"}
    assert given.items() <= event["data"]["contact"].items()


@pytest.mark.parametrize("channel", ["platform24", "lifecare"])
def test_the_conversation_then_exists_on_the_platform(town: Driver, channel: str) -> None:
    contact = act(town, "contact", CONTACT | {"channel": channel})["contact"]
    there = conversation(town, channel)
    assert (there["id"], there["opened_by"], there["after"]) == (contact, "patient", None)
    assert [(one["from"], one["text"]) for one in there["messages"]] == [("patient", "Jag har ont.")]
    answer = town.post(
        f"/{channel}/conversations/{contact}/messages", {"text": "Tack.", "links": []}, idempotency_key="k"
    )
    assert answer.status_code == 201


def test_it_exists_even_before_the_webhook_is_answered(town: Driver) -> None:
    seen: list[int] = []

    def answer(path: str, body: bytes) -> tuple[int, bytes]:
        seen.append(len(town.get("/inspect/platform24")["conversations"]))
        return 202, b"{}"

    town.gateway.answer = answer
    act(town, "contact", CONTACT)
    assert seen == [1]


@pytest.mark.parametrize("channel", ["mail", "e1177"])
def test_what_comes_another_way_is_told_by_that_source(town: Driver, channel: str) -> None:
    stranger = {"channel": channel, "personnummer": None, "reply_address": "a@example.com"}
    contact = act(town, "contact", CONTACT | stranger)["contact"]
    path, event = told(town)
    assert path == f"/webhooks/{channel}"
    assert event["data"]["contact"]["patient"] is None
    assert event["data"]["contact"]["reply_address"] == "a@example.com"
    assert event["data"]["contact"]["id"] == contact


def test_the_patient_writes_again(town: Driver) -> None:
    contact = act(town, "contact", CONTACT)["contact"]
    message = {"channel": "platform24", "contact": contact, "from": "patient", "text": "Det är värre nu."}
    done = act(town, "message", message | {"risk": "suicide"})
    path, event = told(town)
    assert (path, event["type"]) == ("/webhooks/platform24", "contact.message")
    assert event["data"] == {
        "contact": contact,
        "message": {
            "id": done["message"],
            "from": "patient",
            "staff": None,
            "text": "Det är värre nu.",
            "suggests_calling": None,
            "reason": None,
            "risk": "suicide",
        },
    }
    assert [one["text"] for one in conversation(town)["messages"]] == ["Jag har ont.", "Det är värre nu."]


def test_staff_answer_with_their_name_and_title(town: Driver) -> None:
    contact = act(town, "contact", CONTACT)["contact"]
    answer = {
        "from": "staff",
        "staff": STAFF,
        "text": "Ring oss.",
        "suggests_calling": True,
        "reason": "Säkrare.",
    }
    act(town, "message", {"channel": "platform24", "contact": contact} | answer)
    assert answer.items() <= told(town)[1]["data"]["message"].items()
    last = conversation(town)["messages"][-1]
    assert (last["from"], last["staff"]) == ("staff", STAFF)


def test_a_message_by_1177_needs_no_conversation_in_the_sandbox(town: Driver) -> None:
    act(town, "message", {"channel": "e1177", "contact": "c-9", "from": "patient", "text": "Ja, ring."})
    path, event = told(town)
    assert (path, event["data"]["contact"]) == ("/webhooks/e1177", "c-9")


def test_staff_close_the_contact(town: Driver) -> None:
    contact = act(town, "contact", CONTACT)["contact"]
    act(town, "close", {"channel": "platform24", "contact": contact, "outcome": "Egenvård", "visit": VISIT})
    path, event = told(town)
    assert (path, event["type"]) == ("/webhooks/platform24", "contact.closed")
    assert event["data"] == {"contact": contact, "outcome": "Egenvård", "visit": VISIT}
    assert conversation(town)["closed"]["outcome"] == "Egenvård"


def test_whether_it_was_a_visit_may_be_unknown(town: Driver) -> None:
    contact = act(town, "contact", CONTACT)["contact"]
    act(town, "close", {"channel": "platform24", "contact": contact})
    assert told(town)[1]["data"]["visit"] is None


@pytest.mark.parametrize("again", ["message", "close"])
def test_what_is_closed_on_a_platform_stays_closed(town: Driver, again: str) -> None:
    contact = act(town, "contact", CONTACT)["contact"]
    body = {"channel": "platform24", "contact": contact}
    act(town, "close", body)
    more = {"from": "patient", "text": "Hej"} if again == "message" else {}
    assert town.post(f"/act/{again}", body | more).status_code == 409
    assert len(town.gateway.calls) == 2


def test_nobody_writes_where_there_is_no_conversation(town: Driver) -> None:
    message = {"channel": "platform24", "contact": "nobody", "from": "patient", "text": "Hej"}
    assert town.post("/act/message", message).status_code == 404
    assert town.gateway.calls == []


def test_a_conversation_begins_once(town: Driver) -> None:
    act(town, "contact", CONTACT | {"contact": "c-1"})
    assert town.post("/act/contact", CONTACT | {"contact": "c-1"}).status_code == 409


@pytest.mark.parametrize(
    ("path", "changed", "wrong"),
    [
        ("contact", {"channel": "fax"}, "channel"),
        ("contact", {"topic": "money"}, "topic"),
        ("contact", {"risk": True}, "risk"),
        ("contact", {"unit": UNIT}, "unit"),
        ("contact", {"mood": "bad"}, "mood"),
        ("message", {"from": "us"}, "from"),
        ("message", {"staff": {"name": "Anna"}}, "staff.hsa_id"),
        ("close", {"visit": {"fee_informed": "no"}}, "visit.fee_informed"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_told(
    town: Driver, path: str, changed: dict[str, Any], wrong: str
) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "contact": CONTACT,
        "message": {"channel": "e1177", "contact": "c-1", "from": "patient", "text": "Hej"},
        "close": {"channel": "e1177", "contact": "c-1"},
    }
    answer = town.post(f"/act/{path}", bodies[path] | changed)
    assert answer.status_code == 422
    assert wrong in [one["path"] for one in answer.json()["errors"]]
    assert town.gateway.calls == []


def test_one_who_cannot_be_does_not_write(town: Driver) -> None:
    assert town.post("/act/contact", CONTACT | {"personnummer": "199202232395"}).status_code == 422


def test_a_channel_without_a_secret_cannot_tell(town: Driver) -> None:
    assert town.post("/act/contact", CONTACT | {"channel": "local-nobody"}).status_code == 422
    assert town.get("/inspect/hope")["conversations"] == []
