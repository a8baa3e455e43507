"""PU (strategicresourcemanagement:persons:person): GetPersonsForProfile 5, GetPersonContactInformation 4.

There is no XSD to be had: the elements are our reading of the contract's description, kept in this place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.people.residents import People, Resident, type_of
from sandbox.systems.system import System
from sandbox.wire.elements import Element, one_of, pattern
from sandbox.wire.soap import Message, Operation, leaf, serve_soap
from sandbox.wire.web import Reply, Request

PROFILE = "urn:riv:strategicresourcemanagement:persons:person:GetPersonsForProfileResponder:5"
PROFILE_CORE = "urn:riv:strategicresourcemanagement:persons:person:5"
CONTACT = "urn:riv:strategicresourcemanagement:persons:person:GetPersonContactInformationResponder:4"
CONTACT_CORE = "urn:riv:strategicresourcemanagement:persons:person:4"
ROOTS = {"personnummer": "1.2.752.129.2.1.3.1", "samordningsnummer": "1.2.752.129.2.1.3.3"}
STOCKHOLM = ZoneInfo("Europe/Stockholm")
WITH_RELATIONS = ("P3", "P4", "P5")
IDENTITY = pattern(r"[0-9]{12}")


def _identity(namespace: str) -> tuple[Element, ...]:
    return (Element(namespace, "root", form=one_of(*ROOTS.values())),
            Element(namespace, "extension", form=IDENTITY))  # fmt: skip


PROFILE_REQUEST = Element(PROFILE, "GetPersonsForProfile", open=True, children=(
    Element(PROFILE, "personId", most=500, children=_identity(PROFILE_CORE)),
    Element(PROFILE, "profile", form=one_of("P1", "P2", "P3", "P4", "P5")),
    Element(PROFILE, "ignoreReferredIdentity", least=0, form=one_of("true", "false")),
))  # fmt: skip
CONTACT_REQUEST = Element(CONTACT, "GetPersonContactInformation", open=True, children=(
    Element(CONTACT, "personId", children=_identity(CONTACT_CORE)),
))  # fmt: skip


class Person(System):
    """What PU answers about the people."""

    def __init__(self, people: People) -> None:
        self._people = people
        self.operations = {
            f"{PROFILE}:GetPersonsForProfile": Operation(PROFILE_REQUEST, self.profiles),
            f"{CONTACT}:GetPersonContactInformation": Operation(CONTACT_REQUEST, self.contact),
        }

    def respond(self, request: Request) -> Reply:
        """SOAP."""
        return serve_soap(request, self.operations)

    def clear(self) -> None:
        """PU keeps nothing of its own: the people are the region's."""

    def profiles(self, message: Message) -> str:
        """GetPersonsForProfile 5: a record for each that is asked for, empty where PU does not know them."""
        profile = message.body["profile"]
        records = "".join(self._record(asked, profile) for asked in message.body["personId"])
        return (
            f'<r:GetPersonsForProfileResponse xmlns:r="{PROFILE}" xmlns="{PROFILE_CORE}">'
            f"{records}</r:GetPersonsForProfileResponse>"
        )

    def contact(self, message: Message) -> str:
        """GetPersonContactInformation 4: nothing about contact for a protected person."""
        resident = self._find(message.body["personId"])
        record = _contact_record(resident) if resident else ""
        return (
            f'<r:GetPersonContactInformationResponse xmlns:r="{CONTACT}" xmlns="{CONTACT_CORE}">'
            f"{record}</r:GetPersonContactInformationResponse>"
        )

    def inspect(self, query: dict[str, str]) -> dict[str, Any]:
        """Whom PU knows; PU keeps nothing that we send it."""
        known = (one for one in self._people.all() if one.known_to_pu and one.type in ROOTS)
        return {"people": [one.shown() for one in known]}

    def _find(self, asked: dict[str, str]) -> Resident | None:
        resident = self._people.get(asked["extension"])
        known = resident is not None and resident.known_to_pu and ROOTS.get(resident.type) == asked["root"]
        return resident if known else None

    def _record(self, asked: dict[str, str], profile: str) -> str:
        resident = self._find(asked)
        requested = _identity_xml("requestedPersonalIdentity", asked["root"], asked["extension"])
        record = ""
        if resident:
            wards = self._people.wards_of(resident.id)
            record = f"<personRecord>{_record_xml(resident, wards, profile)}</personRecord>"
        return f"<r:requestedPersonRecord>{requested}{record}</r:requestedPersonRecord>"


def _identity_xml(name: str, root: str, extension: str) -> str:
    return f"<{name}>{leaf('root', root)}{leaf('extension', extension)}</{name}>"


def _record_xml(resident: Resident, wards: Sequence[str], profile: str) -> str:
    """For a protected person only the identity and the marks, as in profile P1."""
    marks = (
        _identity_xml("personalIdentity", ROOTS[resident.type], resident.id)
        + leaf("protectedPersonIndicator", resident.protected)
        + leaf("protectedPopulationRecord", False)
        + leaf("testIndicator", False)
    )
    if resident.protected or profile == "P1":
        return marks
    relations = _relations_xml(resident, wards) if profile in WITH_RELATIONS else ""
    return marks + _details_xml(resident) + relations


def _details_xml(resident: Resident) -> str:
    given, _, surname = resident.name.rpartition(" ")
    name = f"<name>{leaf('givenName', given or surname)}{leaf('surname', surname)}</name>"
    gone = ""
    if resident.deceased:
        day = resident.deceased.strftime("%Y%m%d")
        gone = f"{leaf('deregistrationReasonCode', 'AV')}{leaf('deregistrationDate', day)}"
        gone = f"<deregistration>{gone}</deregistration>"
    return name + gone


def _relations_xml(resident: Resident, wards: Sequence[str]) -> str:
    related = [*(("V", each) for each in resident.guardians), *(("VF", each) for each in wards)]
    return "".join(
        f"<relationship>{leaf('relationshipType', how)}"
        f"{_identity_xml('relationshipId', ROOTS[type_of(other)], other)}</relationship>"
        for how, other in related
    )


def _contact_record(resident: Resident) -> str:
    contacts = "" if resident.protected else "".join(_ways_to_contact(resident))
    content = (
        leaf("version", resident.changed_at.astimezone(STOCKHOLM).strftime("%Y%m%d%H%M%S"))
        + _identity_xml("personId", ROOTS[resident.type], resident.id)
        + contacts
        + leaf("protectedPersonIndicator", resident.protected)
        + leaf("protectedPopulationRecord", False)
        + leaf("optoutPaperNotification", resident.digital_only)
    )
    return f"<r:contactInformationRecord>{content}</r:contactInformationRecord>"


def _ways_to_contact(resident: Resident) -> list[str]:
    """Telephone and e-mail; the wished ones first, in the order of the wish."""
    kinds = {"sms": ("TEL", "MC", resident.phone), "email": ("EMAIL", "HP", resident.email)}
    order = [*resident.notice_by, *(kind for kind in kinds if kind not in resident.notice_by)]
    there = [(kind, *kinds[kind]) for kind in order if kinds[kind][2]]
    since = resident.contact_registered
    period = f"<period>{leaf('start', since.strftime('%Y%m%d'))}</period>" if since else ""
    return [
        f"<contactInformation>{leaf('contactType', form)}{leaf('use', use)}{leaf('value', value)}"
        f"{leaf('rank', rank)}{period}{leaf('digitalNotification', kind in resident.notice_by)}"
        "</contactInformation>"
        for rank, (kind, form, use, value) in enumerate(there, 1)
    ]
