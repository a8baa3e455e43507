"""What a resident asked for on 1177 is settled, once and rightly, whatever goes wrong around it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from contact_town import aged
from image_town import incidents
from self_service_town import HALF_AN_HOUR, SelfServiceTown, agrees, hours
from sqlalchemy import text
from town import HALMSTAD, LAHOLM, NEW_UNIT, as_json, identity, open_letter
from typer.testing import CliRunner

from bench.self_service import calls
from cli.app import app
from engine.base import clock
from engine.base.database import transaction
from engine.ops import by_hand
from engine.tables.claims import JITTER
from flows.registry import PROCESSES
from gateway.scheduling import waiting
from models.identity import PatientId
from routine.self_service import LEFT_TO_STAFF_WITHIN
from routine.text import swedish_time
from sandbox.people.numbers import ADULTS
from tasks import find_case
from tasks.self_service import desk
from tasks.self_service.ask_vas import BACKOFF, TOLD_OF_BY
from tasks.self_service.desk import _store
from tasks.self_service.stored import changes_asked_for

PARENT, OTHER = ADULTS[1], ADULTS[3]
NINE, TEN, ELEVEN = hours(9, 10, 11)


@pytest.fixture
def town(self_service_town: SelfServiceTown) -> SelfServiceTown:
    """VAS has three times in eight days."""
    self_service_town.offers(NINE, TEN, ELEVEN)
    return self_service_town


# --- what is asked of VAS is settled once, and judged anew while surely nothing was sent


async def test_what_vas_is_asked_under_one_key_is_the_same_whatever_patient_and_unit_are_called_by_then(
    town: SelfServiceTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "PATIENCE", 0.5)
    old, new = town.residents(2)
    town.has_fault("vas", "timeout_after", seconds=2.5, operation="POST /bookings", times=1)
    assert "behandlas" in town.asks_1177("book", old, at=NINE, phone="070-174 06 05")["text"]
    town.nobody_waits_for_vas()
    (effect,) = town.effects()
    assert (effect.state, effect.may_be_there, effect.request is not None) == ("not_sent", True, True)
    town.tells("patient.merged", {"from": identity(old), "to": identity(new)})
    town.region_learns(f'[units.{HALMSTAD["hsa_id"]}]\nname = "Vårdcentralen Halmstad Norr"\n')
    await town.comes_to_rest(within=600)
    assert (town.standing_of_requests(), len(town.done()), town.staff_tasks()) == (["done"], 1, [])
    (effect,) = town.effects()
    assert (effect.state, effect.request, town.requests()[0].request) == ("done", None, None)


async def test_policy_avliden_1_while_surely_nothing_was_sent_a_request_is_judged_anew(
    town: SelfServiceTown,
) -> None:
    patient = town.resident()
    town.has_fault("vas", "down", times=1)
    assert "behandlas" in town.asks_1177("book", patient, at=NINE)["text"]
    assert [effect.may_be_there for effect in town.effects()] == [False]
    town.tells("patient.deceased", {"patient": identity(patient), "at": clock.now().isoformat()})
    await town.comes_to_rest(within=600)
    assert (town.requests()[0].reason, town.done(), town.notices(patient)) == ("deceased", [], 0)


async def test_what_may_be_done_is_asked_for_again_whatever_is_known_by_then(town: SelfServiceTown) -> None:
    patient = town.resident()
    town.has_fault("vas", "error_500", operation="POST /bookings", times=1)
    assert "behandlas" in town.asks_1177("book", patient, at=NINE)["text"]
    town.tells("patient.deceased", {"patient": identity(patient), "at": clock.now().isoformat()})
    await town.comes_to_rest(within=600)
    assert (town.standing_of_requests(), len(town.done())) == (["done"], 1)


# --- what nobody can tell the outcome of


async def test_syfte_3_what_vas_says_that_nobody_understands_is_left_to_staff_and_to_ops(
    town: SelfServiceTown,
) -> None:
    """A kind of time without a name is none of the contract's."""
    asked = town.asked("book", patient := town.resident(), at=NINE)
    asked = asked.model_copy(update={"time_type": "", "phone": "070-174 06 05"})
    for _ in range(2):
        answer = desk.ask(asked)
        assert "Det går inte att se om en tid är bokad. Kontakta" in (answer.told.text or "")
    await town.comes_to_rest(within=600)
    assert town.standing_of_requests() == ["parked:vas_refused"]
    (task,) = town.holds("vas")["staff_tasks"]
    assert (task["reason"], task["patient"]["id"], task["unit"]) == ("not_settled", patient, HALMSTAD)
    assert all(said in task["text"] for said in ("boka en tid", swedish_time(NINE), "070-174 06 05"))
    assert "Det går inte att se" in (desk.ask(asked).told.text or "")
    by_hand.retry_parked(PROCESSES, "vas_refused")
    await town.comes_to_rest(within=600)
    assert (town.standing_of_requests(), len(town.staff_tasks())) == (["parked:vas_refused"], 1)


@pytest.mark.parametrize(("done", "stands", "told"), [(True, "done", 0), (False, "heard", 1)])
async def test_ops_settle_what_waits_for_them_and_a_no_is_told_by_a_notice(
    town: SelfServiceTown, done: bool, stands: str, told: int
) -> None:
    asked = town.asked("book", patient := town.resident(), at=NINE).model_copy(update={"time_type": ""})
    desk.ask(asked)
    await town.comes_to_rest(within=600)
    (case,) = town.requests()
    settles = partial(
        CliRunner().invoke, app, ["settle", str(case.id), "--done" if done else "--not-done", "--json"]
    )
    assert as_json(settles().stdout) == {"case": str(case.id), "state": "done" if done else "declined"}
    await town.comes_to_rest(within=600)
    (case,) = town.requests()
    assert (town.standing_of_requests(), case.request, town.notices(patient)) == ([stands], None, told)
    assert all(effect.request is None for effect in town.effects())
    assert settles().exit_code == 1
    desk.ask(asked)
    assert len(town.requests()) == (1 if done else 2)


async def test_what_a_resident_has_been_told_is_not_settled_by_ops_once_more(
    town: SelfServiceTown,
) -> None:
    desk.ask(town.asked("book", town.resident(), at=NINE).model_copy(update={"time_type": ""}))
    await town.comes_to_rest(within=600)
    with transaction() as connection:
        connection.execute(text("UPDATE self_service SET state = 'declined'"))
    (case,) = town.requests()
    said = CliRunner().invoke(app, ["settle", str(case.id), "--done"])
    assert (said.exit_code, town.requests()[0].state) == (1, "declined")


async def test_of_a_cancellation_that_ops_have_settled_a_repeat_is_the_same(town: SelfServiceTown) -> None:
    booking = await town.has_visit(town.resident(), start=NINE)
    town.has_fault("vas", "error_500", operation="POST /bookings/{id}/cancel", times=20)
    asked = town.asked("cancel", booking["patient"]["id"], booking)
    desk.ask(asked)
    await town.comes_to_rest(within=4 * 3600)
    (case,) = town.requests()
    assert CliRunner().invoke(app, ["settle", str(case.id), "--done"]).exit_code == 0
    town.http.delete("/faults")
    assert desk.ask(asked).told.result == "OK"
    assert len(town.requests()) == 1


async def test_syfte_3_what_vas_has_not_done_for_hours_is_left_to_staff(town: SelfServiceTown) -> None:
    booking = await town.has_visit(town.resident(), start=NINE)
    town.has_fault("vas", "error_500", operation="POST /bookings/{id}/cancel", times=20)
    asked = town.asked("cancel", booking["patient"]["id"], booking).model_copy(
        update={"message": "Jag är sjuk"}
    )
    assert desk.ask(asked).is_in_hand
    await town.comes_to_rest(within=4 * 3600)
    assert town.standing_of_requests() == ["parked:technical_error"]
    (task,) = town.holds("vas")["staff_tasks"]
    assert (task["booking"], "avboka" in task["text"], "Jag är sjuk" in task["text"]) == (
        booking["id"],
        True,
        True,
    )


# --- what a fault of ours has stopped


@pytest.fixture
def nothing_is_asked_of_vas() -> Iterator[Callable[[], None]]:
    """The database refuses what is written before VAS is asked, as of a bug of ours; gives what ends that."""
    change = "ALTER TABLE effect {} CONSTRAINT nothing_is_asked"
    with transaction() as connection:
        connection.execute(text(f"{change.format('ADD')} CHECK (step <> 'ask_vas') NOT VALID"))

    def is_mended() -> None:
        with transaction() as connection:
            connection.execute(text(change.format("DROP").replace("CONSTRAINT", "CONSTRAINT IF EXISTS")))

    yield is_mended
    is_mended()


async def test_policy_sjalvservice_1_what_a_bug_of_ours_has_stopped_is_with_staff_at_once(
    town: SelfServiceTown, nothing_is_asked_of_vas: Callable[[], None]
) -> None:
    asked_at, patient = clock.now(), town.resident()
    said = town.asks_1177("book", patient, at=NINE, phone="070-174 06 05")
    assert "Det går inte att se om en tid är bokad" in said["text"]
    await town.comes_to_rest(within=600)
    assert (town.standing_of_requests(), town.times_parked()) == (["parked:internal_error"], 1)
    (task,) = town.holds("vas")["staff_tasks"]
    assert (task["reason"], task["patient"]["id"], task["unit"]) == ("not_settled", patient, HALMSTAD)
    assert all(said in task["text"] for said in (swedish_time(NINE), "070-174 06 05"))
    assert town.told_staff_at() - asked_at < LEFT_TO_STAFF_WITHIN
    nothing_is_asked_of_vas()
    by_hand.retry_parked(PROCESSES, "internal_error")
    await town.comes_to_rest(within=600)
    assert (town.standing_of_requests(), len(town.done()), len(town.staff_tasks())) == (["done"], 1, 1)


async def test_what_ops_take_up_again_while_vas_is_down_goes_by_that_one_retry(
    town: SelfServiceTown, nothing_is_asked_of_vas: Callable[[], None]
) -> None:
    """Staff could not be told of it yet: it stands where they are to be."""
    town.asks_1177("book", town.resident(), at=NINE)
    town.has_fault("vas", "down")
    await town.runs_one("self_service")
    (case,) = town.requests()
    assert (case.state, case.parked) == ("unclear", "internal_error")
    nothing_is_asked_of_vas()
    by_hand.retry(PROCESSES, case.id)
    await town.runs_one("self_service")
    town.is_well_again()
    await town.comes_to_rest(within=600)
    assert (town.standing_of_requests(), len(town.done()), town.staff_tasks()) == (["done"], 1, [])


@pytest.mark.parametrize("spoiled", [("request",), ("patient",), ("request", "patient")])
async def test_policy_sjalvservice_1_what_does_not_open_is_with_staff_who_learn_what_can_be_told_of_it(
    town: SelfServiceTown, spoiled: tuple[str, ...]
) -> None:
    booking = await town.has_visit(patient := town.resident(), start=NINE)
    town.has_fault("vas", "error_500", operation="POST /bookings/{id}/cancel", times=1)
    assert "behandlas" in town.asks_1177("cancel", patient, booking, message="Jag är sjuk")["text"]
    asked_at = clock.now()
    (whole,) = town.requests()
    with transaction() as connection:
        cut = ", ".join(f"{column} = substring({column} FROM 1 FOR 40)" for column in spoiled)
        connection.execute(text(f"UPDATE self_service SET {cut}"))
    await town.comes_to_rest(within=600)
    assert (town.standing_of_requests(), town.times_parked()) == (["parked:does_not_open"], 1)
    (task,) = town.holds("vas")["staff_tasks"]
    (case,) = town.requests()
    assert (task["booking"], "avboka" in task["text"]) == (booking["id"], True)
    assert ("Jag är sjuk" in task["text"], str(case.id) in task["text"]) == (
        "request" not in spoiled,
        "request" in spoiled,
    )
    assert (task["patient"] or {}).get("id") == (None if "patient" in spoiled else patient)
    assert town.told_staff_at() - asked_at < LEFT_TO_STAFF_WITHIN
    with transaction() as connection:
        put_back = text("UPDATE self_service SET request = :request, patient = :patient")
        connection.execute(put_back, {"request": whole.request, "patient": whole.patient})
    by_hand.retry_parked(PROCESSES, "does_not_open")
    await town.comes_to_rest(within=600)
    assert (town.standing_of_requests(), len(town.done()), len(town.staff_tasks())) == (["done"], 1, 1)


# --- what was made just now


async def hears_first_of_what_was_booked(town: SelfServiceTown) -> None:
    """A webhook is there in less than a second: before the clock of a test goes ten minutes forward."""
    town.is_told_by_vas(1)
    await town.runs_one("booking_publication")
    await town.comes_to_rest(within=600)


async def test_what_was_booked_just_now_is_cancelled_once_vas_has_told_of_it(
    town: SelfServiceTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = town.resident()
    made = {"id": town.asks_1177("book", patient, at=NINE)["booking"], "unit": HALMSTAD}
    monkeypatch.setattr(desk, "PATIENCE", 0.5)
    assert "behandlas" in town.asks_1177("cancel", patient, made)["text"]
    await hears_first_of_what_was_booked(town)
    await town.hears_from_vas(2)
    assert (town.standing_of_requests(), len(town.done())) == (["done", "done"], 2)
    agrees(town, patient)


async def test_besok_3_what_was_booked_just_now_is_cancelled_while_1177_waits(town: SelfServiceTown) -> None:
    """The webhook comes, and is taken in, within the seconds that 1177 waits."""
    patient = town.resident()
    made = {"id": town.asks_1177("book", patient, at=NINE)["booking"], "unit": HALMSTAD}
    with ThreadPoolExecutor(1) as threads:
        press = threads.submit(town.asks_1177, "cancel", patient, made)
        town.has_one_in_line()
        town.is_told_by_vas(1)
        await town.runs_one("booking_publication")
        said = await asyncio.to_thread(press.result)
    assert (said["result"], said["text"]) == ("OK", None)
    await town.hears_from_vas(2)
    assert (town.standing_of_requests(), len(town.done())) == (["done", "done"], 2)
    assert town.notices(patient) == 0
    agrees(town, patient)


async def test_besok_3_a_resident_books_and_moves_it_at_once_by_the_times_that_they_are_shown(
    town: SelfServiceTown,
) -> None:
    """Nothing that VAS tells is taken in before they have chosen."""
    patient = town.resident()
    made = {"id": town.asks_1177("book", patient, at=NINE)["booking"], "unit": HALMSTAD}
    days = {"from": NINE.date().isoformat(), "to": NINE.date().isoformat()}
    shown = town.asks_1177("times", patient, made, **days)["times"]
    assert [each["start"] for each in shown] == [at.isoformat() for at in (TEN, ELEVEN)]
    with ThreadPoolExecutor(1) as threads:
        press = threads.submit(
            town.asks_1177, "rebook", patient, made, datetime.fromisoformat(shown[0]["start"])
        )
        town.has_one_in_line()
        town.is_told_by_vas(1)
        await town.runs_one("booking_publication")
        assert (await asyncio.to_thread(press.result))["result"] == "OK"
    await town.hears_from_vas(2)
    agrees(town, patient, TEN.isoformat())


async def test_besok_3_of_what_another_has_booked_just_now_no_times_are_shown(town: SelfServiceTown) -> None:
    patient, other = town.residents(2)
    made = {"id": town.asks_1177("book", patient, at=NINE)["booking"], "unit": HALMSTAD}
    asked = {"personnummer": other, "unit": HALMSTAD["hsa_id"], "booking": made["id"]}
    assert "no_such_booking" in town._post("/act/1177/times", asked)["error"]


async def test_barn_1_a_guardian_cancels_what_they_have_just_booked_for_a_child_and_a_stranger_does_not(
    town: SelfServiceTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent, child, other = town.resident(PARENT), aged(7), town.resident(OTHER)
    town.resident(child, guardians=[parent])
    made = {"id": town.asks_1177("book", parent, at=NINE, **{"for": child})["booking"], "unit": HALMSTAD}
    assert "hittar inte bokningen" in town.asks_1177("cancel", other, made)["text"]
    monkeypatch.setattr(desk, "PATIENCE", 0.5)
    assert "behandlas" in town.asks_1177("cancel", parent, made)["text"]
    await hears_first_of_what_was_booked(town)
    await town.hears_from_vas(2)
    assert [each["service"] for each in town.done()] == ["book", "cancel"]


async def test_syfte_3_what_vas_never_tells_of_is_left_to_staff_when_it_is_to_be_cancelled(
    town: SelfServiceTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = town.resident()
    town.asks_1177("book", patient, at=NINE)
    await town.hears_from_vas()
    monkeypatch.setattr(desk, "PATIENCE", 0.5)
    with transaction() as connection:
        connection.execute(text("UPDATE self_service SET led_to = 'B-never-told'"))
    made = {"id": "B-never-told", "unit": HALMSTAD}
    assert "behandlas" in town.asks_1177("cancel", patient, made)["text"]
    town.waits(minutes=11)
    await town.comes_to_rest(within=600)
    assert sorted(town.standing_of_requests()) == ["done", "parked:no_such_booking"]
    assert town.staff_tasks() == ["not_settled"]


# --- what ops have to mend


async def test_what_ops_have_mended_goes_by_itself_and_the_resident_hears_of_it(
    town: SelfServiceTown,
) -> None:
    booking = await town.has_visit(patient := town.resident(), start=NINE)
    heard = town.notices(patient)
    town.has_fault("vas", "not_authorised")
    assert "behandlas" in town.asks_1177("cancel", patient, booking)["text"]
    town.is_well_again()
    await town.comes_to_rest(within=600)
    await town.hears_from_vas()
    agrees(town, patient)
    assert (town.standing_of_requests(), town.staff_tasks(), incidents()) == (
        ["done"],
        [],
        {("vas", "not_authorised")},
    )
    assert town.notices(patient) == heard + 1


async def test_syfte_3_what_ops_do_not_mend_for_hours_is_left_to_staff(town: SelfServiceTown) -> None:
    booking = await town.has_visit(patient := town.resident(), start=NINE)
    town.has_fault("vas", "not_authorised", operation="POST /bookings/{id}/cancel")
    asked_at = clock.now()
    assert "behandlas" in town.asks_1177("cancel", patient, booking)["text"]
    await town.comes_to_rest(within=4 * 3600)
    assert (town.standing_of_requests(), town.staff_tasks()) == (["parked:not_authorised"], ["not_settled"])
    assert town.told_staff_at() - asked_at < LEFT_TO_STAFF_WITHIN
    town.is_well_again()
    by_hand.retry_parked(PROCESSES, "not_authorised")
    await town.comes_to_rest(within=600)
    await town.hears_from_vas()
    assert (town.standing_of_requests(), len(town.staff_tasks())) == (["done"], 1)


def test_syfte_3_no_ladder_is_longer_than_the_time_within_which_staff_are_told() -> None:
    assert timedelta(seconds=sum(BACKOFF) * (1 + JITTER)) + TOLD_OF_BY < LEFT_TO_STAFF_WITHIN


async def test_syfte_3_a_task_that_vas_does_not_take_stands_at_the_unit_until_it_does(
    town: SelfServiceTown,
) -> None:
    desk.ask(town.asked("book", town.resident(), at=NINE).model_copy(update={"time_type": ""}))
    town.has_fault("vas", "not_authorised", operation="POST /staff-tasks")
    await town.runs_one("self_service")
    with transaction() as connection:
        waiting = find_case.that_wait(connection, HALMSTAD["hsa_id"])
    assert [(each.process, each.state, each.parked) for each in waiting.cases] == [
        ("self_service", "unclear", None)
    ]
    town.is_well_again()
    await town.comes_to_rest(within=3600)
    assert (town.standing_of_requests(), town.staff_tasks()) == (["parked:vas_refused"], ["not_settled"])


# --- while the person register does not answer


def looks_at_times(town: SelfServiceTown, by: str, patient: str) -> int:
    """How many times somebody is shown; a fault shows none."""
    day = NINE.date()
    answer = town.by_soap(calls.free_times(HALMSTAD["hsa_id"], patient, day, day, by))
    return answer.text.count("startTimeInclusive>") // 2


def test_barn_1_many_guardians_who_ask_at_once_wait_for_their_turn(town: SelfServiceTown) -> None:
    parent, child = town.resident(PARENT), aged(7)
    town.resident(child, guardians=[parent])
    town.has_fault("person", "slow", seconds=0.15, times=100)
    shown = town.all_press([partial(looks_at_times, town, parent, child)] * 12)
    assert shown == [3] * 12


async def test_barn_1_many_guardians_who_look_at_what_is_booked_at_once_wait_for_their_turn(
    town: SelfServiceTown,
) -> None:
    parent, child = town.resident(PARENT), aged(7)
    town.resident(child, guardians=[parent])
    booking = await town.has_visit(child, start=NINE)
    town.has_fault("person", "slow", seconds=0.4, times=100)
    seen = town.all_press([partial(town.sees_by_soap, parent, child, booking)] * 12)
    assert seen == [["may cancel", "may cancel"]] * 12


async def test_while_pu_hangs_all_who_need_it_not_are_answered(
    town: SelfServiceTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "PATIENCE", 3)
    monkeypatch.setattr(waiting, "PATIENCE", 3)
    parent, child, other = town.resident(PARENT), aged(7), town.resident(OTHER)
    town.resident(child, guardians=[parent])
    visit, of_other = [await town.has_visit(each, start=hours(15)[0]) for each in (child, other)]
    town.has_fault("person", "slow", seconds=4, times=100)
    for_child = PatientId.model_validate(identity(child))
    hanging: list[Callable[[], object]] = [partial(looks_at_times, town, parent, child)] * 20
    hanging += [partial(town.sees_by_soap, parent, child, visit)] * 20
    for at in hours(*range(4, 20), days=9):
        asked = town.asked("book", parent, at=at).model_copy(update={"patient": for_child})
        hanging.append(partial(desk.ask, asked))
    with ThreadPoolExecutor(len(hanging)) as threads:
        for press in hanging:
            threads.submit(press)
        time.sleep(0.5)
        began = time.monotonic()
        assert looks_at_times(town, other, other) == 3
        assert "fault" not in town.sees_by_soap(other, other, of_other)
        assert desk.ask(town.asked("book", other, at=NINE)).told.result == "OK"
        assert time.monotonic() - began < 2


# --- whom the resident turns to, and what could not be kept


async def test_a_no_to_a_move_to_another_unit_names_the_unit_that_has_the_booking(
    town: SelfServiceTown,
) -> None:
    town.offers(TEN, unit=LAHOLM)
    booking = await town.has_visit(patient := town.resident(), start=NINE, rebookable=False)
    said = town.asks_1177("rebook", patient, booking, TEN, unit=LAHOLM["hsa_id"])
    assert (said["result"], town.requests()[0].reason) == ("ERROR", "not_allowed_by_unit")
    assert (HALMSTAD["name"] in said["text"], LAHOLM["name"] in said["text"]) == (True, False)
    taken = town.asks_1177("rebook", patient, booking | {"id": "B-none"}, TEN, unit=LAHOLM["hsa_id"])
    assert LAHOLM["name"] in taken["text"]


async def test_a_new_phone_number_sent_again_is_not_lost_in_silence(town: SelfServiceTown) -> None:
    press = partial(town.asks_1177, "book", town.resident(), at=NINE)
    assert [press(phone="070-174 06 05")["result"] for _ in range(2)] == ["OK", "OK"]
    said = press(phone="070-174 06 06", email="a@example.org")
    assert said["result"] == "INFO"
    assert "Telefonnumret och e-postadressen kunde inte sparas" in said["text"]
    assert len(town.done()) == 1


async def test_what_1177_was_told_is_kept_for_months_and_then_no_change_of_old_is_told_of(
    town: SelfServiceTown,
) -> None:
    booking = await town.has_visit(patient := town.resident(), start=hours(9, days=200)[0])
    assert town.asks_1177("cancel", patient, booking)["result"] == "OK"
    await town.hears_from_vas()
    key = town.case(booking).echo_of
    town.waits(days=91)
    assert town.asks_1177("book", patient, at=hours(9, days=1)[0])["result"] == "ERROR"
    with transaction() as connection:
        kept = connection.execute(text("SELECT case_id FROM service_told")).scalars().all()
        asked = changes_asked_for(connection, [key])[key]
    assert ([f"self_service:{id}" for id in kept] == [key], asked.told, asked.told_until) == (
        False,
        True,
        None,
    )


# --- a late no


async def test_avisering_1_a_late_no_at_a_unit_that_is_not_listed_is_told_by_the_regions_words(
    town: SelfServiceTown,
) -> None:
    patient = town.resident()
    asked = town.asked("book", patient, at=NINE).model_copy(update={"unit": NEW_UNIT["hsa_id"]})
    with transaction() as connection:
        _store(connection, asked)
    town.waits(seconds=20)
    await town.comes_to_rest(within=600)
    assert (town.requests()[0].reason, town.notices(patient)) == ("unit_unknown", 1)
    assert "Det finns ny information." in town.sms(patient)[0]["message"]


async def test_avisering_1_a_late_no_is_told_by_us_though_1177_tells_of_what_is_there(
    town: SelfServiceTown,
) -> None:
    town.region_learns("[notices]\nportal_notifies_of_requested = true\n")
    town.offers()
    patient = town.resident(active_on_1177=True, notified_by_1177=True)
    town.has_fault("vas", "down", times=1)
    assert "behandlas" in town.asks_1177("book", patient, at=NINE)["text"]
    town.waits(seconds=20)
    await town.comes_to_rest(within=600)
    assert (town.requests()[0].reason, len(town.sms(patient))) == ("time_not_offered", 1)


# --- the hour that comes twice


def the_clock_is_put_back() -> datetime:
    """When the hour begins that comes twice, the next time."""
    for year in (clock.now().year, clock.now().year + 1):
        last = max(day for day in range(25, 32) if date(year, 10, day).weekday() == 6)
        at = datetime(year, 10, last, 0, tzinfo=UTC)
        if at > clock.now() + timedelta(days=2):
            return at
    raise AssertionError("never")


async def test_every_time_that_is_offered_in_the_hour_that_comes_twice_can_be_booked(
    town: SelfServiceTown,
) -> None:
    first = the_clock_is_put_back()
    town.offers(*(first + n * HALF_AN_HOUR for n in range(4)))
    patient, day = town.resident(), first.date().isoformat()
    shown = town.asks_1177("times", patient, **{"from": day, "to": day})["times"]
    assert len(shown) == 2
    for at in (first, first + HALF_AN_HOUR):
        assert town.asks_1177("book", patient, at=at)["result"] == "OK"
    assert [datetime.fromisoformat(each["start"]) for each in town.done()] == [first, first + HALF_AN_HOUR]


# --- what the region's journal system carries out


async def test_besok_3_what_the_journal_system_does_not_carry_out_is_neither_offered_nor_asked_for(
    town: SelfServiceTown,
) -> None:
    town.region_learns('[self_service]\ncarries_out = ["cancel"]\n')
    booking = await town.has_visit(patient := town.resident(), start=NINE)
    assert [(each["cancel_allowed"], each["rebook_allowed"]) for each in town.seen_on_1177(patient)] == [
        (True, False)
    ]
    assert town.asks_1177("rebook", patient, booking, TEN)["result"] == "ERROR"
    assert (town.requests()[0].reason, town.done()) == ("not_carried_out", [])


@pytest.mark.parametrize(("source", "says"), [("vas", "för att välja tid"), ("hope", "för att se hur")])
async def test_besok_4_only_an_open_call_letter_of_vas_leads_to_1177_to_choose_a_time(
    town: SelfServiceTown, source: str, says: str
) -> None:
    patient = town.resident()
    letter = town.booking(patient, start=None, form=None, call_letter=open_letter())
    town.tells("booking.created", {"booking": letter}, source=source)
    await town.comes_to_rest()
    (sms,) = town.sms(patient)
    assert says in sms["message"]
