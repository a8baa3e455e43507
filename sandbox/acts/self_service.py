"""What residents do by themselves on 1177: they see free times, book, move and cancel (besok-3, besok-4).

1177 calls our producer for them, as whoever is logged in, and shows them what that answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sandbox.acts.contacts import Act
from sandbox.people.residents import People
from sandbox.systems.e1177.producer import (
    STOCKHOLM,
    Actor,
    Producer,
    ProducerError,
    Resident,
    Timeslot,
    in_stockholm,
)
from sandbox.wire.bodies import Form, OrNull, checked_body, moment, text
from sandbox.wire.web import BadRequest

Json = dict[str, Any]
SHOWN_DAYS = 28
"""So many days of free times are shown, where no other is asked for."""


def _day(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


WHO: dict[str, Form] = {"personnummer": text, "unit": text, "for?": OrNull(text), "agent?": OrNull(text)}
"""Who is logged in; `for`: a child of theirs; `agent`: it is a member of 1177's staff (HSA-id) who helps them."""
CHOICE: dict[str, Form] = {name: OrNull(text) for name in ("time_type?", "care_type?", "performer?")}
TIMES: dict[str, Form] = WHO | CHOICE | {"booking?": OrNull(text), "from?": OrNull(_day), "to?": OrNull(_day)}
SAYS: dict[str, Form] = {name: OrNull(text) for name in ("phone?", "email?", "message?")}
BOOK: dict[str, Form] = (
    WHO
    | CHOICE
    | SAYS
    | {"booking?": OrNull(text), "start": moment, "end": moment, "resource?": OrNull(text)}
)
REBOOK: dict[str, Form] = BOOK | {"booking": text}
REBOOK.pop("booking?")
CANCEL: dict[str, Form] = WHO | {"booking": text, "message?": OrNull(text)}
NOTHING: Json = {"result": None, "text": None, "booking": None, "error": None}
SEEN = {
    "unit": "healthcare_facility",
    "unit_name": "healthcare_facility_name",
    "time_type": "timeTypeID",
    "time_type_name": "timeTypeName",
    "care_type": "careTypeID",
    "care_type_name": "careTypeName",
    "performer": "performer",
    "performer_name": "performerName",
    "resource": "resourceID",
    "resource_name": "resourceName",
}
"""What a free time is shown with, and what the contract calls it."""


class SelfServants:
    """Residents who do it themselves.

    Args:
        producer: connects to the one that 1177 calls for them.
    """

    def __init__(self, people: People, producer: Callable[[], Producer]) -> None:
        self._people, self._producer = people, producer
        self.acts: dict[str, Act] = {
            "1177/times": self.look_at_times,
            "1177/book": self.book_themselves,
            "1177/rebook": self.move_themselves,
            "1177/cancel": self.cancel_themselves,
        }

    def look_at_times(self, given: Json) -> Json:
        """The free times that they are shown (`times`), of four weeks where no days are given."""
        body = checked_body(given, TIMES)
        first = date.fromisoformat(body.get("from") or datetime.now(STOCKHOLM).date().isoformat())
        last = date.fromisoformat(body["to"]) if body.get("to") else first + timedelta(days=SHOWN_DAYS)
        days = first.strftime("%Y%m%d"), last.strftime("%Y%m%d")
        wanted = _chosen(body) | {"bookingId": body.get("booking")}
        who, unit, patient = _actor(body), body["unit"], _for_whom(body)
        return self._press(lambda at: {"times": _times_seen(at.available(who, unit, patient, days, wanted))})

    def book_themselves(self, given: Json) -> Json:
        """They press a free time; with a `booking` they answer the open call letter of that id."""
        body = checked_body(given, BOOK)
        who, unit, resident = _actor(body), body["unit"], self._resident(body)
        return self._press(lambda at: _read(at.make_booking(who, unit, _slot(body), resident)))

    def move_themselves(self, given: Json) -> Json:
        """They press another time for a booking of theirs."""
        body = checked_body(given, REBOOK)
        who, unit, resident = _actor(body), body["unit"], self._resident(body)
        return self._press(lambda at: _read(at.update_booking(who, unit, _slot(body), resident)))

    def cancel_themselves(self, given: Json) -> Json:
        """They cancel a booking of theirs."""
        body = checked_body(given, CANCEL)
        who, unit, of = _actor(body), body["unit"], body["booking"]
        return self._press(lambda at: _read(at.cancel_booking(who, unit, of, body.get("message"))))

    def _press(self, call: Callable[[Producer], Json]) -> Json:
        """What they read: `result`, `text` and `booking`; or an `error` of 1177's own. And how long it took."""
        begun, producer = time.monotonic(), self._producer()
        try:
            with producer.session:
                answer = call(producer)
        except ProducerError as error:
            answer = {"error": str(error)}
        return NOTHING | answer | {"seconds": round(time.monotonic() - begun, 3)}

    def _resident(self, body: Json) -> Resident:
        """Of whom it is: by their name here, if they have one."""
        number = _for_whom(body)
        known = self._people.get(number)
        first, _, last = (known.name if known else "Test Testsson").partition(" ")
        return Resident(number, first, last or first, body.get("phone"), body.get("email"))


def _actor(body: Json) -> Actor:
    agent = body.get("agent")
    return Actor(agent, is_agent=True) if agent else Actor(body["personnummer"])


def _for_whom(body: Json) -> str:
    """Of whom it is: themselves, or their child."""
    return str(body.get("for") or body["personnummer"])


def _chosen(body: Json) -> Timeslot:
    return {SEEN[name.removesuffix("?")]: body.get(name.removesuffix("?")) for name in CHOICE}


def _slot(body: Json) -> Timeslot:
    """The time that is pressed, as a timeslot."""
    times = {
        "startTimeInclusive": _stamp(body["start"]),
        "endTimeExclusive": _stamp(body["end"]),
        "healthcare_facility": body["unit"],
        "bookingId": body.get("booking"),
        "subject_of_care": _for_whom(body),
        "reason": body.get("message"),
        "resourceID": body.get("resource"),
    }
    return times | _chosen(body)


def _stamp(at: str) -> str:
    """As the contract writes a time, in Sweden; it has no way to tell the doubled hour's first from its second."""
    here = datetime.fromisoformat(at).astimezone(STOCKHOLM)
    if here.year < 1000:
        raise BadRequest(422, "a time of these days")
    return here.strftime("%Y%m%d%H%M%S")


def _read(said: Json) -> Json:
    return {"result": said["resultCode"], "text": said.get("resultText"), "booking": said.get("bookingId")}


def _times_seen(slots: list[Timeslot]) -> list[Json]:
    return [
        {
            "start": in_stockholm(slot.get("startTimeInclusive")),
            "end": in_stockholm(slot.get("endTimeExclusive")),
        }
        | {name: slot.get(called) for name, called in SEEN.items()}
        for slot in slots
    ]
