"""The next day of the sample day: what is not as it should be is found, and nothing else is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from cli.sample_day import next_day
from cli.sample_day.next_day import tell_visits, visits_unlike, what_became_of_visits

DUE, BEFORE, AFTER = (f"2026-12-01T10:00:{second}+00:00" for second in ("12", "11", "13"))
SAID: dict[str, Any] = {
    "title": "Has a visit in three days",
    "booking": "B-1",
    "phone": "+46701740605",
    "why": "besok-5: reminded once.",
    "reminders": ["4/12 kl. 11.00"],
    "due": DUE,
    "tasks": [],
    "arrived": None,
    "joined": None,
    "patient": "199202232394",
}
WAS: dict[str, Any] = {
    "reminders": ["4/12 kl. 11.00"],
    "first": AFTER,
    "tasks": [],
    "arrived": None,
    "joined": None,
}
COMES = {"title": "Comes to a visit", "does": "checks_in", "wrong": []}


def town(**held: Any) -> httpx.Client:
    """What two of the sandbox's systems hold."""
    answer = httpx.MockTransport(
        lambda request: httpx.Response(200, json=held[request.url.path.removeprefix("/inspect/")])
    )
    return httpx.Client(base_url="http://town", transport=answer)


@pytest.mark.parametrize(
    ("was", "acts", "found"),
    [
        (WAS, [COMES], []),
        (WAS | {"reminders": [], "first": None}, [], ["Has a visit in three days, B-1"]),
        (WAS | {"reminders": 2 * SAID["reminders"]}, [], ["Has a visit in three days, B-1"]),
        (WAS | {"reminders": ["5/12 kl. 11.00"]}, [], ["Has a visit in three days, B-1"]),
        (WAS | {"first": BEFORE}, [], ["Has a visit in three days, B-1"]),
        (WAS | {"tasks": ["says_stop"]}, [], ["Has a visit in three days, B-1"]),
        (WAS | {"joined": "hope"}, [], ["Has a visit in three days, B-1"]),
        (WAS, [COMES | {"wrong": ["another page"]}], ["Comes to a visit"]),
        (WAS, [COMES | {"does": "joins", "wrong": ["no link on 1177"]}], ["Comes to a visit"]),
    ],
)
def test_a_reminder_too_many_too_few_or_too_early_and_a_wrong_page_are_told(
    was: dict[str, Any], acts: list[dict[str, Any]], found: list[str]
) -> None:
    assert list(visits_unlike([SAID], {"B-1": was}, acts)) == found


def test_where_our_clock_goes_before_the_sandboxs_that_is_not_too_early() -> None:
    assert visits_unlike([SAID], {"B-1": WAS | {"first": BEFORE}}, [], timedelta(seconds=2)) == {}


def test_what_came_is_read_off_what_the_systems_hold() -> None:
    """Another's SMS, and one that is no reminder, are none; a task is known by the number in its text."""
    texts = [
        ("+46701740605", "Ett besök har bokats. Logga in på 1177.se"),
        ("+46701740606", "Påminnelse om en bokad tid 4/12 kl. 11.00."),
        ("+46701740605", "Ny tid sedan förra påminnelsen: 4/12 kl. 11.00."),
    ]
    inspected = town(
        sms={"messages": [{"to": to, "message": text, "at": AFTER} for to, text in texts]},
        vas={
            "bookings": [{"id": "B-1", "arrived": AFTER}, {"id": "B-2"}],
            "staff_tasks": [{"reason": "says_stop", "text": "Avsändarens nummer är +46701740605."}],
        },
        platform24={"joined": [{"personnummer": "199202232394", "address": "https://x.example.org"}]},
        hope={"joined": []},
        lifecare={"joined": []},
    )
    others = [SAID | {"booking": "B-2", "arrived": False}, SAID | {"booking": "B-3", "joined": ""}]
    became = what_became_of_visits(inspected, [SAID, *others])
    assert became["B-3"]["joined"] == "platform24"
    assert became["B-1"] == WAS | {"tasks": ["says_stop"]}
    assert became["B-2"]["arrived"] is False


def test_each_visit_has_a_line_with_its_case_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(next_day, "show", lambda rows, columns: shown.extend(rows))
    come = SAID | {"booking": "B-2", "arrived": True, "reminders": []}
    stopped = SAID | {"booking": "B-3", "reminders": []}
    became = {"B-1": WAS, "B-2": WAS | {"reminders": [], "arrived": True}}
    became |= {"B-3": WAS | {"reminders": [], "tasks": ["says_stop"]}}
    became |= {"B-4": WAS | {"joined": "hope"}, "B-5": WAS | {"joined": ""}}
    ids = {"B-1": {"id": "an-id"}} | {f"B-{at}": {"id": None} for at in (2, 3, 4, 5)}
    tell_visits([SAID, come, stopped, SAID | {"booking": "B-4"}, SAID | {"booking": "B-5"}], became, ids)
    assert [row["what came"] for row in shown] == [
        "reminded of 4/12 kl. 11.00",
        "checked in",
        "no reminder, a task for staff: says_stop",
        "joined at hope",
        "not joined",
    ]
    assert shown[0]["case"].endswith("/cases/an-id")
