"""Pictures, opened by their decoders and not decoded: what they are, how many, how large.

The decoders are Pillow's and libheif's, and of Pillow's only those of our kinds, each called by its name:
`Image.open` tries every plugin that there is, and one of them runs Ghostscript.
"""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import IO, cast

import pillow_heif
from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from systems import ends
from systems.boxes import Boxes
from systems.found import Found

Image.MAX_IMAGE_PIXELS = (
    None  # pixels are counted here, before anything is decoded, and against the region's figure
)
ImageFile.LOAD_TRUNCATED_IMAGES = False

CLASSIC: Mapping[str, Callable[[IO[bytes]], ImageFile.ImageFile]] = {
    "image/jpeg": JpegImagePlugin.jpeg_factory,
    "image/png": PngImagePlugin.PngImageFile,
    "image/gif": GifImagePlugin.GifImageFile,
    "image/webp": WebPImagePlugin.WebPImageFile,
    "image/avif": AvifImagePlugin.AvifImageFile,
    "image/tiff": TiffImagePlugin.TiffImageFile,
}
HEIF = frozenset({"image/heic", "image/heif"})
KINDS = HEIF | CLASSIC.keys()

_EXTENTS = ((273, 279), (324, 325))
"""TIFF 6.0: where strips and tiles begin, and how long they are."""


def look_into_picture(kind: str, data: memoryview, most_pixels: int) -> Found | None:
    """What the decoder of this kind finds in the whole file.

    Returns:
        None: it is no such picture.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            return _LOOKS[kind](kind, data, most_pixels)
    except (ends.TooManyParts, MemoryError):
        return Found(kind, marks=frozenset({"not_looked_into"}))
    except Exception:  # noqa: BLE001 (decoders raise whatever they like at bytes that are no picture)
        return None


def open_classic(kind: str, data: memoryview) -> ImageFile.ImageFile:
    """The picture by Pillow's plugin for this kind, not decoded; it raises whatever it likes."""
    return CLASSIC[kind](io.BytesIO(data))


def open_heif(data: memoryview) -> pillow_heif.HeifFile:
    """The pictures by libheif, not decoded; it raises whatever it likes."""
    return pillow_heif.open_heif(
        io.BytesIO(data), thumbnails=False, depth_images=False, aux_images=False, bgr_mode=False
    )


def _as_found(
    kind: str, pictures: int, pixels: int, most_pixels: int, *, cut_short: bool, end: int | None = None
) -> Found:
    marks = {
        "cut_short": cut_short,
        "too_many_pixels": pixels > most_pixels,
        "too_many_pictures": pictures > ends.MOST_PICTURES,
    }
    return Found(kind, pictures, pixels, frozenset(mark for mark, is_so in marks.items() if is_so), end)


def _by_ends(kind: str, data: memoryview, most_pixels: int) -> Found:
    """JPEG, PNG, GIF: the header's size, and the end that the structure has."""
    end = ends.ENDS[kind](data)
    width, height = open_classic(kind, data).size
    return _as_found(
        kind,
        end.pictures if end else 1,
        width * height,
        most_pixels,
        cut_short=end is None,
        end=end.at if end else None,
    )


def _webp(kind: str, data: memoryview, most_pixels: int) -> Found | None:
    """Its decoder takes memory for the whole canvas when it opens, so it is asked only where there is enough."""
    pixels, end = ends.webp_pixels(data), ends.webp(data)
    if pixels <= most_pixels and end:
        width, height = open_classic(kind, data).size
        pixels = width * height
    pictures, at = (end.pictures, end.at) if end else (1, None)
    return _as_found(kind, pictures, pixels, most_pixels, cut_short=end is None, end=at)


def _tiff(kind: str, data: memoryview, most_pixels: int) -> Found:
    """Pages by their directories; one whose directory or strips lie beyond the file's end is cut short."""
    if ends.tiff_directory(data) > len(data):
        return _as_found(kind, 1, 0, most_pixels, cut_short=True)
    image = cast(TiffImagePlugin.TiffImageFile, open_classic(kind, data))
    pages, pixels, last = 0, 0, 0
    for page in itertools.islice(_pages(image), ends.MOST_PICTURES + 1):
        pages, pixels = pages + 1, max(pixels, page.size[0] * page.size[1])
        last = max(last, _last_byte(page))
    return _as_found(kind, pages, pixels, most_pixels, cut_short=last > len(data))


def _pages(image: TiffImagePlugin.TiffImageFile) -> Iterable[TiffImagePlugin.TiffImageFile]:
    for number in itertools.count():
        try:
            image.seek(number)
        except EOFError:
            return
        yield image


def _last_byte(page: TiffImagePlugin.TiffImageFile) -> int:
    return max(
        (
            start + length
            for starts, lengths in _EXTENTS
            for start, length in zip(page.tag_v2.get(starts, ()), page.tag_v2.get(lengths, ()), strict=False)
        ),
        default=0,
    )


def _heif(kind: str, data: memoryview, most_pixels: int) -> Found | None:
    """HEIF and AVIF: the decoder's word; where it opens nothing, the boxes may say why."""
    boxes = Boxes()
    boxes.feed(data)
    if b"pict" not in boxes.handlers:
        return None
    cut_short, declared = not boxes.is_whole and boxes.ended is None, boxes.most_pixels
    try:
        pictures, pixels = _pictures_and_pixels(kind, data)
    except Exception:
        if not cut_short and declared <= most_pixels:
            raise
        pictures, pixels = 1, declared
    if declared > most_pixels:  # what is shown may be cut out of much more, all of which is decoded
        pixels = max(pixels, declared)
    return _as_found(kind, pictures, pixels, most_pixels, cut_short=cut_short, end=boxes.ended)


def _pictures_and_pixels(kind: str, data: memoryview) -> tuple[int, int]:
    """How many pictures, and the pixels of the largest, by the decoder; it raises whatever it likes."""
    if kind in HEIF:
        sizes = [picture.size for picture in open_heif(data)]
        return len(sizes), max(width * height for width, height in sizes)
    image = open_classic(kind, data)
    return int(getattr(image, "n_frames", 1)), image.size[0] * image.size[1]


_LOOKS: Mapping[str, Callable[[str, memoryview, int], Found | None]] = {
    "image/jpeg": _by_ends,
    "image/png": _by_ends,
    "image/gif": _by_ends,
    "image/webp": _webp,
    "image/tiff": _tiff,
    "image/avif": _heif,
    "image/heic": _heif,
    "image/heif": _heif,
}
