"""What a source of webhooks may tell of (policy-kalla-1)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from models.messages import EVENTS, types_from
from routine.reasons import Reason
from routine.region_file import HALLAND, RegionError, load_region
from routine.source import Source, may_notify, may_tell

UNIT, OTHER = "SE2321000115-E000000000001", "SE2321000115-E000000000002"
KNOWN = ("vas", "e1177", "platform24", "hope", "lifecare", "stodbehandling", "mail", "sms", "staff")
LIMITED = Source(types=frozenset({"booking.created"}), units=frozenset({"SE2321000115-e000000000001"}))
LOCAL = f"""
[systems.local-hjarta]
name = "Hjärtmottagningens egenmonitorering"
uses = ["text"]
only_for = ["heart_failure_monitoring"]
units = ["{UNIT}"]
"""


@pytest.mark.parametrize(
    ("source", "type", "unit", "allowed", "reason"),
    [
        (Source(), "booking.created", UNIT, True, Reason.WITHIN_SOURCE),
        (Source(), "contact.message", None, True, Reason.WITHIN_SOURCE),
        (LIMITED, "booking.created", UNIT, True, Reason.WITHIN_SOURCE),
        (LIMITED, "booking.created", UNIT.lower(), True, Reason.WITHIN_SOURCE),
        (LIMITED, "booking.created", None, True, Reason.WITHIN_SOURCE),
        (LIMITED, "booking.created", OTHER, False, Reason.UNIT_NOT_FOR_SOURCE),
        (LIMITED, "booking.changed", UNIT, False, Reason.TYPE_NOT_FOR_SOURCE),
        (Source(types=frozenset()), "booking.created", UNIT, False, Reason.TYPE_NOT_FOR_SOURCE),
    ],
)
def test_a_source_tells_of_its_types_and_its_units_only(
    source: Source, type: str, unit: str | None, allowed: bool, reason: Reason
) -> None:
    decision = may_tell(source, type, unit)
    assert (decision.allowed, decision.reason, decision.clause) == (allowed, reason, "policy-kalla-1")


@pytest.mark.parametrize("type", ["contact.received", "contact.risk_flagged"])
def test_nothing_holds_up_a_risk_of_suicide(type: str) -> None:
    """policy-suicid-1, over policy-kalla-1."""
    decision = may_tell(Source(types=frozenset(), units=frozenset()), type, OTHER, risk=True)
    assert (decision.allowed, decision.clause) == (True, "policy-suicid-1")


@pytest.mark.parametrize(
    ("given", "most", "allowed"), [(0, 1, True), (1, 1, False), (5, 6, True), (7, 6, False)]
)
def test_no_more_notices_follow_than_the_region_allows(given: int, most: int, allowed: bool) -> None:
    decision = may_notify(given, most)
    assert (decision.allowed, decision.clause) == (allowed, "policy-kalla-1")
    assert (decision.reason is Reason.TOO_MANY_NOTICES) is not allowed


@pytest.fixture
def region_of(tmp_path: Path) -> Callable[[str], list[Path]]:
    def write(text: str) -> list[Path]:
        (tmp_path / "over.toml").write_text(text, "utf-8")
        return [HALLAND, tmp_path / "over.toml"]

    return write


def test_in_halland_no_source_but_the_journal_system_causes_notices_by_the_thousand() -> None:
    """Sixty SMS to people whom it has never met is the most that a fault at a small system comes to."""
    region = load_region()
    books = {source for source in KNOWN if "booking.created" in types_from(source)}
    assert books == {"vas", "platform24", "hope", "lifecare"}
    most = {source: region.notices_an_hour(source) for source in books - {"vas"}}
    assert most == {"platform24": 200, "hope": 60, "lifecare": 60}


def test_a_source_that_the_region_does_not_list_tells_of_everything() -> None:
    assert load_region().source("vas") == Source()
    assert load_region().notices_an_hour("vas") == load_region().notices.an_hour


def test_a_units_own_solution_speaks_for_its_own_units(region_of: Callable[[str], list[Path]]) -> None:
    """system-4."""
    region = load_region(region_of(LOCAL))
    assert region.source("local-hjarta").units == {UNIT}


def test_the_region_says_what_a_source_tells_of_and_how_many_notices_may_follow(
    region_of: Callable[[str], list[Path]],
) -> None:
    said = '[sources.hope]\nunits = ["SE2321000115-e000000000001"]\ntypes = ["booking.created"]\nnotices_an_hour = 7\n'
    region = load_region(region_of(said))
    assert region.source("hope") == LIMITED.model_copy(update={"units": {UNIT}, "notices_an_hour": 7})
    assert (region.notices_an_hour("hope"), region.notices_an_hour("vas")) == (7, region.notices.an_hour)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("[sources.hopee]\n", "one of the sources"),
        ("[sources.local-annan]\n", "a source that .systems. lists"),
        ('[sources.hope]\ntypes = ["booking.creatd"]\n', "types that it may send: booking.cancelled"),
        ('[sources.hope]\ntypes = ["preferences.changed"]\n', "types that it may send"),
        ('[sources.hope]\nunits = "some"\n', "'all'"),
        ("[sources.hope]\nnotices_an_hour = 0\n", "greater than 0"),
    ],
)
def test_a_region_file_that_names_what_there_is_not_stops_the_start(
    region_of: Callable[[str], list[Path]], said: str, expected: str
) -> None:
    with pytest.raises(RegionError, match=expected):
        load_region(region_of(said))


def test_every_event_type_may_come_from_some_source() -> None:
    assert all(each.sources for each in EVENTS.values())
