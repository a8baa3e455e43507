"""A small picture of a file, drawn anew (policy-bild-3).

Nothing of the original but its pixels gets there: not where and when it was taken, no comment, no colour profile.
A PDF has none: drawing one takes an engine of a browser's size. A film has none either.

1. The file is looked into as when it came: half a picture and one that is too large are not drawn.
2. Decoded, a JPEG at an eighth of its size if that is enough; of several pictures the first.
3. In eight bits, made small, turned upright, on white, and in sRGB.
4. Written from bare pixels.
"""

from __future__ import annotations

import io
import warnings
from typing import IO, cast

from PIL import Image, ImageCms, ImageOps

from systems.found import Limits
from systems.kinds import HEAD, kinds_of
from systems.pictures import HEIF, KINDS, look_into_picture, open_classic, open_heif

QUALITY = 80
SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N")


class NoPreview(Exception):
    """None is drawn: no picture, cut short, too large. Its text is a code, never a value."""


def preview(file: IO[bytes], longest_side: int, limits: Limits) -> bytes:
    """A WebP picture, upright, in sRGB, without any metadata; of several pictures the first.

    Args:
        file: the original.
        longest_side: in pixels; a smaller picture is not made larger.

    Raises:
        NoPreview: 'no_picture', 'cut_short', 'too_many_pixels', 'not_looked_into', 'not_decoded', 'too_large' (in
            bytes, or for the memory that there is).
    """
    data = memoryview(file.read(limits.held_bytes + 1))
    if len(data) > limits.held_bytes:
        raise NoPreview("too_large")
    kind = _kind_to_draw(data, limits)
    try:
        with warnings.catch_warnings(action="ignore"):
            return _written(_drawn(kind, data, longest_side))
    except MemoryError:
        raise NoPreview("too_large") from None
    except Exception:  # noqa: BLE001 (decoders raise whatever they like)
        raise NoPreview("not_decoded") from None


def _kind_to_draw(data: memoryview, limits: Limits) -> str:
    """The kind of a picture that may be drawn."""
    kinds = (kind for kind in kinds_of(bytes(data[: 2 * HEAD])) if kind in KINDS)
    found = next(
        (found for kind in kinds if (found := look_into_picture(kind, data, limits.most_pixels))), None
    )
    if found is None:
        raise NoPreview("no_picture")
    for mark in ("cut_short", "too_many_pixels", "not_looked_into"):
        if mark in found.marks:
            raise NoPreview(mark)
    return found.kind


def _drawn(kind: str, data: memoryview, longest_side: int) -> Image.Image:
    small = (longest_side, longest_side)
    if kind in HEIF:
        # libheif has turned it already, and an EXIF orientation counts for nothing there (ISO/IEC 23008-12 A.2.3).
        picture = open_heif(data)[0].to_pillow()
        picture.info.pop("exif", None)
        picture.info.pop("xmp", None)
    else:
        picture = open_classic(kind, data)
        picture.draft(None, small)
    profile = picture.info.get("icc_profile")
    drawn = _in_a_mode_to_scale(_in_eight_bits(picture))
    drawn.thumbnail(small, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return _in_srgb(_on_white(ImageOps.exif_transpose(drawn)), profile)


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Sixteen bits scaled: Pillow's own conversion cuts them off, to white."""
    if picture.mode in SIXTEEN_BITS:
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if picture.mode in ("I", "F"):
        low, high = cast(tuple[float, float], picture.getextrema())
        scale = 255 / (high - low) if high > low else 1
        return picture.point(lambda value: value * scale - low * scale).convert("L")
    return picture


def _in_a_mode_to_scale(picture: Image.Image) -> Image.Image:
    """One that a colour profile can be for, or with transparency; a palette cannot be scaled."""
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture if picture.mode in ("RGB", "L", "CMYK") else picture.convert("RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """By its profile, so that none is needed; where that is no good, or for another mode, as though it were sRGB."""
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                picture, own, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return picture.convert("RGB")
        if converted is not None:
            return converted
    return picture.convert("RGB")


def _written(picture: Image.Image) -> bytes:
    bare = Image.frombytes("RGB", picture.size, picture.tobytes())
    out = io.BytesIO()
    bare.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()
