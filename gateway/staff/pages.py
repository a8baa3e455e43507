"""Staff's pages: no script, nothing from elsewhere, and nothing that a browser keeps.

The list is sent as it is made: a thousand files are on their way before the last of them has been written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from gateway import templates
from gateway.login.texts import PageText
from gateway.problems import RETRY_AFTER, problem
from gateway.staff.asked import FILES, HOME, here, is_personal, wants_page, words_of
from gateway.staff.shown import GROUPS, Group, Shown
from gateway.staff.texts import Words
from tasks.image_transfer.files import OwnFile

FOLDER = Path(__file__).resolve().parent / "html"
STYLE = templates.style(FOLDER, "style.css")
PAGES = templates.environment(FOLDER)
PAGES.globals |= {"style": STYLE}
APART = {"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"}
HEADERS = (
    APART
    | {
        "Content-Security-Policy": templates.content_security(STYLE, "img-src 'self'", "form-action 'self'"),
        "Referrer-Policy": "same-origin",  # with none at all, a browser does not say where a form of ours comes from
        "Vary": "Accept, Accept-Language, Cookie",
    }
)
AT_ONCE = 40
"""Pieces of a page that are sent together."""


@dataclass(frozen=True)
class Visitor:
    """Whoever looks at a page that needs a login.

    Args:
        who: their name, or their HSA-id where the provider tells none.
        form_token: for the forms of the page.
    """

    who: str
    form_token: str


def page(
    request: Request, template: str, given: Mapping[str, Any], visitor: Visitor | None, status: int = 200
) -> Response:
    """A page, in the language that was asked for."""
    rendered = PAGES.get_template(template).render(**_given(request, visitor), **given)
    return HTMLResponse(rendered, status, HEADERS | (RETRY_AFTER if status == 503 else {}))


def listed(
    request: Request, files: Sequence[OwnFile], show: Callable[[OwnFile], Shown], done: str, visitor: Visitor
) -> Iterator[str]:
    """The list, in its groups, each file put into words when its turn comes."""
    groups: dict[str, list[OwnFile]] = {group: [] for group in Group}
    for file in files:
        groups[GROUPS[file.state]].append(file)
    given = {"groups": {name: of for name, of in groups.items() if of}, "show": show, "done": done}
    return in_pieces(request, "list.html", given, visitor, AT_ONCE)


def in_pieces(
    request: Request, template: str, given: Mapping[str, Any], visitor: Visitor, at_once: int = 1
) -> Iterator[str]:
    """A page, to be sent as it is made (`gateway.staff.door.Door.streamed`).

    Args:
        at_once: so many of its pieces together.
    """
    stream = PAGES.get_template(template).stream(**_given(request, visitor), **given)
    if at_once > 1:
        stream.enable_buffering(at_once)
    return stream


def refusal(
    request: Request,
    status: int,
    detail: str,
    text: PageText,
    visitor: Visitor | None,
    *,
    log_in: bool = False,
) -> Response:
    """Why not: as a page, or as problem+json.

    Args:
        detail: in English, for a program.
        text: for a person.
        log_in: with the way to a login, which leads back here.
    """
    headers = {"Vary": "Accept, Accept-Language, Cookie"} | (RETRY_AFTER if status == 503 else {})
    if not wants_page(request):
        return problem(status, detail, headers=headers)
    words = words_of(request)
    button = words.log_in if status == HTTPStatus.UNAUTHORIZED else words.other_commission
    way = login_address(here(request), words) if log_in else None
    return page(request, "message.html", {"text": text, "way": way, "button": button}, visitor, status)


def login_address(back: str, words: Words) -> str:
    """Where a login begins that leads back there."""
    return f"/staff/login?{urlencode({'lang': words.code, 'back': back})}"


def _given(request: Request, visitor: Visitor | None) -> dict[str, Any]:
    """What every page has; in the other language it is asked for as it was, but for what never stands there."""
    words, asked = words_of(request), request.query_params
    kept = {
        name: value
        for name, value in asked.items()
        if name not in ("lang", "done") and not is_personal(name, value)
    }
    return {
        "w": words,
        "visitor": visitor,
        "lang": f"?lang={words.code}" if "lang" in asked else "",
        "other": urlencode(kept | {"lang": words.other[0]}),
        "at": request.url.path,
        "files_at": FILES,
        "start_at": HOME,
        "quote": quote,
    }
