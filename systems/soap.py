"""SOAP 1.1 as RIV-TA has it (rivtabp21): envelopes, and what a fault means.

Source: interfaces.md §1.1, and the table of VP codes there. A technical error is a SOAP fault, and nothing of
the call was done; VP009 alone (the platform lost the producer) may hide a call that was. A business error, a
`resultCode`, is for the contract's own client to judge.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass
from typing import TypeVar

from lxml import etree
from pydantic_xml import BaseXmlModel, ParsingError

from engine.base.errors import Incident, NotSent, Refused, UnknownOutcome, VaxelError
from systems import http
from systems.deadline import Deadline

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
REGISTRY = "urn:riv:itintegration:registry:1"
HEADERS = "urn:riv:interoperability:headers:1"
MAX_MESSAGE = http.MAX_ANSWER
MARKS = (BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE)

_INCIDENTS = {
    "VP001": "version_not_supported",
    "VP002": "certificate_refused",
    "VP003": "logical_address_missing",
    "VP005": "version_not_supported",
    "VP006": "platform_misconfigured",
    "VP007": "not_authorised",
    "VP010": "platform_misconfigured",
    "VP011": "certificate_refused",
    "VP012": "platform_misconfigured",
    "VP013": "protocol_refused",
    "VP014": "platform_misconfigured",
    "VP015": "protocol_refused",
}

M = TypeVar("M", bound=BaseXmlModel)


class NotSoap(ValueError):
    """Not an envelope, or not a message, that we can read. Says nothing of what was in it."""


@dataclass(frozen=True)
class Envelope:
    """An envelope taken apart.

    Attributes:
        body: the only element in the body.
        logical_address, actor_id, actor_type: RIV-TA's headers, None where absent.
    """

    body: etree._Element
    logical_address: str | None = None
    actor_id: str | None = None
    actor_type: str | None = None


def call(
    url: str,
    message: BaseXmlModel | etree._Element,
    answer: type[M],
    *,
    logical_address: str,
    deadline: Deadline,
    operation: str | None = None,
    idempotent: bool = False,
    tls: http.Tls | None = None,
) -> M:
    """Send a message and read the answer as the model `answer`.

    Args:
        operation: what the contract calls it, where that is not the name of the message's element.

    Raises:
        as `http.call`, and
        Refused: 'unit_not_connected' (VP004), 'unsendable_text' for characters that XML has no room for.
        Incident: by the table above, or 'protocol_refused' for a status that is neither success nor failure.
        NotSent: 'technical_error'.
        UnknownOutcome: 'answer_lost' (VP009, 502, 504), 'malformed_answer'.
    """
    element = _element(message)
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action(element, operation)}"'}
    raw = wrap(element, logical_address)
    got = http.call("POST", url, deadline=deadline, body=raw, headers=headers, idempotent=idempotent, tls=tls)
    try:
        body = unwrap(got.body, http.charset_of(got.headers.get("content-type", ""))).body
    except NotSoap:
        raise _without_envelope(got.status) from None
    if body.tag == f"{{{ENVELOPE}}}Fault":
        raise _fault_error(body)
    if got.status != 200:
        raise _without_envelope(got.status)
    try:
        return read_message(body, answer)
    except NotSoap:
        raise UnknownOutcome("malformed_answer", "schema") from None


def action(message: BaseXmlModel | etree._Element, operation: str | None = None) -> str:
    """The SOAPAction of a message: the namespace of its element, and its name or that of the operation."""
    name = etree.QName(_element(message))
    return f"{name.namespace}:{operation or name.localname}"


def read_message(body: etree._Element, model: type[M]) -> M:
    """The body as a model; NotSoap where it isn't one."""
    try:
        return model.from_xml_tree(body)  # type: ignore[arg-type]
    except (ParsingError, ValueError):
        raise NotSoap("not the message that was expected") from None


def wrap(message: BaseXmlModel | etree._Element, logical_address: str | None = None) -> bytes:
    """An envelope around a message, as UTF-8; Refused('unsendable_text') for control characters in it."""
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    if logical_address is not None:
        header = etree.SubElement(envelope, f"{{{ENVELOPE}}}Header")
        address = etree.SubElement(header, f"{{{REGISTRY}}}LogicalAddress", nsmap={"r": REGISTRY})
        address.text = logical_address
    etree.SubElement(envelope, f"{{{ENVELOPE}}}Body").append(_element(message))
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def unwrap(raw: bytes, charset: str | None = None) -> Envelope:
    """Take an envelope apart. NotSoap for anything else, a DTD, or more than 8 MiB; nothing is fetched."""
    root = parse(raw, charset)
    bodies = root.findall(f"{{{ENVELOPE}}}Body")
    if root.tag != f"{{{ENVELOPE}}}Envelope" or len(bodies) != 1 or len(bodies[0]) != 1:
        raise NotSoap("not an envelope with one message")
    header = f"{{{ENVELOPE}}}Header/"
    return Envelope(
        bodies[0][0],
        _text(root, f"{header}{{{REGISTRY}}}LogicalAddress"),
        _text(root, f"{header}{{{HEADERS}}}Actor/{{{HEADERS}}}actorId"),
        _text(root, f"{header}{{{HEADERS}}}Actor/{{{HEADERS}}}actorType"),
    )


def fault(code: str, text: str) -> bytes:
    """An envelope with a fault, for our own producer: `code` is Client or Server, `text` a code of ours."""
    body = etree.Element(f"{{{ENVELOPE}}}Fault", nsmap={"soap": ENVELOPE})
    etree.SubElement(body, "faultcode").text = f"soap:{code}"
    etree.SubElement(body, "faultstring").text = text
    return wrap(body)


def _element(message: BaseXmlModel | etree._Element) -> etree._Element:
    if isinstance(message, etree._Element):
        return message
    try:
        return message.to_xml_tree(exclude_none=True)  # type: ignore[return-value]
    except ValueError:
        raise Refused("unsendable_text") from None


def parse(raw: bytes, charset: str | None = None) -> etree._Element:
    """XML with nothing in it that could be made to fetch, expand or grow; NotSoap for anything else.

    Args:
        charset: of the Content-Type: it goes before what the XML says of itself, but not before a byte order mark
            (RFC 7303 §3.2).
    """
    if len(raw) > MAX_MESSAGE:
        raise NotSoap("too large")
    # A parser of its own for each message: lxml's are not to be shared between threads.
    parser = _parser(None if raw.startswith(MARKS) else charset)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise NotSoap("not XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotSoap("a document type has no place in SOAP")
    return root


def _parser(charset: str | None) -> etree.XMLParser:
    if charset == "":  # which lxml would take for none
        raise NotSoap("a charset that can't be read")
    try:
        return etree.XMLParser(
            resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, dtd_validation=False,
            remove_comments=True, remove_pis=True, encoding=charset,
        )  # fmt: skip
    except LookupError:
        raise NotSoap("a charset that is none") from None


def _text(root: etree._Element, path: str) -> str | None:
    found = root.findtext(path)
    return found.strip() if found else None


def _fault_error(fault_: etree._Element) -> VaxelError:
    found = re.match(r"\s*(VP\d{3})", fault_.findtext("faultstring") or "")
    code = found.group(1) if found else ""
    if code == "VP004":
        return Refused("unit_not_connected", code)
    if code == "VP009":
        return UnknownOutcome("answer_lost", code)
    if code in _INCIDENTS:
        return Incident(_INCIDENTS[code], code)
    return NotSent("technical_error", code or "fault")


def _without_envelope(status: int) -> VaxelError:
    """What a status means where the body says nothing that we understand."""
    code = f"http_{status}"
    if 200 <= status < 300:
        return UnknownOutcome("malformed_answer", code)
    if status in (502, 504):
        return UnknownOutcome("answer_lost", code)
    if status >= 500:
        return NotSent("technical_error", code)
    return Incident("not_authorised" if status in (401, 403) else "protocol_refused", code)
