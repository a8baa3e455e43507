"""Messages of infrastructure:eservicesupply:forminteraction 2.0: CreateFormRequest and GetForms.

The XSD has days and times as plain strings. That they are `YYYYMMDD` and `YYYYMMDDThhmmss` is said by the
contract's description, 2.1.1; that they are Swedish local time is our reading.
What we do not use of a form is not declared, and is skipped.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic_xml import BaseXmlModel, element

from systems.rivta.timestamps import Dt, from_ts

CORE = "urn:riv:infrastructure:eservicesupply:forminteraction:2"
CREATE = "urn:riv:infrastructure:eservicesupply:forminteraction:CreateFormRequestResponder:2"
LIST = "urn:riv:infrastructure:eservicesupply:forminteraction:GetFormsResponder:2"

_CREATE = {"f": CREATE, "c": CORE}
_LIST = {"l": LIST, "c": CORE}

FormStatus = Literal["ONGOING", "PENDING_COMPLETION", "COMPLETED"]


def _created(value: Any) -> Any:
    try:
        return from_ts(value.replace("T", "", 1)) if isinstance(value, str) else value
    except ValueError:
        return None


Created = Annotated[datetime | None, BeforeValidator(_created)]
"""When a form was made; None for what is no time that we can read."""


class FormRequest(BaseXmlModel, tag="formRequests", ns="f", nsmap=_CREATE):
    """FormRequestType: this resident is to fill in this form until and with `expires`.

    `process` (clinicalProcessInterestId) is the only field that is the sender's own and comes back.
    """

    process: str | None = element(tag="clinicalProcessInterestId", ns="c", default=None)
    expires: Dt = element(tag="expireDate", ns="c")
    text: str | None = element(tag="formText", ns="c", default=None)
    unit: str = element(tag="healthcare_facility_CareUnit", ns="c")
    keep_until: Dt = element(tag="keepUntil", ns="c")
    resident: str = element(tag="subjectOfCare", ns="c")
    template: str = element(tag="templateId", ns="c")
    version: int | None = element(tag="templateVersion", ns="c", default=None)


class CreateFormRequest(BaseXmlModel, tag="CreateFormRequest", ns="f", nsmap=_CREATE):
    """One or more requests; we send one, since an answer to several may be half a success."""

    requests: list[FormRequest] = element(tag="formRequests", ns="f")


class FormRequestResponse(
    BaseXmlModel, tag="formRequestResponses", ns="f", nsmap=_CREATE, search_mode="ordered"
):
    """A form that was made, with the engine's own id for it."""

    process: str | None = element(tag="clinicalProcessInterestId", ns="c", default=None)
    form_id: str = element(tag="formId", ns="c")
    unit: str = element(tag="healthcare_facility_CareUnit", ns="c")
    resident: str | None = element(tag="subjectOfCare", ns="c", default=None)


class CreateFormRequestResponse(
    BaseXmlModel, tag="CreateFormRequestResponse", ns="f", nsmap=_CREATE, search_mode="ordered"
):
    """What was made of the requests."""

    forms: list[FormRequestResponse] = element(tag="formRequestResponses", ns="f", default=[])
    comment: str | None = element(ns="f", default=None)
    result_code: Literal["OK", "INFO", "ERROR"] = element(tag="resultCode", ns="f")


class GetForms(BaseXmlModel, tag="GetForms", ns="l", nsmap=_LIST):
    """Which forms are there? Every field given narrows it."""

    processes: list[str] = element(tag="clinicalProcessInterestIds", ns="l", default=[])
    unit: str | None = element(tag="healthcare_facility_CareUnit", ns="l", default=None)
    resident: str | None = element(tag="subjectOfCare", ns="l", default=None)
    templates: list[str] = element(tag="templateIds", ns="l", default=[])


class Form(BaseXmlModel, tag="forms", ns="l", nsmap=_LIST, search_mode="ordered"):
    """FormsType: a form that was asked for, is being filled in, or is done."""

    created: Created = element(tag="createdDateTime", ns="c", default=None)
    form_id: str = element(tag="formId", ns="c")
    status: FormStatus = element(tag="formStatus", ns="c")
    unit: str = element(tag="healthcare_facility_CareUnit", ns="c")
    process: str | None = element(tag="clinicalProcessInterestId", ns="c", default=None)
    resident: str | None = element(tag="subjectOfCare", ns="c", default=None)


class GetFormsResponse(BaseXmlModel, tag="GetFormsResponse", ns="l", nsmap=_LIST, search_mode="ordered"):
    """They."""

    forms: list[Form] = element(tag="forms", ns="l", default=[])
