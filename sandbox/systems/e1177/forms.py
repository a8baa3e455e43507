"""1177's form engine (forminteraction 2.0): forms that a resident has been asked to fill in."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.systems.e1177.catalogue import OWNER, Catalogue
from sandbox.wire.elements import HSA_ID, MANY, RESIDENT_ID, Element, pattern
from sandbox.wire.forgetful import Forgetful
from sandbox.wire.soap import Message, Operation, addressed_to, leaf

STOCKHOLM = ZoneInfo("Europe/Stockholm")
CORE = "urn:riv:infrastructure:eservicesupply:forminteraction:2"
CREATE = "urn:riv:infrastructure:eservicesupply:forminteraction:CreateFormRequestResponder:2"
LIST = "urn:riv:infrastructure:eservicesupply:forminteraction:GetFormsResponder:2"
NUMBER = pattern(r"[0-9]{1,9}")
DIGITS = pattern(r"[0-9]{8}")


def _day(value: str) -> bool:
    try:
        return DIGITS(value) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _day_or_for_ever(value: str) -> bool:
    """Of `keepUntil` alone the description says that it may be empty: until further notice."""
    return value == "" or _day(value)


CREATE_REQUEST = Element(CREATE, "CreateFormRequest", open=True, children=(
    Element(CREATE, "formRequests", most=MANY, open=True, children=(
        Element(CORE, "clinicalProcessInterestId", least=0),
        Element(CORE, "expireDate", form=_day),
        Element(CORE, "formText", least=0),
        Element(CORE, "healthcare_CareGiver", least=0),
        Element(CORE, "healthcare_facility_CareUnit", form=HSA_ID),
        Element(CORE, "healthcare_MedUnit", least=0, form=HSA_ID),
        Element(CORE, "healthcare_systemID", least=0),
        Element(CORE, "keepUntil", form=_day_or_for_ever),
        Element(CORE, "subjectOfCare", least=0, form=RESIDENT_ID),
        Element(CORE, "templateId"),
        Element(CORE, "templateVersion", least=0, form=NUMBER),
    )),
))  # fmt: skip
LIST_REQUEST = Element(LIST, "GetForms", open=True, children=(
    Element(LIST, "clinicalProcessInterestIds", least=0, most=MANY),
    Element(LIST, "healthcare_facility_CareUnit", least=0, form=HSA_ID),
    Element(LIST, "subjectOfCare", least=0, form=RESIDENT_ID),
    Element(LIST, "templateIds", least=0, most=MANY),
))  # fmt: skip

Told = Callable[[str, str, str], None]
"""Resident, unit, form: 1177 hears that a form has been made."""


class FormEngine(Forgetful):
    """The forms. None of them is ever anonymous: a request without a resident is refused."""

    def __init__(self, catalogue: Catalogue, told: Told) -> None:
        self.lock = threading.Lock()
        self._catalogue, self._told = catalogue, told
        self.forms: list[dict[str, Any]] = []
        self.operations = {
            f"{CREATE}:CreateFormRequest": Operation(CREATE_REQUEST, self.create, refuses_itself=True),
            f"{LIST}:GetForms": Operation(LIST_REQUEST, self.get_forms),
        }

    def create(self, message: Message) -> str:
        """CreateFormRequest 2.0. Of several requests those that are right become forms."""
        addressed_to(message, OWNER)
        if message.wrong:
            return _created([], "ERROR", f"wrong value: {', '.join(message.wrong)}")
        asked = message.body["formRequests"]
        refusals = [self._why_not_made(one) for one in asked]
        made = [self._make(one) for one, refusal in zip(asked, refusals, strict=True) if refusal is None]
        comment = "; ".join(refusal for refusal in refusals if refusal)
        return _created(made, "ERROR" if comment else "OK", comment or None)

    def get_forms(self, message: Message) -> str:
        """GetForms 2.0: the forms that agree with every condition, also those that nobody has opened."""
        addressed_to(message, OWNER)
        found = "".join(self._form(one) for one in self._forms_found(message.body))
        return f'<l:GetFormsResponse xmlns:l="{LIST}" xmlns="{CORE}">{found}</l:GetFormsResponse>'

    def clear(self) -> None:
        """Forgets all forms."""
        with self.lock:
            self.forms.clear()

    def made(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """The forms, of all or of one `patient`."""
        with self.lock:
            return [one for one in self.forms if query.get("patient") in (None, one["patient"])]

    def _why_not_made(self, asked: dict[str, Any]) -> str | None:
        if "subjectOfCare" not in asked:
            return "subjectOfCare is missing, and the form is not anonymous"
        if asked["expireDate"] < f"{datetime.now(STOCKHOLM):%Y%m%d}":
            return "expireDate has passed"
        services = self._catalogue.offered_at(asked["healthcare_facility_CareUnit"]).services
        if asked["templateId"] not in {one.template for one in services}:
            return "the unit has no such template"
        return None

    def _make(self, asked: dict[str, Any]) -> dict[str, Any]:
        form = {
            "id": str(uuid.uuid4()),
            "at": datetime.now(UTC).isoformat(),
            "patient": asked["subjectOfCare"],
            "unit": asked["healthcare_facility_CareUnit"].upper(),
            "template": asked["templateId"],
            "process": asked.get("clinicalProcessInterestId"),
            "text": asked.get("formText"),
            "expires": _iso(asked["expireDate"]),
            "keep_until": _iso(asked["keepUntil"]),
            "status": "ONGOING",
        }
        with self.lock:
            self.forms.append(form)
        self._told(form["patient"], form["unit"], form["id"])
        return form

    def _forms_found(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        conditions = {
            "unit": {one.upper() for one in _listed(wanted.get("healthcare_facility_CareUnit"))},
            "patient": set(_listed(wanted.get("subjectOfCare"))),
            "process": set(wanted.get("clinicalProcessInterestIds", ())),
            "template": set(wanted.get("templateIds", ())),
        }
        given = {name: values for name, values in conditions.items() if values}
        with self.lock:
            return [one for one in self.forms if all(one[name] in values for name, values in given.items())]

    def _form(self, form: dict[str, Any]) -> str:
        unit = self._catalogue.offered_at(form["unit"])
        created = datetime.fromisoformat(form["at"]).astimezone(STOCKHOLM)
        return (
            f"<l:forms>{leaf('createdDateTime', f'{created:%Y%m%dT%H%M%S}')}"
            f"{leaf('expireDate', _dt(form['expires']))}{leaf('formId', form['id'])}"
            f"{leaf('formStatus', form['status'])}{leaf('healthcare_facility_CareUnit', form['unit'])}"
            f"{leaf('healthcare_facility_CareUnitName', unit.name)}"
            f"{leaf('clinicalProcessInterestId', form['process'])}{leaf('keepUntil', _dt(form['keep_until']))}"
            f"{leaf('subjectOfCare', form['patient'])}{_template(form['template'])}</l:forms>"
        )


def _listed(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _iso(value: str) -> str | None:
    return date.fromisoformat(value).isoformat() if value else None


def _dt(value: str | None) -> str:
    return (value or "").replace("-", "")


def _template(template: str) -> str:
    """FormTemplateInfoType: of a form with one page of one question, as short as the contract lets it be."""
    return (
        f"<formTemplate>{leaf('anonymousForm', False)}{leaf('category', 'Hälsodeklaration')}"
        f"{leaf('formName', template)}{leaf('language', 'sv')}{leaf('maxNumberOfQuestions', 1)}"
        f"{leaf('minNumberOfQuestions', 1)}{leaf('maxNumberOfPages', 1)}{leaf('minNumberOfPages', 1)}"
        f"{leaf('mandatory', False)}{leaf('publishStatus', 'Published')}{leaf('templateVersion', 1)}"
        f"{leaf('templateId', template)}{leaf('term', 'Inga villkor')}</formTemplate>"
    )


def _created(made: list[dict[str, Any]], code: str, comment: str | None) -> str:
    return (
        f'<f:CreateFormRequestResponse xmlns:f="{CREATE}" xmlns="{CORE}">'
        f"{''.join(map(_response, made))}{leaf('f:comment', comment)}{leaf('f:resultCode', code)}"
        "</f:CreateFormRequestResponse>"
    )


def _response(form: dict[str, Any]) -> str:
    return (
        f"<f:formRequestResponses>{leaf('clinicalProcessInterestId', form['process'])}"
        f"{leaf('formId', form['id'])}{leaf('healthcare_facility_CareUnit', form['unit'])}"
        f"{leaf('subjectOfCare', form['patient'])}</f:formRequestResponses>"
    )
