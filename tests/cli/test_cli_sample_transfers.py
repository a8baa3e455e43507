"""The sample day's transfers: what is not as it should be is found, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from cli.sample_day import contacts as sample_contacts
from cli.sample_day import transfers as sample_transfers
from cli.sample_day.transfers import files_unlike, tell_transfers

KEY = "staff:T-1:0123456789abcdef"
PART: dict[str, Any] = {
    "process": "image_transfer",
    "key": KEY,
    "state": "told",
    "transfer": "T-1",
    "ref": "F-1",
    "fetched": 1,
    "says": "bilder-2: theirs alone.",
}
LOST = PART | {"key": "staff:T-2:0123456789abcdef", "transfer": "T-2", "ref": "F-2", "fetched": 0}
DOWNLOADED: dict[str, Any] = {"transfer": "T-1", "does": "downloads", "files": 1, "wrong": []}


@pytest.fixture(autouse=True)
def _there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_contacts, "PROCESSES", {"image_transfer": None, "inbound_contact": None})


def contacts(*parts: dict[str, Any]) -> dict[str, Any]:
    return {
        "K-1": {"title": "Sends a picture", "parts": [*parts, {"process": "inbound_contact", "key": "K-1"}]}
    }


@pytest.mark.parametrize(
    ("given", "acts", "found"),
    [
        ({"F-1": 1}, [DOWNLOADED], {}),
        ({"F-1": 2}, [], {}),
        ({}, [], {"T-1: fetched": "0 times instead of 1"}),
        ({"F-1": 1, "F-2": 1}, [], {"T-2: fetched": "1 times instead of 0"}),
        ({"F-1": 1}, [DOWNLOADED | {"wrong": [404, "other bytes"]}], {"T-1: downloads": "404, other bytes"}),
    ],
)
def test_a_file_that_was_not_had_or_never_should_and_an_act_that_failed_are_told(
    given: dict[str, int], acts: list[dict[str, Any]], found: dict[str, str]
) -> None:
    """bilder-4: tried again, a source gives a file twice; what it has lost it never gave."""
    assert files_unlike(contacts(PART, LOST), given, acts) == found


def test_where_the_process_is_not_there_nothing_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_contacts, "PROCESSES", {})
    assert files_unlike(contacts(PART), {}, [DOWNLOADED | {"wrong": [404]}]) == {}


def test_each_file_has_a_line_with_its_case(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(sample_transfers, "show", lambda rows, columns: shown.extend(rows))
    became = {"K-1": {"cases": {f"image_transfer {KEY}": ("an-id", "told")}}}
    tell_transfers(contacts(PART), became)
    (row,) = shown
    assert (row["transfer"], row["ends"], row["why"]) == ("Sends a picture", "told", PART["says"])
    assert row["case"].endswith("/cases/an-id")
