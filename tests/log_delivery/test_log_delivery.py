"""The access log comes to the national log service: each entry at least once, in order, whatever dies in between."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from click.testing import Result
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import col, select
from typer.testing import CliRunner

from cli.app import app
from engine.base import clock
from engine.base.database import load, transaction
from engine.base.errors import NotSent
from engine.base.settings import System, settings
from engine.ops import log_delivery
from engine.ops.access_log import Access, Act, write
from engine.ops.access_log_check import check_access_log
from engine.outer import breaker
from models.access_log import LoggedAccess, RefusedAccess
from models.case import NotedIncident
from models.identity import IdentityType, PatientId
from systems.log_store import LogStore, StoredAccess
from tasks import clients
from tasks.log_delivery import deliver as delivering
from tasks.log_delivery.deliver import deliver
from tasks.log_delivery.entries import ACTIVITY

UNIT, ANNA = "SE2321000115-E000000000001", "SE2321000115-P000000000001"
PATIENT = PatientId(type=IdentityType.PERSONNUMMER, id="191212121212")
RESERVNUMMER = PatientId(type=IdentityType.RESERVNUMMER, id="98240301AA067")


class LogTown:
    """Our access log, and the sandbox's log service."""

    def __init__(self, url: str) -> None:
        self.http = requests.Session()
        self.http.trust_env = False
        self.url = url

    def begins(self) -> None:
        """Nothing has been logged, and nothing stored."""
        self.http.delete(f"{self.url}/state", timeout=10).raise_for_status()
        self.http.delete(f"{self.url}/faults", timeout=10).raise_for_status()
        with transaction() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for table in ("access_log", "access_log_end", "log_delivery", "refused_access", "system_state"):
                connection.execute(text(f"DELETE FROM {table}"))

    def fault(self, kind: str, **fields: Any) -> None:
        given = {"system": "log", "kind": kind} | fields
        self.http.post(f"{self.url}/faults", json=given, timeout=10).raise_for_status()

    def is_well(self) -> None:
        self.http.delete(f"{self.url}/faults", timeout=10).raise_for_status()
        breaker.close("log")

    def there(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get(f"{self.url}/inspect/log", timeout=10).json()["entries"]
        return found

    def ids_there(self) -> list[str]:
        return [entry["log_id"] for entry in self.there()]


@pytest.fixture(scope="module")
def empty_town(postgres: None, sandbox_server: Any) -> LogTown:
    return LogTown(sandbox_server.url)


@pytest.fixture
def town(empty_town: LogTown, database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[LogTown]:
    at = System(url=f"{empty_town.url}/log", deadline=2.0, settling=0.2)
    monkeypatch.setitem(settings().systems, "log", at)
    clients.forget()
    empty_town.begins()
    yield empty_town
    empty_town.is_well()
    monkeypatch.undo()
    clients.forget()


def logged(count: int = 1, **other: Any) -> list[str]:
    """So many accesses of Anna's; gives their ids."""
    plain = {"who": ANNA, "name": "Anna Test", "act": Act.LOOK, "process": "image_transfer", "unit": UNIT}
    plain |= {"commission": "SE2321000115-U1", "purpose": "Vård och behandling", "patient": PATIENT}
    with transaction() as connection:
        write(connection, [Access(**(plain | {"why": "bilder-2"} | other))] * count, clock.now())
    return ids()[-count:]


def ids() -> list[str]:
    """Of all that was logged, in order."""
    with transaction() as connection:
        rows = load(connection, select(LoggedAccess).order_by(col(LoggedAccess.number)))
    return [str(row.id) for row in rows]


def undelivered() -> log_delivery.Undelivered:
    with transaction() as connection:
        return log_delivery.undelivered(connection)


def refused_lines() -> list[log_delivery.RefusedLine]:
    with transaction() as connection:
        return log_delivery.refused_accesses(connection)


def refused() -> list[tuple[int, str]]:
    return [(line.number, line.reason) for line in refused_lines()]


def test_what_staff_did_with_a_patients_data_comes_there_once_in_order_and_whole(town: LogTown) -> None:
    file = uuid.uuid4()
    acts = [Act.PUT, Act.LOOK, Act.PREVIEW, Act.DOWNLOAD, Act.FETCH_AGAIN, Act.JOURNALLED, Act.DELETE]
    for act in acts:
        logged(act=act, subject=file)
    assert deliver() == {"delivered": 7}
    assert deliver() == {}
    there = town.there()
    assert [each["log_id"] for each in there] == ids()
    assert [each["activity"] for each in there] == [
        "Skriva", "Läsa", "Läsa", "Läsa", "Skriva", "Skriva", "Radera"
    ]  # fmt: skip
    shown = {name: there[0][name] for name in ("user", "name", "assignment", "unit", "purpose", "patient")}
    assert shown == {
        "user": ANNA,
        "name": "Anna Test",
        "assignment": "SE2321000115-U1",
        "unit": UNIT,
        "purpose": "Vård och behandling",
        "patient": PATIENT.id,
    }
    assert (there[0]["args"], there[0]["resource"], there[0]["care_provider"]) == (
        str(file), "Bild från patient", settings().rivta.data_controller
    )  # fmt: skip
    assert undelivered() == log_delivery.Undelivered(0, None, 0)
    assert check_access_log().broken == []


def test_neither_programs_nor_operators_nor_residents_nor_what_concerns_nobody_go_there(
    town: LogTown,
) -> None:
    logged(who="vaxel", act=Act.EXPIRE, name=None)
    logged(who="vaxel:erik", act=Act.SEARCH, name=None)
    logged(who="SE165565594230-1000", act=Act.READ, name=PATIENT.id)
    logged(patient=None)
    (own,) = logged()
    assert deliver() == {"delivered": 1}
    assert town.ids_there() == [own]
    with transaction() as connection:
        assert log_delivery.delivered_until(connection) == 5


def test_an_act_that_their_own_system_told_of_is_for_care_though_it_names_no_commission(
    town: LogTown,
) -> None:
    logged(commission=None, purpose=None)
    deliver()
    (there,) = town.there()
    assert (there["purpose"], there["assignment"]) == ("Vård och behandling", None)


def test_more_than_a_batch_goes_in_several_calls(town: LogTown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "BATCH", 3)
    logged(4)
    logged(2, who="vaxel")
    logged(4)
    assert deliver() == {"delivered": 8}
    assert undelivered().waiting == 0
    assert len(town.there()) == 8


def test_without_an_address_nothing_is_sent_and_nothing_waits(
    town: LogTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings().systems, "log", System())
    clients.forget()
    logged(2)
    assert deliver() == {}
    assert town.there() == []


# --- what goes wrong


@pytest.mark.parametrize("point", ["the answer is lost", "killed before the cursor is moved"])
def test_what_may_have_arrived_is_sent_again_under_the_same_ids(
    town: LogTown, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    sent = logged(3)
    if point == "the answer is lost":
        town.fault("timeout_after", times=2, seconds=0.1)  # a kept connection is tried twice
        assert deliver() == {"broken_off": 1}
        town.is_well()
    else:

        class Killed(BaseException):
            pass

        def killed(*_: Any) -> bool:
            raise Killed

        with monkeypatch.context() as dying:
            dying.setattr(log_delivery, "move", killed)
            with pytest.raises(Killed):
                deliver()
    assert undelivered().waiting == 3
    later = logged(1)
    assert deliver() == {"delivered": 4}
    assert town.ids_there() == sent + later
    *before, last = [each["times"] for each in town.there()]
    assert (all(times > 1 for times in before), last) == (True, 1)


def test_a_service_that_is_down_is_left_alone_and_has_all_of_it_afterwards(town: LogTown) -> None:
    town.fault("down")
    sent = logged(2)
    assert deliver() == {"broken_off": 1}
    assert "log" in breaker.states_now()
    assert deliver() == {}
    assert undelivered().waiting == 2
    town.is_well()
    assert deliver() == {"delivered": 2}
    assert town.ids_there() == sent
    assert "log" not in breaker.states_now()


def test_a_bad_entry_is_found_by_halving_and_kept_for_ops_and_the_rest_goes_on(town: LogTown) -> None:
    logged(5)
    logged(purpose="Nyfikenhet")  # number 6: of no list
    logged(5)
    assert deliver() == {"delivered": 10, "refused": 1}
    assert refused() == [(6, "log_refused")]
    assert len(town.there()) == 10
    assert town.ids_there() == [id for number, id in enumerate(ids(), 1) if number != 6]


def test_what_the_service_has_no_room_for_is_not_sent_and_not_passed_over_in_silence(town: LogTown) -> None:
    logged(patient=RESERVNUMMER)
    logged(unit=None)
    (good,) = logged()
    assert deliver() == {"delivered": 1, "refused": 2}
    assert refused() == [(1, "log_number_too_long"), (2, "log_without_unit")]
    assert (town.ids_there(), undelivered().refused) == ([good], 2)


def test_what_was_refused_is_sent_once_more_when_ops_say_so(town: LogTown) -> None:
    logged(2)
    logged(purpose="Nyfikenhet")
    deliver()
    with transaction() as connection:  # as if the service had refused a good one, too
        row = RefusedAccess(number=1, reason="log_refused", refused_at=clock.now())
        connection.execute(RefusedAccess.__table__.insert().values(**row.model_dump()))
        assert log_delivery.ask_again(connection) == [1, 3]
    assert deliver() == {"delivered": 1, "refused": 1}
    assert refused() == [(3, "log_refused")]
    assert deliver() == {}


def test_what_is_refused_once_more_holds_up_nothing_new(town: LogTown) -> None:
    logged(2, purpose="Nyfikenhet")
    logged()
    deliver()
    with transaction() as connection:
        assert log_delivery.ask_again(connection) == [1, 2]
    logged()
    assert deliver() == {"delivered": 1, "refused": 2}
    assert (len(refused()), undelivered().waiting) == (2, 0)


def test_many_bad_entries_in_a_row_hold_up_nothing_behind_them(town: LogTown) -> None:
    logged(30, purpose="Nyfikenhet")
    logged()
    assert deliver() == {"delivered": 1, "refused": 30}


def test_a_purpose_goes_as_the_service_spells_it(town: LogTown) -> None:
    logged(purpose="VÅRD OCH BEHANDLING")  # it let them in (policy-personal-1)
    assert deliver() == {"delivered": 1}


def test_a_service_that_takes_nothing_at_all_is_an_incident_and_parks_no_entry(town: LogTown) -> None:
    logged(40, purpose="Nyfikenhet")
    assert deliver() == {"broken_off": 1}
    assert {line.state for line in refused_lines()} == {"holds"}
    assert undelivered() == log_delivery.Undelivered(40, undelivered().since, 0)
    with transaction() as connection:
        noted = load(connection, select(NotedIncident).where(NotedIncident.system == "log"))
    assert [each.reason for each in noted] == ["log_refused"]


# --- what the service refuses, and what ops say is to become of it


def has_others_under(town: LogTown, ids: Sequence[str]) -> None:
    """The service has other entries under these LogIds, and takes none of ours until it has forgotten them."""
    store = clients.log_store()
    assert store is not None
    given = {"activity": "Läsa", "purpose": "Vård och behandling", "user": ANNA, "unit": UNIT}
    given |= {"resource": "Provsvar", "patient": PATIENT.id}
    store.deliver([StoredAccess(id=id, at=clock.now(), **given) for id in ids])


def is_mended(town: LogTown) -> None:
    town.http.delete(f"{town.url}/state", timeout=10).raise_for_status()


def told(*arguments: str, reason: str | None = "they are there by hand") -> Result:
    why = ["--reason", reason] if reason is not None else []
    return CliRunner().invoke(app, ["access", "--refused", *arguments, *why])


def listed() -> list[tuple[int, str, str]]:
    """What is refused, by number, state and reason."""
    rows = json.loads(told("--json", reason=None).stdout)
    return [(row["number"], row["state"], row["reason"]) for row in rows]


def newest_entry() -> LoggedAccess:
    with transaction() as connection:
        return load(connection, select(LoggedAccess).order_by(col(LoggedAccess.number)))[-1]


def test_two_hundred_in_a_row_that_are_refused_hold_the_log_until_ops_let_them_go(town: LogTown) -> None:
    bad, good = logged(200), logged(3)
    has_others_under(town, bad)
    assert deliver() == {"broken_off": 1}
    assert listed() == [(number, "holds", "log_refused") for number in range(1, 201)]
    done = told("--let-go", "--entry", "1-200")
    assert (done.exit_code, done.stdout.splitlines()[-1].split(":")[0]) == (0, "200 are let go")
    assert deliver() == {"delivered": 3}
    assert town.ids_there() == bad + good  # those under the others' ids are the others'
    assert {each["resource"] for each in town.there() if each["log_id"] in bad} == {"Provsvar"}
    assert {state for _, state, _ in listed()} == {"let_go"}
    assert undelivered() == log_delivery.Undelivered(0, None, 0)


def test_who_let_what_go_and_why_stands_in_the_access_log(town: LogTown) -> None:
    has_others_under(town, logged(3))
    deliver()
    told("--let-go", "--entry", "1", "--entry", "3")
    entry = newest_entry()
    assert (entry.act, entry.who[:6], entry.patient) == ("let_go", "vaxel:", None)
    assert entry.why == "1 3: they are there by hand"
    assert check_access_log().broken == []
    assert deliver() == {"refused": 1}  # what is left of them is one, and holds nothing


def test_what_was_let_go_is_sent_after_all_when_ops_name_it(
    town: LogTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "BATCH", 3)
    bad, good = logged(3), logged(2)
    has_others_under(town, bad)
    deliver()
    told("--let-go", "--entry", "1")
    assert deliver() == {"delivered": 2, "refused": 2}
    assert listed() == [(1, "let_go", "log_refused"), *[(each, "refused", "log_refused") for each in (2, 3)]]
    is_mended(town)
    assert "2 are sent once more" in told("--again").stdout  # all but what was let go
    assert deliver() == {"delivered": 2}
    assert told("--again", "--entry", "1").exit_code == 0
    assert newest_entry().act == "send_again"
    assert deliver() == {"delivered": 1}
    assert (town.ids_there(), listed()) == ([*bad[1:], bad[0]], [])
    assert undelivered() == log_delivery.Undelivered(0, None, 0)
    assert good[0] not in town.ids_there()  # the service was emptied after them


def test_what_holds_is_refused_since_the_first_time_and_forgotten_once_it_is_taken(town: LogTown) -> None:
    bad = logged(3)
    has_others_under(town, bad)
    deliver()
    since = [line.refused_at for line in refused_lines()]
    deliver()
    assert [line.refused_at for line in refused_lines()] == since
    is_mended(town)
    assert deliver() == {"delivered": 3}
    assert (town.ids_there(), listed()) == (bad, [])


def test_what_is_refused_is_listed_by_its_log_id_without_anything_personal(town: LogTown) -> None:
    (bad, other) = logged(2)
    has_others_under(town, [bad, other])
    deliver()
    for output in (told(reason=None).output, told("--json", reason=None).output):
        assert bad in output
        assert not any(value in output for value in (PATIENT.id, ANNA, "Anna", UNIT))
    assert "2 hold up what is behind them" in told(reason=None).stderr


WRONG = {
    "nothing named": ["--let-go"],
    "not refused": ["--let-go", "--entry", "7"],
    "one of them not refused": ["--let-go", "--entry", "1", "--entry", "7-9"],
    "what holds is tried anyhow": ["--again", "--entry", "1"],
    "both": ["--again", "--let-go", "--entry", "1"],
    "nothing said": ["--entry", "1"],
    "no number": ["--let-go", "--entry", "all"],
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG.keys())
def test_what_ops_say_wrong_is_told_in_a_sentence_and_nothing_is_done(
    town: LogTown, arguments: list[str]
) -> None:
    has_others_under(town, logged(3))
    deliver()
    done = told(*arguments)
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert {state for _, state, _ in listed()} == {"holds"}
    assert newest_entry().act == "look"


def test_without_a_reason_nothing_is_let_go(town: LogTown) -> None:
    has_others_under(town, logged(2))
    deliver()
    assert told("--let-go", "--entry", "1-2", reason=None).exit_code == 1
    assert {state for _, state, _ in listed()} == {"holds"}


def test_whoever_is_late_to_say_what_holds_neither_holds_again_nor_takes_back_what_was_let_go(
    town: LogTown,
) -> None:
    has_others_under(town, logged(2))
    deliver()
    with transaction() as connection:
        batch = log_delivery.next_batch(connection, 100)
    told("--let-go", "--entry", "1-2")
    with transaction() as connection:
        log_delivery.hold(connection, batch, dict.fromkeys((1, 2), "log_refused"))
    assert [state for _, state, _ in listed()] == ["let_go", "let_go"]
    logged()
    assert deliver() == {"delivered": 1}
    with transaction() as connection:
        log_delivery.hold(connection, batch, {4: "log_refused"})
    assert [state for _, state, _ in listed()] == ["let_go", "let_go"]


def test_who_delivers_beside_another_moves_no_cursor_twice(town: LogTown) -> None:
    logged(3)
    with transaction() as connection:
        batch = log_delivery.next_batch(connection, 100)
    assert deliver() == {"delivered": 3}
    with transaction() as connection:
        assert not log_delivery.move(connection, batch, {1: "log_refused"})
    assert refused() == []


def test_what_waits_is_told_since_when(town: LogTown) -> None:
    logged(1)
    deliver()
    before = datetime.now(UTC)
    logged(2)
    found = undelivered()
    assert found.waiting == 2
    assert found.since is not None
    assert before - timedelta(seconds=1) < found.since <= datetime.now(UTC)


# --- whatever happens


class _Dies(BaseException):
    """The program is killed there."""


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("logs"), st.integers(1, 4), st.sampled_from(["staff", "program", "resident"])),
        st.tuples(st.just("delivers"), st.sampled_from(["well", "down", "lost", "killed", "killed late"])),
    ),
    min_size=1,
    max_size=14,
)
WHO: dict[str, dict[str, Any]] = {
    "staff": {},
    "program": {"who": "vaxel", "act": Act.EXPIRE},
    "resident": {"who": "SE165565594230-1000", "act": Act.READ},
}


def _delivers(town: LogTown, how: str, patch: pytest.MonkeyPatch) -> None:
    if how == "down":
        town.fault("down", times=3)
    if how == "lost":
        town.fault("timeout_after", times=2, seconds=0.02)
    with patch.context() as dying:
        if how == "killed":
            dying.setattr(log_delivery, "move", _killed(None))
        if how == "killed late":
            dying.setattr(log_delivery, "move", _killed(log_delivery.move))
        with suppress(_Dies):
            deliver()
    town.is_well()


def _killed(first: Any) -> Any:
    """Dies before the cursor is moved; or as it has been, and is not committed."""

    def move(*given: Any) -> bool:
        if first is not None:
            first(*given)
        raise _Dies

    return move


@given(STEPS)
@given_settings(max_examples=25, deadline=None)
def test_whatever_is_logged_delivered_and_killed_every_entry_arrives_and_in_its_order(
    empty_town: LogTown, steps: list[tuple[Any, ...]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(settings().systems, "log", System(url=f"{empty_town.url}/log", deadline=2.0))
        patch.setattr(delivering, "BATCH", 3)
        clients.forget()
        empty_town.begins()
        wanted: list[str] = []
        for what, *how in steps:
            if what == "logs":
                made = logged(how[0], **WHO[how[1]])
                wanted += made if how[1] == "staff" else []
            else:
                _delivers(empty_town, how[0], patch)
                there = empty_town.ids_there()
                assert there == wanted[: len(there)]
        deliver()
        assert empty_town.ids_there() == wanted
        assert undelivered().waiting == 0
        assert check_access_log().broken == []
    clients.forget()


def test_every_act_has_a_word_of_the_services() -> None:
    assert set(ACTIVITY) == set(Act)


class _Keeping(LogStore):
    """Keeps what it is to send, and sends nothing."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", "SE2321000115-VAXEL", "SE2321000115")
        self.told: list[list[StoredAccess]] = []

    def deliver(self, entries: Sequence[StoredAccess]) -> None:
        self.told.append(list(entries))
        raise NotSent("technical_error")


def test_what_is_said_of_an_entry_is_the_same_at_every_try(database: None) -> None:
    logged(2)
    store = _Keeping()
    for _ in range(2):
        with pytest.raises(NotSent):
            delivering._send_next(store)
    assert store.told[0] == store.told[1]
