"""How a journey is told: residents and bookings in the sandbox, webhooks in, runs, and what became of it."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import bindparam, text

from engine.base import clock
from engine.base.database import transaction
from engine.base.settings import settings
from engine.ops import by_hand
from engine.outer import questions
from engine.running import runs
from engine.running.work import Work
from engine.steps.process import Process
from flows.booking_publication import booking_publication
from flows.index_reconciliation import index_reconciliation
from flows.registry import PROCESSES
from models.case import MOMENT
from sandbox.people.numbers import ADULTS
from systems.engagement_index import Engagement as Engaged
from systems.engagement_index import EngagementIndex, Transaction
from tasks import clients, messages

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HALMSTAD = {"hsa_id": "SE2321000115-E000000000001", "name": "Vårdcentralen Halmstad"}
PAPER_UNIT = {"hsa_id": "SE2321000115-E000000000002", "name": "Medicinmottagningen Varberg"}
INBOX_UNIT = {"hsa_id": "SE2321000115-E000000000003", "name": "Barn- och ungdomsmottagningen Halmstad"}
SHADOW_UNIT = {"hsa_id": "SE2321000115-E000000000005", "name": "Ortopedmottagningen Kungsbacka"}
LAHOLM = {"hsa_id": "SE2321000115-E000000000006", "name": "Vårdcentralen Laholm"}
HYLTE = {"hsa_id": "SE2321000115-E000000000007", "name": "Vårdcentralen Hylte"}
NEW_UNIT = {"hsa_id": "SE2321000115-E000000000099", "name": "Kirurgmottagningen Halmstad"}
TIMED = {"kind": "timed", "text": "Ta med legitimation."}
RESERVNUMMER = "98240301AA06"
READS = (
    "FindContent",
    "IsActiveUser",
    "GetPersonsForProfile",
    "GetPersonContactInformation",
    "GET /a1/sms",
    "GET /bookings",
)
MARGIN = messages.CLOCK_MARGIN
Json = dict[str, Any]


def in_days(days: int, hour: int = 9) -> datetime:
    """That hour in Sweden, so many days from now."""
    day = datetime.now(STOCKHOLM).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), STOCKHOLM)


def open_letter(days: int = 60) -> Json:
    """An open call letter that holds so many days."""
    return {"kind": "open", "text": "Boka en tid.", "valid_until": in_days(days).date().isoformat()}


class TownClock:
    """The machine's clock, put forward as far as the test likes."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.patience, self.stride = timedelta(), timedelta()
        """How long a run waits for the next case, and the least that it waits then."""

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def put_forward(self, moment: datetime) -> None:
        """It becomes that moment; the outer systems' clocks stay where they are."""
        self.ahead += max(moment - self.now(), timedelta())
        messages.CLOCK_MARGIN = MARGIN + self.ahead

    def lingering(self) -> Callable[[Work[Any]], bool]:
        """In place of `Work._lingers`: the time until the next case is due is over at once."""

        def lingers(work: Work[Any]) -> bool:
            due = work.process.next_due()
            if due is None or due - self.now() >= self.patience:
                return False
            self.put_forward(max(due, self.now() + self.stride))
            return True

        return lingers


class Town:
    """The sandbox's people and systems, and our side of it."""

    flows: Mapping[str, Any] = {"booking_publication": booking_publication}
    """Those that run here, by process."""
    by_prefect = False
    """Whether Prefect runs them: half of a journey's time. A day that has every step in it has them so."""

    def __init__(self, sandbox: str, at: TownClock) -> None:
        self.http = browser(sandbox)
        self.clock = at
        self.people: dict[str, Json] = {}
        questions.of_process().forget()
        self.http.delete("/state").raise_for_status()
        self.http.delete("/faults").raise_for_status()
        self.unit_connected(INBOX_UNIT, False)

    def close(self) -> None:
        self.http.delete("/faults")
        self.http.close()

    # --- time

    def waits(self, **time: float) -> None:
        """So much time passes; the outer systems' clocks stay where they are."""
        self.is_now(clock.now() + timedelta(**time))

    def is_now(self, moment: datetime) -> None:
        """It becomes that moment."""
        self.clock.put_forward(moment)

    # --- the region

    def unit_connected(self, unit: Json, connected: bool) -> None:
        self._post("/units", {"hsa_id": unit["hsa_id"], "connected": connected})

    def region_learns(self, toml: str) -> None:
        """Ops lay another file over the region's."""
        path = Path(settings().home) / f"region-{secrets.token_hex(4)}.toml"
        path.write_text(toml, "utf-8")
        settings().region_files.append(path)
        clients.forget()

    def falls_quiet(self, hours: int) -> datetime:
        """The region's quiet hours began an hour ago; gives the moment at which they are over, so many hours on.

        Never from or to an hour between 02 and 03, which the region's file refuses.
        """
        now = clock.now().astimezone(STOCKHOLM)
        begun, over = now - timedelta(hours=1), (now + timedelta(hours=hours)).replace(microsecond=0)
        if begun.hour == 2:
            begun = begun.replace(hour=1, minute=59)
        if over.hour == 2 or (over.hour, over.minute, over.second) == (3, 0, 0):
            over = over.replace(hour=3, minute=1)
        self.region_learns(f"[quiet]\nfrom = {begun:%H:%M:%S}\nto = {over:%H:%M:%S}\nurgent_hours = 4\n")
        return over

    def resident(self, number: str = ADULTS[0], **fields: Any) -> str:
        """Someone who is on 1177 without its notices, and wishes notices by SMS to a number of their own."""
        known = self.people.get(number)
        if known is None:
            at = len(self.people)
            known = {
                "personnummer": number,
                "name": f"Test Personsson{at:03}",
                "phone": f"+467017406{5 + at:02}",
                "email": f"person{at:03}@example.org",
                "preferences": {"notice_by": ["sms"]},
            }
        self.people[number] = known | fields
        self._post("/people", self.people[number])
        return number

    def residents(self, count: int, **fields: Any) -> list[str]:
        """So many of them, with numbers of their own."""
        free = [number for number in ADULTS if number not in self.people]
        return [self.resident(number, **fields) for number in free[:count]]

    def booking(self, patient: str = ADULTS[0], **fields: Any) -> Json:
        """A booking in a week, by staff, without a call letter."""
        start = fields.pop("start", in_days(7))
        times = (
            {"start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()} if start else {}
        )
        return {
            "id": f"B-{secrets.token_hex(5)}",
            "version": 1,
            "patient": identity(patient),
            "unit": HALMSTAD,
            **times,
            "form": "on_site",
            "purpose": "Kontroll",
            "call_letter": {"kind": "none"},
            "booked_by": "staff",
        } | fields

    # --- webhooks

    def sends(self, what: str, booking: Json, **more: Any) -> Json:
        """VAS sends a booking event; gives what the gateway answered."""
        return self.tells(f"booking.{what}", {"booking": booking}, **more)

    def books(self, patient: str = ADULTS[0], **fields: Any) -> Json:
        """A booking is made, and VAS tells of it."""
        booking = self.booking(patient, **fields)
        assert self.sends("created", booking)["status"] == 202
        return booking

    def changes(self, booking: Json, **fields: Any) -> Json:
        """The next version of a booking, and VAS tells of it."""
        booking = {name: value for name, value in booking.items() if name != "caused_by"}
        start = fields.pop("start", None)
        times = (
            {"start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()} if start else {}
        )
        newer = booking | times | {"version": booking["version"] + 1} | fields
        assert self.sends("changed", newer)["status"] == 202
        return newer

    def cancels(self, booking: Json, by: str | None = "staff", **fields: Any) -> Json:
        """The booking is cancelled, and VAS tells of it."""
        newer = booking | {"version": booking["version"] + 1} | ({"cancelled_by": by} if by else {}) | fields
        assert self.sends("cancelled", newer)["status"] == 202
        return newer

    def tells(
        self, type: str, data: Json, source: str = "vas", id: str | None = None, timestamp: str | None = None
    ) -> Json:
        event = {"type": type, "data": data, "id": id or f"msg-{secrets.token_hex(8)}"}
        event |= {"timestamp": timestamp or clock.now().isoformat()}
        answer: Json = self._post(f"/act/{source}", {"events": [event]})["sent"][0]
        return answer

    def sends_batch(self, events: Sequence[tuple[str, Json]]) -> list[Json]:
        """VAS sends many at once."""
        given = [{"type": f"booking.{what}", "data": {"booking": booking}} for what, booking in events]
        answer: list[Json] = self._post("/act/vas", {"events": given, "batch": True})["sent"]
        return answer

    def changes_silently(self, what: str, booking: Json) -> None:
        """VAS changes, and the webhook is lost."""
        event = {"type": f"booking.{what}", "data": {"booking": booking}}
        self._post("/act/vas", {"events": [event], "silent": True})

    # --- faults

    def has_fault(self, system: str, kind: str, **fields: Any) -> None:
        self._post("/faults", {"system": system, "kind": kind, **fields})

    def is_well_again(self) -> None:
        self.http.delete("/faults").raise_for_status()

    def _post(self, path: str, body: Any) -> Any:
        """What was said before of the town's people holds no more: with a clock that is put forward, no wait for it."""
        answer = self.http.post(path, json=body)
        assert answer.is_success, (path, answer.status_code, answer.text)
        questions.of_process().forget()
        return answer.json()

    # --- what the outer systems hold

    def holds(self, system: str, **query: str) -> Json:
        """What a system of the sandbox received and holds."""
        found: Json = self.http.get(f"/inspect/{system}", params=query).json()
        return found

    def sms(self, number: str | None = None) -> list[Json]:
        """All SMS, or one resident's, by their phone."""
        query = {"to": self.people[number]["phone"]} if number else {}
        messages: list[Json] = self.holds("sms", **query)["messages"]
        return messages

    def mails(self, number: str | None = None) -> list[Json]:
        query = {"to": self.people[number]["email"]} if number else {}
        messages: list[Json] = self.holds("mail", **query)["messages"]
        return messages

    def inbox(self, number: str | None = None) -> list[Json]:
        messages: list[Json] = self.holds("e1177")["inbox"]
        return [message for message in messages if number in (None, message["patient"])]

    def letters(self) -> list[Json]:
        letters: list[Json] = self.holds("vas")["letters"]
        return letters

    def staff_tasks(self) -> list[str]:
        return [task["reason"] for task in self.holds("vas")["staff_tasks"]]

    def reached(self, number: str) -> Json:
        """All that reached a resident, by whichever system: how many of each, and the tasks for staff."""
        e1177, vas = self.holds("e1177"), self.holds("vas", patient=number)
        counts = {
            "sms": len(self.sms(number)),
            "mail": len(self.mails(number)),
            "inbox": sum(message["patient"] == number for message in e1177["inbox"]),
            "by_1177": sum(notice["patient"] == number for notice in e1177["notifications"]),
            "letters": len(vas["letters"]),
            "tasks": [task["reason"] for task in vas["staff_tasks"]],
        }
        return {what: count for what, count in counts.items() if count}

    def notices(self, number: str) -> int:
        """How many notices reached a resident in all: ours, and those that 1177 gave itself."""
        reached = self.reached(number)
        return sum(reached.get(way, 0) for way in ("sms", "mail", "by_1177"))

    def engagements(self, booking: Json) -> list[str]:
        found = self.holds("engagement_index", booking=booking["id"])["engagements"]
        return [engagement["categorization"] for engagement in found]

    def index_history(self, booking: Json) -> list[str]:
        """What the index was told of a booking, in order: new, changed, identical, deleted, not_there."""
        found = self.holds("engagement_index", booking=booking["id"], history="1")["history"]
        return [told["change"] for told in found]

    def on_1177(self, patient: str) -> list[str]:
        """The ids of the bookings that the resident sees on 1177, asked of our producer."""
        return [booking["booking"] for booking in self.seen_on_1177(patient)]

    def seen_on_1177(self, patient: str) -> list[Json]:
        found = self.holds("e1177", patient=patient)
        assert not found["errors"], found["errors"]
        bookings: list[Json] = found["bookings"]
        return bookings

    def calls(self, operation: str) -> list[Json]:
        found: list[Json] = self.holds("calls", operation=operation, limit="5000")["calls"]
        return found

    def acts(self) -> list[str]:
        """The operations that were called and that are no mere reading."""
        found = self.holds("calls", limit="5000")["calls"]
        return [call["operation"] for call in found if not call["operation"].startswith(READS)]

    def another_source(self, source: str = "SE2321000115-ANNAN") -> EngagementIndex:
        """The index, as another source system has it."""
        return EngagementIndex(
            f"{self.http.base_url}/engagement_index".replace("//e", "/e"), source, "SE2321000115"
        )

    def another_shows(
        self, booking: Json, category: Any = "Booking", source: str = "SE2321000115-ANNAN"
    ) -> None:
        """Another source system has put the booking into the index."""
        engaged = Engaged(booking["patient"]["id"], category, booking["unit"]["hsa_id"], booking["id"])
        self.another_source(source).update([Transaction(engaged)])

    def index_loses(self, booking: Json, category: Any = "Booking") -> None:
        """The index forgets an engagement of ours."""
        engaged = Engaged(booking["patient"]["id"], category, booking["unit"]["hsa_id"], booking["id"])
        clients.engagement_index().update([Transaction(engaged, delete=True)])

    # --- our side

    async def runs(self) -> None:
        """One run of each flow."""
        for process in self.flows:
            await self.runs_one(process)

    async def runs_one(self, process: str) -> None:
        """A run of a flow: by Prefect, or without it."""
        flow = self.flows[process]
        await (flow() if self.by_prefect else without_prefect(flow))

    async def comes_to_rest(self, within: float = 60.0, stride: float = 0.0) -> None:
        """Runs, and time passes (at least `stride` seconds at once), until nothing is due within so many."""
        self.clock.patience, self.clock.stride = timedelta(seconds=within), timedelta(seconds=stride)
        for _ in range(3 * len(self.flows)):
            work = self.with_work()
            if not work:
                self.clock.patience = timedelta()
                return
            for process in work:
                await self.runs_one(process)
        raise AssertionError(f"not at rest: {by_hand.counts(PROCESSES)}")

    def with_work(self) -> list[str]:
        """The processes that have an event, or a case that is due within our patience."""
        until = clock.now() + self.clock.patience
        due = dues()
        return [process for process in self.flows if process in due and due[process] < until]

    async def reconciles(self) -> None:
        """The night's comparison, and what comes of it."""
        await index_reconciliation()
        await self.comes_to_rest()

    def case(self, booking: Json, source: str = "vas") -> Any:
        """The case's row."""
        query = text("SELECT * FROM booking_publication WHERE key = :key")
        with transaction() as connection:
            return connection.execute(query, {"key": f"{source}:{booking['id']}"}).one()

    def standing(self, booking: Json, source: str = "vas") -> str:
        """Where the case stands: its state, or `parked:` and why."""
        case = self.case(booking, source)
        return f"parked:{case.parked}" if case.parked else str(case.state)

    def story(self, booking: Json, source: str = "vas") -> by_hand.CaseStory:
        return by_hand.story(PROCESSES, self.case(booking, source).id)

    def told(self, booking: Json) -> list[tuple[str, str, str]]:
        """The timeline: what, why, by which clause."""
        return [(e["what"], e["reason"], e["clause"]) for e in self.story(booking).timeline]

    def why(self, booking: Json, what: str) -> tuple[str, str]:
        """The reason and the clause of the last such entry."""
        return [(reason, clause) for name, reason, clause in self.told(booking) if name == what][-1]

    def provider_id(self, booking: Json) -> str | None:
        """The provider's id of a booking's notice."""
        query = text("SELECT provider_id FROM effect WHERE case_id = :case AND step = 'give_notice'")
        with transaction() as connection:
            found: str | None = connection.execute(query, {"case": self.case(booking).id}).scalar_one()
            return found

    def unknown_effects(self) -> Mapping[uuid.UUID, str]:
        """The effects that wait for a human, and their systems."""
        with transaction() as connection:
            rows = connection.execute(text("SELECT id, system FROM effect WHERE state = 'parked'"))
            return {id: system for id, system in rows}


def at_ten(at: TownClock) -> None:
    """Tomorrow at ten in Sweden: whatever the hour is at which the test runs."""
    day = datetime.now(STOCKHOLM).date() + timedelta(days=1)
    at.put_forward(datetime.combine(day, time(10), STOCKHOLM))


def today(hour: int = 10, minute: int = 15) -> datetime:
    """Of the town's day, in Sweden."""
    return datetime.combine(clock.now().astimezone(STOCKHOLM).date(), time(hour, minute), STOCKHOLM)


async def without_prefect(flow: Any) -> None:
    """A run of a flow with the same claims and steps, as the alerts' worker has them."""
    made: Process[Any] = flow.process
    run = runs.begin_run(uuid.uuid4(), made.name)
    try:
        await asyncio.to_thread(Work(made, run).until_done)
    finally:
        runs.end(run)


def with_deadline(seconds: float) -> None:
    """Every outer system has so long for a call (undone with the test's region)."""
    for name, system in settings().systems.items():
        settings().systems[name] = system.model_copy(update={"deadline": seconds})
    clients.forget()


def identity(number: str) -> Json:
    """As a webhook has a patient."""
    if not number.isdigit():
        return {"id": number, "type": "reservnummer"}
    return {"id": number, "type": "samordningsnummer" if int(number[6:8]) >= 60 else "personnummer"}


def browser(url: str) -> httpx.Client:
    """Plain HTTP to an address; without certificates, which take long to load."""
    return httpx.Client(base_url=url, timeout=30, trust_env=False, verify=False)


def dues() -> dict[str, datetime]:
    """When the next case of each process is due that has one; now, if an event of its waits."""
    of_cases = (f"SELECT '{name}' AS process, min(due_at) AS at FROM {name}" for name in PROCESSES)
    of_events = "SELECT process, :now FROM event WHERE applied_at IS NULL"
    query = text(
        f"SELECT process, min(at) FROM ({' UNION ALL '.join([*of_cases, of_events])}) AS d GROUP BY process"
    )
    with transaction() as connection:
        found = connection.execute(query.bindparams(bindparam("now", clock.now(), MOMENT)))
        return {process: due for process, due in found if due is not None}


def shown(value: object) -> str:
    """As text, to search in."""
    return json.dumps(value, ensure_ascii=False, default=str)


def as_json(printed: str) -> Any:
    """What a command has printed as JSON: the gateway of the same process may log a line among it at any time."""
    return json.loads(re.sub(r"^\d{4}-\d\d-\d\d .*\n", "", printed, flags=re.MULTILINE))
