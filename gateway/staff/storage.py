"""`/staff/storage`: the files of a member of staff, and what they do with them (bilder-2 to bilder-4).

Whoever is logged in finds their own files and no other: of another's, of one that never was, and of what is no id
the answer is the same. A file is given out only once that is in the access log.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog
from anyio import CapacityLimiter, WouldBlock
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from engine.base import clock
from engine.base.errors import Refused
from gateway.staff import answers
from gateway.staff.asked import FILES, file_id, wants_page, words_of
from gateway.staff.door import Door, Inside, Result
from gateway.staff.given import Given, head_of, picture
from gateway.staff.pages import Visitor, listed, page
from gateway.staff.ports import Files
from gateway.staff.shown import is_drawn, shown, soonest
from routine.region import Region
from routine.staff import Member
from tasks.image_transfer.files import OwnFile

log = structlog.get_logger(__name__)

LARGE = 1600
"""The longest side of a picture on a page of its own, in pixels: a ward's PC is 1366 wide."""
DRAWING, GIVING = 4, 16
"""Pictures that are drawn at once, and files that are given out."""


@dataclass(frozen=True)
class FileRequest:
    """A file of theirs, and who asks."""

    inside: Inside
    file: OwnFile

    @property
    def member(self) -> Member:
        """Whose it is."""
        return self.inside.member


def routes(door: Door, files: Files, region: Callable[[], Region]) -> APIRouter:
    """The paths.

    Args:
        door: who is logged in.
        files: what lies there.
        region: its figures.
    """
    router = APIRouter(include_in_schema=False)
    pages = _Storage(door, files, region)
    for path, methods, answer in (
        ("", "GET", pages.list),
        ("/{id}", "GET", pages.original),
        ("/{id}", "DELETE", pages.delete),
        ("/{id}/view", "GET", pages.view),
        ("/{id}/preview", "GET", pages.preview),
        ("/{id}/delete", "GET", pages.ask_to_delete),
        ("/{id}/delete", "POST", pages.delete),
        ("/{id}/journalled", "POST", pages.journalled),
        ("/{id}/fetch-again", "POST", pages.fetch_again),
    ):
        router.add_api_route(f"{FILES}{path}", answer, methods=[methods])
    return router


class _Storage:
    def __init__(self, door: Door, files: Files, region: Callable[[], Region]) -> None:
        self._door, self._files, self._region = door, files, region
        self._drawing, self._giving = CapacityLimiter(DRAWING), CapacityLimiter(GIVING)

    async def list(self, request: Request) -> Response:
        """All of theirs."""
        inside = await self._door.caring(request)
        if isinstance(inside, Response):
            return inside
        files = await self._tried(request, inside, self._files.listed, inside.member)
        if isinstance(files, Response):
            return files
        if not wants_page(request):
            return JSONResponse({"files": [file.as_json() for file in files]})
        words, region, now = words_of(request), self._region(), clock.now()
        done = words.done.get(request.query_params.get("done", ""), "")
        show = partial(shown, words=words, region=region, now=now)
        return self._door.streamed(listed(request, soonest(files), show, done, inside.visitor))

    async def view(self, request: Request, id: str) -> Response:
        """One of them on a page of its own."""
        asked = await self._of(request, id)
        return asked if isinstance(asked, Response) else await self._page(request, "file.html", asked)

    async def ask_to_delete(self, request: Request, id: str) -> Response:
        """Whether they mean it."""
        asked = await self._of(request, id)
        if isinstance(asked, Response):
            return asked
        why_not = answers.not_there(request, asked.file, asked.inside.visitor)
        return why_not or await self._page(request, "delete.html", asked)

    async def original(self, request: Request, id: str) -> Response:
        """The original's bytes, as a download."""
        asked = await self._of(request, id)
        if isinstance(asked, Response):
            return asked
        if why_not := self._why_not(request, asked):
            return why_not
        if getattr(request.state, "head", False):
            return await self._head(request, asked)
        return await self._give(request, asked)

    async def preview(self, request: Request, id: str) -> Response:
        """A small picture of it."""
        asked = await self._of(request, id)
        if isinstance(asked, Response):
            return asked
        if why_not := self._why_not(request, asked):
            return why_not
        if not is_drawn(asked.file, self._region()):
            return answers.no_picture(request, asked.inside.visitor)
        large = request.query_params.get("size") == "large"
        side = LARGE if large else self._region().storage.preview_pixels
        draw, given = self._files.preview, (asked.member, asked.file, side)
        drawn = await self._tried(request, asked.inside, draw, *given, limiter=self._drawing)
        return drawn if isinstance(drawn, Response) else picture(drawn)

    async def delete(self, request: Request, id: str) -> Response:
        """Gone at once."""
        return await self._act(request, id, "delete", answers.not_there, self._files.delete)

    async def journalled(self, request: Request, id: str) -> Response:
        """It is in the journal."""
        return await self._act(request, id, "journalled", answers.not_there, self._files.journalled)

    async def fetch_again(self, request: Request, id: str) -> Response:
        """Anew from its source (bilder-4)."""
        return await self._act(request, id, "fetch-again", answers.still_there, self._files.fetch_again)

    async def _act(
        self,
        request: Request,
        id: str,
        name: str,
        why_not: Callable[[Request, OwnFile, Visitor], Response | None],
        act: Callable[[Member, OwnFile], None],
    ) -> Response:
        inside = await self._door.acting(request)
        asked = await self._found(request, inside, id) if isinstance(inside, Inside) else inside
        if isinstance(asked, Response):
            return asked
        if refused := why_not(request, asked.file, asked.inside.visitor):
            return refused
        failed = await self._tried(request, asked.inside, act, asked.member, asked.file)
        return failed or answers.done(request, name)

    async def _of(self, request: Request, id: str) -> FileRequest | Response:
        """Their file, of whoever is logged in with a commission for care."""
        inside = await self._door.caring(request)
        return await self._found(request, inside, id) if isinstance(inside, Inside) else inside

    async def _found(self, request: Request, inside: Inside, id: str) -> FileRequest | Response:
        """404 alike for what is another's, for what never was, and for what is no id, which is looked for too."""
        known = file_id(id)
        file = await self._tried(request, inside, self._files.found, inside.member, known or UUID(int=0))
        if isinstance(file, Response):
            return file
        if file is None or known is None:
            return answers.not_found(request, inside.visitor)
        return FileRequest(inside, file)

    async def _page(self, request: Request, template: str, asked: FileRequest) -> Response:
        failed = await self._tried(request, asked.inside, self._files.looked_at, asked.member, asked.file)
        if failed:
            return failed
        told = shown(asked.file, words_of(request), self._region(), clock.now())
        return page(request, template, {"file": told}, asked.inside.visitor)

    def _why_not(self, request: Request, asked: FileRequest) -> Response | None:
        """Why its bytes cannot be had; None: they can."""
        file, visitor = asked.file, asked.inside.visitor
        there = answers.not_there(request, file, visitor)
        return there or answers.kept_back(request, file, visitor, self._region())

    async def _head(self, request: Request, asked: FileRequest) -> Response:
        failed = await self._tried(request, asked.inside, self._files.looked_at, asked.member, asked.file)
        return failed or Response(headers=head_of(asked.file))

    async def _give(self, request: Request, asked: FileRequest) -> Response:
        try:
            self._giving.acquire_on_behalf_of_nowait(request)
        except WouldBlock:
            return self._door.away(request, asked.inside)
        bytes = await self._tried(request, asked.inside, self._files.original, asked.member, asked.file)
        if isinstance(bytes, Response):
            self._giving.release_on_behalf_of(request)
            return bytes
        return Given(bytes, head_of(asked.file), lambda: self._giving.release_on_behalf_of(request))

    async def _tried(
        self,
        request: Request,
        inside: Inside,
        call: Callable[..., Result],
        *given: object,
        limiter: CapacityLimiter | None = None,
    ) -> Result | Response:
        """What the call gives; where it fails nothing is done, shown or given, and the answer says so."""
        try:
            return await self._door.in_thread(call, *given, limiter=limiter)
        except Exception as error:  # noqa: BLE001  # whatever it was: it is not in the access log
            return self._failed(request, inside, error)

    def _failed(self, request: Request, inside: Inside, error: Exception) -> Response:
        """410 for what cannot be opened any more, else 503."""
        if isinstance(error, Refused) and error.reason == "no_preview":
            return answers.no_picture(request, inside.visitor)
        if isinstance(error, Refused):
            log.error("file_not_given", reason=error.reason)
            return answers.gone(request, inside.visitor)
        log.error("staff_not_read", error=type(error).__name__, reason=getattr(error, "reason", None))
        return self._door.away(request, inside)
