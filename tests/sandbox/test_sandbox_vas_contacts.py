"""VAS and contacts: drafts for the journal, contacts to register, tasks about a contact, preferences."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
import requests
from sandbox_driver import ADULT, UNIT, Driver

PATIENT = {"id": ADULT, "type": "personnummer"}
HERE = {"hsa_id": UNIT, "name": "Vårdcentralen"}
AT = "2026-12-01T10:00:00+01:00"
LATER = "2026-12-01T09:30:00+00:00"
NOTE: dict[str, Any] = {
    "patient": PATIENT,
    "unit": HERE,
    "author": {"hsa_id": "SE2321000115-P000000000001", "name": "Anna Test", "title": "sjuksköterska"},
    "text": "Patienten har samtyckt till att bli uppringd.",
    "contact": "c-1",
    "at": AT,
}
CONTACT: dict[str, Any] = {
    "patient": PATIENT,
    "unit": HERE,
    "contact": "c-1",
    "channel": "platform24",
    "form": "chat",
    "visit": None,
    "codes": [{"code": "ZV051", "system": "KVÅ"}],
    "at": AT,
}
TASK: dict[str, Any] = {
    "unit": HERE,
    "patient": None,
    "booking": None,
    "contact": "c-1",
    "reason": "read_original",
    "text": "Läs.",
    "urgent": True,
}
BODIES = {"journal-notes": NOTE, "contacts": CONTACT, "staff-tasks": TASK}
SELF = {"role": "self", "id": None}


def put(town: Driver, patient: str = ADULT, **changes: Any) -> requests.Response:
    who = {"id": patient, "type": "personnummer"}
    body = {"patient": who, "unit": None, "at": AT, "set_by": SELF} | changes
    return town.post("/vas/preferences", body, idempotency_key=secrets.token_hex(8))


def preferences(town: Driver) -> list[dict[str, Any]]:
    held: list[dict[str, Any]] = town.get("/inspect/vas")["preferences"]
    return held


def test_a_journal_note_is_a_draft_of_a_named_member_of_staff_that_nobody_has_signed(town: Driver) -> None:
    assert town.post("/vas/journal-notes", NOTE, idempotency_key="k-1").status_code == 201
    (note,) = town.get("/inspect/vas")["journal"]
    assert NOTE.items() <= note.items()
    assert (note["status"], note["signed"], note["idempotency_key"]) == ("draft", False, "k-1")


def test_a_contact_is_proposed_for_staff_to_confirm(town: Driver) -> None:
    assert town.post("/vas/contacts", CONTACT, idempotency_key="k-1").status_code == 201
    (contact,) = town.get("/inspect/vas")["contacts"]
    assert CONTACT.items() <= contact.items()
    assert (contact["status"], contact["idempotency_key"]) == ("proposed", "k-1")


def test_a_task_may_be_about_a_contact_with_a_stranger(town: Driver) -> None:
    assert town.post("/vas/staff-tasks", TASK, idempotency_key="k-1").status_code == 201
    (task,) = town.get("/inspect/vas")["staff_tasks"]
    assert (task["patient"], task["contact"], task["urgent"]) == (None, "c-1", True)
    assert town.get(f"/inspect/vas?patient={ADULT}")["staff_tasks"] == []


@pytest.mark.parametrize("path", list(BODIES))
def test_the_same_key_again_does_nothing_and_with_another_body_is_a_conflict(town: Driver, path: str) -> None:
    body = BODIES[path]
    answers = [town.post(f"/vas/{path}", body, idempotency_key="k").json() for _ in range(2)]
    assert answers[0] == answers[1]
    shelf = {"journal-notes": "journal", "staff-tasks": "staff_tasks"}.get(path, path)
    assert len(town.get("/inspect/vas")[shelf]) == 1
    assert town.post(f"/vas/{path}", body | {"contact": "c-2"}, idempotency_key="k").status_code == 409
    assert town.post(f"/vas/{path}", body).status_code == 400


@pytest.mark.parametrize(
    ("path", "changed", "wrong"),
    [
        ("journal-notes", {"author": None}, "author"),
        ("journal-notes", {"author": NOTE["author"] | {"name": ""}}, "author.name"),
        ("journal-notes", {"author": NOTE["author"] | {"hsa_id": "Anna"}}, "author.hsa_id"),
        ("journal-notes", {"author": {"hsa_id": "SE2321000115-P1", "name": "Anna Test"}}, "author.title"),
        ("journal-notes", {"patient": None}, "patient"),
        ("journal-notes", {"contact": None}, "contact"),
        ("journal-notes", {"at": "2026-12-01T10:00:00"}, "at"),
        ("journal-notes", {"signed": True}, "signed"),
        ("contacts", {"visit": "no"}, "visit"),
        ("contacts", {"form": "letter"}, "form"),
        ("contacts", {"codes": [{"code": "ZV051"}]}, "codes.0.system"),
        ("contacts", {"codes": "ZV051"}, "codes"),
        ("staff-tasks", {"urgent": "very"}, "urgent"),
        ("staff-tasks", {"unit": None}, "unit"),
    ],
)
def test_a_wrong_field_is_named(town: Driver, path: str, changed: dict[str, Any], wrong: str) -> None:
    answer = town.post(f"/vas/{path}", BODIES[path] | changed, idempotency_key="k")
    assert answer.status_code == 422
    assert [one["path"] for one in answer.json()["errors"]] == [wrong]


def test_preferences_are_held_with_their_source(town: Driver) -> None:
    assert put(town, digital_only=True, notice_by=["email", "sms"]).status_code == 200
    (held,) = preferences(town)
    assert (held["patient"], held["unit"]) == (PATIENT, None)
    assert (held["digital_only"], held["notice_by"]) == (True, ["email", "sms"])
    assert held["set"]["digital_only"] == {"at": AT, "set_by": SELF}
    assert "sms_reminders" not in held


def test_the_same_preferences_again_are_the_same(town: Driver) -> None:
    first = put(town, phone="+46701740605")
    before = preferences(town)
    assert put(town, phone="+46701740605").json() == first.json()
    assert [one | {"received_at": None} for one in preferences(town)] == [
        one | {"received_at": None} for one in before
    ]


def test_only_what_is_given_changes_and_null_withdraws(town: Driver) -> None:
    put(town, sms_reminders=True, email="a@example.com")
    put(town, sms_reminders=None, at=LATER)
    (held,) = preferences(town)
    assert (held["sms_reminders"], held["email"]) == (None, "a@example.com")


def test_one_that_was_set_before_does_not_take_the_place_of_a_later_one(town: Driver) -> None:
    put(town, sms_reminders=None, at=LATER)
    put(town, sms_reminders=True, email="a@example.com", at=AT)
    (held,) = preferences(town)
    assert (held["sms_reminders"], held["email"]) == (None, "a@example.com")


def test_a_unit_has_its_own(town: Driver) -> None:
    put(town, digital_only=True)
    put(town, digital_only=False, unit=HERE, set_by={"role": "staff", "id": "SE2321000115-P000000000001"})
    put(town, digital_only=False, unit={"hsa_id": UNIT.lower()})
    assert [(one["unit"], one["digital_only"]) for one in preferences(town)] == [(None, True), (HERE, False)]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"digital_only": "yes"}, ["digital_only"]),
        ({"notice_by": ["fax"]}, ["notice_by.0"]),
        ({"email": True}, ["email"]),
        ({"digital_only": True, "set_by": {"role": "system", "id": None}}, ["set_by.role"]),
        ({"digital_only": True, "at": "yesterday"}, ["at"]),
        ({"digital_only": True, "colour": "red"}, ["colour"]),
        ({}, []),
    ],
)
def test_preferences_that_cannot_be_are_refused(
    town: Driver, changes: dict[str, Any], wrong: list[str]
) -> None:
    answer = put(town, **changes)
    assert answer.status_code == 422
    assert [one["path"] for one in answer.json()["errors"]] == wrong
    assert preferences(town) == []


def test_the_same_key_again_is_the_same_and_with_another_wish_a_conflict(town: Driver) -> None:
    body = {"patient": {"id": ADULT, "type": "personnummer"}, "unit": None, "at": AT, "set_by": SELF}
    first, again, other = (
        town.post("/vas/preferences", body | {"digital_only": wish}, idempotency_key="k-1")
        for wish in (True, True, False)
    )
    assert (first.json(), other.status_code) == (again.json(), 409)
    assert preferences(town)[0]["digital_only"] is True


def test_without_a_key_nothing_is_taken(town: Driver) -> None:
    assert town.post("/vas/preferences", {"digital_only": True}).status_code == 400


def test_the_counts_know_of_them(town: Driver) -> None:
    for path, body in BODIES.items():
        town.post(f"/vas/{path}", body, idempotency_key=path)
    counted = town.get("/inspect/counts")
    assert (counted["journal_notes"], counted["contacts"], counted["staff_tasks"]) == (1, 1, 1)
