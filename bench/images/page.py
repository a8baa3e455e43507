"""A member of staff's page of very many files: the files in the tables, a login, and how soon the page comes."""

from __future__ import annotations

import re
import statistics
import time
import uuid
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urljoin

import requests

from bench.images.ward import ANNA, COMMISSION, PATIENT, PLATFORM, UNIT, Ward
from bench.processes import WrongWork
from engine.base import clock
from engine.base.database import engine, insert_all, table_of, transaction
from models.encryption import ring
from models.identity import PatientId, Staff
from models.image_transfer import ImageTransfer, State, StoredFile

LIST = "/staff/storage"
MOST_STEPS = 10
LOGIN = re.compile(r'name="login" value="([^"]+)"')
Json = dict[str, Any]


def put_files(count: int) -> None:
    """So many files of hers that lie in the storage, as their rows tell; none has bytes."""
    engine()  # opening it puts the keyring in place
    now, patient = clock.now(), PatientId(id=PATIENT, type="personnummer")
    cases: list[Json] = []
    stored: list[Json] = []
    for number in range(count):
        at = now - timedelta(seconds=count - number)
        case = ImageTransfer(
            key=f"staff:T-{number}:{number:016x}",
            state=State.TOLD,
            due_at=now + timedelta(days=1),
            created_at=at,
            updated_at=at,
            transfer=f"T-{number}",
            system=PLATFORM,
            contact_id=f"K-{number}",
            ref=f"ref-{number}",
            filename=f"IMG_{number:04}.jpeg",
            patient=patient.model_dump_json(),
            patient_hash=ring().digest(PATIENT),
            unit=UNIT["hsa_id"],
            unit_name=UNIT["name"],
            staff=Staff.model_validate(ANNA).model_dump_json(),
            owner_id=ANNA["hsa_id"],
            requested_at=at,
            fetches=1,
            kind="image/jpeg",
            pictures=1,
            scan="clean",
            size=3_000_000,
            sha256=f"{number:064x}",
            stored_at=at,
            deleted_at=now + timedelta(days=1),
        )
        cases.append(case.model_dump())
        stored.append(
            StoredFile(
                name=uuid.uuid4(),
                file=case.id,
                hour=(now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0),
                begun_at=at,
                wrapped_key=b"-" * 60,
                size=3_000_000,
                completed_at=at,
            ).model_dump()
        )
    with transaction() as connection:
        for model, rows in ((ImageTransfer, cases), (StoredFile, stored)):
            table = table_of(model)
            insert_all(connection, table, rows, [column.name for column in table.columns])


def looked_at(ward: Ward, times: int) -> tuple[float, float, int]:
    """Look at the list so often: the medians of when its first byte and its last came, and its length."""
    session = _logged_in(f"http://127.0.0.1:{ward.house.gateway_port}")
    first, last, length = [], [], 0
    for _ in range(times + 1):
        began = time.perf_counter()
        with session.get(
            f"http://127.0.0.1:{ward.house.gateway_port}{LIST}", stream=True, timeout=60
        ) as answer:
            body = answer.raw.read(1)
            first.append(time.perf_counter() - began)
            body += answer.raw.read()
            last.append(time.perf_counter() - began)
        if answer.status_code != 200 or b"IMG_0000.jpeg" not in body:
            raise WrongWork(f"the page was answered {answer.status_code}, {len(body)} bytes")
        length = len(body)
    return statistics.median(first[1:]), statistics.median(last[1:]), length


def _logged_in(gateway: str) -> requests.Session:
    """A browser in which the nurse has logged in: by the provider's form, with her one commission."""
    session = requests.Session()
    session.trust_env = False
    session.headers.update({"accept": "text/html", "accept-encoding": "identity"})
    page = session.get(f"{gateway}/staff/login", timeout=30)
    form = LOGIN.search(page.text)
    if not form:
        raise WrongWork(f"the login ended at {urljoin(page.url, '?')}: {page.status_code}")
    filled = {
        "login": unescape(form[1]),
        "commission": f"{ANNA['hsa_id']} {COMMISSION}",
        "loa": "3",
        "do": "login",
        "wrong": "",
    }
    page = session.post(page.url.partition("?")[0], data=filled, timeout=30)
    if not session.cookies:
        raise WrongWork(f"the login ended at {page.url.partition('?')[0]}: {page.status_code}")
    return session
