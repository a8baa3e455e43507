"""PU, the register of persons: protected marks, death, and how someone wishes to be reached.

Source: RIV-TA strategicresourcemanagement:persons:person, GetPersonsForProfile 5.0 and
GetPersonContactInformation 4.0, interfaces.md §7.1. **Our reading**: the XSDs are not public, see
`systems.rivta.person`. All calls are reads, so a lost or unreadable answer is AnswerLost. An answer that leaves
out someone who was asked for is unreadable: silence never means "not protected".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeVar

from pydantic_xml import BaseXmlModel

from engine.base.errors import NotSent
from systems import http, soap
from systems.deadline import Deadline
from systems.rivta import person as riv

LOGICAL_ADDRESS = "5565594230"
PERSONNUMMER = "1.2.752.129.2.1.3.1"
SAMORDNINGSNUMMER = "1.2.752.129.2.1.3.3"
RESERVNUMMER = "1.2.752.74.9.1"
MAX_PERSONS = 500
UNRANKED = 1000

M = TypeVar("M", bound=BaseXmlModel)


@dataclass(frozen=True)
class Person:
    """What PU says of one identity. Of an unknown one (`known` False) every mark is False, and says nothing.

    Attributes:
        protected: sekretessmarkering or skyddad folkbokföring.
        test_indicator: a test person; to be disregarded in production.
        guardians, wards: pairs of root and number, of those who have the custody of the person, and of those whom the
            person has the custody of; None where relations were not asked for.
    """

    protected: bool = False
    deceased: bool = False
    known: bool = False
    test_indicator: bool = False
    guardians: tuple[tuple[str, str], ...] | None = field(default=None, repr=False)
    wards: tuple[tuple[str, str], ...] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Contact:
    """A number or an address.

    Attributes:
        kind: 'sms' for a telephone number (E.164, mobile or not), 'email' for an address.
        rank: the lowest is to be tried first; UNRANKED where PU gives none.
        registered, ended: the first and the last day of its period, None where not known.
        wished: the person wishes to have notices here.
    """

    kind: Literal["sms", "email"]
    value: str
    rank: int
    registered: date | None
    wished: bool
    ended: date | None = None


@dataclass(frozen=True)
class ContactInformation:
    """How someone wishes to be reached: contacts by rank, none for a protected person.

    `changed_at`: when the record was last changed (its version); None: there is none, or it does not say.
    """

    channels: tuple[Contact, ...] = ()
    digital_only: bool = False
    protected: bool = False
    changed_at: datetime | None = None


class PersonDirectory:
    """Client of PU.

    Args:
        deadline: seconds for a whole call, in `people` for all its parts together.
    """

    def __init__(
        self,
        url: str,
        deadline: float = 10.0,
        *,
        logical_address: str = LOGICAL_ADDRESS,
        tls: http.Tls | None = None,
    ) -> None:
        self._url = url
        self._deadline = deadline
        self._logical_address = logical_address
        self._tls = tls

    def people(self, ids: Sequence[tuple[str, str]], *, relations: bool = False) -> dict[str, Person]:
        """Look up any number of persons, 500 a call.

        Args:
            ids: pairs of root (OID of the kind of number) and number.
            relations: their guardians too.

        Returns:
            by number, an entry for each that was asked for.

        Raises:
            NotSent, Refused, Incident: as `soap.call`.
        """
        deadline = Deadline(self._deadline)
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Person] = {}
        for start in range(0, len(wanted), MAX_PERSONS):
            found |= self._profiles(wanted[start : start + MAX_PERSONS], relations, deadline)
        return found

    def contact(self, number: str, root: str = PERSONNUMMER) -> ContactInformation:
        """How someone wishes to be reached; empty for one of whom PU knows nothing.

        Raises:
            NotSent, Refused, Incident: as `soap.call`.
        """
        identity = riv.Identity4(root=root, extension=number)
        message = riv.GetPersonContactInformation(person_id=identity)
        answer = self._ask_register(
            message, riv.GetPersonContactInformationResponse, Deadline(self._deadline)
        )
        return _information(answer.record) if answer.record else ContactInformation()

    def _profiles(self, ids: list[tuple[str, str]], relations: bool, deadline: Deadline) -> dict[str, Person]:
        wanted = [riv.Identity5(root=root, extension=number) for root, number in ids]
        profile = riv.RELATIONS if relations else riv.MARKS
        message = riv.GetPersonsForProfile(person_ids=wanted, profile=profile)
        answer = self._ask_register(message, riv.GetPersonsForProfileResponse, deadline)
        found = {each.requested.extension: _person(each.record, relations) for each in answer.records}
        if not found.keys() >= {number for _, number in ids}:
            raise NotSent("malformed_answer", "persons_missing")
        return found

    def _ask_register(self, message: BaseXmlModel, answer: type[M], deadline: Deadline) -> M:
        with http.harmless():
            return soap.call(
                self._url,
                message,
                answer,
                logical_address=self._logical_address,
                deadline=deadline,
                idempotent=True,
                tls=self._tls,
            )


def _person(record: riv.PersonRecord | None, relations: bool) -> Person:
    if record is None:
        return Person()
    gone = record.deregistration
    return Person(
        protected=record.protected_person or record.protected_population_record,
        deceased=gone is not None and gone.reason == riv.DECEASED,
        known=True,
        test_indicator=record.test_indicator,
        guardians=_related(record, riv.GUARDIAN) if relations else None,
        wards=_related(record, riv.WARD) if relations else None,
    )


def _related(record: riv.PersonRecord, how: str) -> tuple[tuple[str, str], ...]:
    found = [each.to for each in record.relationships if each.type == how and each.to]
    return tuple((each.root, each.extension) for each in found)


def _information(record: riv.ContactInformationRecord) -> ContactInformation:
    protected = record.protected_person or record.protected_population_record
    contacts = [_contact(each) for each in record.contacts if each.contact_type in _KINDS]
    channels = () if protected else tuple(sorted(contacts, key=lambda contact: contact.rank))
    return ContactInformation(channels, record.digital_only, protected, record.version)


_KINDS: dict[str, Literal["sms", "email"]] = {"TEL": "sms", "EMAIL": "email"}


def _contact(given: riv.ContactInformation) -> Contact:
    period = given.period or riv.Period()
    return Contact(
        kind=_KINDS[given.contact_type],
        value=given.value,
        rank=UNRANKED if given.rank is None else given.rank,
        registered=period.start,
        wished=given.digital_notification,
        ended=period.end,
    )
