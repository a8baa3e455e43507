"""The form engine of 1177.se: asking a resident to fill in a form.

Source: RIV-TA infrastructure:eservicesupply:forminteraction 2.0 (schema), and the contract's description
2.1.1, by which a form that was asked for is in GetForms (status ONGOING) before the resident has opened it.

The engine makes the form's id itself, and nothing makes a repeat harmless: the same request twice is two forms.
But a request carries a `clinicalProcessInterestId` of the sender's, which a form keeps and GetForms gives
back. With a `reference` of its own in there, a request whose answer was lost can be asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from pydantic_xml import BaseXmlModel

from engine.base.errors import Refused, UnknownOutcome
from systems import http, soap
from systems.deadline import Deadline
from systems.rivta import forminteraction as riv

LOGICAL_ADDRESS = "SE165565594230-1000"

M = TypeVar("M", bound=BaseXmlModel)


@dataclass(frozen=True)
class Forms:
    """The forms that bear our reference; `complete`: if there are none, none was made that is still there."""

    ids: list[str]
    complete: bool


class FormEngine:
    """Client of forminteraction 2.0.

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

    def request(
        self,
        resident: str,
        *,
        unit: str,
        template: str,
        reference: str,
        expires: date,
        keep_until: date,
        text: str | None = None,
        version: int | None = None,
    ) -> str:
        """Put a form before the resident (12 digits); the engine's id of it.

        Args:
            unit: HSA-id of the care unit that asks.
            template, version: which form, by the engine's own names; no version is the latest.
            reference: ours, of this request alone, without anything personal.
            expires: the last day on which it can be filled in.
            keep_until: until when the engine keeps it.
            text: shown with the form.

        Raises:
            Refused: 'form_refused', 'unit_not_connected' or 'unsendable_text'.
            NotSent, UnknownOutcome, Incident: as `soap.call`. UnknownOutcome: ask `requested`.
        """
        asked = riv.FormRequest(
            process=process_of(unit, reference),
            expires=expires,
            text=text,
            unit=unit,
            keep_until=keep_until,
            resident=resident,
            template=template,
            version=version,
        )
        answer = self._call_engine(riv.CreateFormRequest(requests=[asked]), riv.CreateFormRequestResponse)
        if answer.result_code == "ERROR" and not answer.forms:
            raise Refused("form_refused")
        if answer.result_code == "ERROR" or len(answer.forms) != 1:
            raise UnknownOutcome("malformed_answer", "forms")
        return answer.forms[0].form_id

    def requested(self, resident: str, *, unit: str, template: str, reference: str, since: datetime) -> Forms:
        """The forms that came of a `request` with these.

        All forms of that template are asked for, and the reference is looked for here: an engine that does not
        keep references would else answer *none* to everything. A form made since then that has none makes it
        incomplete. One that the resident has thrown away, or that has been weeded out, is gone from the list.

        Args:
            since: when it was sent, aware, with a margin for the engine's clock.

        Raises:
            NotSent: also for a lost or unreadable answer, since a read changes nothing.
            Refused, Incident: as `request`.
        """
        question = riv.GetForms(unit=unit, resident=resident, templates=[template])
        with http.harmless():
            answer = self._call_engine(question, riv.GetFormsResponse, idempotent=True)
        ours = process_of(unit, reference).upper()
        unmarked = [form for form in answer.forms if not form.process]
        return Forms(
            [form.form_id for form in answer.forms if (form.process or "").upper() == ours],
            complete=all(form.created and form.created < since for form in unmarked),
        )

    def _call_engine(self, message: BaseXmlModel, answer: type[M], idempotent: bool = False) -> M:
        return soap.call(
            self._url,
            message,
            answer,
            logical_address=self._logical_address,
            deadline=Deadline(self._deadline),
            idempotent=idempotent,
            tls=self._tls,
        )


def process_of(unit: str, reference: str) -> str:
    """A clinicalProcessInterestId: by the XSD the unit's HSA-id and something unique; the colon is ours."""
    return f"{unit}:{reference}"
