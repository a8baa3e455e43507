"""JSON over HTTP where a repeat is harmless: what our two neutral contracts, VAS's and the platforms', share.

Source: contract.md, since none of them has a public API. Every POST carries an `Idempotency-Key`: the same key
again gives the same answer and does nothing twice, so a lost, unreadable or failed answer is always AnswerLost
here: to try again with the same key is right whatever became of the first. A GET and a PUT are harmless by
themselves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, Field, ValidationError

from engine.base.errors import AnswerLost, Incident, Refused, VaxelError
from systems import http
from systems.deadline import Deadline

Json = Mapping[str, Any]
Params = Mapping[str, str | Sequence[str]]
"""What stands in an address after the `?`; a list is that name again and again."""
# Keys have other systems' ids in them, and a header has no room for all that an id may hold.
_KEY = "/:+,=@!~ "

M = TypeVar("M", bound=BaseModel)


class Keyed:
    """One such system.

    Args:
        token: sent as a bearer token, if there is one.
        deadline: seconds for a whole call.
        refusal: what a 4xx other than 401, 403 and 429 means to this system.

    Every call raises:
        AnswerLost: 'technical_error', and for every loss.
        NotSent: 'connect_timeout', 'deadline'.
        SystemDown: as `http.call`.
        Incident: 'not_authorised', 'protocol_refused', or by `refusal`.
        Refused: by `refusal`.
    """

    def __init__(
        self,
        url: str,
        token: str | None,
        deadline: float,
        tls: http.Tls | None,
        refusal: Callable[[http.Answer], VaxelError],
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._deadline = deadline
        self._tls = tls
        self._refusal = refusal

    def get(self, path: str, params: Params, model: type[M], within: Deadline | None = None) -> M:
        """Read something, as one of several calls that end `within` one deadline, if so."""
        return self._call_once("GET", path, model, params=params, within=within)

    def post(self, path: str, key: str, content: Json) -> str:
        """Have something made, under a key that is the same for every try. Gives its id over there."""
        return self.post_for(path, key, content, _Made).id

    def post_for(self, path: str, key: str, content: Json, model: type[M]) -> M:
        """As `post`, where more than the id is answered."""
        headers = {"Idempotency-Key": quote(key, safe=_KEY)}
        return self._call_once("POST", path, model, content=content, headers=headers)

    def _call_once(
        self,
        method: str,
        path: str,
        model: type[M],
        *,
        content: Json | None = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        within: Deadline | None = None,
    ) -> M:
        body = None if content is None else json.dumps(content).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        with http.harmless():
            answer = http.call(
                method,
                self._url + path,
                deadline=within or Deadline(self._deadline),
                body=body,
                params=params,
                headers={**self._headers, **kind, **(headers or {})},
                idempotent=True,
                tls=self._tls,
            )
            self._accept(answer)
            return http.read_json(answer, model)

    def _accept(self, answer: http.Answer) -> None:
        """Nothing for a success, otherwise what the status means."""
        if 200 <= answer.status < 300:
            return
        code = f"http_{answer.status}"
        if answer.status in (401, 403):
            raise Incident("not_authorised", code)
        if answer.status >= 500:
            raise AnswerLost("technical_error", code)
        if answer.status >= 400:
            raise self._refusal(answer)
        raise Incident("protocol_refused", code)


def segment(id: str) -> str:
    """Another system's id as one segment of an address.

    Raises:
        Refused: 'not_in_an_address': `.` and `..` are no segment, however they are encoded (RFC 3986 §6.2.2.3): what
            is asked for would be something else.
    """
    if id in (".", ".."):
        raise Refused("not_in_an_address")
    return quote(id, safe="")


def code_of(answer: http.Answer) -> str | None:
    """What a problem (RFC 9457) says that it is, where it says so."""
    try:
        return _Problem.model_validate_json(answer.body).code
    except ValidationError:
        return None


class _Problem(BaseModel):
    code: str | None = None


class _Made(BaseModel):
    id: Annotated[str, Field(min_length=1)]
