"""Who calls the identity provider for a token: by a secret, or by a statement signed with a registered key.

Source: RFC 6749 §2.3.1, OpenID Connect Core 1.0 §9, RFC 7523 §3.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from typing import Any
from urllib.parse import unquote_plus

from sandbox.systems.eid import jose
from sandbox.systems.eid.kind import Kind

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST = 600
"""Seconds that a statement may be good for at most."""


class Clients:
    """The clients that are registered.

    Attributes:
        account: client id and secret that were given out; None: any.
        keys: of the client, as JWK set; None: it has registered none.
    """

    def __init__(self) -> None:
        self.account: tuple[str, str] | None = None
        self.keys: dict[str, Any] | None = None
        self.seen: set[str] = set()

    def knows(self, client: str) -> bool:
        """Whether there is such a client."""
        return bool(client) and (self.account is None or client == self.account[0])

    def calls(self, authorization: str, form: dict[str, str], kind: Kind, places: set[str]) -> str | None:
        """The client id of who calls; None: it has not proved it.

        Args:
            places: whom a statement may be for: the issuer, and the token endpoint.
        """
        if "client_assertion" in form:
            stated = "private_key_jwt" in kind.methods and not authorization
            return self._stated(form, kind, places) if stated else None
        return self._basic(authorization) if "client_secret_basic" in kind.methods else None

    def _basic(self, authorization: str) -> str | None:
        scheme, _, value = authorization.partition(" ")
        try:
            pair = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        client, secret = unquote_plus(pair[0]), unquote_plus(pair[2])
        wanted = self.account or (client, secret)
        right = hmac.compare_digest(f"{client}:{secret}".encode(), ":".join(wanted).encode())
        return client if scheme.lower() == "basic" and client and secret and right else None

    def _stated(self, form: dict[str, str], kind: Kind, places: set[str]) -> str | None:
        registered = (self.keys or {}).get("keys", [])
        keys = {each["kid"]: jose.public(each) for each in registered}
        said = jose.verified(form["client_assertion"], keys, kind.takes)
        if said is None or form.get("client_assertion_type") != ASSERTION:
            return None
        client, now = said.get("iss"), time.time() + kind.clock
        right = (
            isinstance(client, str) and said.get("sub") == client == form.get("client_id", client),
            said.get("aud") in places,
            isinstance(said.get("exp"), int) and now < said["exp"] < now + LONGEST,
            isinstance(said.get("jti"), str) and said["jti"] not in self.seen,
        )
        if not all(right) or not isinstance(client, str) or not self.knows(client):
            return None
        self.seen.add(said["jti"])
        return client
