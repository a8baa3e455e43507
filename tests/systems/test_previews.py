"""Previews: upright, in sRGB, without a word of the original's metadata, and none of what is half (policy-bild-3)."""

from __future__ import annotations

import io
import struct

import made_files as made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from systems.found import Limits
from systems.previews import NoPreview, preview

FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF"]


def drawn(file: bytes, longest_side: int = 480) -> Image.Image:
    return Image.open(io.BytesIO(preview(io.BytesIO(file), longest_side, Limits()))).convert("RGB")


def why_not(file: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(NoPreview) as none:
        preview(io.BytesIO(file), 480, limits or Limits())
    return str(none.value)


def blue_corner(picture: Image.Image) -> str:
    """In which corner of a `made.scene` the blue is."""
    width, height = picture.size
    corners = {"upper left": (5, 5), "upper right": (width - 5, 5), "lower left": (5, height - 5), "lower right": (width - 5, height - 5)}  # fmt: skip
    (blue,) = [name for name, at in corners.items() if _is_like(picture.getpixel(at), made.BLUE)]
    assert all(_is_like(picture.getpixel(at), made.RED) for name, at in corners.items() if name != blue)
    return blue


def _is_like(one: object, other: tuple[int, int, int], within: int = 25) -> bool:
    assert isinstance(one, tuple)
    return all(abs(a - b) <= within for a, b in zip(one, other, strict=True))


def chunks(webp: bytes) -> list[bytes]:
    """The names of the chunks of a WebP."""
    assert (webp[:4], webp[8:12], struct.unpack("<L", webp[4:8])[0]) == (b"RIFF", b"WEBP", len(webp) - 8)
    at, names = 12, []
    while at < len(webp):
        names.append(webp[at : at + 4])
        size = struct.unpack("<L", webp[at + 4 : at + 8])[0]
        at += 8 + size + size % 2
    return names


@pytest.mark.parametrize("format", FORMATS)
def test_policy_bild_3_a_preview_has_nothing_of_the_originals_metadata(format: str) -> None:
    original = made.phones(format, orientation=6)
    assert b"Telefon" in original
    made_anew = preview(io.BytesIO(original), 480, Limits())
    assert chunks(made_anew) == [b"VP8 "]
    opened = Image.open(io.BytesIO(made_anew))
    assert not opened.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment"} & opened.info.keys()
    assert all(word not in made_anew for word in (b"Telefon", b"hemma", b"GPS", b"xmpmeta", b"Exif", b"sRGB"))


TURNED = {1: "upper left", 2: "upper right", 3: "lower right", 4: "lower left", 5: "upper left", 6: "upper right", 7: "lower right", 8: "lower left"}  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_policy_bild_3_a_preview_is_upright(format: str, orientation: int) -> None:
    picture = drawn(made.phones(format, orientation))
    assert (picture.size, blue_corner(picture)) == (
        (40, 60) if orientation > 4 else (60, 40),
        TURNED[orientation],
    )


@pytest.mark.parametrize("orientation", [2, 4, 5, 7])
def test_policy_bild_3_a_mirrored_picture_is_turned_too(orientation: int) -> None:
    assert blue_corner(drawn(made.phones("JPEG", orientation))) == TURNED[orientation]


def test_policy_bild_3_a_heic_is_turned_once_by_its_box_and_not_again_by_its_exif() -> None:
    turned = made.phones("HEIF", orientation=6)
    assert b"irot" in turned
    assert blue_corner(drawn(turned)) == "upper right"
    at = turned.index(b"irot")
    unturned = turned[: at + 4] + b"\0" + turned[at + 5 :]
    assert b"Telefon" in unturned
    assert (drawn(unturned).size, blue_corner(drawn(unturned))) == ((60, 40), "upper left")


@pytest.mark.parametrize("format", [*FORMATS, "GIF"])
def test_a_preview_is_as_large_as_wished_and_never_larger_than_its_original(format: str) -> None:
    file = made.saved(made.scene((900, 600)), format)
    assert drawn(file, 90).size == (90, 60)
    assert drawn(file, 2048).size == (900, 600)


@pytest.mark.parametrize("size", [(1, 1), (5000, 1), (1, 5000), (3, 4001)])
def test_a_preview_of_a_thin_picture_has_a_pixel_at_least(size: tuple[int, int]) -> None:
    assert min(drawn(made.saved(made.scene(size), "PNG")).size) >= 1


@pytest.mark.parametrize(
    ("format", "mode"),
    [
        ("JPEG", "CMYK"), ("TIFF", "CMYK"), ("PNG", "P"), ("GIF", "P"), ("PNG", "RGBA"), ("WEBP", "RGBA"),
        ("AVIF", "RGBA"), ("HEIF", "RGBA"), ("TIFF", "YCbCr"), ("TIFF", "RGBA"),
    ],
)  # fmt: skip
def test_every_mode_is_drawn_in_its_colours(format: str, mode: str) -> None:
    assert blue_corner(drawn(made.saved(made.scene(mode=mode), format))) == "upper left"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I;16", "I", "F"])
def test_grey_is_drawn_as_grey_of_sixteen_bits_and_more_too(mode: str) -> None:
    wide = {"I;16": ("<H", [0, 32768, 65535]), "I": ("<l", [-500, 0, 500]), "F": ("<f", [-0.5, 0.0, 0.5])}
    form, steps = wide.get(mode, ("<B", [0, 128, 255]))
    row = b"".join(struct.pack(form, step) * 10 for step in steps)
    grey = Image.frombytes(mode if mode in wide else "L", (30, 10), row * 10)
    picture = drawn(made.saved(grey if mode in wide else grey.convert(mode), "TIFF"))
    black, middle, white = (picture.getpixel((at, 5)) for at in (2, 15, 27))
    assert _is_like(black, (0, 0, 0)), black
    assert _is_like(white, (255, 255, 255)), white
    assert mode == "1" or _is_like(middle, (128, 128, 128)), middle


@pytest.mark.parametrize("format", ["PNG", "WEBP", "GIF", "AVIF", "HEIF", "TIFF"])
def test_what_is_transparent_is_on_white(format: str) -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    assert _is_like(drawn(made.saved(clear, format)).getpixel((20, 20)), (255, 255, 255), 3)


def test_a_grey_png_with_one_transparent_value_is_on_white() -> None:
    png = made.saved(Image.new("L", (40, 40), 7), "PNG", transparency=7)
    assert _is_like(drawn(png).getpixel((20, 20)), (255, 255, 255), 3)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "HEIF"])
def test_colours_are_srgbs_so_that_no_profile_is_needed(format: str) -> None:
    swapped = _profile_with_red_and_blue_swapped()
    picture = drawn(made.saved(made.scene(), format, icc_profile=swapped))
    assert _is_like(picture.getpixel((55, 35)), (30, 30, 200), 60)


def _profile_with_red_and_blue_swapped() -> bytes:
    """sRGB's profile whose tags for red and for blue have changed places."""
    table = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = table.index(b"rXYZ"), table.index(b"bXYZ")
    table[red : red + 4], table[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(table)


@pytest.mark.parametrize("profile", [b"no profile", made.SRGB[:200]])
def test_a_profile_that_is_none_is_passed_over(profile: bytes) -> None:
    assert blue_corner(drawn(made.saved(made.scene(), "JPEG", icc_profile=profile))) == "upper left"


def test_a_profile_for_another_mode_is_passed_over() -> None:
    assert (
        blue_corner(drawn(made.saved(made.scene(mode="CMYK"), "JPEG", icc_profile=made.SRGB))) == "upper left"
    )


@pytest.mark.parametrize("format", ["MPO", "GIF", "TIFF", "WEBP", "AVIF", "HEIF", "PNG"])
def test_of_several_pictures_the_first_is_drawn(format: str) -> None:
    assert blue_corner(drawn(made.several(format))) == "upper left"


def test_ten_bits_are_drawn() -> None:
    assert drawn(made.ten_bits()).size == (60, 40)


@pytest.mark.parametrize("format", [*FORMATS, "GIF"])
def test_policy_bild_3_half_a_picture_is_not_drawn(format: str) -> None:
    file = made.saved(made.scene((300, 200)), format)
    assert {why_not(file[:-lost]) for lost in (2, len(file) // 3)} == {"cut_short"}


def test_policy_bild_3_nor_what_is_too_large_or_no_picture() -> None:
    assert why_not(made.declared_png(40_000, 40_000)) == "too_many_pixels"
    assert why_not(made.phones("JPEG"), Limits(held_bytes=500)) == "too_large"
    assert why_not(made.saved(made.scene(), "GIF")[:-2] + b"\1a" * 500_001 + b"\0;") == "not_looked_into"
    assert {why_not(file) for file in (b"", b"text", made.pdf(), made.film(), b"\xff\xd8\xff")} == {
        "no_picture"
    }


def test_policy_bild_3_a_picture_whose_bytes_are_no_picture_is_not_drawn() -> None:
    assert why_not(made.declared_png(50, 50)) == "not_decoded"


@settings(max_examples=60)
@given(
    st.sampled_from([made.phones(format) for format in FORMATS]),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=4),
)
def test_policy_bild_3_whatever_is_drawn_has_no_metadata_and_is_no_larger(
    file: bytes, edits: list[tuple[int, int]]
) -> None:
    changed = bytearray(file)
    for at, byte in edits:
        changed[at % len(changed)] = byte
    try:
        webp = preview(io.BytesIO(bytes(changed)), 64, Limits(most_pixels=1_000_000))
    except NoPreview:
        return
    assert chunks(webp) == [b"VP8 "]
    assert max(Image.open(io.BytesIO(webp)).size) <= 64
