"""A page of a login as HTML: readable on a phone, without script, with nothing from elsewhere."""

from __future__ import annotations

import re

from fastapi import Request
from fastapi.responses import HTMLResponse

from gateway.login.texts import LANGUAGES, STATUS, Language, Page
from gateway.problems import RETRY_AFTER
from gateway.templates import HTML, content_security, environment, style

TEMPLATE = environment(HTML).get_template("resident.html")
STYLE = style(HTML, "resident.css")
HEADERS = {"Content-Security-Policy": content_security(STYLE), "Vary": "Accept-Language"}
RANGE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?)\s*)?")


def show(page: Page, language: Language, *, button: str | None = None, both: bool = False) -> HTMLResponse:
    """The page, with its status.

    Args:
        button: where its one button leads, a path of ours; None: it has none.
        both: it can be had in the other language at its own address.
    """
    headers = HEADERS | (RETRY_AFTER if STATUS[page] == 503 else {})
    return HTMLResponse(_html(page, language, button, both), STATUS[page], headers)


def _html(page: Page, language: Language, button: str | None, both: bool) -> str:
    label = language.log_in if page is Page.START else language.again
    shown = {"text": language.pages[page], "button": button and label, "way": button, "both": both}
    return TEMPLATE.render(shown, style=STYLE, w=language, place=None)


def language_of(request: Request) -> Language:
    """`?lang=`, else what the browser accepts best of Swedish and English, else Swedish."""
    asked = request.query_params.get("lang", "")
    return LANGUAGES.get(asked) or LANGUAGES[_accepted(request.headers.get("accept-language", ""))]


def _accepted(header: str) -> str:
    best, weight = "sv", 0.0
    for each in header[:500].split(","):
        if (found := RANGE.fullmatch(each)) and found[1].lower() in LANGUAGES:
            quality = float(found[2] or 1)
            if quality > weight:
                best, weight = found[1].lower(), quality
    return best
