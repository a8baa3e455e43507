"""The client of an identity provider."""

from __future__ import annotations

import base64
import json
import time
import warnings
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from engine.base.errors import AnswerLost, Incident, NotSent, Refused, SystemDown, VaxelError
from systems import oidc_keys, oidc_token
from systems.eid import Eid, LoggedIn, who_logged_in
from systems.oidc import Provider
from systems.oidc_client import KeyClient, SecretClient
from systems.oidc_keys import KINDS
from systems.oidc_token import Begun

NUMBER = "199202232394"
CLAIM = "https://id.oidc.se/claim/"
EC, RSA = ECKey.generate_key("P-256"), RSAKey.generate_key(2048)
KEYS: list[Any] = list(KeySet([EC, RSA]).as_dict(private=False)["keys"])
BACK = "https://vaxel.example/l/callback"


ED, P384 = OKPKey.generate_key("Ed25519"), ECKey.generate_key("P-384")
BEGUN = Begun(nonce="n")
ANNOUNCED = [*KINDS]


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    plain = {
        "iss": "https://idp.example",
        "aud": "vaxel",
        "sub": "x",
        "iat": now,
        "exp": now + 300,
        "auth_time": now,
        "nonce": "n",
    }
    whole = plain | {"acr": "http://id.elegnamnden.se/loa/1.0/loa3", f"{CLAIM}personalIdentityNumber": NUMBER}
    return {name: value for name, value in (whole | changed).items() if value is not None}


def signed(key: Any = EC, alg: str = "ES256", **changed: Any) -> str:
    return headed({"alg": alg, "kid": key.kid}, key, **changed)


def headed(header: dict[str, Any], key: Any = EC, **changed: Any) -> str:
    lenient = JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    return jwt.encode(header, claims(**changed), key, registry=lenient)


def understood(
    token: str, keys: list[Any] = KEYS, announced: list[str] = ANNOUNCED, begun: Begun = BEGUN
) -> LoggedIn:
    told = oidc_token.verified_claims(token, announced, lambda anew: keys)
    oidc_token.check_claims(told, issuer="https://idp.example", client_id="vaxel", begun=begun)
    return who_logged_in(told)


def refusal(token: str, keys: list[Any] = KEYS, **how: Any) -> str:
    with pytest.raises(Refused) as caught:
        understood(token, keys, **how)
    assert caught.value.reason == "login_not_verified"
    assert NUMBER not in str(caught.value)
    return caught.value.detail


@pytest.mark.parametrize("alg", KINDS)
def test_a_token_is_read_by_the_algorithm_that_is_announced_and_by_its_own_kind_of_key_only(alg: str) -> None:
    """OIDC Sweden 1.0, §7.1: RS, PS and ES 256 to 512, and Ed25519."""
    kind, curve = KINDS[alg]
    key: Any = {RSAKey: lambda: RSA, OKPKey: lambda: ED}.get(kind, lambda: kind.generate_key(curve))()
    jwk = key.as_dict(private=False) | {"kid": "k"}
    token = headed({"alg": alg, "kid": "k"}, key)
    assert understood(token, [jwk]).number == NUMBER
    assert refusal(token, [jwk], announced=[other for other in KINDS if other != alg]) == "algorithm"
    assert refusal(token, [jwk | {"alg": "RS256" if alg != "RS256" else "PS256"}]) == "signature"
    assert refusal(token, [jwk | {"use": "enc"}]) == "signature"
    assert refusal(token, [jwk | {"key_ops": ["sign"]}]) == "signature"


@pytest.mark.parametrize("alg", ["none", "HS256", "ES256K", "Ed448", "", None, 5])
def test_no_other_algorithm_is_taken_even_if_it_is_announced(alg: Any) -> None:
    head = base64.urlsafe_b64encode(json.dumps({"alg": alg}).encode()).rstrip(b"=").decode()
    assert refusal(f"{head}.{signed().split('.', 1)[1]}", announced=["none", "HS256", "ES256K", "Ed448", ""])


ODD: list[Any] = [
    {"kty": "AKP", "alg": "ML-DSA-65", "kid": "o", "pub": "AA"},
    {"kty": "EC", "crv": "brainpoolP256r1", "kid": "o", "x": "AA", "y": "AA"},
    {"kty": "EC", "crv": "P-256", "kid": EC.kid, "x": "AA", "y": "AA"},
    {"kty": "OKP", "crv": "X25519", "x": "AA"},
    {"kty": "RSA", "n": 5, "e": []},
    {"kty": "oct", "k": "AAAA", "kid": EC.kid},
    {"kid": "o"},
    {},
    {"kty": 1, "alg": {}, "use": [], "key_ops": "verify"},
]


def test_keys_that_nobody_understands_are_passed_over() -> None:
    """RFC 7517 §5."""
    assert understood(signed(), [*ODD, *KEYS, *ODD]).number == NUMBER


def test_a_header_that_nobody_knows_is_ignored_and_one_that_must_be_understood_is_not() -> None:
    """RFC 7515 §4 and §4.1.11; RFC 7519 §5.3 puts `iss` there."""
    known = {"alg": "ES256", "kid": EC.kid}
    assert understood(headed(known | {"iss": "https://idp.example", "x-own": 1})).number == NUMBER
    token = headed(known)
    head = base64.urlsafe_b64encode(json.dumps(known | {"crit": ["exp"]}).encode()).rstrip(b"=").decode()
    assert refusal(f"{head}.{token.split('.', 1)[1]}") == "crit"


def test_an_rsa_key_that_is_too_short_verifies_nothing() -> None:
    """OIDC Sweden 1.0, §7.1: from 2048 bits on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        short = RSAKey.generate_key(1024, {"kid": "short"})
    assert refusal(signed(short, "RS256"), [short.as_dict(private=False)]) == "signature"


def test_a_token_that_names_no_key_may_be_by_any_of_the_right_kind() -> None:
    unnamed = [{name: value for name, value in jwk.items() if name != "kid"} for jwk in KEYS]
    assert understood(headed({"alg": "ES256"}), [*unnamed, *ODD]).number == NUMBER


@pytest.mark.parametrize("kid", [EC.kid, None], ids=["named", "unnamed"])
def test_a_key_that_is_not_known_is_asked_for_anew_once(kid: str | None) -> None:
    asked: list[bool] = []
    old = [ECKey.generate_key("P-256", {"kid": "old"}).as_dict(private=False)]

    def keys(anew: bool) -> list[Any]:
        asked.append(anew)
        return KEYS if anew else old

    token = headed({"alg": "ES256"} | ({"kid": kid} if kid else {}))
    assert oidc_token.verified_claims(token, ANNOUNCED, keys)["nonce"] == "n"
    assert asked == [False, True]


MOMENTS = [
    ({"exp": -299}, True),
    ({"exp": -301}, False),
    ({"iat": 299, "auth_time": 299}, True),
    ({"iat": 301, "auth_time": 301}, False),
    ({"iat": -301, "auth_time": -301}, False),
    ({"nbf": 299}, True),
    ({"nbf": 301}, False),
    ({"auth_time": -29}, True),
    ({"auth_time": -32}, False),
    ({"auth_time": 32}, False),
    ({"iat": -240, "auth_time": -240}, True),
    ({"iat": 240, "auth_time": 240}, True),
    ({"iat": 240, "auth_time": 200}, False),
]


@pytest.mark.parametrize(("moments", "taken"), MOMENTS, ids=str)
def test_the_provider_s_clock_may_be_five_minutes_off_and_a_session_no_older_than_the_login(
    moments: dict[str, int], taken: bool
) -> None:
    """OpenID Connect Core 1.0 §3.1.3.7; seconds from now, of a login that was begun now."""
    now = int(time.time())
    token = signed(**{name: now + seconds for name, seconds in moments.items()})
    if taken:
        assert understood(token, begun=Begun(nonce="n", at=now)).number == NUMBER
    else:
        assert refusal(token, begun=Begun(nonce="n", at=now)) in moments


def test_whoever_takes_their_time_over_a_login_has_logged_in_all_the_same() -> None:
    now = int(time.time())
    early = signed(auth_time=now - 400)
    assert understood(early, begun=Begun(nonce="n", at=now - 420)).number == NUMBER
    assert refusal(early, begun=Begun(nonce="n", at=now - 300)) == "auth_time"


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


@pytest.mark.parametrize(
    ("level", "confirmed"),
    [
        ("confirmed", True),
        ("probable", False),
        ("uncertain", False),
        ("sure", False),
        (3, False),
        (None, None),
    ],
)
def test_how_surely_a_samordningsnummer_is_held_is_told(level: Any, confirmed: bool | None) -> None:
    """OIDC Sweden 1.0, Claims §2.1.2.1."""
    number = {
        f"{CLAIM}personalIdentityNumber": None,
        f"{CLAIM}coordinationNumber": "197010632391",
        f"{CLAIM}coordinationNumberLevel": level,
    }
    who = understood(signed(**number))
    assert (who.number, who.confirmed) == ("197010632391", confirmed)


@pytest.mark.parametrize(
    ("said", "previous"), [("197010632391", "197010632391"), ("701063-2391", None), (5, None), (None, None)]
)
def test_the_number_before_is_told_and_one_that_is_none_does_no_harm(said: Any, previous: str | None) -> None:
    """OIDC Sweden 1.0, Claims §2.1.2.2."""
    who = understood(signed(**{f"{CLAIM}previousCoordinationNumber": said}))
    assert (who.number, who.previous) == (NUMBER, previous)
    assert "197010632391" not in repr(who)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://another.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["vaxel", "another"]},
        {"aud": None},
        {"azp": "another"},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"exp": True},
        {"auth_time": None},
        {"auth_time": "now"},
        {f"{CLAIM}coordinationNumber": "197010632391"},
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
    assert refusal(token) in ("signature", "algorithm")


def test_a_key_of_somebody_else_is_refused() -> None:
    assert refusal(signed(ECKey.generate_key("P-256", {"kid": EC.kid or ""}))) == "signature"


def test_a_public_key_is_no_secret() -> None:
    known_to_all = str(RSA.as_dict(private=False)["n"])
    pretended = OctKey.import_key({"kty": "oct", "k": known_to_all, "kid": RSA.kid or ""})
    assert refusal(signed(pretended, "HS256")) == "algorithm"


@pytest.mark.parametrize("keys", [[], [{}], [{"kty": "EC"}], [{"kty": "oct", "k": "AAAA"}], [{"kty": 1}]])
def test_keys_that_are_none_verify_nothing(keys: list[Any]) -> None:
    assert refusal(signed(), keys) == "signature"


def client(url: str, deadline: float = 1.0) -> Eid:
    return Eid(Provider(url, SecretClient("vaxel", "secret"), BACK, deadline), 3)


def about(url: str, **changed: Any) -> str:
    ends = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/jwks"}
    return json.dumps({"issuer": url} | {name: url + path for name, path in ends.items()} | changed)


def way_in(url: str) -> dict[str, Any]:
    asked = parse_qs(urlsplit(client(url).way_in(Begun(state="s", nonce="n", verifier="v" * 43), "sv")).query)
    return {name: value for name, (value,) in asked.items()}


def told(acts: Any, **changed: Any) -> Any:
    """An act that tells of the server itself: its port is not known before it runs."""

    def act(sock: Any) -> bool:
        here = f"http://127.0.0.1:{sock.getsockname()[1]}"
        kept: bool = acts.answer(200, about(here, **changed))(sock)
        return kept

    return act


LOA = "http://id.elegnamnden.se/loa/1.0/loa"


def test_the_way_in_asks_for_the_code_flow_with_pkce_and_for_a_login_now(peer: Any, acts: Any) -> None:
    asked = way_in(peer(told(acts, claims_parameter_supported=True)).url)
    wanted = {
        "response_type": "code",
        "redirect_uri": BACK,
        "code_challenge_method": "S256",
        "scope": "openid https://id.oidc.se/scope/naturalPersonNumber",
        "prompt": "login",
        "max_age": "0",
        "state": "s",
        "nonce": "n",
    }
    assert {name: asked[name] for name in wanted} == wanted
    assert "v" * 43 not in str(asked)
    assert "acr_values" not in asked


def test_every_claim_is_asked_for_in_the_id_token(peer: Any, acts: Any) -> None:
    """OIDC Sweden 1.0, Profile §2.1.6, Claims §2.1.2 and §3.2."""
    offered = [f"{LOA}{level}" for level in (2, 3, 4)] + [
        "http://id.swedenconnect.se/loa/1.0/uncertified-loa3"
    ]
    asked = way_in(peer(told(acts, claims_parameter_supported=True, acr_values_supported=offered)).url)
    assert json.loads(asked["claims"]) == {
        "id_token": {
            f"{CLAIM}personalIdentityNumber": {"essential": True},
            f"{CLAIM}coordinationNumber": {"essential": True},
            f"{CLAIM}coordinationNumberLevel": None,
            f"{CLAIM}previousCoordinationNumber": None,
            "auth_time": {"essential": True},
            "acr": {"essential": True, "values": [f"{LOA}3", f"{LOA}4"]},
        }
    }


def test_a_provider_without_the_claims_parameter_is_asked_for_the_level_as_it_knows_it(
    peer: Any, acts: Any
) -> None:
    assert way_in(peer(told(acts)).url)["acr_values"] == f"{LOA}3"


def test_the_challenge_is_that_of_the_standard(peer: Any, acts: Any) -> None:
    """RFC 7636, appendix B."""
    begun = Begun(verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    asked = client(peer(told(acts)).url).way_in(begun, "sv")
    assert "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&" in asked


def test_a_provider_that_calls_itself_something_else_is_an_incident(peer: Any, acts: Any) -> None:
    with pytest.raises(Incident) as caught:
        way_in(peer(told(acts, issuer="https://another.example")).url)
    assert caught.value.reason == "protocol_refused"


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (200, "garbage", AnswerLost, "malformed_answer"),
        (200, "{}", AnswerLost, "malformed_answer"),
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
        client(server.url).who("code", BEGUN)
    assert (type(caught.value), caught.value.reason) == (kind, reason)
    assert NUMBER not in str(caught.value)
    assert "code=code" not in server.got[1].line


@pytest.mark.parametrize("how", ["hang_up", "reset", "silence"])
def test_a_lost_answer_costs_another_login(peer: Any, acts: Any, how: str) -> None:
    with pytest.raises(NotSent):
        client(peer(told(acts), getattr(acts, how)).url, 0.3).who("code", BEGUN)


def test_an_answer_names_its_provider_where_that_is_announced(peer: Any, acts: Any) -> None:
    """RFC 9207 §2.4."""
    names, silent = (
        client(peer(told(acts, authorization_response_iss_parameter_supported=is_announced)).url)
        for is_announced in (True, False)
    )
    assert [names.answers_as(None), silent.answers_as(None)] == [False, True]
    eid = client("https://idp.example")
    assert [eid.answers_as(issuer) for issuer in ("https://idp.example", "", "x", "å")] == [
        True, False, False, False,
    ]  # fmt: skip


# --- who we are (OIDC Sweden 1.0, §3.1.1)


def pem(key: Any) -> str:
    return str(key.as_pem(private=True).decode())


@pytest.mark.parametrize(
    ("key", "announced", "alg"),
    [
        (RSA, [], "RS256"),
        (RSA, ["ES256", "PS256"], "PS256"),
        (EC, [], "ES256"),
        (P384, ["RS256", "ES384"], "ES384"),
        (ED, ["EdDSA", "Ed25519"], "EdDSA"),
        (ED, ["Ed25519"], "Ed25519"),
    ],
)
def test_a_statement_is_signed_anew_for_each_call_by_what_the_provider_takes(
    key: Any, announced: list[str], alg: str
) -> None:
    us = KeyClient("vaxel", pem(key))
    first, second = (us.proof("https://idp.example/token", announced).form for _ in range(2))
    assert first["client_assertion_type"].endswith(":jwt-bearer")
    (jwk,) = us.public()["keys"]
    who_logged_in = jwt.decode(first["client_assertion"], key.import_key(jwk), algorithms=[alg])
    assert who_logged_in.header == {"alg": alg, "kid": jwk["kid"], "typ": "JWT"}
    said = {name: who_logged_in.claims[name] for name in ("iss", "sub", "aud")}
    assert said == {"iss": "vaxel", "sub": "vaxel", "aud": "https://idp.example/token"}
    assert who_logged_in.claims["exp"] - who_logged_in.claims["iat"] == 300
    assert first != second
    assert "d" not in jwk


def test_a_key_that_the_provider_takes_nothing_by_is_ours_to_mend() -> None:
    with pytest.raises(Incident) as caught:
        KeyClient("vaxel", pem(ED)).proof("https://idp.example/token", ["RS256"])
    assert str(caught.value) == "protocol_refused (client_key)"


def test_what_is_no_key_is_refused_and_not_shown() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        short, other = RSAKey.generate_key(1024), ECKey.generate_key("secp256k1")
    for wrong in ("secret", pem(short), pem(other), EC.as_pem(private=False).decode(), ""):
        with pytest.raises(ValueError, match="key") as caught:
            KeyClient("vaxel", wrong)
        assert wrong == "" or wrong not in str(caught.value)


# --- what must never be

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
ANY = settings(max_examples=150, derandomize=True, database=None)
SMALL = st.binary(max_size=70).map(lambda octets: base64.urlsafe_b64encode(octets).rstrip(b"=").decode())


@ANY
@given(
    changed=st.dictionaries(st.sampled_from(sorted(claims())), JSONS, max_size=4),
    alg=st.sampled_from(sorted(KINDS)),
    jwk=st.fixed_dictionaries(
        {"kty": st.sampled_from(["EC", "RSA", "OKP"])},
        optional=dict.fromkeys(("n", "e", "x", "y"), SMALL | JSONS)
        | {"crv": st.sampled_from(["P-256", "P-384", "P-521", "Ed25519"]) | JSONS}
        | dict.fromkeys(("use", "alg", "key_ops", "kid"), JSONS),
    ),
)
def test_whatever_a_provider_may_say_it_is_a_login_or_a_refusal(
    changed: dict[str, Any], alg: str, jwk: dict[str, Any]
) -> None:
    oidc_keys.fitting([jwk], alg, None)
    told = claims() | changed
    with suppress(Refused):
        oidc_token.check_claims(told, issuer="https://idp.example", client_id="vaxel", begun=BEGUN)
        assert len(who_logged_in(told).number) == 12


@ANY
@given(token=st.text(max_size=80) | SMALL.flatmap(lambda head: st.just(f"{head}.{head}.{head}")))
def test_whatever_stands_for_a_token_is_a_refusal(token: str) -> None:
    assert refusal(token)
