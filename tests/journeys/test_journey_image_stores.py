"""bilder-2, bilder-3: in a bucket as in a folder, and when the hour is over nothing that anybody kept opens a file."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import pytest
from image_town import ImageTown, bytes_of, lying, read
from sqlalchemy import text
from tink.proto import aes_gcm_hkdf_streaming_pb2, tink_pb2

from engine.base.database import transaction
from engine.base.errors import Refused
from systems.storage import acts, files
from systems.storage.place import SealedFile
from tasks.image_transfer.cleaning import clean

HOME = Path(os.environ["VAXEL_HOME"])


async def test_bilder_2_and_3_it_lies_sealed_and_past_its_hour_no_copy_of_anything_opens_it(
    image_town: ImageTown, bucket: Any
) -> None:
    town, plain = image_town, bytes_of("jpeg_of_a_phone")
    _, transfer = town.gets("jpeg_of_a_phone")
    await town.comes_to_rest()
    file = town.file(transfer)
    assert file.place
    assert (read(file), lying()) == (plain, {file.place.name})
    kept = SealedFile(file.place.name, file.id, file.place.hour, file.place.wrapped_key)  # as a dump has it
    (hours,) = (HOME / "storage-keys").glob("20*")
    needles = {"the picture": plain[len(plain) // 2 :][:24], "its key": _key_of(kept)}
    needles["the hour's key"] = hours.read_bytes()
    assert _found(needles) == {"the hour's key"}, "only in the folder of keys"
    town.waits(hours=26)
    await town.comes_to_rest()
    clean()
    assert lying() == set()
    assert list((HOME / "storage-keys").glob("20*")) == []
    if bucket is not None:
        assert list(bucket.object_versions.all()) == []
    with pytest.raises(Refused, match="keys_gone"):
        acts.keys_of(files._place_in_settings()).unwrap(kept.hour, kept.wrapped_key or b"", kept.bound_to())
    assert _found(needles) == set()


def _key_of(kept: SealedFile) -> bytes:
    """The 32 bytes within a file's key."""
    key = acts.keys_of(files._place_in_settings()).unwrap(kept.hour, kept.wrapped_key or b"", kept.bound_to())
    (within,) = tink_pb2.Keyset.FromString(key).key
    return bytes(
        aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey.FromString(within.key_data.value).key_value
    )


def _found(needles: dict[str, bytes]) -> set[str]:
    """Which of them stand anywhere on the disk: tables, WAL, logs, storage; as they are, in hex or in base64."""
    with transaction() as connection:
        connection.execute(text("CHECKPOINT"))
    written = {name: (key, key.hex().encode(), base64.b64encode(key)[4:-4]) for name, key in needles.items()}
    found: set[str] = set()
    for path in (path for path in HOME.rglob("*") if path.is_file()):
        held = path.read_bytes()
        found |= {name for name, ways in written.items() if any(way in held for way in ways)}
    return found
