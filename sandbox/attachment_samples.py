"""What patients attach, each kind made when it is first asked for, and always the same.

A film of 150 MB is made while it goes out: its head, and then one frame again and again.
"""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from PIL import Image

from sandbox import video
from sandbox.web import PIECE


@dataclass(frozen=True, slots=True)
class Sample:
    """A file: `head`, and then `frame` so many `times`. Name and type are as an honest platform would tell them."""

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


def picture(width: int, height: int, seed: int = 1) -> Image.Image:
    """A picture that is wide, red at its left and blue at its right, so that one sees how it is turned; speckled."""
    dice = random.Random(seed)  # noqa: S311 -- speckles, no secret
    image = Image.frombytes("RGB", (width, height), dice.randbytes(width * height * 3))
    half = (width // 2, height)
    for left, colour in ((0, "red"), (width // 2, "blue")):
        image.paste(
            Image.blend(image.crop((left, 0, left + half[0], height)), Image.new("RGB", half, colour), 0.8),
            (left, 0),
        )
    return image


def _jpeg(image: Image.Image, **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", **more)
    return out.getvalue()


def _film(name: str, kind: str, frame_bytes: int, frames: int, size: tuple[int, int]) -> Callable[[], Sample]:
    def made() -> Sample:
        frame = _jpeg(picture(*size)).ljust(frame_bytes, b"\0")
        quicktime = kind == "video/quicktime"
        return Sample(name, kind, video.head(*size, len(frame), frames, quicktime=quicktime), frame, frames)

    return made


def _png() -> Sample:
    out = io.BytesIO()
    picture(160, 120).save(out, "PNG")
    return Sample("hud.png", "image/png", out.getvalue())


SAMPLES: dict[str, Callable[[], Sample]] = {
    "jpeg": lambda: Sample("hud.jpg", "image/jpeg", _jpeg(picture(320, 240))),
    "png": _png,
    "mp4": _film("film.mp4", "video/mp4", 0, 24, (64, 48)),
    "mov": _film("film.mov", "video/quicktime", 0, 24, (64, 48)),
    "video_of_150_mb": _film("film.mp4", "video/mp4", 250_000, 600, (480, 360)),
    "video_of_250_mb": _film("film.mp4", "video/mp4", 250_000, 1000, (480, 360)),
}
"""By name."""
