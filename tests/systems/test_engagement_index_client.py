"""The client of the engagement index."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.base.errors import NotSent, Refused, SystemDown, UnknownOutcome
from systems import soap
from systems.engagement_index import Engagement, EngagementIndex, Transaction
from systems.rivta import engagement_index as riv

RESIDENT = "191212121212"
UNIT = "SE2321000115-E000000000001"
CHANGED = datetime(2026, 12, 1, 8, tzinfo=UTC)
BOOKING = Engagement(RESIDENT, "Booking", UNIT, "b-1", CHANGED)


def client(url: str) -> EngagementIndex:
    return EngagementIndex(url, "SE2321000115-E000000000099", "SE2321000115-1000", 1.0)


def said(code: Any, comment: str | None = None) -> bytes:
    return soap.wrap(riv.UpdateResponse(result_code=code, comment=comment))


def found(*records: riv.Engagement) -> bytes:
    return soap.wrap(riv.FindContentResponse(engagements=list(records)))


def record(**changes: Any) -> riv.Engagement:
    values: dict[str, Any] = {
        "resident": RESIDENT,
        "service_domain": "riv:crm:scheduling",
        "categorization": "Booking",
        "logical_address": UNIT,
        "business_object": "b-1",
        "clinical_process_interest": "NA",
        "most_recent_content": CHANGED,
        "source_system": "SE2321000115-E000000000099",
        "data_controller": "SE2321000115-1000",
    }
    return riv.Engagement(**(values | changes))


def sent(server: Any) -> list[dict[str, str | None]]:
    """The transactions of the only update, by the names of their elements."""
    body = soap.unwrap(server.got[0].body).body
    return [{each.tag.split("}")[1]: each.text for each in one.iter() if len(each) == 0} for one in body]


def test_an_update_says_all_that_the_index_wants(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, said("OK")))
    client(server.url).update([Transaction(BOOKING)])
    assert sent(server) == [
        {
            "deleteFlag": "false",
            "registeredResidentIdentification": RESIDENT,
            "serviceDomain": "riv:crm:scheduling",
            "categorization": "Booking",
            "logicalAddress": UNIT,
            "businessObjectInstanceIdentifier": "b-1",
            "clinicalProcessInterestId": "NA",
            "mostRecentContent": "20261201090000",
            "sourceSystem": "SE2321000115-E000000000099",
            "dataController": "SE2321000115-1000",
        }
    ]
    assert soap.unwrap(server.got[0].body).logical_address == "5565594230"


def test_a_deletion_has_no_most_recent_content(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, said("OK")))
    client(server.url).update([Transaction(BOOKING, delete=True)])
    (transaction,) = sent(server)
    assert transaction["deleteFlag"] == "true"
    assert "mostRecentContent" not in transaction


def test_info_is_a_success(peer: Any, acts: Any) -> None:
    client(peer(acts.answer(200, said("INFO", "something"))).url).update([Transaction(BOOKING)])


def test_error_is_a_refusal_that_does_not_repeat_the_comment(peer: Any, acts: Any) -> None:
    with pytest.raises(Refused) as caught:
        client(peer(acts.answer(200, said("ERROR", RESIDENT))).url).update([Transaction(BOOKING)])
    assert str(caught.value) == "index_refused"


def test_a_lost_answer_to_an_update_is_unknown(peer: Any, acts: Any) -> None:
    with pytest.raises(UnknownOutcome):
        client(peer(acts.hang_up).url).update([Transaction(BOOKING)])


def test_nobody_there_is_system_down(nobody: str) -> None:
    with pytest.raises(SystemDown):
        client(nobody).update([Transaction(BOOKING)])


@pytest.mark.parametrize("count", [0, 1001])
def test_an_update_has_one_to_a_thousand_transactions(nobody: str, count: int) -> None:
    many = [Transaction(Engagement(RESIDENT, "Booking", UNIT, f"b-{n}")) for n in range(count)]
    with pytest.raises(ValueError, match="1 to 1000"):
        client(nobody).update(many)


def test_a_thousand_transactions_go_in_one_call(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, said("OK")))
    client(server.url).update(
        [Transaction(Engagement(RESIDENT, "Booking", UNIT, f"{n}")) for n in range(1000)]
    )
    assert len(sent(server)) == 1000


def test_two_transactions_of_one_engagement_are_refused_whatever_the_case_of_the_unit(nobody: str) -> None:
    other = Engagement(RESIDENT, "Booking", UNIT.lower(), "b-1")
    with pytest.raises(ValueError, match="same engagement"):
        client(nobody).update([Transaction(BOOKING, delete=True), Transaction(other)])


def test_a_booking_and_an_invitation_are_two_engagements(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, said("OK")))
    letter = Engagement(RESIDENT, "Invitation", UNIT, "b-1")
    client(server.url).update([Transaction(letter, delete=True), Transaction(BOOKING)])
    assert [each["categorization"] for each in sent(server)] == ["Invitation", "Booking"]


@pytest.mark.parametrize("resident", ["", "1912121212", "ABC12345678X", "^191212121212$", "191212121212\n"])
def test_a_resident_that_the_index_cannot_hold_is_refused_before_anything_is_sent(
    nobody: str, resident: str
) -> None:
    with pytest.raises(Refused) as caught:
        client(nobody).update([Transaction(Engagement(resident, "Booking", UNIT, "b-1"))])
    assert str(caught.value) == "index_refused (resident)"


def test_a_booking_id_that_xml_has_no_room_for_is_refused(nobody: str) -> None:
    with pytest.raises(Refused) as caught:
        client(nobody).update([Transaction(Engagement(RESIDENT, "Booking", UNIT, "b\x00"))])
    assert caught.value.reason == "unsendable_text"


def test_a_search_gives_engagements(peer: Any, acts: Any) -> None:
    server = peer(
        acts.answer(200, found(record(), record(categorization="Invitation", most_recent_content=None)))
    )
    assert client(server.url).find(RESIDENT) == [BOOKING, Engagement(RESIDENT, "Invitation", UNIT, "b-1")]


def test_a_search_asks_for_our_own_alone(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, found()))
    assert client(server.url).find(RESIDENT, UNIT, "b-1") == []
    body = soap.unwrap(server.got[0].body).body
    assert soap.read_message(body, riv.FindContent) == riv.FindContent(
        resident=RESIDENT,
        service_domain="riv:crm:scheduling",
        logical_address=UNIT,
        business_object="b-1",
        source_system="SE2321000115-E000000000099",
    )


def test_both_spellings_of_the_domain_are_ours_and_other_domains_are_not(peer: Any, acts: Any) -> None:
    body = found(
        record(service_domain="urn:riv:crm:scheduling"),
        record(service_domain="riv:clinicalprocess:logistics"),
        record(categorization="Referral"),
    )
    assert client(peer(acts.answer(200, body)).url).find(RESIDENT) == [BOOKING]


@pytest.mark.parametrize("how", ["hang_up", "reset"])
def test_a_lost_search_was_not_sent(peer: Any, acts: Any, how: str) -> None:
    with pytest.raises(NotSent) as caught:
        client(peer(getattr(acts, how)).url).find(RESIDENT)
    assert caught.value.reason == "answer_lost"


def test_a_time_in_an_answer_that_is_none_makes_it_malformed(peer: Any, acts: Any) -> None:
    body = found(record()).replace(b"20261201090000", b"20261301090000")
    with pytest.raises(NotSent) as caught:
        client(peer(acts.answer(200, body)).url).find(RESIDENT)
    assert caught.value.reason == "malformed_answer"
