"""A file is what a decoder finds in it, a scanner has looked at it, and the original is as it came (policy-bild-1 to 3)."""

from __future__ import annotations

import base64

import pytest
from image_town import ImageTown, lying, read

from bench.clamd import MARKER
from engine.settings import System, settings
from sandbox.attachment_samples import sample


def whole(name: str) -> bytes:
    return b"".join(sample(name).chunks())


async def test_policy_bild_1_to_3_what_comes_is_judged_by_decoders_and_by_a_real_scanner(
    image_town: ImageTown, real_clamd: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is infected or of no kind leaves a reason and nothing else; what is marked is kept as it came."""
    town = image_town
    monkeypatch.setitem(settings().systems, "clamd", System(url=real_clamd[1]))
    contact = town.writes(town.resident())
    infected = base64.b64encode(whole("jpeg") + MARKER).decode()
    refs = town.attaches(contact, "jpeg_of_a_phone", "heic_of_10_bits", "pdf_with_script", "cut_short", "svg")
    bad = {"system": "platform24", "ref": "ref-of-what-is-infected", "contact": contact, "base64": infected}
    town.http.post("/attachments", json=bad).raise_for_status()
    transfer = town.asks_for(contact, [*refs, bad["ref"]])
    await town.comes_to_rest(within=150)
    kept = {file.kind + " ".join(file.marks): file for file in town.files() if file.kind and file.place}
    assert {name: (str(file.state), file.scan) for name, file in kept.items()} == {
        "image/jpeg": ("stored", "clean"),
        "image/heic": ("stored", "clean"),
        "application/pdfscript": ("stored", "clean"),
        "image/jpegcut_short": ("stored", "clean"),
    }
    assert read(kept["application/pdfscript"]) == whole("pdf_with_script")
    assert read(kept["image/jpegcut_short"]) == whole("cut_short")
    refused = [file for file in town.files() if file.state == "refused"]
    assert sorted(str(file.reason) for file in refused) == ["file_infected", "kind_not_kept"]
    assert {file.name for file in town.rows()} == lying()
    assert len(lying()) == 4
    assert town.stands(transfer) == ["refused"] * 2 + ["told"] * 4
