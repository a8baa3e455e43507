"""The client of 1177's form engine."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.base.errors import NotSent, Refused, UnknownOutcome
from systems import soap
from systems.forms import FormEngine, Forms
from systems.rivta import forminteraction as riv

RESIDENT = "191212121212"
UNIT = "SE2321000115-E000000000001"
OURS = f"{UNIT}:r-1"
SENT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
FORM: dict[str, Any] = {
    "unit": UNIT,
    "template": "hd",
    "reference": "r-1",
    "expires": date(2026, 12, 24),
    "keep_until": date(2027, 1, 31),
}


def client(url: str) -> FormEngine:
    return FormEngine(url, 1.0)


def made(*ids: str, code: Any = "OK", comment: str | None = None) -> bytes:
    forms = [riv.FormRequestResponse(process=OURS, form_id=one, unit=UNIT) for one in ids]
    return soap.wrap(riv.CreateFormRequestResponse(forms=forms, comment=comment, result_code=code))


def form(identity: str, process: str | None = None, created: str = "20261123T090001") -> str:
    marked = f"<clinicalProcessInterestId>{process}</clinicalProcessInterestId>" if process else ""
    return (
        f"<l:forms><createdDateTime>{created}</createdDateTime><formId>{identity}</formId>"
        f"<formStatus>ONGOING</formStatus><healthcare_facility_CareUnit>{UNIT}</healthcare_facility_CareUnit>"
        f"<healthcare_facility_CareUnitName>VC</healthcare_facility_CareUnitName>{marked}</l:forms>"
    )


def listed(peer: Any, acts: Any, *forms: str) -> Forms:
    message = (
        f'<l:GetFormsResponse xmlns:l="{riv.LIST}" xmlns="{riv.CORE}">{"".join(forms)}</l:GetFormsResponse>'
    )
    body = f'<s:Envelope xmlns:s="{soap.ENVELOPE}"><s:Body>{message}</s:Body></s:Envelope>'
    engine = client(peer(acts.answer(200, body)).url)
    return engine.requested(RESIDENT, unit=UNIT, template="hd", reference="r-1", since=SENT)


def test_a_request_says_who_what_by_whom_and_until_when(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, made("f-1")))
    assert client(server.url).request(RESIDENT, **FORM, text="Inför besöket", version=3) == "f-1"
    envelope = soap.unwrap(server.got[0].body)
    (asked,) = soap.read_message(envelope.body, riv.CreateFormRequest).requests
    assert (asked.resident, asked.unit, asked.template, asked.version) == (RESIDENT, UNIT, "hd", 3)
    assert (asked.expires, asked.keep_until) == (date(2026, 12, 24), date(2027, 1, 31))
    assert (asked.process, asked.text) == (OURS, "Inför besöket")
    assert b"<c:expireDate>20261224</c:expireDate>" in server.got[0].body
    assert envelope.logical_address == "SE165565594230-1000"


def test_info_is_a_success(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, made("f-1", code="INFO", comment="shown to the resident")))
    assert client(server.url).request(RESIDENT, **FORM) == "f-1"


def test_error_is_a_refusal_that_quotes_nothing(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, made(code="ERROR", comment=f"about {RESIDENT}")))
    with pytest.raises(Refused) as caught:
        client(server.url).request(RESIDENT, **FORM)
    assert str(caught.value) == "form_refused"


@pytest.mark.parametrize(("ids", "code"), [((), "OK"), (("f-1", "f-2"), "OK"), (("f-1",), "ERROR")])
def test_an_answer_that_contradicts_itself_is_an_unknown_outcome(
    peer: Any, acts: Any, ids: tuple[str, ...], code: str
) -> None:
    with pytest.raises(UnknownOutcome, match="malformed_answer"):
        client(peer(acts.answer(200, made(*ids, code=code))).url).request(RESIDENT, **FORM)


@pytest.mark.parametrize("how", ["hang_up", "reset", "silence"])
def test_a_request_whose_answer_is_lost_is_unknown_and_not_repeated(peer: Any, acts: Any, how: str) -> None:
    server = peer(getattr(acts, how))
    with pytest.raises(UnknownOutcome):
        FormEngine(server.url, 0.3).request(RESIDENT, **FORM)
    assert len(server.got) == 1


def test_a_text_that_xml_has_no_room_for_is_refused(nobody: str) -> None:
    with pytest.raises(Refused, match="unsendable_text"):
        client(nobody).request(RESIDENT, **FORM, text="\x00")


def test_the_question_afterwards_is_by_resident_unit_and_template_never_by_reference(
    peer: Any, acts: Any
) -> None:
    server = peer(acts.answer(200, soap.wrap(riv.GetFormsResponse())))
    engine = client(server.url)
    found = engine.requested(RESIDENT, unit=UNIT, template="hd", reference="r-1", since=SENT)
    assert found == Forms([], complete=True)
    asked = soap.read_message(soap.unwrap(server.got[0].body).body, riv.GetForms)
    assert (asked.resident, asked.unit, asked.templates) == (RESIDENT, UNIT, ["hd"])
    assert asked.processes == []


@pytest.mark.parametrize(
    ("forms", "ids", "complete"),
    [
        ([form("f-1", OURS)], ["f-1"], True),
        ([form("f-1", OURS.lower())], ["f-1"], True),
        ([form("f-1", OURS), form("f-2", f"{UNIT}:r-2"), form("f-3", OURS)], ["f-1", "f-3"], True),
        ([form("f-2", f"{UNIT}:r-2")], [], True),
        ([form("f-1")], [], False),
        ([form("f-1", created="20261123T085959")], [], True),
        ([form("f-1", created="20261123T090000")], [], False),
        ([form("f-1", created="i går")], [], False),
        ([form("f-1", OURS), form("f-2")], ["f-1"], False),
    ],
    ids=[
        "ours",
        "ours in other letters",
        "ours twice",
        "another's",
        "one without a reference",
        "one without, made before",
        "one without, made as we sent",
        "one without, made who knows when",
        "ours and one without",
    ],
)
def test_a_lost_request_is_found_by_its_reference_or_surely_not_there_or_unclear(
    peer: Any, acts: Any, forms: list[str], ids: list[str], complete: bool
) -> None:
    assert listed(peer, acts, *forms) == Forms(ids, complete)


@pytest.mark.parametrize("how", ["hang_up", "reset", "silence"])
def test_a_lost_question_was_not_sent(peer: Any, acts: Any, how: str) -> None:
    engine = FormEngine(peer(getattr(acts, how)).url, 0.3)
    with pytest.raises(NotSent):
        engine.requested(RESIDENT, unit=UNIT, template="hd", reference="r-1", since=SENT)
