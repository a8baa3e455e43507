"""What 46elks sends us: a form, protected by HTTP Basic, since it has no signature."""

from __future__ import annotations

import base64
import binascii
import hmac
from urllib.parse import parse_qs

from fastapi import Request
from fastapi.responses import Response

from gateway.bodies import KIB, TooLarge, TooSlow, media_type, read_body
from gateway.problems import problem
from gateway.telephone.ports import HookLogin

LIMIT = 16 * KIB
FORM = "application/x-www-form-urlencoded"
Form = dict[str, str]


async def form_of(request: Request, login: HookLogin) -> Form | Response:
    """The first value of each field; or the answer to what may not be read: 401, 413, 415."""
    if not _is(login, request.headers.get("authorization", "")):
        return problem(401, "Log in.", headers={"WWW-Authenticate": 'Basic realm="vaxel"'})
    if media_type(request) != FORM:
        return problem(415, f"The body must be {FORM}.")
    try:
        fields = parse_qs((await read_body(request, LIMIT)).decode("utf-8", "replace"), max_num_fields=50)
    except (TooLarge, TooSlow, ValueError):
        return problem(413, "The form is too large, or did not arrive in time.")
    return {name: values[0] for name, values in fields.items()}


def is_id(given: str) -> bool:
    """Whether it may be the provider's id of something."""
    return 0 < len(given) <= 100 and given.isascii() and given.isalnum()


def _is(login: HookLogin, authorization: str) -> bool:
    """Whether it is the login, compared in constant time and as a whole."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        given = b""
    expected = f"{login.user}:{login.password}".encode()
    return hmac.compare_digest(given, expected) and scheme.lower() == "basic" and bool(login.password)
