"""A unit with times that residents can book, and what is asked of the sandbox's VAS about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sandbox_driver import ADULT, UNIT, Driver, as_json

ANOTHER = "SE2321000115-E000000000002"
ANNA, BO = "SE2321000115-P000000000001", "SE2321000115-P000000000002"
PATIENT = {"id": ADULT, "type": "personnummer"}
STOLEN = {"id": "191212121212", "type": "personnummer"}
NOON = (datetime.now(UTC) + timedelta(days=30)).replace(hour=11, minute=0, second=0, microsecond=0)
"""From here on the times are: thirty days off, so that no test depends on the hour."""
_keys = count(1)


def time_at(hours: float, minutes: int = 30, **chosen: Any) -> dict[str, Any]:
    start = NOON + timedelta(hours=hours)
    return {"start": start.isoformat(), "end": (start + timedelta(minutes=minutes)).isoformat()} | chosen


def performer(id: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "first_name": name, "last_name": "Test"} | more


OFFERED: dict[str, Any] = {
    "unit": {"hsa_id": UNIT, "name": "Vårdcentralen"},
    "care_types": [{"id": "ALLM", "name": "Allmänmedicin"}],
    "time_types": [
        {"id": "NY", "name": "Nybesök", "care_types": ["ALLM"]},
        {"id": "VIDEO", "name": "Videobesök", "form": "video", "platform": "platform24"},
    ],
    "performers": [performer(ANNA, "Anna", title="läkare", time_types=["NY"]), performer(BO, "Bo")],
    "facilities": [{"hsa_id": UNIT, "name": "Vårdcentralen"}, {"hsa_id": ANOTHER, "name": "Medicin"}],
    "times": [
        time_at(0, time_type="NY", performer=ANNA),
        time_at(0, time_type="NY", performer=BO),
        time_at(1, time_type="NY", care_type="ALLM"),
        time_at(2, time_type="VIDEO", resource={"id": "R1", "name": "Rum 1"}),
    ],
}


class Timetable:
    """One sandbox's VAS, as our client would call it."""

    def __init__(self, town: Driver) -> None:
        self.town = town

    def offers(self, **changed: Any) -> None:
        answer = self.town.post("/timetables", OFFERED | changed)
        assert answer.status_code == 201, answer.text

    def free(self, unit: str = UNIT, days: int = 2, **asked: str) -> list[dict[str, Any]]:
        answer = self.asks(unit, days, **asked)
        assert answer[0] == 200, answer
        return list(answer[1]["timeslots"])

    def asks(self, unit: str = UNIT, days: int = 2, **asked: str) -> tuple[int, Any]:
        first, last = NOON.date(), (NOON + timedelta(days=days)).date()
        params = {"unit": unit, "from": first.isoformat(), "to": last.isoformat()} | asked
        url = f"{self.town.sandbox.url}/vas/timeslots"
        answer = self.town.session.get(url, params=params, timeout=10)
        return answer.status_code, answer.json()

    def books(self, at: float = 0, key: str | None = None, **changed: Any) -> tuple[int, Any]:
        return self._post("bookings", wanted(at) | {"invitation": None} | changed, key)

    def moves(self, booking: str, at: float, key: str | None = None, **changed: Any) -> tuple[int, Any]:
        return self._post(f"bookings/{booking}/rebook", wanted(at) | changed, key)

    def cancels(self, booking: str, key: str | None = None, **changed: Any) -> tuple[int, Any]:
        body = {"patient": PATIENT, "unit": {"hsa_id": UNIT}, "message": None}
        return self._post(f"bookings/{booking}/cancel", body | changed, key)

    def booked(self, at: float = 0, **changed: Any) -> str:
        status, answer = self.books(at, **changed)
        assert status == 201, answer
        return str(answer["id"])

    def held(self, booking: str) -> dict[str, Any]:
        bookings = self.town.get("/inspect/vas")["bookings"]
        return next(one for one in bookings if one["id"] == booking)

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """The webhooks that the gateway got: type and booking, in order."""
        bodies = [as_json(body) for body in self.town.gateway.at("/webhooks/vas")]
        return [(one["type"], one["data"]["booking"]) for one in bodies]

    def _post(self, path: str, body: Any, key: str | None) -> tuple[int, Any]:
        answer = self.town.post(f"/vas/{path}", body, Idempotency_Key=key or f"k-{next(_keys)}")
        return answer.status_code, answer.json()


def wanted(at: float) -> dict[str, Any]:
    chosen = dict.fromkeys(("time_type", "care_type", "performer", "resource", "phone", "email", "message"))
    return {"patient": PATIENT, "unit": {"hsa_id": UNIT}} | chosen | time_at(at)


def code(answer: tuple[int, Any]) -> tuple[int, str | None]:
    return answer[0], answer[1].get("code")
