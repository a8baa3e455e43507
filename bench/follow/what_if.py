"""How many kept decisions are decided anew in a second of one core, and by how much the memory grows meanwhile.

Each size in a process of its own, with a PostgreSQL of its own. `python -m bench.follow.what_if 100000` prints it;
`--kept` tells what it costs to keep one.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.follow.size import Json, Size
from bench.processes import cpu_of_all
from bench.town import settle_in

ROOT = Path(__file__).resolve().parents[2]
SMALL = 10_000
PORTION = 1000
UNIT = "SE2321000115-E000000000001"
FIRST = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=60)
OTHER = """
[letters]
paper = false
[reminders]
lead_hours = [48]
"""
RULES = ("notice", "call_letter", "paper", "reminder")


def measured_anew(size: Size) -> Json:
    """What is decided anew in a second of one core; what that grows by from 10,000 to as many as there are cases."""
    small, large = _apart(SMALL), _apart(size.cases)
    return {
        "what_if_decisions_a_second": large["a_second"],
        "what_if_mib_growth": large["peak_mib"] - small["peak_mib"],
    }


def _apart(decisions: int, *more: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.follow.what_if", str(decisions), *more]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    told: dict[str, float] = json.loads(said.strip().splitlines()[-1])
    return told


def _decided_anew(decisions: int) -> dict[str, float]:
    from engine.base.database import engine
    from routine.region_file import HALLAND, load_region
    from tasks.what_if import differ

    _filled(decisions)
    listed = Path(tempfile.mkdtemp()) / "other.toml"
    listed.write_text(OTHER + _unit_in_file(), "utf-8")
    region = load_region([HALLAND, listed])
    engine().dispose()
    before = time.process_time()
    found = differ.would_differ(
        region, FIRST - timedelta(days=1), FIRST + timedelta(days=60), lambda *_: None
    )
    took = time.process_time() - before
    told = found.as_json()
    return {
        "decided": told["decided"],
        "differ": told["differ"],
        "a_second": told["decided"] / took,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _unit_in_file() -> str:
    return f'[units."{UNIT}"]\nname = "Vårdcentralen Halmstad"\nturn_to = "035-13 10 00"\npublish = "vaxel"\n'


def _filled(decisions: int) -> None:
    """So many decisions, as many of each rule, and a visit for each four."""
    from engine.base.database import insert_all, table_of, transaction
    from engine.tables import decisions as kept
    from models.visit_reminder import VisitReminder

    at, start = FIRST - timedelta(days=20), FIRST + timedelta(days=9)
    shared = {
        "state": "resting",
        "created_at": at,
        "updated_at": at,
        "unit": UNIT,
        "start": start,
        "known_since": at,
    }
    shared |= {"tries": 0, "entries": 0, "silent": False, "gone": 0, "gone_before": 0, "unreached": 0}
    with transaction() as connection:
        for portion in _portions(decisions):
            visits = [shared | {"id": id, "key": str(id)} for id, _ in portion]
            insert_all(connection, table_of(VisitReminder), visits, ["id", "key", *shared])
            reminders = [
                (id, number, told) for id, all in portion for number, told in all if number in (3, 4)
            ]
            others = [(id, number, told) for id, all in portion for number, told in all if number < 3]
            at = FIRST - timedelta(days=20)
            kept.keep_decisions(
                connection, "visit_reminder", at, [each for each in reminders if each[1] == 3]
            )
            at = FIRST + timedelta(days=6)
            kept.keep_decisions(
                connection, "visit_reminder", at, [each for each in reminders if each[1] == 4]
            )
            kept.keep_decisions(connection, "booking_publication", FIRST, others)


def _portions(decisions: int) -> Iterator[list[tuple[uuid.UUID, Sequence[tuple[int, Any]]]]]:
    every = _of_a_booking()
    cases = decisions // len(RULES)
    for begun in range(0, cases, PORTION):
        yield [(uuid.uuid4(), every) for _ in range(min(PORTION, cases - begun))]


def _of_a_booking() -> list[tuple[int, Any]]:
    """What is kept of a booking: three decisions, how its reminders are planned, and the reminder."""
    from engine.tables.decisions import Decided
    from routine.facts import Contact, ContactKind, Event, Facts, Portal, Resident, Visit, Wish, Wishes
    from routine.occasion import Occasion
    from routine.region import Publish, UnitPolicy
    from routine.region_file import load_region
    from routine.reminder import Plan, ReminderAsked, ReminderFacts, consent_in, planned_then
    from routine.rules_by_name import RULES as NAMED
    from tasks.decided import decided

    region = load_region()
    unit = UnitPolicy(name="Vårdcentralen Halmstad", turn_to="035-13 10 00", publish=Publish.VAXEL)
    said = FIRST - timedelta(days=90)
    resident = Resident(
        birth=date(1980, 4, 1),
        deceased=False,
        protected=False,
        contacts=(Contact(kind=ContactKind.PHONE, value="+46701740605", wished=True, rank=1),),
        wishes=Wishes(sms_reminders=Wish(True, said, "e1177", "self")),
        portal=Portal(active=True, notifies=False),
    )
    visit = Visit(start=FIRST + timedelta(days=9), end=FIRST + timedelta(days=9, hours=1))
    event = Event(occasion=Occasion.BOOKED, at=FIRST)
    facts = Facts(visit=visit, resident=resident, unit=unit, unit_id=UNIT, now=FIRST, event=event)
    plan = Plan(start=FIRST + timedelta(days=9), known_since=FIRST - timedelta(days=20))
    planned = planned_then(plan, region)
    asked = ReminderFacts(
        visit=visit,
        resident=replace(resident, portal=None),
        unit=unit,
        unit_id=UNIT,
        now=planned.moments[0],
        due_at=planned.moments[0],
        consent=consent_in(resident.wishes),
    )
    by_rule: dict[str, Any] = dict.fromkeys(RULES, facts) | {
        "reminder": ReminderAsked(facts=asked, plan=plan)
    }
    told = [decided(rule, by_rule[rule], UNIT, NAMED[rule].decide(by_rule[rule], region)) for rule in RULES]
    plan_kept = Decided(rule="reminder_plan", facts=planned, unit=UNIT, clause="besok-5")
    return [*enumerate(told[:3]), (3, plan_kept), (4, told[3])]


def _cost_of_keeping(bookings: int, postgres: int) -> dict[str, float]:
    """Microseconds of CPU, of this process and of PostgreSQL's, and bytes, of a booking's five rows."""
    from sqlalchemy import func, select

    from engine.base.database import transaction
    from engine.tables import decisions as kept

    every, turn = _of_a_booking(), 24
    took, begun = 0.0, cpu_of_all(postgres)
    for _ in range(bookings // turn):
        rows = [(uuid.uuid4(), number, told) for _ in range(turn) for number, told in every]
        with transaction() as connection:
            before = time.process_time()
            kept.keep_decisions(connection, "booking_publication", FIRST, rows)
            took += time.process_time() - before
    theirs, done = cpu_of_all(postgres) - begun, bookings // turn * turn
    with transaction() as connection:
        size = connection.execute(select(func.pg_total_relation_size("decision"))).scalar_one()
    return {
        "us_a_booking": took * 1e6 / done,
        "postgres_us_a_booking": theirs * 1e6 / done,
        "bytes_a_booking": size / done,
    }


def main() -> int:
    """Fill, decide anew, and tell, as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.follow.what_if", description=__doc__)
    parser.add_argument("decisions", type=int)
    parser.add_argument("--kept", action="store_true", help="what it costs to keep a booking's, instead")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vaxel-what-if-") as home:
        settle_in(home)
        from engine.base import database
        from engine.base.databases import create_databases

        create_databases()
        database.migrate()
        postgres = database.embedded(Path(home)).get_pid()
        told = (
            _cost_of_keeping(given.decisions, postgres or 0) if given.kept else _decided_anew(given.decisions)
        )
        database.engine().dispose()
        database.embedded(Path(home)).cleanup()
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
