"""Days and moments as the pages of a visit say them, by Swedish time."""

from __future__ import annotations

from datetime import date, datetime

from models.times import STOCKHOLM, which_of_two

MONTHS = {
    "sv": (
        "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober",
        "november", "december",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ),
}  # fmt: skip
CLOCK = {"sv": "kl. {at:%H.%M}", "en": "at {at:%H:%M}"}
OF_TWO = {"sv": (" (sommartid)", " (vintertid)"), "en": (" (summer time)", " (winter time)")}


def date_in(language: str, day: date) -> str:
    """Such as `1 december 2026`."""
    return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"


def moment_in(language: str, moment: datetime) -> str:
    """Such as `1 december 2026 kl. 10.15`; of the hour that comes twice, which of the two."""
    at, which = moment.astimezone(STOCKHOLM), which_of_two(moment)
    twice = "" if which is None else OF_TWO[language][which]
    return f"{date_in(language, at.date())} {CLOCK[language].format(at=at)}{twice}"
