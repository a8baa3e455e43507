"""What a resident acts on: where, how, when, by which platform (besok-2, policy-andring-1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from models.booking import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What a resident acts on: when, where, how, and by which platform (besok-2, policy-andring-1).

    Not the end, which nobody is called to; not the address to join by, which is read when the visit is joined.

    Args:
        start: the visit's time; an open call letter has none.
        valid_until: an open call letter's last day or moment, by which the resident is to act.
        unit: HSA-id.
        form, platform: `None`: not known, which is no change of what was known.
    """

    start: datetime | None = None
    valid_until: date | datetime | None = None
    unit: str = ""
    form: Form | None = None
    platform: str | None = None

    @property
    def time(self) -> tuple[datetime | None, date | datetime | None]:
        """By when the resident is to act."""
        return self.start, self.valid_until if self.start is None else None

    def filled_from(self, known: Particulars) -> Particulars:
        """The same, with what was known where a form or platform is not known now."""
        return replace(self, form=self.form or known.form, platform=self.platform or known.platform)


def is_held_otherwise(was: Particulars, now: Particulars) -> bool:
    """Is the visit somewhere else, in another form, or on another platform (policy-andring-1)?

    A visit of which no form was told is one where the unit is.
    """
    other_form = now.form is not None and now.form != (was.form or Form.ON_SITE)
    other_platform = None not in (was.platform, now.platform) and was.platform != now.platform
    return was.unit != now.unit or other_form or other_platform


def has_changed(was: Particulars, now: Particulars) -> bool:
    """Does a resident who acts on what was come at the wrong time, to the wrong place, or in the wrong way?"""
    return was.time != now.time or is_held_otherwise(was, now)
