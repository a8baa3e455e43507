"""1177 as other people's SOAP stacks make it from the national WSDLs, and somebody who watches what passes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

import requests
import xmlschema
import zeep
from lxml import etree
from zeep.helpers import serialize_object

from engine.base.settings import settings

INTERACTIONS = settings().material / "rivta" / "crm.scheduling_trunk" / "schemas" / "interactions"
Fields = dict[str, Any]
BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
INFO = ("phone", "email", "firstName", "lastName")
MANY = ("performer", "careTypeIDs", "timeTypeIDs")
WSDL = "{0}Interaction/{0}Interaction_1.1_RIVTABP21.wsdl"
XSD = "{0}Interaction/{0}Responder_1.1.xsd"


class Stack(Protocol):
    """One call at a time; fields and answers flat, by the contract's names."""

    def ask(self, operation: str, unit: str, actor: str, **fields: str) -> list[Fields]:
        """The timeslots or entries of the answer; of an act its result alone."""
        ...


class Zeep:
    """Zeep, from the WSDLs under `interactions`."""

    def __init__(self, interactions: Path, url: str) -> None:
        self._interactions, self._url = interactions, url
        self._clients: dict[str, zeep.Client] = {}

    def ask(self, operation: str, unit: str, actor: str, **fields: str) -> list[Fields]:
        """As `Stack` says; a field that is empty is left out."""
        fields = {name: value for name, value in fields.items() if value}
        client = self._client(operation)
        service = client.create_service(next(iter(client.wsdl.bindings)), self._url)
        who = {"actorId": actor, "actorType": "subject_of_care"}
        answer = getattr(service, operation)(
            **_nested(operation, unit, fields), _soapheaders={"LogicalAddress": unit, "actor": who}
        )
        return _entries(serialize_object(answer, dict))

    def _client(self, operation: str) -> zeep.Client:
        if operation not in self._clients:
            session = requests.Session()
            session.trust_env = False
            wsdl = str(self._interactions / WSDL.format(operation))
            self._clients[operation] = zeep.Client(wsdl, transport=zeep.Transport(session=session))
        return self._clients[operation]


def _nested(operation: str, unit: str, fields: dict[str, str]) -> Fields:
    if operation not in ("MakeBooking", "UpdateBooking"):
        lists = {name: value.split(",") for name, value in fields.items() if name in MANY}
        return {"healthcare_facility": unit} | fields | lists
    slot = {"healthcare_facility": unit} | {n: v for n, v in fields.items() if n not in INFO}
    info = {name: value for name, value in fields.items() if name in INFO}
    sender = {"healthcare_facility_med": unit} if operation == "MakeBooking" else {}
    return sender | {"requestedTimeslot": slot, "subject_of_care_info": info or None}


def _entries(answer: Any) -> list[Fields]:
    """The list in the answer, or the answer as the only one; what is not there is left out."""
    if answer is None:
        return []
    told = {name: value for name, value in answer.items() if name != "_value_1"}
    lists = [value for value in told.values() if isinstance(value, list)]
    one = told.get("timeslotDetail") if isinstance(told.get("timeslotDetail"), dict) else told
    return [_told(each) for each in (lists[0] if lists else [one])]


def _told(entry: Fields) -> Fields:
    known = {name: value for name, value in entry.items() if value is not None and name != "_value_1"}
    return {n: str(v).lower() if isinstance(v, bool) else v for n, v in known.items()}


@dataclass
class Watched:
    """What passed between a stack and our producer, and whether it was as the schemas say.

    Args:
        url: where the stack calls; what comes there goes on to the producer with the proxy's headers.
    """

    interactions: Path
    url: str = ""
    passed: list[tuple[bytes, bytes]] = field(default_factory=list)

    def operations(self) -> list[str]:
        """What was called, in order."""
        return [etree.QName(_content(asked)).localname for asked, _ in self.passed]

    def invalid(self) -> list[str]:
        """Each question and answer that xmlschema or libxml2 does not take; a fault is no answer of the contract's."""
        both = [_content(part) for pair in self.passed for part in pair]
        ours = [each for each in both if etree.QName(each).localname != "Fault"]
        return [etree.QName(each).localname for each in ours if not self._is_valid(each)]

    def _is_valid(self, content: etree._Element) -> bool:
        operation = str(etree.QName(content).localname).removesuffix("Response")
        alone = etree.fromstring(etree.tostring(content))
        by_xmlschema, by_libxml2 = _schemas(str(self.interactions / XSD.format(operation)))
        return by_xmlschema.is_valid(alone) and by_libxml2.validate(alone)


@cache
def _schemas(xsd: str) -> tuple[xmlschema.XMLSchema, etree.XMLSchema]:
    return xmlschema.XMLSchema(xsd), etree.XMLSchema(file=xsd)


def _content(envelope: bytes) -> etree._Element:
    return etree.fromstring(envelope).find(BODY)[0]  # type: ignore[index]


@contextmanager
def watched(producer: str, headers: dict[str, str], interactions: Path) -> Iterator[Watched]:
    """Stands before the producer as the region's proxy does."""
    seen = Watched(interactions)

    class Between(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["content-length"]))
            told = {
                name: self.headers[name] for name in ("content-type", "soapaction") if name in self.headers
            }
            answer = requests.post(producer, data=asked, headers=told | headers, timeout=20)
            seen.passed.append((asked, answer.content))
            self.send_response(answer.status_code)
            self.send_header("content-type", answer.headers["content-type"])
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    seen.url = f"http://127.0.0.1:{server.server_port}/rivta/scheduling"
    yield seen
    server.shutdown()
    server.server_close()


@contextmanager
def at_the_producer() -> Iterator[Watched]:
    """Before the gateway of the tests."""
    producer = f"http://127.0.0.1:{os.environ['VAXEL_GATEWAY__PORT']}/rivta/scheduling"
    headers = {
        "x-vp-sender-id": settings().rivta.allowed_callers[0],
        "x-vaxel-proxy": settings().proxy_secret(),
    }
    with watched(producer, headers, INTERACTIONS) as seen:
        yield seen


Make = Callable[[str], Stack]
