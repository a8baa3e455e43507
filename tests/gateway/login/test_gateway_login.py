"""A link and the login that is a consent: through a real gateway and a real identity provider (byte-2, byte-3)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import requests
import structlog
from gateway_driver import Gateway, is_problem, served
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from login_driver import (
    ACCOUNT,
    ADULT,
    COORDINATED,
    KEYS,
    OTHER,
    LoginTown,
    as_client,
    earlier_sessions,
    heading,
    login_town,
    new_pem,
)
from lxml import html

from engine.base import clock
from engine.base.settings import settings as ours
from engine.tables.inbox import Inbox
from gateway.app import create_app
from gateway.login.cookies import LIFE
from gateway.login.ports import LinkState
from gateway.login.texts import LANGUAGES, STATUS, Page
from systems.oidc_client import KeyClient
from tasks import clients

DEAD = (LinkState.USED, LinkState.EXPIRED, LinkState.WITHDRAWN)
CARE = '<a href="https://www.1177.se/">1177.se</a>'


class Later:
    """A clock that is ahead."""

    def __init__(self, seconds: float) -> None:
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


@pytest.fixture(scope="module")
def running() -> Iterator[LoginTown]:
    with login_town() as town:
        yield town


@pytest.fixture
def town(running: LoginTown) -> LoginTown:
    running.fresh()
    return running


# --- what a link shows


def test_a_link_says_in_two_sentences_what_to_log_in_means_and_has_one_button(town: LoginTown) -> None:
    answer = town.get(f"/l/{town.links.make()}")
    page = html.fromstring(answer.text)
    assert answer.status_code == 200
    assert len(page.xpath("//main//a")) == len(page.xpath("//a[@class='button']")) == 1
    assert page.xpath("string(//main/p)").count(". ") + 1 == 2


def test_who_only_looks_has_done_nothing(town: LoginTown) -> None:
    token = town.links.make()
    for _ in range(3):
        assert town.get(f"/l/{token}").headers.get("set-cookie") is None
    assert town.links.told == []


@pytest.mark.parametrize("path", ["", "/login"])
@pytest.mark.parametrize("state", DEAD)
def test_a_link_that_is_dead_says_so_and_leads_on_to_1177(
    town: LoginTown, state: LinkState, path: str
) -> None:
    answer = town.get(f"/l/{town.links.make(state=state)}{path}")
    assert answer.status_code == 410
    assert heading(Page(state.value)) in answer.text
    assert CARE in answer.text
    assert "button" not in html.fromstring(answer.text).xpath("//a/@class")


@pytest.mark.parametrize("path", ["", "/login"])
@pytest.mark.parametrize("token", ["guessed-" * 6, "short", "x" * 500, "å" * 40, "%2e%2e", "%00" * 20])
def test_a_link_that_nobody_sent_is_not_found(town: LoginTown, token: str, path: str) -> None:
    answer = town.get(f"/l/{token}{path}")
    assert answer.status_code == 404
    assert token not in answer.text


def test_a_target_with_a_login_of_its_own_is_gone_to_at_once(town: LoginTown) -> None:
    token = town.links.make(straight_to=town.target)
    for path in ("", "/login"):
        answer = town.get(f"/l/{token}{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, town.target)
    assert town.links.told == []


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "sv"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "sv;q=0.5, en;q=0.8", "en"),
        ("", "en;q=0.5,sv", "sv"),
        ("", "de,ar", "sv"),
        ("", "en;q=0", "sv"),
        ("", "en;q=nan, ;;, en;q=9", "sv"),
        ("?lang=en", "sv", "en"),
        ("?lang=sv", "en", "sv"),
        ("?lang=xx", "en", "en"),
    ],
)
def test_the_page_is_in_the_language_asked_for(
    town: LoginTown, query: str, accepted: str, language: str
) -> None:
    answer = town.get(f"/l/{town.links.make()}{query}", accept_language=accepted)
    assert f'<html lang="{language}">' in answer.text
    assert heading(Page.START, language) in answer.text


def test_both_languages_have_every_page_and_every_page_a_status() -> None:
    for language in LANGUAGES.values():
        assert set(language.pages) == set(Page) == set(STATUS)


def test_pages_are_guarded(town: LoginTown) -> None:
    headers = town.get(f"/l/{town.links.make()}").headers
    policy = headers["content-security-policy"]
    assert "script" not in policy
    assert all(part in policy for part in ("default-src 'none'", "frame-ancestors 'none'"))
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


# --- a login


def test_the_rightful_person_lands_where_the_link_leads_and_is_told_of_once(town: LoginTown) -> None:
    token = town.links.make(to=town.target)
    assert town.log_in(token)["at"] == town.target
    ((told, who),) = town.links.told
    assert (told, who.number, who.level) == (token, ADULT, 3)
    assert abs(who.at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_link_that_leads_nowhere_ends_with_thanks(town: LoginTown) -> None:
    assert town.log_in(town.links.make())["heading"] == heading(Page.DONE)


def test_a_link_is_good_once(town: LoginTown) -> None:
    token = town.links.make()
    town.log_in(token)
    assert town.log_in(token)["heading"] == heading(Page.USED)
    assert len(town.links.told) == 1


def test_a_link_that_is_used_while_someone_logs_in_is_told_as_used(town: LoginTown) -> None:
    token = town.links.make()
    back = town.come_back(token)
    town.log_in(token)
    answer = town.get(back)
    assert (answer.status_code, len(town.links.told)) == (410, 2)
    assert heading(Page.USED) in answer.text


def test_a_samordningsnummer_is_a_person_too(town: LoginTown) -> None:
    town.log_in(town.links.make(COORDINATED), COORDINATED)
    assert town.links.told[0][1].number == COORDINATED


@pytest.mark.parametrize(
    ("page", "how"),
    [
        (Page.WRONG_PERSON, {"number": OTHER}),
        (Page.TOO_WEAK, {"loa": 2}),
        (Page.CANCELLED, {"cancel": True}),
        (Page.TOO_LATE, {"wrong": "late"}),
        *((Page.NOT_VERIFIED, {"wrong": wrong}) for wrong in
          ("nonce", "audience", "issuer", "expired", "number", "signature", "unsigned", "hmac", "crit", "no_exp",
           "no_auth_time", "earlier")),
    ],
)  # fmt: skip
def test_a_login_that_is_not_right_has_a_page_of_its_own_and_the_link_stays_good(
    town: LoginTown, page: Page, how: dict[str, Any]
) -> None:
    token = town.links.make(to=town.target)
    ended = town.log_in(token, **how)
    assert (ended["heading"], ended["status"]) == (heading(page), STATUS[page])
    judged = page in (Page.WRONG_PERSON, Page.TOO_WEAK)
    assert len(town.links.told) == judged
    assert town.log_in(token)["at"] == town.target


def test_a_level_above_the_one_asked_for_is_told_as_it_is(town: LoginTown) -> None:
    town.log_in(town.links.make(), loa=4)
    assert town.links.told[0][1].level == 4


def test_two_logins_at_once_in_one_browser_do_not_disturb_each_other(town: LoginTown) -> None:
    backs = [town.come_back(town.links.make()) for _ in range(2)]
    assert [heading(Page.DONE) in town.get(back).text for back in backs] == [True, True]


def test_the_answer_keeps_to_the_language_that_was_chosen(town: LoginTown) -> None:
    token = town.links.make()
    way = town.get(f"/l/{token}/login?lang=en").headers["location"]
    assert "ui_locales=en" in way
    login = html.fromstring(town.http.get(way, timeout=20).text).forms[0].fields["login"]
    there = f"{town.sandbox.url}/eid/authorize"
    answer = town.http.post(there, data={"login": login, "do": "cancel"}, timeout=20)
    assert heading(Page.CANCELLED, "en") in answer.text
    assert f"/l/{token}/login?lang=en" in answer.text


# --- kinds of provider (OIDC Sweden 1.0)

STRICTER: list[dict[str, Any]] = [
    {"unmet": "refused"},
    {"scope_claims": "userinfo", "auth_time": "asked"},
    {"names_itself": False},
    {"names_keys": False},
    {"odd_keys": True},
    {"clock": 240},
    {"clock": -240},
    *(
        {"algorithm": algorithm}
        for algorithm in ("RS256", "RS512", "PS256", "ES384", "ES512", "EdDSA", "Ed25519")
    ),
]


@pytest.mark.parametrize("number", [ADULT, COORDINATED])
@pytest.mark.parametrize("kind", STRICTER, ids=str)
def test_a_login_at_each_kind_of_provider_tells_who_it_was_and_how_surely(
    town: LoginTown, kind: dict[str, Any], number: str
) -> None:
    """OIDC Sweden 1.0: whatever it may leave to itself, and a clock five minutes off at most."""
    town.provider(**kind)
    ended = town.log_in(token := town.links.make(number, to=town.target), number)
    assert ended["at"] == town.target, ended
    ((told, who),) = town.links.told
    assert (told, who.number, who.level) == (token, number, 3)
    assert who.confirmed is (True if number == COORDINATED else None)


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_a_client_with_a_key_states_who_it_is(key: str, town: LoginTown) -> None:
    """OIDC Sweden 1.0, §3.1.1: `private_key_jwt`, with any key that the provider takes."""
    client = KeyClient(ACCOUNT[0], new_pem(key))
    town.provider(
        client="private_key_jwt", keys=client.public(), takes=["RS256", "ES256", "ES384", "Ed25519"]
    )
    with as_client(town, client):
        for number in (ADULT, COORDINATED):
            ended = town.log_in(town.links.make(number, to=town.target), number)
            assert ended["at"] == town.target, ended
    assert [who.number for _, who in town.links.told] == [ADULT, COORDINATED]


def test_a_key_that_is_not_the_registered_one_is_ours_to_mend(town: LoginTown) -> None:
    ours, theirs = (KeyClient(ACCOUNT[0], new_pem("P-256")) for _ in range(2))
    town.provider(client="private_key_jwt", keys=theirs.public())
    with as_client(town, ours):
        assert town.log_in(town.links.make())["heading"] == heading(Page.AWAY)
    assert ("not_authorised", "eid") in town.noted.told


def test_the_number_before_comes_along_where_the_provider_knows_it(town: LoginTown) -> None:
    """OIDC Sweden 1.0, Claims §2.1.2.2."""
    town.lives_here(ADULT, previous_coordination_number=COORDINATED)
    town.log_in(town.links.make(), ADULT)
    assert [who.previous for _, who in town.links.told] == [COORDINATED]


@pytest.mark.parametrize(("level", "confirmed"), [("probable", False), ("uncertain", False), (None, None)])
def test_how_surely_a_samordningsnummer_is_held_is_told_and_not_judged_here(
    town: LoginTown, level: str | None, confirmed: bool | None
) -> None:
    town.lives_here(COORDINATED, coordination_number_level=level)
    town.log_in(town.links.make(COORDINATED), COORDINATED)
    assert [who.confirmed for _, who in town.links.told] == [confirmed]


def test_a_session_that_was_open_before_is_no_login(town: LoginTown) -> None:
    """`prompt` and `max_age` stand in the address bar: only `auth_time` shows that somebody has logged in now."""
    back = town.come_back(town.links.make())
    assert town.get(back).status_code == 200
    way = town.get(f"/l/{town.links.make()}/login").headers["location"]
    bare = re.sub(r"&(prompt|max_age)=[^&]*", "", way)
    earlier_sessions(town, seconds=120)
    answer = town.http.get(bare, timeout=20, allow_redirects=False)
    assert answer.status_code == 303, "the provider has asked nothing"
    page = town.get(answer.headers["location"].removeprefix(town.url))
    assert heading(Page.NOT_VERIFIED) in page.text
    assert len(town.links.told) == 1


def test_the_provider_may_change_its_keys_at_any_time(town: LoginTown) -> None:
    """A token by a key that is not known has the keys asked for anew in the same login, but not time after time."""

    def ends_at() -> str:
        return str(town.log_in(town.links.make(to=town.target))["at"])

    assert ends_at() == town.target
    town.provider_changes(rotate=True)
    assert ends_at() == town.target
    town.provider_changes(rotate=True)
    assert ends_at() != town.target
    before = clock.use(Later(31))
    try:
        assert ends_at() == town.target
    finally:
        clock.use(before)


def test_an_answer_that_does_not_name_a_provider_that_says_it_does_is_not_taken(town: LoginTown) -> None:
    """RFC 9207 §2.4."""
    back = town.come_back(town.links.make())
    nameless = re.sub(r"&?iss=[^&]*", "", back)
    assert heading(Page.NOT_VERIFIED) in town.get(nameless).text
    assert town.links.told == []


# --- what ops see


@pytest.mark.parametrize("code", ["server_error", "unauthorized_client", "what is this"])
def test_an_error_in_the_provider_s_answer_is_counted_by_its_code(town: LoginTown, code: str) -> None:
    """One person's is one person's; five in a row are the provider's, and it is down."""
    before = town.counted().get(known := code if " " not in code else "other", 0)
    with structlog.testing.capture_logs() as logs:
        for _ in range(5):
            state = town.begin(town.links.make())
            town.get(f"/l/callback?{state}&error={quote(code)}")
    assert town.counted()[known] == before + 5
    assert (town.counted()["in_a_row"], town.noted.told[1:]) == (5, [("down", "eid")])
    assert {(each["event"], each["reason"]) for each in logs} == {("eid_failed", known)}


def test_who_cancels_is_no_failure_and_a_login_wipes_the_slate(town: LoginTown) -> None:
    town.log_in(town.links.make(), wrong="signature")
    town.log_in(town.links.make(), cancel=True)
    assert town.counted()["in_a_row"] == 1
    town.log_in(town.links.make())
    assert town.counted()["in_a_row"] == 0
    assert town.noted.told[1:] == [("up", "eid")]


def test_a_token_endpoint_that_is_away_is_a_provider_that_is_down(town: LoginTown) -> None:
    town.fault("down", operation="POST /token")
    town.log_in(town.links.make())
    assert town.noted.told[1:] == [("down", "eid")]


# --- what others might try


def test_the_cookie_is_for_the_way_back_only_sealed_and_soon_over(town: LoginTown) -> None:
    token = town.links.make()
    cookie = town.get(f"/l/{token}/login").headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/l/callback", f"Max-Age={LIFE}"))
    assert token not in cookie


def test_an_answer_counts_only_in_the_browser_that_asked(town: LoginTown) -> None:
    back = town.come_back(town.links.make())
    answer = requests.get(town.url + back, timeout=20, allow_redirects=False)
    assert (answer.status_code, town.links.told) == (400, [])
    assert heading(Page.TOO_LATE) in answer.text


def test_an_answer_counts_once(town: LoginTown) -> None:
    back = town.come_back(town.links.make())
    cookies = dict(town.cookies())
    assert town.get(back).status_code == 200
    assert town.cookies() == []
    again = requests.get(town.url + back, cookies=cookies, timeout=20, allow_redirects=False)
    assert heading(Page.TOO_LATE) in again.text
    assert len(town.links.told) == 1


def test_a_cookie_that_was_changed_or_is_another_login_s_counts_for_nothing(town: LoginTown) -> None:
    first, second = (town.come_back(town.links.make()) for _ in range(2))
    (one, sealed), (other, others) = town.cookies()
    changed = sealed[:60] + ("B" if sealed[60] == "A" else "A") + sealed[61:]
    for forged in (changed, others, "", "å", "x" * 4000):
        raw = {"cookie": f"{one}={forged}".encode().decode("latin-1")}
        answer = requests.get(town.url + first, headers=raw, timeout=20, allow_redirects=False)
        assert heading(Page.TOO_LATE) in answer.text
    assert (other != one, second != first, town.links.told) == (True, True, [])


def test_a_login_that_takes_too_long_is_over(town: LoginTown) -> None:
    back = town.come_back(town.links.make())
    before = clock.use(Later(LIFE + 5))
    try:
        answer = town.get(back)
    finally:
        clock.use(before)
    assert heading(Page.TOO_LATE) in answer.text
    assert town.links.told == []


def test_an_answer_in_another_provider_s_name_is_not_taken(town: LoginTown) -> None:
    back = town.come_back(town.links.make())
    ours = f"iss={quote(town.sandbox.url + '/eid', safe='')}"
    assert ours in back
    answer = town.get(back.replace(ours, "iss=https%3A%2F%2Fanother.example"))
    assert heading(Page.NOT_VERIFIED) in answer.text


# --- the provider, or we ourselves, are not well


@pytest.mark.parametrize("kind", ["down", "error_500", "malformed", "timeout_before", "timeout_after"])
@pytest.mark.parametrize("operation", ["GET /.well-known/openid-configuration", "POST /token", "GET /jwks"])
def test_a_provider_that_is_not_well_is_told_kindly_and_the_link_stays_good(
    town: LoginTown, kind: str, operation: str
) -> None:
    token = town.links.make(to=town.target)
    town.fault(kind, operation=operation, seconds=0.1)
    ended = town.log_in(token)
    assert (ended["heading"], ended["status"]) == (heading(Page.AWAY), 503)
    assert town.links.told == []
    town.well()
    assert town.log_in(token)["at"] == town.target


def test_a_provider_that_is_slow_is_waited_for(town: LoginTown) -> None:
    town.fault("slow", seconds=0.2)
    assert town.log_in(town.links.make(to=town.target))["at"] == town.target


def test_a_secret_that_the_provider_does_not_know_is_ours_to_mend(town: LoginTown) -> None:
    known = town.sandbox.region.eid.clients
    account, known.account = known.account, ("vaxel", "changed there")
    try:
        with structlog.testing.capture_logs() as logs:
            ended = town.log_in(town.links.make())
    finally:
        known.account = account
    assert ended["heading"] == heading(Page.AWAY)
    assert [(each["event"], each["reason"]) for each in logs] == [("eid_failed", "not_authorised")]
    assert town.noted.told[1:] == [("not_authorised", "eid")]


@pytest.mark.parametrize("broken", ["look", "completed"])
def test_when_our_own_house_does_not_answer_the_page_says_try_again(town: LoginTown, broken: str) -> None:
    town.links.broken = broken
    ended = town.log_in(town.links.make())
    assert (ended["heading"], ended["status"]) == (heading(Page.AWAY), 503)


# --- what is never shown


def test_neither_the_token_nor_the_number_is_in_any_log(
    town: LoginTown, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = [town.links.make() for _ in range(3)]
    with structlog.testing.capture_logs() as logs:
        town.log_in(tokens[0])
        town.log_in(tokens[1], wrong="nonce")
        town.links.broken = "completed"
        town.log_in(tokens[2])
    assert {each["event"] for each in logs} == {"login_refused", "login_not_kept"}
    lines = [record.getMessage() for record in caplog.records]
    lines += [line for printed in capfd.readouterr() for line in printed.splitlines()]
    browsers = f'{town.url} "'  # what the library of the patient's browser says of where it goes
    said = f"{logs} {[line for line in lines if browsers not in line]}"
    assert "/eid/token" in said
    assert not [value for value in (*tokens, ADULT) if value in said]


def test_nothing_personal_is_in_an_address_a_title_or_a_page(town: LoginTown) -> None:
    token = town.links.make(OTHER)
    back = town.come_back(token)
    page = town.get(back)
    assert not [number for number in (ADULT, OTHER) if number in back + page.text]
    assert token not in html.fromstring(page.text).xpath("string(//title)")


def test_a_gateway_without_links_has_no_such_paths() -> None:
    with served(create_app(Inbox(), {}.get, lambda: True, Gateway().wake)) as url:
        assert is_problem(requests.get(f"{url}/l/{'x' * 43}", timeout=5), 404)


def test_the_client_and_the_key_are_made_from_the_settings() -> None:
    assert clients.eid().redirect_uri == f"{ours().gateway_url}/l/callback"
    assert clients.eid().answers_as(f"http://127.0.0.1:{ours().sandbox.port}/eid")
    assert not clients.eid().answers_as("http://127.0.0.1/another")
    assert len(ours().login_key()) == 32


ANY = settings(max_examples=150, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
words = st.text(max_size=60) | st.sampled_from(["callback", "login", "x" * 43, "..", "", "%", "\x00"])


@ANY
@given(
    path=st.lists(words, max_size=3),
    query=st.dictionaries(st.sampled_from(["state", "code", "iss", "error", "lang", "x"]), words),
    header=st.binary(max_size=80),
    name=st.sampled_from(["cookie", "accept-language"]),
)
def test_no_input_to_a_link_is_an_error_of_ours(
    running: LoginTown, path: list[str], query: dict[str, str], header: bytes, name: str
) -> None:
    cookie = f"login-{query.get('state', '')[:16]}=".encode() if name == "cookie" else b""
    said = bytes(byte for byte in cookie + header if byte > 31 and byte != 127).strip()
    url = f"{running.url}/l/{'/'.join(quote(each, safe='') for each in path)}"
    answer = requests.get(url, params=query, headers={name: said}, timeout=10, allow_redirects=False)
    assert answer.status_code in (200, 303, 307, 400, 404, 410)


# --- that somebody has logged in


def test_vard_2_every_login_is_noted_whoever_it_is_and_whatever_it_leads_to(town: LoginTown) -> None:
    """The right person, and one whom the link is not for: both have e-identification."""
    town.log_in(town.links.make())
    town.log_in(town.links.make(), OTHER)
    assert [who.number for who in town.seen.people] == [ADULT, OTHER]
