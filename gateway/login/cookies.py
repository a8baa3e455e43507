"""What a login was begun with, until the person comes back: a sealed cookie for each, for ten minutes.

A cookie and no table: any gateway can finish what another has begun, there is nothing to sweep out, and a login
that nobody finishes costs nothing. What a table could do better, to see that a login is finished only once, the
provider does (a code is good for once) and the link itself.

Sealed (Fernet: AES and HMAC, compared in constant time), since it holds the token of the link. Named by its
login, so that two at once do not disturb each other.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Generic, TypeVar

from cryptography.fernet import Fernet, InvalidToken
from fastapi.responses import Response

from engine.base import clock
from systems import oidc_token

LIFE = 600
"""Seconds. A login takes half a minute; one who has to find their phone first, longer."""
STATE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, kw_only=True)
class Begun(oidc_token.Begun):
    """A login that has been begun: for what, and what its end has to fit.

    Args:
        token: of the link, or what else stands for it in the address.
        language: 'sv' or 'en'.
        way: what it is for (`gateway.login.ways.Way.name`); a link, where an older gateway has begun it.
    """

    token: str = field(repr=False)
    language: str
    way: str = "l"


B = TypeVar("B", bound=oidc_token.Begun)


class Cookies(Generic[B]):
    """Gives and takes the cookies.

    Args:
        kind: what is kept in one, `Begun` say.
        key: 32 bytes, the same at every gateway.
        path: where the person comes back to, and the only place that the browser shows it at.
        secure: only ever sent over TLS.
    """

    def __init__(self, kind: type[B], key: bytes, path: str, *, secure: bool) -> None:
        self._kind, self._path, self._secure = kind, path, secure
        self._seal = Fernet(base64.urlsafe_b64encode(key))

    def give(self, response: Response, begun: B) -> None:
        """Put it on the answer that sends the person to the provider."""
        sealed = self._seal.encrypt_at_time(json.dumps(asdict(begun)).encode(), _now())
        response.set_cookie(
            _name(begun.state),
            sealed.decode(),
            max_age=LIFE,
            path=self._path,
            secure=self._secure,
            httponly=True,
            samesite="lax",  # it has to come along when the provider sends the person back
        )

    def read_back(self, cookies: Mapping[str, str], state: str) -> B | None:
        """What this login was begun with; None: nothing here was, or too long ago."""
        if not STATE.fullmatch(state):
            return None
        sealed = cookies.get(_name(state), "").encode()
        try:
            begun = self._kind(**json.loads(self._seal.decrypt_at_time(sealed, LIFE, _now())))
        except (InvalidToken, TypeError):  # TypeError: begun before an upgrade
            return None
        return begun if hmac.compare_digest(begun.state.encode(), state.encode()) else None

    def take_off(self, response: Response, state: str) -> None:
        """Take it off the browser: this login is over."""
        response.delete_cookie(
            _name(state), path=self._path, secure=self._secure, httponly=True, samesite="lax"
        )


def _name(state: str) -> str:
    return f"login-{state[:16]}"


def _now() -> int:
    return int(clock.now().timestamp())
