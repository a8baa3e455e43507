"""Whatever residents and staff do to visits, and in whatever order: once all is at rest VAS, 1177 and the index agree.

And each change had at most one notice: none of what a resident was told at once.
"""

from __future__ import annotations

import random
from collections import Counter
from functools import partial

import pytest
from self_service_town import SelfServiceTown, hours
from test_journey_self_service import agrees
from town import Json

TIMES = [*hours(9, 10, 11, 12), *hours(9, 10, days=9)]
STEPS = 14


class Evening:
    """Three residents and staff, by a seed; `owed`: how many notices each may have had at most."""

    def __init__(self, town: SelfServiceTown, seed: int) -> None:
        self.town, self.random = town, random.Random(seed)
        self.residents = town.residents(3)
        self.owed: Counter[str] = Counter()
        town.offers(*TIMES)

    def stands(self, patient: str) -> list[Json]:
        """Their bookings, as VAS has them."""
        return [
            each
            for each in self.town.holds("vas")["bookings"]
            if each["patient"]["id"] == patient and not each["cancelled"]
        ]

    async def goes_on(self) -> None:
        """Somebody does something; perhaps VAS is away or slow for a moment, or it is pressed twice."""
        patient, does = (
            self.random.choice(self.residents),
            self.random.choice(["books", "moves", "cancels", "staff move", "staff cancel"]),
        )
        if self.random.random() < 0.3:
            kind = self.random.choice(["down", "error_500", "duplicate_webhooks", "late_webhooks"])
            self.town.has_fault("vas", kind, times=1, **({"seconds": 0.5} if kind.startswith("late") else {}))
        mine, at = self.stands(patient), self.random.choice(TIMES)
        if does == "books":
            self._presses(patient, "book", None, at=at)
        elif mine and does in ("moves", "cancels"):
            chosen = {"booking": self.random.choice(mine)} | ({"at": at} if does == "moves" else {})
            self._presses(patient, "rebook" if does == "moves" else "cancel", **chosen)
        elif mine:
            self._staff(patient, does, self.random.choice(mine), at)
        self.town.is_well_again()
        if self.random.random() < 0.5:
            await self.town.comes_to_rest(within=600)

    def _presses(self, patient: str, service: str, booking: Json | None = None, **given: object) -> None:
        press = partial(self.town.asks_1177, service, patient, booking, **given)
        for said in self.town.all_press([press] * self.random.choice([1, 1, 2])):
            self.owed[patient] += "behandlas" in (said["text"] or "")

    def _staff(self, patient: str, does: str, booking: Json, at: object) -> None:
        told = {
            name: value
            for name, value in booking.items()
            if name not in ("cancelled", "arrived", "caused_by")
        }
        self.owed[patient] += 1
        if does == "staff move":
            self.town.changes(told, start=at)
        else:
            self.town.cancels(told)


@pytest.mark.parametrize("seed", range(6))
async def test_vas_1177_and_the_index_agree_once_all_is_at_rest_and_nobody_is_told_twice(
    self_service_town: SelfServiceTown, seed: int
) -> None:
    town = self_service_town
    evening = Evening(town, seed)
    for _ in range(STEPS):
        await evening.goes_on()
    await town.comes_to_rest(within=3600)
    await town.hears_all_from_vas()
    assert set(town.standing_of_requests()) <= {"done", "heard"}, town.standing_of_requests()
    for patient in evening.residents:
        agrees(town, patient, *(each["start"] for each in evening.stands(patient)))
        assert town.notices(patient) <= evening.owed[patient]
