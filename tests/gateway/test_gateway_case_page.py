"""A case's page: it tells the story, to this machine only, and nothing on it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from gateway_driver import Gateway, is_problem, served
from looked_at import fits
from lxml import html
from starlette.testclient import TestClient

from cli.sample_day.play import _tell_day
from engine.base.database import session, transaction
from engine.ops.by_hand import CaseLine, CaseStory, NotFound
from engine.tables.inbox import Inbox
from engine.tables.timeline import Entry, append
from gateway.app import create_app
from gateway.case_page import STYLE, page
from gateway.guard import HEADERS
from gateway.serve import make_app
from models.booking_publication import BookingPublication
from models.case import Effect, EffectState

ID = UUID("284a84bd-ecaf-4405-8b6f-785bd7f07bfe")
BROKEN = UUID(int=1)
EFFECT = "80e9e6a4-fc6a-4153-b1c2-9b7a6302348f"
AT = "2026-11-22T21:44:20.196317+00:00"


def _entry(what: str, reason: str = "", clause: str = "", **detail: Any) -> dict[str, Any]:
    return {"at": AT, "what": what, "reason": reason, "clause": clause, "detail": detail}


def _effect(state: str, **more: Any) -> dict[str, Any]:
    plain = {
        "id": EFFECT,
        "step": "send_call_letter",
        "system": "e1177",
        "receipt": None,
        "tries": 1,
        "at": AT,
    }
    return plain | {"state": state} | more


CASE = CaseLine(ID, "booking_publication", "settled", None, 0, "2027-07-01T09:30:00+00:00", AT)
QUIET = CaseStory(
    CASE,
    [
        _entry("event_applied", "applied", event=str(uuid4()), type="booking.created", version=1),
        _entry("index_updated", "call_letter", "besok-1", engagement="Invitation", removed=0),
    ],
    True,
    [_effect("done", step="give_notice", system="sms", receipt="delivered", tries=2)],
)
LONG = _entry(
    "call_letter_worked_out",
    "guardian_contact_lapsed",
    "policy-avisering-1",
    event=str(uuid4()),
    because="guardian_contact_lapsed",
    detail="x" * 80,
)
WAITING = replace(
    QUIET,
    case=replace(CASE, state="received", parked="unit_unknown", unknown=1, due_at=None),
    timeline=[*QUIET.timeline, LONG],
    effects=[*QUIET.effects, _effect("parked", step="send_paper_letter", receipt="delivered")],
    runs=[{"id": EFFECT, "at": AT}],
)


def _no_secret(_source: str) -> str | None:
    return None


@pytest.fixture(scope="module")
def told() -> dict[UUID, CaseStory]:
    """The stories that there are."""
    return {}


@pytest.fixture(scope="module")
def url(told: dict[UUID, CaseStory]) -> Iterator[str]:
    def find(id: UUID) -> CaseStory:
        if id == BROKEN:
            raise ConnectionError("secret of the database")
        if id not in told:
            raise NotFound(str(id))
        return told[id]

    app = create_app(
        Inbox(), _no_secret, lambda: True, Gateway().wake, stories=find, runs_at="https://prefect.example"
    )
    with served(app) as at:
        yield at


@pytest.fixture(autouse=True)
def _quiet(told: dict[UUID, CaseStory]) -> None:
    told.clear()
    told[ID] = QUIET


def _get(url: str, id: object = ID, **headers: str) -> requests.Response:
    return requests.get(f"{url}/cases/{id}", headers=headers, timeout=5)


def _words(story: CaseStory) -> str:
    """What a reader reads, blanks made one."""
    pieces: Any = html.fromstring(page(story)).xpath("//body//text()")
    return " ".join(" ".join(pieces).split())


def _tags(shown: str) -> set[Any]:
    return {element.tag for element in html.fromstring(shown).iter()}


# --- the story


def test_the_page_tells_where_the_case_stands(url: str) -> None:
    answer = _get(url)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for said in (str(ID), "booking_publication", "settled", "Whole: as it was written"):
        assert said in answer.text


@pytest.mark.parametrize(
    "said",
    ["index_updated", "call_letter A call letter, timed or open, that still holds.", "besok-1", "removed=0"],
)
def test_the_timeline_says_what_why_and_by_which_clause(said: str) -> None:
    assert said in _words(QUIET)


@pytest.mark.parametrize("said", [EFFECT, "give_notice sms done delivered 2"])
def test_the_effects_are_told(said: str) -> None:
    assert said in _words(QUIET)


def test_moments_are_in_swedish_time_winter_and_summer() -> None:
    words = _words(QUIET)
    assert "2026-11-22 22:44:20" in words
    assert "2027-07-01 11:30:00" in words


def test_a_case_that_waits_for_no_human_needs_nothing() -> None:
    words = _words(QUIET)
    assert "Nothing: no human is waited for." in words
    assert "vaxel" not in words.lower().replace("växel", "")


def test_a_parked_case_says_why_and_what_helps() -> None:
    words = _words(WAITING)
    assert "Parked unit_unknown The unit is not in the region file." in words
    assert f"vaxel retry {ID}" in words
    assert "vaxel retry --reason unit_unknown" in words


def test_an_unknown_effect_says_what_settles_it() -> None:
    words = _words(WAITING)
    assert f"vaxel resolve {EFFECT} --arrived" in words
    assert f"vaxel resolve {EFFECT} --not-arrived" in words


def test_an_effect_that_is_still_asked_about_waits_for_nobody() -> None:
    assert "vaxel resolve" not in _words(replace(QUIET, effects=[_effect("unknown")]))


def test_a_reason_without_a_sentence_stands_alone() -> None:
    parked = replace(QUIET, case=replace(CASE, parked="tls_failed"))
    assert "Parked tls_failed Due" in _words(parked)


def test_a_timeline_that_was_changed_says_so() -> None:
    assert "Not whole: it was changed" in _words(replace(QUIET, timeline_whole=False))


def test_a_case_that_has_only_just_come_has_a_page() -> None:
    words = _words(CaseStory(replace(CASE, due_at=None), [], True, []))
    assert "None: nothing has been sent." in words
    assert "Not by itself" in words


RUN = "0b0c4c0e-3d5c-4a3e-8f0e-1f2d3c4b5a69"
HAD = replace(QUIET, runs=[{"id": RUN, "at": AT}])


def test_the_runs_that_had_the_case_lead_to_prefects_ui() -> None:
    (link,) = html.fromstring(page(HAD, "https://prefect.example")).xpath("//a/@href")
    assert link == f"https://prefect.example/runs/flow-run/{RUN}"


def test_where_nobody_knows_prefects_ui_the_runs_are_named() -> None:
    assert RUN in _words(HAD)
    assert html.fromstring(page(HAD)).xpath("//a") == []


def test_the_gateway_as_it_runs_tells_a_case_of_the_database(database: None) -> None:
    now = datetime.now(UTC)
    case = BookingPublication(key="vas:1", state="settled", created_at=now, updated_at=now)
    with transaction() as connection:
        append(connection, now, [(case, Entry("paper", "deceased", "besok-1", {"try": 1}))])
    shared: dict[str, Any] = {
        "process": case.PROCESS,
        "case_id": case.id,
        "sending_at": now,
        "deadline_at": now,
    }
    effect = Effect(key="k", step="give_notice", system="sms", state=EffectState.PARKED, **shared)
    id, effect_id = case.id, effect.id
    with session() as db:
        db.add_all([case, effect])
        db.commit()
    with served(make_app()) as at:
        shown = _get(at, id).text
    assert "The patient is deceased." in shown
    assert "Whole: as it was written" in shown
    assert f"vaxel resolve {effect_id} --arrived" in shown


# --- who sees it


def test_an_unknown_case_is_a_problem_without_echo(url: str) -> None:
    unknown = uuid4()
    answer = _get(url, unknown)
    assert is_problem(answer, 404)
    assert str(unknown) not in answer.text


@pytest.mark.parametrize(
    "id", ["201312012386", "%3Cscript%3E", "x" * 500, "%00", str(ID)[:-1], "%C2%B2" * 32]
)
def test_what_is_no_uuid_is_a_problem_without_echo(url: str, id: str) -> None:
    answer = _get(url, id)
    assert is_problem(answer, 404)
    assert id not in answer.text
    assert answer.json() == _get(url, uuid4()).json()


@pytest.mark.parametrize("header", ["X-Forwarded-For", "x-forwarded-for", "Forwarded", "X-Real-IP", "Via"])
@pytest.mark.parametrize("value", ["127.0.0.1", "for=127.0.0.1", "::1", ""])
def test_a_forwarded_caller_is_told_the_same_as_of_an_unknown_case(url: str, header: str, value: str) -> None:
    answer = _get(url, **{header: value})
    assert is_problem(answer, 404)
    assert answer.json() == _get(url, uuid4()).json()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.9.9.9", 200),
        ("::1", 200),
        ("192.0.2.1", 404),
        ("2001:db8::1", 404),
        ("", 404),
        ("town", 404),
    ],
)
def test_only_this_machine_sees_a_case(host: str, status: int) -> None:
    app = create_app(Inbox(), _no_secret, lambda: True, Gateway().wake, stories=lambda _id: QUIET)
    answer = TestClient(app, client=(host, 5000)).get(f"/cases/{ID}")
    assert answer.status_code == status
    assert (str(ID) in answer.text) == (status == 200)


def test_a_gateway_without_stories_has_no_such_path(gateway: Gateway) -> None:
    assert is_problem(_get(gateway.url), 404)


def test_a_database_that_is_away_is_503_without_its_text(url: str) -> None:
    answer = _get(url, BROKEN)
    assert is_problem(answer, 503)
    assert "secret" not in answer.text


# --- nothing runs


def test_what_is_told_is_text_and_never_html(told: dict[UUID, CaseStory], url: str) -> None:
    bad = "\"'><script>alert(1)</script>"
    case = replace(CASE, process=bad, state=bad, parked=bad)
    effect = dict.fromkeys(("id", "step", "system", "receipt", "tries"), bad)
    told[ID] = CaseStory(
        case, [_entry(bad, bad, bad, **{bad: bad})], True, [_effect("parked", **effect), _effect(bad)]
    )
    shown = _get(url).text
    assert "<script" not in shown
    assert _tags(shown) <= _tags(page(WAITING))
    assert "&lt;script&gt;" in shown


def test_the_page_is_guarded_and_allows_its_own_style_only(url: str) -> None:
    headers = _get(url).headers
    assert all(name in headers for name in HEADERS)
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert headers["Cache-Control"] == "no-store"


def test_every_table_has_a_caption_and_headers() -> None:
    shown = html.fromstring(page(WAITING))
    assert shown.get("lang") == "en"
    for table in shown.iter("table"):
        names = [head.text for head in table.iterfind("thead/tr/th[@scope='col']")]
        assert table.findtext("caption")
        assert table.find("tbody/tr/th[@scope='row']") is not None
        for row in table.iterfind("tbody/tr"):
            assert [cell.get("data-label") for cell in row.iterfind("td")] == names[1:]


# --- the link to it


def test_the_sample_day_links_to_each_case(capsys: pytest.CaptureFixture[str]) -> None:
    said = {"title": "A video visit", "why": "distans-2: a digital call letter every time."}
    was = {"id": str(ID), "state": "settled", "engagement": "Booking"}
    other = "0b0c4c0e-3d5c-4a3e-8f0e-1f2d3c4b5a69"
    contact = {"title": "Writes", "why": "patient-1.", "parts": [{"process": "inbound_contact", "key": "k"}]}
    became = {"a": was, "people": {"inbox": {}, "sms": {}, "mail": {}}}
    became |= {"contacts": {"c": {"cases": {"inbound_contact k": (other, "open")}}}, "visits": {}}
    day = {"expected": {"a": said}, "contacts": {"c": contact}, "next_day": [], "self_service": []}
    _tell_day(day, became | {"stands": {}}, {})
    shown = capsys.readouterr().out
    assert all(re.search(rf" http://127\.0\.0\.1:[0-9]+/cases/{id} ", shown) for id in (ID, other))


# --- in a browser

CONTRASTS = """() => {
    const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const numbers = c => c.match(/[0-9.]+/g).map(Number);
    const light = c => { const [r, g, b] = numbers(c); return .2126*channel(r) + .7152*channel(g) + .0722*channel(b) };
    const clear = c => numbers(c)[3] === 0;
    const behind = e => { for (; e; e = e.parentElement) {
        const c = getComputedStyle(e).backgroundColor; if (!clear(c)) return c } return 'rgb(255,255,255)' };
    const ratio = (a, b) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    return [...document.querySelectorAll('main *')].flatMap(e => ['', '::before'].map(part =>
        ratio(light(getComputedStyle(e, part).color), light(behind(e)))));
}"""


@pytest.fixture(scope="module")
def running(url: str) -> str:
    """What the browser looks at."""
    return url


def test_nothing_runs_over_the_edge(chromium: Any, told: dict[UUID, CaseStory], url: str) -> None:
    told[ID] = WAITING
    with chromium.new_page() as tab:
        tab.goto(f"{url}/cases/{ID}")
        for width in (320, 360, 959, 960, 1024, 1280):
            tab.set_viewport_size({"width": width, "height": 740})
            assert fits(tab), width


def test_all_text_stands_out_by_four_and_a_half_to_one(
    chromium: Any, told: dict[UUID, CaseStory], url: str
) -> None:
    told[ID] = replace(WAITING, timeline_whole=False)
    with chromium.new_page(color_scheme="dark") as tab:
        tab.goto(f"{url}/cases/{ID}")
        assert tab.evaluate("getComputedStyle(document.body).maxWidth") == "1280px", STYLE
        for width in (360, 1280):
            tab.set_viewport_size({"width": width, "height": 740})
            assert min(tab.evaluate(CONTRASTS)) >= 4.5, width


def test_a_script_in_a_detail_does_not_run(chromium: Any, told: dict[UUID, CaseStory], url: str) -> None:
    told[ID] = replace(QUIET, timeline=[_entry("failed", detail="<script>document.title='ran'</script>")])
    with chromium.new_page() as tab:
        tab.goto(f"{url}/cases/{ID}")
        assert tab.title() == f"Case {ID} · Växel"
        assert "<script>" in tab.inner_text("table")
