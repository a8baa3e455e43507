"""A file is what a decoder finds in it, a scanner has looked at it, and the original is as it came (policy-bild-1 to 3)."""

from __future__ import annotations

from typing import Any

import pytest
from image_town import ImageTown, bytes_of, incidents, lying, read, versions

from bench.clamd import MARKER
from engine.base.settings import System, settings


async def test_policy_bild_1_to_3_what_comes_is_judged_by_decoders_and_by_a_real_scanner(
    image_town: ImageTown, real_clamd: tuple[str, str], monkeypatch: pytest.MonkeyPatch, bucket: Any
) -> None:
    """What is infected or of no kind leaves a reason and nothing else; what is marked is kept as it came."""
    town = image_town
    monkeypatch.setitem(settings().systems, "clamd", System(url=real_clamd[1]))
    contact = town.writes(town.resident())
    refs = town.attaches(contact, "jpeg_of_a_phone", "heic_of_10_bits", "pdf_with_script", "cut_short", "svg")
    refs += town.attaches_bytes(contact, bytes_of("jpeg") + MARKER)
    transfer = town.asks_for(contact, refs)
    await town.comes_to_rest(within=150)
    kept = {file.kind + " ".join(file.marks): file for file in town.files() if file.kind and file.place}
    assert {name: (str(file.state), file.scan) for name, file in kept.items()} == {
        "image/jpeg": ("stored", "clean"),
        "image/heic": ("stored", "clean"),
        "application/pdfscript": ("stored", "clean"),
        "image/jpegcut_short": ("stored", "clean"),
    }
    assert read(kept["application/pdfscript"]) == bytes_of("pdf_with_script")
    assert read(kept["image/jpegcut_short"]) == bytes_of("cut_short")
    refused = [file for file in town.files() if file.state == "refused"]
    assert sorted(str(file.reason) for file in refused) == ["file_infected", "kind_not_kept"]
    assert {file.name for file in town.rows()} == lying()
    assert len(lying()) == len(versions(bucket)) == 4
    assert town.stands(transfer) == ["refused"] * 2 + ["told"] * 4


async def test_policy_bild_2_where_the_region_says_so_what_was_not_scanned_is_held_until_a_scanner_has_looked(
    image_town: ImageTown, real_clamd: tuple[str, str], monkeypatch: pytest.MonkeyPatch, bucket: Any
) -> None:
    """The scanner is down when they come: one of them is clean, and one is found infected once it is up again."""
    town = image_town
    town.region_learns('[storage]\nappointed = true\nnot_scanned = "hold"\n')
    monkeypatch.setitem(settings().systems, "clamd", System(url="unix:///no/such/socket"))
    contact = town.writes(town.resident())
    refs = town.attaches(contact, "jpeg") + town.attaches_bytes(contact, bytes_of("jpeg") + MARKER)
    transfer = town.asks_for(contact, refs)
    await town.comes_to_rest()
    assert town.stands(transfer) == ["held"] * 2
    assert town.alerts(contact) == []
    assert {(str(file.state), file.scan) for file in town.files()} == {("not_scanned", "not_scanned")}
    assert incidents() == {("clamd", "scanner_down")}
    monkeypatch.setitem(settings().systems, "clamd", System(url=real_clamd[0]))
    town.waits(minutes=30)
    await town.comes_to_rest()
    assert town.stands(transfer) == ["refused", "told"]
    assert sorted(town.alerts(contact)) == ["image_ready", "image_refused"]
    assert {(str(file.state), file.scan) for file in town.files()} == {
        ("stored", "clean"),
        ("refused", "infected"),
    }
    (refused,) = [file for file in town.files() if file.state == "refused"]
    assert (refused.kind, refused.sha256, refused.bytes, refused.deleted_at) == (None,) * 4, "but the reason"
    assert {file.name for file in town.rows()} == lying()
    assert len(lying()) == len(versions(bucket)) == 1
    assert sorted(act for _, act in town.accesses()) == ["delete", "put", "put"]
