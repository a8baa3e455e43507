"""The identity provider: OpenID Connect, where the region's people log in with their e-identification.

Source: OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, 7636 and 9207, OIDC Sweden 1.0. Of PKCE only S256; a
code is good once, for a minute, and used up also by a call that does not fit it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

from sandbox import eid_page
from sandbox.eid_token import NUMBERS, WRONG, Signer, encoded
from sandbox.people import People, Resident
from sandbox.web import BadRequest, Reply, Request, json_reply

Json = dict[str, Any]
NUMBER_SCOPE = "https://id.oidc.se/scope/naturalPersonNumber"
LEVEL = "http://id.elegnamnden.se/loa/1.0/loa"
LEVELS = {f"{LEVEL}{level}": level for level in (2, 3, 4)}
CODE_LIFE = 60.0
LOGIN_LIFE = 600.0
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
FORM = "application/x-www-form-urlencoded"
NO_STORE = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Code:
    """What a code stands for. `asked` is the query of the authentication request."""

    asked: dict[str, str]
    person: Resident
    loa: int
    wrong: str
    at: float = field(default_factory=time.monotonic)

    def fits(self, client: str, form: dict[str, str]) -> bool:
        """Whether the call for the token is by the same client, in time, and knows the verifier."""
        verifier = form["code_verifier"]
        challenge = encoded(hashlib.sha256(verifier.encode()).digest())
        alive = self.wrong != "late" and time.monotonic() - self.at < CODE_LIFE
        same = client == self.asked["client_id"] and form["redirect_uri"] == self.asked["redirect_uri"]
        known = VERIFIER.fullmatch(verifier) is not None and challenge == self.asked["code_challenge"]
        return alive and same and known


class Eid:
    """The provider.

    Attributes:
        issuer: where it is reached.
        redirect_uri: the one address that it sends people back to.
        account: client id and secret that it has given out; None: any.
    """

    def __init__(self, people: People, redirect_uri: str) -> None:
        self.issuer = ""
        self.redirect_uri = redirect_uri
        self.account: tuple[str, str] | None = None
        self._people = people
        self._signer = Signer()
        self.clear()

    def clear(self) -> None:
        """Forgets all logins."""
        self._asked: dict[str, tuple[float, dict[str, str]]] = {}
        self._codes: dict[str, Code] = {}
        self.logins: list[Json] = []

    def handle(self, request: Request) -> Reply:
        """One call of a browser or of a client."""
        match request.method, request.path:
            case "GET", ".well-known/openid-configuration":
                return json_reply(self._about())
            case "GET", "jwks":
                return json_reply(self._signer.keys())
            case "GET", "authorize":
                return self._ask(request.query)
            case "POST", "authorize":
                return self._answer(_form(request))
            case "POST", "token":
                return self._token(request)
        raise BadRequest(404, "no such resource")

    def inspect(self, query: dict[str, str]) -> Json:
        """Every login that was begun here and how it ended; `patient` chooses."""
        chosen = [one for one in self.logins if query.get("patient", one["patient"]) == one["patient"]]
        return {"logins": chosen}

    def _about(self) -> Json:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "scopes_supported": ["openid", NUMBER_SCOPE],
            "acr_values_supported": list(LEVELS),
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def _ask(self, asked: dict[str, str]) -> Reply:
        """The form; or back with an error; or, where nobody can tell back to whom, neither."""
        known = asked.get("client_id") and (self.account is None or asked["client_id"] == self.account[0])
        if not known or asked.get("redirect_uri") != self.redirect_uri:
            return eid_page.refusal(400, "unknown client_id, or redirect_uri not registered for it")
        if error := _error_in(asked):
            return self._back(asked, {"error": error})
        login = secrets.token_urlsafe(16)
        self._asked[login] = time.monotonic(), asked
        wanted = [LEVELS[acr] for acr in asked.get("acr_values", "").split() if acr in LEVELS]
        return eid_page.log_in(login, self._people.all(), wanted[0] if wanted else 3)

    def _answer(self, form: dict[str, str]) -> Reply:
        since, asked = self._asked.pop(form.get("login", ""), (0.0, {}))
        if not asked or time.monotonic() - since > LOGIN_LIFE:
            return eid_page.refusal(400, "this login is over")
        person = self._people.get(form.get("personnummer", ""))
        if form.get("do") == "cancel":
            self._note(form, "cancelled")
            return self._back(asked, {"error": "access_denied"})
        loa, wrong = form.get("loa", "3"), form.get("wrong", "")
        if f"{LEVEL}{loa}" not in LEVELS or wrong not in ("", *WRONG):
            return eid_page.refusal(400, "loa is 2, 3 or 4; wrong one of what the form lists")
        if person is None or not person.e_id or person.type == "reservnummer":
            self._note(form, "no_e_id")
            return eid_page.refusal(403, "this person has no e-identification")
        code = secrets.token_urlsafe(32)
        self._codes[code] = Code(asked, person, int(loa), wrong)
        self._note(form, "logged_in")
        return self._back(asked, {"code": code})

    def _note(self, form: dict[str, str], ended: str) -> None:
        now = datetime.now(UTC).isoformat()
        told = {"patient": form.get("personnummer", ""), "loa": form.get("loa", "")}
        self.logins.append({"at": now, "ended": ended, "wrong": form.get("wrong", "")} | told)

    def _back(self, asked: dict[str, str], says: dict[str, str]) -> Reply:
        answer = says | {"iss": self.issuer} | ({"state": asked["state"]} if asked.get("state") else {})
        to = f"{asked['redirect_uri']}?{urlencode(answer)}"
        return Reply(303, b"", "text/plain; charset=utf-8", {"location": to} | NO_STORE)

    def _token(self, request: Request) -> Reply:
        client = self._client(request.headers.get("authorization", ""))
        if client is None:
            return _error("invalid_client", 401)
        form = _form(request)
        if form.get("grant_type") != "authorization_code":
            return _error("unsupported_grant_type")
        if not {"code", "redirect_uri", "code_verifier"} <= set(form):
            return _error("invalid_request")
        code = self._codes.pop(form["code"], None)
        if code is None or not code.fits(client, form):
            return _error("invalid_grant")
        token = self._signer.token(self._claims(code), code.wrong)
        about = {"token_type": "Bearer", "expires_in": 60, "access_token": secrets.token_urlsafe(32)}
        answer = json_reply(about | {"id_token": token})
        return Reply(200, answer.body, headers=NO_STORE)

    def _client(self, authorization: str) -> str | None:
        scheme, _, value = authorization.partition(" ")
        try:
            pair = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        client, secret = unquote_plus(pair[0]), unquote_plus(pair[2])
        wanted = self.account or (client, secret)
        right = hmac.compare_digest(f"{client}:{secret}".encode(), ":".join(wanted).encode())
        return client if scheme.lower() == "basic" and client and secret and right else None

    def _claims(self, code: Code) -> Json:
        now = int(time.time())
        claims: Json = {
            "iss": self.issuer,
            "sub": hashlib.sha256(f"{self.issuer} {code.person.id}".encode()).hexdigest(),
            "aud": code.asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": code.asked["nonce"],
            "acr": f"{LEVEL}{code.loa}",
        }
        return claims | _number(code.person) if NUMBER_SCOPE in code.asked["scope"].split() else claims


def _number(person: Resident) -> Json:
    if person.type == "samordningsnummer":
        return {f"{NUMBERS}coordinationNumber": person.id, f"{NUMBERS}coordinationNumberLevel": "confirmed"}
    return {f"{NUMBERS}personalIdentityNumber": person.id}


def _error_in(asked: dict[str, str]) -> str | None:
    """What is wrong with an authentication request, by the codes of the standards."""
    scopes, levels = asked.get("scope", "").split(), asked.get("acr_values", "").split()
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in scopes or not set(scopes) <= {"openid", NUMBER_SCOPE}:
        return "invalid_scope"
    challenge = asked.get("code_challenge", "") if asked.get("code_challenge_method") == "S256" else ""
    if not CHALLENGE.fullmatch(challenge) or not asked.get("state") or not asked.get("nonce"):
        return "invalid_request"
    if asked.get("prompt") == "none":
        return "login_required"
    return "unmet_authentication_requirements" if levels and not set(levels) & set(LEVELS) else None


def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return {}
    return dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))


def _error(code: str, status: int = 400) -> Reply:
    answer = json_reply({"error": code}, status)
    challenge = {"www-authenticate": 'Basic realm="eid"'} if status == 401 else {}
    return Reply(status, answer.body, headers=NO_STORE | challenge)
