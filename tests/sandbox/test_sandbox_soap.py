"""The envelope: SOAP 1.1 by the book, and nothing dangerous in it."""

from __future__ import annotations

import pytest
from sandbox_driver import ACTIVE, ADULT, ENVELOPE, Driver, envelope, faultstring, values

BODY = f'<IsActiveUser xmlns="{ACTIVE}"><subjectOfCareId>{ADULT}</subjectOfCareId></IsActiveUser>'
HEADERS = {"content-type": "text/xml; charset=utf-8", "soapaction": f'"{ACTIVE}:IsActiveUser"'}


def raw(town: Driver, message: str, **headers: str) -> str:
    url = f"{town.sandbox.url}/e1177"
    return faultstring(town.session.post(url, data=message.encode(), headers=HEADERS | headers, timeout=5))


def test_the_path_behind_the_system_does_not_matter(town: Driver) -> None:
    answer = town.soap("e1177/IsActiveUser/1/rivtabp21", ACTIVE, "IsActiveUser", BODY)
    assert values(answer, "status") == ["false"]


def test_get_is_not_allowed(town: Driver) -> None:
    assert town.session.get(f"{town.sandbox.url}/e1177", timeout=5).status_code == 405


@pytest.mark.parametrize(
    "headers",
    [
        {"soapaction": f"{ACTIVE}:IsActiveUser"},
        {"soapaction": '""'},
        {"soapaction": '"urn:x:Other"'},
        {"content-type": "application/xml"},
        {"content-type": "text/xml; charset=iso-8859-1"},
    ],
)
def test_wrong_http_headers_are_a_fault(town: Driver, headers: dict[str, str]) -> None:
    assert raw(town, envelope(BODY), **headers)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("<", "not well-formed"),
        (f"<!DOCTYPE x>{envelope(BODY)}", "document type"),
        (f'<!DOCTYPE x [<!ENTITY a "b">]>{envelope(BODY)}', "document type"),
        (envelope(BODY).replace(ENVELOPE, "http://www.w3.org/2003/05/soap-envelope"), "SOAP 1.1"),
        (envelope(BODY + BODY), "one element"),
        (envelope(""), "one element"),
        (envelope(BODY.replace("IsActiveUser", "IsUser")), "not IsActiveUser"),
        (envelope(BODY.replace(":1", ":2")), "not IsActiveUser"),
        (envelope(BODY.replace("<subject", "text<subject")), "text between"),
        (envelope(BODY.replace("Id>1", ' a="b">1', 1)), "not well-formed"),
        (envelope(BODY.replace("<subjectOfCareId>", '<subjectOfCareId a="b">')), "attribute"),
        (envelope(BODY.replace(ADULT, "<b/>")), "cannot have elements"),
        (envelope(BODY.replace(ADULT, "")), "wrong value: subjectOfCareId"),
        (envelope(BODY.replace(ADULT, "1992-0223-2394")), "wrong value: subjectOfCareId"),
        (envelope(BODY, ""), "VP003"),
    ],
)
def test_what_is_wrong_is_told_by_element_and_not_by_value(town: Driver, message: str, told: str) -> None:
    text = raw(town, message)
    assert told in text
    assert "1992" not in text


def test_a_header_that_must_be_understood_is_not(town: Driver) -> None:
    message = envelope(BODY).replace("<s:Header>", '<s:Header><x:a xmlns:x="urn:x" s:mustUnderstand="1"/>')
    assert "understood" in raw(town, message)


def test_other_headers_are_passed_over(town: Driver) -> None:
    message = envelope(BODY).replace("<s:Header>", '<s:Header><x:a xmlns:x="urn:x"/>')
    url = f"{town.sandbox.url}/e1177"
    assert town.session.post(url, data=message, headers=HEADERS, timeout=5).status_code == 200
