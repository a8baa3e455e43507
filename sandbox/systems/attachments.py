"""What patients have attached to what they wrote, as a platform or 1177 gives it out: `GET /attachments/{ref}`.

The original stays where it is (bilder-4) and is given as often as it is asked for, until it vanishes.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sandbox.files.samples import SAMPLES, Sample, sample, sha256
from sandbox.wire.bodies import Form, OrNull, boolean, checked_body, one_of, text
from sandbox.wire.forgetful import Forgetful
from sandbox.wire.shown import Shown
from sandbox.wire.web import BadRequest, Reply, Request, Stream

SOURCES = ("platform24", "hope", "lifecare", "e1177")
ATTACHMENTS = "attachments/"
"""What the path of each begins with, after the source's part."""
"""Who has attachments."""
Json = dict[str, Any]


def _is_above_zero(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _times(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _header(value: Any) -> bool:
    return text(value) and value.isascii() and value.isprintable()


ATTACHMENT: dict[str, Form] = {
    "system": one_of(*SOURCES),
    "ref": text,
    "contact": text,
    "sample?": one_of(*SAMPLES),
    "base64?": lambda value: isinstance(value, str),
    "bytes_per_second?": OrNull(_is_above_zero),
    "vanishes_after?": OrNull(_times),
    "chunked?": boolean,
    "content_type?": _header,
    "filename?": OrNull(text),
    "token?": OrNull(_header),
}


@dataclass(slots=True)
class Attachment(Shown):
    """One, with how often it was asked for, and how often it went out whole."""

    given: Json
    content: Sample
    asked: int = 0
    fetched: int = 0
    at: str = ""

    @property
    def has_vanished(self) -> bool:
        """Whether it was fetched as often as it can be."""
        most = self.given.get("vanishes_after")
        return most is not None and self.fetched >= most

    def went(self) -> None:
        """It has gone out whole."""
        self.fetched += 1

    def shown(self) -> Json:
        """As JSON; the token stays here."""
        names = ("system", "ref", "contact", "bytes_per_second", "vanishes_after")
        about = {"bytes": self.content.length, "sha256": sha256(self.content), "vanished": self.has_vanished}
        told = {"filename": self.filename, "content_type": self.content_type, "at": self.at}
        return (
            {n: self.given.get(n) for n in names}
            | told
            | about
            | {"asked": self.asked, "fetched": self.fetched}
        )

    @property
    def filename(self) -> str | None:
        """What it is called, rightly or wrongly."""
        name: str | None = self.given.get("filename", self.content.filename)
        return name

    @property
    def content_type(self) -> str:
        """What it is said to be, rightly or wrongly."""
        return str(self.given.get("content_type", self.content.content_type))

    def headers(self) -> dict[str, str]:
        """Its name (RFC 6266), if it has one; a proxy is to keep none of it."""
        if self.filename is None:
            return {"cache-control": "no-store"}
        plain = "".join(
            c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in self.filename
        )
        named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(self.filename, safe='')}"
        return {"cache-control": "no-store", "content-disposition": named}


class Attachments(Forgetful):
    """What one source keeps."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, Attachment] = {}

    def attach(self, given: Any) -> Json:
        """Someone has attached a file; the same `ref` again is another file in its place, never fetched yet."""
        body = checked_body(given, ATTACHMENT)
        held = Attachment(body, _content(body), at=datetime.now(UTC).isoformat())
        shown = held.shown()
        with self._lock:
            self._held[body["ref"]] = held
        return shown

    def give(self, request: Request) -> Reply:
        """One is fetched."""
        ref = request.path.removeprefix(ATTACHMENTS)
        if request.method != "GET":
            raise BadRequest(405, "an attachment can only be fetched")
        held = self._held.get(ref)
        if held and not _is_let_in(request, held.given.get("token")):
            raise BadRequest(401, "no bearer token, or a wrong one")
        if held is None:
            raise BadRequest(404, "no such attachment", code="attachment_unknown")
        held.asked += 1
        if held.has_vanished:
            raise BadRequest(410, "the attachment is gone", code="attachment_gone")
        how = {
            "bytes_per_second": held.given.get("bytes_per_second"),
            "chunked": held.given.get("chunked", False),
        }
        body = Stream(held.content.length, held.content.chunks, held.went, **how)
        return Reply(200, b"", held.content_type, held.headers(), body)

    def clear(self) -> None:
        """Nobody has attached anything."""
        with self._lock:
            self._held.clear()

    def attached(self, query: dict[str, str]) -> list[Json]:
        """All, in the order in which they came; `contact` and `ref` choose."""
        with self._lock:
            shown = [one.shown() for one in self._held.values()]
        wanted = {name: query[name] for name in ("contact", "ref") if name in query}
        return [one for one in shown if all(one[name] == value for name, value in wanted.items())]


def _content(body: Json) -> Sample:
    if ("sample" in body) == ("base64" in body):
        raise BadRequest(422, "one of sample and base64")
    if "sample" in body:
        return sample(body["sample"])
    try:
        content = base64.b64decode(body["base64"], validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest(422, "base64 is none") from None
    return Sample("bilaga", "application/octet-stream", content)


def _is_let_in(request: Request, token: str | None) -> bool:
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    right = hmac.compare_digest(shown.encode(), (token or "").encode()) and scheme.lower() == "bearer"
    return token is None or right
