"""The client of 1177's catalogue of services."""

from __future__ import annotations

from typing import Any

import pytest

from engine.base.errors import Incident, NotSent, Refused
from systems import soap
from systems.catalogue import Catalogue, Restrictions, Service
from systems.rivta import eoffering as riv

UNIT = "SE2321000115-E000000000001"
OTHER = "SE2321000115-E000000000002"
JOURNAL = riv.EService(
    name="Journal", description="Läs din journal", resource_id="j", url="https://1177.se/j"
)


def client(url: str) -> Catalogue:
    return Catalogue(url, 1.0)


def answered(*offered: tuple[str, list[riv.EService]]) -> bytes:
    available = [riv.AvailableEServices(facility=riv.Facility(unit=u), services=s) for u, s in offered]
    return soap.wrap(riv.GetAvailableEServicesResponse(available=available))


def only_service(peer: Any, acts: Any, **fields: Any) -> Service:
    server = peer(acts.answer(200, answered((UNIT, [JOURNAL.model_copy(update=fields)]))))
    (service,) = client(server.url).offered([UNIT])[UNIT]
    return service


def test_a_service_has_its_name_link_and_limits(peer: Any, acts: Any) -> None:
    area = riv.Area(counties=["13"], municipalities=["1380", "1383"])
    limits = riv.Restrictions(area=area, gender="2", listing=True, referral=False, age_min=16, age_max=110)
    found = only_service(peer, acts, security_level="AL3", restrictions=limits)
    assert (found.id, found.name, found.link, found.level) == ("j", "Journal", "https://1177.se/j", "AL3")
    assert found.restrictions == Restrictions(
        age_min=16, age_max=110, gender="2", listed=True, counties=("13",), municipalities=("1380", "1383")
    )


def test_a_service_without_restrictions_is_for_everyone(peer: Any, acts: Any) -> None:
    assert only_service(peer, acts).restrictions == Restrictions()


def test_all_units_are_asked_for_in_one_call_and_each_has_an_answer(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, answered((UNIT.lower(), [JOURNAL]), (UNIT, [JOURNAL]))))
    found = client(server.url).offered([UNIT, OTHER])
    assert {unit: len(services) for unit, services in found.items()} == {UNIT: 2, OTHER: 0}
    got = soap.unwrap(server.got[0].body)
    assert soap.read_message(got.body, riv.GetAvailableEServices).units == [UNIT, OTHER]
    assert got.logical_address == "SE165565594230-1000"


def test_nothing_is_asked_for_no_unit(nobody: str) -> None:
    assert client(nobody).offered([]) == {}


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (" https://e-tjanster.1177.se/a?b=c&d=e#f\n", "https://e-tjanster.1177.se/a?b=c&d=e#f"),
        (None, None),
        ("", None),
        ("http://1177.se/", None),
        ("javascript:alert(1)", None),
        ("//1177.se/a", None),
        ("/mvk/start", None),
        ("https://", None),
        ("https://1177.se@example.com/", None),
        ("https://1177.se/a b", None),
        ("https://1177.se/a\u202eb", None),
        ("https://[1177/", None),
    ],
)
def test_a_link_is_one_that_a_resident_can_be_sent_to(
    peer: Any, acts: Any, url: str | None, link: str | None
) -> None:
    assert only_service(peer, acts, url=url).link == link


@pytest.mark.parametrize("how", ["hang_up", "reset", "silence"])
def test_a_lost_answer_was_not_sent(peer: Any, acts: Any, how: str) -> None:
    with pytest.raises(NotSent):
        Catalogue(peer(getattr(acts, how)).url, 0.3).offered([UNIT])


@pytest.mark.parametrize(
    "body",
    [
        b"<html/>",
        soap.wrap(riv.GetAvailableEServices(units=[UNIT])),
        answered((UNIT, [JOURNAL])).replace(b"<c:resourceId>j</c:resourceId>", b""),
    ],
)
def test_an_answer_that_is_none_was_not_sent(peer: Any, acts: Any, body: bytes) -> None:
    with pytest.raises(NotSent, match="malformed_answer"):
        client(peer(acts.answer(200, body)).url).offered([UNIT])


@pytest.mark.parametrize(
    ("fault", "error", "reason"),
    [
        ("VP004 no route", Refused, "unit_not_connected"),
        ("VP007 not allowed", Incident, "not_authorised"),
        ("VP009 lost", NotSent, "answer_lost"),
        ("something else", NotSent, "technical_error"),
    ],
)
def test_a_fault_means_what_it_means_everywhere(
    peer: Any, acts: Any, fault: str, error: type[Exception], reason: str
) -> None:
    server = peer(acts.answer(500, soap.fault("Server", fault)))
    with pytest.raises(error, match=reason):
        client(server.url).offered([UNIT])
