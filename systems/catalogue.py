"""1177's catalogue of services: what a unit offers the resident, with a link to each.

Source: RIV-TA eservicesupply:eoffering 1.0 (schema, and the contract's description 0.3 of 2011).

The contract does not say what a service is *for*. Its name is free text and its id the producer's own, so
which service is for rebooking, the journal or a form has to be agreed on outside it. Nor does it say whether
`age_max` is the last age that may or the first that may not. It is a read: it can be asked any number of times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from systems import http, soap
from systems.deadline import Deadline
from systems.rivta import eoffering as riv

LOGICAL_ADDRESS = "SE165565594230-1000"


@dataclass(frozen=True)
class Restrictions:
    """For whom a service is. As it stands it is for everyone, and so is a service without restrictions.

    Attributes:
        age_min, age_max: in whole years; None: no limit.
        gender: '1' a man, '2' a woman.
        listed, referral: only with a listing at the unit, only with a referral (of the kind `referral_type`).
        counties, municipalities, sections: codes of where the resident lives; none: anywhere.
    """

    age_min: int | None = None
    age_max: int | None = None
    gender: str | None = None
    listed: bool = False
    referral: bool = False
    referral_type: str | None = None
    counties: tuple[str, ...] = ()
    municipalities: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()


@dataclass(frozen=True)
class Service:
    """An e-service of a unit.

    Attributes:
        id: the producer's own.
        name, description: free text, written for residents.
        link: https, with a host and without a login; None where the catalogue gives none such.
        level: what the login has to be, 'AL1' to 'AL4'.
    """

    id: str
    name: str
    description: str
    link: str | None
    level: str | None = None
    restrictions: Restrictions = Restrictions()


class Catalogue:
    """Client of eoffering 1.0.

    Args:
        deadline: seconds for a whole call.
    """

    def __init__(
        self,
        url: str,
        deadline: float = 12.0,
        *,
        logical_address: str = LOGICAL_ADDRESS,
        tls: http.Tls | None = None,
    ) -> None:
        self._url = url
        self._deadline = deadline
        self._logical_address = logical_address
        self._tls = tls

    def offered(self, units: Sequence[str]) -> Mapping[str, tuple[Service, ...]]:
        """What each of the units offers, by its HSA-id as asked; none where the catalogue has nothing.

        Raises:
            NotSent: also for a lost or unreadable answer, since a read changes nothing.
            Refused: 'unit_not_connected' (VP004).
            Incident: as `soap.call`.
        """
        if not units:
            return {}
        with http.harmless():
            answer = soap.call(
                self._url,
                riv.GetAvailableEServices(units=list(units)),
                riv.GetAvailableEServicesResponse,
                logical_address=self._logical_address,
                deadline=Deadline(self._deadline),
                idempotent=True,
                tls=self._tls,
            )
        found: dict[str, tuple[Service, ...]] = {}
        for one in answer.available:
            unit = one.facility.unit.upper()
            found[unit] = found.get(unit, ()) + tuple(_service(each) for each in one.services)
        return {unit: found.get(unit.upper(), ()) for unit in units}


def _service(given: riv.EService) -> Service:
    return Service(
        id=given.resource_id,
        name=given.name,
        description=given.description,
        link=_link(given.url),
        level=given.security_level,
        restrictions=_restrictions(given.restrictions) if given.restrictions else Restrictions(),
    )


def _restrictions(given: riv.Restrictions) -> Restrictions:
    area = given.area or riv.Area()
    return Restrictions(
        age_min=given.age_min,
        age_max=given.age_max,
        gender=given.gender,
        listed=given.listing,
        referral=given.referral,
        referral_type=given.referral_type,
        counties=tuple(area.counties),
        municipalities=tuple(area.municipalities),
        sections=tuple(area.sections),
    )


def _link(url: str | None) -> str | None:
    """The address, if it is one that a resident can be sent to as it stands."""
    given = (url or "").strip()
    if not given.isprintable() or " " in given:
        return None
    try:
        parts = urlsplit(given)
    except ValueError:
        return None
    good = parts.scheme == "https" and parts.hostname and parts.username is None
    return given if good else None
