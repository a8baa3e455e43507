"""Residents who do it themselves on 1177: what is asked of our producer for them, and what they read."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from sandbox_driver import ADULT, ENVELOPE, UNIT, Driver

from sandbox.systems.e1177.producer import CANCEL, CORE, MAKE, TIMESLOTS, UPDATE

CHILD, AGENT = "201512152380", "SE165565594230-P000000000001"
START, END = "2027-03-01T10:00:00+01:00", "2027-03-01T10:30:00+01:00"
WHO = {"personnummer": ADULT, "unit": UNIT}
PRESSES: dict[str, dict[str, Any]] = {
    "book": WHO | {"start": START, "end": END},
    "rebook": WHO | {"booking": "b-1", "start": START, "end": END},
    "cancel": WHO | {"booking": "b-1"},
    "times": WHO | {"from": "2027-03-01", "to": "2027-03-28"},
}
RESPONDERS = {"book": MAKE, "rebook": UPDATE, "cancel": CANCEL, "times": TIMESLOTS}


def answered(town: Driver, namespace: str, inner: str) -> None:
    operation = namespace.split(":")[4].removesuffix("Responder")
    content = f'<{operation}Response xmlns="{namespace}">{inner}</{operation}Response>'
    soap = f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body>{content}</s:Body></s:Envelope>'
    town.gateway.answer = lambda path, body: (200, soap.encode())


def press(town: Driver, button: str, **changed: Any) -> dict[str, Any]:
    answer = town.post(f"/act/1177/{button}", PRESSES[button] | changed)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def asked(town: Driver) -> tuple[Any, dict[str, list[str]]]:
    """The one call that the gateway got: its header, and the values of its body by name."""
    ((path, _, body),) = town.gateway.calls
    assert path == "/rivta/scheduling"
    header, content = etree.fromstring(body)
    found: dict[str, list[str]] = {}
    for leaf in content.iter():
        if not len(leaf):
            found.setdefault(etree.QName(leaf).localname, []).append(leaf.text)
    return header, found


def actor(header: Any) -> list[str]:
    return [leaf.text for leaf in header[1]]


def test_a_time_is_booked_as_the_resident_who_is_logged_in(town: Driver) -> None:
    town.lives_here(name="Anna Maria Test")
    said = "<resultCode>INFO</resultCode><resultText>Numret sparades inte.</resultText>"
    answered(town, MAKE, f"<bookingId>b-2</bookingId>{said}")
    read = press(
        town, "book", time_type="NY", performer="SE2321000115-P1", phone="+46701740605", message="Hosta"
    )
    seconds = read.pop("seconds")
    assert read == {"result": "INFO", "text": "Numret sparades inte.", "booking": "b-2", "error": None}
    assert 0 <= seconds < 5
    header, body = asked(town)
    assert actor(header) == [ADULT, "subject_of_care"]
    assert body == {
        "healthcare_facility_med": [UNIT],
        "startTimeInclusive": ["20270301100000"],
        "endTimeExclusive": ["20270301103000"],
        "healthcare_facility": [UNIT],
        "performer": ["SE2321000115-P1"],
        "subject_of_care": [ADULT],
        "reason": ["Hosta"],
        "timeTypeID": ["NY"],
        "phone": ["+46701740605"],
        "firstName": ["Anna"],
        "lastName": ["Maria Test"],
    }


def test_an_open_call_letter_is_answered_by_its_id(town: Driver) -> None:
    answered(town, MAKE, "<bookingId>b-2</bookingId><resultCode>OK</resultCode>")
    assert press(town, "book", booking="b-1")["booking"] == "b-2"
    assert asked(town)[1]["bookingId"] == ["b-1"]


def test_a_booking_is_moved_and_cancelled_by_its_id(town: Driver) -> None:
    answered(town, UPDATE, "<resultCode>OK</resultCode>")
    assert press(town, "rebook")["result"] == "OK"
    assert asked(town)[1]["bookingId"] == ["b-1"]
    town.gateway.reset()
    answered(town, CANCEL, "<resultCode>ERROR</resultCode><resultText>För sent.</resultText>")
    assert press(town, "cancel", message="Frisk")["text"] == "För sent."
    assert asked(town)[1] == {"healthcare_facility": [UNIT], "bookingId": ["b-1"], "message": ["Frisk"]}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ({}, [ADULT, "subject_of_care", ADULT]),
        ({"for": CHILD}, [ADULT, "subject_of_care", CHILD]),
        ({"agent": AGENT}, [AGENT, "subject_of_care_agent", ADULT]),
    ],
)
@pytest.mark.parametrize("button", ["book", "rebook", "times"])
def test_who_is_logged_in_and_of_whom_it_is(town: Driver, button: str, by: Any, expected: list[str]) -> None:
    """barn-1: a guardian acts as themselves, for the child."""
    press(town, button, **by)
    header, body = asked(town)
    assert [*actor(header), *body["subject_of_care"]] == expected


def test_free_times_are_shown_with_what_they_are(town: Driver) -> None:
    fields = {
        "startTimeInclusive": "20270301100000", "endTimeExclusive": "20270301103000", "healthcare_facility": UNIT,
        "performer": "SE2321000115-P1", "performerName": "Anna Test", "timeTypeName": "Nybesök", "timeTypeID": "NY",
    }  # fmt: skip
    slot = "".join(f'<c:{n} xmlns:c="{CORE}">{v}</c:{n}>' for n, v in fields.items())
    answered(town, TIMESLOTS, f"<timeslotDetail>{slot}</timeslotDetail>" * 2)
    shown = press(town, "times", booking="b-1", time_type="NY")["times"]
    assert len(shown) == 2
    assert {name: value for name, value in shown[0].items() if value} == {
        "start": START, "end": END, "unit": UNIT, "time_type": "NY", "time_type_name": "Nybesök",
        "performer": "SE2321000115-P1", "performer_name": "Anna Test",
    }  # fmt: skip
    body = asked(town)[1]
    assert (body["startDateInclusive"], body["endDateInclusive"]) == (["20270301"], ["20270328"])
    assert (body["bookingId"], body["timeTypeID"]) == (["b-1"], ["NY"])


@pytest.mark.parametrize("button", PRESSES)
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, "<soap:Fault><faultstring>VP009 not now</faultstring></soap:Fault>"),
        (200, "<html/>"),
        (200, ""),
    ],
)
def test_a_fault_is_an_error_of_1177_s_own(town: Driver, button: str, status: int, said: str) -> None:
    town.gateway.answer = lambda path, body: (status, said.encode())
    read = press(town, button)
    assert (read["result"], read["text"], read["booking"]) == (None, None, None)
    assert read["error"]


@pytest.mark.parametrize(
    ("button", "inner"),
    [
        ("book", "<resultCode>DONE</resultCode>"),
        ("book", "<resultCode>OK</resultCode><bookingId>b-1</bookingId>"),
        ("rebook", "<bookingId>b-1</bookingId><resultCode>OK</resultCode>"),
        ("cancel", "<resultCode>OK</resultCode><resultText></resultText>"),
        ("times", "<resultCode>OK</resultCode>"),
    ],
)
def test_an_answer_that_is_not_the_contract_s_is_an_error(town: Driver, button: str, inner: str) -> None:
    answered(town, RESPONDERS[button], inner)
    assert press(town, button)["error"]


@pytest.mark.parametrize(
    ("button", "wrong"),
    [
        ("book", {"start": "2027-03-01"}),
        ("book", {"start": None}),
        ("rebook", {"booking": None}),
        ("cancel", {"start": START}),
        ("times", {"from": "1/3"}),
    ],
)
def test_a_button_that_is_pressed_wrong(town: Driver, button: str, wrong: Any) -> None:
    assert town.post(f"/act/1177/{button}", PRESSES[button] | wrong).status_code == 422
    assert town.gateway.calls == []
