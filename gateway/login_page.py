"""A page of a login as HTML: readable on a phone, without script, with nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape

from fastapi import Request
from fastapi.responses import HTMLResponse

from gateway.login_texts import LANGUAGES, STATUS, Language, Page
from gateway.problems import RETRY_AFTER

STYLE = """
:root{color-scheme:light}
body{font:1.125rem/1.6 system-ui,sans-serif;max-width:36rem;margin:0 auto;padding:1rem;color:#1b1b1b;
background:#fff;overflow-wrap:anywhere}
header{text-align:right}
header a{display:inline-block;padding:.5rem 0;min-height:1.75rem}
h1{font-size:1.75rem;line-height:1.25;margin:1rem 0}
a{color:#1d4f91}
a.button{display:block;text-align:center;font-weight:600;padding:.75rem 1rem;margin:1.5rem 0;border-radius:.5rem;
background:#1d4f91;color:#fff;text-decoration:none}
a:focus-visible{outline:.2rem solid #1b1b1b;outline-offset:.2rem}
footer{margin-top:2rem;border-top:1px solid #767676;padding-top:1rem}
@media(forced-colors:active){a.button{border:2px solid}}
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Vary": "Accept-Language",
}
CARE = '<a href="https://www.1177.se/">1177.se</a>'
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
    told = language.pages[page]
    code, name = language.other
    other = f'<header><a href="?lang={code}" lang="{code}" hreflang="{code}">{escape(name)}</a></header>'
    says = "".join(f"<p>{escape(sentence)}</p>" for sentence in told.says)
    does = language.log_in if page is Page.START else language.again
    # A link and no form: form-action would have to list every site that the provider sends the browser on to.
    leads = f'<a class="button" rel="nofollow" href="{escape(button)}">{escape(does)}</a>' if button else ""
    return (
        f'<!doctype html><html lang="{language.code}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{escape(told.heading)}</title><style>{STYLE}</style></head>"
        f"<body>{other if both else ''}<main><h1>{escape(told.heading)}</h1>{says}{leads}</main>"
        f"<footer><p>{escape(language.lead)} {CARE}.</p></footer></body></html>"
    )


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
