"""The image bench tells the truth: what memory is held, what is fetched plainly, which figures are kept."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import uuid
from pathlib import Path

import requests
from PIL import Image

from bench.figures import into_ratios
from bench.images import plain, ward
from bench.memory import held, held_without_sharing, watched
from cli.up.children import wait_until
from sandbox.server.sandbox import Sandbox

CHILD = "import sys; held = b'x' * 40_000_000; print(flush=True); sys.stdin.read()"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"
ON = {"cores": 2, "cpu": "A", "memory_gib": 8.0, "system": "Linux"}


def test_memory_is_that_of_a_program_and_of_all_that_it_has_started_at_its_highest() -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", PARENT], **pipes) as parent:  # type: ignore[call-overload]
        with watched(parent.pid) as peak:
            parent.stdout.readline()
            wait_until(lambda: peak.most.uss > 40, 10, "the child's memory was not seen")
            together = held_without_sharing(parent.pid)
        parent.stdin.close()
        parent.wait(10)
    assert peak.grown().uss > 30
    assert peak.most.pss >= peak.most.uss
    assert peak.most.uss <= together < peak.most.uss + 40
    assert (held(parent.pid).pss, held(parent.pid).uss) == (0, 0)


def test_the_plain_way_gets_the_same_bytes_into_a_sealed_file(tmp_path: Path) -> None:
    content = b"an attachment" * 100_000
    with Sandbox(0) as town:
        given = {"system": ward.PLATFORM, "ref": "r", "contact": "c"}
        attached = {"base64": base64.b64encode(content).decode()}
        requests.post(f"{town.url}/attachments", json=given | attached, timeout=10).raise_for_status()
        assert plain.fetched(f"{town.url}/{ward.PLATFORM}/attachments/r", tmp_path) == len(content)
    (sealed,) = tmp_path.iterdir()
    assert len(content) < sealed.stat().st_size < len(content) + 1000
    assert uuid.UUID(sealed.name)
    assert content[:50] not in sealed.read_bytes()


def test_a_picture_is_about_as_large_as_asked_for_and_one_that_a_decoder_opens(tmp_path: Path) -> None:
    written = base64.b64decode(ward.picture(0.5))
    assert 0.4e6 < len(written) < 0.6e6
    (tmp_path / "it").write_bytes(written)
    with Image.open(tmp_path / "it") as picture:
        assert picture.format == "JPEG"


def test_figures_are_kept_beside_those_of_other_benches_and_in_place_of_their_own(tmp_path: Path) -> None:
    ratios = tmp_path / "ratios.json"
    into_ratios(ratios, {"trust/a": (1.0, 2.0, True), "images/b": (3.0, 2.0, False)}, ON, "2027-01-01")
    into_ratios(ratios, {"images/b": (1.5, 2.0, True)}, ON, "2027-01-02")
    kept = json.loads(ratios.read_text())
    assert list(kept) == ["images/b", "trust/a"]
    machine = "2 cores of A, 8 GiB, Linux"
    assert kept["images/b"] == {
        "value": 1.5, "wanted": 2.0, "reached": True, "machine": machine, "at": "2027-01-02",
    }  # fmt: skip
    assert kept["trust/a"]["at"] == "2027-01-01"
