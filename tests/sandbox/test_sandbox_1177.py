"""1177: the inbox, what 1177 itself tells the resident, and what the resident sees of our producer."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sandbox_driver import ADULT, UNIT, Driver, engagement, faultstring, sso_link, values

from sandbox.systems.e1177.producer import CORE, DETAILS, EXTENSION, SCHEDULE

SOON = (datetime.now(ZoneInfo("Europe/Stockholm")) + timedelta(days=3)).strftime("%Y%m%d090000")
LONG_AGO = "20200101090000"


def test_an_active_resident_is_active_with_the_methods_wished(town: Driver) -> None:
    town.lives_here(notified_by_1177=["SMS", "Email"])
    answer = town.is_active()
    assert values(answer, "status") == ["true"]
    assert values(answer, "activeNotificationMethods") == ["SMS", "Email"]


def test_a_stranger_is_not_active(town: Driver) -> None:
    assert values(town.is_active(), "status") == ["false"]


def test_a_message_reaches_the_inbox(town: Driver) -> None:
    town.lives_here()
    assert values(town.add_message(), "resultCode") == ["OK"]
    inbox = town.get(f"/inspect/e1177?patient={ADULT}")["inbox"]
    assert [(one["unit"], one["text"]) for one in inbox] == [(UNIT, "Kallelse")]


def test_one_who_is_not_active_gets_no_message(town: Driver) -> None:
    town.lives_here(active_on_1177=False)
    answer = town.add_message()
    assert values(answer, "resultCode") == ["ERROR"]
    assert values(answer, "resultText") == ["Target person is not active user"]
    assert town.get("/inspect/e1177")["inbox"] == []


def test_notify_tells_by_which_methods_it_was_done(town: Driver) -> None:
    town.lives_here(notified_by_1177=["Email"])
    assert values(town.add_message(notify="true"), "notificationSent") == ["Email"]
    assert [one["why"] for one in town.get("/inspect/e1177")["notifications"]] == ["inbox"]


def test_without_notify_nobody_is_notified(town: Driver) -> None:
    town.lives_here(notified_by_1177=["Email"])
    assert values(town.add_message(notify="false"), "notificationSent") == []
    assert town.get("/inspect/e1177")["notifications"] == []


def test_notify_without_a_source_system_is_refused(town: Driver) -> None:
    town.lives_here()
    assert values(town.add_message(notify="true", source=""), "resultCode") == ["ERROR"]


def test_a_message_without_text_is_a_fault(town: Driver) -> None:
    town.lives_here()
    assert "messageText" in faultstring(town.add_message(text=""))


def test_a_message_in_a_thread_may_have_a_link_that_logs_in(town: Driver) -> None:
    town.lives_here()
    answer = town.add_message(thread="c-1", link=sso_link())
    assert (values(answer, "resultCode"), values(answer, "messageThreadId")) == (["OK"], ["c-1"])
    (message,) = town.get("/inspect/e1177")["inbox"]
    link = {"systemId": "vaxel", "text": "Logga in", "queryString": "t=abc", "type": "NewTarget"}
    assert (message["thread"], message["link"]) == ("c-1", link)


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"type": "Popup"}, "type"), ({"systemId": ""}, "systemId"), ({"url": "https://x"}, "ssoLink")],
)
def test_a_link_that_1177_could_not_follow_is_a_fault(
    town: Driver, changed: dict[str, str], named: str
) -> None:
    town.lives_here()
    assert named in faultstring(town.add_message(link=sso_link(**changed)))
    assert town.get("/inspect/e1177")["inbox"] == []


def test_1177_notifies_of_what_is_new_and_what_is_changed_only(town: Driver) -> None:
    town.lives_here(notified_by_1177=["SMS"])
    for time in ("20261201090000", "20261201090000", "20261202090000"):
        town.update(engagement(mostRecentContent=time))
    town.update(engagement("true", mostRecentContent=None))
    whys = [one["why"] for one in town.get("/inspect/e1177")["notifications"]]
    assert whys == ["engagement_new", "engagement_changed"]


def test_1177_is_silent_to_one_without_its_notices(town: Driver) -> None:
    town.lives_here()
    town.update(engagement())
    assert town.get("/inspect/e1177")["notifications"] == []


def test_1177_is_silent_about_a_unit_that_is_not_connected(town: Driver) -> None:
    town.lives_here(notified_by_1177=["SMS"])
    town.post("/units", {"hsa_id": UNIT.lower(), "connected": False})
    town.update(engagement())
    assert town.get("/inspect/e1177")["notifications"] == []


def slot(identity: str, start: str | None = SOON, invitation: str = "") -> str:
    times = f"<c:startTimeInclusive>{start}</c:startTimeInclusive>" if start else ""
    end = f"<c:endTimeExclusive>{start[:-4]}3000</c:endTimeExclusive>" if start else ""
    return (
        f'<timeslotDetail xmlns:c="{CORE}">{times}{end}<c:healthcare_facility>{UNIT}</c:healthcare_facility>'
        f"<c:bookingId>{identity}</c:bookingId><c:subject_of_care>{ADULT}</c:subject_of_care>"
        f"<c:purpose>Besök</c:purpose>{invitation}</timeslotDetail>"
    )


INVITATION = f'<e:isInvitation xmlns:e="{EXTENSION}">true</e:isInvitation>'


def producing(town: Driver, scheduled: str, detailed: str = "") -> None:
    """The gateway answers as our producer does."""

    def answer(path: str, body: bytes) -> tuple[int, bytes]:
        assert path == "/rivta/scheduling"
        name, namespace, content = "GetSubjectOfCareSchedule", SCHEDULE, scheduled
        if DETAILS.encode() in body:
            name, namespace, content = "GetBookingDetails", DETAILS, detailed
        message = f'<{name}Response xmlns="{namespace}">{content}</{name}Response>'
        soap = f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{message}</s:Body></s:Envelope>'
        return 200, soap.encode()

    town.gateway.answer = answer


def seen(town: Driver) -> dict[str, list[str]]:
    answer = town.get(f"/inspect/e1177?patient={ADULT}")
    assert answer["errors"] == []
    return {one["booking"]: one["seen_by"] for one in answer["bookings"]}


def test_the_resident_sees_what_the_producer_has_at_each_unit_in_the_index(town: Driver) -> None:
    town.update(engagement())
    producing(town, slot("b-1") + slot("b-2"))
    assert seen(town) == {"b-1": ["schedule"], "b-2": ["schedule"]}


def test_without_an_engagement_nobody_is_asked(town: Driver) -> None:
    producing(town, slot("b-1"))
    assert seen(town) == {}
    assert town.gateway.calls == []


def test_an_open_call_letter_is_seen_by_its_details(town: Driver) -> None:
    town.update(engagement(categorization="Invitation", businessObjectInstanceIdentifier="b-3"))
    producing(town, "", slot("b-3", None, INVITATION))
    assert seen(town) == {"b-3": ["details"]}


def test_a_timed_call_letter_is_one_booking_seen_twice(town: Driver) -> None:
    town.update(engagement(categorization="Invitation"))
    producing(town, slot("b-1", invitation=INVITATION), slot("b-1", invitation=INVITATION))
    assert seen(town) == {"b-1": ["schedule", "details"]}


def test_what_has_passed_is_not_shown(town: Driver) -> None:
    town.update(engagement())
    producing(town, slot("b-1", LONG_AGO))
    assert seen(town) == {}


def test_a_producer_that_breaks_the_contract_is_told_of(town: Driver) -> None:
    town.update(engagement())
    producing(town, slot("b-1").replace("<c:bookingId>", "<c:reason>x</c:reason><c:bookingId>"))
    answer = town.get(f"/inspect/e1177?patient={ADULT}")
    assert answer["bookings"] == []
    assert "bookingId does not belong there" in answer["errors"][0]


def test_a_producer_that_fails_is_told_of(town: Driver) -> None:
    town.update(engagement())
    town.gateway.answer = lambda path, body: (500, b"<faultstring>VP009 x</faultstring>")
    errors = town.get(f"/inspect/e1177?patient={ADULT}")["errors"]
    assert errors == ["GetSubjectOfCareSchedule: HTTP 500 VP009 x"]


def test_1177_asks_as_the_resident_with_the_unit_as_its_address(town: Driver) -> None:
    town.update(engagement())
    producing(town, "")
    town.get(f"/inspect/e1177?patient={ADULT}")
    _, headers, body = town.gateway.calls[0]
    assert headers["soapaction"] == f'"{SCHEDULE}:GetSubjectOfCareSchedule"'
    assert f">{UNIT}</r:LogicalAddress>".encode() in body
    assert b"<h:actorType>subject_of_care</h:actorType>" in body
