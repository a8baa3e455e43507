"""The journey bench tells the truth: who is booked, what is sent, what is made again, what is told of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
from personnummer import personnummer
from standardwebhooks import Webhook

from bench import chart
from bench.figures import percentile, table_of
from bench.journey import floor, measures, mix, report, sender
from bench.journey.possible import needed, possible
from bench.sending import send_all
from models.booking import Booking
from sandbox.server.sandbox import Sandbox

TODAY = date(2027, 3, 1)
SECRET = "whsec_" + "dGVzdHMgYW5kIG5vdGhpbmcgYnV0IHRlc3RzIGhlcmU="
Json = dict[str, Any]


@pytest.fixture
def town() -> Iterator[Sandbox]:
    with Sandbox(0) as sandbox:
        yield sandbox


# --- figures


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(each) for each in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.99, 1.0)] == [50.0, 99.0, 100.0]
    assert percentile([3.0], 0.99) == 3.0


def test_a_table_is_set_to_the_right() -> None:
    assert table_of([("a", "bb"), ("ccc", "d")]) == "  a  bb\nccc   d"


# --- who is booked


def test_residents_are_many_different_adults() -> None:
    numbers = mix.identities()
    assert len(set(numbers)) == mix.RESIDENTS
    assert all(personnummer.valid(number) for number in numbers[::50])
    assert max(numbers) < "2000"


def test_residents_bear_official_test_numbers(material: Path) -> None:
    listed = (material / "people" / "skatteverket_testpersonnummer.txt").read_text().split()
    assert set(mix.identities()) <= set(listed)


def test_the_gateway_would_take_every_sort_of_booking() -> None:
    patients = mix.identities()
    for number in range(len(mix.SORTS)):
        Booking.model_validate_json(json.dumps(mix.booking("t", number, patients, TODAY)))


def test_a_residents_bookings_are_of_the_residents_sort_and_on_different_days() -> None:
    patients = mix.identities()
    first, second = (mix.booking("t", number, patients, TODAY) for number in (5, 5 + mix.RESIDENTS))
    assert first["patient"] == second["patient"]
    assert first["unit"] == second["unit"]
    assert first["start"][:10] != second["start"][:10]


def test_what_twelve_bookings_lead_to() -> None:
    assert mix.led_to(range(12)) == Counter(
        engagements=12, sms=6, notices_by_1177=4, mails=2, inbox_letters=1, paper_letters=1
    )


# --- what is sent


def test_a_webhook_is_signed_as_the_standard_has_it() -> None:
    booking = mix.booking("t", 0, mix.identities(), TODAY)
    head, body = sender.signed(Webhook(SECRET), "127.0.0.1:1", booking).split(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert Webhook(SECRET).verify(body, headers)["data"]["booking"]["id"] == "t-0"
    assert int(headers["content-length"]) == len(body)


# --- the floor


CALLS: list[Json] = [
    {"system": "engagement_index", "body": "<a>198101012382</a><a>198101012390</a>"},
    {"system": "e1177", "body": "<a>198101012382</a>"},
    {"system": "e1177", "body": "<a>198101012390</a><at>20270301120000</at>"},
    {"system": "person", "body": "<a>198101012382</a>"},
    {"system": "sms", "body": "to=%2B46701740605"},
    {"system": "e1177", "body": "<a>198101012382</a>"},
]
RESIDENTS = {"198101012382": ["A"], "198101012390": ["B"], "+46701740605": ["A", "B"]}


def test_a_call_waits_for_the_one_before_it_about_the_same_resident_and_for_no_other() -> None:
    plan = floor.ordered(CALLS, RESIDENTS)
    assert [one.waits_for for one in plan] == [0, 1, 1, 1, 2, 1]
    assert [one.then for one in plan] == [[1, 2], [3], [4], [4, 5], [], []]


def test_the_replay_does_again_what_was_recorded(town: Sandbox) -> None:
    people = mix.residents()[:2]
    _use(town, people)
    calls = _recorded(town)
    held = requests.get(f"{town.url}/inspect/counts").json()
    requests.delete(f"{town.url}/state")
    requests.post(f"{town.url}/people", json=people)
    replay = floor.Replay(floor.ordered(calls, {}), town.url, town.smtp_port, connections=3)
    replay.make_calls()
    assert replay.wrong == []
    assert requests.get(f"{town.url}/inspect/counts").json() == held
    assert held["paper_letters"] == held["mails"] == held["sms"] == 1
    assert len(_recorded(town)) == len(calls)


def test_the_replay_has_so_many_connections_to_each_system_and_waits_for_late_answers(town: Sandbox) -> None:
    systems = ("vas", "sms")
    late = [{"system": system, "kind": "slow", "seconds": 0.2} for system in systems]
    requests.post(f"{town.url}/faults", json=late).raise_for_status()
    call = {"operation": "-", "method": "GET", "path": "/-", "headers": {}, "body": "", "status": 404}
    calls: list[Json] = [call | {"system": system} for system in systems for _ in range(6)]
    replay = floor.Replay(floor.ordered(calls, {}), town.url, town.smtp_port, connections=2)
    seconds = replay.make_calls()
    assert replay.wrong == []
    assert 0.6 <= seconds < 1.1  # three after one another to either system, both at once
    assert all(0.2 <= took < 0.4 for took in replay.took["vas"])


# --- what is possible


def _asked(operation: str, *about: str, system: str = "e1177") -> Json:
    return {"system": system, "operation": operation, "body": "".join(f"<a>{one}</a>" for one in about)}


def test_a_question_is_needed_once_for_a_resident_and_again_after_something_was_done_there() -> None:
    anna, bertil = mix.identities()[:2]
    calls = [
        *(_asked("IsActiveUser", one, "165565594230") for one in (anna, anna, bertil)),
        _asked("AddMessage", anna),
        _asked("IsActiveUser", anna),
        _asked("IsActiveUser", bertil),
        _asked("PostLetter", bertil, system="vas"),
        _asked("IsActiveUser", bertil),
    ]
    assert needed(calls, {anna, bertil}) == {"e1177": 4, "vas": 1}


def test_of_the_register_of_persons_one_call_is_needed_for_500() -> None:
    people = mix.identities()[:501]
    calls = [
        _asked("GetPersonsForProfile", *people[at : at + 16], system="person") for at in range(0, 501, 16)
    ]
    assert needed(calls, set(people)) == {"person": 2}


def test_the_system_with_the_most_to_do_says_what_is_possible() -> None:
    told = possible({"e1177": 1166, "sms": 500}, {"e1177": 0.1035, "sms": 0.1}, connections=4, cases=1000)
    assert told["system"] == "e1177"
    assert round(told["cases_a_second"], 1) == 33.1


def test_an_answer_that_is_another_than_it_was_is_told(town: Sandbox) -> None:
    call = {"system": "vas", "operation": "POST /letters", "method": "POST", "path": "/letters"}
    call |= {"headers": {}, "body": "{}", "status": 201}
    replay = floor.Replay(floor.ordered([call], {}), town.url, town.smtp_port, connections=2)
    replay.make_calls()
    assert replay.wrong == ["POST /letters: 400, not 201"]


def _use(town: Sandbox, people: list[Json]) -> None:
    """A letter, an SMS and an e-mail, as Växel's own clients send them."""
    from systems.mail import Mail
    from systems.sms import Sms
    from systems.vas import Vas

    requests.post(f"{town.url}/people", json=people)
    patient = {"id": people[0]["personnummer"], "type": "personnummer"}
    unit = {"hsa_id": "SE2321000115-E000000000001"}
    Vas(f"{town.url}/vas").post_letter("k", patient=patient, unit=unit, booking="b", text="Välkommen")
    Sms(f"{town.url}/sms", "user", "password").send(
        people[0]["phone"], "Hej", "RegHalland", "http://127.0.0.1:9/"
    )
    Mail("127.0.0.1", town.smtp_port, "Region <a@example.org>").send(people[1]["email"], "Hej", ".En rad\nÅ")


def _recorded(town: Sandbox) -> list[Json]:
    calls: list[Json] = requests.get(f"{town.url}/inspect/calls").json()["calls"]
    return calls


# --- what is told


def test_the_steady_part_of_a_long_backlog_begins_when_its_first_wave_is_settled_and_all_reminders_are_planned() -> (
    None
):
    looks = [
        measures.Look(0.0, False, 0, {"worker": 0.0}),
        measures.Look(10.0, True, 0, {"worker": 5.0}),
        measures.Look(30.0, True, 1000, {"worker": 15.0}),
        measures.Look(50.0, False, 2000, {"worker": 20.0}),
        measures.Look(55.0, True, 2500, {"worker": 25.0}),
        measures.Look(65.0, True, 4000, {"worker": 30.0}),
        measures.Look(75.0, True, 4500, {"worker": 35.0}),
    ]
    assert [measures.is_enough(looks[:count], 4000) for count in (4, 5, 6, 7)] == [False, False, False, True]
    long, short = measures.steady(looks, 4000), measures.steady(looks[:3], 1000)
    assert (long["cases"], long["ms_a_case"], long["cpu_ms_a_case"]) == (2000, 10.0, {"worker": 5.0})
    assert (short["cases"], short["ms_a_case"], short["cpu_ms_a_case"]) == (1000, 20.0, {"worker": 10.0})


def test_ratios_and_growth_come_of_the_rounds_medians() -> None:
    told = {"sizes": {"100": _size(100, 10.0), "1000": _size(1000, 130.0)}}
    told |= {"growth": report.growth(told["sizes"])}
    assert told["sizes"]["100"]["storm"]["of_floor"] == 0.5
    assert told["sizes"]["100"]["storm"]["of_possible"] == 0.4
    assert told["growth"] == [{"from": 100, "to": 1000, "time": 1.3, "cpu": 1.3}]
    reached = {one["what"]: one["reached"] for one in report.targets(told)}
    assert reached["of its floor, storm of 100"]
    assert not reached["a case at a backlog of 1000 over one at 100, time"]


def _size(cases: int, seconds: float) -> Json:
    """Three rounds, of which the second is the median: as fast as half its floor."""
    rounds = [_round(cases, seconds * slower) for slower in (0.9, 1.0, 5.0)]
    return report.of_size(rounds)


def _round(cases: int, seconds: float) -> Json:
    cpu = dict.fromkeys(report.PROGRAMS, 1000 * seconds / cases)
    one = {"cases": cases, "seconds": seconds, "worker_peak_mib": 200.0, "cpu_ms_a_case": cpu}
    base = {"cases": cases, "seconds": seconds / 2, "calls": 5 * cases, "sandbox_cpu_ms_a_case": 2.0}
    base |= {"possible": {"cases_a_second": 2.5 * cases / seconds, "system": "e1177"}}
    steady = {"ms_a_case": 1000 * seconds / cases, "cpu_ms_a_case": cpu}
    backlog = one | {"settled": cases, "start_to_first_effect_seconds": 3.0, "steady": steady}
    return {"storm": one, "storm_floor": base, "backlog": backlog, "backlog_floor": base}


def test_the_page_tells_the_machine_and_every_target() -> None:
    told: Json = {"at": "2027-03-01", "sizes": {"100": _size(100, 10.0)}, "notes": ["A note."]}
    told["machine"] = {"cores": 2, "cpu": "A", "memory_gib": 24.0, "system": "Linux", "python": "3.11"}
    told["machine"]["load_before"] = [0.5]
    told["growth"] = report.growth(told["sizes"])
    told["targets"] = report.targets(told)
    page = report.page(told)
    assert "2 cores of A" in page
    assert all(one["what"] in page for one in told["targets"])
    assert page.endswith("- A note.\n")


def test_the_chart_is_svg_with_a_bar_for_each_side() -> None:
    engine = {"sides": {name: {"cases_a_second": rate} for name, rate in RATES.items()}}
    journey = {"sizes": {"1000": _size(1000, 20.0), "10000": _size(10_000, 200.0)}}
    drawn = ElementTree.fromstring(chart.svg([chart.of_engine(engine), chart.of_journey(journey)]))
    bars = [float(each.get("width", 0)) for each in drawn.iter("{http://www.w3.org/2000/svg}rect")][1:]
    assert len(bars) == len(RATES) + 4
    assert bars[:4] == sorted(bars[:4], reverse=True)
    assert min(bars) > 0


RATES = {"floor": 400.0, "vaxel": 240.0, "dbos": 40.0, "prefect": 0.36}


def test_the_committed_chart_is_of_the_committed_results(tmp_path: Path) -> None:
    results = chart.HERE / "results"
    groups = [
        group(json.loads((results / name).read_text()))
        for name, group in (("engine.json", chart.of_engine), ("journey.json", chart.of_journey))
        if (results / name).exists()
    ]
    assert chart.OUTPUT.read_text() == chart.svg(groups)


async def test_a_webhook_that_comes_late_counts_from_its_time() -> None:
    """Open loop: a slow answer makes the next ones late, and that is told."""
    import asyncio

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            await reader.readexactly(length)
            await asyncio.sleep(0.3)
            writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}")

    server = await asyncio.start_server(slow, "127.0.0.1", 0)
    port, began = server.sockets[0].getsockname()[1], datetime.now(UTC).timestamp() + 0.1
    booking = mix.booking("t", 0, mix.identities(), TODAY)
    made = partial(sender.signed, Webhook(SECRET), f"127.0.0.1:{port}", booking)
    answers = await send_all(port, lambda _: iter([(began, made), (began, made)]), 1)
    assert answers.statuses == {202: 2}
    assert answers.seconds[0] >= 0.3
    assert answers.seconds[1] >= answers.seconds[0] + 0.29
    server.close()
