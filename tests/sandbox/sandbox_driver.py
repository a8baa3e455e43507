"""Drives a sandbox over its real sockets, and stands behind it as a gateway that remembers what came."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from lxml import etree

from sandbox.server.sandbox import Sandbox

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SOURCES = ("vas", "platform24", "hope", "lifecare", "stodbehandling", "e1177", "mail", "sms", "staff")
OWN_SOLUTIONS = ("local-hjarta", "local-sar")
UNIT = "SE2321000115-E000000000001"
ADULT = "199202232394"
INDEX = "5565594230"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
UPDATE = "urn:riv:itintegration:engagementindex:UpdateResponder:1"
FIND = "urn:riv:itintegration:engagementindex:FindContentResponder:1"
INDEX_CORE = "urn:riv:itintegration:engagementindex:1"
ADD = "urn:riv:infrastructure:eservicesupply:patientportal:AddMessageToPatientPortalInboxResponder:1"
ACTIVE = "urn:riv:infrastructure:eservicesupply:patientportal:IsActiveUserResponder:1"
PORTAL_CORE = "urn:riv:infrastructure:eservicesupply:patientportal:1"
AT_1177 = "SE165565594230-1000"
OFFERED = "urn:riv:eservicesupply:eoffering:GetAvailableEServicesResponder:1"
FORM_CORE = "urn:riv:infrastructure:eservicesupply:forminteraction:2"
CREATE_FORM = "urn:riv:infrastructure:eservicesupply:forminteraction:CreateFormRequestResponder:2"
LIST_FORMS = "urn:riv:infrastructure:eservicesupply:forminteraction:GetFormsResponder:2"
PROFILE = "urn:riv:strategicresourcemanagement:persons:person:GetPersonsForProfileResponder:5"
PROFILE_CORE = "urn:riv:strategicresourcemanagement:persons:person:5"
CONTACT = "urn:riv:strategicresourcemanagement:persons:person:GetPersonContactInformationResponder:4"
CONTACT_CORE = "urn:riv:strategicresourcemanagement:persons:person:4"


class Gateway:
    """Keeps (path, headers, body) of every POST; `answer` gives status and body for each. A GET is a page."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: Callable[[str, bytes], tuple[int, bytes]] = lambda path, body: (202, b"{}")
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                gateway.calls.append((self.path, headers, body))
                status, answer = gateway.answer(self.path, body)
                self.send_response(status)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def do_GET(self) -> None:
                page = b"<h1>A page</h1>"
                self.send_response(200)
                self.send_header("content-length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def reset(self) -> None:
        self.calls.clear()
        self.answer = lambda path, body: (202, b"{}")

    def at(self, path: str) -> list[bytes]:
        return [body for called, _, body in self.calls if called == path]


class Driver:
    """One sandbox and its client."""

    def __init__(self, sandbox: Sandbox, gateway: Gateway) -> None:
        self.sandbox, self.gateway = sandbox, gateway
        self.session = requests.Session()
        self.session.trust_env = False

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.post(self.sandbox.url + path, json=body, headers=named, timeout=10)

    def get(self, path: str) -> Any:
        return self.session.get(self.sandbox.url + path, timeout=10).json()

    def delete(self, path: str) -> int:
        return self.session.delete(self.sandbox.url + path, timeout=10).status_code

    def lives_here(self, number: str = ADULT, **fields: Any) -> str:
        assert self.post("/people", {"personnummer": number} | fields).status_code == 201
        return number

    def fault(self, system: str, kind: str, **fields: Any) -> None:
        assert self.post("/faults", {"system": system, "kind": kind} | fields).status_code == 201

    def soap(
        self, system: str, namespace: str, operation: str, body: str, address: str = INDEX, **headers: str
    ) -> requests.Response:
        given = {"content-type": "text/xml; charset=utf-8", "soapaction": f'"{namespace}:{operation}"'}
        message = envelope(body, address).encode()
        url = f"{self.sandbox.url}/{system}"
        return self.session.post(url, data=message, headers=given | headers, timeout=10)

    def update(self, *transactions: str, **more: str) -> requests.Response:
        return self.soap("engagement_index", UPDATE, "Update", update(*transactions), **more)

    def find(self, resident: str = ADULT, **fields: str) -> list[dict[str, str]]:
        body = find(resident, **fields)
        answer = self.soap("engagement_index", FIND, "FindContent", body)
        return [leaves(one) for one in etree.fromstring(answer.content).iter(f"{{{FIND}}}engagement")]

    def is_active(self, resident: str = ADULT) -> requests.Response:
        body = f'<IsActiveUser xmlns="{ACTIVE}"><subjectOfCareId>{resident}</subjectOfCareId></IsActiveUser>'
        return self.soap("e1177", ACTIVE, "IsActiveUser", body)

    def add_message(self, resident: str = ADULT, **fields: str) -> requests.Response:
        return self.soap("e1177", ADD, "AddMessageToPatientPortalInbox", add_message(resident, **fields))

    def offered(self, *units: str, address: str = AT_1177) -> requests.Response:
        return self.soap("e1177", OFFERED, "GetAvailableEServices", offered(*(units or (UNIT,))), address)

    def create_form(self, *forms: str, address: str = AT_1177) -> requests.Response:
        return self.soap("e1177", CREATE_FORM, "CreateFormRequest", create_form(*forms), address)

    def forms(self, address: str = AT_1177, **wanted: str) -> requests.Response:
        return self.soap("e1177", LIST_FORMS, "GetForms", forms(**wanted), address)

    def sms(self, **fields: str) -> requests.Response:
        form = {"from": "RegHalland", "to": "+46701740605", "message": "Hej"} | fields
        url = f"{self.sandbox.url}/sms/a1/sms"
        return self.session.post(url, data=form, auth=("user", "password"), timeout=10)


@contextmanager
def driven() -> Iterator[Driver]:
    """A sandbox that is its own, and its gateway."""
    gateway = Gateway()
    secrets = dict.fromkeys((*SOURCES, *OWN_SOLUTIONS), SECRET)
    with Sandbox(0, gateway.url, secrets, receipt_ladder=(0.05,)) as sandbox:
        yield Driver(sandbox, gateway)
    gateway.server.shutdown()


def envelope(body: str, address: str = INDEX) -> str:
    header = ""
    if address:
        named = f'<r:LogicalAddress xmlns:r="urn:riv:itintegration:registry:1">{address}</r:LogicalAddress>'
        header = f"<s:Header>{named}</s:Header>"
    return f'<s:Envelope xmlns:s="{ENVELOPE}">{header}<s:Body>{body}</s:Body></s:Envelope>'


def engagement(delete: str = "false", **changed: str | None) -> str:
    fields: dict[str, str | None] = {
        "registeredResidentIdentification": ADULT,
        "serviceDomain": "riv:crm:scheduling",
        "categorization": "Booking",
        "logicalAddress": UNIT,
        "businessObjectInstanceIdentifier": "b-1",
        "clinicalProcessInterestId": "NA",
        "mostRecentContent": "20261201090000",
        "sourceSystem": "SE2321000115-VAXEL",
        "creationTime": None,
        "dataController": "SE2321000115",
    } | changed
    content = "".join(f"<c:{name}>{value}</c:{name}>" for name, value in fields.items() if value is not None)
    return (
        f'<engagementTransaction><c:deleteFlag xmlns:c="{INDEX_CORE}">{delete}</c:deleteFlag>'
        f'<c:engagement xmlns:c="{INDEX_CORE}">{content}</c:engagement></engagementTransaction>'
    )


def update(*transactions: str) -> str:
    return f'<Update xmlns="{UPDATE}">{"".join(transactions)}</Update>'


def find(resident: str, **fields: str) -> str:
    given = {"registeredResidentIdentification": resident, "serviceDomain": "riv:crm:scheduling"} | fields
    content = "".join(f"<{name}>{value}</{name}>" for name, value in given.items())
    return f'<FindContent xmlns="{FIND}">{content}</FindContent>'


def sso_link(**changed: str) -> str:
    fields = {"systemId": "vaxel", "text": "Logga in", "queryString": "t=abc", "type": "NewTarget"} | changed
    return f"<c:ssoLink>{''.join(f'<c:{n}>{v}</c:{n}>' for n, v in fields.items() if v)}</c:ssoLink>"


def add_message(
    resident: str,
    *,
    notify: str = "",
    source: str = "VAXEL",
    text: str = "Kallelse",
    thread: str = "",
    link: str = "",
) -> str:
    unit = f"<c:unitId>{UNIT}</c:unitId><c:unitName>Vårdcentralen</c:unitName>"
    in_thread = f"<c:messageThreadId>{thread}</c:messageThreadId>" if thread else ""
    said = f"<c:messageText>{text}</c:messageText>"
    message = f"<c:organisationUnit>{unit}</c:organisationUnit>{in_thread}{said}{link}"
    tail = (f"<notify>{notify}</notify>" if notify else "") + (
        f"<sourceSystem>{source}</sourceSystem>" if source else ""
    )
    return (
        f'<AddMessageToPatientPortalInbox xmlns="{ADD}" xmlns:c="{PORTAL_CORE}">'
        f"<subjectOfCareId>{resident}</subjectOfCareId><message>{message}</message>{tail}"
        "</AddMessageToPatientPortalInbox>"
    )


def offered(*units: str) -> str:
    content = "".join(f"<healthcare_facility>{unit}</healthcare_facility>" for unit in units)
    return f'<GetAvailableEServices xmlns="{OFFERED}">{content}</GetAvailableEServices>'


def form(**changed: str | None) -> str:
    fields: dict[str, str | None] = {
        "clinicalProcessInterestId": f"{UNIT}:r-1",
        "expireDate": "29991231",
        "formText": "Inför besöket",
        "healthcare_facility_CareUnit": UNIT,
        "keepUntil": "29991231",
        "subjectOfCare": ADULT,
        "templateId": "form",
        "templateVersion": None,
    } | changed
    content = "".join(f"<c:{name}>{value}</c:{name}>" for name, value in fields.items() if value is not None)
    return f"<formRequests>{content}</formRequests>"


def create_form(*forms: str) -> str:
    return (
        f'<CreateFormRequest xmlns="{CREATE_FORM}" xmlns:c="{FORM_CORE}">{"".join(forms)}</CreateFormRequest>'
    )


def forms(**wanted: str) -> str:
    """In the order of the contract, whatever the order here."""
    order = ("clinicalProcessInterestIds", "healthcare_facility_CareUnit", "subjectOfCare", "templateIds")
    content = "".join(f"<{name}>{wanted[name]}</{name}>" for name in order if name in wanted)
    return f'<GetForms xmlns="{LIST_FORMS}">{content}</GetForms>'


def leaves(element: Any) -> dict[str, str]:
    return {etree.QName(child).localname: child.text for child in element}


def values(answer: requests.Response, name: str) -> list[str]:
    root = etree.fromstring(answer.content)
    return [one.text or "" for one in root.iter() if etree.QName(one).localname == name]


def faultstring(answer: requests.Response) -> str:
    assert answer.status_code == 500
    return values(answer, "faultstring")[0]


def until(holds: Callable[[], Any], seconds: float = 5.0) -> Any:
    end = time.monotonic() + seconds
    while not (value := holds()) and time.monotonic() < end:
        time.sleep(0.02)
    return value


def booking(identity: str = "b-1", version: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "id": identity,
        "version": version,
        "patient": {"id": ADULT, "type": "personnummer"},
        "unit": {"hsa_id": UNIT, "name": "Vårdcentralen"},
        "start": "2026-12-01T10:00:00+01:00",
        "end": "2026-12-01T10:30:00+01:00",
    } | fields


def created(identity: str = "b-1", **fields: Any) -> dict[str, Any]:
    return {"type": "booking.created", "data": {"booking": booking(identity, **fields)}}


def as_json(body: bytes) -> Any:
    return json.loads(body)
