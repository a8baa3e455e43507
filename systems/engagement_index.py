"""The national engagement index: that a resident has a booking or a call letter at a unit.

Source: RIV-TA itintegration:engagementindex 1.0, interfaces.md §1.3. One engagement is known by resident,
category, unit and booking. The same update twice is no error and gives the resident no second notice, so an
update of unknown outcome is settled by sending the newest state again. Never two updates of one engagement at
once: the caller sees to that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from lxml import etree

from engine.base.errors import Refused
from systems import http, soap
from systems.deadline import Deadline
from systems.rivta import engagement_index as riv

NATIONAL_INDEX = "5565594230"
SERVICE_DOMAIN = "riv:crm:scheduling"
# The index's own description writes it so, the guide for bookings as above.
SERVICE_DOMAINS = (SERVICE_DOMAIN, f"urn:{SERVICE_DOMAIN}")
NO_CLINICAL_PROCESS = "NA"
MAX_TRANSACTIONS = 1000
_RESIDENT = re.compile(r"[0-9]{8}[0-9pPtTfF][0-9]{3}")

Categorization = Literal["Booking", "Invitation"]


@dataclass(frozen=True)
class Engagement:
    """A resident has something at a unit.

    Attributes:
        resident: 12 characters, personnummer or samordningsnummer.
        unit: HSA-id, the `logicalAddress` that answers for the booking.
        business_object_id: the booking's id there.
        most_recent_content: aware time of the latest change; None where not known.
    """

    resident: str
    categorization: Categorization
    unit: str
    business_object_id: str
    most_recent_content: datetime | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it one and the same in the index; HSA-ids compare without case."""
        return self.resident, self.categorization, self.unit.upper(), self.business_object_id


@dataclass(frozen=True)
class Transaction:
    """An engagement that is to be in the index, or (`delete`) that is not."""

    engagement: Engagement
    delete: bool = False


class EngagementIndex:
    """Client of the index.

    Args:
        source_system: our HSA-id, under which our engagements are kept.
        data_controller: organisation number or HSA-id of the care provider.
        deadline: seconds for a whole call.
    """

    def __init__(
        self,
        url: str,
        source_system: str,
        data_controller: str,
        deadline: float = 20.0,
        *,
        logical_address: str = NATIONAL_INDEX,
        tls: http.Tls | None = None,
    ) -> None:
        self._url = url
        self._source_system = source_system
        self._data_controller = data_controller
        self._deadline = deadline
        self._logical_address = logical_address
        self._tls = tls

    def update(self, transactions: list[Transaction]) -> None:
        """Publish 1 to 1000 changes, all or none.

        Raises:
            ValueError: no change, more than 1000, or two of the same engagement.
            Refused: 'index_refused', for at least one of them; or 'unsendable_text'.
            NotSent, UnknownOutcome, Incident: as `soap.call`.
        """
        if not 1 <= len(transactions) <= MAX_TRANSACTIONS:
            raise ValueError("an update has 1 to 1000 transactions")
        if len({each.engagement.key for each in transactions}) < len(transactions):
            raise ValueError("two transactions of the same engagement")
        # Here, since the index might answer with a fault, which reads as a passing trouble of its own.
        if not all(_RESIDENT.fullmatch(each.engagement.resident) for each in transactions):
            raise Refused("index_refused", "resident")
        answer = soap.call(
            self._url,
            self._message(transactions),
            riv.UpdateResponse,
            logical_address=self._logical_address,
            deadline=Deadline(self._deadline),
            idempotent=True,
            tls=self._tls,
        )
        if answer.result_code == "ERROR":
            raise Refused("index_refused")

    def find(
        self,
        resident: str,
        unit: str | None = None,
        business_object: str | None = None,
        *,
        ours: bool = True,
    ) -> list[Engagement]:
        """What the index holds about a resident, at one unit or about one booking if given.

        Args:
            ours: only what we have put there; else of any source.

        Raises:
            NotSent; AnswerLost for a lost or unreadable answer, since a read changes nothing.
            Refused, Incident: as `soap.call`.
        """
        message = riv.FindContent(
            resident=resident,
            service_domain=SERVICE_DOMAIN,
            logical_address=unit,
            business_object=business_object,
            source_system=self._source_system if ours else None,
        )
        with http.harmless():
            answer = soap.call(
                self._url,
                message,
                riv.FindContentResponse,
                logical_address=self._logical_address,
                deadline=Deadline(self._deadline),
                idempotent=True,
                tls=self._tls,
            )
            return [_engagement(each) for each in answer.engagements if _is_booking(each)]

    def _message(self, transactions: list[Transaction]) -> etree._Element:
        try:
            return riv.update([(each.delete, self._record(each)) for each in transactions])
        except ValueError:
            raise Refused("unsendable_text") from None

    def _record(self, transaction: Transaction) -> riv.Engagement:
        of = transaction.engagement
        return riv.Engagement(
            resident=of.resident,
            service_domain=SERVICE_DOMAIN,
            categorization=of.categorization,
            logical_address=of.unit,
            business_object=of.business_object_id,
            clinical_process_interest=NO_CLINICAL_PROCESS,
            most_recent_content=None if transaction.delete else of.most_recent_content,
            source_system=self._source_system,
            data_controller=self._data_controller,
        )


def _is_booking(record: riv.Engagement) -> bool:
    return record.service_domain in SERVICE_DOMAINS and record.categorization in get_args(Categorization)


def _engagement(record: riv.Engagement) -> Engagement:
    return Engagement(
        resident=record.resident,
        categorization="Invitation" if record.categorization == "Invitation" else "Booking",
        unit=record.logical_address,
        business_object_id=record.business_object,
        most_recent_content=record.most_recent_content,
    )
