"""What a client asks of the identity provider, and what is wrong with it.

Source: OpenID Connect Core 1.0 §3.1.2.1, RFC 6749 §4.1.2.1, RFC 7636; OIDC Sweden 1.0, Profile §2.1 and §2.2.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from sandbox.systems.eid import id_token
from sandbox.systems.eid.kind import Kind
from sandbox.systems.eid.realm import Realm
from sandbox.wire.web import Request

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
FORM = "application/x-www-form-urlencoded"


def error_in(asked: dict[str, str], kind: Kind, realm: Realm) -> str | None:
    """What is wrong with an authentication request, by the codes of the standards."""
    scopes = asked.get("scope", "").split()
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in scopes or not set(scopes) <= {"openid", *realm.scopes}:
        return "invalid_scope"
    challenge = asked.get("code_challenge", "") if asked.get("code_challenge_method") == "S256" else ""
    if not CHALLENGE.fullmatch(challenge) or not asked.get("state") or not asked.get("nonce"):
        return "invalid_request"
    try:
        wanted = levels(asked, kind)
    except (ValueError, AttributeError, TypeError, KeyError):
        return "invalid_request"
    if not asked.get("max_age", "0").isdecimal():
        return "invalid_request"
    if asked.get("prompt") == "none":
        return "login_required"
    return "unmet_authentication_requirements" if wanted and not set(wanted) & set(reached(realm)) else None


def reached(realm: Realm) -> dict[str, int]:
    """Each level that a login can reach, and its figure."""
    return {f"{realm.level}{level}": level for level in (2, 3, 4)}


def levels(asked: dict[str, str], kind: Kind) -> list[str]:
    """What was asked for, essential or as a wish."""
    return id_token.levels(asked, kind) or asked.get("acr_values", "").split()


def form_of(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return {}
    return dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
