"""1177 as an independent program sees it: zeep from the national WSDLs, xmlschema from the national XSDs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
import xmlschema
import zeep
from gateway_driver import PROXY, RESIDENT, UNIT, Gateway, booking
from lxml import etree

from engine.base.settings import settings
from gateway.scheduling.ports import ShownBooking
from systems.rivta.timestamps import ts

DOMAIN = settings().material / "rivta" / "crm.scheduling_trunk" / "schemas"
ACTOR = {"actorId": RESIDENT, "actorType": "subject_of_care"}
HEADERS = {"LogicalAddress": UNIT, "actor": ACTOR}

pytestmark = pytest.mark.skipif(not DOMAIN.exists(), reason=f"no WSDLs at {DOMAIN} (VAXEL_MATERIAL)")


def _interaction(operation: str, suffix: str) -> Path:
    return DOMAIN / "interactions" / f"{operation}Interaction" / f"{operation}{suffix}"


class Kept(zeep.Plugin):
    """Keeps the last answer, as it came."""

    def ingress(self, envelope: Any, http_headers: Any, operation: Any) -> Any:
        self.answer = envelope
        return envelope, http_headers


def _ask(gateway: Gateway, operation: str, **question: str) -> Any:
    kept = Kept()
    wsdl = _interaction(operation, "Interaction_1.1_RIVTABP21.wsdl")
    with requests.Session() as session:
        session.trust_env = False
        session.headers.update(PROXY)
        client = zeep.Client(str(wsdl), transport=zeep.Transport(session=session), plugins=[kept])
        binding = next(iter(client.wsdl.bindings))
        service = client.create_service(binding, f"{gateway.url}/rivta/scheduling")
        answer = getattr(service, operation)(**question, _soapheaders=HEADERS)
    _validate(operation, kept.answer)
    return answer


def _validate(operation: str, envelope: Any) -> None:
    schema = xmlschema.XMLSchema(str(_interaction(operation, "Responder_1.1.xsd")))
    content = envelope.find("{http://schemas.xmlsoap.org/soap/envelope/}Body")[0]
    schema.validate(etree.tostring(content).decode())


def test_zeep_reads_the_schedule(gateway: Gateway) -> None:
    timed, called = booking(), booking(id="VAS-2", form="phone", purpose=None)
    open_letter = booking(id="VAS-3", call_letter={"kind": "open"}, start=None, end=None)
    gateway.shown.bookings += [
        ShownBooking(timed, is_invitation=False),
        ShownBooking(called, is_invitation=True, text="Vi ringer dig & hör hur du mår <3"),
        ShownBooking(open_letter, is_invitation=True, text="Boka"),
    ]
    answer = _ask(gateway, "GetSubjectOfCareSchedule", healthcare_facility=UNIT, subject_of_care=RESIDENT)
    first, second = answer["timeslotDetail"]
    assert (first["bookingId"], first["startTimeInclusive"]) == ("VAS-2026-118", ts(timed.start))
    assert second["purpose"] == "Vi ringer dig & hör hur du mår <3"
    assert second["isInvitation"] is True


def test_zeep_reads_an_empty_schedule(gateway: Gateway) -> None:
    answer = _ask(gateway, "GetSubjectOfCareSchedule", healthcare_facility=UNIT, subject_of_care=RESIDENT)
    assert not answer or not answer["timeslotDetail"]


def test_zeep_reads_the_details_of_an_open_call_letter(gateway: Gateway) -> None:
    letter = booking(call_letter={"kind": "open", "valid_until": "2199-12-31"}, start=None, end=None)
    gateway.shown.bookings.append(ShownBooking(letter, is_invitation=True, text="Boka en tid"))
    slot = _ask(gateway, "GetBookingDetails", healthcare_facility=UNIT, bookingId="VAS-2026-118")
    slot = getattr(slot, "timeslotDetail", slot)
    assert (slot["purpose"], slot["isInvitation"], slot["startTimeInclusive"]) == ("Boka en tid", True, None)


def test_zeep_understands_our_faults(gateway: Gateway) -> None:
    with pytest.raises(zeep.exceptions.Fault, match="No such booking") as caught:
        _ask(gateway, "GetBookingDetails", healthcare_facility=UNIT, bookingId="nothing")
    assert caught.value.code == "soap:Client"
