"""A page of a visit as HTML: no script, nothing from elsewhere, and nothing that a browser keeps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from gateway.login.page import language_of
from gateway.login.texts import PageText
from gateway.problems import RETRY_AFTER
from gateway.templates import HTML, content_security, environment, style
from gateway.visits.join_texts import JoinWords
from gateway.visits.texts import WORDS, Words

TEMPLATE = environment(Path(__file__).resolve().parent / "html").get_template("visit.html")
STYLE = style(HTML, "resident.css")
HEADERS = {
    "Content-Security-Policy": content_security(STYLE, "form-action 'self'"),
    "Referrer-Policy": "same-origin",  # with none at all, a browser does not say where a form of ours comes from
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept-Language, Cookie",
}
NOTHING: Mapping[str, Any] = {
    "button": None, "way": None, "visits": (), "here": None, "out": None, "token": None, "both": True,
}  # fmt: skip


def show(
    words: Words | JoinWords, text: PageText, status: int = 200, *, place: str | None = None, **given: Any
) -> HTMLResponse:
    """The page.

    Args:
        place: the unit, as patients know it.
        given: what else is on it, of `NOTHING`.
    """
    html = TEMPLATE.render({**NOTHING, **given}, style=STYLE, w=words, text=text, place=place)
    return HTMLResponse(html, status, HEADERS | (RETRY_AFTER if status == 503 else {}))


def words_of(request: Request) -> Words:
    """In the language of `?lang=`, else what the browser likes best."""
    return WORDS[language_of(request).code]
