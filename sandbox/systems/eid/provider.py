"""An identity provider: OpenID Connect, where the region's people, or its staff (`staff`), log in.

Source: OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, 7636 and 9207, OIDC Sweden 1.0. Of PKCE only S256, and
always; a code is good once, for a minute, and used up also by a call that does not fit it. What kind of provider it
is can be changed (`kind`).
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

from sandbox.systems.eid import id_token, page
from sandbox.systems.eid.clients import Clients
from sandbox.systems.eid.id_token import WRONG, Signer
from sandbox.systems.eid.jose import encoded
from sandbox.systems.eid.kind import Kind
from sandbox.systems.eid.realm import Holder, Realm
from sandbox.systems.eid.request import error_in, form_of, levels, reached
from sandbox.systems.system import System
from sandbox.wire.web import BadRequest, Reply, Request, json_reply

Json = dict[str, Any]
CODE_LIFE = 60.0
LOGIN_LIFE = 600.0
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
NO_STORE = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Code:
    """What a code stands for. `asked` is the query of the authentication request, `logged_in` seconds since 1970."""

    asked: dict[str, str]
    holder: Holder
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
    """Someone has logged in here, in one browser. `value`: of whom."""

    value: str
    loa: int
    at: int


class Eid(System):
    """The provider.

    Attributes:
        issuer: where it is reached.
        realm: whom it logs in.
        redirect_uri: the one address that it sends people back to.
        clients: who is registered here.
        kind: what kind of provider it is.
    """

    def __init__(self, realm: Realm, gateway: str) -> None:
        self.issuer = ""
        self.realm = realm
        self.redirect_uri = f"{gateway}{realm.back}"
        self.clients = Clients()
        self.signer = Signer()
        self._cookie = f"{realm.name}-session"
        self.clear()

    def clear(self) -> None:
        """Forgets all logins, and is the usual kind again."""
        self.kind = Kind()
        self._sessions: dict[str, Session] = {}
        self._asked: dict[str, tuple[float, dict[str, str]]] = {}
        self._codes: dict[str, Code] = {}
        self.logins: list[Json] = []

    def respond(self, request: Request) -> Reply:
        """One call of a browser or of a client."""
        match request.method, request.path:
            case "GET", ".well-known/openid-configuration":
                return json_reply(self._about())
            case "GET", "jwks":
                return json_reply(self.signer.keys(self.kind))
            case "GET", "authorize":
                return self._authorize(request.query, self._session_of(request))
            case "POST", "authorize":
                return self._take_form(form_of(request))
            case "POST", "token":
                return self._token(request)
        raise BadRequest(404, "no such resource")

    def inspect(self, query: dict[str, str]) -> Json:
        """Every login that was begun here and how it ended; `patient`, or `staff`, chooses."""
        wanted = query.get(self.realm.noted)
        chosen = [one for one in self.logins if wanted in (None, one[self.realm.noted])]
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
            "scopes_supported": ["openid", *self.realm.scopes],
            "claims_supported": [*self.realm.claims, "acr", "auth_time"],
            "claims_parameter_supported": self.kind.claims,
            "request_parameter_supported": False,
            "acr_values_supported": list(reached(self.realm)),
            "token_endpoint_auth_methods_supported": list(self.kind.methods),
            "token_endpoint_auth_signing_alg_values_supported": list(self.kind.takes),
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": self.kind.names_itself,
        }

    def _authorize(self, asked: dict[str, str], session: Session | None) -> Reply:
        """The form, or at once an answer; or, where nobody can tell back to whom, neither."""
        known = self.clients.knows(asked.get("client_id", ""))
        if not known or asked.get("redirect_uri") != self.redirect_uri:
            return page.refusal(400, "unknown client_id, or redirect_uri not registered for it")
        if error := error_in(asked, self.kind, self.realm):
            return self._back(asked, {"error": error})
        holder = self.realm.find(session.value) if session else None
        if session and holder and (self.kind.keeps_session or not self._is_to_log_in(asked, session)):
            return self._give_code(asked, holder, session, "")
        login = secrets.token_urlsafe(16)
        self._asked[login] = time.monotonic(), asked
        figures = reached(self.realm)
        wanted = [figures[acr] for acr in levels(asked, self.kind) if acr in figures]
        return page.login_form(login, self.realm, wanted[0] if wanted else 3)

    def _session_of(self, request: Request) -> Session | None:
        """Of this browser, if someone has logged in by it before."""
        try:
            cookies = SimpleCookie(request.headers.get("cookie", ""))
        except CookieError:
            return None
        return self._sessions.get(cookies[self._cookie].value) if self._cookie in cookies else None

    def _is_to_log_in(self, asked: dict[str, str], session: Session) -> bool:
        """Whether the person has to log in anew (Core §3.1.2.1)."""
        oldest = self._now() - int(asked["max_age"]) if "max_age" in asked else 0
        return "login" in asked.get("prompt", "").split() or session.at <= oldest

    def _now(self) -> int:
        return int(time.time()) + self.kind.clock

    def _give_code(self, asked: dict[str, str], holder: Holder, session: Session, wrong: str) -> Reply:
        code = secrets.token_urlsafe(32)
        self._codes[code] = Code(asked, holder, session.loa, wrong, session.at)
        return self._back(asked, {"code": code})

    def _take_form(self, form: dict[str, str]) -> Reply:
        since, asked = self._asked.pop(form.get("login", ""), (0.0, {}))
        if not asked or time.monotonic() - since > LOGIN_LIFE:
            return page.refusal(400, "this login is over")
        holder = self.realm.find(form.get(self.realm.chosen_by, ""))
        if form.get("do") == "cancel":
            self._note_login(form, "cancelled")
            return self._back(asked, {"error": "access_denied"})
        loa, wrong = form.get("loa", "3"), form.get("wrong", "")
        acr = f"{self.realm.level}{loa}"
        if acr not in reached(self.realm) or wrong not in ("", *WRONG):
            return page.refusal(400, "loa is 2, 3 or 4; wrong one of what the form lists")
        if holder is None:
            self._note_login(form, "no_e_id")
            return page.refusal(403, "this person has no e-identification")
        wanted = id_token.levels(asked, self.kind) if self.kind.unmet == "refused" else []
        if wanted and acr not in wanted:
            return self._back(asked, {"error": "unmet_authentication_requirements"})
        self._note_login(form, "logged_in")
        session, name = Session(holder.value, int(loa), self._now()), secrets.token_urlsafe(16)
        self._sessions[name] = session
        back = self._give_code(asked, holder, session, wrong)
        back.headers["set-cookie"] = f"{self._cookie}={name}; Path=/{self.realm.name}; HttpOnly; SameSite=Lax"
        return back

    def _note_login(self, form: dict[str, str], ended: str) -> None:
        now = datetime.now(UTC).isoformat()
        told = {self.realm.noted: form.get(self.realm.chosen_by, ""), "loa": form.get("loa", "")}
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
        token = self.signer.token(self._claims(code), self.kind, code.wrong, self.realm.naming)
        about = {"token_type": "Bearer", "expires_in": 60, "access_token": secrets.token_urlsafe(32)}
        answer = json_reply(about | {"id_token": token})
        return Reply(200, answer.body, headers=NO_STORE)

    def _claims(self, code: Code) -> Json:
        now, asked = self._now(), code.asked
        claims: Json = {
            "iss": self.issuer,
            "sub": id_token.subject(self.issuer, code.holder),
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        }
        wanted = id_token.essential(asked, self.kind)
        if self.kind.auth_time == "always" or "max_age" in asked or wanted.get("auth_time"):
            claims["auth_time"] = code.logged_in
        return claims | id_token.claims_told(
            code.holder, f"{self.realm.level}{code.loa}", asked, self.kind, self.realm
        )


def _error(code: str, status: int = 400) -> Reply:
    answer = json_reply({"error": code}, status)
    challenge = {"www-authenticate": 'Basic realm="eid"'} if status == 401 else {}
    return Reply(status, answer.body, headers=NO_STORE | challenge)
