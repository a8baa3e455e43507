"""What 1177 reads of a resident stands in the access log before it is answered (HSLF-FS 2016:40, 4 kap. 9 §)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from gateway_driver import OTHER, PROXY, RESIDENT, UNIT, Gateway, booking
from sqlalchemy import text
from sqlmodel import col, select
from test_gateway_scheduling import AGENT, _actor, _details, _is_fault, _post, _schedule, _show, _slots

from engine.base.database import load, transaction
from engine.ops.access_log_check import check_access_log
from gateway.scheduling.ports import ShownBooking
from models.access_log import LoggedAccess

AT_1177 = PROXY["x-vp-sender-id"]


def logged() -> list[LoggedAccess]:
    with transaction() as connection:
        return load(connection, select(LoggedAccess).order_by(col(LoggedAccess.number)))


def commits() -> int:
    with transaction() as connection:
        query = text("SELECT count(DISTINCT xmin::text) FROM access_log")
        found: int = connection.execute(query).scalar_one()
    return found


def test_a_residents_own_read_says_by_whom_at_which_unit_whose_and_why(gateway: Gateway) -> None:
    _show(gateway, ShownBooking(booking(), is_invitation=False))
    assert len(_slots(_post(gateway, _schedule()))) == 1
    (entry,) = logged()
    assert (entry.act, entry.who, entry.name) == ("read", AT_1177, RESIDENT)
    assert (entry.unit, entry.process) == (UNIT, "booking_publication")
    assert entry.why == "besok-3 GetSubjectOfCareSchedule"
    assert entry.patient is not None
    assert RESIDENT in entry.patient
    assert check_access_log().broken == []


def test_neither_the_reader_nor_whose_it_is_lies_open(gateway: Gateway) -> None:
    assert _slots(_post(gateway, _schedule())) == []
    with transaction() as connection:
        lying = str(connection.execute(text("SELECT access_log::text FROM access_log")).all())
    assert not any(value in lying for value in (RESIDENT, RESIDENT.encode().hex()))


def test_an_empty_schedule_is_an_answer_too_and_stands_there(gateway: Gateway) -> None:
    assert _slots(_post(gateway, _schedule())) == []
    assert [entry.act for entry in logged()] == ["read"]


def test_an_agent_stands_there_by_their_own_hsa_id_and_the_system_that_they_asked_by(
    gateway: Gateway,
) -> None:
    _show(gateway, ShownBooking(booking(), is_invitation=False))
    assert len(_slots(_post(gateway, _details(actor=AGENT)))) == 1
    (entry,) = logged()
    assert (entry.who, entry.name) == ("SE2321000115-X", None)
    assert entry.why == f"besok-3 GetBookingDetails VAS-2026-118 by {AT_1177}"


@pytest.mark.parametrize("id", ["Anna", f"SE2321000115-{'P' * 19}", f"SE2321000115-{'P' * 40}"])
def test_an_agent_whom_the_log_could_not_name_is_told_nothing(gateway: Gateway, id: str) -> None:
    answer = _post(gateway, _schedule(actor=_actor(id, "subject_of_care_agent")))
    assert _is_fault(answer, "no agent by an HSA-id")
    assert logged() == []


def test_what_is_not_shown_is_no_read(gateway: Gateway) -> None:
    _show(gateway, ShownBooking(booking(), is_invitation=False))
    assert _is_fault(_post(gateway, _details(actor=_actor(OTHER))), "No such booking")
    assert _is_fault(_post(gateway, _schedule(OTHER)), "only ask about themselves")
    assert logged() == []


def test_a_number_that_nobody_has_is_nobodys_schedule(gateway: Gateway) -> None:
    assert _slots(_post(gateway, _schedule("200001011234", actor=AGENT))) == []
    assert logged() == []


def test_a_read_that_the_log_does_not_take_is_not_answered(gateway: Gateway) -> None:
    _show(gateway, ShownBooking(booking(), is_invitation=False))
    with transaction() as connection:
        connection.execute(text("ALTER TABLE access_log ADD CONSTRAINT no_more CHECK (number < 1) NOT VALID"))
    try:
        for call in (_schedule(), _details()):
            answer = _post(gateway, call)
            assert _is_fault(answer, "VP009", "Server")
            assert "timeslotDetail" not in answer.text
    finally:
        with transaction() as connection:
            connection.execute(text("ALTER TABLE access_log DROP CONSTRAINT no_more"))
    assert logged() == []


def test_many_who_read_at_once_share_commits_and_leave_the_chain_whole(gateway: Gateway) -> None:
    def one(_: int) -> bool:
        return _slots(_post(gateway, _schedule())) == []

    with ThreadPoolExecutor(12) as threads:
        assert all(threads.map(one, range(120)))
    assert len(logged()) == 120
    assert commits() < 120
    assert check_access_log().broken == []


def test_the_longest_hsa_id_that_there_is_names_an_agent(gateway: Gateway) -> None:
    longest = f"SE2321000115-{'P' * 18}"
    assert _slots(_post(gateway, _schedule(actor=_actor(longest, "subject_of_care_agent")))) == []
    assert [entry.who for entry in logged()] == [longest]


def test_many_who_look_at_one_booking_at_once_share_commits_too(gateway: Gateway) -> None:
    _show(gateway, ShownBooking(booking(), is_invitation=False))
    with ThreadPoolExecutor(12) as threads:
        answers = threads.map(lambda _: len(_slots(_post(gateway, _details()))), range(120))
        assert list(answers) == [1] * 120
    assert [entry.why for entry in logged()] == ["besok-3 GetBookingDetails VAS-2026-118"] * 120
    assert commits() <= 60
    assert check_access_log().broken == []


def test_who_reads_a_schedule_and_who_looks_at_a_booking_share_a_commit(gateway: Gateway) -> None:
    _show(gateway, ShownBooking(booking(), is_invitation=False))
    with ThreadPoolExecutor(12) as threads:
        calls = [_schedule(), _details()] * 60
        answers = threads.map(lambda call: len(_slots(_post(gateway, call))), calls)
        assert list(answers) == [1] * 120
    with transaction() as connection:
        rows = connection.execute(text("SELECT number, xmin::text FROM access_log")).all()
    told = {entry.number: entry.why.split()[1] for entry in logged()}
    shared: dict[str, set[str]] = {}
    for number, transaction_id in rows:
        shared.setdefault(transaction_id, set()).add(told[number])
    assert {"GetSubjectOfCareSchedule", "GetBookingDetails"} in shared.values()
