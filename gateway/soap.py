"""SOAP 1.1 with the headers of RIV-TA (rivtabp21): reading a call safely, writing an answer or a fault.

A fault says what kind of thing was wrong, and never repeats what was sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from systems import soap
from systems.soap import ENVELOPE as SOAP
from systems.soap import HEADERS, REGISTRY

LOGICAL_ADDRESS = f"{{{REGISTRY}}}LogicalAddress"
ACTOR = f"{{{HEADERS}}}Actor"
MUST_UNDERSTAND = f"{{{SOAP}}}mustUnderstand"
FOR_NODE = f"{{{SOAP}}}actor"
NEXT = "http://schemas.xmlsoap.org/soap/actor/next"

ActorType = Literal["subject_of_care", "subject_of_care_agent"]
FaultCode = Literal["Client", "Server", "MustUnderstand", "VersionMismatch"]


class Fault(Exception):
    """A technical error (TKB: logged by the caller, never shown to the resident).

    Args:
        text: ours, without any value of the call; begins with the platform's code where it has one for this.
        code: whose fault: the caller's, or ours.
    """

    def __init__(self, text: str, code: FaultCode = "Client") -> None:
        super().__init__(text)
        self.text = text
        self.code = code


@dataclass(frozen=True)
class Actor:
    """Who asks: a resident (12 digits), or an agent of care (HSA-id)."""

    id: str = field(repr=False)
    type: ActorType


@dataclass(frozen=True)
class Call:
    """A call as it came: to which unit, for whom, the one element of its body, and by which system (HSA-id)."""

    logical_address: str
    actor: Actor
    content: etree._Element
    caller: str = ""


def read_call(body: bytes, charset: str | None = None, caller: str = "") -> Call:
    """The call in a SOAP envelope.

    Args:
        charset: of the Content-Type, if it names one.
        caller: HSA-id of the system that calls, upper case.

    Raises:
        Fault: no XML, a DTD, no envelope of SOAP 1.1, a missing header, not one element in the body.
    """
    try:
        envelope = soap.parse(body, charset)
    except soap.NotSoap:
        raise Fault("This is not well-formed XML without a document type") from None
    if envelope.tag != f"{{{SOAP}}}Envelope":
        raise Fault("This is no envelope of SOAP 1.1", "VersionMismatch")
    header, content = envelope.find(f"{{{SOAP}}}Header"), envelope.findall(f"{{{SOAP}}}Body/*")
    if len(content) != 1:
        raise Fault("The body must hold one element")
    if header is None:
        raise Fault("VP003 No logical address in the call")
    _understand(header)
    return Call(_logical_address(header), _actor(header), content[0], caller)


def _understand(header: etree._Element) -> None:
    """A header is ours to understand where it names no node, or the next one (SOAP 1.1 §4.2.2)."""
    for entry in header:
        is_ours = entry.get(FOR_NODE, "") in ("", NEXT)
        if is_ours and entry.get(MUST_UNDERSTAND) == "1" and entry.tag not in (LOGICAL_ADDRESS, ACTOR):
            raise Fault("A header that must be understood is not known", "MustUnderstand")


def _logical_address(header: etree._Element) -> str:
    address = (header.findtext(LOGICAL_ADDRESS) or "").strip()
    if not address:
        raise Fault("VP003 No logical address in the call")
    return address.upper()


def _actor(header: etree._Element) -> Actor:
    actor = header.find(ACTOR)
    if actor is None:
        raise Fault("The header Actor is missing")
    actor_id = (actor.findtext(f"{{{HEADERS}}}actorId") or "").strip()
    kind = (actor.findtext(f"{{{HEADERS}}}actorType") or "").strip()
    if not actor_id:
        raise Fault("The header Actor names nobody")
    if kind == "subject_of_care":
        return Actor(actor_id, "subject_of_care")
    if kind == "subject_of_care_agent":
        return Actor(actor_id, "subject_of_care_agent")
    raise Fault("The header Actor is of no known type")


def envelope_of_fault(fault: Fault) -> bytes:
    """The fault in its envelope, UTF-8."""
    return soap.fault(fault.code, fault.text)
