"""What staff are told of a file that they cannot have just now, and of what they have done."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from gateway.login.texts import PageText
from gateway.staff.asked import FILES, wants_page, words_of
from gateway.staff.pages import Visitor, refusal
from gateway.staff.shown import HERE, Group, is_there, waits_for_scanner, why_refused
from routine.image_transfer import may_be_fetched_again
from routine.region import Region
from tasks.image_transfer.files import FileState, OwnFile


def not_found(request: Request, visitor: Visitor) -> Response:
    """404: another's, or never there."""
    return refusal(request, 404, "There is no such file of yours.", words_of(request).not_here, visitor)


def gone(request: Request, visitor: Visitor) -> Response:
    """410: it was there."""
    return refusal(request, 410, "Its time is over.", words_of(request).gone, visitor)


def refused(request: Request, file: OwnFile, visitor: Visitor) -> Response:
    """410: nothing was kept of it, and why; nobody is told that a lost original is still there (bilder-4)."""
    words = words_of(request)
    text = PageText(words.groups[Group.REFUSED][0], (why_refused(file, words),))
    return refusal(request, 410, "It could not be fetched, or was not kept.", text, visitor)


def no_picture(request: Request, visitor: Visitor) -> Response:
    """404: it is there, and there is no picture of it."""
    return refusal(request, 404, "There is no picture of it.", words_of(request).no_preview, visitor)


def not_there(request: Request, file: OwnFile, visitor: Visitor) -> Response | None:
    """409 while it is on its way, 410 once it is gone, or where it was refused; None: it is there."""
    if file.state in HERE:
        return None
    if file.state is FileState.REFUSED:
        return refused(request, file, visitor)
    if file.state is FileState.FETCHING:
        text = words_of(request).not_yet
        return refusal(request, 409, "It has not been fetched yet.", text, visitor)
    return gone(request, visitor)


def still_there(request: Request, file: OwnFile, visitor: Visitor) -> Response | None:
    """409 unless it is gone, and to be had again (bilder-4)."""
    if may_be_fetched_again(lies_there=is_there(file)).allowed:
        return None
    return refusal(request, 409, "It is there, or on its way.", words_of(request).still_here, visitor)


def kept_back(request: Request, file: OwnFile, visitor: Visitor, region: Region) -> Response | None:
    """409 while it waits for a scanner, where the region has it wait (policy-bild-2)."""
    if not waits_for_scanner(file, region):
        return None
    return refusal(request, 409, "It has not been scanned yet.", words_of(request).held, visitor)


def done(request: Request, act: str) -> Response:
    """Back to the list, which says what was done; for a program 204, or 202 where it takes a while."""
    if not wants_page(request):
        return Response(status_code=202 if act == "fetch-again" else 204)
    lang = f"&lang={words_of(request).code}" if "lang" in request.query_params else ""
    return RedirectResponse(f"{FILES}?done={act}{lang}", 303)
