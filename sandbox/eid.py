"""The identity provider: OpenID Connect, where the region's people log in with their e-identification.

Source: OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, 7636 and 9207, OIDC Sweden 1.0. Of PKCE only S256, and
always; a code is good once, for a minute, and used up also by a call that does not fit it. What kind of provider it
is can be changed (`eid_kind`).
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlencode

from sandbox import eid_page, eid_token
from sandbox.eid_client import Clients
from sandbox.eid_kind import Kind
from sandbox.eid_request import LEVEL, LEVELS, error_in, form_of, levels
from sandbox.eid_token import IN_SCOPE, NUMBER_SCOPE, NUMBERS, WRONG, Signer
from sandbox.jose import encoded
from sandbox.people import People, Resident
from sandbox.web import BadRequest, Reply, Request, json_reply

Json = dict[str, Any]
CODE_LIFE = 60.0
LOGIN_LIFE = 600.0
SESSION = "eid-session"
IN_PART = (f"{NUMBERS}coordinationNumberLevel", f"{NUMBERS}previousCoordinationNumber")
"""What no scope asks for."""
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
NO_STORE = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Code:
    """What a code stands for. `asked` is the query of the authentication request, `logged_in` seconds since 1970."""

    asked: dict[str, str]
    person: Resident
    loa: int
    wrong: str
    logged_in: int
    at: float = field(default_factory=time.monotonic)

    def fits(self, client: str, form: dict[str, str]) -> bool:
        """Whether the call for the token is by the same client, in time, and knows the verifier."""
        verifier = form["code_verifier"]
        challenge = encoded(hashlib.sha256(verifier.encode()).digest())
        alive = self.wrong != "late" and time.monotonic() - self.at < CODE_LIFE
        same = client == self.asked["client_id"] and form["redirect_uri"] == self.asked["redirect_uri"]
        known = VERIFIER.fullmatch(verifier) is not None and challenge == self.asked["code_challenge"]
        return alive and same and known


@dataclass(frozen=True, slots=True)
class Session:
    """Someone has logged in here, in one browser."""

    person: str
    loa: int
    at: int


class Eid:
    """The provider.

    Attributes:
        issuer: where it is reached.
        redirect_uri: the one address that it sends people back to.
        clients: who is registered here.
        kind: what kind of provider it is.
    """

    def __init__(self, people: People, redirect_uri: str) -> None:
        self.issuer = ""
        self.redirect_uri = redirect_uri
        self.clients = Clients()
        self.signer = Signer()
        self._people = people
        self.clear()

    def clear(self) -> None:
        """Forgets all logins, and is the usual kind again."""
        self.kind = Kind()
        self._sessions: dict[str, Session] = {}
        self._asked: dict[str, tuple[float, dict[str, str]]] = {}
        self._codes: dict[str, Code] = {}
        self.logins: list[Json] = []

    def handle(self, request: Request) -> Reply:
        """One call of a browser or of a client."""
        match request.method, request.path:
            case "GET", ".well-known/openid-configuration":
                return json_reply(self._about())
            case "GET", "jwks":
                return json_reply(self.signer.keys(self.kind))
            case "GET", "authorize":
                return self._ask(request.query, self._session(request))
            case "POST", "authorize":
                return self._answer(form_of(request))
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
            "id_token_signing_alg_values_supported": [self.kind.algorithm],
            "scopes_supported": ["openid", NUMBER_SCOPE],
            "claims_supported": [*IN_SCOPE, *IN_PART, "acr", "auth_time"],
            "claims_parameter_supported": self.kind.claims,
            "request_parameter_supported": False,
            "acr_values_supported": list(LEVELS),
            "token_endpoint_auth_methods_supported": list(self.kind.methods),
            "token_endpoint_auth_signing_alg_values_supported": list(self.kind.takes),
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": self.kind.names_itself,
        }

    def _ask(self, asked: dict[str, str], session: Session | None) -> Reply:
        """The form, or at once an answer; or, where nobody can tell back to whom, neither."""
        known = self.clients.knows(asked.get("client_id", ""))
        if not known or asked.get("redirect_uri") != self.redirect_uri:
            return eid_page.refusal(400, "unknown client_id, or redirect_uri not registered for it")
        if error := error_in(asked, self.kind):
            return self._back(asked, {"error": error})
        person = self._people.get(session.person) if session else None
        if session and person and (self.kind.keeps_session or not self._is_to_log_in(asked, session)):
            return self._give_code(asked, person, session, "")
        login = secrets.token_urlsafe(16)
        self._asked[login] = time.monotonic(), asked
        wanted = [LEVELS[acr] for acr in levels(asked, self.kind) if acr in LEVELS]
        return eid_page.log_in(login, self._people.all(), wanted[0] if wanted else 3)

    def _session(self, request: Request) -> Session | None:
        """Of this browser, if someone has logged in by it before."""
        try:
            cookies = SimpleCookie(request.headers.get("cookie", ""))
        except CookieError:
            return None
        return self._sessions.get(cookies[SESSION].value) if SESSION in cookies else None

    def _is_to_log_in(self, asked: dict[str, str], session: Session) -> bool:
        """Whether the person has to log in anew (Core §3.1.2.1)."""
        oldest = self._now() - int(asked["max_age"]) if "max_age" in asked else 0
        return "login" in asked.get("prompt", "").split() or session.at <= oldest

    def _now(self) -> int:
        return int(time.time()) + self.kind.clock

    def _give_code(self, asked: dict[str, str], person: Resident, session: Session, wrong: str) -> Reply:
        code = secrets.token_urlsafe(32)
        self._codes[code] = Code(asked, person, session.loa, wrong, session.at)
        return self._back(asked, {"code": code})

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
        wanted = eid_token.levels(asked, self.kind) if self.kind.unmet == "refused" else []
        if wanted and f"{LEVEL}{loa}" not in wanted:
            return self._back(asked, {"error": "unmet_authentication_requirements"})
        self._note(form, "logged_in")
        session, name = Session(person.id, int(loa), self._now()), secrets.token_urlsafe(16)
        self._sessions[name] = session
        back = self._give_code(asked, person, session, wrong)
        back.headers["set-cookie"] = f"{SESSION}={name}; Path=/eid; HttpOnly; SameSite=Lax"
        return back

    def _note(self, form: dict[str, str], ended: str) -> None:
        now = datetime.now(UTC).isoformat()
        told = {"patient": form.get("personnummer", ""), "loa": form.get("loa", "")}
        self.logins.append({"at": now, "ended": ended, "wrong": form.get("wrong", "")} | told)

    def _back(self, asked: dict[str, str], says: dict[str, str]) -> Reply:
        named = {"iss": self.issuer} if self.kind.names_itself else {}
        answer = says | named | ({"state": asked["state"]} if asked.get("state") else {})
        to = f"{asked['redirect_uri']}?{urlencode(answer)}"
        return Reply(303, b"", "text/plain; charset=utf-8", {"location": to} | NO_STORE)

    def _token(self, request: Request) -> Reply:
        form, places = form_of(request), {self.issuer, f"{self.issuer}/token"}
        client = self.clients.calls(request.headers.get("authorization", ""), form, self.kind, places)
        if client is None:
            return _error("invalid_client", 401)
        if form.get("grant_type") != "authorization_code":
            return _error("unsupported_grant_type")
        if not {"code", "redirect_uri", "code_verifier"} <= set(form):
            return _error("invalid_request")
        code = self._codes.pop(form["code"], None)
        if code is None or not code.fits(client, form):
            return _error("invalid_grant")
        token = self.signer.token(self._claims(code), self.kind, code.wrong)
        about = {"token_type": "Bearer", "expires_in": 60, "access_token": secrets.token_urlsafe(32)}
        answer = json_reply(about | {"id_token": token})
        return Reply(200, answer.body, headers=NO_STORE)

    def _claims(self, code: Code) -> Json:
        now, asked = self._now(), code.asked
        claims: Json = {
            "iss": self.issuer,
            "sub": eid_token.subject(self.issuer, code.person),
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        }
        wanted = eid_token.essential(asked, self.kind)
        if self.kind.auth_time == "always" or "max_age" in asked or wanted.get("auth_time"):
            claims["auth_time"] = code.logged_in
        return claims | eid_token.told(code.person, f"{LEVEL}{code.loa}", asked, self.kind)


def _error(code: str, status: int = 400) -> Reply:
    answer = json_reply({"error": code}, status)
    challenge = {"www-authenticate": 'Basic realm="eid"'} if status == 401 else {}
    return Reply(status, answer.body, headers=NO_STORE | challenge)
