"""bilder-2, bilder-3: a file from its source into either store and out again, by the parts that a worker has."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from storage_driver import everything_in, replace, tomorrow
from tink.proto import aes_gcm_hkdf_streaming_pb2, tink_pb2

from bench.processes import memory
from engine.base.errors import NotSent, Refused
from engine.base.settings import settings
from sandbox.files.samples import sample
from systems.found import Limits, Scan
from systems.storage import acts, files
from systems.storage.apart import Apart
from systems.storage.hour_keys import end_of, hour_of
from systems.storage.place import Place, SealedFile
from systems.storage.sealed import SEGMENT
from systems.storage.source import AttachmentSource

LIMITS = Limits(most_bytes=4_000_000)
HOUR = hour_of(datetime.now(UTC) + timedelta(days=3))


@dataclass
class Stored:
    """A file that was put in."""

    name: UUID
    file: UUID
    put: files.Put

    @property
    def how(self) -> tuple[UUID, UUID, datetime, bytes]:
        return self.name, self.file, HOUR, self.put.wrapped_key


@pytest.fixture(scope="module")
def children() -> Iterator[Apart]:
    """One server for all of these: what a child needs to know comes with its work."""
    children = Apart([files._ACTS, files._S3])
    yield children
    children.end()


@pytest.fixture
def storage(place: Place, children: Apart, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The settings say that the files lie there."""
    given = {"url": place.url, "keys": place.keys, "endpoint": place.endpoint}
    given |= {"access_key": place.access_key, "secret_key": place.secret_key, "seconds": 5.0}
    monkeypatch.setattr(settings(), "storage", settings().storage.model_copy(update=given))
    monkeypatch.setattr(files, "_apart", lambda: children)
    return place


@pytest.fixture
def put(peer: Any, acts: Any) -> Callable[[bytes], Stored]:
    def put(content: bytes) -> Stored:
        name, file = uuid4(), uuid4()
        source = AttachmentSource(peer(acts.answer(200, content)).url)
        return Stored(name, file, files.put(name, file, HOUR, source, LIMITS))

    return put


def given(stored: Stored) -> bytes:
    return b"".join(files.give(*stored.how))


def refusal(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.reason, refused.value.detail


def test_a_file_goes_in_and_comes_out_as_it_was_until_it_is_deleted(
    storage: Place, put: Callable[[bytes], Stored]
) -> None:
    content = b"".join(sample("jpeg_of_a_phone").chunks()) + os.urandom(2 * SEGMENT)
    stored = put(content)
    assert (stored.put.bytes, stored.put.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (stored.put.inspected.kind, stored.put.inspected.scan) == ("image/jpeg", Scan.NOT_SCANNED)
    assert given(stored) == content
    assert files.preview(*stored.how, 64, LIMITS)[8:12] == b"WEBP"
    assert files.scan_again(*stored.how, LIMITS) == (Scan.NOT_SCANNED, "no_scanner")
    files.delete(stored.name)
    assert everything_in(storage) == []
    assert refusal(lambda: files.give(*stored.how)) == ("file_gone", "")


def test_nothing_but_its_own_key_name_and_hour_opens_it_and_nothing_after_its_hour(
    storage: Place, put: Callable[[bytes], Stored]
) -> None:
    mine, other = put(b"a file"), put(b"another's")
    name, file, hour, key = mine.how
    others = (
        (other.name, file, hour, key),
        (name, other.file, hour, key),
        (name, file, hour, other.put.wrapped_key),
    )
    for how in others:
        assert refusal(lambda how=how: files.give(*how)) == ("keys_gone", "other")  # type: ignore[misc]
    replace(storage, name, _bytes_of(storage, other.name))
    assert refusal(lambda: given(mine)) == ("file_changed", "")
    assert files.destroy_keys(end_of(HOUR)) == [HOUR]
    assert refusal(lambda: files.give(*other.how)) == ("keys_gone", "destroyed")
    assert list(files.names(tomorrow())) == sorted([name, other.name]) or storage.url.startswith("file")


def _bytes_of(place: Place, name: UUID) -> bytes:
    with acts.store_of(place).reading(name) as source:
        return source.read()


def test_what_is_not_got_whole_leaves_nothing(storage: Place, peer: Any, acts: Any) -> None:
    cut = acts.raw(b"HTTP/1.1 200 X\r\nContent-Length: 3000000\r\n\r\n" + bytes(2_000_000))
    big, gone = acts.answer(200, bytes(4_000_001)), acts.answer(404)
    told = []
    for act in (cut, big, gone):
        with pytest.raises((NotSent, Refused)) as refused:
            files.put(uuid4(), uuid4(), HOUR, AttachmentSource(peer(act).url), LIMITS)
        told.append(refused.value.reason)
    assert told == ["answer_lost", "file_too_big", "attachment_gone"]
    assert everything_in(storage) == []
    assert files.clean(tomorrow()) == 0


WORKER = """
import json, sys
from datetime import datetime
from uuid import UUID
from systems.found import Limits
from systems.storage import files
from systems.storage.source import AttachmentSource
name, file, hour, url = json.loads(sys.argv[1])
put = files.put(UUID(name), UUID(file), datetime.fromisoformat(hour), AttachmentSource(url), Limits())
files.preview(UUID(name), UUID(file), datetime.fromisoformat(hour), put.wrapped_key, 64, Limits())
print(put.wrapped_key.hex(), flush=True)
sys.stdin.read()
"""


def test_the_worker_that_put_a_file_in_holds_neither_its_bytes_nor_a_key(
    tmp_path: Path, peer: Any, acts: Any
) -> None:
    """Its memory, and that of the program that its children are forked from, searched while they live on."""
    content = b"".join(sample("jpeg").chunks())
    name, file = uuid4(), uuid4()
    told = json.dumps([str(name), str(file), HOUR.isoformat(), peer(acts.answer(200, content)).url])
    environment = os.environ | {"VAXEL_HOME": str(tmp_path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "env": environment}
    with subprocess.Popen([sys.executable, "-c", WORKER, told], **pipes) as worker:  # type: ignore[call-overload]
        wrapped = bytes.fromhex(worker.stdout.readline().decode())
        (server,) = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
        held = b"".join((*memory(worker.pid), *memory(int(server))))
        worker.stdin.close()
    hours_key = next((tmp_path / "storage-keys").glob("20*")).read_bytes()
    assert name.bytes in held or str(name).encode() in held  # the search finds what is there
    for secret in (content[len(content) // 2 :][:24], hours_key, _key_in(tmp_path, name, file, wrapped)):
        assert secret not in held


def _key_in(home: Path, name: UUID, file: UUID, wrapped: bytes) -> bytes:
    """The 32 bytes within a file's key."""
    place = Place((home / "storage").as_uri(), home / "storage-keys")
    key = acts.keys_of(place).unwrap(HOUR, wrapped, SealedFile(name, file, HOUR).bound_to())
    (within,) = tink_pb2.Keyset.FromString(key).key
    found = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey.FromString(within.key_data.value).key_value
    assert len(found) == 32
    return bytes(found)
