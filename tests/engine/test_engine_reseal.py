"""After a key was added all is sealed under it; the old one can be taken off, and until then nobody is ready without."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from errands import (
    Errand,
    Movable,
    a_claim,
    a_process,
    a_step,
    all_stored,
    done,
    pumped,
    put_cases,
    release,
    run,
    sends,
    sql,
)
from sqlalchemy import Connection
from typer.testing import CliRunner

from cli.app import app
from engine.base import clock, sealing
from engine.base.database import engine, table_of, transaction
from engine.ops import by_hand
from engine.ops import reseal as sealer
from engine.steps.verdicts import Done
from engine.tables.inbox import Inbox
from models import encryption
from models.encryption import DoesNotOpen, Keyring, number_of
from models.events import Arrival

ERRAND = [table_of(Errand)]


@pytest.fixture
def rotated(moving: Movable) -> Iterator[Keyring]:
    """Cases under key 1, while key 9 seals; gives the ring with key 9 alone."""
    before = encryption.ring()
    put_cases(5)
    encryption.use(replace(before, keys={**before.keys, 9: secrets.token_bytes(32)}))
    yield replace(before, keys={9: encryption.ring().keys[9]})
    encryption.use(before)


def reseal() -> dict[str, int]:
    return dict(sealer.reseal(engine(), ERRAND, lambda *_: None))


def under() -> dict[str, int]:
    return dict(sealer.sealed_by_key(engine(), ERRAND))


def test_all_lies_under_the_newest_key_and_the_old_one_can_go(rotated: Keyring) -> None:
    old = str(max(set(encryption.ring().keys) - {9}))
    assert under() == {old: 5}
    assert reseal() == {}
    assert under() == {"9": 5}
    encryption.use(rotated)
    assert [case.note for case in all_stored()] == [f"note {n}" for n in range(5)]


def test_it_goes_on_where_it_was_broken_off(rotated: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealer, "PORTION", 2)
    seen: list[int] = []

    def breaks(_table: str, done: int, _of: int) -> None:
        seen.append(done)
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sealer.reseal(engine(), ERRAND, breaks)
    assert (seen, under()["9"]) == ([2, 4], 4)
    assert reseal() == {}
    assert under() == {"9": 5}


def test_what_a_worker_holds_is_waited_for_and_what_it_wrote_stays(
    rotated: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer, "PAUSE", 0.05)
    claim, locked, ended = a_claim(), threading.Event(), threading.Event()

    def works() -> None:
        with transaction() as connection:
            (first, *_) = claim.ours(connection, list(claim.cases.values()))
            locked.set()
            ended.wait(0.08)
            first.note = "newer"
            claim.write(connection, [first], whole=True)

    worker = threading.Thread(target=works)
    worker.start()
    locked.wait()
    assert reseal() == {}
    worker.join()
    release(claim)
    assert under() == {"9": 5}
    assert "newer" in [case.note for case in all_stored()]


def test_a_row_that_does_not_open_is_told_of_and_left_as_it_is(rotated: Keyring) -> None:
    sql(
        "UPDATE errand SET note = o.note FROM errand o WHERE errand.key = 'case-00000' AND o.key = 'case-00001'"
    )
    moved = sql("SELECT note FROM errand WHERE key = 'case-00000'")[0][0]
    assert reseal() == {"errand": 1}
    assert sql("SELECT note FROM errand WHERE key = 'case-00000'")[0][0] == moved
    assert under()["9"] == 4


def test_the_command_tells_how_many_are_left_and_under_which_key(rotated: Keyring) -> None:
    Inbox().store("vas", [Arrival("w", "booking.created", "booking_publication", "k", 1, clock.now(), {})])
    done = CliRunner().invoke(app, ["reseal", "--json"])
    told = json.loads(done.output)
    assert (done.exit_code, told["newest"], told["left"], told["do_not_open"]) == (0, 9, {}, {})
    assert number_of(bytes(sql("SELECT data FROM event")[0][0])) == 9
    assert {row[0] for row in sql("SELECT name FROM sealing")} == {"key 9"}


# --- readiness


def test_nobody_is_ready_without_a_key_under_which_something_lies(rotated: Keyring) -> None:
    both = encryption.ring()
    encryption.use(replace(both, keys={n: key for n, key in both.keys.items() if n != 9}))
    sealing.check_keys()
    encryption.use(rotated)
    with pytest.raises(sealing.WrongKeys, match=r"key \d+$") as refused:
        sealing.is_ready()
    assert "note" not in str(refused.value)
    encryption.use(both)
    assert sealing.is_ready()


def test_a_key_of_the_same_number_and_another_installation_is_not_ready(rotated: Keyring) -> None:
    sealing.check_keys()
    encryption.use(replace(encryption.ring(), keys=dict.fromkeys(encryption.ring().keys, b"x" * 32)))
    with pytest.raises(sealing.WrongKeys):
        sealing.is_ready()


def test_a_lookup_key_of_another_installation_is_not_ready(rotated: Keyring) -> None:
    """By it nobody is found: a second contact of one patient would be another's."""
    sealing.check_keys()
    encryption.use(replace(encryption.ring(), lookup=b"x" * 32))
    for look in (sealing.is_ready, sealing.check_keys):
        with pytest.raises(sealing.WrongKeys, match="the lookup key"):
            look()


def test_an_event_that_does_not_open_parks_its_case_and_waits_until_it_does(moving: Movable) -> None:
    """It is no lost event, and no case is taken up again and again for it."""
    process = a_process(a_step(sends()))
    arrivals = [Arrival(f"w{n}", "told", "errand", f"case-{n}", 1, clock.now(), {}) for n in range(3)]
    Inbox().store("vas", arrivals)
    kept = sql("SELECT data FROM event WHERE key = 'case-0'")[0][0]
    sql("UPDATE event SET data = o.data FROM event o WHERE event.key = 'case-0' AND o.key = 'case-1'")
    assert run(process)["cases"] == 3
    assert {case.key: (case.state, case.parked) for case in all_stored()} == {
        "case-0": ("new", "does_not_open"),
        "case-1": ("done", None),
        "case-2": ("done", None),
    }
    assert run(process)["cases"] == 0
    sql("UPDATE event SET data = :kept WHERE key = 'case-0'", kept=kept)
    assert by_hand.retry_parked({"errand": Errand}, "does_not_open") == 1
    run(process)
    assert [(case.state, case.parked) for case in all_stored()] == [("done", None)] * 3


def test_one_row_that_does_not_open_parks_its_case_and_holds_up_no_other(moving: Movable) -> None:
    put_cases(3)
    sql(
        "UPDATE errand SET note = o.note FROM errand o WHERE errand.key = 'case-00000' AND o.key = 'case-00001'"
    )
    claim = a_claim()
    assert sorted(case.key for case in claim.cases.values()) == ["case-00001", "case-00002"]
    assert [case.key for case in claim.unopened] == ["case-00000"]
    release(claim)
    with pytest.raises(DoesNotOpen):
        all_stored()


def test_a_case_that_opens_no_more_once_its_call_is_back_parks_as_it_is_stored(moving: Movable) -> None:
    """What the broken turn had changed of it in memory is not written, and its effect stands."""
    put_cases(2)
    swapped = "UPDATE errand SET note = o.note FROM errand o WHERE errand.key = 'case-00000' AND o.key = 'case-00001'"

    def act(payload: Any) -> Done:
        sql(swapped)
        return done(payload)

    def record(connection: Connection, calls: Sequence[tuple[Errand, Any]]) -> None:
        for case, _ in calls:
            case.tries = 7
            if case.key == "case-00000":
                raise ValueError

    pumped(a_step(sends(), act, record=record))
    assert sql("SELECT key, state, parked, tries FROM errand ORDER BY key") == [
        ("case-00000", "new", "internal_error", 0),
        ("case-00001", "done", None, 0),
    ]
    assert sql("SELECT count(*) FROM effect WHERE state = 'done'") == [(2,)]
