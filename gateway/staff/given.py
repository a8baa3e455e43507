"""What is given out of the storage: bytes that no browser runs or keeps, for whoever asked and no other page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from anyio import CancelScope, fail_after, to_thread
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from gateway.staff.filename import attachment
from gateway.staff.kept_files import close
from tasks.image_transfer.files import OwnFile

LONGEST = 15 * 60.0
"""Seconds for a download: 200 MB over a line of 2 Mbit/s. What opens the file is not left open for longer."""
UNKNOWN = "application/octet-stream"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store, no-transform",
    "Accept-Ranges": "none",
}


class Given(StreamingResponse):
    """A file on its way; whoever goes away, or is too slow, is left, and what opened it is closed.

    Args:
        over: told once, when it is all sent or left.
    """

    def __init__(self, bytes: Iterator[bytes], headers: Mapping[str, str], over: Callable[[], None]) -> None:
        super().__init__(bytes, headers=headers)
        self._bytes, self._over = bytes, over

    async def stream_response(self, send: Send) -> None:
        """As Starlette has it, within its time."""
        try:
            with fail_after(LONGEST):
                await super().stream_response(send)
        finally:
            self._over()
            with CancelScope(shield=True):
                await to_thread.run_sync(close, self._bytes)


def head_of(file: OwnFile) -> dict[str, str]:
    """The headers of the original: its type as it was found to be, whatever it is called, and always a download."""
    size = {"Content-Length": str(file.bytes)} if file.bytes is not None else {}
    return (
        HEADERS
        | size
        | {"Content-Type": file.kind or UNKNOWN, "Content-Disposition": attachment(file.filename)}
    )


def picture(bytes: bytes) -> Response:
    """A small picture that we have made."""
    kind = "image/webp" if bytes[:4] == b"RIFF" else "image/jpeg"
    return Response(bytes, headers=HEADERS | {"Content-Disposition": "inline"}, media_type=kind)
