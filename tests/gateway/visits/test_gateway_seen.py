"""That a resident has logged in is kept, whatever it was for, and holds up nobody's login (vard-2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from threading import Thread

import pytest
from visit_driver import HOME, PATIENT, VisitTown, heading, visit_town

from engine.base.database import transaction
from engine.tables import inbox
from gateway.visits import check_in
from gateway.visits.texts import SWEDISH, CheckInPage
from models.booking_publication import BookingPublication
from models.e_identification import LOGGED_IN
from models.encryption import ring
from tasks import e_identification


@pytest.fixture(scope="module")
def running(postgres: None) -> Iterator[VisitTown]:
    with visit_town() as town:
        yield town


@pytest.fixture
def town(running: VisitTown, database: None, monkeypatch: pytest.MonkeyPatch) -> VisitTown:
    monkeypatch.setattr(check_in, "PATIENCE", 0.0)
    running.fresh()
    running.wakes.clear()
    return running


def seen() -> datetime | None:
    """When the patient last logged in, as it is kept."""
    with transaction() as connection:
        return e_identification.newest_logins(connection, {PATIENT: [ring().digest(PATIENT)]}).get(PATIENT)


def told() -> list[str]:
    """The cases for which an event of a login waits."""
    with transaction() as connection:
        return sorted(inbox.keys_waiting(connection, [BookingPublication.PROCESS], [LOGGED_IN], ""))


def have_wait(*keys: str) -> None:
    with transaction() as connection:
        e_identification.have_wait(connection, {key: [ring().digest(PATIENT)] for key in keys})


def test_vard_2_whoever_has_logged_in_has_e_identification_from_then_on(town: VisitTown) -> None:
    assert seen() is None
    town.logged_in()
    first = seen()
    town.logged_in()
    assert first is not None
    assert (seen() or first) > first
    assert (told(), town.wakes) == ([], [])  # nobody waits for it


def test_vard_2_the_visits_that_wait_for_it_hear_of_it_and_no_other_is_held_up(town: VisitTown) -> None:
    """An event of no case holds up all that are judged, until it has been spread: logins come all the time."""
    have_wait("vas:B-1", "vas:B-2")
    town.logged_in()
    assert (told(), town.wakes) == (["vas:B-1", "vas:B-2"], [BookingPublication.PROCESS])


def test_vard_2_a_login_while_its_visit_is_judged_is_heard(town: VisitTown) -> None:
    """Whichever of the two is first, the other sees it."""
    login = Thread(target=town.logged_in)
    with transaction() as connection:
        e_identification.hold(connection, [ring().digest(PATIENT)])
        assert e_identification.newest_logins(connection, {PATIENT: [ring().digest(PATIENT)]}) == {}
        login.start()
        login.join(timeout=1.5)
        e_identification.have_wait(connection, {"vas:B-1": [ring().digest(PATIENT)]})
    login.join()
    assert (told(), town.wakes) == (["vas:B-1"], [BookingPublication.PROCESS])


@pytest.mark.parametrize("form", [{"loa": "2"}, {"do": "cancel"}, {"wrong": "nonce"}])
def test_vard_2_a_login_that_is_not_sure_enough_shows_nothing(town: VisitTown, form: dict[str, str]) -> None:
    town.logged_in(**form)
    assert seen() is None


def test_while_it_cannot_be_kept_nobody_s_login_is_held_up(
    town: VisitTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> None:
        raise ConnectionError(PATIENT)

    monkeypatch.setattr(e_identification, "transaction", down)
    answer = town.browser().log_in(HOME, PATIENT)
    assert heading(answer) == SWEDISH.pages[CheckInPage.NO_VISIT].heading
