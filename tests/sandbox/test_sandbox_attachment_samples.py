"""Samples of attachments: each is what it claims to be, by a library that opens it, and always the same."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from typing import Any

import pikepdf
import pillow_heif
import pytest
from PIL import Image

from sandbox.files.documents import KEY
from sandbox.files.pictures import HUGE
from sandbox.files.samples import SAMPLES, Sample, sample, sha256

EICAR = "".join(reversed("*H+H$!ELIF-TSET-SURIVITNA-DRADNATS-RACIE$}7)CC7)^P(45XZP\\4[PA@%P!O5X")).encode()


def content(name: str) -> bytes:
    return b"".join(sample(name).chunks())


def opened(name: str) -> Image.Image:
    return Image.open(io.BytesIO(content(name)))


def heif(name: str, **how: Any) -> pillow_heif.HeifFile:
    return pillow_heif.open_heif(io.BytesIO(content(name)), **how)


def is_red_then_blue(image: Image.Image, *, upwards: bool = False) -> bool:
    """Red at its left and blue at its right; or red at its top, where it was turned."""
    image = image.convert("RGB")
    width, height = image.size
    ends = ((width // 2, height // 8), (width // 2, height * 7 // 8)) if upwards else (
        (width // 8, height // 2), (width * 7 // 8, height // 2))  # fmt: skip
    first, last = (image.getpixel(end) for end in ends)
    assert isinstance(first, tuple)
    assert isinstance(last, tuple)
    return bool(first[0] - first[2] > 80 and last[2] - last[0] > 80)


@pytest.mark.parametrize("name", [name for name in SAMPLES if not name.startswith(("video", "png_of"))])
def test_each_is_the_same_whenever_it_is_made(name: str) -> None:
    assert sha256(SAMPLES[name]()) == sha256(sample(name))


@pytest.mark.parametrize(
    ("name", "kind", "pictures"),
    [
        ("jpeg", "JPEG", 1), ("jpeg_turned", "JPEG", 1), ("jpeg_of_a_phone", "MPO", 2), ("png", "PNG", 1),
        ("webp", "WEBP", 1), ("avif", "AVIF", 1), ("tiff_of_two_pages", "TIFF", 2), ("gif_animated", "GIF", 3),
    ],
)  # fmt: skip
def test_pillow_opens_each_picture_as_what_it_is(name: str, kind: str, pictures: int) -> None:
    image = opened(name)
    assert (image.format, getattr(image, "n_frames", 1)) == (kind, pictures)
    for number in range(pictures):
        image.seek(number)
        image.load()
    image.seek(0)
    assert is_red_then_blue(image)


def test_a_phone_tells_where_it_was_in_exif_and_xmp() -> None:
    for name in ("jpeg_of_a_phone", "jpeg_turned"):
        image = opened(name)
        assert image.getexif()[0x0112] == 6
        assert image.getexif().get_ifd(0x8825)[1] == "N"
        assert b"GPSLatitude" in image.info["xmp"]
    for name in ("webp", "avif"):
        assert opened(name).getexif().get_ifd(0x8825)[3] == "E"


def test_heic_is_of_8_and_10_bits_and_turned_by_a_box() -> None:
    bits = {
        name: heif(name, convert_hdr_to_8bit=False).info["bit_depth"] for name in ("heic", "heic_of_10_bits")
    }
    assert bits == {"heic": 8, "heic_of_10_bits": 10}
    assert all(is_red_then_blue(heif(name).to_pillow()) for name in bits)
    upright = heif("heic_turned")
    assert (b"irot" in content("heic_turned"), b"irot" in content("heic")) == (True, False)
    assert upright.size == (120, 160)
    assert is_red_then_blue(upright.to_pillow(), upwards=True)
    assert b"GPSLatitude" in upright.info["xmp"]


def test_pdfs_are_whole_and_hold_what_they_are_named_for() -> None:
    for name in ("pdf", "pdf_with_script", "pdf_with_attached_file"):
        with pikepdf.open(io.BytesIO(content(name))) as document:
            assert (len(document.pages), document.check_pdf_syntax()) == (1, [])
            held = ("/OpenAction" in document.Root, list(document.attachments))
        assert held == (name == "pdf_with_script", ["test.txt"] if name == "pdf_with_attached_file" else [])
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(content("pdf_encrypted")))
    with pikepdf.open(io.BytesIO(content("pdf_encrypted")), password=KEY) as document:
        assert len(document.pages) == 1
    assert not content("pdf_behind_junk").startswith(b"%PDF")


@pytest.mark.parametrize(
    ("name", "brand"),
    [("mp4", b"isom"), ("mov", b"qt  "), ("video_of_150_mb", b"isom"), ("video_of_250_mb", b"isom")],
)
def test_each_frame_of_a_film_lies_where_its_boxes_say(name: str, brand: bytes) -> None:
    film = sample(name)
    top = dict(boxes(film.head))
    assert (list(top), top[b"ftyp"][:4]) == ([b"ftyp", b"moov", b"mdat"], brand)
    samples = dict(boxes(inside(top[b"moov"], b"trak", b"mdia", b"minf", b"stbl")))
    length, frames = struct.unpack(">4x2I", samples[b"stsz"])
    assert struct.unpack(">8xI", samples[b"stco"]) == (len(film.head),)
    assert (length, frames) == (len(film.frame), film.times)
    assert film.length == len(film.head) + length * frames
    assert struct.unpack(">I", film.head[-8:-4]) == (8 + length * frames,)
    image = Image.open(io.BytesIO(film.frame))
    image.load()
    assert image.format == "JPEG"


def boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Of one box, or a file: kind and content. The last may be longer than what is there."""
    at = 0
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        yield kind, content[at + 8 : at + length]
        at += length


def inside(content: bytes, *path: bytes) -> bytes:
    for kind in path:
        content = dict(boxes(content))[kind]
    return content


def test_what_is_no_picture_is_what_its_name_hides() -> None:
    assert content("empty") == b""
    assert (sample("text_named_jpg").content_type, sample("text_named_jpg").filename) == (
        "image/jpeg",
        "hud.jpg",
    )
    assert content("svg").startswith(b"<?xml")
    assert content("svg_behind_a_comment").startswith(b"<!-- test -->\n<svg")
    assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(content("docx"))).namelist()
    assert content("eicar") == EICAR


def test_cut_short_is_known_only_by_who_reads_to_the_end() -> None:
    image = opened("cut_short")
    assert image.format == "JPEG"
    with pytest.raises(OSError, match="truncated"):
        image.load()
    with pytest.raises((ValueError, OSError, EOFError)):
        heif("heic_cut_short").to_pillow()


def test_a_huge_picture_says_so_in_its_head_and_pillow_does_not_open_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        Image, "MAX_IMAGE_PIXELS", 2**30 // 12
    )  # Pillow's own; whoever counts pixels lifts it
    bomb: Sample = sample("png_of_40000_by_40000")
    assert struct.unpack(">II", bomb.head[16:24]) == (HUGE, HUGE)
    assert bomb.length < 2**20
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(bomb.head))
