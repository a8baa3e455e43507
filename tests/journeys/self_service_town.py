"""How a journey of self-service is told: residents who book, move and cancel on 1177, and a VAS that has timetables."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, TypeVar

import requests
from contact_town import ContactTown
from sqlalchemy import text
from town import HALMSTAD, Json, in_days

from bench.self_service import calls
from engine.base import clock
from engine.base.database import transaction
from engine.base.settings import settings
from flows.booking_publication import booking_publication
from flows.requested_notice import requested_notice
from flows.self_service import self_service
from models.self_service import ServiceRequest
from sandbox.people.numbers import ADULTS

T = TypeVar("T")
HALF_AN_HOUR = timedelta(minutes=30)
WITHIN = 20.0
"""Seconds in which VAS has told of what it did."""


class SelfServiceTown(ContactTown):
    """The town, where residents do it themselves."""

    flows: Mapping[str, Any] = {
        "self_service": self_service,
        "booking_publication": booking_publication,
        "requested_notice": requested_notice,
    }

    def offers(self, *starts: datetime, unit: Json = HALMSTAD, **fields: Any) -> None:
        """VAS has these times of half an hour at the unit, and no others."""
        times = [{"start": at.isoformat(), "end": (at + HALF_AN_HOUR).isoformat()} for at in starts]
        self._post("/timetables", {"unit": unit, "times": times} | fields)

    async def has_visit(self, patient: str = ADULTS[0], **fields: Any) -> Json:
        """A visit in a week that the unit lets its resident change, and that they have heard of."""
        booking = self.books(patient, **({"cancellable": True, "rebookable": True} | fields))
        await self.comes_to_rest()
        return booking

    def asks_1177(
        self, service: str, by: str, booking: Json | None = None, at: datetime | None = None, **fields: Any
    ) -> Json:
        """Somebody presses on 1177 to book, rebook or cancel; gives what they read."""
        unit = (booking or {}).get("unit", HALMSTAD)["hsa_id"]
        given: Json = {"personnummer": by, "unit": unit}
        given |= {"booking": booking["id"]} if booking else {}
        given |= {"start": at.isoformat(), "end": (at + HALF_AN_HOUR).isoformat()} if at else {}
        said: Json = self._post(f"/act/1177/{service}", given | fields)
        assert said["error"] is None, said
        return said

    def sees_by_soap(self, by: str, patient: str, booking: Json) -> list[str]:
        """What somebody sees of a visit of a patient's, in the list and by itself: a fault, or the visit, with or
        without leave to cancel it."""
        unit = booking["unit"]["hsa_id"]
        asked = calls.schedule(unit, patient, by), calls.details(unit, booking["id"], by)
        answers = [self.by_soap(each) for each in asked]
        assert all(each.ok is (booking["id"] in each.text) for each in answers)
        leave = {True: "may cancel", False: "shown"}
        return [leave["cancel_booking_allowed>true" in each.text] if each.ok else "fault" for each in answers]

    def by_soap(self, call: str) -> requests.Response:
        """What our producer answers to a call of 1177's by our proxy."""
        headers = calls.headers(settings().proxy_secret())
        return requests.post(
            f"{settings().gateway_url}{calls.PATH}", call.encode(), headers=headers, timeout=30
        )

    def all_press(self, presses: Sequence[Callable[[], T]]) -> list[T]:
        """Many press at the same time."""
        with ThreadPoolExecutor(len(presses)) as threads:
            return [each.result() for each in [threads.submit(press) for press in presses]]

    def asked(
        self, service: str, by: str, booking: Json | None = None, at: datetime | None = None
    ) -> ServiceRequest:
        """The same as the gateway hands it on."""
        return ServiceRequest.model_validate(
            {
                "service": service,
                "unit": HALMSTAD["hsa_id"],
                "patient": {"id": by, "type": "personnummer"},
                "actor": by,
                "by_agent": False,
                "booking": booking["id"] if booking else None,
                "start": at,
                "end": at + HALF_AN_HOUR if at else None,
            }
        )

    async def hears_from_vas(self, count: int = 1) -> None:
        """VAS has told of so many changes that residents made, and all is at rest."""
        self.is_told_by_vas(count)
        await self.comes_to_rest(within=600)

    def is_told_by_vas(self, count: int) -> None:
        """VAS has told of so many changes that residents made."""
        until = time.monotonic() + WITHIN
        query = text("SELECT count(*) FROM event WHERE source = 'vas' AND process = 'booking_publication'")
        while True:
            with transaction() as connection:
                told = connection.execute(query).scalar_one()
            if told >= self.told_by_staff() + count:
                break
            assert time.monotonic() < until, f"VAS has told of {told} changes"
            time.sleep(0.05)

    def has_one_in_line(self) -> None:
        """A request has been looked at, and waits for something of ours."""
        until = time.monotonic() + WITHIN
        while not any(
            case.owner is None and case.due_at and case.due_at > clock.now() for case in self.requests()
        ):
            assert time.monotonic() < until, "no request waits"
            time.sleep(0.02)

    def nobody_waits_for_vas(self) -> None:
        """The call that the gateway had under way has come back."""
        until = time.monotonic() + WITHIN
        while any(case.owner for case in self.requests()):
            assert time.monotonic() < until, "the gateway still waits for VAS"
            time.sleep(0.05)

    async def hears_all_from_vas(self) -> None:
        """No webhook of VAS's waits any more, and all is at rest."""
        until = time.monotonic() + WITHIN
        while self.holds("counts")["webhooks_waiting"]:
            assert time.monotonic() < until, "VAS still has something to tell"
            time.sleep(0.05)
        await self.comes_to_rest(within=3600)

    def told_by_staff(self) -> int:
        """How many bookings, and changes of them, a test has made itself."""
        return self.made

    made = 0

    def sends(self, what: str, booking: Json, **more: Any) -> Json:
        """As the town has it, counted."""
        self.made += 1
        return super().sends(what, booking, **more)

    # --- what became of it

    def done(self) -> list[Json]:
        """What residents have had done in VAS."""
        found: list[Json] = self.holds("vas")["self_service"]
        return found

    def requests(self) -> list[Any]:
        """The cases, the oldest first."""
        query = text("SELECT * FROM self_service ORDER BY created_at, key")
        with transaction() as connection:
            return list(connection.execute(query))

    def effects(self) -> list[Any]:
        """What VAS was asked for by the requests, as it stands."""
        query = text("SELECT * FROM effect WHERE step = 'ask_vas' ORDER BY sending_at")
        with transaction() as connection:
            return list(connection.execute(query))

    def told_staff_at(self) -> datetime:
        """When a unit's staff were last told of a request."""
        query = text("SELECT max(at) FROM timeline WHERE what = 'staff_told'")
        with transaction() as connection:
            at: datetime = connection.execute(query).scalar_one()
        return at

    def times_parked(self) -> int:
        """How often ops were called for a request."""
        query = text("SELECT count(*) FROM timeline WHERE what = 'parked' AND process = 'self_service'")
        with transaction() as connection:
            return int(connection.execute(query).scalar_one())

    def standing_of_requests(self) -> list[str]:
        """Where the requests stand: their states, or `parked:` and why."""
        return [f"parked:{case.parked}" if case.parked else case.state for case in self.requests()]

    def reasons(self) -> list[tuple[str, str]]:
        """Of each request why it was done or not, and the clause."""
        return [self.because("self_service", case.key, "self_service") for case in self.requests()]

    def starts_on_1177(self, patient: str) -> list[str]:
        """The starts of what the resident sees there, in Sweden."""
        return [each["start"] for each in self.seen_on_1177(patient)]


def agrees(town: SelfServiceTown, patient: str, *starts: str) -> None:
    """VAS and 1177's list have the same visits of a resident, and the index has nothing more or less."""
    held = [each for each in town.holds("vas")["bookings"] if each["patient"]["id"] == patient]
    stand = sorted(each["start"] for each in held if not each["cancelled"] and each.get("start"))
    assert (stand, town.starts_on_1177(patient)) == (sorted(starts), sorted(starts))
    for each in held:
        assert bool(town.engagements(each)) is not each["cancelled"], each


def hours(*of_day: int, days: int = 8) -> list[datetime]:
    """These hours of a day, so many days from now."""
    return [in_days(days, hour) for hour in of_day]
