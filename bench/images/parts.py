"""What is measured, once each."""

from __future__ import annotations

import os
import shutil
import statistics
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import col, extract, select

from bench.images import page as pages
from bench.images.ward import IN_STORE, TOLD, VIDEO, Ward, picture
from bench.memory import watched
from bench.processes import WrongWork
from engine.base.settings import settings
from models.image_transfer import ImageTransfer

Json = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How much of it."""

    videos: int = 20
    singles: int = 5
    rest: float = 2.0
    files: int = 1000
    looks: int = 20


WHOLE, QUICK = Size(), Size(videos=4, singles=2, rest=1.0, files=100, looks=5)


def transfers(ward: Ward, size: Size) -> Json:
    """So many of 150 MB at once, and then the same bytes by plain requests."""
    contact = ward.begins()
    ward.attaches(contact, ["warm"], base64=picture(0.1))
    ward.transfers(contact, ["warm"])
    ward.waits_for(TOLD, 1)
    refs = [f"video-{number}" for number in range(size.videos)]
    ward.attaches(contact, refs, sample=VIDEO)
    os.sync()  # each side begins with nothing that waits for the disk
    with watched(ward.house.programs.pid("worker")) as memory:
        began = time.monotonic()
        for ref in refs:
            ward.transfers(contact, [ref])
        ward.waits_for(IN_STORE, 1 + len(refs))
        took = time.monotonic() - began
    ward.is_as_sent()
    ward.bytes_are_gone()
    plain = _plain(ward, refs)
    grown = memory.grown()
    return {
        "seconds": took, "plain_seconds": plain, "seconds_over_plain": took / plain,
        "memory_pss_mib": grown.pss, "memory_uss_mib": grown.uss, "memory_before_mib": memory.rests.pss,
        "looks": memory.looks,
    }  # fmt: skip


def _plain(ward: Ward, refs: list[str]) -> float:
    folder = ward.house.programs.home / "plain"
    threads = settings().storage.files_at_once
    os.sync()
    try:
        with ward.house.programs.standing_still():
            told = ward.house.run_as(
                "bench.images.plain", "--threads", threads, "--folder", folder, *map(ward.url, refs)
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    lengths = [one["bytes"] for one in ward.attached() if one["ref"] in refs]
    if told["bytes"] != sum(lengths):
        raise WrongWork(f"plain requests got {told['bytes']} bytes")
    return float(told["seconds"])


def idle(ward: Ward, size: Size) -> Json:
    """One file of 3 MB at a time, with a rest before each: from its webhook to staff's being told."""
    contact, content = ward.begins(), picture(3)
    ready, stored = [], []
    for number in range(size.singles + 1):  # the first has everything loaded
        ward.attaches(contact, [f"one-{number}"], base64=content)
        time.sleep(size.rest)
        asked = ward.transfers(contact, [f"one-{number}"])
        ward.waits_for(TOLD, number + 1, 0.02)
        ready.append(max(ward.alerts(contact)) - asked)
        stored.append(float(ward.house.one(STORED_AT) or 0) - asked)
    return {
        "ready_seconds": statistics.median(ready[1:]), "ready_seconds_longest": max(ready[1:]),
        "stored_seconds": statistics.median(stored[1:]), "first_ready_seconds": ready[0],
    }  # fmt: skip


STORED_AT = select(extract("epoch", func.max(col(ImageTransfer.stored_at))))


def page(ward: Ward, size: Size) -> Json:
    """The list of one who has so many files: when its first byte comes, and its last."""
    ward.begins()
    pages.put_files(size.files)
    first, last, length = pages.looked_at(ward, size.looks)
    return {"first_byte_ms": first * 1000, "last_byte_ms": last * 1000, "kib": length / 1024}
