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
from joserfc.jwk import ECKey, KeySet
from joserfc.jws import JWSRegistry
from lxml import html
from sandbox_driver import ADULT, Driver

from sandbox.systems.eid.provider import CODE_LIFE
from sandbox.systems.eid.realm import NUMBER_SCOPE

ACCOUNT = ("client", "secret")
NUMBER = "https://id.oidc.se/claim/personalIdentityNumber"
VERIFIER = secrets.token_urlsafe(32)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def provider(town: Driver) -> Iterator[Driver]:
    town.sandbox.region.eid.clients.account = ACCOUNT
    town.lives_here()
    yield town
    town.sandbox.region.eid.clients.account = None
    town.sandbox.region.eid.clear()


def back_at(town: Driver) -> str:
    return f"{town.gateway.url}/l/callback"


def ask(town: Driver, *, new_browser: bool = True, **changed: str | None) -> requests.Response:
    if new_browser:
        town.session.cookies.clear()
    asked: dict[str, str | None] = {
        "response_type": "code",
        "client_id": ACCOUNT[0],
        "redirect_uri": back_at(town),
        "scope": f"openid {NUMBER_SCOPE}",
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
    lenient = JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    return dict(jwt.decode(given.json()["id_token"], keys, registry=lenient).claims)


def test_it_tells_where_everything_is(provider: Driver) -> None:
    about = provider.get("/eid/.well-known/openid-configuration")
    assert about["issuer"] == f"{provider.sandbox.url}/eid"
    assert about["code_challenge_methods_supported"] == ["S256"]


def test_a_login_gives_a_signed_token_of_who_it_was(provider: Driver) -> None:
    given = token(provider, code=code(provider))
    about = claims(provider, given)
    wanted = {"iss": f"{provider.sandbox.url}/eid", "aud": ACCOUNT[0], "nonce": "n", NUMBER: ADULT}
    assert {name: about[name] for name in wanted} == wanted
    assert abs(about["auth_time"] - time.time()) < 5
    assert 0 < about["exp"] - time.time() <= 300
    assert given.headers["cache-control"] == "no-store"


def test_the_number_is_told_only_to_who_asks_for_it(provider: Driver) -> None:
    about = claims(provider, token(provider, code=code(provider, scope="openid")))
    assert ADULT not in json.dumps(about)


LOA3 = "http://id.elegnamnden.se/loa/1.0/loa3"
LEVEL, BEFORE = (
    f"https://id.oidc.se/claim/{name}" for name in ("coordinationNumberLevel", "previousCoordinationNumber")
)


def wanting(**claims: Any) -> str:
    return json.dumps({"id_token": claims})


def test_only_what_was_asked_for_is_told(provider: Driver) -> None:
    """OIDC Sweden 1.0, Profile §3.2.1 and §4.2, Claims §3.2: the scope gives the number; the rest is asked for."""
    coordinated = provider.lives_here("197010632391")
    provider.lives_here(previous_coordination_number=coordinated)

    def told(number: str, **asked: Any) -> set[str]:
        given = said(answer(provider, ask(provider, **asked), personnummer=number))["code"]
        return set(claims(provider, token(provider, code=given)))

    plain = {"iss", "sub", "aud", "iat", "exp", "nonce", "auth_time"}
    assert told(ADULT) == plain | {NUMBER}
    assert told(ADULT, claims=wanting(acr={"values": [LOA3]})) == plain | {NUMBER}
    essential = wanting(acr={"essential": True, "values": [LOA3]}, **{BEFORE: None, LEVEL: None})
    assert told(ADULT, claims=essential) == plain | {NUMBER, "acr", BEFORE}
    number = "https://id.oidc.se/claim/coordinationNumber"
    assert told(coordinated, claims=essential) == plain | {number, "acr", LEVEL}
    assert provider.post("/provider", {"scope_claims": "userinfo", "claims": False}).status_code == 201
    assert told(ADULT, claims=essential) == plain


def test_who_has_logged_in_is_not_asked_again_unless_that_is_asked_for(provider: Driver) -> None:
    """OpenID Connect Core 1.0 §3.1.2.1: by `prompt` or `max_age`; one kind of provider heeds neither."""
    answer(provider, ask(provider))
    asked_again = [ask(provider, new_browser=False, **more).status_code == 200 for more in (
        {}, {"prompt": "login"}, {"max_age": "0"}, {"max_age": "600"},
    )]  # fmt: skip
    assert asked_again == [False, True, True, False]
    provider.post("/provider", {"keeps_session": True})
    assert "code" in said(ask(provider, new_browser=False, prompt="login", max_age="0"))


def test_a_client_may_state_who_it_is_once_with_its_own_key(provider: Driver) -> None:
    """OpenID Connect Core 1.0 §9: `private_key_jwt`."""
    key = ECKey.generate_key("P-256", {"kid": "ours"})
    registered = {"keys": {"keys": [key.as_dict(private=False)]}, "client": "private_key_jwt"}
    assert provider.post("/provider", registered).status_code == 201

    def stated(by: Any = key, **changed: Any) -> requests.Response:
        place, now = f"{provider.sandbox.url}/eid/token", int(time.time())
        about = {
            "iss": ACCOUNT[0],
            "sub": ACCOUNT[0],
            "aud": place,
            "exp": now + 60,
            "jti": secrets.token_hex(),
        }
        signed = jwt.encode({"alg": "ES256", "kid": "ours"}, about | changed, by)
        form = {
            "grant_type": "authorization_code",
            "redirect_uri": back_at(provider),
            "code_verifier": VERIFIER,
            "code": code(provider),
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": signed,
        }
        return provider.session.post(place, data=form, timeout=10)

    assert [stated(jti="once").status_code for _ in range(2)] == [200, 401]
    other = ECKey.generate_key("P-256", {"kid": "ours"})
    wrong = [
        {"aud": "https://another.example"},
        {"exp": 1},
        {"sub": "another"},
        {"iss": "another"},
        {"jti": None},
    ]
    assert {stated(**each).status_code for each in wrong} == {401}
    assert (stated(other).status_code, token(provider, code=code(provider)).status_code) == (401, 401)


@pytest.mark.parametrize(
    "given", [{"algorithm": "HS256"}, {"client": "none"}, {"clock": "fast"}, {"x": 1}, {"takes": ["none"]}]
)
def test_a_kind_of_provider_that_there_is_not_is_refused(provider: Driver, given: dict[str, Any]) -> None:
    assert provider.post("/provider", given).status_code == 422


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
        (
            {"claims": '{"id_token": {"acr": {"essential": true, "value": "loa3"}}}'},
            "unmet_authentication_requirements",
        ),
        ({"claims": "not JSON"}, "invalid_request"),
        ({"claims": '{"id_token": {"acr": 3}}'}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
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
    assert CODE_LIFE == 60
    given = code(provider)
    monkeypatch.setattr("sandbox.systems.eid.provider.CODE_LIFE", 0.0)
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
