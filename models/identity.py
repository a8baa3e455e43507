"""Who and where: patients, care units and staff, by the identities that Swedish health care uses."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated

from personnummer import personnummer as luhn_and_date
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

# What XML 1.0 cannot carry is refused at the door: every text may end up in a SOAP message.
NO_CONTROLS = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]*$"
ONE_LINE = r"^[^\s\x00-\x1F\x7F]([^\x00-\x1F\x7F\uFFFE\uFFFF]*[^\s\x00-\x1F\x7F])?$"
HSA_ID = r"^[Ss][Ee][0-9]{10}-[0-9A-Za-z]{1,18}$"

Id = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=ONE_LINE)]
"""An opaque identity of the sending system: 1 to 100 characters, no control characters."""

Line = Annotated[str, StringConstraints(max_length=200, pattern=NO_CONTROLS)]
"""A name, title or code: at most 200 characters."""

HsaId = Annotated[str, StringConstraints(to_upper=True, pattern=HSA_ID)]
"""An HSA-id such as `SE2321000115-E000000000001`; compared without regard to case, so kept upper case."""

TWELVE_DIGITS = re.compile(r"(?:18|19|20)[0-9]{10}")
RESERVNUMMER = re.compile(r"[0-9A-Za-z]{10,13}")
COORDINATION_DAYS = 60  # added to the day of birth in a samordningsnummer


class Known(BaseModel):
    """A frozen message part: unknown fields are ignored (senders grow), and no error repeats a value."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True, allow_inf_nan=False
    )


class IdentityType(StrEnum):
    """What kind of number a patient goes by."""

    PERSONNUMMER = "personnummer"
    SAMORDNINGSNUMMER = "samordningsnummer"
    RESERVNUMMER = "reservnummer"


class PatientId(Known):
    """A patient's identity; `repr` leaves the number out, so that no log can show it."""

    type: IdentityType = Field(description="A reservnummer's holder cannot log in to 1177.")
    id: str = Field(
        repr=False,
        max_length=13,
        description="12 digits (personnummer, samordningsnummer) or 10 to 13 alphanumerics (reservnummer).",
        examples=["201312012386"],
    )

    @field_validator("id")
    @classmethod
    def _is_of_its_type(cls, value: str, info: ValidationInfo) -> str:
        kind = info.data.get("type")
        if kind is not None and not _fits(value, kind):
            raise PydanticCustomError("identity", "is not a valid number of its type")
        return value

    @property
    def birth_date(self) -> date | None:
        """Date of birth; None for a reservnummer, which says nothing sure of it."""
        if self.type is IdentityType.RESERVNUMMER:
            return None
        return _birth_date(self.id)


class Unit(Known):
    """A care unit (mottagning) by its HSA-id."""

    hsa_id: HsaId = Field(examples=["SE2321000115-E000000000001"])
    name: Line | None = Field(default=None, examples=["Vårdcentralen Halmstad"])


class Staff(Known):
    """A member of staff by their HSA-id."""

    hsa_id: HsaId = Field(examples=["SE2321000115-P000000000001"])
    name: Line | None = Field(default=None, repr=False, examples=["Anna Test"])
    title: Line | None = Field(default=None, examples=["sjuksköterska"])


def is_identity_number(figures: str) -> bool:
    """Could the 10 or 12 figures be a personnummer or a samordningsnummer, by date and check figure?"""
    return bool(luhn_and_date.valid(figures))


def _fits(value: str, kind: IdentityType) -> bool:
    if kind is IdentityType.RESERVNUMMER:
        return RESERVNUMMER.fullmatch(value) is not None
    if TWELVE_DIGITS.fullmatch(value) is None or not luhn_and_date.valid(value):
        return False
    return _is_coordination_number(value) is (kind is IdentityType.SAMORDNINGSNUMMER)


def _is_coordination_number(value: str) -> bool:
    return int(value[6:8]) > COORDINATION_DAYS


def _birth_date(value: str) -> date:
    day = int(value[6:8])
    born = day - COORDINATION_DAYS if day > COORDINATION_DAYS else day
    return date(int(value[:4]), int(value[4:6]), born)
