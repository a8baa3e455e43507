"""Pictures as patients' phones and computers make them, by Pillow and pillow-heif."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import Image

ORIENTATION, GPS = 0x0112, 0x8825
TURNED = 6
"""The phone was held upright: the picture is to be turned a quarter clockwise."""
HUGE = 40_000
WHERE = {1: "N", 2: (56.0, 40.0, 28.2), 3: "E", 4: (12.0, 51.0, 28.1)}
"""The town hall of Halmstad."""
XMP = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="56,40.47N" exif:GPSLongitude="12,51.468E"/></rdf:RDF>
</x:xmpmeta><?xpacket end="w"?>"""


def picture(width: int, height: int, seed: int = 1) -> Image.Image:
    """Red at its left, blue at its right, and speckled: one sees how it is turned, and no two seeds look alike."""
    dice = random.Random(seed)  # noqa: S311 -- speckles, no secret
    speckles = Image.frombytes("RGB", (width, height), dice.randbytes(width * height * 3))
    colours = Image.new("RGB", (width, height), "blue")
    colours.paste("red", (0, 0, width // 2, height))
    return Image.blend(speckles, colours, 0.8)


def taken(orientation: int = 1) -> bytes:
    """What a phone writes of the picture that it takes: Exif, with which, when, where, and how it was held."""
    exif = Image.Exif()
    exif.update(
        {0x010F: "Test", 0x0110: "Testfon 1", ORIENTATION: orientation, 0x0132: "2027:03:01 10:00:00"}
    )
    exif.get_ifd(GPS).update(WHERE)
    return exif.tobytes()


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    """The picture in a format of Pillow's."""
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def of_a_phone(size: tuple[int, int] = (320, 240)) -> bytes:
    """A JPEG that lies on its side, with a smaller one behind it (MPO), a place in Exif and XMP, a comment."""
    second = picture(size[0] // 2, size[1] // 2, seed=2)
    about = {"exif": taken(TURNED), "xmp": XMP, "comment": b"Testfon 1"}
    return saved(picture(*size), "MPO", save_all=True, append_images=[second], **about)


def turned() -> bytes:
    """A JPEG that lies on its side, alone."""
    return saved(picture(320, 240), "JPEG", exif=taken(TURNED), xmp=XMP)


def heic(orientation: int = 1) -> bytes:
    """Of 8 bits, with a place in Exif and XMP; turned by an `irot` box where it lies on its side."""
    out = io.BytesIO()
    pillow_heif.from_pillow(picture(160, 120)).save(out, exif=taken(orientation), xmp=XMP)
    return out.getvalue()


def heic_of_10_bits() -> bytes:
    """As newer phones take them: half of each 16 bits given to the encoder is left out."""
    size, out = (160, 120), io.BytesIO()
    wide = b"".join(bytes((0, value)) for value in picture(*size).tobytes())
    pillow_heif.from_bytes(mode="RGB;16", size=size, data=wide).save(out)
    return out.getvalue()


def two_pages() -> bytes:
    """A TIFF, as a scanner makes it."""
    return saved(picture(160, 120), "TIFF", save_all=True, append_images=[picture(160, 120, seed=2)])


def animated() -> bytes:
    """A GIF of three pictures."""
    others = [picture(80, 60, seed=seed) for seed in (2, 3)]
    return saved(picture(80, 60), "GIF", save_all=True, append_images=others, duration=200, loop=0)


def huge() -> bytes:
    """A PNG of 40,000 times 40,000 pixels, all of them there, in some hundred kilobytes."""
    lines, pressed = bytes(200 * (1 + HUGE // 8)), zlib.compressobj(1)
    content = b"".join(pressed.compress(lines) for _ in range(HUGE // 200)) + pressed.flush()
    header = struct.pack(">IIBBBBB", HUGE, HUGE, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", content) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check
