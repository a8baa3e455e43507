"""What every operation reads of a call in the same way, and what is a fault in each."""

from __future__ import annotations

import re
from typing import Any, TypeVar, cast

from pydantic import ValidationError
from pydantic_xml import BaseXmlModel, ParsingError

from gateway.soap import Call, Fault
from systems.rivta.scheduling import Asked

Question = TypeVar("Question", bound=BaseXmlModel)
Strict = TypeVar("Strict", bound=Asked)
RESIDENT = re.compile(r"[0-9]{8}[0-9pPtTfF][0-9]{3}")  # SubjectOfCareIdType


def question_in(call: Call, model: type[Question]) -> Question:
    """The call's body; a fault where it is not as the schema says."""
    try:
        return model.from_xml_tree(cast("Any", call.content))
    except (ValidationError, ParsingError):
        raise Fault("The body does not follow the schema") from None


def strictly_in(call: Call, model: type[Strict]) -> Strict:
    """As `question_in`, for a question that is read to the letter."""
    try:
        return model.as_asked(call.content)
    except (ValueError, ParsingError):
        raise Fault("The body does not follow the schema") from None


def addressed_unit(call: Call, asked: str) -> str:
    """The unit asked about (HSA-id, upper case); a fault where the call is not addressed to it."""
    unit = asked.strip().upper()
    if unit != call.logical_address:
        raise Fault("The logical address and healthcare_facility differ")
    return unit


def check_resident(asked: str) -> None:
    """A fault where this is no number of a resident."""
    if not RESIDENT.fullmatch(asked):
        raise Fault("subject_of_care is no identity number")
