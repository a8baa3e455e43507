"""The client of an identity provider."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from engine.errors import Incident, NotSent, Refused, SystemDown, VaxelError
from systems.eid import Eid
from systems.eid_token import LoggedIn, read

NUMBER = "199202232394"
CLAIM = "https://id.oidc.se/claim/"
EC, RSA = ECKey.generate_key("P-256"), RSAKey.generate_key(2048)
KEYS: list[Any] = list(KeySet([EC, RSA]).as_dict(private=False)["keys"])
BACK = "https://vaxel.example/l/callback"


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    plain = {
        "iss": "https://idp.example",
        "aud": "vaxel",
        "sub": "x",
        "iat": now,
        "exp": now + 300,
        "nonce": "n",
    }
    whole = plain | {"acr": "http://id.elegnamnden.se/loa/1.0/loa3", f"{CLAIM}personalIdentityNumber": NUMBER}
    return {name: value for name, value in (whole | changed).items() if value is not None}


def signed(key: Any = EC, alg: str = "ES256", **changed: Any) -> str:
    return jwt.encode({"alg": alg, "kid": key.kid}, claims(**changed), key, algorithms=[alg])


def understood(token: str, keys: list[Any] = KEYS) -> LoggedIn:
    return read(token, keys, issuer="https://idp.example", client_id="vaxel", nonce="n")


def refusal(token: str, keys: list[Any] = KEYS) -> str:
    with pytest.raises(Refused) as caught:
        understood(token, keys)
    assert caught.value.reason == "login_not_verified"
    assert NUMBER not in str(caught.value)
    return caught.value.detail


@pytest.mark.parametrize(("key", "alg"), [(EC, "ES256"), (RSA, "RS256")])
def test_a_token_by_either_kind_of_key_is_read(key: Any, alg: str) -> None:
    who = understood(signed(key, alg))
    assert (who.number, who.level) == (NUMBER, 3)
    assert NUMBER not in repr(who)


@pytest.mark.parametrize(
    ("acr", "level"),
    [
        ("http://id.elegnamnden.se/loa/1.0/loa2", 2),
        ("http://id.elegnamnden.se/loa/1.0/loa4", 4),
        ("http://id.swedenconnect.se/loa/1.0/uncertified-loa3", 0),
        ("loa3", 0),
        (3, 0),
        (None, 0),
    ],
)
def test_a_level_is_what_it_is_called_and_no_other(acr: Any, level: int) -> None:
    assert understood(signed(acr=acr)).level == level


@pytest.mark.parametrize("confirmed", ["confirmed", "probable", "uncertain", None])
def test_a_samordningsnummer_counts_once_it_is_confirmed(confirmed: str | None) -> None:
    number = {
        f"{CLAIM}personalIdentityNumber": None,
        f"{CLAIM}coordinationNumber": "197010632391",
        f"{CLAIM}coordinationNumberLevel": confirmed,
    }
    if confirmed == "confirmed":
        assert understood(signed(**number)).number == "197010632391"
    else:
        assert refusal(signed(**number)) == "number"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://another.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["vaxel", "another"]},
        {"aud": None},
        {"azp": "another"},
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": int(time.time()) + 3600},
        {"iat": None},
        {"sub": None},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ["n"]},
        {f"{CLAIM}personalIdentityNumber": None},
        {f"{CLAIM}personalIdentityNumber": "9202232394"},
        {f"{CLAIM}personalIdentityNumber": 199202232394},
        {f"{CLAIM}personalIdentityNumber": "19920223239\uff14"},
    ],
)
def test_a_token_that_says_something_else_than_was_asked_is_refused(changed: dict[str, Any]) -> None:
    assert refusal(signed(**changed))


def test_an_audience_of_us_alone_may_be_a_list() -> None:
    assert understood(signed(aud=["vaxel"], azp="vaxel")).number == NUMBER


@pytest.mark.parametrize("token", ["", "a.b.c", "x", signed()[:-6], signed() + "x", "." * 9, "å.å.å"])
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refusal(token) == "signature"


def test_a_key_of_somebody_else_is_refused() -> None:
    assert refusal(signed(ECKey.generate_key("P-256", {"kid": EC.kid or ""}))) == "signature"


def test_a_public_key_is_no_secret() -> None:
    known_to_all = str(RSA.as_dict(private=False)["n"])
    pretended = OctKey.import_key({"kty": "oct", "k": known_to_all, "kid": RSA.kid or ""})
    assert refusal(signed(pretended, "HS256")) == "signature"


@pytest.mark.parametrize("keys", [[], [{}], [{"kty": "EC"}], [{"kty": "oct", "k": "AAAA"}], [{"kty": 1}]])
def test_keys_that_are_none_verify_nothing(keys: list[Any]) -> None:
    assert refusal(signed(), keys) == "signature"


def client(url: str, deadline: float = 1.0) -> Eid:
    return Eid(url, "vaxel", "secret", BACK, 3, deadline)


def about(url: str, **changed: str) -> str:
    ends = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/jwks"}
    return json.dumps({"issuer": url} | {name: url + path for name, path in ends.items()} | changed)


def way_in(url: str) -> str:
    return client(url).way_in("s" * 43, "n" * 43, "v" * 43, "sv")


def told(acts: Any, **changed: str) -> Any:
    """An act that tells of the server itself: its port is not known before it runs."""

    def act(sock: Any) -> bool:
        here = f"http://127.0.0.1:{sock.getsockname()[1]}"
        kept: bool = acts.answer(200, about(here, **changed))(sock)
        return kept

    return act


def test_the_way_in_asks_for_the_code_flow_with_pkce_and_level_3(peer: Any, acts: Any) -> None:
    asked = parse_qs(urlsplit(way_in(peer(told(acts)).url)).query)
    wanted = {
        "response_type": ["code"],
        "redirect_uri": [BACK],
        "code_challenge_method": ["S256"],
        "acr_values": ["http://id.elegnamnden.se/loa/1.0/loa3"],
        "scope": ["openid https://id.oidc.se/scope/naturalPersonNumber"],
        "prompt": ["login"],
        "state": ["s" * 43],
        "nonce": ["n" * 43],
    }
    assert {name: asked[name] for name in wanted} == wanted
    assert "v" * 43 not in str(asked)


def test_the_challenge_is_that_of_the_standard(peer: Any, acts: Any) -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    asked = client(peer(told(acts)).url).way_in("s", "n", verifier, "sv")
    assert "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&" in asked


def test_a_provider_that_calls_itself_something_else_is_an_incident(peer: Any, acts: Any) -> None:
    with pytest.raises(Incident) as caught:
        way_in(peer(told(acts, issuer="https://another.example")).url)
    assert caught.value.reason == "protocol_refused"


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (200, "garbage", NotSent, "malformed_answer"),
        (200, "{}", NotSent, "malformed_answer"),
        (302, "", Incident, "protocol_refused"),
        (404, "", Incident, "protocol_refused"),
        (401, "", Incident, "not_authorised"),
        (400, '{"error": "invalid_grant"}', Refused, "login_too_late"),
        (400, '{"error": "invalid_client"}', Incident, "not_authorised"),
        (400, '{"error": "invalid_request"}', Incident, "protocol_refused"),
        (400, '{"error": "199202232394"}', Incident, "protocol_refused"),
        (429, "", SystemDown, "overloaded"),
        (500, "", NotSent, "technical_error"),
        (503, "", SystemDown, "overloaded"),
    ],
)
def test_a_status_of_the_token_call_has_its_meaning(
    peer: Any, acts: Any, status: int, body: str, kind: type[VaxelError], reason: str
) -> None:
    server = peer(told(acts), acts.answer(status, body))
    with pytest.raises(VaxelError) as caught:
        client(server.url).who("code", "n", "v" * 43)
    assert (type(caught.value), caught.value.reason) == (kind, reason)
    assert NUMBER not in str(caught.value)
    assert "code=code" not in server.got[1].line


@pytest.mark.parametrize("how", ["hang_up", "reset", "silence"])
def test_a_lost_answer_costs_another_login(peer: Any, acts: Any, how: str) -> None:
    with pytest.raises(NotSent):
        client(peer(told(acts), getattr(acts, how)).url, 0.3).who("code", "n", "v" * 43)


def test_an_answer_may_name_its_provider_or_none() -> None:
    eid = client("https://idp.example")
    assert [eid.answers_as(issuer) for issuer in (None, "https://idp.example", "", "x")] == [
        True, True, False, False,
    ]  # fmt: skip
