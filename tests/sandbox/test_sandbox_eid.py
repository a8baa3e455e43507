"""The identity provider: what it gives, and what it refuses."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet
from lxml import html
from sandbox_driver import ADULT, Driver

from sandbox import eid

ACCOUNT = ("client", "secret")
NUMBER = "https://id.oidc.se/claim/personalIdentityNumber"
VERIFIER = secrets.token_urlsafe(32)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def provider(town: Driver) -> Iterator[Driver]:
    town.sandbox.region.eid.account = ACCOUNT
    town.lives_here()
    yield town
    town.sandbox.region.eid.account = None


def back_at(town: Driver) -> str:
    return f"{town.gateway.url}/l/callback"


def ask(town: Driver, **changed: str | None) -> requests.Response:
    asked: dict[str, str | None] = {
        "response_type": "code",
        "client_id": ACCOUNT[0],
        "redirect_uri": back_at(town),
        "scope": f"openid {eid.NUMBER_SCOPE}",
        "state": "s",
        "nonce": "n",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "acr_values": "http://id.elegnamnden.se/loa/1.0/loa3",
    }
    url = f"{town.sandbox.url}/eid/authorize"
    return town.session.get(url, params=asked | changed, timeout=10, allow_redirects=False)


def answer(town: Driver, page: requests.Response, **filled: str) -> requests.Response:
    form = {"login": html.fromstring(page.text).forms[0].fields["login"], "personnummer": ADULT, "loa": "3"}
    url = f"{town.sandbox.url}/eid/authorize"
    return town.session.post(url, data=form | {"do": "login"} | filled, timeout=10, allow_redirects=False)


def said(redirect: requests.Response) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(redirect.headers["location"]).query))


def code(town: Driver, **changed: Any) -> str:
    return said(answer(town, ask(town, **changed)))["code"]


def token(town: Driver, login: tuple[str, str] = ACCOUNT, **form: str) -> requests.Response:
    given = {"grant_type": "authorization_code", "redirect_uri": back_at(town), "code_verifier": VERIFIER}
    return town.session.post(f"{town.sandbox.url}/eid/token", data=given | form, auth=login, timeout=10)


def claims(town: Driver, given: requests.Response) -> dict[str, Any]:
    keys = KeySet.import_key_set(town.get("/eid/jwks"))
    return dict(jwt.decode(given.json()["id_token"], keys, algorithms=["ES256"]).claims)


def test_it_tells_where_everything_is(provider: Driver) -> None:
    about = provider.get("/eid/.well-known/openid-configuration")
    assert about["issuer"] == f"{provider.sandbox.url}/eid"
    assert about["code_challenge_methods_supported"] == ["S256"]


def test_a_login_gives_a_signed_token_of_who_it_was(provider: Driver) -> None:
    given = token(provider, code=code(provider))
    about = claims(provider, given)
    wanted = {"iss": f"{provider.sandbox.url}/eid", "aud": ACCOUNT[0], "nonce": "n", NUMBER: ADULT}
    assert {name: about[name] for name in wanted} == wanted
    assert about["acr"] == "http://id.elegnamnden.se/loa/1.0/loa3"
    assert 0 < about["exp"] - time.time() <= 300
    assert given.headers["cache-control"] == "no-store"


def test_the_number_is_told_only_to_who_asks_for_it(provider: Driver) -> None:
    about = claims(provider, token(provider, code=code(provider, scope="openid")))
    assert ADULT not in json.dumps(about)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": VERIFIER[:20]}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"acr_values": "loa3"}, "unmet_authentication_requirements"),
    ],
)
def test_a_request_that_is_wrong_is_sent_back_with_its_error(
    provider: Driver, changed: dict[str, Any], error: str
) -> None:
    told = said(ask(provider, **changed))
    assert told["error"] == error
    assert told.get("state") == ("s" if changed.get("state", "s") else None)


@pytest.mark.parametrize(
    "changed", [{"client_id": "other"}, {"client_id": None}, {"redirect_uri": "http://127.0.0.1/l/callback"}]
)
def test_to_a_stranger_nobody_is_sent_back(provider: Driver, changed: dict[str, Any]) -> None:
    refused = ask(provider, **changed)
    assert (refused.status_code, refused.headers.get("location")) == (400, None)


def test_a_code_is_good_once(provider: Driver) -> None:
    given = code(provider)
    assert token(provider, code=given).status_code == 200
    assert token(provider, code=given).json() == {"error": "invalid_grant"}


def test_a_code_is_good_for_a_minute(provider: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    assert eid.CODE_LIFE == 60
    given = code(provider)
    monkeypatch.setattr(eid, "CODE_LIFE", 0.0)
    assert token(provider, code=given).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"code": "guessed"}, "invalid_grant"),
        ({"code_verifier": secrets.token_urlsafe(32)}, "invalid_grant"),
        ({"code_verifier": CHALLENGE}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1/other"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_code_is_good_only_for_who_asked_for_it_and_is_used_up_by_others(
    provider: Driver, form: dict[str, str], error: str
) -> None:
    given = code(provider)
    assert token(provider, **{"code": given} | form).json() == {"error": error}
    spoilt = error == "invalid_grant" and "code" not in form
    assert token(provider, code=given).ok is not spoilt


@pytest.mark.parametrize("login", [("client", "guessed"), ("other", "secret"), ("client", ""), ("", "")])
def test_a_client_without_its_secret_gets_nothing(provider: Driver, login: tuple[str, str]) -> None:
    refused = token(provider, login, code=code(provider))
    assert (refused.status_code, refused.json()) == (401, {"error": "invalid_client"})


def test_who_cancels_is_sent_back_without_a_code(provider: Driver) -> None:
    told = said(answer(provider, ask(provider), do="cancel"))
    assert (told["error"], told["state"], "code" in told) == ("access_denied", "s", False)


def test_who_has_no_e_identification_does_not_get_in(provider: Driver) -> None:
    provider.lives_here(e_id=False)
    assert answer(provider, ask(provider)).status_code == 403
    assert [one["ended"] for one in provider.get("/inspect/eid")["logins"]] == ["no_e_id"]


def test_a_login_is_answered_once(provider: Driver) -> None:
    page = ask(provider)
    assert answer(provider, page).status_code == 303
    assert answer(provider, page).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"link": "https://example.com/l/x"},
        {"link": None},
        {"loa": 1},
        {"wrong": "everything"},
    ],
)
def test_a_browser_goes_nowhere_but_to_the_gateway(provider: Driver, wrong: dict[str, Any]) -> None:
    asked = {"link": f"{provider.gateway.url}/l/x", "personnummer": ADULT} | wrong
    assert provider.post("/act/login", asked).status_code == 422


def test_faults_are_played(provider: Driver) -> None:
    provider.fault("eid", "down", times=1)
    url = f"{provider.sandbox.url}/eid/jwks"
    assert [provider.session.get(url, timeout=5).status_code for _ in range(2)] == [503, 200]
