"""VAS, as residents book in it by themselves: its timetables, what it does and what it refuses, and what it tells."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from sandbox_driver import UNIT, Driver, booking, created, until
from timetables import ANNA, ANOTHER, BO, NOON, OFFERED, PATIENT, STOLEN, Timetable, code, time_at, wanted

SOON = (datetime.now(UTC) + timedelta(hours=5)).isoformat()
LETTER = {"call_letter": {"kind": "open", "text": "Boka"}, "start": None, "end": None, "time_type": "NY"}


@pytest.fixture
def vas(town: Driver) -> Timetable:
    timetable = Timetable(town)
    timetable.offers()
    return timetable


def staff_tell(town: Driver, kind: str, **fields: Any) -> None:
    event = {"type": f"booking.{kind}", "data": {"booking": booking(**fields)}}
    assert town.post("/act/vas", {"events": [event], "silent": True}).status_code == 200


def test_the_catalogue_of_a_unit(vas: Timetable) -> None:
    answer = vas.town.get(f"/vas/catalogue?unit={UNIT.lower()}")
    assert answer["care_types"] == [{"id": "ALLM", "name": "Allmänmedicin"}]
    assert answer["time_types"][1] == {"id": "VIDEO", "name": "Videobesök", "care_types": []}
    assert answer["performers"][0] == {
        "id": ANNA, "first_name": "Anna", "last_name": "Test", "title": "läkare", "time_types": ["NY"],
    }  # fmt: skip
    assert [one["hsa_id"] for one in answer["facilities"]] == [UNIT, ANOTHER]


def test_a_unit_of_which_nothing_was_said_offers_nothing(town: Driver) -> None:
    assert town.get(f"/vas/catalogue?unit={UNIT}")["time_types"] == []
    assert Timetable(town).free() == []


def test_free_times_are_listed_by_start_with_what_they_are(vas: Timetable) -> None:
    times = vas.free()
    assert [datetime.fromisoformat(one["start"]) for one in times] == [
        NOON, NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=2),
    ]  # fmt: skip
    assert times[0] == {
        "start": times[0]["start"],
        "end": times[0]["end"],
        "unit": {"hsa_id": UNIT, "name": "Vårdcentralen"},
        "time_type": {"id": "NY", "name": "Nybesök"},
        "care_type": None,
        "performer": {"id": ANNA, "first_name": "Anna", "last_name": "Test", "title": "läkare"},
        "resource": None,
    }
    assert times[3]["resource"] == {"id": "R1", "name": "Rum 1"}


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"time_type": "NY"}, 3),
        ({"care_type": "ALLM"}, 1),
        ({"performer": ANNA}, 1),
        ({"performer": [ANNA, BO]}, 2),
        ({"time_type": "VIDEO", "performer": ANNA}, 0),
        ({"time_type": "none"}, 0),
    ],
)
def test_times_are_chosen_by_what_they_are(vas: Timetable, asked: Any, count: int) -> None:
    assert len(vas.free(**asked)) == count


def test_what_has_begun_and_what_is_on_another_day_is_not_offered(vas: Timetable) -> None:
    past = {"start": "2020-01-01T10:00:00+01:00", "end": "2020-01-01T10:30:00+01:00"}
    vas.offers(times=[past, time_at(0), time_at(24), time_at(48)])
    assert len(vas.free(days=1)) == 2
    assert vas.free(**{"from": "2020-01-01", "to": "2020-01-02"}) == []


@pytest.mark.parametrize("held", [0, 2000])
def test_times_come_a_thousand_to_a_page_and_none_twice(vas: Timetable, held: int) -> None:
    """One that is booked between two pages moves nothing."""
    vas.offers(times=[time_at(at / 100, 5) for at in range(2500)])
    status, page = vas.asks(days=9)
    seen = page["timeslots"]
    assert (status, len(seen)) == (200, 1000)
    vas.booked(held / 100, end=time_at(held / 100, 5)["end"])
    while page["next"]:
        page = vas.asks(days=9, cursor=page["next"])[1]
        seen += page["timeslots"]
    assert len({one["start"] for one in seen}) == len(seen) == (2500 if held == 0 else 2499)


@pytest.mark.parametrize(
    "asked", [{"from": "1/12"}, {"to": "2020-01-01"}, {"cursor": "a"}, {"patient": "x"}, {"unit": ""}]
)
def test_a_question_that_cannot_be_understood_is_refused(vas: Timetable, asked: Any) -> None:
    assert vas.asks(**asked)[0] == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"times": [time_at(0, time_type="none")]},
        {"times": [time_at(0, performer="SE2321000115-P9")]},
        {"times": [time_at(0, -30)]},
        {"times": [{"start": "2026-12-01T10:00:00", "end": "2026-12-01T11:00:00"}]},
        {"saves": ["address"]},
        {"unit": {"hsa_id": "Vårdcentralen", "name": "V"}},
        {"opens": "08:00"},
    ],
)
def test_a_timetable_that_is_none_is_refused(vas: Timetable, wrong: Any) -> None:
    assert vas.town.post("/timetables", OFFERED | wrong).status_code == 422


def test_a_time_is_booked_and_told_of_with_the_key(vas: Timetable) -> None:
    status, answer = vas.books(2, "key-1", phone="+46701740605", message="Jag har hosta")
    assert (status, answer["not_saved"]) == (201, [])
    ((kind, told),) = until(vas.told)
    assert kind == "booking.created"
    assert told == {
        "id": answer["id"],
        "version": 1,
        "patient": PATIENT,
        "unit": {"hsa_id": UNIT, "name": "Vårdcentralen"},
        "start": vas.held(answer["id"])["start"],
        "end": vas.held(answer["id"])["end"],
        "form": "video",
        "platform": "platform24",
        "contact_type": None,
        "time_type": "VIDEO",
        "purpose": None,
        "call_letter": {"kind": "none"},
        "cancellable": True,
        "rebookable": True,
        "booked_by": "patient",
        "agreed_with_patient": True,
        "caused_by": "key-1",
    }
    (done,) = vas.town.get("/inspect/vas")["self_service"]
    assert (done["service"], done["idempotency_key"], done["phone"]) == ("book", "key-1", "+46701740605")


def test_the_same_key_again_books_once(vas: Timetable) -> None:
    assert vas.books(1, "k") == vas.books(1, "k")
    assert len(vas.free()) == 3


def test_of_fifty_who_want_one_time_one_gets_it(vas: Timetable) -> None:
    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda _: code(vas.books(1)), range(50)))
    assert sorted(answers, key=str) == [(201, None)] + [(409, "time_taken")] * 49


def test_two_times_at_once_are_told_apart_by_whom_they_are_with(vas: Timetable) -> None:
    vas.booked(0, performer=BO)
    assert [one["performer"]["id"] for one in vas.free(time_type="NY", performer=[ANNA, BO])] == [ANNA]  # type: ignore[arg-type]
    assert code(vas.books(0, performer=BO)) == (409, "time_taken")
    assert vas.books(0)[0] == 201


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        (time_at(0, 45), (409, "time_not_offered")),
        (time_at(9), (409, "time_not_offered")),
        (
            {"start": "2020-01-01T10:00:00+01:00", "end": "2020-01-01T10:30:00+01:00"},
            (409, "time_not_offered"),
        ),
        ({"time_type": "VIDEO"}, (409, "time_not_offered")),
        ({"resource": "R1"}, (409, "time_not_offered")),
        ({"unit": {"hsa_id": ANOTHER}}, (409, "time_not_offered")),
        ({"performer": "SE2321000115-P9"}, (409, "no_such_performer")),
        ({"invitation": "none"}, (404, "no_such_booking")),
        (time_at(0, -30), (422, None)),
        ({"start": "2026-12-01T10:00:00"}, (422, None)),
        ({"patient": {"id": "1", "type": "passport"}}, (422, None)),
        ({"more": 1}, (422, None)),
    ],
)
def test_a_time_that_cannot_be_booked(vas: Timetable, changed: Any, refused: tuple[int, str]) -> None:
    assert code(vas.books(0, **changed)) == refused
    assert len(vas.free()) == 4
    assert vas.told() == []


def test_a_booking_is_moved_and_its_time_is_free_again(vas: Timetable) -> None:
    id = vas.booked(0, performer=ANNA)
    assert vas.moves(id, 1, "key-2") == (200, {"id": id, "not_saved": []})
    kind, told = until(lambda: len(vas.told()) == 2 and vas.told()[1])
    assert (kind, told["id"], told["version"], told["caused_by"]) == ("booking.changed", id, 2, "key-2")
    assert datetime.fromisoformat(told["start"]) == NOON + timedelta(hours=1)
    assert [one["performer"] and one["performer"]["id"] for one in vas.free()] == [ANNA, BO, None]


def test_a_timed_call_letter_that_is_moved_calls_nobody_any_more(vas: Timetable) -> None:
    called = {"call_letter": {"kind": "timed", "text": "Välkommen"}, "time_type": "NY", "version": 4}
    staff_tell(vas.town, "created", **time_at(0), **called)
    assert vas.moves("b-1", 1)[0] == 200
    ((kind, told),) = until(vas.told)
    assert (kind, told["version"], told["call_letter"]) == ("booking.changed", 5, {"kind": "none"})


def test_one_that_is_moved_to_another_unit_is_another_booking(vas: Timetable) -> None:
    vas.offers(unit={"hsa_id": ANOTHER, "name": "Medicin"}, times=[time_at(3)])
    id = vas.booked(0)
    status, answer = vas.moves(id, 3, "k-u", unit={"hsa_id": ANOTHER})
    assert status == 200
    assert answer["id"] != id
    told = until(lambda: len(vas.told()) == 3 and vas.told())
    assert [(kind, one["id"], one["caused_by"]) for kind, one in told[1:]] == [
        ("booking.cancelled", id, "k-u"),
        ("booking.created", answer["id"], "k-u"),
    ]
    assert told[1][1]["cancelled_by"] == "patient"


def test_a_unit_whose_bookings_get_a_new_id_when_they_are_moved(vas: Timetable) -> None:
    vas.offers(keeps_id=False)
    id = vas.booked(0)
    assert vas.moves(id, 1)[1]["id"] != id
    assert code(vas.cancels(id)) == (409, "already_cancelled")


def test_a_booking_is_cancelled_and_its_time_is_free_again(vas: Timetable) -> None:
    id = vas.booked(1)
    assert vas.cancels(id, "key-3", message="Jag är frisk") == (200, {"id": id, "not_saved": []})
    kind, told = until(lambda: len(vas.told()) == 2 and vas.told()[1])
    assert (kind, told["version"], told["cancelled_by"]) == ("booking.cancelled", 2, "patient")
    assert (told["caused_by"], "cancelled" in told) == ("key-3", False)
    assert vas.held(id)["cancelled"] is True
    assert len(vas.free()) == 4


def test_the_same_key_again_after_it_is_cancelled_gives_the_same_answer(vas: Timetable) -> None:
    id = vas.booked(1)
    assert vas.cancels(id, "k-c") == vas.cancels(id, "k-c")
    assert code(vas.cancels(id)) == (409, "already_cancelled")


@pytest.mark.parametrize(
    ("stands", "asked", "refused"),
    [
        ({}, {"patient": STOLEN}, "another_patient"),
        ({}, {"unit": {"hsa_id": "SE2321000115-E9"}}, "another_unit"),
        ({"cancellable": False, "rebookable": False}, {}, "not_allowed"),
        ({"start": "2020-01-01T10:00:00+01:00"}, {}, "has_begun"),
        ({"start": SOON}, {}, "too_late"),
    ],
)
@pytest.mark.parametrize("act", ["moves", "cancels"])
def test_a_booking_that_cannot_be_changed(
    vas: Timetable, act: str, stands: Any, asked: Any, refused: str
) -> None:
    vas.offers(last_change_hours=24)
    staff_tell(vas.town, "created", **(time_at(0) | {"end": None} | stands))
    answer = vas.moves("b-1", 1, **asked) if act == "moves" else vas.cancels("b-1", **asked)
    assert code(answer) == (409, refused)
    assert vas.told() == []


def test_one_that_nobody_knows_and_one_that_is_cancelled(vas: Timetable) -> None:
    assert code(vas.moves("none", 1)) == code(vas.cancels("none")) == (404, "no_such_booking")
    staff_tell(vas.town, "created", **time_at(0))
    staff_tell(vas.town, "cancelled", version=2, **time_at(0))
    assert code(vas.moves("b-1", 1)) == code(vas.cancels("b-1")) == (409, "already_cancelled")


def test_an_id_may_have_a_slash_in_it(vas: Timetable) -> None:
    staff_tell(vas.town, "created", **time_at(0, id="b/1"))
    assert vas.cancels("b%2F1")[0] == 200


def letter(vas: Timetable, **changed: Any) -> None:
    staff_tell(vas.town, "created", **(LETTER | changed))


def test_an_open_call_letter_is_answered_once_and_becomes_the_booking(vas: Timetable) -> None:
    letter(vas, form="video", platform="platform24")
    assert len(vas.free(booking="b-1")) == 3, "only times of its kind"
    assert vas.books(1, "k-l", invitation="b-1") == (201, {"id": "b-1", "not_saved": []})
    ((kind, told),) = until(vas.told)
    assert (kind, told["version"], told["form"], told["call_letter"]) == (
        "booking.changed", 2, "video", {"kind": "none"},
    )  # fmt: skip
    assert (told["booked_by"], told["caused_by"]) == ("patient", "k-l")
    assert code(vas.books(0, invitation="b-1")) == (409, "already_booked")
    assert vas.moves("b-1", 0)[0] == 200
    assert vas.cancels("b-1")[0] == 200
    assert code(vas.books(0, invitation="b-1")) == (409, "already_booked")
    assert code(vas.cancels("b-1")) == (409, "already_cancelled")


def test_or_it_ends_where_the_booking_has_an_id_of_its_own(vas: Timetable) -> None:
    vas.offers(keeps_id=False)
    letter(vas, form="video", platform="platform24")
    id = vas.books(1, "k-l", invitation="b-1")[1]["id"]
    told = until(lambda: len(vas.told()) == 2 and vas.told())
    assert [(kind, one["id"]) for kind, one in told] == [
        ("booking.cancelled", "b-1"),
        ("booking.created", id),
    ]
    assert (told[1][1]["form"], told[1][1]["call_letter"]) == ("video", {"kind": "none"})
    assert {one["caused_by"] for _, one in told} == {"k-l"}
    assert code(vas.books(0, invitation="b-1")) == (409, "already_booked")
    assert code(vas.asks(booking="b-1")) == (409, "already_booked")
    assert code(vas.cancels("b-1")) == (409, "already_booked")


@pytest.mark.parametrize(
    ("stands", "asked", "refused"),
    [
        ({}, {"patient": STOLEN}, "another_patient"),
        ({"unit": {"hsa_id": "SE2321000115-E9"}}, {}, "another_unit"),
        ({"call_letter": {"kind": "open", "valid_until": "2020-01-01"}}, {}, "letter_expired"),
        ({"call_letter": {"kind": "open", "valid_until": "2020-01-01T10:00:00Z"}}, {}, "letter_expired"),
        ({"call_letter": {"kind": "timed"}, "start": SOON}, {}, "not_allowed"),
        ({}, time_at(2), "time_not_offered"),
    ],
)
def test_a_call_letter_that_cannot_be_answered_so(
    vas: Timetable, stands: Any, asked: Any, refused: str
) -> None:
    letter(vas, **stands)
    assert code(vas.books(1, invitation="b-1", **asked)) == (409, refused)
    assert len(vas.free()) == 4


def test_an_open_call_letter_holds_all_of_its_last_day(vas: Timetable) -> None:
    today = datetime.now(UTC).date()
    letter(vas, call_letter={"kind": "open", "valid_until": (today + timedelta(days=1)).isoformat()})
    assert vas.books(1, invitation="b-1")[0] == 201


def test_an_open_call_letter_is_no_time_to_move_but_can_be_turned_down(vas: Timetable) -> None:
    letter(vas)
    assert code(vas.moves("b-1", 1)) == (409, "not_allowed")
    assert vas.cancels("b-1")[0] == 200


@pytest.mark.parametrize(
    ("saves", "says", "not_saved"),
    [
        (["email", "message"], {"phone": "+46701740605", "email": "a@b.se"}, ["phone"]),
        ([], {"phone": "+46701740605", "message": "Hej"}, ["phone", "message"]),
        (["phone", "email", "message"], {"phone": "0" * 40, "email": "ingen"}, ["phone", "email"]),
        (["phone", "email", "message"], {"message": "x" * 501}, ["message"]),
    ],
)
def test_what_vas_cannot_save_it_says_and_the_rest_is_done(
    vas: Timetable, saves: list[str], says: Any, not_saved: list[str]
) -> None:
    vas.offers(saves=saves)
    status, answer = vas.books(1, **says)
    assert (status, answer["not_saved"]) == (201, not_saved)
    (done,) = vas.town.get("/inspect/vas")["self_service"]
    assert set(says) - set(not_saved) == {name for name in ("phone", "email", "message") if name in done}


def test_staff_s_bookings_hold_their_times_too(vas: Timetable) -> None:
    staff_tell(vas.town, "created", **time_at(1))
    assert code(vas.books(1)) == (409, "time_taken")
    staff_tell(vas.town, "changed", version=2, **time_at(2))
    assert [one["start"] for one in vas.free()][-1] == vas.held(vas.booked(1))["start"]
    staff_tell(vas.town, "cancelled", version=3, **time_at(2))
    assert vas.books(2)[0] == 201


def test_a_timetable_that_is_given_anew_knows_what_is_booked(vas: Timetable) -> None:
    vas.booked(1)
    vas.offers()
    assert len(vas.free()) == 3
    assert code(vas.books(1)) == (409, "time_taken")


def test_webhooks_wait_for_a_gateway_that_is_away(vas: Timetable) -> None:
    vas.town.gateway.answer = lambda path, body: (503, b"")
    id = vas.booked(1)
    assert until(lambda: vas.town.get("/inspect/counts")["webhooks_waiting"] == 1)
    vas.town.gateway.answer = lambda path, body: (202, b"{}")
    sent = until(lambda: vas.town.get("/inspect/vas")["webhooks"], 10)
    assert [(one["booking"], one["status"]) for one in sent] == [(id, 202)]


@pytest.mark.parametrize(
    ("kind", "count"), [("lost_webhooks", 0), ("duplicate_webhooks", 2), ("late_webhooks", 1)]
)
def test_webhooks_are_lost_doubled_or_late(vas: Timetable, kind: str, count: int) -> None:
    vas.town.fault("vas", kind, times=1, seconds=0.1)
    vas.booked(1)
    assert until(lambda: vas.town.get("/inspect/counts")["webhooks_waiting"] == 0)
    assert until(lambda: len(vas.told()) == count)
    assert vas.town.post("/faults", {"system": "hope", "kind": kind}).status_code == 422


def test_a_lost_answer_was_an_act_all_the_same(vas: Timetable) -> None:
    vas.town.fault("vas", "timeout_after", times=1, seconds=0.1, operation="POST /bookings")
    with pytest.raises(requests.ConnectionError):
        vas.books(1, "k-lost")
    assert vas.books(1, "k-lost")[0] == 201
    assert len(vas.told()) <= 1


def test_faults_and_calls_name_no_booking(vas: Timetable) -> None:
    id = vas.booked(1)
    vas.moves(id, 2)
    vas.cancels(id)
    calls = vas.town.get("/inspect/calls?system=vas")["calls"]
    assert [one["operation"] for one in calls] == [
        "POST /bookings",
        "POST /bookings/{id}/rebook",
        "POST /bookings/{id}/cancel",
    ]


def test_a_body_without_a_field_is_refused_by_its_path(vas: Timetable) -> None:
    body = wanted(1)
    answer = vas.town.post("/vas/bookings", body, Idempotency_Key="k-f")
    assert [one["path"] for one in answer.json()["errors"]] == ["invitation"]


def test_a_new_day_forgets_timetables_and_who_has_answered(town: Driver) -> None:
    vas = Timetable(town)
    vas.offers()
    letter(vas)
    vas.booked(1, invitation="b-1")
    town.delete("/state")
    assert vas.free() == []
    held = town.get("/inspect/vas")
    assert held["self_service"] == held["bookings"] == held["webhooks"] == []
    town.post("/act/vas", {"events": [created()], "silent": True})
    assert vas.held("b-1")["cancelled"] is False
