"""How soon staff have the cases of a patient among a million: from the number to what may be shown, the log written.

Half of the cases are booked visits, two in five reminders, one in ten contacts, four of each patient. Those who are
looked for have three with all their columns sealed, as in production. In a
process and with a PostgreSQL of its own: `python -m bench.follow.find 1000000` prints it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.town import settle_in

ROOT = Path(__file__).resolve().parents[2]
MANY = 1_000_000
EACH = 4
"""Cases of a patient of whom nobody asks, on average."""
ASKED_FOR = 200
UNIT = "SE2321000115-E000000000001"
SHARES = {"booking_publication": 0.5, "visit_reminder": 0.4, "inbound_contact": 0.1}


def measured_search(size: Any) -> dict[str, float]:
    """`find_by_patient_ms`, the median, and `find_by_patient_p99_ms`.

    Args:
        size: its `cases`, if it has any, are as many as there are.
    """
    command = [sys.executable, "-m", "bench.follow.find", str(getattr(size, "cases", MANY))]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    told: dict[str, float] = json.loads(said.strip().splitlines()[-1])
    return told


def _searched(cases: int) -> dict[str, float]:
    from engine.base.database import migrate
    from engine.base.databases import create_databases
    from gateway.staff.kept_cases import KeptCases
    from models.identity import IdentityType, PatientId
    from routine.staff import CARE, Commission, Member

    create_databases()
    migrate()
    _filled(cases)
    numbers = _whom()
    _asked_for(numbers)
    _analyzed()
    kept = KeptCases()
    member = Member("SE2321000115-P000000000001", "Anna Test", Commission("SE2321000115-U1", CARE, unit=UNIT))
    took: list[float] = []
    for number in [numbers[0], *numbers]:
        patient = PatientId(id=number, type=IdentityType.PERSONNUMMER)
        before = time.perf_counter()
        found = kept.of_patient(member, patient, "bench")
        took.append((time.perf_counter() - before) * 1000)
        assert len(found.cases) == 3, found
    del took[0]  # the pool's first connection
    took.sort()
    return {
        "find_by_patient_ms": statistics.median(took),
        "find_by_patient_p99_ms": took[len(took) * 99 // 100],
    }


def _filled(cases: int) -> None:
    """So many cases of patients of whom nobody asks."""
    from sqlalchemy import Integer, LargeBinary, cast, func, insert, literal, select

    from engine.base.database import table_of, transaction
    from models.processes import MODELS

    at = datetime.now(UTC) - timedelta(days=30)
    with transaction() as connection:
        for model in MODELS:
            count = int(cases * SHARES.get(model.PROCESS, 0))
            if not count:
                continue
            table = table_of(model)
            number = func.generate_series(1, count).column_valued("number")
            whose = func.sha256(func.convert_to(func.concat(cast(number, Integer) % (cases // EACH)), "UTF8"))
            given: dict[str, Any] = {
                "id": func.gen_random_uuid(),
                "key": func.concat(model.PROCESS, ":", number),
                "state": literal(model.INITIAL),
                "tries": literal(0),
                "entries": literal(0),
                "created_at": literal(at),
                "updated_at": literal(at),
                "unit": literal(UNIT),
                "patient_hash": cast(whose, LargeBinary),
            }
            for column in table.c:  # what the model's own default fills in
                plain = getattr(column.default, "arg", None)
                if column.name not in given and not column.nullable and isinstance(plain, str | int):
                    given[column.name] = literal(plain)
            _say(f"{model.PROCESS}: {count}")
            connection.execute(insert(table).from_select(list(given), select(*given.values())))


def _whom() -> list[str]:
    """Personnummer of patients who are asked for."""
    from models.identity import is_identity_number

    made = (
        f"1950{month:02}{day:02}{at:04}"
        for month in range(1, 13)
        for day in range(1, 29)
        for at in range(1000, 1040)
    )
    found: list[str] = []
    for number in made:
        if is_identity_number(number):
            found.append(number)
        if len(found) == ASKED_FOR:
            return found
    raise AssertionError("too few numbers")


def _asked_for(numbers: list[str]) -> None:
    """A booked visit, its reminder and a contact of each."""
    from engine.base.database import insert_all, table_of, transaction
    from models.booking_publication import BookingPublication
    from models.encryption import ring
    from models.identity import IdentityType, PatientId
    from models.inbound_contact import InboundContact
    from models.visit_reminder import VisitReminder

    now = datetime.now(UTC)
    with transaction() as connection:
        for model in (BookingPublication, VisitReminder, InboundContact):
            rows: list[dict[str, Any]] = []
            names = [column.name for column in table_of(model).c]
            for number in numbers:
                who = PatientId(id=number, type=IdentityType.PERSONNUMMER)
                said = {
                    "snapshot": json.dumps({"patient": who.model_dump(mode="json")}),
                    "patient": who.model_dump_json(),
                }
                shared: dict[str, Any] = {
                    "id": uuid.uuid4(),
                    "key": f"asked:{number}",
                    "state": model.INITIAL,
                    "unit": UNIT,
                }
                shared |= {"created_at": now, "updated_at": now, "patient_hash": ring().digest(number)}
                made: Any = model
                case = made(**(shared | {name: value for name, value in said.items() if name in names}))
                rows.append({name: getattr(case, name) for name in names})
            insert_all(connection, table_of(model), rows, names)


def _analyzed() -> None:
    """As autovacuum leaves a table that has grown so."""
    from sqlalchemy import DDL

    from engine.base.database import transaction

    with transaction() as connection:
        connection.execute(DDL("ANALYZE"))  # type: ignore[no-untyped-call]


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def main() -> int:
    """Measure, and print it as JSON."""
    with tempfile.TemporaryDirectory(prefix="vaxel-find-") as home:
        settle_in(home)
        print(json.dumps(_searched(int(sys.argv[1]) if len(sys.argv) > 1 else MANY)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
