"""VAS: its own list, letters and tasks with their idempotency keys, and the webhooks that it sends."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_driver import ADULT, SECRET, UNIT, Driver, as_json, booking, created
from standardwebhooks import Webhook

LETTER = {
    "patient": {"id": ADULT, "type": "personnummer"},
    "unit": {"hsa_id": UNIT, "name": "Vårdcentralen"},
    "booking": "b-1",
    "text": "Välkommen",
    "kind": "call_letter",
}
TASK = {
    "unit": {"hsa_id": UNIT},
    "patient": LETTER["patient"],
    "booking": None,
    "reason": "manual_handling",
    "text": "Ring",
}


def listed(town: Driver, first: str = "2026-01-01", last: str = "2027-12-31") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = town.get(f"/vas/bookings?from={first}&to={last}&cursor={cursor}")
        found += page["bookings"]
        cursor = page["next"]
    return found


def test_a_letter_and_a_task_are_kept_with_their_keys(town: Driver) -> None:
    assert town.post("/vas/letters", LETTER, idempotency_key="k-1").status_code == 201
    assert town.post("/vas/staff-tasks", TASK, idempotency_key="k-2").status_code == 201
    held = town.get("/inspect/vas")
    assert [one["idempotency_key"] for one in held["letters"] + held["staff_tasks"]] == ["k-1", "k-2"]


def test_the_same_key_again_gives_the_same_answer_and_does_nothing(town: Driver) -> None:
    answers = [town.post("/vas/letters", LETTER, idempotency_key="k").json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(town.get("/inspect/vas")["letters"]) == 1


def test_the_same_key_with_another_body_is_a_conflict(town: Driver) -> None:
    town.post("/vas/letters", LETTER, idempotency_key="k")
    assert town.post("/vas/letters", LETTER | {"text": "Hej"}, idempotency_key="k").status_code == 409
    answer = town.post("/vas/staff-tasks", TASK, idempotency_key="k")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")


def test_a_post_without_a_key_is_refused(town: Driver) -> None:
    assert town.post("/vas/letters", LETTER).status_code == 400


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("patient", ADULT, "patient"),
        ("unit", {}, "unit.hsa_id"),
        ("text", "", "text"),
        ("kind", "reminder", "kind"),
        ("booking", None, "booking"),
        ("note", "x", "note"),
    ],
)
def test_a_wrong_field_is_named_and_the_key_stays_free(
    town: Driver, field: str, value: Any, path: str
) -> None:
    answer = town.post("/vas/letters", LETTER | {field: value}, idempotency_key="k")
    assert answer.status_code == 422
    assert [one["path"] for one in answer.json()["errors"]] == [path]
    assert town.post("/vas/letters", LETTER, idempotency_key="k").status_code == 201


def test_a_booking_is_sent_as_a_signed_webhook_and_stands_in_the_list(town: Driver) -> None:
    sent = town.post("/act/vas", {"events": [created()]}).json()["sent"]
    path, headers, body = town.gateway.calls[0]
    assert path == "/webhooks/vas"
    assert Webhook(SECRET).verify(body, headers)["data"] == {"booking": booking()}
    assert sent[0]["status"] == 202
    assert [one["cancelled"] for one in listed(town)] == [False]


def test_a_silent_change_is_in_the_list_and_nobody_is_told(town: Driver) -> None:
    town.post("/act/vas", {"events": [created()], "silent": True})
    assert len(listed(town)) == 1
    assert town.gateway.calls == []


def test_a_batch_is_one_call_that_is_signed_as_a_whole(town: Driver) -> None:
    events = [created(f"b-{number}") | {"id": f"m-{number}"} for number in range(3)]
    town.post("/act/vas", {"events": events, "batch": True})
    path, headers, body = town.gateway.calls[0]
    assert path == "/webhooks/vas/batch"
    assert Webhook(SECRET).verify(body, headers)
    assert [one["id"] for one in as_json(body)["events"]] == ["m-0", "m-1", "m-2"]


def test_a_gateway_that_fails_is_tried_again_with_the_same_id(town: Driver) -> None:
    answers = iter([(500, b""), (202, b"{}")])
    town.gateway.answer = lambda path, body: next(answers)
    sent = town.post("/act/vas", {"events": [created()]}).json()["sent"]
    assert sent[0]["status"] == 202
    assert len({headers["webhook-id"] for _, headers, _ in town.gateway.calls}) == 1


def test_a_source_without_a_secret_cannot_send(town: Driver) -> None:
    assert town.post("/act/local-nobody", {"events": [created()]}).status_code == 422


def test_an_older_version_does_not_overwrite_a_newer(town: Driver) -> None:
    changed = {"type": "booking.changed", "data": {"booking": booking(version=3, purpose="new")}}
    town.post("/act/vas", {"events": [changed, created()]})
    assert [one["purpose"] for one in listed(town)] == ["new"]


def test_a_cancelled_booking_stays_in_the_list_as_cancelled(town: Driver) -> None:
    cancelled = {"type": "booking.cancelled", "data": {"booking": booking(version=2)}}
    town.post("/act/vas", {"events": [created(), cancelled]})
    assert [one["cancelled"] for one in listed(town)] == [True]


def test_a_merge_and_a_death_are_seen_in_the_list(town: Driver) -> None:
    other = {"id": "199202242385", "type": "personnummer"}
    merged = {"type": "patient.merged", "data": {"from": LETTER["patient"], "to": other}}
    moved = {"type": "unit.merged", "data": {"from": {"hsa_id": UNIT.lower()}, "to": {"hsa_id": "SE1-2"}}}
    died = {"type": "patient.deceased", "data": {"patient": other}}
    town.post("/act/vas", {"events": [created(), merged, moved, died], "silent": True})
    held = listed(town)[0]
    assert (held["patient"], held["unit"], held["cancelled"]) == (other, {"hsa_id": "SE1-2"}, True)


def test_the_list_is_by_the_swedish_day_and_open_call_letters_are_in_it(town: Driver) -> None:
    late = created("late", start="2026-12-01T23:30:00+00:00", end=None)
    still = created("open", start=None, end=None, call_letter={"kind": "open", "valid_until": "2026-12-02"})
    town.post("/act/vas", {"events": [created("early"), late, still], "silent": True})
    assert {one["id"] for one in listed(town, "2026-12-02", "2026-12-02")} == {"late", "open"}
    assert {one["id"] for one in listed(town, "2026-12-01", "2026-12-01")} == {"early", "open"}
    assert {one["id"] for one in listed(town, "2026-12-03", "2026-12-03")} == set()


def test_the_list_comes_a_thousand_at_a_time(town: Driver) -> None:
    events = [created(f"b-{number:04}") for number in range(1001)]
    town.post("/act/vas", {"events": events, "silent": True})
    assert len(town.get("/vas/bookings?from=2026-01-01&to=2027-01-01")["bookings"]) == 1000
    assert len({one["id"] for one in listed(town)}) == 1001


def test_the_days_of_the_list_are_asked_for_as_days(town: Driver) -> None:
    answer = town.session.get(f"{town.sandbox.url}/vas/bookings?from=yesterday&to=2026-12-01", timeout=5)
    assert answer.status_code == 400


# --- who has come


def arrived(town: Driver, key: str = "k", **said: Any) -> tuple[int, str | None]:
    """What VAS answers to it that the patient of `b-1` has come; the status, and the code of a refusal."""
    body = {
        "patient": {"id": ADULT, "type": "personnummer"},
        "unit": {"hsa_id": UNIT, "name": None},
        "at": "2026-12-01T08:55:00+01:00",
    }
    answer = town.post("/vas/bookings/b-1/arrived", body | said, idempotency_key=key)
    return answer.status_code, answer.json().get("code")


def a_visit(**fields: Any) -> dict[str, Any]:
    return booking("b-1", start="2026-12-01T09:00:00+01:00", end="2026-12-01T09:30:00+01:00") | fields


def has_a_visit(town: Driver, **fields: Any) -> None:
    town.post("/act/vas", {"events": [{"type": "booking.created", "data": {"booking": a_visit(**fields)}}]})


def test_a_patient_who_has_come_is_noted_once_for_a_key_and_for_a_visit(town: Driver) -> None:
    has_a_visit(town)
    assert arrived(town) == arrived(town) == (201, None)
    assert arrived(town, "another") == (409, "already_arrived")
    (noted,) = town.get("/inspect/vas")["arrivals"]
    assert (noted["booking"], noted["idempotency_key"]) == ("b-1", "k")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"patient": {"id": "198411142394", "type": "personnummer"}}, "another_patient"),
        ({"unit": {"hsa_id": "SE2321000115-E000000000009"}}, "another_unit"),
        ({"at": "2026-12-02T00:01:00+01:00"}, "another_day"),
        ({"at": "2026-11-30T23:30:00Z"}, None),
    ],
    ids=[
        "another patient",
        "another unit",
        "the day after",
        "early in the night, by Greenwich the day before",
    ],
)
def test_who_has_come_to_something_else_is_refused(
    town: Driver, said: dict[str, Any], code: str | None
) -> None:
    has_a_visit(town)
    assert arrived(town, **said) == (409 if code else 201, code)


def test_what_is_cancelled_unknown_or_for_the_desk_is_refused(town: Driver) -> None:
    assert arrived(town) == (404, "no_such_booking")
    has_a_visit(town, check_in=False)
    assert arrived(town) == (409, "desk_only")
    cancelled = {"type": "booking.cancelled", "data": {"booking": a_visit(version=2)}}
    town.post("/act/vas", {"events": [cancelled]})
    assert arrived(town) == (409, "cancelled")
    assert arrived(town, at="2026-12-01") == (422, None)


def test_to_a_visit_that_is_moved_they_come_anew(town: Driver) -> None:
    has_a_visit(town)
    assert arrived(town) == (201, None)
    for version, start, answer in ((2, "09:00", 409), (3, "11:00", 201)):
        moved = a_visit() | {"version": version, "start": f"2026-12-01T{start}:00+01:00"}
        town.post("/act/vas", {"events": [{"type": "booking.changed", "data": {"booking": moved}}]})
        assert arrived(town, f"k-{version}")[0] == answer
