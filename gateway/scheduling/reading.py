"""What 1177 reads of a resident goes into the access log together with what others read within a moment, and none of
it is answered before; what cannot be logged is a fault.

For GetSubjectOfCareSchedule, the most frequent of its calls, our tables are read together too. Who asks for a child
waits for the person register in a room of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from anyio import CapacityLimiter, to_thread
from lxml import etree

from engine.ops.access_log import Access
from gateway.scheduling import booked
from gateway.scheduling.ports import Schedule, ScheduleAsked, ShownBooking
from gateway.scheduling.reads import log_reads, read_by
from gateway.scheduling.waiting import Room
from gateway.soap import Actor, Call, Fault
from gateway.together import NotStored, Together, call
from systems.rivta.scheduling import GetBookingDetailsResponse
from tasks.people import identity_of

PAUSE = 0.025
"""Seconds from one reading to the next. A reading asks our tables the same few questions for all who have gathered,
and commits once, which cost more than what is found and logged: at 200 a second five share them."""
Asking = tuple[ScheduleAsked | None, Access | None]
"""Whose times, None: what was read is known already; and what the log is to say of it, None: nobody has such a
number, so that nothing is anyone's."""
Shown = list[ShownBooking] | None


class Reads:
    """Answers whoever asks for what they have booked, and has the log say what others have read.

    Args:
        schedule: what is shown.
        threads: in which one booking is read.
        guardians: where the register is asked whether they are.
    """

    def __init__(self, schedule: Schedule, threads: CapacityLimiter, guardians: Room) -> None:
        self._schedule = schedule
        self._threads = threads
        self._guardians = guardians
        self._together: Together[Asking, Shown] = Together(self._read_together, pause=PAUSE)

    async def times_to_come(self, asking: Call) -> etree._Element:
        """The times to come of whom the call names; a fault where they may not be seen."""
        asked, actor = booked.schedule_asked(asking), asking.actor
        if not await self._may_see(actor, asked.resident):
            raise Fault("A resident may only ask about themselves")
        patient = identity_of(asked.resident)
        read = read_by(asking, patient) if patient else None
        return booked.times_to_come(await self._stored(asked, read), actor)

    async def details(self, asking: Call) -> GetBookingDetailsResponse:
        """One booking to come, or an open call letter; a fault where it may not be seen."""
        find = partial(booked.booking_asked, self._schedule, asking)
        shown = await to_thread.run_sync(find, limiter=self._threads)
        if not await self._may_see(asking.actor, shown.booking.patient.id):
            raise Fault(booked.NO_SUCH)
        answer = booked.details_of(shown, asking.actor)
        await self.log(read_by(asking, shown.booking.patient, shown.booking.id))
        return answer

    async def _may_see(self, actor: Actor, resident: str) -> bool:
        if booked.is_own(actor, resident):
            return True
        return await self._guardians.in_time(partial(self._schedule.shows_to, actor.id, resident))

    async def log(self, read: Access) -> None:
        """Returns once it stands in the log, committed; a fault where it does not."""
        await self._stored(None, read)

    async def _stored(self, asked: ScheduleAsked | None, read: Access | None) -> list[ShownBooking]:
        try:
            shown = await self._together.accept((asked, read))
        except NotStored:
            shown = None
        if shown is None:
            raise Fault("VP009 This cannot be answered now", "Server")
        return shown

    async def _read_together(self, asking: Sequence[Asking]) -> Sequence[Shown]:
        return await call(self._read_and_log, asking)

    def _read_and_log(self, asking: Sequence[Asking]) -> Sequence[Shown]:
        whose = [asked for asked, _ in asking if asked]
        found = iter(self._schedule.of(whose) if whose else ())
        shown: list[Shown] = [next(found) if asked else [] for asked, _ in asking]
        pairs = zip(asking, shown, strict=True)
        log_reads([read for (_, read), times in pairs if read and times is not None])
        return shown
