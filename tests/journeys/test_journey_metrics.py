"""After journeys of many kinds `/metrics` tells how many stand where, and of nobody and no unit in particular."""

from __future__ import annotations

import os
from typing import Any

import requests
from prometheus_client.parser import text_string_to_metric_families
from town import HALMSTAD, NEW_UNIT, PAPER_UNIT, TIMED, Town

Metrics = dict[tuple[str, ...], float]


def _scraped() -> str:
    answer = requests.get(f"http://127.0.0.1:{os.environ['VAXEL_GATEWAY__PORT']}/metrics", timeout=30)
    assert answer.status_code == 200
    return answer.text


def _samples(said: str) -> Metrics:
    """Each sample by its name and then its labels' values, in the order of the labels' names."""
    found = (sample for family in text_string_to_metric_families(said) for sample in family.samples)
    return {(s.name, *(value for _, value in sorted(s.labels.items()))): s.value for s in found}


def _words(given: Any) -> set[str]:
    """Every value in what was sent, however deep: words of ours, such as `staff`, left out."""
    if isinstance(given, dict):
        return {word for value in given.values() for word in _words(value)}
    if isinstance(given, list):
        return {word for value in given for word in _words(value)}
    return {str(given)} if len(str(given)) > 8 else set()


async def test_metrics_tell_of_no_patient_no_unit_and_no_case(town: Town) -> None:
    numbers = town.residents(4)
    bookings = [
        town.books(numbers[0], call_letter=TIMED, purpose="Kontroll av hjärtat"),
        town.books(numbers[1], unit=PAPER_UNIT, call_letter=TIMED),
        town.books(numbers[2], unit=NEW_UNIT),
    ]
    wrong = town.booking(numbers[3], start=None, unit=HALMSTAD, end="Anna Test")
    assert town.sends("created", wrong)["status"] == 422
    await town.comes_to_rest()
    said = _scraped()
    sent = _words([bookings, wrong, list(town.people.values())])
    sent |= {str(town.case(booking).id) for booking in bookings} | {number[2:] for number in numbers}
    assert len(sent) > 30
    assert [value for value in sent if value in said] == []


async def test_metrics_count_what_came_of_it(town: Town) -> None:
    numbers = town.residents(3)
    before = _samples(_scraped())
    for number, unit in zip(numbers, (HALMSTAD, HALMSTAD, NEW_UNIT), strict=True):
        town.books(number, unit=unit)
    waiting = _samples(_scraped())
    await town.comes_to_rest()
    after = _samples(_scraped())
    process = "booking_publication"
    assert waiting["vaxel_events_waiting", process] == 3
    assert after["vaxel_events_waiting", process] == after["vaxel_oldest_due_seconds", process] == 0
    assert after["vaxel_cases", process, "settled"] == 2
    assert after["vaxel_cases_parked", process, "unit_unknown"] == 1
    assert after["vaxel_waiting_for_human", process, "ops"] == 1
    assert after["vaxel_effects", "done", "sms"] == 2
    counted = ("vaxel_webhook_seconds_count", "vas", "202")
    assert after[counted] - before.get(counted, 0) == 3
