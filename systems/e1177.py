"""The resident's inbox at 1177.se.

Source: RIV-TA infrastructure:eservicesupply:patientportal 1.0, interfaces.md §1.4. `Inbox` is what the rest
of Växel knows. `InboxV1` speaks version 1. Its successor (AddMessage 2.0, IsActiveUser 2.0 and
GetMessageThreadStatus 2.0) is in use at 1177, but its schema is not public: an `InboxV2` is not written, and
would be one more class here.

Version 1 has no key that makes a repeat harmless, and no question whether a message arrived: an
UnknownOutcome of `add_message` can't be asked about.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from engine.base.errors import Refused
from systems import http, soap
from systems.deadline import Deadline
from systems.rivta import patientportal as riv

LOGICAL_ADDRESS = "SE165565594230-1000"
NOT_ACTIVE = "target person is not active user"


@dataclass(frozen=True)
class Active:
    """Whether the resident uses the inbox, and how 1177 tells of a message: of 'SMS', 'Email', 'Other'."""

    status: bool
    methods: tuple[str, ...]


@dataclass(frozen=True)
class Sent:
    """A message that is in the inbox: its thread, and how the resident was told of it."""

    thread_id: str | None
    notified: tuple[str, ...]


@dataclass(frozen=True)
class SsoLink:
    """A link in a message, followed logged in. 1177 itself keeps the address that belongs to `system`.

    Args:
        system: our name there, under which the address was registered.
        text: what the resident clicks on.
        query: what is added to that address; `repr` leaves it out, since it may let someone in.
    """

    system: str
    text: str
    query: str | None = field(default=None, repr=False)


class Inbox(Protocol):
    """The inbox, whatever the version of its protocol."""

    def is_active(self, resident: str) -> Active:
        """Ask whether the resident (12 digits) uses the inbox. A read: a lost answer is AnswerLost."""

    def add_message(
        self,
        resident: str,
        *,
        unit: str,
        unit_name: str,
        heading: str,
        text: str,
        notify: bool,
        thread_id: str | None = None,
        telephone: str | None = None,
        link: SsoLink | None = None,
    ) -> Sent:
        """Put a message in the inbox.

        Args:
            unit, unit_name, telephone: the sender, HSA-id and what the resident sees.
            heading: shown in the list of messages.
            thread_id: of the messages that it belongs to.
            notify: let 1177 tell the resident, by the means that the resident has chosen there.

        Raises:
            Refused: 'not_active_on_1177', 'inbox_refused', 'unit_not_connected' or 'unsendable_text'.
            NotSent, UnknownOutcome, Incident: as `soap.call`.
        """


class InboxV1:
    """Client of patientportal 1.0.

    Args:
        source_system: our name there, for the sharing of costs.
        deadline: seconds for a whole call.
    """

    def __init__(
        self,
        url: str,
        source_system: str,
        deadline: float = 20.0,
        *,
        logical_address: str = LOGICAL_ADDRESS,
        tls: http.Tls | None = None,
    ) -> None:
        self._url = url
        self._source_system = source_system
        self._deadline = deadline
        self._logical_address = logical_address
        self._tls = tls

    def is_active(self, resident: str) -> Active:
        """As `Inbox` has it."""
        with http.harmless():
            answer = soap.call(
                self._url,
                riv.IsActiveUser(resident=resident),
                riv.IsActiveUserResponse,
                logical_address=self._logical_address,
                deadline=Deadline(self._deadline),
                idempotent=True,
                tls=self._tls,
            )
        return Active(answer.status, tuple(answer.methods))

    def add_message(
        self,
        resident: str,
        *,
        unit: str,
        unit_name: str,
        heading: str,
        text: str,
        notify: bool,
        thread_id: str | None = None,
        telephone: str | None = None,
        link: SsoLink | None = None,
    ) -> Sent:
        """As `Inbox` has it."""
        sender = riv.OrganisationUnit(unit_id=unit, name=unit_name, telephone=telephone)
        message = riv.Message(
            unit=sender, thread_id=thread_id, description=heading, text=text, link=_sso_link(link)
        )
        answer = soap.call(
            self._url,
            riv.AddMessage(
                resident=resident, message=message, notify=notify, source_system=self._source_system
            ),
            riv.AddMessageResponse,
            logical_address=self._logical_address,
            deadline=Deadline(self._deadline),
            tls=self._tls,
        )
        if answer.result_code == "ERROR":
            raise _inbox_refusal(answer.result_text or "")
        return Sent(answer.thread_id, tuple(answer.notified))


def _sso_link(link: SsoLink | None) -> riv.SsoLink | None:
    if link is None:
        return None
    return riv.SsoLink(system_id=link.system, text=link.text, query=link.query, type="NewTarget")


def _inbox_refusal(text: str) -> Refused:
    return Refused("not_active_on_1177" if NOT_ACTIVE in text.lower() else "inbox_refused")
