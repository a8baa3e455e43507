"""SOAP 1.1 as RIV-TA uses it (rivtabp21): the envelope, the logical address, faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from sandbox.wire.elements import Element, Malformed
from sandbox.wire.web import Reply, Request

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
REGISTRY = "urn:riv:itintegration:registry:1"
NEXT = "http://schemas.xmlsoap.org/soap/actor/next"
CONTENT_TYPE = "text/xml; charset=utf-8"

_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, load_dtd=False
)


@dataclass(frozen=True, slots=True)
class Message:
    """A request whose structure is right. `wrong` names the elements whose values are not."""

    operation: str
    logical_address: str
    body: dict[str, Any]
    wrong: list[str]


@dataclass(frozen=True, slots=True)
class Operation:
    """What one operation takes, and what it does with it: gives the response's body as XML.

    `refuses_itself`: a wrong value is answered with a result code; else with a fault.
    """

    request: Element
    handle: Callable[[Message], str]
    refuses_itself: bool = False


class Fault(Exception):
    """A SOAP fault. `code` is Client or Server, or VersionMismatch or MustUnderstand."""

    def __init__(self, text: str, code: str = "Client") -> None:
        super().__init__(text)
        self.code = code


def serve_soap(request: Request, operations: Mapping[str, Operation]) -> Reply:
    """Reads, checks and carries out one call. `operations` by SOAP action."""
    if request.method != "POST":
        return Reply(405, b"SOAP comes by POST", "text/plain")
    try:
        operation = _operation(request, operations)
        message = read_request(request.body, operation.request)
        if message.wrong and not operation.refuses_itself:
            raise Fault(f"wrong value: {', '.join(message.wrong)}")
        return Reply(200, envelope(operation.handle(message)), CONTENT_TYPE)
    except Fault as fault:
        return Reply(500, envelope(_fault(fault)), CONTENT_TYPE)


def read_request(body: bytes, expected: Element) -> Message:
    """The message in an envelope, checked against its table."""
    header, content = _parts(_parse(body))
    values, wrong = _content(content, expected)
    return Message(expected.name, _logical_address(header), values, wrong)


def read_answer(body: bytes, expected: Element) -> tuple[dict[str, Any], list[str]]:
    """The values of an answer that we got, and the names of those that are wrong."""
    return _content(_parts(_parse(body))[1], expected)


def _content(content: etree._Element, expected: Element) -> tuple[dict[str, Any], list[str]]:
    if content.tag != expected.tag:
        raise Fault(f"the body is not {expected.name} of the namespace {expected.namespace}")
    wrong: list[str] = []
    try:
        return expected.values_in(content, wrong), wrong
    except Malformed as error:
        raise Fault(f"malformed message: {error}") from None


def envelope(body: str) -> bytes:
    """An answer around a body that is XML already."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="{ENVELOPE}">'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


def addressed_to(message: Message, owner: str) -> None:
    """VP004 for a call to anyone but the contract's only producer."""
    if message.logical_address.upper() != owner:
        raise Fault("VP004 no route for this logical address and contract")


def leaf(name: str, value: str | bool | int | None) -> str:
    """An element with a value, or nothing for None."""
    if value is None:
        return ""
    shown = str(value).lower() if isinstance(value, bool) else escape(str(value))
    return f"<{name}>{shown}</{name}>"


def _operation(request: Request, operations: Mapping[str, Operation]) -> Operation:
    media, _, charset = request.headers.get("content-type", "").partition(";")
    if media.strip().lower() != "text/xml":
        raise Fault("the content type is not text/xml")
    if charset and charset.strip().lower().replace('"', "") != "charset=utf-8":
        raise Fault("the charset is not utf-8")
    action = request.headers.get("soapaction", "")
    if len(action) < 2 or action[0] != '"' or action[-1] != '"':
        raise Fault("SOAPAction is missing or not quoted")
    operation = operations.get(action[1:-1])
    if operation is None:
        raise Fault("SOAPAction names no operation of this system")
    return operation


def _parse(body: bytes) -> etree._Element:
    try:
        root = etree.fromstring(body, _PARSER)
    except etree.XMLSyntaxError:
        raise Fault("the message is not well-formed XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Fault("a document type is not allowed in SOAP")
    return root


def _parts(root: etree._Element) -> tuple[etree._Element | None, etree._Element]:
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise Fault("not a SOAP 1.1 envelope", "VersionMismatch")
    parts = list(root)
    header = parts.pop(0) if parts and parts[0].tag == f"{{{ENVELOPE}}}Header" else None
    if len(parts) != 1 or parts[0].tag != f"{{{ENVELOPE}}}Body" or len(parts[0]) != 1:
        raise Fault("the envelope must hold one Body with one element, after the Header")
    return header, parts[0][0]


def _logical_address(header: etree._Element | None) -> str:
    address = ""
    for element in header if header is not None else ():
        if element.tag == f"{{{REGISTRY}}}LogicalAddress":
            address = (element.text or "").strip()
        elif element.get(f"{{{ENVELOPE}}}mustUnderstand") == "1" and (
            element.get(f"{{{ENVELOPE}}}actor", NEXT) in ("", NEXT)
        ):
            raise Fault("a header that must be understood is not", "MustUnderstand")
    if not address:
        raise Fault("VP003 LogicalAddress is missing")
    return address


def _fault(fault: Fault) -> str:
    return (
        f"<soap:Fault><faultcode>soap:{fault.code}</faultcode>"
        f"<faultstring>{escape(str(fault))}</faultstring></soap:Fault>"
    )
