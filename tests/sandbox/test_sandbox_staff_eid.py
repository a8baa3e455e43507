"""The staff's identity provider: who can log in, as what, and that it tells only what it was asked for."""

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
from joserfc import jwk, jwt
from joserfc.jws import JWSRegistry
from lxml import html
from sandbox_driver import UNIT, Driver

ACCOUNT = ("client", "secret")
LOA = "http://id.sambi.se/loa/loa"
VERIFIER = secrets.token_urlsafe(32)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ANNA, BO, CLARA, DAN = (f"SE2321000115-P00000000000{number}" for number in (1, 2, 3, 4))
ALWAYS = {"iss", "sub", "aud", "iat", "exp", "nonce", "auth_time"}
WANTED = (
    "employeeHsaId", "name", "given_name", "family_name", "commissionHsaId", "commissionPurpose", "commissionRight",
    "healthCareUnitHsaId", "healthCareProviderHsaId",
)  # fmt: skip


def commission(number: int, purpose: str = "Vård och behandling", **more: Any) -> dict[str, Any]:
    unit = {"hsa_id": UNIT, "name": "Vårdcentralen Halmstad"}
    return {"hsa_id": f"SE2321000115-U00000000000{number}", "purpose": purpose, "unit": unit} | more


STAFF: list[dict[str, Any]] = [
    {"hsa_id": ANNA, "name": "Anna Test", "title": "sjuksköterska",
     "commissions": [commission(1, right="Läsa;VoB;SJF"), commission(2, "Administration")]},
    {"hsa_id": BO, "name": "Bo Test", "commissions": []},
    {"hsa_id": CLARA, "name": "Clara Test", "commissions": [commission(3)], "e_id": False},
]  # fmt: skip


@pytest.fixture
def provider(town: Driver) -> Iterator[Driver]:
    town.sandbox.region.staff_eid.clients.account = ACCOUNT
    assert town.post("/staff", STAFF).status_code == 201
    town.session.cookies.clear()
    yield town
    town.sandbox.region.staff_eid.clients.account = None


def ask(town: Driver, *claims: str, **changed: str) -> requests.Response:
    asked = {
        "response_type": "code",
        "client_id": ACCOUNT[0],
        "redirect_uri": f"{town.gateway.url}/staff/login/callback",
        "scope": "openid",
        "state": "s",
        "nonce": "n",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "claims": json.dumps({"id_token": {name: {"essential": True} for name in claims}}),
    } | changed
    url = f"{town.sandbox.url}/staff_eid/authorize"
    return town.session.get(url, params=asked, timeout=10, allow_redirects=False)


def choices(page: requests.Response) -> list[str]:
    return [
        str(one) for one in html.fromstring(page.text).xpath("//select[@name='commission']/option/@value")
    ]


def answer(town: Driver, page: requests.Response, commission: str, **filled: str) -> requests.Response:
    form = {
        "login": html.fromstring(page.text).forms[0].fields["login"],
        "commission": commission,
        "do": "login",
    }
    url = f"{town.sandbox.url}/staff_eid/authorize"
    return town.session.post(url, data=form | filled, timeout=10, allow_redirects=False)


def said(redirect: requests.Response) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(redirect.headers["location"]).query))


def token(town: Driver, redirect: requests.Response, **form: str) -> requests.Response:
    given = {"grant_type": "authorization_code", "code_verifier": VERIFIER, "code": said(redirect)["code"]}
    given["redirect_uri"] = f"{town.gateway.url}/staff/login/callback"
    login = None if form else ACCOUNT
    return town.session.post(f"{town.sandbox.url}/staff_eid/token", data=given | form, auth=login, timeout=10)


def claims(town: Driver, given: requests.Response) -> dict[str, Any]:
    keys = jwk.KeySet.import_key_set(town.get("/staff_eid/jwks"))
    lenient = JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    return dict(jwt.decode(given.json()["id_token"], keys, registry=lenient).claims)


def as_anna(number: int) -> str:
    return f"{ANNA} SE2321000115-U00000000000{number}"


def told(town: Driver, who: str, *wanted: str, **filled: str) -> dict[str, Any]:
    return claims(town, token(town, answer(town, ask(town, *wanted, max_age="0"), who, **filled)))


def test_it_tells_where_it_is_and_what_it_can(provider: Driver) -> None:
    about = provider.get("/staff_eid/.well-known/openid-configuration")
    assert about["issuer"] == f"{provider.sandbox.url}/staff_eid"
    assert about["scopes_supported"] == ["openid"]
    assert about["acr_values_supported"] == [f"{LOA}2", f"{LOA}3", f"{LOA}4"]
    assert set(WANTED) < set(about["claims_supported"])
    assert about["token_endpoint_auth_methods_supported"] == ["client_secret_basic", "private_key_jwt"]


def test_one_with_several_commissions_logs_in_by_one_of_them(provider: Driver) -> None:
    page = ask(provider, *WANTED)
    assert choices(page) == [as_anna(1), as_anna(2), BO]
    about = told(provider, as_anna(1), *WANTED, "acr")
    assert {name: about[name] for name in (*WANTED, "acr")} == {
        "employeeHsaId": ANNA,
        "name": "Anna Test",
        "given_name": "Anna",
        "family_name": "Test",
        "commissionHsaId": "SE2321000115-U000000000001",
        "commissionPurpose": "Vård och behandling",
        "commissionRight": ["Läsa;VoB;SJF"],
        "healthCareUnitHsaId": UNIT,
        "healthCareProviderHsaId": "SE2321000115-V000000000001",
        "acr": f"{LOA}3",
    }
    assert abs(about["auth_time"] - time.time()) < 5
    assert told(provider, as_anna(2), *WANTED)["commissionPurpose"] == "Administration"


def test_only_what_was_asked_for_is_told(provider: Driver) -> None:
    """No scope gives anything, and of one without a commission there is no claim of one."""
    assert set(told(provider, as_anna(1))) == ALWAYS
    assert set(told(provider, as_anna(1), "employeeHsaId", "no such claim")) == ALWAYS | {"employeeHsaId"}
    assert set(told(provider, BO, *WANTED)) == ALWAYS | {*WANTED[:4]}
    assert said(ask(provider, scope="openid profile"))["error"] == "invalid_scope"


def test_who_has_no_card_or_is_not_known_does_not_get_in(provider: Driver) -> None:
    for who in (f"{CLARA} SE2321000115-U000000000003", DAN, ANNA, ""):
        assert answer(provider, ask(provider), who).status_code == 403
    assert said(answer(provider, ask(provider), BO, do="cancel"))["error"] == "access_denied"
    ended = [one["ended"] for one in provider.get("/inspect/staff_eid")["logins"]]
    assert ended == ["no_e_id"] * 4 + ["cancelled"]
    assert len(provider.get(f"/inspect/staff_eid?staff={BO}")["logins"]) == 1


def test_residents_and_staff_have_nothing_of_each_other(provider: Driver) -> None:
    """Keys, sessions, clients' callbacks, levels and kinds are each provider's own."""
    answer(provider, ask(provider), BO)
    assert ask(provider).status_code == 303
    assert provider.get("/staff_eid/jwks") != provider.get("/eid/jwks")
    assert ask(provider, redirect_uri=f"{provider.gateway.url}/l/callback").status_code == 400
    essential = json.dumps(
        {"id_token": {"acr": {"essential": True, "value": "http://id.elegnamnden.se/loa/1.0/loa3"}}}
    )
    assert said(ask(provider, claims=essential))["error"] == "unmet_authentication_requirements"
    assert provider.post("/provider/staff_eid", {"algorithm": "RS256"}).json()["algorithm"] == "RS256"
    assert provider.get("/eid/.well-known/openid-configuration")["id_token_signing_alg_values_supported"] == [
        "ES256"
    ]


def test_a_client_shows_itself_by_its_key(provider: Driver) -> None:
    """RFC 7523: the one way that a provider by OIDC Sweden has to know, and that a strict kind insists on."""
    key = jwk.ECKey.generate_key("P-256", {"kid": "k"})
    keys = {"keys": [key.as_dict(private=False)]}
    provider.post("/provider/staff_eid", {"client": "private_key_jwt", "keys": keys})
    now = int(time.time())
    stated = {
        "iss": "client",
        "sub": "client",
        "aud": f"{provider.sandbox.url}/staff_eid",
        "exp": now + 60,
        "jti": "1",
    }
    form = {
        "client_assertion": jwt.encode({"alg": "ES256", "kid": "k"}, stated, key),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    assert token(provider, answer(provider, ask(provider, max_age="0"), BO)).status_code == 401
    assert token(provider, answer(provider, ask(provider, max_age="0"), BO), **form).status_code == 200
    provider.sandbox.region.staff_eid.clients.keys = None


def test_a_login_can_go_wrong_as_asked(provider: Driver) -> None:
    assert "employeeHsaId" not in told(provider, BO, "employeeHsaId", wrong="number")
    assert told(provider, BO, wrong="audience")["aud"] == "another"
    assert told(provider, BO, "acr", loa="2")["acr"] == f"{LOA}2"
    provider.fault("staff_eid", "down", times=1)
    assert ask(provider).status_code == 503


def test_what_is_no_member_of_staff_is_refused_by_field(provider: Driver) -> None:
    wrong = {"hsa_id": "nonsense", "name": "", "commissions": [commission(1, purpose="")]}
    paths = [one["path"] for one in provider.post("/staff", wrong).json()["errors"]]
    assert paths == ["hsa_id", "name", "commissions.0.purpose"]
    assert [one["hsa_id"] for one in provider.get("/staff")["staff"]] == [ANNA, BO, CLARA]
