"""What a provider publishes of itself: where everything is, what it knows, and its keys.

Source: OpenID Connect Discovery 1.0, RFC 8414, RFC 9207; OIDC Sweden 1.0, §5. Kept for ten minutes; its keys are
asked for anew where a token names one that is not among them, but not twice within half a minute.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from engine.base import clock
from engine.base.errors import Incident, NotSent, Refused
from systems import http
from systems.deadline import Deadline
from systems.oidc_keys import Json

CODES = {
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
}
KEPT = timedelta(minutes=10)
"""How long what a provider publishes of itself is taken as it was."""
ANEW = timedelta(seconds=30)
"""How often its keys are asked for out of turn, at most."""

M = TypeVar("M", bound=BaseModel)


class About(BaseModel):
    """A provider's own description, as far as we read it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    acr_values_supported: list[str] = Field(default_factory=list)
    id_token_signing_alg_values_supported: list[str] = Field(default_factory=list)
    token_endpoint_auth_signing_alg_values_supported: list[str] = Field(default_factory=list)
    claims_parameter_supported: bool = False
    authorization_response_iss_parameter_supported: bool = False


class Published:
    """What one provider publishes.

    Args:
        issuer: its URL, exactly as its own documents have it.
    """

    def __init__(self, issuer: str, tls: http.Tls | None) -> None:
        self._issuer, self._tls = issuer, tls
        self._lock = threading.Lock()
        self.ask_anew()

    def ask_anew(self) -> None:
        """Ask for everything anew."""
        self._known: _Known | None = None
        self._keys: _Keys | None = None
        self._next = clock.now()

    def about(self, deadline: Deadline) -> About:
        """Where everything is.

        Raises:
            NotSent: it does not answer, or not as it should; SystemDown among them.
            Incident: 'protocol_refused' ('issuer', 'not_https'), 'bad_address', 'tls_failed'.
        """
        known = self._known
        if known is not None and clock.now() - known.at < KEPT:
            return known.about
        about = self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration", About, deadline)
        if about.issuer != self._issuer:
            raise Incident("protocol_refused", "issuer")
        ends = (about.authorization_endpoint, about.token_endpoint, about.jwks_uri)
        if self._issuer.startswith("https:") and not all(end.startswith("https:") for end in ends):
            raise Incident("protocol_refused", "not_https")
        self._known = _Known(about, clock.now())
        return about

    def keys(self, deadline: Deadline, *, anew: bool) -> Collection[Json]:
        """Its JWKs. One login at a time asks for them; who waited for it takes what it got.

        Args:
            anew: what is known does not fit.

        Raises:
            NotSent, Incident: as `about`.
        """
        about = self.about(deadline)
        with self._lock:
            known = self._keys
            if known is not None and clock.now() < (self._next if anew else known.at + KEPT):
                return known.keys
            if anew:
                self._next = clock.now() + ANEW
            found = self._get(about.jwks_uri, _Jwks, deadline).keys
            self._keys = _Keys(found, clock.now())
            return found

    def _get(self, url: str, model: type[M], deadline: Deadline) -> M:
        with http.harmless():
            answer = http.call("GET", url, deadline=deadline, idempotent=True, tls=self._tls)
            accept(answer)
            return http.read_json(answer, model)


def accept(answer: http.Answer) -> None:
    """Nothing for 200, otherwise what the status means."""
    if answer.status == 200:
        return
    code = f"http_{answer.status}"
    if answer.status >= 500:
        raise NotSent("technical_error", code)
    said = _error_code(answer)
    if said == "invalid_grant":
        raise Refused("login_too_late", said)
    if answer.status in (401, 403) or said in ("invalid_client", "unauthorized_client"):
        raise Incident("not_authorised", said or code)
    raise Incident("protocol_refused", said or code)


def _error_code(answer: http.Answer) -> str | None:
    """Its error code, if it is one that is known."""
    try:
        said = _Error.model_validate_json(answer.body).error
    except ValidationError:
        return None
    return said if said in CODES else None


class _Jwks(BaseModel):
    keys: list[dict[str, Any]]


class _Error(BaseModel):
    error: str


@dataclass(frozen=True)
class _Known:
    """What it publishes, and since when we know it."""

    about: About
    at: datetime


@dataclass(frozen=True)
class _Keys:
    keys: Collection[Json] = field(repr=False)
    at: datetime
