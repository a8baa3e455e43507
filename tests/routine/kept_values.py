"""Anything that a rule may be asked with, by the types of its facts."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from pydantic import AwareDatetime

from routine.region import Publish, UnitPolicy

UNIT = UnitPolicy(name="Vårdcentralen Halmstad", turn_to="031-390 06 00", publish=Publish.VAXEL)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=2))])
"""As they come from the database, and from JSON."""
FIRST, LAST = datetime(2020, 1, 1), datetime(2030, 1, 1)  # noqa: DTZ001 (hypothesis adds the zone)
AWARE = st.datetimes(FIRST, LAST, timezones=ZONES)
MIDNIGHTS = st.dates(date(2020, 1, 1), date(2030, 1, 1)).map(
    lambda day: datetime(day.year, day.month, day.day, tzinfo=UTC)
)
WISHED = st.lists(st.sampled_from(["sms", "email"]))
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.sampled_from(["sms", "mail", "e1177", "phone", "platform24", "+46701740605", "a@example.se"])
    | st.text(max_size=12),
    int: st.integers(-5, 10**12),
    bool: st.booleans(),
    object: st.none() | st.booleans() | st.text(max_size=5) | WISHED,
    datetime: AWARE | MIDNIGHTS,
    AwareDatetime: AWARE | MIDNIGHTS,
    date: st.dates(date(1900, 1, 1), date(2030, 1, 1)),
    type(None): st.none(),
    UnitPolicy: st.just(UNIT),
}


@cache
def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Anything that a type allows."""
    if kind in PLAIN:
        return PLAIN[kind]
    given = get_args(kind)
    if get_origin(kind) in (Union, types.UnionType):
        return st.one_of([values_of(each) for each in given])
    if get_origin(kind) is tuple:
        return st.lists(values_of(given[0]), max_size=3).map(tuple)
    if get_origin(kind) is frozenset:
        return st.frozensets(values_of(given[0]), max_size=3)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    assert is_dataclass(kind), kind
    hints = get_type_hints(kind)
    return st.builds(kind, **{each.name: values_of(hints[each.name]) for each in fields(kind)})
