"""Messages of strategicresourcemanagement:persons:person: GetPersonsForProfile, GetPersonContactInformation.

**Our reading.** The XSDs of this domain are not public. Names and cardinalities are those of the contract's
description (interfaces.md §7.1); which element lies in which namespace, the order, and the values of
`contactType` and `use` are our reading, kept in this one module; so is
what a profile holds, and `relationshipType`. What we do not use is not declared, and is
skipped wherever it comes.
"""

from __future__ import annotations

from pydantic_xml import BaseXmlModel, element

from systems.rivta.timestamps import Dt, Ts

PERSONS = "urn:riv:strategicresourcemanagement:persons:person:GetPersonsForProfileResponder:5"
PERSON5 = "urn:riv:strategicresourcemanagement:persons:person:5"
CONTACT = "urn:riv:strategicresourcemanagement:persons:person:GetPersonContactInformationResponder:4"
PERSON4 = "urn:riv:strategicresourcemanagement:persons:person:4"
DECEASED = "AV"

_5 = {"r": PERSONS, "t": PERSON5}
_4 = {"r": CONTACT, "t": PERSON4}


class Identity5(BaseXmlModel, ns="t", nsmap=_5, search_mode="unordered"):
    """An identity number and the OID of its kind."""

    root: str = element(ns="t")
    extension: str = element(ns="t")


MARKS, RELATIONS = "P2", "P3"
"""Profiles: the marks, the name and deregistration; and relationships with them."""
GUARDIAN, WARD = "V", "VF"
"""The relationship to one's guardian (vårdnadshavare), and to a child in one's custody (vårdnadshavare för)."""


class GetPersonsForProfile(BaseXmlModel, tag="GetPersonsForProfile", ns="r", nsmap=_5):
    """Up to 500 persons, in one profile."""

    person_ids: list[Identity5] = element(tag="personId", ns="r")
    profile: str = element(ns="r", default=MARKS)


class Deregistration(BaseXmlModel, tag="deregistration", ns="t", nsmap=_5, search_mode="unordered"):
    """Why someone is no longer registered; `AV` is death."""

    reason: str | None = element(tag="deregistrationReasonCode", ns="t", default=None)


class Relationship(BaseXmlModel, tag="relationship", ns="t", nsmap=_5, search_mode="unordered"):
    """To whom the person is related, and how."""

    type: str = element(tag="relationshipType", ns="t")
    to: Identity5 | None = element(tag="relationshipId", ns="t", default=None)


class PersonRecord(BaseXmlModel, tag="personRecord", ns="t", nsmap=_5, search_mode="unordered"):
    """A known person. A protected one has the identity and the marks, nothing more."""

    protected_person: bool = element(tag="protectedPersonIndicator", ns="t")
    protected_population_record: bool = element(tag="protectedPopulationRecord", ns="t", default=False)
    test_indicator: bool = element(tag="testIndicator", ns="t")
    deregistration: Deregistration | None = element(tag="deregistration", ns="t", default=None)
    relationships: list[Relationship] = element(tag="relationship", ns="t", default=[])


class RequestedPersonRecord(
    BaseXmlModel, tag="requestedPersonRecord", ns="r", nsmap=_5, search_mode="unordered"
):
    """The answer for one identity; without a record the person is unknown."""

    requested: Identity5 = element(tag="requestedPersonalIdentity", ns="t")
    record: PersonRecord | None = element(tag="personRecord", ns="t", default=None)


class GetPersonsForProfileResponse(
    BaseXmlModel, tag="GetPersonsForProfileResponse", ns="r", nsmap=_5, search_mode="unordered"
):
    """One for each identity that was asked for."""

    records: list[RequestedPersonRecord] = element(tag="requestedPersonRecord", ns="r", default=[])


class Identity4(BaseXmlModel, ns="t", nsmap=_4, search_mode="unordered"):
    """An identity number and the OID of its kind."""

    root: str = element(ns="t")
    extension: str = element(ns="t")


class GetPersonContactInformation(BaseXmlModel, tag="GetPersonContactInformation", ns="r", nsmap=_4):
    """How does this person wish to be reached?"""

    person_id: Identity4 = element(tag="personId", ns="r")


class Period(BaseXmlModel, tag="period", ns="t", nsmap=_4, search_mode="unordered"):
    """From when, and until when."""

    start: Dt | None = element(ns="t", default=None)
    end: Dt | None = element(ns="t", default=None)


class ContactInformation(BaseXmlModel, tag="contactInformation", ns="t", nsmap=_4, search_mode="unordered"):
    """A number or an address; `digital_notification` is the wish to have notices there."""

    contact_type: str = element(tag="contactType", ns="t")
    use: str | None = element(ns="t", default=None)
    value: str = element(ns="t")
    rank: int | None = element(ns="t", default=None)
    period: Period | None = element(ns="t", default=None)
    digital_notification: bool = element(tag="digitalNotification", ns="t", default=False)


class ContactInformationRecord(
    BaseXmlModel, tag="contactInformationRecord", ns="r", nsmap=_4, search_mode="unordered"
):
    """All that the person has given; of a protected person the marks alone. `version`: when it was last changed."""

    version: Ts | None = element(ns="t", default=None)
    contacts: list[ContactInformation] = element(tag="contactInformation", ns="t", default=[])
    protected_person: bool = element(tag="protectedPersonIndicator", ns="t")
    protected_population_record: bool = element(tag="protectedPopulationRecord", ns="t", default=False)
    digital_only: bool = element(tag="optoutPaperNotification", ns="t", default=False)


class GetPersonContactInformationResponse(
    BaseXmlModel, tag="GetPersonContactInformationResponse", ns="r", nsmap=_4, search_mode="unordered"
):
    """The record, if the person has one."""

    record: ContactInformationRecord | None = element(tag="contactInformationRecord", ns="r", default=None)
