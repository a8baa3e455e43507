"""Who has logged in at a visit's page: a sealed cookie, for ten minutes, shown at that page alone.

A cookie and no table, as for a login that has begun (`gateway.login.cookies`): any gateway can read it, and nothing
is left when it is over. It is long enough to press a button; nobody else who has the phone in the evening is let in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from fastapi.responses import Response

from engine.base import clock
from systems.eid import LoggedIn

LIFE = 600
"""Seconds."""
NAME = "visit-login"


@dataclass(frozen=True)
class Shown:
    """Who has logged in, with what the forms of their page have in them, which no other page can know."""

    who: LoggedIn
    form_token: str = field(repr=False)


class LoginCookie:
    """Gives, reads and takes the cookie.

    Args:
        key: 32 bytes, the same at every gateway (`Settings.login_key`).
        secure: only ever sent over TLS.
    """

    def __init__(self, key: bytes, *, secure: bool) -> None:
        own = hmac.digest(key, b"visits", "sha256")
        self._secure, self._key = secure, own
        self._seal = Fernet(base64.urlsafe_b64encode(own))

    def let_in(self, response: Response, path: str, who: LoggedIn) -> None:
        """They are logged in at this path from now on, and nowhere else."""
        said = json.dumps(asdict(who) | {"at": who.at.isoformat(), "path": path})
        sealed = self._seal.encrypt_at_time(said.encode(), _now())
        response.set_cookie(
            NAME,
            sealed.decode(),
            max_age=LIFE,
            path=path,
            secure=self._secure,
            httponly=True,
            samesite="lax",  # it has to be there when they come back from the provider
        )

    def read_back(self, cookies: Mapping[str, str], path: str) -> Shown | None:
        """Who has logged in at this path; None: nobody, or too long ago."""
        sealed = cookies.get(NAME, "").encode()
        try:
            said = json.loads(self._seal.decrypt_at_time(sealed, LIFE, _now()))
        except InvalidToken:
            return None
        if said.pop("path") != path:
            return None
        who = LoggedIn(**said | {"at": datetime.fromisoformat(said["at"])})
        return Shown(who, hmac.new(self._key, sealed, hashlib.sha256).hexdigest())

    def take_off(self, response: Response, path: str) -> None:
        """They are logged out."""
        response.delete_cookie(NAME, path=path, secure=self._secure, httponly=True, samesite="lax")


def _now() -> int:
    return int(clock.now().timestamp())
