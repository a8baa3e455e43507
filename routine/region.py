"""The region's figures: read from TOML files, merged in order, and checked before anything starts."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from routine.toml_lines import place_of

HALLAND = Path(__file__).with_name("halland.toml")

_HSA_ID = r"^SE[0-9]{10}-[0-9A-Za-z]+$"
_SENDER = r"^[A-Za-z][0-9A-Za-z]{0,10}$"  # avisering-3; a gateway refuses one that begins with a digit

Text = Annotated[str, Field(min_length=1, max_length=200)]
Seconds = Annotated[int, Field(gt=0, le=7 * 24 * 3600)]


class Occasion(StrEnum):
    """What a notice is about (besok-2, avisering-1)."""

    BOOKED = "booked"
    CHANGED = "changed"
    CANCELLED = "cancelled"


class Publish(StrEnum):
    """Who publishes the unit's bookings: we do, or we only work out what we would do."""

    SHADOW = "shadow"
    VAXEL = "vaxel"


class CallLetterWay(StrEnum):
    """How the unit's digital call letters reach 1177: by crm:scheduling, or as a message in the inbox."""

    SCHEDULING = "scheduling"
    INBOX = "inbox"


class _Figures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Ages(_Figures):
    """The ages at which the rules change, in years (barn-2, barn-4, policy-barn-1)."""

    own_login: int = Field(gt=0)
    own_journal: int
    adult: int

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.own_login < self.own_journal < self.adult:
            raise ValueError("own_login below own_journal below adult")
        return self


class Letters(_Figures):
    """Whether paper goes beside the digital call letter (onskemal-3)."""

    paper: bool = True


class Notices(_Figures):
    """Of which occasions 1177 itself tells a resident who has its notices on (policy-avisering-1)."""

    portal_notifies_of: frozenset[Occasion]


class Sms(_Figures):
    """The name that an SMS comes from (avisering-3)."""

    sender: str = Field(pattern=_SENDER)


class Mail(_Figures):
    """The address that an e-mail comes from (avisering-3)."""

    sender: Text


class Login(_Figures):
    """Where a text to a patient leads (avisering-2)."""

    link: Text
    hosts: frozenset[str] = Field(min_length=1)

    @model_validator(mode="after")
    def _link_is_listed(self) -> Self:
        link = urlsplit(self.link)
        if link.scheme != "https" or link.hostname not in self.hosts:
            raise ValueError("an https link to one of the hosts")
        return self


class UnitPolicy(_Figures):
    """What the region has settled for one care unit.

    Args:
        name: as patients know it.
        turn_to: where a patient turns with questions, such as a phone number.
        publish: `shadow` until the unit is switched on.
        call_letter: the way of its digital call letters.
        connected: 1177 gives notice of the unit's engagements; `None`: if its call letters go by scheduling.
        paper: `None`: as the region.
        reveals: the name alone reveals the kind of care.
    """

    name: Text
    turn_to: Text
    publish: Publish = Publish.SHADOW
    call_letter: CallLetterWay = CallLetterWay.SCHEDULING
    connected: bool | None = None
    paper: bool | None = None
    reveals: bool = False

    @property
    def is_connected(self) -> bool:
        """Does 1177 give notice of the unit's bookings by itself?"""
        return self.call_letter is CallLetterWay.SCHEDULING if self.connected is None else self.connected


class LocalSolution(_Figures):
    """A unit's own solution, approved for its purpose only (system-4); it may send webhooks as `local-<id>`."""

    purpose: Text


class Region(_Figures):
    """All figures of a region. Times in seconds."""

    name: Text
    coalescing_window_seconds: Seconds
    bulk_threshold: int = Field(gt=0)
    bulk_window_seconds: Seconds
    wait_for_person_seconds: Seconds
    most_missing: int = Field(ge=0)
    platforms: frozenset[str]
    ages: Ages
    letters: Letters
    notices: Notices
    sms: Sms
    mail: Mail
    login: Login
    local: Mapping[str, LocalSolution] = Field(default_factory=dict)
    units: Mapping[Annotated[str, Field(pattern=_HSA_ID)], UnitPolicy] = Field(default_factory=dict)

    @property
    def coalescing_window(self) -> timedelta:
        return timedelta(seconds=self.coalescing_window_seconds)

    @property
    def bulk_window(self) -> timedelta:
        return timedelta(seconds=self.bulk_window_seconds)

    @property
    def wait_for_person(self) -> timedelta:
        return timedelta(seconds=self.wait_for_person_seconds)

    def unit(self, hsa_id: str) -> UnitPolicy | None:
        """The unit's policy, or `None` for one that is not listed; HSA-ids compare whatever their case."""
        return self.units.get(hsa_id.upper())

    def sends_paper(self, unit: UnitPolicy) -> bool:
        """The unit's setting for paper, else the region's."""
        return self.letters.paper if unit.paper is None else unit.paper


class RegionError(Exception):
    """A region file is wrong.

    Args:
        file, line: where (line from 1).
        expected: what should have stood there.
    """

    def __init__(self, file: Path, line: int, expected: str) -> None:
        super().__init__(f"{file}, line {line}: {expected}")
        self.file, self.line, self.expected = file, line, expected


def load_region(paths: Sequence[Path] = (HALLAND,)) -> Region:
    """Read and merge region files, the later over the earlier, table by table.

    Raises:
        RegionError: a file cannot be read, is no TOML, or has a wrong, missing or unknown key.
    """
    if not paths:
        raise RegionError(HALLAND, 1, "at least one region file")
    texts = [(path, _read(path)) for path in paths]
    merged: dict[str, object] = {}
    for path, text in texts:
        merged = _merge(merged, _with_upper_units(_parse(path, text)))
    try:
        return Region.model_validate_json(json.dumps(merged, default=str))
    except ValidationError as wrong:
        error = wrong.errors(include_url=False, include_input=False)[0]
        keys = [str(part) for part in error["loc"] if part != "[key]"]
        file, line = place_of(texts, keys)
        raise RegionError(
            file, line, f"{'.'.join(keys) or 'region'}: {_expected(error['type'], error['msg'])}"
        ) from None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise RegionError(path, 1, "a readable TOML file in UTF-8") from None


def _parse(path: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        found = re.search(r"\(at line (\d+)", str(wrong))
        line = int(found[1]) if found else text.count("\n") + 1
        raise RegionError(path, line, f"valid TOML ({str(wrong).split(' (at')[0]})") from None


def _with_upper_units(data: dict[str, object]) -> dict[str, object]:
    units = data.get("units")
    if not isinstance(units, dict):
        return data
    return {**data, "units": {str(hsa_id).upper(): unit for hsa_id, unit in units.items()}}


def _merge(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        merged[key] = _merge(below, value) if both else value  # type: ignore[arg-type]
    return merged


def _expected(kind: str, message: str) -> str:
    plain = {"missing": "required, but left out", "extra_forbidden": "no such key"}
    return plain.get(kind) or message.removeprefix("Value error, expected ").removeprefix("Value error, ")
