"""Who and where: patients, care units and staff, by the identities that Swedish health care uses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

# What XML 1.0 cannot carry is refused at the door: every text may end up in a SOAP message.
NO_CONTROLS = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]*$"
ONE_LINE = r"^[^\s\x00-\x1F\x7F]([^\x00-\x1F\x7F\uFFFE\uFFFF]*[^\s\x00-\x1F\x7F])?$"
LONGEST_HSA_ID = 31
"""Characters of an HSA-id, all told (Inera's rules of HSA). Our columns hold any length: nothing is cut."""
HSA_ID = r"^([Ss][Ee]([0-9]{10}|[0-9]{12})-|[Tt][Ss][Tt][Nn][Mm][Tt])[0-9A-Za-z-]+$"

Id = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=ONE_LINE)]
"""An opaque identity of the sending system: 1 to 100 characters, no control characters."""

LOCAL = "local-"
"""How the name of a unit's own solution begins (system-4)."""
LOCAL_ID = f"{LOCAL}[a-z0-9-]{{1,54}}"
"""Its whole name, as a regular expression."""

Line = Annotated[str, StringConstraints(max_length=200, pattern=NO_CONTROLS)]
"""A name, title or code: at most 200 characters."""

HsaId = Annotated[str, StringConstraints(to_upper=True, pattern=HSA_ID, max_length=LONGEST_HSA_ID)]
"""An HSA-id such as `SE2321000115-E000000000001`; compared without regard to case, so kept upper case.

`SE` and 10 or 12 figures, or `TSTNMT` for units made for tests: whether a unit is ours, says the region file.
"""

NUMBER = re.compile(r"(18|19|20)?([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{3})[0-9]")
RESERVNUMMER = re.compile(r"[0-9A-Za-z]{10,13}")
COORDINATION_DAYS = (
    60  # added to the day of birth in a samordningsnummer; 60 alone: the day is not established
)
LAST_MONTH, LAST_DAY = 12, 31


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
        """Date of birth; None: not known, of a reservnummer or of a samordningsnummer with month 00 or day 60."""
        if self.type is IdentityType.RESERVNUMMER:
            return None
        return _birth_date(self.id)


def patient_in(said: str, at: Sequence[str] = ()) -> PatientId | None:
    """The patient in JSON as we keep it; None: it cannot be read.

    Args:
        at: where in it they stand.
    """
    try:
        found: Any = orjson.loads(said)
        for name in at:
            found = found[name]
        return PatientId.model_validate(found)
    except (ValueError, KeyError, TypeError):
        return None


class Unit(Known):
    """A care unit (mottagning) by its HSA-id."""

    hsa_id: HsaId = Field(examples=["SE2321000115-E000000000001"])
    name: Line | None = Field(default=None, examples=["Vårdcentralen Halmstad"])


class Staff(Known):
    """A member of staff by their HSA-id."""

    hsa_id: HsaId = Field(examples=["SE2321000115-P000000000001"])
    name: Line | None = Field(default=None, repr=False, examples=["Anna Test"])
    title: Line | None = Field(default=None, examples=["sjuksköterska"])


def is_hsa_id(said: str) -> bool:
    """Could this be an HSA-id, by form and length, in whatever case?"""
    return len(said) <= LONGEST_HSA_ID and re.fullmatch(HSA_ID, said) is not None


def is_identity_number(figures: str) -> bool:
    """Could the 10 or 12 figures be a personnummer or a samordningsnummer, by form, date and check figure?"""
    parts = NUMBER.fullmatch(figures)
    if parts is None or parts[5] == "000" or not _has_check_figure(figures[-10:]):
        return False
    month, day = int(parts[3]), int(parts[4])
    if day >= COORDINATION_DAYS and (month == 0 or day == COORDINATION_DAYS):
        return month <= LAST_MONTH and day <= COORDINATION_DAYS + LAST_DAY
    centuries = [parts[1]] if parts[1] else ["18", "19", "20"]
    return any(_date(f"{century}{parts[2]}", month, day) is not None for century in centuries)


def kind_of(figures: str) -> IdentityType | None:
    """What kind of number the 12 figures are; None: neither a personnummer nor a samordningsnummer."""
    if len(figures) != 12 or not is_identity_number(figures):
        return None
    is_coordinated = int(figures[6:8]) >= COORDINATION_DAYS
    return IdentityType.SAMORDNINGSNUMMER if is_coordinated else IdentityType.PERSONNUMMER


def _fits(value: str, kind: IdentityType) -> bool:
    if kind is IdentityType.RESERVNUMMER:
        return RESERVNUMMER.fullmatch(value) is not None
    return kind_of(value) is kind


def _has_check_figure(ten: str) -> bool:
    """Luhn's: every other figure is doubled, and the sum of all figures divides by ten."""
    doubled = [int(figure) * (2 - at % 2) for at, figure in enumerate(ten)]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def _date(year: str, month: int, day: int) -> date | None:
    """The date of birth; None: there is no such day, or it was not established."""
    try:
        return date(int(year), month, day - COORDINATION_DAYS if day > COORDINATION_DAYS else day)
    except ValueError:
        return None


def _birth_date(value: str) -> date | None:
    return _date(value[:4], int(value[4:6]), int(value[6:8]))
