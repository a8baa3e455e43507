"""What patients attach, each kind made when it is first asked for, and always the same bytes.

A film of 150 MB is made while it goes out: its head, and then one frame again and again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from pikepdf import Pdf

from sandbox.files import documents, pictures, video
from sandbox.files.pictures import picture, saved, taken
from sandbox.wire.web import PIECE


@dataclass(frozen=True, slots=True)
class Sample:
    """A file: `head`, and then `frame` so many `times`. Name and type are what its source says of it."""

    filename: str
    content_type: str
    head: bytes
    frame: bytes = b""
    times: int = 0

    @property
    def length(self) -> int:
        """In bytes."""
        return len(self.head) + len(self.frame) * self.times

    def chunks(self) -> Iterator[memoryview]:
        """The bytes, bit by bit."""
        head = memoryview(self.head)
        yield from (head[at : at + PIECE] for at in range(0, len(head), PIECE))
        for _ in range(self.times):
            yield memoryview(self.frame)


@cache
def sample(name: str) -> Sample:
    """The file of this name in `SAMPLES`."""
    return SAMPLES[name]()


@cache
def sha256(content: Sample) -> str:
    """Of its bytes, in hex."""
    digest = hashlib.sha256()
    for chunk in content.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _film(name: str, kind: str, frame_bytes: int, frames: int, size: tuple[int, int]) -> Sample:
    frame = saved(picture(*size), "JPEG").ljust(frame_bytes, b"\0")
    head = video.head(*size, len(frame), frames, quicktime=kind == "video/quicktime")
    return Sample(name, kind, head, frame, frames)


def _cut(whole: str) -> Sample:
    """The first half of another."""
    content = sample(whole)
    return Sample(content.filename, content.content_type, content.head[: len(content.head) // 2])


def _pdf(*changes: Callable[[Pdf], None]) -> Callable[[], bytes]:
    return lambda: documents.pdf(*changes)


def _file(name: str, kind: str, content: Callable[[], bytes]) -> Callable[[], Sample]:
    return lambda: Sample(name, kind, content())


JPEG, PDF, HEIC = "image/jpeg", "application/pdf", "image/heic"
SMALL, PLACED = (160, 120), {"exif": taken(), "xmp": pictures.XMP}
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SAMPLES: dict[str, Callable[[], Sample]] = {
    "jpeg": _file("hud.jpg", JPEG, lambda: saved(picture(320, 240), "JPEG")),
    "jpeg_of_a_phone": _file("IMG_0001.jpg", JPEG, pictures.of_a_phone),
    "jpeg_turned": _file("IMG_0002.jpg", JPEG, pictures.turned),
    "png": _file("skärmbild.png", "image/png", lambda: saved(picture(*SMALL), "PNG")),
    "webp": _file("hud.webp", "image/webp", lambda: saved(picture(*SMALL), "WEBP", **PLACED)),
    "avif": _file("hud.avif", "image/avif", lambda: saved(picture(*SMALL), "AVIF", **PLACED)),
    "heic": _file("IMG_0003.HEIC", HEIC, pictures.heic),
    "heic_of_10_bits": _file("IMG_0004.HEIC", HEIC, pictures.heic_of_10_bits),
    "heic_turned": _file("IMG_0005.HEIC", HEIC, lambda: pictures.heic(pictures.TURNED)),
    "tiff_of_two_pages": _file("remiss.tif", "image/tiff", pictures.two_pages),
    "gif_animated": _file("rörelse.gif", "image/gif", pictures.animated),
    "pdf": _file("remiss.pdf", PDF, _pdf()),
    "pdf_with_script": _file("formulär.pdf", PDF, _pdf(documents.with_script)),
    "pdf_with_attached_file": _file("samlat.pdf", PDF, _pdf(documents.with_attached_file)),
    "pdf_encrypted": _file("hemligt.pdf", PDF, documents.encrypted),
    "pdf_behind_junk": _file("remiss.pdf", PDF, lambda: b"junk\r\n" + documents.pdf()),
    "mp4": lambda: _film("gång.mp4", "video/mp4", 0, 24, (64, 48)),
    "mov": lambda: _film("gång.mov", "video/quicktime", 0, 24, (64, 48)),
    "video_of_150_mb": lambda: _film("gång.mp4", "video/mp4", 250_000, 600, (480, 360)),
    "video_of_250_mb": lambda: _film("gång.mp4", "video/mp4", 250_000, 1000, (480, 360)),
    "text_named_jpg": _file("hud.jpg", JPEG, lambda: documents.TEXT),
    "svg": _file("hud.svg", "image/svg+xml", lambda: documents.SVG),
    "svg_behind_a_comment": _file(
        "hud.svg", "image/svg+xml", lambda: b"<!-- test -->\n" + documents.SVG[21:]
    ),
    "docx": _file("dagbok.docx", DOCX, documents.docx),
    "empty": _file("hud.jpg", JPEG, bytes),
    "cut_short": lambda: _cut("jpeg_turned"),
    "heic_cut_short": lambda: _cut("heic"),
    "png_of_40000_by_40000": _file("stor.png", "image/png", pictures.huge),
    "eicar": _file("hud.jpg", JPEG, documents.eicar),
}
"""By name."""
