"""How soon a human is alerted of a risk of suicide, whatever Prefect does (policy-suicid-1, ADR 0018).

An alert a second, from the platform's webhook until the platform has the alert. In turns: all is well, Prefect's
server is killed and gone, its pool, queue and deployment are paused, the server is killed again and again while it
starts; at rest, and with 1,000 contacts due. In the end the alerts' own worker is killed too: that is judged by one
alert each, not by the time. Each alert is acknowledged once it has come. Ends in findings where one is missing or
doubled, or the 99th percentile over what is wanted.
"""

from __future__ import annotations

import json
import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
from sqlalchemy import func
from sqlmodel import col, select
from standardwebhooks.webhooks import Webhook

from bench import figures
from bench.chaos import mix
from bench.chaos.parts import Given
from bench.chaos.programs import Programs, Say
from engine.base.database import transaction
from engine.base.settings import settings
from engine.tables.inbox import IS_WAITING
from models.case import Event as StoredEvent
from models.inbound_contact import InboundContact
from sandbox.people.numbers import ADULTS

CHANNEL = "platform24"
AT_REST, BUSY = 5.0, 10.0
"""Seconds from the webhook to the alert, at most, at the 99th percentile."""
APART = (0.5, 1.5)
"""Seconds between two alerts."""
MISSING = 90.0
"""After so many seconds an alert that has not come is missing."""
DUE, LOW = 1000, 500
"""Contacts that are due in a busy situation; filled up again when so few are left."""
WAITING = select(func.count(col(StoredEvent.number))).where(
    StoredEvent.process == InboundContact.PROCESS, IS_WAITING
)


@dataclass
class Measured:
    """One situation. `seconds`: of each alert; None: it never came. `wanted` None: not judged by time."""

    name: str
    wanted: float | None
    kills: int = 0
    seconds: list[float | None] = field(default_factory=list)
    doubled: int = 0

    @property
    def came(self) -> list[float]:
        """Of those that came."""
        return [each for each in self.seconds if each is not None]

    @property
    def p99(self) -> float:
        """Of all: one that never came is as late as can be."""
        return figures.percentile([MISSING if each is None else each for each in self.seconds], 0.99)

    @property
    def findings(self) -> list[str]:
        """What is wrong."""
        missing = len(self.seconds) - len(self.came)
        late = self.wanted is not None and self.p99 > self.wanted
        return [
            *([f"{self.name}: {missing} alerts never came"] if missing else []),
            *([f"{self.name}: {self.doubled} alerts came twice"] if self.doubled else []),
            *([f"{self.name}: p99 {self.p99:.1f} s, wanted {self.wanted:.0f}"] if late else []),
        ]


Trouble = Callable[[Programs, Measured, Event, random.Random, int], None]


def _nothing(programs: Programs, told: Measured, over: Event, dice: random.Random, kills: int) -> None:
    over.wait()


def _killed(programs: Programs, told: Measured, over: Event, dice: random.Random, kills: int) -> None:
    (server,) = programs.children.named("prefect")
    with server.away():
        told.kills += 1
        over.wait()


def _again_and_again(name: str) -> Trouble:
    """Killed at any moment of its start, or soon after it."""

    def trouble(programs: Programs, told: Measured, over: Event, dice: random.Random, kills: int) -> None:
        while told.kills < kills or not over.is_set():
            for child in programs.children.named(name):
                child.kill()
                told.kills += 1
            if told.kills >= kills:
                over.wait()
                return
            time.sleep(dice.uniform(2, 12))

    return trouble


def _paused(programs: Programs, told: Measured, over: Event, dice: random.Random, kills: int) -> None:
    for on in (True, False):
        _pause(programs, on)
        if on:
            over.wait()


def _pause(programs: Programs, on: bool) -> None:
    """Everything that can be paused at Prefect: the pool, the queue, the deployment."""
    given = programs.children.environment
    user, _, password = given["PREFECT_API_AUTH_STRING"].partition(":")
    with httpx.Client(base_url=given["PREFECT_API_URL"], auth=(user, password), trust_env=False) as prefect:
        for path in ("/work_pools/vaxel", "/work_pools/vaxel/queues/risk"):
            prefect.patch(path, json={"is_paused": on}).raise_for_status()
        id = prefect.get("/deployments/name/risk-alert/vaxel").raise_for_status().json()["id"]
        prefect.post(f"/deployments/{id}/{'pause' if on else 'resume'}_deployment").raise_for_status()


@dataclass(frozen=True)
class Situation:
    """How it is, for how many alerts at least."""

    key: str
    name: str
    wanted: float | None
    trouble: Trouble
    busy: bool = False
    kills: float = 0
    """The share of all kills that are asked for."""


SITUATIONS = (
    Situation("idle", "at rest", AT_REST, _nothing),
    Situation("killed", "Prefect killed and gone", AT_REST, _killed),
    Situation("paused", "pool, queue and deployment paused", AT_REST, _paused),
    Situation("restarted", "Prefect killed again and again", AT_REST, _again_and_again("prefect"), kills=0.4),
    Situation("busy", "1,000 contacts due", BUSY, _nothing, busy=True),
    Situation(
        "busy_restarted",
        "1,000 contacts due, Prefect killed again and again",
        BUSY,
        _again_and_again("prefect"),
        busy=True,
        kills=0.4,
    ),
    Situation(
        "worker_killed",
        "one of the alerts' two workers killed",
        None,
        _again_and_again("risk-worker"),
        kills=0.2,
    ),
)


def play(programs: Programs, given: Given, count: int, say: Say) -> list[Measured]:
    """Every situation, with at least so many alerts in each."""
    programs.begin_anew()
    told = []
    for situation in SITUATIONS:
        measured = _one(programs, situation, given, count)
        told.append(measured)
        say(f"    {_line(measured)}")
        (server,) = programs.children.named("prefect")
        programs.children.wait_for(server.name, f"{programs.children.environment['PREFECT_API_URL']}/health")
    return told


def _one(programs: Programs, situation: Situation, given: Given, count: int) -> Measured:
    dice, over = random.Random(f"{given.seed} {situation.key}"), Event()
    told = Measured(situation.name, situation.wanted)
    kills = round(given.kills * situation.kills)
    with _busy(over) if situation.busy else _quiet(), ThreadPoolExecutor(64) as pool:
        troubled = pool.submit(situation.trouble, programs, told, over, dice, kills)
        time.sleep(1)
        sent: list[Future[tuple[float | None, int]]] = []
        while len(sent) < count or told.kills < kills:
            sent.append(pool.submit(_alert, programs, dice.choice(ADULTS)))
            time.sleep(dice.uniform(*APART))
            if troubled.done():
                troubled.result()
        for each in sent:
            seconds, times = each.result()
            told.seconds.append(seconds)
            told.doubled += times > 1
        over.set()
        troubled.result()
    return told


@contextmanager
def _quiet() -> Iterator[None]:
    yield


@contextmanager
def _busy(over: Event) -> Iterator[None]:
    """So many contacts are due, and are filled up as they are dealt with."""
    filling = Thread(target=_fill, args=(over,))
    _contacts(DUE)
    filling.start()
    try:
        yield
    finally:
        over.set()
        filling.join()


def _fill(over: Event) -> None:
    while not over.wait(1):
        with transaction() as connection:
            left = connection.execute(WAITING).scalar_one()
        if left < LOW:
            _contacts(DUE - left)


def _contacts(count: int) -> None:
    """A platform sends many at once."""
    now = datetime.now(UTC)
    events = [
        {
            "id": secrets.token_hex(8),
            "type": "contact.received",
            "timestamp": now.isoformat(),
            "data": {"contact": {"id": secrets.token_hex(8), "unit": mix.HALMSTAD}},
        }
        for _ in range(count)
    ]
    body, id = json.dumps({"events": events}), secrets.token_hex(8)
    signature = Webhook(settings().secret_of("hope").split()[0]).sign(id, now, body)
    headers = {"content-type": "application/json", "webhook-id": id, "webhook-signature": signature}
    headers["webhook-timestamp"] = str(int(now.timestamp()))
    url = f"{settings().gateway_url}/webhooks/hope/batch"
    httpx.post(url, content=body, headers=headers, timeout=60, trust_env=False).raise_for_status()


def _alert(programs: Programs, patient: str) -> tuple[float | None, int]:
    """A patient writes; the seconds until the platform has the alert, and how often it has it."""
    about = {
        "channel": CHANNEL,
        "personnummer": patient,
        "unit": mix.HALMSTAD,
        "text": "Hej",
        "risk": "suicide",
    }
    began = time.monotonic()
    wall = datetime.now(UTC)
    answer = programs.town.post("/act/contact", json=about).raise_for_status().json()
    contact, alerts = answer["contact"], list[Mapping[str, Any]]()
    if answer["sent"][0]["status"] != 202:
        return None, 0
    while not alerts and time.monotonic() - began < MISSING:
        time.sleep(0.25)
        alerts = _alerts(programs, contact)
    seconds = (datetime.fromisoformat(alerts[0]["at"]) - wall).total_seconds() if alerts else None
    data = {"contact": contact, "channel": CHANNEL, "at": datetime.now(UTC).isoformat()}
    event = {"id": secrets.token_hex(8), "type": "contact.risk_acknowledged", "data": data}
    programs.town.post("/act/staff", json={"events": [event | {"timestamp": data["at"]}]}).raise_for_status()
    time.sleep(3)
    levels = [alert["level"] for alert in _alerts(programs, contact)]
    return seconds, levels.count(0)


def _alerts(programs: Programs, contact: str) -> list[Mapping[str, Any]]:
    held = programs.town.get(f"/inspect/{CHANNEL}", params={"contact": contact}).json()
    found: list[Mapping[str, Any]] = held["conversations"][0]["alerts"]
    return found


# --- what is told of it


def _line(one: Measured) -> str:
    came = one.came or [MISSING]
    wanted = f", wanted {one.wanted:.0f}" if one.wanted else ""
    median, worst = figures.percentile(came, 0.5), max(came)
    return (
        f"{one.name}: {len(one.seconds)} alerts, {one.kills} kills; median {median:.2f} s, p99 {one.p99:.2f} s"
        f"{wanted}, longest {worst:.2f} s" + "".join(f"; {each}" for each in one.findings)
    )


def written(folder: Path, on: Mapping[str, Any], given: Given, told: Sequence[Measured]) -> None:
    """Write `alerts.json`, `alerts.md`, and the figures into `ratios.json`."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    parts = [asdict(one) | {"p99": one.p99, "findings": one.findings} for one in told]
    whole = {"at": at, "machine": on, "given": asdict(given), "situations": figures.rounded(parts)}
    page = [*figures.head_of("Alerts of a risk of suicide", whole), *(f"- {_line(one)}" for one in told), ""]
    figures.write(folder / "alerts.json", whole, "\n".join(page))
    found = {
        f"trust/alert_{situation.key}_p99_seconds": (round(one.p99, 2), one.wanted, not one.findings)
        for situation, one in zip(SITUATIONS, told, strict=True)
        if one.wanted is not None
    }
    kills, wrong = sum(one.kills for one in told), [each for one in told for each in one.findings]
    found["trust/alert_kills"] = (kills, 50, kills >= 50 and not wrong)
    figures.into_ratios(folder / "ratios.json", found, on, at)
