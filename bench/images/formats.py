"""The two formats that a file may be sealed in, Tink's streaming AEAD and age, at the size of the largest file.

Each round takes every format in turn, in a process of its own: sealed from a file to a file, and opened again into
nothing. Neither side flushes to the disk: it is the formats that are compared, not the disk. `tink` is by our own
`systems.storage.sealed`, in pieces as they come from a source; the others are given a file each, their best case.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import BinaryIO
from uuid import UUID

from bench.figures import table_of

MEBIBYTE = 1024 * 1024
MEBIBYTES = 200
NAME = UUID(int=1)
Figures = dict[str, float]


def tink(plain: Path, sealed: Path) -> Figures:
    """As the storage does it."""
    from systems.storage import sealed as ours

    key = ours.new_key()

    def seal(source: BinaryIO, target: BinaryIO) -> None:
        with ours.sealing(key, NAME, target) as stream:
            while piece := source.read(ours.CHUNK):
                stream.write(piece)

    def opened(source: BinaryIO, target: BinaryIO) -> None:
        for piece in ours.opened(key, NAME, source):
            target.write(piece)

    return _timed(plain, sealed, seal, opened)


def age(plain: Path, sealed: Path) -> Figures:
    """By pyrage, to a key of its own."""
    import pyrage

    own = pyrage.x25519.Identity.generate()
    return _timed(
        plain,
        sealed,
        lambda source, target: pyrage.encrypt_io(source, target, [own.to_public()]),
        lambda source, target: pyrage.decrypt_io(source, target, [own]),
    )


def floor(plain: Path, sealed: Path) -> Figures:
    """No format: AES-256-GCM over one MiB after another."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key = AESGCM(AESGCM.generate_key(256))

    def seal(source: BinaryIO, target: BinaryIO) -> None:
        at = 0
        while piece := source.read(MEBIBYTE):
            target.write(key.encrypt(at.to_bytes(12, "big"), piece, None))
            at += 1

    def opened(source: BinaryIO, target: BinaryIO) -> None:
        at = 0
        while piece := source.read(MEBIBYTE + 16):
            target.write(key.decrypt(at.to_bytes(12, "big"), piece, None))
            at += 1

    return _timed(plain, sealed, seal, opened)


FORMATS: dict[str, Callable[[Path, Path], Figures]] = {"tink": tink, "age": age, "aes_gcm_bare": floor}


def measure(rounds: int, mebibytes: int = MEBIBYTES) -> dict[str, Figures]:
    """Medians for each: seconds to seal and to open, bytes more than the plain, MiB of memory that it took."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain"
        with plain.open("wb") as file:
            for _ in range(mebibytes):
                file.write(os.urandom(MEBIBYTE))
        told = [
            (name, _apart(name, plain, Path(folder) / "sealed")) for _ in range(rounds) for name in FORMATS
        ]
    return {
        name: {what: median(one[what] for each, one in told if each == name) for what in told[0][1]}
        for name in FORMATS
    }


def page(told: dict[str, Figures]) -> str:
    """The figures as a table."""
    rows = [["", "seal s", "open s", "bytes more", "memory MiB"]]
    for name, one in told.items():
        more, memory = f"{one['more']:.0f}", f"{one['memory_mib']:.0f}"
        rows.append([name, f"{one['seal']:.2f}", f"{one['open']:.2f}", more, memory])
    return table_of(rows)


def _apart(name: str, plain: Path, sealed: Path) -> Figures:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(FORMATS[name], (plain, sealed))


def _timed(
    plain: Path,
    sealed: Path,
    seal: Callable[[BinaryIO, BinaryIO], None],
    opened: Callable[[BinaryIO, BinaryIO], None],
) -> Figures:
    before = _memory()
    with plain.open("rb") as source, sealed.open("wb") as target:
        sealing = _seconds(lambda: seal(source, target))
    with sealed.open("rb") as source, Path(os.devnull).open("wb") as target:
        opening = _seconds(lambda: opened(source, target))
    more = sealed.stat().st_size - plain.stat().st_size
    return {"seal": sealing, "open": opening, "more": more, "memory_mib": _memory() - before}


def _seconds(act: Callable[[], None]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _memory() -> float:
    """The most that this process has had at once, MiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
