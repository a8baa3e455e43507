"""What a request of staff's asks for, and whether it has what a form of theirs has."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from uuid import UUID

from fastapi import Request

from gateway.forms import read_form
from gateway.login.page import language_of
from gateway.staff.texts import Words
from gateway.staff.texts_en import ENGLISH
from gateway.staff.texts_sv import SWEDISH
from models.identity import is_identity_number

WORDS = {words.code: words for words in (SWEDISH, ENGLISH)}
LOCAL = re.compile(
    r"/staff(?:/[A-Za-z0-9/_-]{1,120})?(?:\?[a-z]+=[A-Za-z0-9._:~-]{0,100}(?:&[a-z]+=[A-Za-z0-9._:~-]{0,100}){0,4})?"
)
"""The addresses that a login leads back to: ours, and of a page."""
NEVER_THERE = frozenset({"patient", "phone"})
"""What is searched for and never stands in an address, where logs and histories keep it."""
HOME, FILES, CASES, ROUTINE, REPORT = (
    "/staff",
    "/staff/storage",
    "/staff/cases",
    "/staff/routine",
    "/staff/report",
)
"""Where each of staff's pages begins."""


def words_of(request: Request) -> Words:
    """In the language of `?lang=`, else what the browser likes best."""
    return WORDS[language_of(request).code]


def wants_page(request: Request) -> bool:
    """Is a browser to show the answer? Whoever names JSON first, or nothing, is a program."""
    accepted = request.headers.get("accept", "").lower()
    page, data = accepted.find("text/html"), accepted.find("application/json")
    return page >= 0 and (data < 0 or page < data)


def way_back(given: str) -> str:
    """Where a login leads back to: an address of ours, never one elsewhere."""
    is_local = LOCAL.fullmatch(given) and "//" not in given and not given.startswith("/staff/log")
    return given if is_local else HOME


def here(request: Request) -> str:
    """Where the person was: the page to come back to after a login."""
    if request.method != "GET" or is_personal_there(request):
        return HOME
    query = f"?{request.url.query}" if request.url.query else ""
    return way_back(request.url.path + query)


def is_personal_there(request: Request) -> bool:
    """Does a number of somebody's stand in the address, whatever it is given as?"""
    return any(is_personal(name, value) for name, value in request.query_params.items())


def is_personal(name: str, value: str) -> bool:
    """Is what an address has under this name a number of somebody's?"""
    return name in NEVER_THERE or is_identity_number(re.sub(r"[\s+-]", "", value))


def file_id(said: str) -> UUID | None:
    """The id of a file, or of a case, as we write it; None: it is none."""
    try:
        id = UUID(said)
    except ValueError:
        return None
    return id if str(id) == said.lower() else None


async def filled_in(request: Request) -> Mapping[str, str]:
    """What is filled in in a form of a page, however often it is asked for: a body is read once."""
    if not hasattr(request.state, "filled_in"):
        request.state.filled_in = await read_form(request)
    filled: Mapping[str, str] = request.state.filled_in
    return filled


async def has_form_token(request: Request, token: str) -> bool:
    """Does it have what only a form of this login's pages has? A program asks for JSON and fills in no form.

    A script of a page elsewhere can make a browser say that it accepts JSON: `is_from_here` stops that.
    """
    if not wants_page(request):
        return True
    given = (await filled_in(request)).get("token", "")
    return hmac.compare_digest(given.encode(), token.encode())
