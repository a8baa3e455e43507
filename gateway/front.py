"""`/`: what this is, for whoever comes here by a browser: where residents and staff go on. It names nobody."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from gateway.callers import is_from_here
from gateway.login.page import HEADERS, STYLE, language_of
from gateway.login.texts import PageText
from gateway.templates import HTML, environment


@dataclass(frozen=True)
class Words:
    """What the page says in one language.

    Args:
        resident: whom a link was sent to.
        staff, ops: for whom a link to log in, or paths of this machine's, are there.
    """

    text: PageText
    resident: PageText
    staff: PageText
    log_in: str
    ops: PageText


WORDS = {
    "sv": Words(
        PageText(
            "Växel",
            ("Här arbetar regionens system för digital kommunikation mellan vården och dig som invånare.",),
        ),
        PageText(
            "Har du fått en länk?",
            ("Öppna hela länken i meddelandet där du fick den. Utan den finns det inget att göra här.",),
        ),
        PageText("Arbetar du i vården?", ("Logga in för att se det som väntar på din enhet.",)),
        "Logga in som personal",
        PageText("På den här datorn", ("Vad gatewayen tar emot, och hur den mår:",)),
    ),
    "en": Words(
        PageText(
            "Växel",
            ("Here the region's system for digital communication between care and residents is at work.",),
        ),
        PageText(
            "Were you sent a link?",
            (
                "Open the whole link in the message that it came with. Without it there is nothing to do here.",
            ),
        ),
        PageText("Do you work in care?", ("Log in to see what waits at your unit.",)),
        "Log in as staff",
        PageText("On this machine", ("What the gateway takes in, and how it is:",)),
    ),
}
PATHS = ("/docs", "/openapi.json", "/readyz", "/metrics")
"""What is not for the outside (docs/nginx.conf), and is named to this machine alone."""
TEMPLATE = environment(HTML).get_template("front.html")


def routes(*, staff: bool) -> APIRouter:
    """`GET /`.

    Args:
        staff: there are staff's pages here.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def front(request: Request) -> HTMLResponse:
        """The page, in the language that is asked for."""
        language = language_of(request)
        told = WORDS[language.code]
        given = {"w": language, "text": told.text, "place": None, "button": None, "way": None, "both": True}
        here = PATHS if is_from_here(request) else ()
        page = TEMPLATE.render(given, style=STYLE, told=told, staff=staff, here=here)
        return HTMLResponse(page, headers=HEADERS)

    return router
