"""VAS's timetables: what a unit offers, which times are free, and residents' own bookings (besok-3, besok-4).

Source: our own neutral contract, contract.md, since VAS has no public API. Somebody waits at 1177 for the answer, so
every call has a short deadline, and times are read page by page within one. What cannot be read of a list is left
out, with a warning of how many, and hides nothing else; a list of which nothing can be read is no answer. A lost
answer is AnswerLost, always (`systems.keyed`): what VAS did is found out by the same call under the same key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Self, TypeVar

import structlog
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from engine.base.errors import Incident, NotSent, Refused, VaxelError
from models.identity import LONGEST_HSA_ID
from systems import http
from systems.deadline import Deadline
from systems.keyed import Json, Keyed, code_of, segment

log = structlog.get_logger(__name__)
T = TypeVar("T")
MOST_TIMES = 10_000
DECLINED = frozenset({
    "no_such_booking", "time_taken", "time_not_offered", "too_late", "already_cancelled", "not_allowed",
    "another_patient", "another_unit", "already_booked", "letter_expired", "has_begun", "no_such_performer",
})  # fmt: skip
"""Why VAS does not do what a resident asks for."""
CODE = re.compile(r"[a-z_]{1,40}")
"""What another code of VAS's may look like to be shown to ops: no number of anybody's fits in it."""

# What XML 1.0 cannot carry is not taken: all of it goes on to 1177.
Id = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1F\x7F\uFFFE\uFFFF]+$")
]
Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1F\uFFFE\uFFFF]*$")]
HsaId = Annotated[
    str, StringConstraints(to_upper=True, max_length=LONGEST_HSA_ID, pattern=r"^[0-9A-Za-z]+-?[0-9A-Za-z-]+$")
]


def _rfc3339(said: object) -> object:
    """Pydantic alone would also take a number of seconds."""
    if isinstance(said, str) and "T" in said.upper():
        return said
    raise PydanticCustomError("rfc3339", "must be a time with an offset, as RFC 3339 writes it")


Time = Annotated[AwareDatetime, BeforeValidator(_rfc3339)]


def _read_each(said: Any, read: Callable[[Any], tuple[T, ...]], info: ValidationInfo) -> tuple[T, ...]:
    """A list without what cannot be read of it; none of which anything can be read."""
    try:
        return read(said)
    except ValidationError:
        found = [each for one in said for each in _read_alone(one, read)] if isinstance(said, list) else []
        if not found:
            raise
    log.warning("left_out_of_vas", what=info.field_name, count=len(said) - len(found))
    return tuple(found)


def _read_alone(said: Any, read: Callable[[Any], tuple[T, ...]]) -> tuple[T, ...]:
    try:
        return read([said])
    except ValidationError:
        return ()


Readable = Annotated[tuple[T, ...], WrapValidator(_read_each)]


@dataclass(frozen=True, slots=True)
class Coded:
    """A kind of time or of care, a room, or a unit (by its HSA-id): its id in VAS and its name."""

    id: Id
    name: Line


@dataclass(frozen=True, slots=True)
class Performer:
    """A member of staff whom a time is with, by HSA-id."""

    id: Id
    first_name: Line
    last_name: Line
    title: Line | None = None


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time that can be booked. `start` and `end` are aware; `unit` is an HSA-id in upper case."""

    start: datetime
    end: datetime
    unit: str
    unit_name: str
    time_type: Coded | None
    care_type: Coded | None
    performer: Performer | None
    resource: Coded | None


@dataclass(frozen=True, slots=True)
class TimeType:
    """A kind of time, and the ids of the kinds of care that it is for."""

    id: Id
    name: Line
    care_types: tuple[Id, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitCatalogue:
    """What a unit offers. Each performer stands with the ids of the time types that they have."""

    care_types: tuple[Coded, ...]
    time_types: tuple[TimeType, ...]
    performers: tuple[tuple[Performer, tuple[str, ...]], ...]
    facilities: tuple[Coded, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What VAS did: the booking's id from now on, and what it could not save (`phone`, `email`, `message`)."""

    id: str
    not_saved: tuple[str, ...] = ()


class VasTimes:
    """Client of what the journal contract has for self-service.

    Args:
        token: sent as a bearer token, if there is one.
        deadline: seconds for a whole call, all pages of `timeslots` together.

    `key` names the request, the same for every try; `wanted` is the body as docs/outer-systems.md has it, with the
    patient in it and never in an address.

    Every call raises:
        Refused: one of `DECLINED` as its reason; 'vas_refused' for any other no, with VAS's own code; for an id
            that is `.` or `..` 'not_in_an_address'.
        AnswerLost: 'technical_error', and for every loss.
        Incident: 'idempotency_conflict' (the key was used for something else), 'not_authorised',
            'protocol_refused'.
    """

    def __init__(
        self, url: str, token: str | None = None, deadline: float = 6.0, tls: http.Tls | None = None
    ) -> None:
        self._vas = Keyed(url, token, deadline, tls, _vas_refusal)
        self._deadline = deadline

    def catalogue(self, unit: str) -> UnitCatalogue:
        """What the unit offers, and which units a booking of theirs can be moved between."""
        given = self._vas.get("/catalogue", {"unit": unit}, _Catalogue)
        return UnitCatalogue(
            care_types=given.care_types,
            time_types=given.time_types,
            performers=tuple((each.performer, each.time_types) for each in given.performers),
            facilities=tuple(Coded(each.hsa_id, each.name) for each in given.facilities),
        )

    def timeslots(
        self,
        unit: str,
        first: date,
        last: date,
        *,
        booking: str | None = None,
        time_type: str | None = None,
        care_type: str | None = None,
        performers: Sequence[str] = (),
    ) -> list[FreeTime]:
        """The free times from the first to the last day, Swedish days both counted, by start.

        Args:
            booking: that which is to be moved, or the open call letter: only what it can be exchanged for.
            performers: of any of these; none: of anybody.

        Raises:
            Refused: 'too_many_times' for more than `MOST_TIMES`; and as every call, at any page.
            NotSent: 'malformed_answer' for a list that does not come to an end; and as every call.
        """
        asked = {"unit": unit, "from": first.isoformat(), "to": last.isoformat(), "booking": booking}
        asked |= {"time_type": time_type, "care_type": care_type}
        params: dict[str, str | Sequence[str]] = {n: v for n, v in asked.items() if v is not None}
        params |= {"performer": list(performers)} if performers else {}
        within, found, seen = Deadline(self._deadline), list[FreeTime](), set[str]()
        while True:
            page = self._vas.get("/timeslots", params, _Page, within)
            found += [each.free_time() for each in page.timeslots]
            if len(found) > MOST_TIMES:
                raise Refused("too_many_times")
            if page.next is None:
                return found
            if page.next in seen:
                raise NotSent("malformed_answer", "repeated_page")
            seen.add(page.next)
            params["cursor"] = page.next

    def book(self, key: str, wanted: Json) -> Kept:
        """Book a time, or take it from an open call letter (`invitation`)."""
        return self._ask("/bookings", key, wanted)

    def rebook(self, key: str, booking: str, wanted: Json) -> Kept:
        """Move a booking to another time, at this unit or another; its id may be another from then on."""
        return self._ask(f"/bookings/{segment(booking)}/rebook", key, wanted)

    def cancel(self, key: str, booking: str, wanted: Json) -> Kept:
        """Cancel a booking."""
        return self._ask(f"/bookings/{segment(booking)}/cancel", key, wanted)

    def _ask(self, path: str, key: str, wanted: Json) -> Kept:
        kept = self._vas.post_for(path, key, wanted, _Kept)
        return Kept(kept.id, kept.not_saved)


def _vas_refusal(answer: http.Answer) -> VaxelError:
    status, said = f"http_{answer.status}", code_of(answer)
    if answer.status in (404, 409) and said in DECLINED:
        return Refused(said, status)
    if answer.status == 409 and said in (None, "idempotency_conflict"):
        return Incident("idempotency_conflict", status)
    return Refused("vas_refused", said if said and CODE.fullmatch(said) else status)


class _Unit(BaseModel):
    hsa_id: HsaId
    name: Line


class _Timeslot(BaseModel):
    start: Time
    end: Time
    unit: _Unit
    time_type: Coded | None = None
    care_type: Coded | None = None
    performer: Performer | None = None
    resource: Coded | None = None

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        if self.end <= self.start:
            raise PydanticCustomError("end_before_start", "must end after its start")
        return self

    def free_time(self) -> FreeTime:
        """Flat, as it is used."""
        at = self.unit.hsa_id, self.unit.name
        return FreeTime(
            self.start, self.end, *at, self.time_type, self.care_type, self.performer, self.resource
        )


class _Page(BaseModel):
    timeslots: Readable[_Timeslot]
    next: Annotated[str | None, BeforeValidator(lambda said: said or None)] = None


class _PerformerOffered(BaseModel):
    id: Id
    first_name: Line
    last_name: Line
    title: Line | None = None
    time_types: tuple[Id, ...] = ()

    @property
    def performer(self) -> Performer:
        return Performer(self.id, self.first_name, self.last_name, self.title)


class _Catalogue(BaseModel):
    care_types: Readable[Coded]
    time_types: Readable[TimeType]
    performers: Readable[_PerformerOffered]
    facilities: Readable[_Unit]


class _Kept(BaseModel):
    id: Id
    not_saved: Annotated[tuple[Line, ...], BeforeValidator(lambda said: said or ())] = ()
