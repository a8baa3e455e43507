"""Who is booked, and what their bookings are to lead to: of twelve residents, so many of each sort.

Four hear of a visit by SMS, four from 1177 itself (their visits have a call letter, shown by scheduling), two by
e-mail; one has the call letter in 1177's inbox and one on paper as well, both with an SMS. A resident's bookings are
all of the resident's sort, and are told each by itself: none is part of a series or a load.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

RESIDENTS = 12_000
SORTS = ("sms", "1177", "sms", "1177", "mail", "inbox", "1177", "sms", "paper", "mail", "1177", "sms")
"""The sort of the resident, and so of the booking, by number modulo twelve."""
UNITS = {"inbox": "3", "paper": "2"}
NAMES = {
    "1": "Vårdcentralen Halmstad",
    "2": "Medicinmottagningen Varberg",
    "3": "Barn- och ungdomsmottagningen Halmstad",
}
LED_TO = {
    "sms": ("sms",),
    "1177": ("notices_by_1177",),
    "mail": ("mails",),
    "inbox": ("sms", "inbox_letters"),
    "paper": ("sms", "paper_letters"),
}
"""What a booking leads to beside its engagement in the index, as `GET /inspect/counts` names it."""
YEARS = (*range(1981, 1989), *range(1991, 2000))
"""Each day of these years has two official test numbers (Skatteverket): with 238 and 239 as birth numbers."""
LEAST_DAYS = 7
STOCKHOLM = ZoneInfo("Europe/Stockholm")
Json = dict[str, Any]


def sort_of(number: int) -> str:
    """The sort of a resident, or of a booking, by its number."""
    return SORTS[number % len(SORTS)]


def residents() -> list[Json]:
    """All of them, as the sandbox takes them."""
    return [_resident(at, identity) for at, identity in enumerate(identities())]


def identities() -> list[str]:
    """So many official test numbers."""
    return list(islice(_numbers(), RESIDENTS))


def _numbers() -> Iterator[str]:
    for year in YEARS:
        day = date(year, 1, 1)
        while day.year == year:
            for birth_number in ("238", "239"):
                known = f"{day:%Y%m%d}{birth_number}"
                yield known + _check_digit(known[2:])
            day += timedelta(days=1)


def _check_digit(digits: str) -> str:
    """Luhn's, over the nine digits of a personnummer."""
    products = (int(digit) * (2 - at % 2) for at, digit in enumerate(digits))
    return str(-sum(product // 10 + product % 10 for product in products) % 10)


def phone(at: int) -> str:
    """A resident's mobile, of the 95 that PTS keeps for fiction: many share one."""
    return f"+46701740{605 + at % 95}"


def _resident(at: int, identity: str) -> Json:
    sort = sort_of(at)
    return {
        "personnummer": identity,
        "name": f"Test Personsson{at:05}",
        "phone": phone(at),
        "email": f"person{at:05}@example.org",
        "notified_by_1177": ["SMS"] if sort == "1177" else [],
        "preferences": {"notice_by": ["email" if sort == "mail" else "sms"]},
    }


def booking(tag: str, number: int, patients: list[str], today: date) -> Json:
    """The booking with this number, by itself in its resident's day.

    Args:
        tag: of the run, so that none has been sent before.
        today: the first visits are a week from then.
    """
    day = today + timedelta(days=LEAST_DAYS + number // RESIDENTS)
    start = datetime.combine(day, time(8), STOCKHOLM) + timedelta(minutes=5 * (number % 96))
    unit = UNITS.get(sort_of(number), "1")
    return {
        "id": f"{tag}-{number}",
        "version": 1,
        "patient": {"id": patients[number % RESIDENTS], "type": "personnummer"},
        "unit": {"hsa_id": f"SE2321000115-E00000000000{unit}", "name": NAMES[unit]},
        "start": start.isoformat(),
        "end": (start + timedelta(minutes=30)).isoformat(),
        "form": "on_site",
        "purpose": "Kontroll",
        "call_letter": {"kind": "none" if sort_of(number) in ("sms", "mail") else "timed"},
        "booked_by": "staff",
    }


def led_to(numbers: range) -> Counter[str]:
    """What these bookings lead to in all."""
    counted = Counter({"engagements": len(numbers)})
    for number in numbers:
        counted.update(LED_TO[sort_of(number)])
    return counted
