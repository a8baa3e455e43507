"""The identity provider: who has logged in, and how surely.

Source: OpenID Connect Core 1.0 (authorization code), Discovery 1.0, RFC 7636 (PKCE, S256), RFC 9207 (`iss` in the
answer), RFC 6749 §5.2 (errors); scope and levels of OIDC Sweden 1.0 (interfaces.md §5.2).

Nothing is kept between logins: a person takes half a minute over one, and what is not kept is never stale when
the provider changes its keys.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

from pydantic import BaseModel, ValidationError

from engine.errors import Incident, NotSent, Refused
from systems import eid_token, http
from systems.deadline import Deadline
from systems.eid_token import LEVELS, LoggedIn

SCOPE = "openid https://id.oidc.se/scope/naturalPersonNumber"
CODES = {
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
}

M = TypeVar("M", bound=BaseModel)


class Eid:
    """Client of an OpenID Connect provider.

    Args:
        issuer: its URL, exactly as its own documents have it.
        client_id, secret: as it has registered us.
        redirect_uri: where it sends the person back to us, registered there too.
        level: of assurance that is asked for. What was reached is told, and not judged here.
        deadline: seconds, for all the calls of one method together.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        secret: str,
        redirect_uri: str,
        level: int,
        deadline: float = 12.0,
        tls: http.Tls | None = None,
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._login = (quote_plus(client_id), quote_plus(secret))  # RFC 6749 §2.3.1
        self.redirect_uri = redirect_uri
        self._acr_values = " ".join(acr for acr, reached in LEVELS.items() if reached == level)
        self._deadline = deadline
        self._tls = tls

    def way_in(self, state: str, nonce: str, verifier: str, language: str) -> str:
        """The address at the provider where the person logs in. May block.

        Args:
            state, nonce, verifier: random, 43 characters each; kept until the person comes back.
            language: 'sv' or 'en'.

        Raises:
            NotSent: it does not answer, or not as it should; SystemDown among them.
            Incident: 'protocol_refused', 'bad_address', 'tls_failed'.
        """
        about = self._about(Deadline(self._deadline))
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self.redirect_uri,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
            "acr_values": self._acr_values,
            "prompt": "login",  # consent is this login, not what is left of one on a shared machine
            "ui_locales": language,
        }
        joint = "&" if urlsplit(about.authorization_endpoint).query else "?"
        return f"{about.authorization_endpoint}{joint}{urlencode(asked)}"

    def answers_as(self, issuer: str | None) -> bool:
        """Whether an answer that names its provider names ours (RFC 9207); one that names none may be ours."""
        return issuer is None or issuer == self._issuer

    def who(self, code: str, nonce: str, verifier: str) -> LoggedIn:
        """Who logged in, for the code that they came back with. May block.

        Raises:
            Refused: 'login_too_late' (the code was used before, or has run out), 'login_not_verified' (what the
                provider signed is not what was asked for).
            NotSent: it does not answer, or not as it should; SystemDown among them. It takes a new login.
            Incident: 'not_authorised' (our secret), 'protocol_refused', 'bad_address', 'tls_failed'.
        """
        deadline = Deadline(self._deadline)
        about = self._about(deadline)
        token = self._token(about.token_endpoint, code, verifier, deadline)
        keys = self._get(about.jwks_uri, _Keys, deadline).keys
        return eid_token.read(token, keys, issuer=self._issuer, client_id=self._client_id, nonce=nonce)

    def _about(self, deadline: Deadline) -> _About:
        about = self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration", _About, deadline)
        if about.issuer != self._issuer:
            raise Incident("protocol_refused", "issuer")
        ends = (about.authorization_endpoint, about.token_endpoint, about.jwks_uri)
        if self._issuer.startswith("https:") and not all(end.startswith("https:") for end in ends):
            raise Incident("protocol_refused", "not_https")
        return about

    def _get(self, url: str, model: type[M], deadline: Deadline) -> M:
        with http.harmless():
            answer = http.call("GET", url, deadline=deadline, idempotent=True, tls=self._tls)
            _accept(answer)
            return http.read_json(answer, model)

    def _token(self, url: str, code: str, verifier: str, deadline: Deadline) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        with http.harmless():  # a code used up in vain costs the person another login, and no more
            answer = http.call("POST", url, deadline=deadline, form=form, login=self._login, tls=self._tls)
            _accept(answer)
            return http.read_json(answer, _Token).id_token


def _challenge(verifier: str) -> str:
    """What the provider is told of the verifier at first (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _accept(answer: http.Answer) -> None:
    """Nothing for 200, otherwise what the status means."""
    if answer.status == 200:
        return
    code = f"http_{answer.status}"
    if answer.status >= 500:
        raise NotSent("technical_error", code)
    said = _said(answer)
    if said == "invalid_grant":
        raise Refused("login_too_late", said)
    if answer.status in (401, 403) or said in ("invalid_client", "unauthorized_client"):
        raise Incident("not_authorised", said or code)
    raise Incident("protocol_refused", said or code)


def _said(answer: http.Answer) -> str | None:
    """Its error code, if it is one that is known."""
    try:
        said = _Error.model_validate_json(answer.body).error
    except ValidationError:
        return None
    return said if said in CODES else None


class _About(BaseModel):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Keys(BaseModel):
    keys: list[dict[str, Any]]


class _Token(BaseModel):
    id_token: str


class _Error(BaseModel):
    error: str
