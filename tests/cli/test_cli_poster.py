"""The poster to check in by: its code leads to the unit's page, as PDF and as SVG, whatever the unit is called."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from lxml import etree
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from cli.app import app
from cli.posters import HEIGHT, WIDTH, Poster, drawn, pdf, svg
from engine.base.settings import settings

UNIT = "SE2321000115-E000000000001"
NAMES = ["Vårdcentralen Halmstad", "Barn & ungdom <Söder> " * 9, "x" * 200, "Ålderdomshemmet Çelik–Łódź"]
SCALE = 3


def made(tmp_path: Path, unit: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["poster", unit, "--to", str(tmp_path)])
    return done.exit_code, done.output


def read(svg: bytes) -> str:
    """What the code of a poster says to a camera."""
    path = etree.fromstring(svg).find("{*}path").get("d")
    picture = Image.new("L", (round(WIDTH * SCALE), round(HEIGHT * SCALE)), 255)
    draw = ImageDraw.Draw(picture)
    for x, y, side in re.findall(r"M([0-9.]+) ([0-9.]+)h([0-9.]+)", path):
        left, top, wide = float(x) * SCALE, float(y) * SCALE, float(side) * SCALE
        draw.rectangle((left, top, left + wide, top + wide), fill=0)
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def test_a_unit_has_its_poster_as_pdf_and_svg_and_both_lead_to_its_page(tmp_path: Path) -> None:
    assert made(tmp_path, UNIT.lower())[0] == 0
    files = {path.suffix: path.read_bytes() for path in tmp_path.iterdir()}
    assert read(files[".svg"]) == f"{settings().gateway_url}/c/{UNIT}"
    with pikepdf.open(BytesIO(files[".pdf"])) as document:
        (page,) = document.pages
        assert [round(float(each)) for each in page.mediabox] == [0, 0, 595, 842]
        assert document.docinfo["/Title"] == "Checka in – Vårdcentralen Halmstad"
        assert document.Root.Lang == "sv"


def test_an_unknown_unit_and_a_folder_that_is_not_there_are_said_so(tmp_path: Path) -> None:
    assert made(tmp_path, "SE2321000115-E0000000000ZZ") == (
        1, "The region file lists no unit SE2321000115-E0000000000ZZ.\n"
    )  # fmt: skip
    code, told = made(tmp_path / "none", UNIT)
    assert (code, "There is no folder" in told, list(tmp_path.iterdir())) == (1, True, [])


@pytest.mark.parametrize("name", NAMES)
def test_whatever_the_unit_is_called_all_of_it_is_on_the_page(name: str) -> None:
    poster = Poster(name, f"https://vaxel.a-region-with-a-long-name.example/c/{UNIT}", 13)
    page = drawn(poster)
    assert max(line.y for line in page.lines) < HEIGHT - 20
    shown = " ".join(each.text or "" for each in etree.fromstring(svg(poster)).iter("{*}text"))
    assert shown.replace(" ", "").count(name.replace(" ", "")) == 1
    assert read(svg(poster)) == poster.address
    assert pdf(poster).startswith(b"%PDF")


def test_a_code_with_a_spot_on_it_is_read_all_the_same() -> None:
    """The corner that a hand or a pin covers: some 4 of 100 squares."""
    poster = Poster("Vårdcentralen", f"https://vaxel.example/c/{UNIT}", 13)
    path = etree.fromstring(svg(poster)).find("{*}path")
    squares = re.findall(r"M[^M]+", path.get("d"))
    kept = "".join(squares[: len(squares) // 2] + squares[len(squares) // 2 + 30 :])
    assert len(squares) > 500
    assert read(svg(poster).replace(path.get("d").encode(), kept.encode())) == poster.address


def test_barn_2_the_age_on_the_poster_is_the_regions() -> None:
    said = " ".join(
        line.text for line in drawn(Poster("Vårdcentralen", "https://vaxel.example/c/x", 15)).lines
    )
    assert "barn under 15 år" in said
    assert "13" not in said
