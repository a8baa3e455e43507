"""Is a digital contact a visit, and how is it registered (distans-1, distans-2)?"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from routine.decision import Decision
from routine.facts import Form
from routine.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A contact that is over; each `None` is not known.

    Args:
        replaces_clinic_visit: it replaces and matches a clinic visit in content.
        booked_or_agreed: it was booked or agreed.
        fee_informed: the patient knew of the fee beforehand.
    """

    replaces_clinic_visit: bool | None = None
    booked_or_agreed: bool | None = None
    fee_informed: bool | None = None


def is_visit(held: Held) -> Decision[bool]:
    """Was it a visit (distans-1)? All three have to be known: a fee follows from a yes, so unknown is never one."""
    asked = (
        (held.replaces_clinic_visit, Reason.REPLACES_NO_VISIT),
        (held.booked_or_agreed, Reason.NOT_BOOKED_OR_AGREED),
        (held.fee_informed, Reason.FEE_NOT_KNOWN),
    )
    for known, reason in asked:
        if known is False:
            return Decision(False, reason, "distans-1")
    if None in (known for known, _ in asked):
        return Decision(False, Reason.VISIT_UNKNOWN, "distans-1")
    return Decision(True, Reason.IS_A_VISIT, "distans-1")


class Code(BaseModel):
    """A code that a contact is registered with.

    Args:
        system: whose it is, such as `KVÅ` or `VAS`.
        forms: the forms of contact that it is for.
        visits: for visits (true), for other contacts (false), or for both (left out).
        source: where it was read.
        verified: by that source; one that is not is only proposed with that said.
        since: the first day on which it holds, as far as is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    code: str
    system: str
    meaning: str
    forms: frozenset[Form]
    visits: bool | None = None
    source: str
    verified: bool
    since: date | None = None


CODES_FILE = Path(__file__).with_name("codes.toml")


def read_codes(path: Path = CODES_FILE) -> tuple[Code, ...]:
    """The codes of a file, as it lists them.

    Raises:
        OSError, tomllib.TOMLDecodeError, KeyError: it cannot be read, is no TOML, or has no `codes`.
        pydantic.ValidationError: an entry lacks something, or has what there is no room for.
    """
    rows = tomllib.loads(path.read_text("utf-8"))["codes"]
    return TypeAdapter(tuple[Code, ...]).validate_python(rows, strict=False)


def how_is_it_registered(
    form: Form, visit: Decision[bool], day: date, codes: Sequence[Code]
) -> Decision[tuple[Code, ...]]:
    """The codes that are proposed for a contact of this form, held on that day (distans-2 for a video visit).

    Args:
        visit: the answer of `is_visit`; of one that is not known only codes for either are proposed.
    """
    is_known = None if visit.reason is Reason.VISIT_UNKNOWN else visit.allowed
    fitting = tuple(
        code
        for code in codes
        if form in code.forms
        and code.visits in (None, is_known)
        and (code.since is None or code.since <= day)
    )
    is_video_visit = form is Form.VIDEO and visit.allowed
    return Decision(fitting, visit.reason, "distans-2" if is_video_visit else "distans-1")
