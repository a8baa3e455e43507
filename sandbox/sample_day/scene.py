"""How a story of the sample day is written down: who, what happens at which stage, what should come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sandbox.people.numbers import ADULTS, WRITERS
from sandbox.sample_day.units import Json, Unit
from sandbox.wire.webhooks import Event

STOCKHOLM = ZoneInfo("Europe/Stockholm")


TIMED: Json = {"kind": "timed", "text": "Välkommen till ditt besök. Ta med legitimation."}
PRINTED: Json = TIMED | {"printed": True}


@dataclass(frozen=True, slots=True)
class Sent:
    """A webhook of the day. `in_vas`: VAS's own list follows it."""

    event: Event
    in_vas: bool = True


@dataclass(frozen=True, slots=True)
class Act:
    """A member of staff does something with the files of a transfer of theirs, and is let do it."""

    staff: str
    does: str
    transfer: str


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody follows the newest link in a contact, and logs in."""

    channel: str
    contact: str
    number: str
    loa: int = 3
    cancel: bool = False


@dataclass(frozen=True, slots=True)
class Press:
    """Residents press buttons on 1177, all at the same moment.

    Args:
        presses: the button, and what `POST /act/1177/…` takes.
        results: what they read (`OK`, `INFO`, `ERROR`), in the order of the alphabet.
    """

    title: str
    presses: tuple[tuple[str, Json], ...]
    results: tuple[str, ...]


class Story(Protocol):
    """Of a contact (`talk.Talk`): what it is called, and why it should end as it does."""

    id: str
    title: str
    channel: str
    why: str

    def outcome(self, after: int) -> Json:
        """What should have become of it after that stage."""


@dataclass(slots=True)
class Day:
    """The whole sample day, told from one moment on. `run` makes its ids differ from another day's."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    people: dict[int, list[Json]] = field(default_factory=dict)
    events: dict[int, list[Sent]] = field(default_factory=dict)
    batches: dict[int, list[Event]] = field(default_factory=dict)
    expected: dict[int, dict[str, Json]] = field(default_factory=dict)
    refused: list[Json] = field(default_factory=list)
    talks: list[Story] = field(default_factory=list)
    logins: dict[int, list[Login]] = field(default_factory=dict)
    staff: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    acts: dict[int, list[Act]] = field(default_factory=dict)
    texts: dict[int, list[Json]] = field(default_factory=dict)
    """SMS to units, as `POST /act/text` takes them: sent before the stage's webhooks."""
    check_ins: dict[int, list[tuple[str, str, Json]]] = field(default_factory=dict)
    """What it is called, the heading of the page that it should end at, and what `POST /act/check-in` takes."""
    joins: dict[int, list[tuple[str, str | None, str]]] = field(default_factory=dict)
    """What it is called, the platform that they should come to (None: none), and who follows the link on 1177."""
    timetables: list[Json] = field(default_factory=list)
    presses: dict[int, list[Press]] = field(default_factory=dict)
    self_service: list[Json] = field(default_factory=list)
    """What should have come of what residents do by themselves on 1177 (`self_service`)."""
    moves: list[tuple[Scene, str]] = field(default_factory=list)
    """Visits that the next day moves."""
    tomorrow: list[Json] = field(default_factory=list)
    """What should have come of the next day's visits (`next_day`)."""
    _adults: list[str] = field(default_factory=lambda: list(ADULTS))
    _writers: list[str] = field(default_factory=lambda: list(WRITERS))
    _told: int = 0
    _ids: int = 0

    @property
    def run_id(self) -> str:
        """Stands in every id of this day."""
        return self.now.strftime("%y%m%d%H%M%S")

    def next_id(self, kind: str) -> str:
        """An id that no other day has."""
        self._ids += 1
        return f"{kind}-{self.run_id}-{self._ids:03}"

    def in_days(self, days: int, hour: int = 9, minute: int = 0) -> datetime:
        """That time in Sweden, so many days from now."""
        day = self.now.astimezone(STOCKHOLM).date() + timedelta(days=days)
        return datetime.combine(day, time(hour, minute), STOCKHOLM)

    def adult(self) -> str:
        """The next grown-up's number."""
        return self._adults.pop(0)

    def writer(self) -> str:
        """The number of the next grown-up who writes."""
        return self._writers.pop(0)

    def resident(self, title: str, number: str | None = None, *, stage: int = 1, **fields: Any) -> Scene:
        """A story begins: a resident who is on 1177 and wishes notices by SMS, unless `fields` differ.

        The fields are those of `POST /people`; `wishes` is short for `preferences.notice_by`.
        """
        self._told += 1
        number = number or self.adult()
        person = {
            "personnummer": number,
            "name": f"Test Halland{self._told:02}",
            "phone": f"+467017406{self._told + 4:02}",
            "email": f"test{self._told:02}@example.com",
            "preferences": {"notice_by": list(fields.pop("wishes", ("sms",)))},
        }
        scene = Scene(self, title, person | fields)
        self.people.setdefault(stage, []).append(scene.person)
        return scene

    def publish(self, stage: int, event: Event, in_vas: bool = True) -> None:
        """The webhook is sent at that stage, in the order told."""
        self.events.setdefault(stage, []).append(Sent(event, in_vas))

    def expect(self, after: int, booking: str, outcome: Json) -> None:
        """What should have become of a booking once that stage has settled."""
        self.expected.setdefault(after, {})[booking] = outcome

    def outcome(self, after: int) -> dict[str, Json]:
        """What should have become of every booking after that stage."""
        merged: dict[str, Json] = {}
        for stage in range(1, after + 1):
            merged |= self.expected.get(stage, {})
        return merged


@dataclass(slots=True)
class Scene:
    """One resident's story."""

    day: Day
    title: str
    person: Json
    bookings: dict[str, Json] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    @property
    def patient(self) -> Json:
        """As a webhook has it."""
        number = self.person["personnummer"]
        kind = "personnummer" if int(number[6:8] if number.isdigit() else 0) < 60 else "samordningsnummer"
        return {"id": number, "type": kind if number.isdigit() else "reservnummer"}

    def booked(
        self, unit: Unit, start: datetime | None, *, stage: int = 1, source: str = "vas", **fields: Any
    ) -> str:
        """booking.created, of half an hour; gives the booking's id."""
        booking = self.day.next_id("B" if source == "vas" else "P")
        self.sources[booking] = source
        snapshot = {
            "id": booking,
            "version": 1,
            "patient": self.patient,
            "unit": unit.json(),
            "form": "on_site",
            "time_type": "BESOK",
            "purpose": "Besök",
            "booked_by": "staff",
            "cancellable": True,
            "rebookable": True,
        } | _times(start)
        self._publish_booking(stage, "created", snapshot | fields)
        return booking

    def changed(
        self, booking: str, *, stage: int = 2, version: int = 2, start: datetime | None = None, **fields: Any
    ) -> None:
        """booking.changed at that stage."""
        times = _times(start) if start else {}
        self._publish_booking(
            stage, "changed", self.bookings[booking] | times | fields | {"version": version}
        )

    def cancelled(self, booking: str, by: str, **fields: Any) -> None:
        """booking.cancelled at stage 2."""
        self._publish_booking(
            2, "cancelled", self.bookings[booking] | fields | {"version": 2, "cancelled_by": by}
        )

    def tells(self, kind: str, data: Json) -> None:
        """Something at stage 2 that is about more than one booking."""
        self.day.publish(2, Event(kind, data, id=self.day.next_id("msg")))

    def expect(
        self,
        booking: str,
        engagement: str | None,
        why: str,
        *,
        after: int = 1,
        state: str | None = None,
        inbox: int = 0,
        paper: int = 0,
        tasks: tuple[str, ...] = (),
        notices: tuple[str, ...] = (),
        **more: Any,
    ) -> None:
        """What should have become of the booking once the stage `after` has settled."""
        snapshot = self.bookings[booking]
        address = {"sms": self.person["phone"], "mail": self.person.get("email")}
        outcome = {
            "title": self.title,
            "source": self.sources[booking],
            "patient": snapshot["patient"]["id"],
            "unit": snapshot["unit"]["hsa_id"],
            "start": snapshot.get("start"),
            "state": state or ("settled" if engagement else "closed"),
            "engagement": engagement,
            "inbox_letters": inbox,
            "paper_letters": paper,
            "staff_tasks": list(tasks),
            "notices": [{"by": by, "to": address[by]} for by in notices],
            "why": why,
        }
        self.day.expect(after, booking, outcome | more)

    def _publish_booking(self, stage: int, what: str, snapshot: Json) -> None:
        held = self.bookings.get(snapshot["id"])
        if held is None or snapshot["version"] > held["version"]:
            self.bookings[snapshot["id"]] = snapshot
        event = Event(f"booking.{what}", {"booking": snapshot}, self.sources[snapshot["id"]],
                      id=self.day.next_id("msg"))  # fmt: skip
        self.day.publish(stage, event)


def _times(start: datetime | None) -> Json:
    if start is None:
        return {}
    return {"start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()}
