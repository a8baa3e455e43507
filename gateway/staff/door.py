"""Who may come in: a cookie that says who is logged in, and the answers for whoever may not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from gateway.forms import is_from_here
from gateway.login.texts import Page
from gateway.staff import sessions
from gateway.staff.asked import has_form_token, words_of
from gateway.staff.pages import HEADERS, Visitor, refusal
from routine.reasons import Reason
from routine.staff import Member, may_see_patients

log = structlog.get_logger(__name__)
Result = TypeVar("Result")

THREADS = 8
"""For what staff ask of the database at once, so that webhooks always have threads of their own."""


@dataclass(frozen=True)
class Inside:
    """One who is logged in.

    Args:
        token: that their browser shows.
    """

    member: Member
    token: str = field(repr=False)

    @property
    def visitor(self) -> Visitor:
        """As their pages have them."""
        return Visitor(self.member.name or self.member.hsa_id, sessions.form_token(self.token))


class Door:
    """Lets in.

    Args:
        origin: the gateway's, as browsers know it. Over https the cookie is only ever sent over TLS, to this host.
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self._secure = origin.startswith("https:")
        self._name = "__Host-vaxel-staff" if self._secure else "vaxel-staff"
        self._threads = CapacityLimiter(THREADS)

    async def in_thread(
        self, call: Callable[..., Result], *args: object, limiter: CapacityLimiter | None = None
    ) -> Result:
        """Something that blocks, in a thread of staff's own few, or of the limiter's."""
        return await to_thread.run_sync(call, *args, limiter=limiter or self._threads)

    def streamed(
        self, pieces: Iterator[str], media_type: str = "text/html", headers: Mapping[str, str] = HEADERS
    ) -> Response:
        """An answer that is sent as it is made: each piece in a thread of staff's own few, since Starlette would take
        one of those that store webhooks."""
        return StreamingResponse(self._each(pieces), media_type=media_type, headers=headers)

    async def _each(self, pieces: Iterator[str]) -> AsyncIterator[str]:
        while (piece := await self.in_thread(next, pieces, None)) is not None:
            yield piece

    def token_shown(self, request: Request) -> str:
        """The token that the browser shows; "": none."""
        return request.cookies.get(self._name, "")

    def give(self, response: Response, token: str) -> None:
        """Their browser shows it from now on, until it is closed; never to a script, nor on a form from elsewhere."""
        response.set_cookie(
            self._name, token, path="/", secure=self._secure, httponly=True, samesite="lax"
        )  # strict: whoever follows a link from their platform would seem to be logged out

    def forget(self, response: Response) -> None:
        """Their browser shows nothing any more."""
        response.delete_cookie(self._name, path="/", secure=self._secure, httponly=True, samesite="lax")

    async def inside(self, request: Request) -> Inside | Response:
        """Who is logged in; 401 where nobody is, 503 where that cannot be known."""
        token = self.token_shown(request)
        try:
            member = await self.in_thread(sessions.who, token) if token else None
        except Exception as error:  # noqa: BLE001  # whatever it was, the database does not answer
            log.error("staff_not_read", error=type(error).__name__)
            return self.away(request, None)
        if member is None:
            text = words_of(request).login[Page.START]
            return refusal(request, 401, "Nobody is logged in.", text, None, log_in=True)
        return Inside(member, token)

    async def caring(self, request: Request) -> Inside | Response:
        """Who is logged in with a commission for care; else 401, or 403 (policy-personal-1)."""
        inside = await self.inside(request)
        if isinstance(inside, Response):
            return inside
        decision = may_see_patients(inside.member)
        if decision.allowed:
            return inside
        words = words_of(request)
        text = words.no_commission if decision.reason is Reason.NO_COMMISSION else words.wrong_commission
        detail = f"{decision.reason.explanation} ({decision.reason})"
        return refusal(request, 403, detail, text, inside.visitor, log_in=True)

    async def acting(self, request: Request) -> Inside | Response:
        """As `caring`, of a request that changes something: it has to come from a page of theirs."""
        inside = await self.caring(request)
        return await self.checked(request, inside) if isinstance(inside, Inside) else inside

    async def checked(self, request: Request, inside: Inside) -> Inside | Response:
        """Them, if the request comes from a page of theirs; else 403."""
        known = is_from_here(request, self.origin)
        if known and await has_form_token(request, inside.visitor.form_token):
            return inside
        log.warning("staff_form_not_ours")
        detail = "The request does not come from a page of ours."
        return refusal(request, 403, detail, words_of(request).not_from_here, inside.visitor)

    @staticmethod
    def away(request: Request, inside: Inside | None) -> Response:
        """503: something of ours does not work."""
        visitor = inside.visitor if inside else None
        return refusal(request, 503, "Nothing was done. Try again.", words_of(request).away, visitor)
