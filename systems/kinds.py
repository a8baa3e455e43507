"""What a file may be by how it begins; a decoder has the last word (`systems.pictures`, `systems.pdf`).

Source: each format's own: JPEG (ITU-T T.81 B.1.1.3), PNG 1.2 §3.1, GIF89a §17, RFC 9649 (WebP), TIFF 6.0 §2
and BigTIFF, ISO/IEC 14496-12 §4.3 (`ftyp`), 23008-12 §10 (HEIF's brands), AV1 Image File Format §8, QuickTime;
PDF readers take a header within the first 1024 bytes (Adobe's note 13 to PDF 1.7, Annex H).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HEAD = 1024
"""So many bytes tell what a file may be."""

SIGNATURES = (
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/gif", re.compile(rb"GIF8[79]a")),
    ("image/webp", re.compile(rb"RIFF....WEBPVP8[ LX]", re.DOTALL)),
    ("image/tiff", re.compile(rb"II[\x2a\x2b]\0|MM\0[\x2a\x2b]")),
)
_FTYP = re.compile(rb"\0\0(..)ftyp", re.DOTALL)
_PDF = b"%PDF-"
HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
AVIF = frozenset({b"avif", b"avis"})
HEIF = frozenset({b"mif1", b"mif2", b"msf1", b"miaf"})
MP4 = frozenset(
    {b"isom", b"mp41", b"mp42", b"avc1", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"mmp4", b"dash"}
    | {b"iso%d" % version for version in range(2, 10)}
)
QUICKTIME = b"qt  "


@dataclass(frozen=True)
class Brands:
    """Of an ISO base media file: the major one, and those that it is compatible with."""

    major: bytes
    compatible: frozenset[bytes]

    @property
    def kind(self) -> str | None:
        """The media type that they name; where the major one is general, the compatible ones say more."""
        if self.major == QUICKTIME:
            return "video/quicktime"
        for brands, kind in ((HEIC, "image/heic"), (AVIF, "image/avif")):
            if self.major in brands or (self.major in HEIF and brands & self.compatible):
                return kind
        if self.major in HEIF:
            return "image/heif"
        return "video/mp4" if MP4 & {self.major, *self.compatible} else None


def brands_of(head: bytes) -> Brands | None:
    """The brands in a file's first box; None: it is no `ftyp`."""
    found = _FTYP.match(head)
    if not found:
        return None
    box = head[8 : int.from_bytes(found[1], "big")]
    words = [box[at : at + 4] for at in range(0, len(box) - 3, 4)]
    return Brands(words[0], frozenset(words[2:])) if words else None


def kinds_of(head: bytes) -> list[str]:
    """What a file may be by its first `HEAD` bytes, the likeliest first; more than one: it may be two at once."""
    kinds = [kind for kind, signature in SIGNATURES if signature.match(head)]
    brands = brands_of(head)
    if brands and brands.kind:
        kinds.append(brands.kind)
    if _PDF in head[: HEAD + len(_PDF) - 1]:
        kinds.append("application/pdf")
    return kinds


_ZIP_END = re.compile(rb"PK\x05\x06.{16}(..)", re.DOTALL)
ZIP_TAIL = 22 + 0xFFFF


def is_zip_too(tail: bytes) -> bool:
    """Does a file's end (`ZIP_TAIL` bytes) make it an archive too (APPNOTE 4.3.16)? They are read from behind."""
    return any(end.end() + int.from_bytes(end[1], "little") == len(tail) for end in _ZIP_END.finditer(tail))
