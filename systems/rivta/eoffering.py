"""Messages of eservicesupply:eoffering 1.0: GetAvailableEServices, what e-services a unit offers."""

from __future__ import annotations

from pydantic_xml import BaseXmlModel, element

CORE = "urn:riv:eservicesupply:eoffering:1"
OFFERED = "urn:riv:eservicesupply:eoffering:GetAvailableEServicesResponder:1"

_NS = {"o": OFFERED, "c": CORE}


class GetAvailableEServices(BaseXmlModel, tag="GetAvailableEServices", ns="o", nsmap={"o": OFFERED}):
    """What do these units offer?"""

    units: list[str] = element(tag="healthcare_facility", ns="o")


class Area(BaseXmlModel, tag="eserviceAreaCode", ns="c", nsmap=_NS, search_mode="ordered"):
    """Whom the service is for, by where they live: codes of counties, and of municipalities within them."""

    counties: list[str] = element(tag="countycode", ns="c", default=[])
    municipalities: list[str] = element(tag="municipalityCode", ns="c", default=[])
    sections: list[str] = element(tag="municipalitySectionCode", ns="c", default=[])


class Restrictions(BaseXmlModel, tag="restrictions", ns="c", nsmap=_NS, search_mode="ordered"):
    """For whom the service is. `referal` is the contract's own spelling."""

    area: Area | None = element(tag="eserviceAreaCode", ns="c", default=None)
    gender: str | None = element(ns="c", default=None)
    listing: bool = element(ns="c")
    referral: bool = element(tag="referal", ns="c")
    referral_type: str | None = element(tag="referalTypeId", ns="c", default=None)
    age_min: int | None = element(tag="ageMin", ns="c", default=None)
    age_max: int | None = element(tag="ageMax", ns="c", default=None)


class EService(BaseXmlModel, tag="eservice", ns="o", nsmap=_NS, search_mode="ordered"):
    """A service. Nothing in it says what it is *for* but its name, in words, and the producer's own id."""

    name: str = element(tag="commonName", ns="c")
    description: str = element(ns="c")
    resource_id: str = element(tag="resourceId", ns="c")
    security_level: str | None = element(tag="securitylevel", ns="c", default=None)
    url: str | None = element(ns="c", default=None)
    restrictions: Restrictions | None = element(tag="restrictions", ns="c", default=None)


class Facility(BaseXmlModel, tag="healthcare_facility", ns="o", nsmap=_NS, search_mode="ordered"):
    """A unit."""

    unit: str = element(tag="healthcare_facility", ns="c")
    name: str | None = element(tag="healthcare_facility_name", ns="c", default=None)


class AvailableEServices(BaseXmlModel, tag="availableEServices", ns="o", nsmap=_NS, search_mode="ordered"):
    """A unit and what it offers."""

    facility: Facility = element(tag="healthcare_facility", ns="o")
    services: list[EService] = element(tag="eservice", ns="o", default=[])


class GetAvailableEServicesResponse(
    BaseXmlModel, tag="GetAvailableEServicesResponse", ns="o", nsmap=_NS, search_mode="ordered"
):
    """One for each unit that offers anything."""

    available: list[AvailableEServices] = element(tag="availableEServices", ns="o", default=[])
