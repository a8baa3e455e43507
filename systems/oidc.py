"""A provider of logins by OpenID Connect: where a person logs in, and what it has signed of that.

Source: OpenID Connect Core 1.0 (authorization code), Discovery 1.0, RFC 7636 (PKCE, S256), RFC 9207 (`iss` in the
answer), RFC 6749 §5.2 (errors); the profile of OIDC Sweden 1.0. What is asked for, and what the claims mean, is for
the modules of each provider (`systems.eid`).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel

from engine.base.errors import Incident, NotSent
from systems import http, oidc_token
from systems.deadline import Deadline
from systems.oidc_client import ALWAYS, Client
from systems.oidc_keys import Json
from systems.oidc_published import About, Published, accept
from systems.oidc_token import Begun


@dataclass(frozen=True)
class Wanted:
    """What is asked of a provider.

    Args:
        scope: separated by spaces, `openid` among them.
        levels: of assurance (`acr`), any of which will do; the first is liked best.
        claims: that the ID token is to hold; True: essential.
    """

    scope: str
    levels: Sequence[str]
    claims: dict[str, bool]


class Provider:
    """Client of an OpenID Connect provider.

    Args:
        issuer: its URL, exactly as its own documents have it.
        client: us, as it has registered us.
        redirect_uri: where it sends the person back to us, registered there too.
        deadline: seconds, for all the calls of one method together.
    """

    def __init__(
        self,
        issuer: str,
        client: Client,
        redirect_uri: str,
        deadline: float = 12.0,
        tls: http.Tls | None = None,
    ) -> None:
        self._issuer, self._client, self.redirect_uri = issuer, client, redirect_uri
        self._deadline, self._tls = deadline, tls
        self._published = Published(issuer, tls)

    def ask_anew(self) -> None:
        """Ask for everything that it publishes anew."""
        self._published.ask_anew()

    def way_in(self, wanted: Wanted, begun: Begun, language: str) -> str:
        """The address at the provider where the person logs in. May block.

        Args:
            language: 'sv' or 'en'.

        Raises:
            NotSent: it does not answer, or not as it should; SystemDown among them.
            Incident: 'protocol_refused', 'bad_address', 'tls_failed'.
        """
        about = self._published.about(Deadline(self._deadline))
        asked = {
            "response_type": "code",
            "client_id": self._client.id,
            "redirect_uri": self.redirect_uri,
            "scope": wanted.scope,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": _challenge(begun.verifier),
            "code_challenge_method": "S256",
            "prompt": "login",  # consent is this login, not what is left of one on a shared machine;
            "max_age": "0",  # `auth_time` then shows that it was (Core §3.1.2.1)
            "claims": _claims(wanted, about),
            "ui_locales": language,
        }
        if not about.claims_parameter_supported:  # else only one of the two (OIDC Sweden 1.0, §2.1.6)
            asked["acr_values"] = " ".join(_levels(wanted, about))
        joint = "&" if urlsplit(about.authorization_endpoint).query else "?"
        return f"{about.authorization_endpoint}{joint}{urlencode(asked)}"

    def answers_as(self, issuer: str | None) -> bool:
        """Whether an answer is our provider's, by the issuer that it names (RFC 9207). May block.

        One that names none is, unless the provider has announced that its answers name it.

        Raises:
            NotSent, Incident: as `way_in`.
        """
        if issuer is not None:
            return oidc_token.is_same(issuer, self._issuer)
        about = self._published.about(Deadline(self._deadline))
        return not about.authorization_response_iss_parameter_supported

    def logged_in(self, code: str, begun: Begun) -> Json:
        """The claims of whoever logged in, for the code that they came back with. May block.

        Raises:
            Refused: 'login_too_late' (the code was used before, or has run out), 'login_not_verified' (what the
                provider signed is not what was asked for; detail: which part).
            NotSent: it does not answer, or not as it should; SystemDown among them. It takes a new login.
            Incident: 'not_authorised' (our secret or key), 'protocol_refused', 'bad_address', 'tls_failed'.
        """
        deadline = Deadline(self._deadline)
        try:
            about = self._published.about(deadline)
            token = self._token(about, code, begun.verifier, deadline)
        except (NotSent, Incident):
            self.ask_anew()  # what we knew of it may be what is wrong
            raise
        announced = about.id_token_signing_alg_values_supported or ALWAYS
        claims = oidc_token.verified_claims(
            token, announced, lambda anew: self._published.keys(deadline, anew=anew)
        )
        oidc_token.check_claims(claims, issuer=self._issuer, client_id=self._client.id, begun=begun)
        return claims

    def _token(self, about: About, code: str, verifier: str, deadline: Deadline) -> str:
        us = self._client.proof(
            about.token_endpoint, about.token_endpoint_auth_signing_alg_values_supported or ()
        )
        form = us.form | {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        if us.login is None:
            form["client_id"] = self._client.id
        with http.harmless():  # a code used up for nothing costs the person another login, and no more
            answer = http.call(
                "POST", about.token_endpoint, deadline=deadline, form=form, login=us.login, tls=self._tls
            )
            accept(answer)
            return http.read_json(answer, _Token).id_token


def _claims(wanted: Wanted, about: About) -> str:
    """The `claims` parameter (Core §5.5): everything in the ID token, where it is signed."""
    asked: dict[str, Any] = {
        name: {"essential": True} if essential else None for name, essential in wanted.claims.items()
    }
    asked["auth_time"] = {"essential": True}
    asked["acr"] = {"essential": True, "values": _levels(wanted, about)}
    return json.dumps({"id_token": asked}, separators=(",", ":"))


def _levels(wanted: Wanted, about: About) -> list[str]:
    """Those that the provider has; the first, if it has or announces none."""
    offered = about.acr_values_supported
    return [level for level in wanted.levels if level in offered] or list(wanted.levels[:1])


def _challenge(verifier: str) -> str:
    """What the provider is told of the verifier at first (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class _Token(BaseModel):
    id_token: str
