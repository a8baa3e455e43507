"""The national log service: what staff did with patients' data, for whoever follows it up (PDL, HSLF-FS 2016:40).

Source: RIV-TA ehr:log:store StoreLog 1.0. A call is all or none. An entry keeps its LogId for ever, so one that may
have arrived is sent again as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lxml import etree

from engine.base.errors import Incident, NotSent, Refused
from systems import http, soap
from systems.deadline import Deadline
from systems.rivta import log_store as riv
from systems.rivta.log_store import Tree

NATIONAL_LOG = "SE165565594230-1000"
"""Inera's national HSA-id, as the WSDL has it."""
SYSTEM_NAME = "Växel"
MOST = 1000
LONGEST_PATIENT = 12
"""Characters of a PersonId."""


@dataclass(frozen=True, kw_only=True)
class StoredAccess:
    """One entry, in the service's words.

    Args:
        id: LogId, a UUID.
        at: aware.
        activity, purpose: of the lists in the schema, in Swedish.
        args: what was done with, such as the id of a case; nothing personal.
        user, unit: HSA-ids; the unit that they worked at.
        assignment: the commission that they worked by.
        resource: what kind of data it was.
        patient: whose, at most 12 characters.
    """

    id: str
    at: datetime
    activity: str
    purpose: str
    user: str
    unit: str
    resource: str
    patient: str = field(repr=False)
    name: str | None = field(default=None, repr=False)
    assignment: str | None = None
    args: str | None = None


class LogStore:
    """Client of the log service.

    Args:
        source_system: our HSA-id.
        care_provider: HSA-id of the care provider (vårdgivare) whose staff and patients they are.
        deadline: seconds for a whole call.
    """

    def __init__(
        self,
        url: str,
        source_system: str,
        care_provider: str,
        deadline: float = 20.0,
        *,
        logical_address: str = NATIONAL_LOG,
        tls: http.Tls | None = None,
    ) -> None:
        self._url = url
        self._source_system = source_system
        self._care_provider = care_provider
        self._deadline = deadline
        self._logical_address = logical_address
        self._tls = tls

    def deliver(self, entries: Sequence[StoredAccess]) -> None:
        """Have 1 to 1000 entries stored, all or none.

        Raises:
            ValueError: none, or more than 1000.
            Refused: 'log_refused', at least one of them; or 'unsendable_text'.
            Incident: 'not_authorised', and as `soap.call`.
            NotSent, UnknownOutcome: as `soap.call`.
        """
        if not 1 <= len(entries) <= MOST:
            raise ValueError(f"a call has 1 to {MOST} entries")
        answer = soap.call(
            self._url,
            self._request_of(entries),
            riv.StoreLogResponse,
            logical_address=self._logical_address,
            deadline=Deadline(self._deadline),
            operation="StoreLog",
            idempotent=True,
            tls=self._tls,
        )
        code = answer.result.code
        if code in ("ERROR", "VALIDATION_ERROR"):
            raise Refused("log_refused", code)
        if code == "ACCESSDENIED":
            raise Incident("not_authorised", code)
        if code not in ("OK", "INFO"):  # of another contract: nothing was stored (ResultType)
            raise NotSent("technical_error", code)

    def _request_of(self, entries: Sequence[StoredAccess]) -> etree._Element:
        try:
            return riv.store_log(self._log(each) for each in entries)
        except ValueError:
            raise Refused("unsendable_text") from None

    def _log(self, entry: StoredAccess) -> list[Tree]:
        provider: Tree = ("CareProvider", [("CareProviderId", self._care_provider)])
        unit: Tree = ("CareUnit", [("CareUnitId", entry.unit)])
        patient: Tree = ("Patient", [("PatientId", entry.patient)])
        return [
            ("LogId", entry.id),
            ("System", [("SystemId", self._source_system), ("SystemName", SYSTEM_NAME)]),
            (
                "Activity",
                [
                    ("ActivityType", entry.activity),
                    ("ActivityArgs", entry.args),
                    ("StartDate", entry.at.astimezone(UTC).isoformat(timespec="milliseconds")),
                    ("Purpose", entry.purpose),
                ],
            ),
            (
                "User",
                [
                    ("UserId", entry.user),
                    ("Name", entry.name),
                    ("Assignment", entry.assignment),
                    provider,
                    unit,
                ],
            ),
            ("Resources", [("Resource", [("ResourceType", entry.resource), patient, provider, unit])]),
        ]
