"""We as producer of crm:scheduling: raw SOAP, good and bad."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from gateway_driver import OTHER, PROXY, RESIDENT, UNIT, Gateway, Shown, booking, served
from lxml import etree

from bench.journey import mix
from engine.tables.inbox import Inbox
from gateway.app import create_app
from gateway.callers import Callers
from gateway.scheduling.ports import ShownBooking
from gateway.scheduling.timeslots import is_coming
from systems.rivta.timestamps import ts

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
CORE = "{urn:riv:crm:scheduling:1}"
INVITED = "{urn:riv:crm:scheduling:1.1}isInvitation"
OPEN = {"call_letter": {"kind": "open"}, "start": None, "end": None}


def _call(
    operation: str, *fields: tuple[str, str], unit: str = UNIT, actor: str = "", header: str = ""
) -> str:
    namespace = f"urn:riv:crm:scheduling:{operation}Responder:1"
    content = "".join(f"<m:{name}>{value}</m:{name}>" for name, value in fields)
    address = f'<r:LogicalAddress xmlns:r="urn:riv:itintegration:registry:1">{unit}</r:LogicalAddress>'
    return (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{address}{actor or _actor()}{header}</s:Header>'
        f'<s:Body><m:{operation} xmlns:m="{namespace}">{content}</m:{operation}></s:Body></s:Envelope>'
    )


def _actor(actor_id: str = RESIDENT, kind: str = "subject_of_care") -> str:
    return (
        '<h:Actor xmlns:h="urn:riv:interoperability:headers:1">'
        f"<h:actorId>{actor_id}</h:actorId><h:actorType>{kind}</h:actorType></h:Actor>"
    )


AGENT = _actor("SE2321000115-X", "subject_of_care_agent")


def _schedule(resident: str = RESIDENT, unit: str = UNIT, **more: Any) -> str:
    fields = ("healthcare_facility", unit), ("subject_of_care", resident)
    return _call("GetSubjectOfCareSchedule", *fields, **more)


def _details(booking_id: str = "VAS-2026-118", unit: str = UNIT, **more: Any) -> str:
    return _call("GetBookingDetails", ("healthcare_facility", unit), ("bookingId", booking_id), **more)


def _post(gateway: Gateway, call: str | bytes, **headers: str | None) -> requests.Response:
    sent = (
        PROXY
        | {"content-type": "text/xml; charset=utf-8"}
        | {n.replace("_", "-"): v for n, v in headers.items()}
    )
    body = call.encode() if isinstance(call, str) else call
    return gateway.http.post(f"{gateway.url}/rivta/scheduling", data=body, headers=sent, timeout=10)


def _slots(answer: requests.Response) -> list[dict[str, str | None]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    found = [e for e in etree.fromstring(answer.content).iter() if str(e.tag).endswith("timeslotDetail")]
    return [{str(e.tag).replace(CORE, ""): e.text for e in slot} for slot in found]


def _is_fault(answer: requests.Response, text: str, code: str = "Client") -> bool:
    assert answer.status_code == 500
    fault = etree.fromstring(answer.content).find(f".//{{{SOAP}}}Fault")
    assert fault is not None
    assert fault.findtext("faultcode") == f"soap:{code}"
    assert text in (fault.findtext("faultstring") or "")
    assert RESIDENT not in answer.text
    return True


def _show(gateway: Gateway, *bookings: ShownBooking) -> None:
    gateway.shown.bookings.extend(bookings)


# --- what a resident sees


def test_a_booking_is_shown_whole(gateway: Gateway) -> None:
    shown = booking()
    _show(gateway, ShownBooking(shown, is_invitation=False, unit_name="Vårdcentralen Halmstad"))
    assert _slots(_post(gateway, _schedule())) == [
        {
            "startTimeInclusive": ts(shown.start),
            "endTimeExclusive": ts(shown.end),
            "healthcare_facility": UNIT,
            "bookingId": "VAS-2026-118",
            "subject_of_care": RESIDENT,
            "purpose": "Återbesök",
            "healthcare_facility_name": "Vårdcentralen Halmstad",
            "timeTypeName": "Videobesök",
            "timeTypeID": "VIDEO",
            "cancel_booking_allowed": "false",
            "rebooking_allowed": "false",
            "message_allowed": "false",
        }
    ]


def test_a_resident_without_bookings_sees_an_empty_schedule(gateway: Gateway) -> None:
    assert _slots(_post(gateway, _schedule())) == []


def test_what_is_not_known_is_left_out_and_no_permission_is_a_no(gateway: Gateway) -> None:
    plain = booking(purpose=None, cancellable=None, rebookable=False, form=None, end=None)
    _show(gateway, ShownBooking(plain, is_invitation=False))
    slot = _slots(_post(gateway, _schedule()))[0]
    assert (slot["cancel_booking_allowed"], slot["rebooking_allowed"]) == ("false", "false")
    assert {"purpose", "endTimeExclusive", INVITED}.isdisjoint(slot)


def test_a_call_letter_carries_its_text_and_a_time_type(gateway: Gateway) -> None:
    _show(gateway, ShownBooking(booking(), is_invitation=True, text="Välkommen <till> oss"))
    slot = _slots(_post(gateway, _schedule()))[0]
    assert (slot["purpose"], slot["timeTypeID"], slot[INVITED]) == ("Välkommen <till> oss", "VIDEO", "true")


def test_a_call_letter_without_any_text_still_has_a_purpose(gateway: Gateway) -> None:
    _show(gateway, ShownBooking(booking(purpose=None, time_type="K12"), is_invitation=True))
    slot = _slots(_post(gateway, _schedule()))[0]
    assert (slot["purpose"], slot["timeTypeID"]) == ("Kallelse", "K12")


def test_an_open_call_letter_is_in_the_details_only(gateway: Gateway) -> None:
    _show(gateway, ShownBooking(booking(**OPEN), is_invitation=True, text="Boka en tid"))
    assert _slots(_post(gateway, _schedule())) == []
    slot = _slots(_post(gateway, _details()))[0]
    assert slot["purpose"] == "Boka en tid"
    assert "startTimeInclusive" not in slot


def test_what_is_past_is_not_shown(gateway: Gateway) -> None:
    past = datetime.now(UTC) - timedelta(hours=2)
    over = booking(start=past, end=past + timedelta(minutes=30))
    _show(gateway, ShownBooking(over, is_invitation=False))
    assert _slots(_post(gateway, _schedule())) == []
    assert _is_fault(_post(gateway, _details()), "No such booking")


def test_hsa_ids_compare_without_regard_to_case(gateway: Gateway) -> None:
    _show(gateway, ShownBooking(booking(), is_invitation=False))
    assert len(_slots(_post(gateway, _schedule(unit=UNIT.lower())))) == 1


def test_an_agent_of_care_may_ask_for_anyone(gateway: Gateway) -> None:
    _show(gateway, ShownBooking(booking(), is_invitation=False))
    assert len(_slots(_post(gateway, _schedule(actor=AGENT)))) == 1
    assert len(_slots(_post(gateway, _details(actor=AGENT)))) == 1


def test_times_are_swedish_on_both_sides_of_the_change(gateway: Gateway) -> None:
    summer, winter = "2199-10-26T10:00:00+02:00", "2199-10-28T10:00:00+01:00"
    _show(gateway, ShownBooking(booking(start=summer, end=winter), is_invitation=False))
    slot = _slots(_post(gateway, _schedule()))[0]
    assert slot["startTimeInclusive"] == "21991026100000"


# --- what a caller may not


def test_a_resident_sees_no_one_elses(gateway: Gateway) -> None:
    _show(gateway, ShownBooking(booking(), is_invitation=False))
    stranger = _actor(OTHER)
    assert _is_fault(_post(gateway, _schedule(actor=stranger)), "only ask about themselves")
    assert _is_fault(_post(gateway, _details(actor=stranger)), "No such booking")


def test_a_reservnummer_is_never_shown(gateway: Gateway) -> None:
    patient = {"id": "NH81A2K4P0", "type": "reservnummer"}
    _show(gateway, ShownBooking(booking(patient=patient), is_invitation=False))
    assert _is_fault(_post(gateway, _details(actor=AGENT)), "No such booking")


def test_an_unknown_booking_is_a_fault(gateway: Gateway) -> None:
    assert _is_fault(_post(gateway, _details("nothing")), "No such booking")


def test_the_logical_address_must_be_the_unit(gateway: Gateway) -> None:
    call = _call("GetBookingDetails", ("healthcare_facility", "SE2321000115-E9"), ("bookingId", "1"))
    assert _is_fault(_post(gateway, call), "differ")


@pytest.mark.parametrize("address", ["", "   "])
def test_a_missing_logical_address_is_vp003(gateway: Gateway, address: str) -> None:
    call = _schedule().replace(f':1">{UNIT}<', f':1">{address}<', 1)
    assert _is_fault(_post(gateway, call), "VP003")


def test_a_missing_or_unknown_actor_is_a_fault(gateway: Gateway) -> None:
    assert _is_fault(_post(gateway, _schedule(actor="<x/>")), "Actor")
    assert _is_fault(_post(gateway, _schedule(actor=_actor(kind="doctor"))), "Actor")
    assert _is_fault(_post(gateway, _schedule(actor=_actor(actor_id=" "))), "Actor")


@pytest.mark.parametrize(
    "headers",
    [
        {"x_vp_sender_id": None},
        {"x_vp_sender_id": "SE2321000115-B"},
        {"x_vp_sender_id": f"{PROXY['x-vp-sender-id']}, SE2321000115-B"},
        {"x_vaxel_proxy": None},
        {"x_vaxel_proxy": "a-proxy-s-secret-of-another"},
        {"x_vaxel_proxy": ""},
        {"x_vp_sender_id": None, "x_vaxel_proxy": None},
    ],
    ids=str,
)
def test_a_caller_that_our_proxy_does_not_name_may_not_ask(
    gateway: Gateway, headers: dict[str, str | None]
) -> None:
    assert _slots(_post(gateway, _schedule(), x_vp_sender_id=PROXY["x-vp-sender-id"].lower())) == []
    assert _is_fault(_post(gateway, _schedule(), **headers), "VP007")


@pytest.mark.parametrize(
    "callers", [Callers(), Callers([], "one"), Callers(["SE1-A"]), Callers(["SE1-A"], " ")]
)
def test_the_producer_is_closed_until_callers_and_a_proxy_are_named(callers: Callers) -> None:
    gateway = Gateway()
    app = create_app(Inbox(), {}.get, lambda: True, gateway.wake, schedule=Shown(), callers=callers)
    with served(app) as gateway.url:
        for secret in ("", "one", "None"):
            answer = _post(gateway, _schedule(), x_vp_sender_id="SE1-A", x_vaxel_proxy=secret)
            assert _is_fault(answer, "VP007")


def test_while_the_proxys_secret_changes_both_are_good(database: None) -> None:
    gateway = Gateway()
    callers = Callers(["SE1-A"], "old new")
    app = create_app(Inbox(), {}.get, lambda: True, gateway.wake, schedule=Shown(), callers=callers)
    with served(app) as gateway.url:
        for secret in ("old", "new"):
            assert _slots(_post(gateway, _schedule(), x_vp_sender_id="se1-a", x_vaxel_proxy=secret)) == []
        assert _is_fault(
            _post(gateway, _schedule(), x_vp_sender_id="SE1-A", x_vaxel_proxy="old new"), "VP007"
        )


# --- what is no call


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<",
        b"{}",
        b"<a>&b;</a>",
        b"\xff\xfe\x00",
        b"<a>\x00</a>",
        b"<a>" * 5000,
    ],
)
def test_what_is_no_xml_is_a_fault(gateway: Gateway, body: bytes) -> None:
    assert _is_fault(_post(gateway, body), "well-formed")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_a_fault(gateway: Gateway, encoding: str) -> None:
    laughs = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;&b;">]>'
    assert _is_fault(_post(gateway, (laughs + _schedule()).encode(encoding)), "document type")


def test_an_external_entity_is_not_fetched(gateway: Gateway) -> None:
    entity = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>'
    assert _is_fault(_post(gateway, entity + _schedule(resident="&b;")), "document type")


def test_another_envelope_is_a_version_mismatch(gateway: Gateway) -> None:
    twelve = _schedule().replace(SOAP, "http://www.w3.org/2003/05/soap-envelope")
    assert _is_fault(_post(gateway, twelve), "SOAP 1.1", "VersionMismatch")


def test_a_header_that_must_be_understood_is_not(gateway: Gateway) -> None:
    header = '<x:Security xmlns:x="urn:x" s:mustUnderstand="1"/>'
    assert _is_fault(_post(gateway, _schedule(header=header)), "understood", "MustUnderstand")


@pytest.mark.parametrize(
    ("node", "is_ours"),
    [
        ("", True),
        ("http://schemas.xmlsoap.org/soap/actor/next", True),
        ("urn:x:somebody-elses", False),
    ],
)
def test_what_another_node_must_understand_is_not_for_us(gateway: Gateway, node: str, is_ours: bool) -> None:
    """SOAP 1.1 §4.2.2."""
    header = f'<x:Security xmlns:x="urn:x" s:actor="{node}" s:mustUnderstand="1"/>'
    answer = _post(gateway, _schedule(header=header))
    assert _is_fault(answer, "understood", "MustUnderstand") if is_ours else _slots(answer) == []


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("iso-8859-1", "latin-1"),
        ('"ISO-8859-1"', "latin-1"),
        ("utf-16", "utf-16"),
        ("iso-8859-1", "utf-8-sig"),
    ],
)
def test_the_charset_of_the_call_counts_unless_a_mark_says_otherwise(
    gateway: Gateway, charset: str, encoding: str
) -> None:
    """RFC 7303 §3.2."""
    _show(gateway, ShownBooking(booking(id="Å1"), is_invitation=False))
    call = _details("Å1").encode(encoding)
    assert len(_slots(_post(gateway, call, content_type=f"text/xml; charset={charset}"))) == 1


def test_a_charset_that_is_none_is_a_fault(gateway: Gateway) -> None:
    for kind in ("text/xml; charset=nonsense", "text/xml; charset*; charset*1"):
        assert _is_fault(_post(gateway, _schedule(), content_type=kind), "well-formed")
    said = b"<?xml version='1.0' encoding='nonsense'?><a/>"
    assert _is_fault(_post(gateway, said, content_type="text/xml"), "well-formed")


@pytest.mark.parametrize(
    "call",
    [
        _call("GetSubjectOfCareSchedule", ("subject_of_care", RESIDENT), ("healthcare_facility", UNIT)),
        _call("GetSubjectOfCareSchedule", ("healthcare_facility", UNIT)),
        _call("GetBookingDetails", ("healthcare_facility", UNIT)),
        _schedule(resident=""),
    ],
)
def test_missing_empty_or_disordered_elements_are_a_fault(gateway: Gateway, call: str) -> None:
    assert _is_fault(_post(gateway, call), "schema")


@pytest.mark.parametrize("resident", ["1", "20131201238x", "201312012386 OR 1=1"])
def test_a_resident_that_is_none_is_a_fault(gateway: Gateway, resident: str) -> None:
    assert _is_fault(_post(gateway, _schedule(resident, actor=AGENT)), "subject_of_care")


@pytest.mark.parametrize("operation", ["MakeBooking", "CancelBooking", "Nonsense"])
def test_an_unknown_operation_is_a_fault(gateway: Gateway, operation: str) -> None:
    assert _is_fault(_post(gateway, _call(operation)), "No such operation")


def test_an_action_that_names_another_operation_is_a_fault(gateway: Gateway) -> None:
    action = '"urn:riv:crm:scheduling:GetBookingDetailsResponder:1:GetBookingDetails"'
    assert _is_fault(_post(gateway, _schedule(), soapaction=action), "SOAPAction")
    assert _slots(_post(gateway, _schedule(), soapaction='""')) == []


def test_a_body_with_none_or_two_elements_is_a_fault(gateway: Gateway) -> None:
    for body in ("<s:Body/>", "<s:Body><a/><b/></s:Body>"):
        call = f'<s:Envelope xmlns:s="{SOAP}"><s:Header/>{body}</s:Envelope>'
        assert _is_fault(_post(gateway, call), "one element")


def test_a_call_too_large_or_of_another_type_is_a_fault(gateway: Gateway) -> None:
    assert _is_fault(_post(gateway, _schedule() + " " * 70_000), "too large")
    assert _is_fault(_post(gateway, _schedule(), content_type="application/soap+xml"), "text/xml")


def test_residents_who_ask_at_once_are_read_together_and_each_sees_their_own(gateway: Gateway) -> None:
    """1177 asks for 200 a second: the same few questions to our tables serve all who ask within a moment."""
    residents = mix.identities()[:24]
    gateway.shown.bookings = [
        ShownBooking(booking(id=f"B-{one}", patient={"id": one, "type": "personnummer"}), False)
        for one in residents
    ]
    with ThreadPoolExecutor(len(residents)) as pool:
        calls = [_schedule(one, actor=_actor(one)) for one in residents]
        answers = list(pool.map(lambda call: _slots(_post(gateway, call)), calls))
    assert [[slot["bookingId"] for slot in slots] for slots in answers] == [[f"B-{one}"] for one in residents]
    assert sum(gateway.shown.asked) == len(residents)
    assert len(gateway.shown.asked) <= len(residents) / 2


def test_of_residents_who_ask_at_once_one_who_cannot_be_shown_theirs_is_alone_with_it(
    gateway: Gateway,
) -> None:
    gateway.shown.broken_for = OTHER
    with ThreadPoolExecutor(4) as pool:
        own = [_schedule(one, actor=_actor(one)) for one in (RESIDENT, OTHER, RESIDENT, OTHER)]
        assert [_post(gateway, call).status_code for call in own] == [200, 500, 200, 500]
        assert [each.status_code for each in pool.map(lambda call: _post(gateway, call), own)] == [
            200,
            500,
            200,
            500,
        ]


def test_a_schedule_that_cannot_be_read_is_the_servers_fault(gateway: Gateway) -> None:
    gateway.shown.broken = True
    assert _is_fault(_post(gateway, _schedule()), "VP009", "Server")


# --- when a booking is over


NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("valid_until", "now", "coming"),
    [
        (None, NOON, True),
        ("2026-12-01", NOON, True),
        ("2026-12-01", datetime(2026, 12, 1, 22, 59, tzinfo=UTC), True),  # 23:59 in Sweden
        ("2026-12-01", datetime(2026, 12, 1, 23, 0, tzinfo=UTC), False),
        ("2026-12-01T11:59:00Z", NOON, False),
        ("2026-12-01T12:01:00Z", NOON, True),
    ],
)
def test_an_open_call_letter_runs_out(valid_until: str | None, now: datetime, coming: bool) -> None:
    letter = {"kind": "open", "valid_until": valid_until}
    assert is_coming(booking(start=None, end=None, call_letter=letter), now) is coming


def test_a_visit_is_coming_until_it_is_over() -> None:
    visit = booking(start=NOON, end=NOON + timedelta(minutes=30))
    assert is_coming(visit, NOON + timedelta(minutes=29))
    assert not is_coming(visit, NOON + timedelta(minutes=30))
    assert not is_coming(booking(start=NOON, end=None), NOON)
