"""Patients answer what we asked in their contact: by the link in it, in words, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_driver import ADULT, UNIT, Driver, as_json, sso_link

CONTACT = {"channel": "platform24", "contact": "c-1"}
AT_1177 = {"channel": "e1177", "contact": "t-1"}
WRITTEN = {"personnummer": ADULT, "unit": {"hsa_id": UNIT, "name": "Vårdcentralen"}, "text": "Hej."}
TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


def asked(town: Driver, *tokens: str) -> None:
    """In the platform: a question with a link for each token, or without one."""
    assert town.post("/act/contact", CONTACT | WRITTEN).status_code == 200
    for at, token in enumerate(tokens):
        links = [{"text": "Logga in", "url": f"{town.gateway.url}/l/{token}"}] if token else []
        said = {"text": "Får vi ringa?", "links": links}
        answer = town.post("/platform24/conversations/c-1/messages", said, idempotency_key=f"k-{at}")
        assert answer.status_code == 201


def asked_at_1177(town: Driver, **link: str) -> dict[str, Any]:
    """In 1177's inbox: a question with an `ssoLink`; gives the message."""
    town.lives_here()
    sent = town.add_message(thread="t-1", link=sso_link(queryString=TOKEN, **link))
    assert "<resultCode>OK" in sent.text
    message: dict[str, Any] = town.get("/inspect/e1177")["inbox"][-1]
    return message


def answers(town: Driver, **given: Any) -> Any:
    return town.post("/act/answer", CONTACT | given)


def test_1177_knows_the_address_that_was_registered_for_us(town: Driver) -> None:
    message = asked_at_1177(town)
    assert message["leads_to"] == f"{town.gateway.url}/l/{TOKEN}"


def test_1177_knows_no_address_of_a_system_that_registered_none(town: Driver) -> None:
    assert asked_at_1177(town, systemId="someone")["leads_to"] is None


@pytest.mark.parametrize("form", ["address", "platform", "inbox"])
def test_a_browser_follows_a_link_as_it_stands_wherever_the_patient_reads_it(town: Driver, form: str) -> None:
    address = f"{town.gateway.url}/l/{TOKEN}"
    link = {
        "address": address,
        "platform": {"text": "Logga in", "url": address},
        "inbox": asked_at_1177(town)["link"],
    }[form]
    ended = town.post("/act/login", {"link": link, "personnummer": ADULT}).json()
    assert ended == {"at": address, "status": 200, "heading": "A page"}


@pytest.mark.parametrize("link", [{"url": "https://example.org/l/x"}, {"systemId": "someone"}, {}, [], "", 7])
def test_a_link_that_leads_elsewhere_is_not_followed(town: Driver, link: Any) -> None:
    assert town.post("/act/login", {"link": link, "personnummer": ADULT}).status_code == 422


def test_a_patient_logs_in_by_the_newest_link_in_the_contact(town: Driver) -> None:
    asked(town, "older", TOKEN, "")
    assert answers(town, does="logs_in").json()["at"] == f"{town.gateway.url}/l/{TOKEN}"


def test_a_patient_logs_in_by_the_link_in_their_thread_of_the_inbox(town: Driver) -> None:
    asked_at_1177(town)
    ended = town.post("/act/answer", AT_1177 | {"does": "logs_in"}).json()
    assert ended["at"] == f"{town.gateway.url}/l/{TOKEN}"


def test_a_patient_answers_in_words(town: Driver) -> None:
    asked(town, "")
    assert answers(town, does="writes", text="070-174 06 05").status_code == 200
    message = as_json(town.gateway.calls[-1][2])["data"]["message"]
    assert (message["from"], message["text"]) == ("patient", "070-174 06 05")


def test_a_patient_declines_and_it_stands_in_the_conversation(town: Driver) -> None:
    asked(town, TOKEN)
    answers(town, does="declines")
    (held,) = town.get("/inspect/platform24")["conversations"]
    assert held["messages"][-1]["from"] == "patient"
    assert "Nej tack" in held["messages"][-1]["text"]


def test_a_patient_who_does_nothing_lets_the_question_be(town: Driver) -> None:
    asked(town, TOKEN)
    told = len(town.gateway.calls)
    assert answers(town, does="nothing").status_code == 200
    assert len(town.gateway.calls) == told


@pytest.mark.parametrize("does", ["logs_in", "writes", "declines", "nothing"])
def test_where_nothing_was_asked_nothing_is_answered(town: Driver, does: str) -> None:
    asked(town)
    assert answers(town, does=does).status_code == 409


def test_where_no_link_was_sent_nobody_logs_in(town: Driver) -> None:
    asked(town, "")
    assert answers(town, does="logs_in").status_code == 409


@pytest.mark.parametrize(
    "wrong", [{"does": "shrugs"}, {"channel": "mail"}, {"loa": 1}, {"loa": True}, {"cancel": "yes"}]
)
def test_an_answer_that_is_none_is_refused_by_its_field(town: Driver, wrong: dict[str, Any]) -> None:
    asked(town, TOKEN)
    refused = answers(town, **({"does": "logs_in"} | wrong))
    assert [error["path"] for error in refused.json()["errors"]] == list(wrong)
